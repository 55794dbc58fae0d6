"""What a check says is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from contract_tests.exchange import Exchange


def printable(text: str) -> str:
    """Escape what would break a line, move the cursor of a terminal or not be text at all: servers may send it."""
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in text)


@dataclass(frozen=True)
class Flaw:
    """What was expected, what was observed, and the exchange that shows it."""

    expected: str
    observed: str
    exchange: Exchange

    def __post_init__(self) -> None:
        object.__setattr__(self, "expected", printable(self.expected))
        object.__setattr__(self, "observed", printable(self.observed))


class PremiseFailed(Exception):
    """What a check takes for granted did not hold, so it can decide nothing: the cell is blocked."""

    def __init__(self, expected: str, observed: str, exchange: Exchange | None = None) -> None:
        self.expected = printable(expected)
        self.observed = printable(observed)
        super().__init__(f"expected {self.expected}; observed {self.observed}")
        self.exchange = exchange


Flaws = Sequence[Flaw]
"""What every check returns: empty if there is nothing wrong."""


def shown(exchange: Exchange, limit: int = 200) -> str:
    """Say in a few words what was answered."""
    if exchange.response is None:
        return f"no answer ({exchange.failure})"
    body = exchange.response.body
    if not body:
        return f"{exchange.status} with an empty body"
    text = printable(body[:limit].decode(errors="replace"))
    return f"{exchange.status} with {text}{'…' if len(body) > limit else ''}"
