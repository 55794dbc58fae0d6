"""The data that conformance.html holds for its script, each text in it once.

Tests are named by their places in a list. Exchanges are a table: a row for each, in it the places of what it says in a
list of values. A command for curl is made of pieces, since it repeats what was sent: 0 stands for the address, 1 for
the body.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contract_tests.reporting.format import BodyRecord, Conformance, ExchangeRecord

BODY_LIMITS: Final = (20_000, 4_000, 1_000, 200)
"""Characters of one body that the page holds: the first limit by which all bodies together keep to `BODIES_LIMIT`."""

BODIES_LIMIT: Final = 16_000_000
"""Characters of all bodies together."""

_NO_BODY: Final = {"text": None, "base64": None, "omitted": 0}
_NO_RESPONSE: Final[dict[str, Any]] = {"status": None, "headers": [], "body": _NO_BODY}


class _Once:
    """A list of values, none of them twice."""

    def __init__(self) -> None:
        self.values: list[Any] = []
        self._places: dict[Any, int] = {}

    def place(self, value: Any) -> int:
        key = value if isinstance(value, str) else (json.dumps(value),)
        if key not in self._places:
            self._places[key] = len(self.values)
            self.values.append(value)
        return self._places[key]


def details(report: Conformance) -> dict[str, Any]:
    """What the script shows when a cell is opened, without the exchanges."""
    tests = _Once()
    data = report.model_dump(mode="json", include={"clauses", "observations"})
    for cell in (cell for clause in data["clauses"] for cell in clause["cells"]):
        cell["tests"] = [*map(tests.place, cell["tests"])]
        for step in (*cell["flaws"], *cell["exchanges"]):
            step["test"] = tests.place(step["test"])
    for observation in data["observations"]:
        observation["tests"] = [*map(tests.place, observation["tests"])]
    return {"tests": tests.values, "causes": {cause.id: cause.says for cause in report.causes}, **data}


def exchanges(report: Conformance) -> dict[str, Any]:
    """The exchanges, their bodies cut so that the page stays of a size that opens quickly."""
    bodies = [body for exchange in report.exchanges.values() for body in _bodies(exchange)]
    sizes = [len(body.text or body.base64 or "") for body in bodies]
    fitting = (limit for limit in BODY_LIMITS if sum(min(size, limit) for size in sizes) <= BODIES_LIMIT)
    limit = next(fitting, BODY_LIMITS[-1])
    once = _Once()
    columns: tuple[str, ...] = ()
    rows: dict[str, list[int]] = {}
    for name, exchange in report.exchanges.items():
        data = exchange.model_dump(mode="json")
        data["response"] = data["response"] or _NO_RESPONSE
        for message in (data["request"], data["response"]):
            message["body"] = _cut(message["body"], limit)
        data["curl"] = _pieces(data["curl"], data["request"]["url"], data["request"]["body"]["text"])
        columns, values = zip(*_flat(data), strict=True)
        rows[name] = [*map(once.place, values)]
    return {"columns": columns, "values": once.values, "rows": rows}


def _flat(data: dict[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    """The members of objects in objects, by their names with dots between them."""
    for name, value in data.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{path}{name}.")
        else:
            yield f"{path}{name}", value


def _pieces(text: str, *parts: str | None) -> list[str | int]:
    """A text in pieces: the parts that stand in it by their numbers, and what is around them."""
    pieces: list[str | int] = [text]
    for number, part in enumerate(parts):
        for at, piece in enumerate(pieces):
            if part and isinstance(piece, str) and part in piece:
                before, _, after = piece.rpartition(part)
                pieces[at : at + 1] = [before, number, after]
                break
    return pieces


def _bodies(exchange: ExchangeRecord) -> Iterator[BodyRecord]:
    yield exchange.request.body
    if exchange.response is not None:
        yield exchange.response.body


def _cut(body: dict[str, Any], limit: int) -> dict[str, Any]:
    """The beginning of a body; `omitted` counts all bytes that are not shown."""
    if body["text"] is not None and len(body["text"]) > limit:
        rest = len(body["text"][limit:].encode())
        return body | {"text": body["text"][:limit], "omitted": body["omitted"] + rest}
    if body["base64"] is not None and len(body["base64"]) > limit:
        kept = body["base64"][: limit // 4 * 4]
        rest = len(body["base64"].rstrip("=")) * 3 // 4 - len(kept) * 3 // 4
        return body | {"base64": kept, "omitted": body["omitted"] + rest}
    return body
