"""Where random bodies are nearly all alike, most of them are made to say something about the session.

The schemas are open and their members optional, so the engine mostly draws `{}` and members that nobody knows. What
is drawn here comes from the seed of the run, as everything else.
"""

from __future__ import annotations

import json
from enum import Enum
from itertools import cycle
from typing import TYPE_CHECKING, Any, Final

from contract_tests.rules.requests import Kind, kind_of
from contract_tests.rules.updates import known_warning_types

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

EDGES: Final = (101, 99 - 2**32, 100, -1, 0, 2**31, 2**53 + 1, -(2**53) - 1, 2**63 - 1, -(2**63))
"""Progress values at a border: of what is stored, of 32 bits (99 is what is left of one), of what a double holds, of
64 bits."""

WRONG: Final[tuple[Any, ...]] = (99.5, True, 2**64 + 99, "abc", [99], 99 - 2**64, {}, "")
"""What is no progress, though a lenient server may find one there; each is for a new session, since where more was
reached nobody can tell why it is refused.
"""

_FIRST: Final = 3
"""How many of them come first, each being what a clause is about; the others in any order."""

_AS_DRAWN: Final = 0.3
"""The part of bodies that stays as the engine drew it."""

_STEP: Final = 25
"""The most by which a progress that is to be stored is greater: there must be room for several."""


class Says(Enum):
    """What a valid keep-alive is made to say."""

    EDGE = "a progress at a border"
    BESIDE = "a greater progress, beside a member that a server may refuse: then it must not be stored either"
    MORE = "a greater progress"
    LESS = "a progress that was reached before"
    NULL = "null"
    AS_DRAWN = "what the engine drew"


_TURNS: Final = (
    *(Says.EDGE, Says.MORE, Says.BESIDE, Says.LESS, Says.EDGE),
    *(Says.NULL, Says.EDGE, Says.AS_DRAWN, Says.LESS),
)
"""Each in turn, so that a small campaign has them all."""


class Drawing:
    """Draws what the bodies are to say; `random` is the only source of it."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._edges: dict[str, Iterator[int]] = {}
        self._turns: dict[str, Iterator[Says]] = {}
        self._wrong: dict[str, Iterator[Any]] = {}

    def happens(self, probability: float) -> bool:
        return self._random.random() < probability

    def keep_alive_body(self, body: Any, member: str, media: str | None = None, *, reached: int) -> Any:
        """A valid body of keep-alive that reports a progress, to a session that has `reached` one."""
        series = f"{member} {media}"
        says = next(self._turns.setdefault(series, cycle(_TURNS)))
        if says is Says.AS_DRAWN:
            return body
        if says is Says.EDGE:
            return {member: self._edge(series)}
        if says is Says.NULL and media in (None, "application/json"):
            return {member: None}
        if says is Says.LESS and reached > 0:
            return {member: self._random.randint(0, reached - 1)}
        more = {member: self._random.randint(min(reached + 1, 100), min(reached + _STEP, 100))}
        if says is not Says.BESIDE:
            return more
        return (body if isinstance(body, dict) and body.keys() - {member} else {"note": "half"}) | more

    def known_wrong_body(self, member: str) -> Any:
        """The next body of keep-alive with a progress that is known to be taken for one; None if all were sent."""
        known = next(self._wrong.setdefault(member, iter(WRONG)), None)
        return None if known is None else {member: known}

    def wrong_keep_alive_body(self, body: Any, member: str) -> Any:
        """A body of keep-alive that is wrong in just the progress."""
        if self.happens(_AS_DRAWN):
            return body
        wrong = body.get(member, body) if isinstance(body, dict) else body
        return {member: wrong} if _is_json(wrong) and kind_of(wrong) in (Kind.WRONG, Kind.BEYOND) else body

    def _edge(self, series: str) -> int:
        """The next edge of a series: in turn, so that a small campaign has them all."""
        if series not in self._edges:
            others = EDGES[_FIRST:]
            # Twice: one of them may go to a session that has ended.
            self._edges[series] = cycle((*EDGES[:_FIRST] * 2, *self._random.sample(others, len(others))))
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
