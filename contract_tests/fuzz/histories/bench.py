"""What the histories of one run share, and what they find."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from contract_tests.contract import Cell, Dialect, Service
from contract_tests.rules.oracle import of_answers

if TYPE_CHECKING:
    from collections.abc import Iterable

    from contract_tests.driver import Session, Target
    from contract_tests.fuzz.histories.known import Known
    from contract_tests.rules.checks import Flaw
    from contract_tests.rules.checks.flaw import Flaws
    from contract_tests.traffic.exchange import Exchange

ANSWERS: Final = 3
"""Answers that are kept of each clause that they decide by themselves, in each cell."""


@dataclass(frozen=True)
class Finding:
    """A disagreement in a cell, with the history that shows it: as a script, and as what was exchanged."""

    clause: str
    cell: Cell
    flaw: Flaw
    script: tuple[str, ...]
    exchanges: tuple[Exchange, ...]


@dataclass
class Bench:
    """What the histories of one run share. `found` are the disagreements that are known, so that they end nothing."""

    target: Target
    dialects: tuple[Dialect, ...]
    found: dict[tuple[str, Cell], Finding] = field(default_factory=dict)
    latest: Finding | None = None
    executions: int = 0
    tried: Counter[tuple[str, Cell]] = field(default_factory=Counter)
    samples: dict[Cell, tuple[Exchange, ...]] = field(default_factory=dict)
    scripts: list[tuple[str, ...]] = field(default_factory=list)
    free_items: list[str] = field(default_factory=list)
    answers: dict[tuple[str, Cell], list[Flaws]] = field(default_factory=dict)
    """What answers decide by themselves: of each clause and cell some results, those with flaws first."""

    def hear(self, exchanges: Iterable[Exchange]) -> None:
        """Ask the oracle about each answer by itself."""
        for slug, cell, flaws in of_answers(exchanges):
            self.take(slug, cell, flaws)

    def take(self, slug: str, cell: Cell, flaws: Flaws) -> None:
        """Keep what an answer decides by itself."""
        kept = self.answers.setdefault((slug, cell), [])
        kept.insert(0 if flaws else len(kept), flaws)
        del kept[ANSWERS:]

    @property
    def timeout(self) -> float:
        return self.target.settings.session_timeout

    def cell(self, which: int, service: Service) -> Cell:
        return Cell(self.dialects[which % len(self.dialects)], service)


@dataclass
class Actor:
    """A session in a history: its name there, its handle in the dialect that made it, what is known of it.

    `looked` is the last read of it. `disturbed` is the cell in which another session was kept alive since then.
    """

    name: str
    session: Session
    known: Known
    looked: Exchange | None = None
    disturbed: Cell | None = None

    @property
    def service(self) -> Service:
        return self.known.service
