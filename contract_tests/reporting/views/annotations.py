"""Annotations as GitHub reads them from the log of a step: one for each cause that fails the run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from contract_tests.reporting.folder import PAGE
from contract_tests.reporting.views.markup import visible
from contract_tests.reporting.views.screen import difference

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contract_tests.reporting.format import Conformance

MOST: Final = 10
"""Errors that GitHub shows of one step."""

_MEANT: Final = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_MEANT_IN_A_TITLE: Final = _MEANT | {":": "%3A", ",": "%2C"}


def error_lines(report: Conformance) -> Iterator[str]:
    """A line for each of the first causes; nothing in it ends the line or begins another command.

    Where there are more, the last line says how many.
    """
    causes = [one for one in report.causes if one.fails]
    shown = causes if len(causes) <= MOST else causes[: MOST - 1]
    for cause in shown:
        title = _escaped(f"{cause.clause} ({cause.level})", _MEANT_IN_A_TITLE)
        yield f"::error title={title}::{_escaped(f'{cause.says}: {difference(cause)}', _MEANT)}"
    if more := len(causes) - len(shown):
        yield f"::error title=and more::{more} more causes fail the run: {PAGE} has all of them"


def _escaped(text: str, meant: dict[str, str]) -> str:
    return "".join(meant.get(sign, sign) for sign in visible(text))
