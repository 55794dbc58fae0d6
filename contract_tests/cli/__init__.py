"""cl-contract: run the suite, or the mock server alone, and work with the reports of runs. One module a command."""

from __future__ import annotations

import sys
from argparse import RawDescriptionHelpFormatter
from importlib import import_module
from typing import TYPE_CHECKING

from contract_tests import __version__
from contract_tests.cli.parser import USAGE, Parser, problem_line
from contract_tests.cli.printing import whole_output
from contract_tests.problems import OutputLost

if TYPE_CHECKING:
    from collections.abc import Sequence

_COMMANDS = {
    "run": ("run", "run the suite: cl-contract run [OPTIONS] [PYTEST ARGS]"),
    "mock": ("mock", "run the mock server alone"),
    "diff": ("diff", "what has changed between two reports; exit code 1 on a regression"),
    "merge": ("merge", "shards of one run into one report, or several targets into one matrix"),
    "verify": ("verify", "judge a recording again, offline, and compare with its report"),
    "repro": ("repro", "a script of sh and curl that shows a flaw of a report again"),
    "summary": ("summary", "a report as Markdown, for the summary of a pipeline's step"),
    "sweep": ("sweep", "remove what a run that was killed has left on a server"),
    "badge": ("badge", "a report as a badge: SVG, or JSON for shields.io"),
    "explain": ("explain", "all about one clause: sentence, level, sources, what decides it, what a run found"),
    "clauses": ("clauses", "the clauses of the contract, by level and subject"),
    "faults": ("faults", "the faults that the mock can be served with, and the clauses that they break"),
    "schema": ("schema", "print the JSON Schema of conformance.json"),
}
"""By name: the module in this package whose `main` does it, and what it does."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line asks for; gives the exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    parser = Parser(
        prog="cl-contract",
        description="Contract tests for the vSphere Content Library session API.",
        epilog=_overview(),
        formatter_class=RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    parser.add_argument("command", metavar="COMMAND", choices=list(_COMMANDS))
    module, _ = _COMMANDS[parser.parse_args(given[:1]).command]
    try:
        # Imported when it is needed: pytest wants to be the first to import what it rewrites.
        try:
            code: int = import_module(f"{__name__}.{module}").main(given[1:])
        finally:  # also of --help, which ends in SystemExit
            with whole_output():
                pass
    except KeyboardInterrupt:
        sys.stderr.write("cl-contract: interrupted\n")
        return 2
    except BrokenPipeError:
        return 2  # who reads has read enough (`| head`)
    except OutputLost as problem:
        sys.stderr.write(problem_line(parser.prog, f"standard output can't be written: {problem}"))
        return USAGE
    return code


def _overview() -> str:
    width = max(map(len, _COMMANDS))
    lines = [f"  {name:<{width}}  {what}" for name, (_, what) in _COMMANDS.items()]
    return "\n".join(["commands:", *lines, "", "`cl-contract COMMAND --help` lists the options of one"])
