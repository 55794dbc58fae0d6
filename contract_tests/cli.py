"""cl-contract: run the suite, or the mock server alone."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import pytest

import contract_tests
from contract_tests import __version__

if TYPE_CHECKING:
    from collections.abc import Sequence

_OVERVIEW = """\
commands:
  run   run the suite: cl-contract run [OPTIONS] [PYTEST ARGS]; `cl-contract run --help` lists them
  mock  run the mock server alone: cl-contract mock [OPTIONS]; `cl-contract mock --help` lists them
"""


class _Parser(argparse.ArgumentParser):
    """Ends with the exit code that pytest has for wrong usage; 2 would mean interrupted."""

    def error(self, message: str) -> NoReturn:
        self.exit(4, f"{self.prog}: {message}; see {self.prog} --help\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line asks for; gives the exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    parser = _Parser(
        prog="cl-contract",
        description="Contract tests for the vSphere Content Library session API.",
        epilog=_OVERVIEW,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    parser.add_argument("command", choices=["run", "mock"])
    command = parser.parse_args(given[:1]).command
    return run(given[1:]) if command == "run" else _mock(given[1:])


def run(arguments: Sequence[str], plugins: Sequence[object] = ()) -> int:
    """Hand everything to pytest, with the suite's own configuration wherever the package is installed.

    Other plugins and settings that happen to lie around must not change what the suite says of a server, so they
    are left out; `-p NAME` brings one in.
    """
    package = Path(contract_tests.__file__).parent
    named = ("pytest_metadata.plugin", "pytest_html.plugin", "xdist.plugin", "contract_tests.plugin")
    hermetic = ["--disable-plugin-autoload", *(word for name in named for word in ("-p", name))]
    configured = ["-c", str(package / "run.ini"), "--rootdir", str(package.parent)]
    return int(pytest.main([*hermetic, *configured, "--pyargs", "--contract", *arguments], plugins))


def _mock(arguments: list[str]) -> int:
    parser = _Parser(prog="cl-contract mock", description="The mock server, alone.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=int, default=0, help="port to listen on (default: a free one)")
    parser.add_argument(
        "--session-timeout",
        type=float,
        default=300.0,
        metavar="S",
        help="seconds that a session lives unless it is kept alive (default: 300)",
    )
    parser.add_argument(
        "--control", action="store_true", help="open /_control, where clients can move the server's clock"
    )
    options = parser.parse_args(arguments)
    from contract_tests import mock  # noqa: PLC0415 - pytest wants to be the first to import what it rewrites

    try:
        return mock.run(
            host=options.host,
            port=options.port,
            session_timeout=options.session_timeout,
            control=options.control,
        )
    except mock.CannotListen as problem:
        sys.stderr.write(f"cl-contract mock: {problem}\n")
        return 4
