"""The scripts of a report as conformance.html holds them: what they share once, the rest by lines of a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from contract_tests.contract import Cell
from contract_tests.judging.verdicts import Verdict
from contract_tests.problems import NotScriptable
from contract_tests.reporting.repro.chain import Traffic
from contract_tests.reporting.repro.finding import script_for
from contract_tests.reporting.repro.script import library

if TYPE_CHECKING:
    from collections.abc import Mapping

    from contract_tests.reporting.format import Conformance
    from contract_tests.traffic.archive import KeptPlay

FAILING: Final = (Verdict.VIOLATES, Verdict.DEVIATES, Verdict.ADVISES)
"""Verdicts of cells in which something is wrong, the worst first."""

MOST: Final = 600_000
"""Characters that all scripts of a page have together; `cl-contract repro` makes the others."""


def scripts(report: Conformance, plays: Mapping[str, KeptPlay]) -> dict[str, Any]:
    """The scripts by clause and cell, as numbers of lines; -1 is what all of them have in common."""
    traffic = Traffic(plays)
    lines: dict[str, int] = {}
    table: dict[str, list[int]] = {}
    left = MOST
    wrong = [
        (FAILING.index(cell.verdict), clause, cell)
        for clause in report.clauses
        for cell in clause.cells
        if cell.verdict in FAILING and cell.flaws
    ]
    for _, clause, cell in sorted(wrong, key=lambda one: one[0]):
        try:
            before, _, after = script_for(report, traffic, clause, cell).partition(library())
        except NotScriptable:
            continue
        first, last = before.split("\n")[:-1], after.split("\n")[1:]
        left -= sum(len(line) for line in {*first, *last} - lines.keys())
        if left < 0:
            break
        numbers = [[lines.setdefault(line, len(lines)) for line in half] for half in (first, last)]
        table[f"{clause.id} {Cell(cell.dialect, cell.service)}"] = [*numbers[0], -1, *numbers[1]]
    return {"library": library() if table else "", "lines": list(lines), "scripts": table}
