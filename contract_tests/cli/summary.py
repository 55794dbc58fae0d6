"""cl-contract summary: a report as Markdown, for the summary of a pipeline's step."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from contract_tests.cli.parser import Parser
from contract_tests.cli.reports import REPORT, or_usage_problem, write
from contract_tests.reporting.reading import load
from contract_tests.reporting.views.data import summary_data
from contract_tests.reporting.views.step_summary import step_summary

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str]) -> int:
    parser = Parser(
        prog="cl-contract summary",
        description='A report as Markdown on standard output: cl-contract summary reports >> "$GITHUB_STEP_SUMMARY"',
    )
    parser.add_argument("report", type=Path, metavar="REPORT", help=REPORT)
    parser.add_argument("--json", action="store_true", help="as JSON: the headline, totals, and what fails the run")
    options = parser.parse_args(arguments)

    def summarize() -> int:
        report = load(options.report)
        write(None, json.dumps(summary_data(report), indent=1) + "\n" if options.json else step_summary(report))
        return 0

    return or_usage_problem("summary", summarize)
