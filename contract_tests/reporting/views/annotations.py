"""Annotations: what is broken as workflow commands, which GitHub shows beside a pull request.

A workflow command is a line of standard output; what a server has written must not end it, or begin another one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from contract_tests.contract import Level
from contract_tests.judging.verdicts import Verdict
from contract_tests.reporting.views.failing import failing

if TYPE_CHECKING:
    from contract_tests.reporting.format import Conformance
    from contract_tests.reporting.views.failing import Failing

MOST: Final = 10
"""Errors of one step that GitHub shows; it drops the rest without a word."""

LONGEST: Final = 500
"""Characters of what was expected and observed: an annotation is a hint, the report has all of it."""


def annotation_lines(report: Conformance) -> list[str]:
    """One line for each clause that fails the run, the gravest first; the last one says how many are left out."""
    found = sorted(failing(report), key=lambda one: (one.verdict is Verdict.BLOCKED, [*Level].index(one.clause.level)))
    shown = found if len(found) <= MOST else found[: MOST - 1]
    lines = [_command(f"{one.clause.id}: {one.verdict}", _message(one)) for one in shown]
    if left := len(found) - len(shown):
        lines.append(_command("and more", f"{left} more clauses fail the run: conformance.html has all of them"))
    return lines


def _message(one: Failing) -> str:
    told = f"{one.clause.says} ({one.clause.level}; {', '.join(one.cells)})"
    if one.flaws:
        flaw = one.flaws[0]
        return f"{told}\nexpected: {flaw.expected[:LONGEST]}\nobserved: {flaw.observed[:LONGEST]}"
    return f"{told}\n{one.reason[:LONGEST]}"


def _command(title: str, message: str) -> str:
    return f"::error title={_escaped(title).replace(':', '%3A').replace(',', '%2C')}::{_escaped(message)}"


def _escaped(text: str) -> str:
    """By the rules of GitHub's own toolkit; whatever else no line can hold is left out."""
    text = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return "".join(one if one.isprintable() else "?" for one in text)
