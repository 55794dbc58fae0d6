"""What the command lines have in common: how they refuse what nobody can mean, and propose what was meant."""

from __future__ import annotations

import argparse
import difflib
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

USAGE = 4
"""The exit code of wrong usage, as pytest has it; 2 would mean interrupted."""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """What was probably meant, as the end of a sentence; empty if nothing is near."""
    nearest = difflib.get_close_matches(word, list(known), n=1)
    return f"; did you mean {nearest[0]}?" if nearest else ""


def problem_line(program: str, sentence: str) -> str:
    """How each command begins the one line that says what the user has to mend."""
    return f"{program}: error: {sentence}\n"


class Parser(argparse.ArgumentParser):
    """Ends with `USAGE` on wrong words, and names the nearest right one."""

    def error(self, message: str) -> NoReturn:
        self.exit(USAGE, problem_line(self.prog, f"{message}; see {self.prog} --help"))

    def parse_args(self, args: Sequence[str] | None = None, namespace: Any = None) -> Any:  # type: ignore[override]  # any namespace
        parsed, unknown = self.parse_known_args(args, namespace)
        if unknown:
            word = unknown[0].partition("=")[0]
            what = "option" if word.startswith("-") else "argument"
            self.error(f"there is no {what} {word}{did_you_mean(word, self._option_string_actions)}")
        return parsed

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        """Python's own refusal of a choice names no nearest one, and looks different in each version."""
        if action.choices is None or value in action.choices:
            return
        known = [*map(str, action.choices)]
        name = action.option_strings[-1] if action.option_strings else action.metavar or action.dest
        told = f"{name} {str(value)!r} is none of {', '.join(known)}{did_you_mean(str(value), known)}"
        self.error(told)
