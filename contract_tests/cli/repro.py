"""cl-contract repro: a script that shows a flaw again from nothing."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import TYPE_CHECKING

from contract_tests.cli.parser import Parser
from contract_tests.cli.printing import print_document
from contract_tests.cli.reports import REPORT, or_usage_problem
from contract_tests.contract import CELLS, Cell
from contract_tests.judging.verdicts import Verdict
from contract_tests.problems import NotScriptable, UsageProblem
from contract_tests.reporting.reading import load
from contract_tests.reporting.repro.chain import Traffic
from contract_tests.reporting.repro.embedding import FAILING
from contract_tests.reporting.repro.finding import script_for
from contract_tests.reporting.repro.script import MEANING
from contract_tests.traffic.archive import evidence_in, read_recording

if TYPE_CHECKING:
    from collections.abc import Sequence

    from contract_tests.reporting.format import CellRecord, ClauseRecord, Conformance


def main(arguments: Sequence[str]) -> int:
    parser = Parser(
        prog="cl-contract repro",
        description="Print a script (POSIX sh and curl) that shows a flaw again from nothing: it logs in, makes what "
        "it needs, sends what was sent in the run with new ids, says what was expected and what is observed now, and "
        f"removes what it made. Exit code of the script: {MEANING}. This command exits with 4 where there is no such "
        "flaw, or no script can show it.",
    )
    parser.add_argument("clause", metavar="CLAUSE", help="a clause that is broken, as keep-alive.no-body")
    parser.add_argument(
        "cell",
        metavar="CELL",
        nargs="?",
        help=f"one of {', '.join(map(str, CELLS))} (default: the first one where it is broken)",
    )
    parser.add_argument(
        "--reports",
        type=Path,
        default=Path("reports"),
        metavar="DIR",
        help=f"{REPORT}; evidence.har or evidence.har.gz stands beside it (default: reports)",
    )
    options = parser.parse_args(arguments)
    return or_usage_problem("repro", lambda: _print(options.reports, options.clause, options.cell))


def _print(reports: Path, slug: str, cell: str | None) -> int:
    """Print the script.

    Raises:
        UsageProblem: there is no such flaw, or no script can show it.
    """
    report = load(reports)
    clause, found = _flawed(report, slug, cell)
    recording = read_recording(evidence_in(reports if reports.is_dir() else reports.parent))
    try:
        print_document(script_for(report, Traffic(recording.plays), clause, found))
    except NotScriptable as why:
        raise UsageProblem(f"no script can show {slug} in {Cell(found.dialect, found.service)}: {why}") from None
    return 0


def _flawed(report: Conformance, slug: str, wanted: str | None) -> tuple[ClauseRecord, CellRecord]:
    """The clause, and the cell of it in which something is wrong."""
    clause = next((one for one in report.clauses if one.id == slug), None)
    if clause is None:
        near = difflib.get_close_matches(slug, [one.id for one in report.clauses], n=2)
        raise UsageProblem(
            f"the report has no clause {slug!r}" + (f"; did you mean {' or '.join(near)}?" if near else "")
        )
    name = None if wanted is None else _cell(wanted)
    cells = [one for one in clause.cells if name in {None, str(Cell(one.dialect, one.service))}]
    wrong = sorted(
        (one for one in cells if one.verdict in FAILING and one.flaws), key=lambda one: FAILING.index(one.verdict)
    )
    if not wrong:
        where = "" if name is None else f" in {name}"
        verdicts = ", ".join(dict.fromkeys(one.verdict for one in cells)) or Verdict.NOT_APPLICABLE
        raise UsageProblem(f"the report has no flaw of {slug}{where}: its verdict is {verdicts}")
    return clause, wrong[0]


def _cell(wanted: str) -> str:
    name = wanted.strip("/").replace(" ", "-")
    known = list(map(str, CELLS))
    if name not in known:
        near = difflib.get_close_matches(name, known, n=1)
        raise UsageProblem(
            f"{wanted!r} is no cell; " + (f"did you mean {near[0]}?" if near else f"name one of {', '.join(known)}")
        )
    return name
