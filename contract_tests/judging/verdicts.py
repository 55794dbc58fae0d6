"""From outcomes of tests to verdicts of cells, by one rule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from enum import StrEnum

from contract_tests.contract import CELLS, Cell, Clause, Dialect, Ledger, Level
from contract_tests.judging.outcomes import Gate, Outcome


class Verdict(StrEnum):
    """What a run can say about one clause in one cell."""

    VIOLATES = "violates"
    BLOCKED = "blocked"
    """A premise failed, so that the clause could not be judged."""
    ADVISES = "advises"
    """An advisory clause is broken: recorded, and no reason to fail a run."""
    DEVIATES = "deviates"
    """Broken, or blocked, in a way that the target's profile registers as known, with a reason and a last day."""
    INCONCLUSIVE = "inconclusive"
    CONFORMS = "conforms"
    NOT_TESTED = "not tested"
    NOT_APPLICABLE = "not applicable"
    """The clause says nothing about this cell, or the target does not speak its dialect."""

    @property
    def sign(self) -> str:
        return _SIGNS[self]


_SIGNS = {
    Verdict.VIOLATES: "✗",
    Verdict.BLOCKED: "!",
    Verdict.ADVISES: "~",
    Verdict.DEVIATES: "≈",
    Verdict.INCONCLUSIVE: "?",
    Verdict.CONFORMS: "✓",
    Verdict.NOT_TESTED: "·",
    Verdict.NOT_APPLICABLE: " ",
}


def verdict_of(level: Level, outcomes: Iterable[Outcome]) -> Verdict:
    """The worst outcome decides: one counter-example refutes a clause, and what is half decided is not decided."""
    seen = set(outcomes)
    if Outcome.BROKEN in seen:
        return Verdict.ADVISES if level is Level.ADVISORY else Verdict.VIOLATES
    if Outcome.BLOCKED in seen:
        return Verdict.BLOCKED
    if seen & {Outcome.EXCUSED, Outcome.SHADOWED}:
        return Verdict.DEVIATES
    if Outcome.INCONCLUSIVE in seen:
        return Verdict.INCONCLUSIVE
    if Outcome.HELD in seen:
        return Verdict.CONFORMS
    return Verdict.NOT_TESTED


DECIDED = (Verdict.CONFORMS, Verdict.VIOLATES, Verdict.ADVISES, Verdict.DEVIATES)
"""Verdicts that say what the server does; the others say that nobody knows."""

NOTHING_DECIDED = 5
"""The exit code of a run that has failed in nothing and has decided nothing: it must pass for no success."""


Outcomes = Mapping[tuple[str, Cell], Iterable[Outcome]]
"""Clause slug and cell -> what the tests found."""


def cell_verdict(clause: Clause, cell: Cell, outcomes: Outcomes, dialects: Iterable[Dialect]) -> Verdict:
    if cell not in clause.cells or cell.dialect not in dialects:
        return Verdict.NOT_APPLICABLE
    return verdict_of(clause.level, outcomes.get((clause.id, cell), ()))


def totals(ledger: Ledger, outcomes: Outcomes, dialects: Iterable[Dialect]) -> Counter[Verdict]:
    """Cells of the whole ledger by verdict; they add up to clauses times cells."""
    spoken = tuple(dialects)
    return Counter(cell_verdict(clause, cell, outcomes, spoken) for clause in ledger.values() for cell in CELLS)


def fails_run(verdict: Verdict, level: Level, gate: Gate) -> bool:
    """Whether a cell's verdict makes the run fail: broken or blocked, under the gate."""
    broken = verdict in (Verdict.VIOLATES, Verdict.ADVISES, Verdict.BLOCKED)
    return broken and gate.covers(level)
