"""What a stranger reads when a test did not pass."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contract_tests.judging.outcomes import Decision, Outcome
from contract_tests.rules.checks.flaw import shown
from contract_tests.texts import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from contract_tests.traffic.exchange import Exchange


LONGEST_COMMAND = 2000
"""Characters of a command that a message holds: a body may be as long as a hostile test likes."""


def bounded(text: str, longest: int) -> str:
    """The beginning of a text that is too long to be read, and how much is left out."""
    return text if len(text) <= longest else f"{text[:longest]}… and {len(text) - longest} more characters"


def explain(decisions: Sequence[Decision], exchanges: Sequence[Exchange]) -> str:
    """Say which clauses are not fulfilled, in which cell, what was expected and observed, and how to repeat it."""
    text = "\n\n".join([*map(_about, decisions), _history(exchanges)])
    return "\n".join(map(printable, text.split("\n")))


def _about(decision: Decision) -> str:
    clause = decision.clause
    what = {
        Outcome.BROKEN: "is broken",
        Outcome.EXCUSED: "is broken as registered",
        Outcome.BLOCKED: "could not be judged",
        Outcome.INCONCLUSIVE: "was not decided",
        Outcome.NOT_TESTED: "was not tested",
        Outcome.HELD: "holds",
    }[decision.outcome]
    lines = [f"{clause.id} ({clause.level}, {clause.basis}) {what} in {decision.cell}", f"  {clause.says}"]
    for flaw in decision.flaws:
        lines += [f"  expected  {flaw.expected}", f"  observed  {flaw.observed}"]
        lines += [f"  shown by  {flaw.exchange.request.method} {bounded(flaw.exchange.request.url, LONGEST_COMMAND)}"]
    if decision.reason:
        lines.append(f"  because   {decision.reason}")
    lines += [f"  source    {source}" for source in clause.sources]
    return "\n".join(lines)


def _history(exchanges: Sequence[Exchange]) -> str:
    lines = ["What was sent and answered (set TOKEN to repeat it):"]
    for number, exchange in enumerate(exchanges, 1):
        lines += [
            f"  {number}. {bounded(exchange.request.as_curl(), LONGEST_COMMAND)}",
            f"     → {shown(exchange, limit=400)}",
        ]
    return "\n".join(lines)
