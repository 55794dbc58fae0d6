"""cl-contract merge: shards of one run into one report, or several targets into one matrix."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from contract_tests.cli.parser import Parser
from contract_tests.cli.printing import tell
from contract_tests.cli.reports import REPORT, or_usage_problem, write, writing_in
from contract_tests.reporting.folder import CONFORMANCE, PAGE
from contract_tests.reporting.merge import merge, same_target
from contract_tests.reporting.reading import load
from contract_tests.reporting.views import matrix
from contract_tests.reporting.views.headline import headline
from contract_tests.reporting.views.page import page

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence

    from contract_tests.reporting.format import Conformance


def main(arguments: Sequence[str]) -> int:
    parser = Parser(
        prog="cl-contract merge",
        description="Shards of one run (same suite, contract, target, gate and timeout) become one conformance.json "
        "and one conformance.html, and the exit code is that of such a run. Reports about several targets become one "
        "matrix, and the exit code is 0. 4 where reports can't be read or do not belong together.",
    )
    parser.add_argument("report", type=Path, nargs="+", metavar="REPORT", help=REPORT)
    parser.add_argument(
        "--reports", type=Path, default=Path("reports"), metavar="DIR", help="where to write (default: reports)"
    )
    parser.add_argument(
        "--matrix",
        type=Path,
        metavar="FILE",
        help="write the matrix here, a column for each report (default where targets differ: DIR/matrix.html)",
    )
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write the matrix as Markdown too")
    options = parser.parse_args(arguments)
    return or_usage_problem("merge", lambda: _merge(options))


def _merge(options: Namespace) -> int:
    reports = [load(path) for path in options.report]
    if options.matrix is None and options.markdown is None and same_target(reports):
        return _merge_shards(reports, options.reports)
    matrix.require_comparable(reports)
    place = options.matrix or options.reports / "matrix.html"
    write(place, matrix.page(reports, [_page_beside(report, place) for report in options.report]))
    if options.markdown is not None:
        write(options.markdown, matrix.markdown(reports))
    tell(f"{matrix.name(report)}: {headline(report).sentence}" for report in reports)
    tell([f"matrix: {place}"])
    return 0


def _page_beside(report: Path, place: Path) -> str:
    """The address of the page beside a report, as seen from `place`; empty if there is none."""
    found = (report if report.is_dir() else report.parent) / PAGE
    return quote(os.path.relpath(found, place.parent)) if found.is_file() else ""


def _merge_shards(reports: Sequence[Conformance], folder: Path) -> int:
    merged = merge(reports)
    with writing_in(folder, f"merge of {len(reports)} reports"):
        write(folder / CONFORMANCE, merged.report.model_dump_json(indent=1) + "\n")
        write(folder / PAGE, page(merged.report))
    said = headline(merged.report)
    tell([*merged.notes, said.sentence, *said.also, f"reports: {folder}"])
    return merged.report.run.exit_code
