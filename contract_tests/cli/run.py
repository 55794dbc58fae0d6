"""cl-contract run: the suite, by pytest."""

from __future__ import annotations

import argparse
import os
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import contract_tests
from contract_tests.cli.parser import USAGE, did_you_mean, problem_line
from contract_tests.cli.printing import enduring
from contract_tests.problems import UsageProblem

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence

_PROGRAM = "cl-contract run"
_PLUGINS = ("pytest_metadata.plugin", "pytest_html.plugin", "xdist.plugin", "contract_tests.plugin")
_SETTINGS_AROUND = ("PYTEST_ADDOPTS", "PYTEST_PLUGINS", "PYTEST_THEME", "PYTEST_THEME_MODE")
"""Environment variables by which pytest takes settings and plugins that nobody has named on this command line."""


class _Named:
    """Has what is wrong with the command line told in the name of this command."""

    def __init__(self) -> None:
        self.config: pytest.Config | None = None
        self._options: list[str] = []

    def pytest_addoption(self, parser: pytest.Parser) -> None:
        parser.prog = _PROGRAM

    @pytest.hookimpl(wrapper=True)
    def pytest_load_initial_conftests(self, parser: pytest.Parser) -> Generator[None, object, object]:
        from contract_tests.plugin.internals import option_names  # noqa: PLC0415 - pytest is the first to import it

        self._options = option_names(parser)
        return (yield)

    def pytest_configure(self, config: pytest.Config) -> None:
        self.config = config

    @pytest.hookimpl(wrapper=True)
    def pytest_cmdline_parse(self) -> Generator[None, object, object]:
        try:
            return (yield)
        except pytest.UsageError as problem:
            raise UsageProblem(self._sentence(str(problem))) from None

    @pytest.hookimpl(wrapper=True)
    def pytest_cmdline_main(self) -> Generator[None, object, object]:
        try:
            return (yield)
        except pytest.UsageError as problem:
            raise UsageProblem(self._sentence(" ".join(map(str, problem.args)))) from None

    def _sentence(self, told: str) -> str:
        """One line of what pytest says in several, with the nearest option where one is unknown."""
        _, found, message = told.partition(": error: ")
        if not found:
            return " ".join(told.split())
        sentence = message.partition("\n")[0]
        unknown = sentence.removeprefix("unrecognized arguments: ")
        if unknown == sentence:
            return f"{sentence}; see {_PROGRAM} --help"
        word = unknown.split()[0].partition("=")[0]
        return f"there is no option {word}{did_you_mean(word, self._options)}; see {_PROGRAM} --help"


def run(arguments: Sequence[str], plugins: Sequence[object] = ()) -> int:
    """Hand everything to pytest, with the suite's own configuration wherever the package is installed.

    Other plugins and settings that happen to lie around must not change what the suite says of a server, so they
    are left out; `-p NAME` brings one in.
    """
    package = Path(contract_tests.__file__).parent
    hermetic = ["--disable-plugin-autoload", *(word for name in _PLUGINS for word in ("-p", name))]
    hermetic += ["-p", "no:cacheprovider"]  # nobody needs it, and it may have no place to write to
    hermetic += ["--noconftest"]  # pytest would take one of any folder here whose name begins with "test"
    configured = ["-c", str(package / "run.ini"), "--rootdir", str(package.parent)]
    given = [*hermetic, *configured, "--pyargs", "--contract", *arguments]
    named = _Named()
    with enduring() as output, _without_settings_around():
        code = _outcome([*given], [named, *plugins], named)
    if output.problem is None:
        return code
    told = f"standard output can't be written: {output.problem}; the run went on without"
    sys.stderr.write(problem_line(_PROGRAM, told))
    return code or USAGE


@contextmanager
def _without_settings_around() -> Iterator[None]:
    """Leave settings of the environment out, also for the workers of pytest-xdist, which inherit it."""
    kept = {name: os.environ.pop(name) for name in _SETTINGS_AROUND if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(kept)


def _outcome(given: list[str], plugins: list[object], named: _Named) -> int:
    """The exit code of pytest, also where something escapes it."""
    try:
        return int(pytest.main(given, plugins))
    except UsageProblem as problem:
        sys.stderr.write(problem_line(_PROGRAM, str(problem)))
        return USAGE
    except Exception as problem:
        if named.config is None:
            if why := _why_it_can_not_start(problem):
                sys.stderr.write(problem_line(_PROGRAM, why))
                return USAGE
            raise
        # Behind the reports, when all is put away.
        from contract_tests.plugin.crashes import note  # noqa: PLC0415 - pytest is the first to import it

        note(named.config, problem)
        return int(pytest.ExitCode.INTERNAL_ERROR)


def _why_it_can_not_start(problem: Exception) -> str:
    """What the user has to mend, where pytest fails before it has read its options; empty if it is none of that."""
    if isinstance(problem, argparse.ArgumentError):
        return f"{problem}, of another plugin; leave out the -p that brings it in"
    if isinstance(problem, ImportError) and "importing plugin" in str(problem):
        return f"{problem}; -p names a plugin that can be imported"
    return f"it can't start: {problem.strerror or problem}" if isinstance(problem, OSError) else ""


def main(arguments: Sequence[str]) -> int:
    """Run the suite, or say how it is run."""
    words = list(arguments)
    if "--pytest-help" in words:
        return run(["--help", *(word for word in words if word != "--pytest-help")])
    if {"-h", "--help"}.intersection(words):
        from contract_tests.cli.run_help import run_help  # noqa: PLC0415 - pytest is the first to import the plugin

        sys.stdout.write(run_help(_PROGRAM))
        return 0
    if {"-V", "--version"}.intersection(words):
        sys.stdout.write(f"cl-contract {contract_tests.__version__} (pytest {pytest.__version__})\n")
        return 0
    return run(words)
