"""What the script of conformance.html makes of the data in the page, in Python."""

from __future__ import annotations

from typing import Any


def unpacked_details(data: dict[str, Any]) -> dict[str, Any]:
    tests = data["tests"]
    for cell in (cell for clause in data["clauses"] for cell in clause["cells"]):
        cell["tests"] = [tests[place] for place in cell["tests"]]
        for step in (*cell["flaws"], *cell["exchanges"]):
            step["test"] = tests[step["test"]]
    for observation in data["observations"]:
        observation["tests"] = [tests[place] for place in observation["tests"]]
    return {name: data[name] for name in ("clauses", "observations")}


def unpacked_exchanges(data: dict[str, Any]) -> dict[str, Any]:
    return {name: _exchange(data["columns"], data["values"], row) for name, row in data["rows"].items()}


def _exchange(columns: list[str], values: list[Any], row: list[int]) -> dict[str, Any]:
    exchange: dict[str, Any] = {}
    for path, place in zip(columns, row, strict=True):
        *names, last = path.split(".")
        part = exchange
        for name in names:
            part = part.setdefault(name, {})
        part[last] = values[place]
    parts = exchange["request"]["url"], exchange["request"]["body"]["text"]
    exchange["curl"] = "".join(parts[piece] if isinstance(piece, int) else piece for piece in exchange["curl"])
    if exchange["response"]["status"] is None:
        exchange["response"] = None
    return exchange
