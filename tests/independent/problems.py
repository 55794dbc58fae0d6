"""Refusals: what the server says no with."""

from __future__ import annotations


class Refusal(Exception):
    """A request that is refused: a status, the error's type, and a text."""

    def __init__(self, status: int, kind: str, text: str, *args: str, key: str = "refused") -> None:
        super().__init__(text)
        self.status = status
        self.kind = kind
        self.text = text
        self.args_told = args
        self.key = key


def invalid(text: str, status: int = 400, kind: str = "INVALID_ARGUMENT") -> Refusal:
    return Refusal(status, kind, text, key="invalid")


def not_found(what: str, id_: str, kind: str = "NOT_FOUND") -> Refusal:
    return Refusal(404, kind, f"There is no {what} with the identifier {id_!r}.", id_, key="missing")


def not_now(text: str) -> Refusal:
    return Refusal(400, "NOT_ALLOWED_IN_CURRENT_STATE", text, key="state")
