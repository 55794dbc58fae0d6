"""Which flaw of a report a script is made for, and the script."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contract_tests.contract import Cell
from contract_tests.problems import NotScriptable
from contract_tests.reporting.repro.script import ShownFlaw, written

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contract_tests.reporting.format import CellRecord, ClauseRecord, Conformance, FlawRecord
    from contract_tests.reporting.repro.chain import Chain, Traffic


def script_for(report: Conformance, traffic: Traffic, clause: ClauseRecord, cell: CellRecord) -> str:
    """The shortest script that shows one of the flaws of a cell again.

    Raises:
        NotScriptable: there is none.
    """
    why: NotScriptable | None = None
    for chain, flaw in sorted(_chains(traffic, cell), key=_length):
        try:
            if isinstance(chain, NotScriptable):
                raise chain
            return written(_shown(report, clause, cell, flaw), chain)
        except NotScriptable as problem:
            why = why or problem
    raise why or NotScriptable("nothing is wrong there")


def _chains(traffic: Traffic, cell: CellRecord) -> Iterator[tuple[Chain | NotScriptable, FlawRecord]]:
    for flaw in cell.flaws:
        proofs = [step.exchange for step in cell.exchanges if step.deciding and step.test == flaw.test]
        try:
            yield traffic.chain(flaw.exchange, proofs), flaw
        except NotScriptable as problem:
            yield problem, flaw


def _length(found: tuple[Chain | NotScriptable, FlawRecord]) -> float:
    """Requests, and what is waited: a second counts like one."""
    chain = found[0]
    return float("inf") if isinstance(chain, NotScriptable) else len(chain.steps) + sum(chain.waits.values())


def _shown(report: Conformance, clause: ClauseRecord, cell: CellRecord, flaw: FlawRecord) -> ShownFlaw:
    return ShownFlaw(
        clause=clause.id,
        level=clause.level,
        cell=str(Cell(cell.dialect, cell.service)),
        says=clause.says,
        expected=flaw.expected,
        observed=flaw.observed,
        test=flaw.test,
        run=report.run.id,
        target=report.target.address,
        timeout=report.target.session_timeout,
    )
