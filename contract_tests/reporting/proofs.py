"""Which exchanges stand for a cell in conformance.json: few enough to be read, and all that a reader needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from contract_tests.judging.outcomes import Outcome
from contract_tests.reporting.format import ExchangeRecord, FlawRecord, ProofRecord

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from contract_tests.judging.outcomes import Decision
    from contract_tests.judging.tally import Tally
    from contract_tests.traffic.exchange import Exchange

MOST_TESTS: Final = 3
"""Tests whose steps are shown for a cell, where they found something wrong; one is enough where all is well."""

MOST_STEPS: Final = 12
"""Steps of one test that are shown: the deciding ones, and the last before them."""

MOST_FLAWS: Final = 20
LONGEST_BODY: Final = 4000
"""Characters of a body that conformance.json holds."""

_TELLING: Final = (Outcome.BROKEN, Outcome.BLOCKED, Outcome.EXCUSED, Outcome.INCONCLUSIVE)
"""Outcomes whose tests are shown rather than one that held, the worst first."""


class Shelf:
    """Collects the exchanges that are named, each once, by id."""

    def __init__(self, tally: Tally) -> None:
        self._tally = tally
        self.exchanges: dict[str, ExchangeRecord] = {}

    def id_of(self, test: str, exchange: Exchange) -> str:
        """The id of an exchange that a test rests on; it is put on the shelf."""
        name = exchange.id
        if name is None:
            raise LookupError(f"{test} rests on an exchange that was not kept: {exchange.request.as_curl()}")
        if name not in self.exchanges:
            self.exchanges[name] = record_of(test, exchange)
        return name

    def flaws(self, deciding: Sequence[tuple[str, Decision]]) -> Iterator[FlawRecord]:
        """What was found wrong, as far as it can be read in one go."""
        every = [(test, flaw) for test, decision in deciding for flaw in decision.flaws]
        for test, flaw in every[:MOST_FLAWS]:
            yield FlawRecord(
                test=test, expected=flaw.expected, observed=flaw.observed, exchange=self.id_of(test, flaw.exchange)
            )

    def proofs(self, deciding: Sequence[tuple[str, Decision]]) -> Iterator[ProofRecord]:
        """The steps of the tests that stand for the cell, in the order in which they were taken.

        A flaw that is told is shown with the request that led to it, whichever test found it.
        """
        told = [(test, flaw.exchange) for test, decision in deciding for flaw in decision.flaws][:MOST_FLAWS]
        chosen = dict(_representatives(deciding))
        for test, decisions in chosen.items():
            members: dict[int, tuple[str, ...]] = {}
            flawed: set[int] = set()
            for decision in decisions:
                for proof in decision.proofs:
                    known = members.get(id(proof.exchange), ())
                    members[id(proof.exchange)] = tuple(dict.fromkeys((*known, *proof.members)))
                for flaw in decision.flaws:
                    members.setdefault(id(flaw.exchange), ())
                    flawed.add(id(flaw.exchange))
            for step in _steps(self._tally.records[test].exchanges, members, flawed):
                yield ProofRecord(
                    test=test,
                    exchange=self.id_of(test, step),
                    deciding=id(step) in members,
                    members=list(members.get(id(step), ())),
                )
        others = {test: {id(one) for where, one in told if where == test} for test, _ in told if test not in chosen}
        for test, flawed in others.items():
            for step in _causes(self._tally.records[test].exchanges, flawed):
                yield ProofRecord(test=test, exchange=self.id_of(test, step), deciding=id(step) in flawed, members=[])


def record_of(test: str, exchange: Exchange) -> ExchangeRecord:
    """An exchange as conformance.json shows it."""
    return ExchangeRecord.model_validate({"test": test, **_bounded(exchange), "curl": exchange.request.as_curl()})


def _representatives(deciding: Sequence[tuple[str, Decision]]) -> Iterator[tuple[str, list[Decision]]]:
    """The tests that tell most: about the clause rather than by the way, written by hand, naming what they read."""
    worst = next((one for one in _TELLING if any(decision.outcome is one for _, decision in deciding)), Outcome.HELD)
    chosen: dict[str, list[Decision]] = {}
    for test, decision in deciding:
        if decision.outcome is worst and decision.proofs:
            chosen.setdefault(test, []).append(decision)
    ranked = sorted(chosen.items(), key=_rank)
    yield from ranked[: 1 if worst is Outcome.HELD else MOST_TESTS]


def _rank(choice: tuple[str, list[Decision]]) -> tuple[bool, bool, bool, str]:
    test, decisions = choice
    by_hand = "/scenarios/" in test
    members = any(proof.members for decision in decisions for proof in decision.proofs)
    return all(decision.aside for decision in decisions), not by_hand, not members, test


def _steps(exchanges: Sequence[Exchange], deciding: dict[int, tuple[str, ...]], flawed: set[int]) -> list[Exchange]:
    """The steps of a test that tell most: what shows a flaw and what led to it, then what decides, then those before.

    Of the latter only what names an operation of the contract, the last ones first.
    """
    places = [place for place, exchange in enumerate(exchanges) if id(exchange) in deciding]
    if not places:
        return []
    chosen: set[int] = set()
    for place in (place for place in places if id(exchanges[place]) in flawed):
        group = {place, *_cause(exchanges, place)}
        if len(chosen | group) > MOST_STEPS:
            break
        chosen |= group
    last = max(chosen, default=places[-1])
    before = [place for place in places if place <= last]
    told = [place for place in range(last) if exchanges[place].operation is not None]
    told = [place for place in told if exchanges[place].unheard is None]
    for place in (*reversed(before), *places[len(before) :], *reversed(told)):
        if len(chosen) < MOST_STEPS:
            chosen.add(place)
    return [exchanges[place] for place in sorted(chosen)]


def _causes(exchanges: Sequence[Exchange], flawed: set[int]) -> list[Exchange]:
    """What shows a flaw, each with what led to it."""
    places = [place for place, exchange in enumerate(exchanges) if id(exchange) in flawed]
    return [
        exchanges[place] for place in sorted({one for place in places for one in (place, *_cause(exchanges, place))})
    ]


def _cause(exchanges: Sequence[Exchange], place: int) -> list[int]:
    """The request that a read shows the effect of, and the read before it that it is compared with."""
    if exchanges[place].request.method != "GET":
        return []
    asked = [one for one in range(place) if exchanges[one].operation and exchanges[one].unheard is None]
    acts = [one for one in asked if exchanges[one].request.method != "GET"]
    reads = (
        [one for one in asked if exchanges[one].operation == exchanges[place].operation and one < acts[-1]]
        if acts
        else []
    )
    return [*reads[-1:], *acts[-1:]]


def _asks(exchange: Exchange) -> bool:
    """Whether a request asks for something to be done, rather than to be shown."""
    return exchange.operation is not None and exchange.request.method != "GET"


def _bounded(exchange: Exchange) -> dict[str, Any]:
    """The exchange as data, with the beginning of bodies that are long; evidence.har has them whole."""
    left_out = {"id", "sequence", "began", "unheard", "in_doubt"}
    data = {name: value for name, value in exchange.as_data().items() if name not in left_out}
    data["started"] = exchange.started
    for part in (data["request"], data["response"]):
        if part is not None:
            ((form, body),) = part["body"].items()
            omitted = len(body) - LONGEST_BODY
            if omitted > 0:
                cut = LONGEST_BODY // 4 * 4  # base64 can be cut between its groups
                part["body"] = {form: body[:cut], "omitted": len(body) - cut}
    return data
