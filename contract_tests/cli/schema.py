"""cl-contract schema: the JSON Schema of conformance.json."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from contract_tests.cli.parser import Parser
from contract_tests.cli.reports import or_usage_problem, write
from contract_tests.reporting.reading import published_schema

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str]) -> int:
    parser = Parser(prog="cl-contract schema", description="The JSON Schema (2020-12) of conformance.json.")
    parser.add_argument("--output", type=Path, metavar="FILE", help="where to write (default: standard output)")
    options = parser.parse_args(arguments)

    def describe() -> int:
        write(options.output, published_schema())
        return 0

    return or_usage_problem("schema", describe)
