"""cl-contract diff: what has changed between two reports."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from contract_tests.cli.parser import Parser
from contract_tests.cli.printing import print_document, tell
from contract_tests.cli.reports import REPORT, or_usage_problem, write
from contract_tests.reporting.diff import compare
from contract_tests.reporting.reading import load
from contract_tests.reporting.views import diff as changes
from contract_tests.reporting.views.data import comparison_data

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence


def main(arguments: Sequence[str]) -> int:
    parser = Parser(
        prog="cl-contract diff",
        description="What has changed between two reports, by clause and cell. Exit code 1 on a regression (a cell "
        "that was judged and did not fail the run fails it now) and where the new run is incomplete or failed "
        "for no clause; 0 otherwise; 4 where a report can't be read.",
    )
    parser.add_argument("old", type=Path, metavar="OLD", help=REPORT)
    parser.add_argument("new", type=Path, metavar="NEW", help=REPORT)
    parser.add_argument(
        "--markdown",
        type=Path,
        nargs="?",
        const=Path("-"),
        metavar="FILE",
        help="write Markdown for a pull request comment; without FILE, instead of the text on the terminal",
    )
    parser.add_argument("--json", action="store_true", help="print JSON instead of the text on the terminal")
    parser.add_argument("--html", type=Path, metavar="FILE", help="write one self-contained page")
    parser.add_argument(
        "--strict",
        action="store_true",
        help="exit code 1 also where a cell is worse, gone, or no longer decided, or fails and was not judged before",
    )
    options = parser.parse_args(arguments)
    if options.json and options.markdown == Path("-"):
        parser.error("--json and --markdown can't both be printed; give --markdown a FILE")
    return or_usage_problem("diff", lambda: _diff(options))


def _diff(options: Namespace) -> int:
    found = compare(load(options.old), load(options.new))
    if options.json:
        print_document(json.dumps(comparison_data(found), indent=1) + "\n")
    elif options.markdown != Path("-"):
        tell(changes.terminal(found))
    if options.markdown is not None:
        write(options.markdown, changes.markdown(found))
    if options.html is not None:
        write(options.html, changes.page(found))
    return found.strict_exit_code if options.strict else found.exit_code
