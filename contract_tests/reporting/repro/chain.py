"""Which exchanges a script has to play, so that one of them shows a flaw again: those that it depends on."""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from contract_tests.problems import NotScriptable
from contract_tests.reporting.repro.values import Given
from contract_tests.traffic.exchange import in_order

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from contract_tests.traffic.archive import KeptPlay
    from contract_tests.traffic.exchange import Exchange

_CLOCK: Final = "/_control/clock"
ADVANCE: Final = f"{_CLOCK}/advance"
MOST_STEPS: Final = 120
"""Requests of a script that anybody would read or wait for."""

_SHORT: Final = 40
"""Requests of a test that are sent all, whatever they have to do with each other."""
_NEAR: Final = 12
"""Of a longer one, the last requests, of which those that change something are sent all."""

_TOLD_TO_ALL: Final = frozenset({"<token>", "<second-token>"})
_BEHIND: Final = 3
"""Requests behind the one that shows a flaw that may be what the verdict was read from as well."""
_ROUNDED: Final = 0.002
"""Seconds by which what is kept of the times of an exchange may be wrong."""
_PAUSE: Final = 0.75
"""Seconds between two requests of a test that are a wait, and not what a client needs to think."""


@dataclass(frozen=True)
class Chain:
    """The exchanges to be played, in order; the one with the number `deciding` shows the flaw.

    `waits` are the seconds before the one with this number, `witnesses` the numbers of all whose answers are compared.
    """

    steps: tuple[Exchange, ...]
    waits: Mapping[int, float]
    witnesses: tuple[int, ...]
    deciding: int
    given: Given
    is_virtual: bool


class Traffic:
    """All that a run exchanged, in which the chains are found."""

    def __init__(self, plays: Mapping[str, KeptPlay]) -> None:
        self._plays = plays
        self._where = {one.id: name for name, play in plays.items() for one in play.exchanges}
        self._given: dict[str, Given] = {}
        asked = (one for play in plays.values() for one in play.exchanges if one.request.url.endswith(_CLOCK))
        self._is_live = not any(one.status == 200 for one in asked)

    def chain(self, deciding: str, others: Sequence[str] = ()) -> Chain:
        """What leads to the exchange with this id; `others` are those that the verdict rests on as well.

        Raises:
            NotScriptable: it is not there, or takes more than a script.
        """
        name = self._where.get(deciding)
        if name is None:
            raise NotScriptable("the exchange that shows the flaw does not stand in the recording")
        play = self._plays[name]
        given = self._given_in(play.lane)
        every = in_order(play.exchanges)
        place = next(number for number, one in enumerate(every) if one.id == deciding)
        proofs = {one for one in others if self._where.get(one) == name}
        end = max(number for number, one in enumerate(every[: place + 1 + _BEHIND]) if one.id in {deciding, *proofs})
        before = [one for one in every[: end + 1] if one.unheard is None]
        needed = _needed(before, given, proofs)
        kept = [one for one in before if one.id in needed]
        made_before = [one for one in self._sources(kept, given) if one.id not in needed]
        made_before += self._content(made_before, before, name, given)
        steps = (*in_order({one.id: one for one in made_before}.values()), *kept)
        if _overlap(kept):
            raise NotScriptable(
                "it takes calls that are under way at the same time, and in which order a server sees those, "
                "no script can bring about again"
            )
        if len(steps) > MOST_STEPS:
            raise NotScriptable(f"it takes {len(steps)} requests, more than anybody would read in a script")
        looked = [number for number, one in enumerate(steps) if one.id in proofs or one.id == deciding]
        return Chain(
            steps,
            _waits(before, needed, len(made_before), is_played=self._is_live and "/scenarios/" in name),
            tuple(sorted({*_last_looks(steps, given), *looked})),
            next(number for number, one in enumerate(steps) if one.id == deciding),
            given,
            any(one.request.url.endswith(ADVANCE) for one in before),
        )

    def _given_in(self, lane: str) -> Given:
        if lane not in self._given:
            own = [one for play in self._plays.values() if play.lane == lane for one in play.exchanges]
            self._given[lane] = Given(in_order(own))
        return self._given[lane]

    def _sources(self, steps: Sequence[Exchange], given: Given) -> list[Exchange]:
        """What was exchanged elsewhere to give what these send."""
        found: dict[str | None, Exchange] = {}
        left = list(steps)
        while left:
            for value in given.used(left.pop()) - _TOLD_TO_ALL:
                source = given.source(value)
                if source is not None and source.exchange.id not in found:
                    found[source.exchange.id] = source.exchange
                    left.append(source.exchange)
        return list(found.values())

    def _content(self, made: Sequence[Exchange], before: Sequence[Exchange], name: str, given: Given) -> list[Exchange]:
        """What gave content to items that were made elsewhere: update sessions that were completed before this play."""
        items = {value for one in made if one.request.url.endswith("/item") for value in given.made(one)}
        found: list[Exchange] = []
        for other, play in self._plays.items() if items else ():
            if other == name or play.lane != self._plays[name].lane:
                continue
            every = [one for one in in_order(play.exchanges) if _is_before(one, before[0])]
            for create in every:
                if (
                    create.operation == "create"
                    and (create.cell or "").endswith("-update")
                    and given.used(create) & items
                ):
                    found += _completed(create, every, given)
        return found


