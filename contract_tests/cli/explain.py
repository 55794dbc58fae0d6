"""cl-contract explain: all that is known of one clause."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from contract_tests.cli.citations import citations
from contract_tests.cli.parser import Parser
from contract_tests.cli.printing import tell
from contract_tests.cli.reports import or_usage_problem
from contract_tests.contract import CELLS, load_ledger
from contract_tests.problems import UnknownClauseError, UsageProblem
from contract_tests.reporting.reading import load
from contract_tests.rules.oracle import BY_THE_WAY

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from contract_tests.contract import Clause
    from contract_tests.reporting.format import CellRecord, Conformance


def main(arguments: Sequence[str]) -> int:
    parser = Parser(
        prog="cl-contract explain",
        description="All about one clause: its sentence, level, basis and sources, why it holds, which tests decide it "
        "and what they need of a target; with --reports, what a run found, and the requests that show it.",
    )
    parser.add_argument("clause", metavar="CLAUSE", help="its slug, as keep-alive.no-body; `cl-contract clauses` lists")
    parser.add_argument("--reports", type=Path, metavar="DIR", help="conformance.json, or the folder that holds it")
    options = parser.parse_args(arguments)
    return or_usage_problem("explain", lambda: _explain(options.clause, options.reports))


def _explain(slug: str, reports: Path | None) -> int:
    try:
        clause = load_ledger()[slug]
    except UnknownClauseError as unknown:
        raise UsageProblem(str(unknown)) from None
    report = None if reports is None else load(reports)
    tell(_clause(clause))
    if report is not None:
        tell(_found(clause, report))
    return 0


def _clause(clause: Clause) -> Iterator[str]:
    yield clause.id
    yield f"  {clause.says}"
    yield f"level: {clause.level}; basis: {clause.basis}"
    yield f"cells: {'all' if len(clause.cells) == len(CELLS) else ', '.join(map(str, clause.cells))}"
    for name, version in (("since version", clause.since), ("until version", clause.until)):
        if version is not None:
            yield f"{name}: {version}"
    if clause.why is not None:
        yield f"why: {clause.why}"
    yield "sources:"
    yield from (f"  {source}" for source in clause.sources)
    deciding = citations(clause.id)
    yield "decided by:" if deciding else f"decided by no test: {clause.untested or 'none cites it'}"
    yield from (f"  {one.test}" for one in deciding)
    if clause.id in BY_THE_WAY:
        yield "  and by every answer of a run, whatever it is about"
    yield from _needs(clause)


def _needs(clause: Clause) -> Iterator[str]:
    deciding = citations(clause.id)
    if not (needs := dict.fromkeys(need for one in deciding for need in one.needs)):
        yield "needs of a target: nothing but an address and a user"
        return
    yield "needs of a target:"
    for need in needs:
        whom = "" if all(need in one.needs for one in deciding) else " (some of these tests)"
        yield f"  {need}{whom}"


def _found(clause: Clause, report: Conformance) -> Iterator[str]:
    yield f"in the run of {report.run.started} on {report.target.address or 'the embedded mock'}:"
    told = next((one for one in report.clauses if one.id == clause.id), None)
    if told is None:
        yield "  the report does not have this clause: it was made by another contract"
        return
    for cell in told.cells:
        yield f"  {cell.verdict.sign} {cell.dialect}-{cell.service}: {cell.verdict} ({cell.summary})"
        yield from _proof(cell, report)
    for seen in (one for one in report.observations if one.clause == clause.id):
        yield f"  this server chose: {seen.choice} ({', '.join(seen.cells)})"


def _proof(cell: CellRecord, report: Conformance) -> Iterator[str]:
    """What is wrong and how to repeat it, or the deciding requests where nothing is."""
    for flaw in cell.flaws:
        yield f"      expected: {flaw.expected}"
        yield f"      observed: {flaw.observed}"
        yield f"      {report.exchanges[flaw.exchange].curl}"
    if not cell.flaws:
        for name in dict.fromkeys(step.exchange for step in cell.exchanges if step.deciding):
            yield f"      {report.exchanges[name].curl}"
