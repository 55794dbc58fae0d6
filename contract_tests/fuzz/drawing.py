"""Where random bodies are nearly all alike, most of them are made to say something about the session.

The schemas are open and their members optional, so the engine mostly draws `{}` and members that nobody knows. What
is drawn here comes from the seed of the run, as everything else.
"""

from __future__ import annotations

import json
from itertools import cycle
from typing import TYPE_CHECKING, Any, Final

from contract_tests.fuzz.given import Kind, kind_of
from contract_tests.fuzz.rules_update import known_warning_types

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

EDGES: Final = (101, -1, 100, 0, 2**31, 2**53 + 1, -(2**53) - 1, 2**63 - 1, -(2**63))
"""Progress values at a border: of what is stored, of 32 bits, of what a double holds, of 64 bits."""

_FIRST: Final = 3
"""How many of them come first, each being what a clause is about; the others in any order."""

_AS_DRAWN: Final = 0.3
"""The part of bodies that stays as the engine drew it."""


class Drawing:
    """Draws what the bodies are to say; `random` is the only source of it."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._edges: dict[str, Iterator[int]] = {}

    def happens(self, probability: float) -> bool:
        return self._random.random() < probability

    def keep_alive_body(self, body: Any, member: str, media: str | None = None, *, valid: bool) -> Any:
        """A body of keep-alive that reports progress: a valid one, or one that is wrong in just that."""
        if self.happens(_AS_DRAWN):
            return body
        if valid:
            if self.happens(0.3):
                # Beside a member that a server may refuse: then the progress must not be stored either.
                strange = body if isinstance(body, dict) and body.keys() - {member} else {"note": "half"}
                return {**strange, member: self._random.randint(1, 100)}
            return {member: self._edge(f"{member} {media}") if self.happens(0.5) else self._random.randint(0, 100)}
        wrong = body.get(member, body) if isinstance(body, dict) else body
        return {member: wrong} if _is_json(wrong) and kind_of(wrong) in (Kind.WRONG, Kind.BEYOND) else body

    def _edge(self, series: str) -> int:
        """The next edge of a series: in turn, so that a small campaign has them all."""
        if series not in self._edges:
            others = EDGES[_FIRST:]
            self._edges[series] = cycle((*EDGES[:_FIRST], *self._random.sample(others, len(others))))
        return next(self._edges[series])

    def update_specification(self, spec: Any, *, valid: bool) -> Any:
        """A specification of update that sets the warning behaviour; a wrong one begins as a right one does."""
        if self.happens(_AS_DRAWN) or not _is_json(spec):
            return spec
        types = sorted(known_warning_types())
        chosen = self._random.sample(types, self._random.randint(1, len(types)))
        entries: list[Any] = [{"type": type_, "ignored": self.happens(0.5)} for type_ in chosen]
        if not valid:
            entries.append({"type": types[0]} if isinstance(spec, dict) else spec)
        return {"warning_behavior": entries}


def _is_json(value: Any) -> bool:
    """Whether a value can stand in a body; the engine also draws bodies as bytes, which are no JSON at all."""
    try:
        json.dumps(value)
    except (TypeError, ValueError):
        return False
    return True
