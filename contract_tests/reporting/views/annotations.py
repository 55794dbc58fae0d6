"""Annotations as GitHub reads them from the log of a step: one for each cause that fails the run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

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
    """A line for each of the first causes; nothing in it ends the line or begins another command."""
    for cause in [one for one in report.causes if one.fails][:MOST]:
        title = _escaped(f"{cause.clause} ({cause.level})", _MEANT_IN_A_TITLE)
        yield f"::error title={title}::{_escaped(f'{cause.says}: {difference(cause)}', _MEANT)}"


def _escaped(text: str, meant: dict[str, str]) -> str:
    return "".join(meant.get(sign, sign) for sign in visible(text))
