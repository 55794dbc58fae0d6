"""cl-contract run: the suite, by pytest."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import contract_tests
from contract_tests.cli.printing import enduring

if TYPE_CHECKING:
    from collections.abc import Sequence


class _Named:
    """Has what is wrong with an option told in the name of this command."""

    @staticmethod
    def pytest_addoption(parser: pytest.Parser) -> None:
        parser.prog = "cl-contract run"


def run(arguments: Sequence[str], plugins: Sequence[object] = ()) -> int:
    """Hand everything to pytest, with the suite's own configuration wherever the package is installed.

    Other plugins and settings that happen to lie around must not change what the suite says of a server, so they
    are left out; `-p NAME` brings one in.
    """
    package = Path(contract_tests.__file__).parent
    named = ("pytest_metadata.plugin", "pytest_html.plugin", "xdist.plugin", "contract_tests.plugin")
    hermetic = ["--disable-plugin-autoload", *(word for name in named for word in ("-p", name))]
    configured = ["-c", str(package / "run.ini"), "--rootdir", str(package.parent)]
    given = [*hermetic, *configured, "--pyargs", "--contract", *arguments]
    with enduring() as output:
        code = int(pytest.main(given, [_Named(), *plugins]))
    if output.problem is None:
        return code
    sys.stderr.write(f"cl-contract run: standard output can't be written: {output.problem}; the run went on without\n")
    return code or 4


main = run
