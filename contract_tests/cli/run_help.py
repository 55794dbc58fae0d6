"""The help of `cl-contract run`: the suite's own options, on one screen; pytest's are a page of their own."""

from __future__ import annotations

import argparse
from functools import partial
from typing import Any

from contract_tests.plugin import clauses, options, signals
from contract_tests.plugin.spellings import PREFIX

_EXIT_CODES = (
    "exit codes: 0 conformant, 1 violations, 2 interrupted, 3 internal error, 4 wrong usage, 5 nothing decided"
)
_PYTEST = "Those of pytest work too, as -k, -x, -n 2: {} --pytest-help lists them."
_SPELLING = (
    f"Each --NAME above is {PREFIX}NAME, too; with plain pytest, a --NAME that another plugin has is that plugin's."
)
_HIDDEN = "--contract"
"""What the command itself says to pytest."""


class _Group:
    """Takes what a plugin says to pytest's parser and group of options, for a parser of our own."""

    def __init__(self, parser: argparse.ArgumentParser) -> None:
        self._parser = parser

    def getgroup(self, *_: str) -> _Group:
        return self

    def addoption(self, *names: str, **about: Any) -> None:
        if _HIDDEN not in names:
            self._parser.add_argument(*names, **about)


def run_help(program: str) -> str:
    """What `--help` prints."""
    parser = argparse.ArgumentParser(
        prog=program,
        usage=f"{program} [OPTIONS] [PYTEST ARGS]",
        description="Run the suite, against the embedded mock unless --target names a server.",
        epilog="\n".join((_PYTEST.format(program), _SPELLING, _EXIT_CODES)),
        formatter_class=partial(argparse.RawDescriptionHelpFormatter, width=120, max_help_position=26),
        add_help=False,
    )
    for plugin in (options, clauses, signals):
        plugin.pytest_addoption(_Group(parser))
    return parser.format_help()
