"""cl-contract badge: a report as a badge."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from contract_tests.cli.parser import Parser
from contract_tests.cli.reports import REPORT, or_usage_problem, write
from contract_tests.reporting.reading import load
from contract_tests.reporting.views.badge import endpoint, svg

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence


def main(arguments: Sequence[str]) -> int:
    parser = Parser(prog="cl-contract badge", description="A report as a badge: an SVG that needs no network.")
    parser.add_argument("report", type=Path, metavar="REPORT", help=REPORT)
    parser.add_argument("--output", type=Path, metavar="FILE", help="where to write (default: standard output)")
    parser.add_argument("--json", action="store_true", help="the data of an endpoint badge of shields.io instead")
    options = parser.parse_args(arguments)
    return or_usage_problem("badge", lambda: _badge(options))


def _badge(options: Namespace) -> int:
    report = load(options.report)
    write(options.output, json.dumps(endpoint(report)) + "\n" if options.json else svg(report))
    return 0
