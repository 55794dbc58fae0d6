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
    """Has what is wrong with an option told in the name of this command, and knows what must not be told."""

    config: pytest.Config | None = None

    @staticmethod
    def pytest_addoption(parser: pytest.Parser) -> None:
        parser.prog = "cl-contract run"

    def pytest_configure(self, config: pytest.Config) -> None:
        self.config = config


def run(arguments: Sequence[str], plugins: Sequence[object] = ()) -> int:
    """Hand everything to pytest, with the suite's own configuration wherever the package is installed.

    Other plugins and settings that happen to lie around must not change what the suite says of a server, so they
    are left out; `-p NAME` brings one in.
    """
    package = Path(contract_tests.__file__).parent
    plugins_of_ours = ("pytest_metadata.plugin", "pytest_html.plugin", "xdist.plugin", "contract_tests.plugin")
    hermetic = ["--disable-plugin-autoload", *(word for name in plugins_of_ours for word in ("-p", name))]
    hermetic += ["-p", "no:cacheprovider"]  # nobody needs it, and it may have no place to write to
    hermetic += ["--noconftest"]  # pytest would take one of any folder here whose name begins with "test"
    configured = ["-c", str(package / "run.ini"), "--rootdir", str(package.parent)]
    given = [*hermetic, *configured, "--pyargs", "--contract", *arguments]
    named = _Named()
    with enduring() as output:
        code = _outcome([*given], [named, *plugins], named)
    if output.problem is None:
        return code
    sys.stderr.write(f"cl-contract run: standard output can't be written: {output.problem}; the run went on without\n")
    return code or 4


def _outcome(given: list[str], plugins: list[object], named: _Named) -> int:
    """The exit code of pytest, also where something escapes it."""
    try:
        return int(pytest.main(given, plugins))
    except Exception as problem:
        if named.config is None:
            if isinstance(problem, OSError):
                sys.stderr.write(f"cl-contract run: it can't start: {problem.strerror or problem}\n")
                return int(pytest.ExitCode.USAGE_ERROR)
            raise
        # Behind the reports, when all is put away.
        from contract_tests.plugin.crashes import note  # noqa: PLC0415 - pytest is the first to import it

        note(named.config, problem)
        return int(pytest.ExitCode.INTERNAL_ERROR)


main = run
