"""What all tests of a run found, gathered."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from contract_tests.judging.verdicts import DECIDED, Verdict, cell_verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from contract_tests.contract import Cell, Clause, Dialect, Ledger
    from contract_tests.judging.outcomes import Decision, Observation, Outcome
    from contract_tests.judging.records import Record
    from contract_tests.traffic.archive import KeptPlay


class Tally:
    """Gathers the records of all tests of a run."""

    def __init__(self, ledger: Ledger, dialects: Iterable[Dialect]) -> None:
        self.ledger = ledger
        self.dialects = tuple(dialects)
        self.found: dict[tuple[str, Cell], list[tuple[str, Decision]]] = defaultdict(list)
        """What was decided, by clause and cell, each with the id of the test that did."""
        self.observed: list[tuple[str, Observation]] = []
        self.records: dict[str, Record] = {}
        self.lanes: dict[str, str] = {}
        """Which process ran a test, by its id, in the order in which they ended."""
        self.plays: dict[str, KeptPlay] = {}
        self.ended: Counter[str] = Counter()
        """How many tests have passed, failed, and so on."""
        self.left: list[str] = []
        self.waited_out = 0
        """How many processes have waited for a busy server as long as they may."""

    def add(self, test: str, record: Record, lane: str = "") -> None:
        """Take in what one test found; `lane` names the process that ran it."""
        self.records[test], self.lanes[test] = record, lane
        self.plays |= {name: replace(play, lane=lane) for name, play in record.plays.items()}
        for decision in record.decisions:
            self.found[decision.clause.id, decision.cell].append((test, decision))
        self.observed += [(test, observation) for observation in record.observations]

    def beside(self, plays: Mapping[str, KeptPlay], lane: str = "") -> None:
        """Take in what a process has sent beside its tests: log-in, set-up, clean-up."""
        for name, play in plays.items():
            renamed = tuple(replace(one, id=f"{one.id}{lane and '-'}{lane}") for one in play.exchanges)
            self.plays[f"{name} {lane}".strip()] = replace(play, exchanges=renamed, lane=lane)

    def decided(self, clause: Clause, cell: Cell) -> list[tuple[str, Decision]]:
        """The decisions about one clause in one cell, sorted by the ids of the tests."""
        return sorted(self.found.get((clause.id, cell), ()), key=lambda pair: pair[0])

    @property
    def outcomes(self) -> dict[tuple[str, Cell], list[Outcome]]:
        return {key: [decision.outcome for _, decision in found] for key, found in self.found.items()}

    @property
    def has_decided(self) -> bool:
        """Whether there is a cell of which it is known what the server does."""
        return any(self.verdict(self.ledger[slug], cell) in DECIDED for slug, cell in self.found)

    @property
    def recognized(self) -> set[int]:
        """Numbers of the deviations of the target's profile that were seen."""
        return {number for found in self.found.values() for _, decision in found for number in decision.deviations}

    def verdict(self, clause: Clause, cell: Cell) -> Verdict:
        outcomes = [decision.outcome for _, decision in self.decided(clause, cell)]
        return cell_verdict(clause, cell, {(clause.id, cell): outcomes}, self.dialects)
