"""The clauses that fail a run, each with its cells and flaws, for views that show nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from contract_tests.contract import Level
from contract_tests.judging.verdicts import Verdict, fails_run

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contract_tests.reporting.format import ClauseRecord, Conformance, FlawRecord


@dataclass(frozen=True)
class Failing:
    """A clause that fails the run: the worst of its verdicts, the cells that have it, and what is wrong in them."""

    clause: ClauseRecord
    verdict: Verdict
    cells: tuple[str, ...]
    flaws: tuple[FlawRecord, ...]
    reason: str


def failing(report: Conformance) -> Iterator[Failing]:
    """In the order of the ledger."""
    for clause in report.clauses:
        cells = [cell for cell in clause.cells if fails_run(cell.verdict, Level(clause.level), report.run.gate)]
        if not cells:
            continue
        worst = next(verdict for verdict in Verdict if any(cell.verdict == verdict for cell in cells))
        cells = [cell for cell in cells if cell.verdict == worst]
        flaws = {(flaw.expected, flaw.observed): flaw for cell in cells for flaw in cell.flaws}
        names = tuple(f"{cell.dialect}-{cell.service}" for cell in cells)
        yield Failing(
            clause, worst, names, tuple(flaws.values()), "; ".join(dict.fromkeys(one.reason for one in cells))
        )