def _is_before(one: Exchange, other: Exchange) -> bool:
    return one.sequence is not None and other.sequence is not None and one.sequence < other.sequence


def _completed(create: Exchange, every: Sequence[Exchange], given: Given) -> list[Exchange]:
    """A create of an update session, and what was sent to it to its completion; nothing if it came to none."""
    about, found = set(given.made(create)), [create]
    for one in every:
        if one.request.method != "GET" and given.used(one) & about:
            about |= set(given.made(one))
            found.append(one)
            if one.operation == "complete":
                return found if one.status in {200, 204} else []
    return []


def _needed(before: Sequence[Exchange], given: Given, proofs: set[str]) -> set[str | None]:
    """The ids of those in a play that the last one depends on: they have to do with the same sessions and items."""
    deciding = before[-1]
    if len(before) <= _SHORT:
        return {one.id for one in before if not one.request.url.endswith(ADVANCE)}
    here = {one.id for one in before}
    uses = {one.id: given.used(one) - _TOLD_TO_ALL for one in before}
    makes = {one.id: set(given.made(one)) for one in before}

    def own(values: set[str]) -> set[str]:
        """Values that say what a request is about: given in this play, or drawn by the client."""
        sources = {value: given.source(value) for value in values}
        return {value for value, source in sources.items() if source is None or _is_about(source.exchange, here)}

    about = own(uses[deciding.id]) | {value for one in before if one.id in proofs for value in own(uses[one.id])}
    needed: set[str | None] = {deciding.id, *proofs & here}
    needed |= {
        one.id for one in before[-_NEAR:] if one.request.method != "GET" and "/_control/clock" not in one.request.url
    }
    if not about:
        about = {value for one in before for value in own(makes[one.id])}
    while True:
        more = {
            one.id
            for one in before
            if one.id not in needed and not one.request.url.endswith(ADVANCE) and (uses[one.id] | makes[one.id]) & about
        }
        if not more:
            return _trimmed(before, needed, uses, makes, proofs)
        needed |= more
        about |= {value for one in before if one.id in more for value in own(uses[one.id] | makes[one.id])}


def _trimmed(
    before: Sequence[Exchange],
    needed: set[str | None],
    uses: Mapping[str | None, set[str]],
    makes: Mapping[str | None, set[str]],
    proofs: set[str],
) -> set[str | None]:
    """What is needed, without those that can hardly have changed anything: reads and refused requests long before."""
    sent = {value for name in needed for value in uses[name]}
    plain = {one.id for one in before[:-_NEAR] if one.request.method == "GET" or (one.status or 0) >= 400}
    return {name for name in needed if name not in plain or name in proofs or makes[name] & sent}


def _is_about(source: Exchange, here: set[str | None]) -> bool:
    path = source.request.url.partition("?")[0]
    return source.id in here and not path.endswith(("local-library", "/datastore"))


def _waits(before: Sequence[Exchange], needed: set[str | None], offset: int, *, is_played: bool) -> dict[int, float]:
    """How long the test let time pass, by the number of the step before which it did.

    By the clock of the mock server; or, with `is_played`, by pausing itself: nothing else does that on purpose.
    """
    waits: dict[int, float] = {}
    number, waited = offset, 0.0
    for previous, one in pairwise([before[0], *before]):
        if one.request.url.endswith(ADVANCE):
            waited += float(_advance(one))
        elif is_played:
            pause = one.span[0] - previous.span[1]
            waited += pause if pause > _PAUSE else 0.0
        if one.id in needed:
            if waited and number > offset:
                waits[number] = waited
            number, waited = number + 1, 0.0
    return waits


def _advance(one: Exchange) -> float:
    try:
        return float(json.loads(one.request.body)["seconds"])
    except (ValueError, LookupError, TypeError):
        return 0.0


def _overlap(steps: Sequence[Exchange]) -> bool:
    """Whether one of them began before the one before it had ended."""
    timed = [one for one in steps if one.began is not None]
    return any(later.span[0] < earlier.span[1] - _ROUNDED for earlier, later in pairwise(timed))


def _last_looks(steps: Sequence[Exchange], given: Given) -> list[int]:
    """The last read before the last step, to compare with, and the last request that may have changed something.

    Both of the same session, where the last step names one.
    """
    about = given.used(steps[-1]) - _TOLD_TO_ALL
    same = [
        (number, one)
        for number, one in enumerate(steps[:-1])
        if one.operation and (not about or given.used(one) & about)
    ]
    reads = [number for number, one in same if one.operation == "read"]
    acts = [number for number, one in same if one.request.method != "GET"]
    return [*reads[-1:], *acts[-1:]]
