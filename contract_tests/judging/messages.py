"""What a stranger reads when a test did not pass."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from contract_tests.judging.outcomes import Decision, Outcome
from contract_tests.judging.wording import short
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


MOST_FLAWS: Final = 2
"""Flaws of one clause in one test that a message tells: the next ones say the same."""

MOST_SHOWN: Final = 4
"""Exchanges that a message shows: those with the flaws, and what was asked before; evidence.har has all of them."""

TEXT_LIMIT: Final = 300
"""Characters of an expectation, an observation or an address in a message."""

_DIFFERENCE: Final = ("  expected  ", "  observed  ")


def in_short(text: str, longest: int = 200) -> str:
    """The first line of a message, no longer than a line of a list: which clause, expected and observed."""
    lines = text.split("\n")
    told = {
        line[:12].strip(): line[12:] for line in reversed(lines) if line.startswith(("  expected  ", "  observed  "))
    }
    first = lines[0] + "".join(f"; {word} {short(told[word], 60)}" for word in ("expected", "observed") if word in told)
    return short(first, longest - 1)


def explain(decisions: Sequence[Decision], exchanges: Sequence[Exchange], *, whole: bool = False) -> str:
    """Say which clauses are not fulfilled, in which cell, what was expected and observed, and how to repeat it.

    `whole` tells all flaws and all exchanges, instead of the first flaws and the exchanges that show them.
    """
    most = None if whole else MOST_FLAWS
    text = "\n\n".join([*(_about(one, most) for one in decisions), _history(decisions, exchanges, whole=whole)])
    return "\n".join(map(printable, text.split("\n")))


def _about(decision: Decision, most: int | None) -> str:
    clause = decision.clause
    what = {
        Outcome.BROKEN: "is broken",
        Outcome.EXCUSED: "is broken as registered",
        Outcome.BLOCKED: "could not be judged",
        Outcome.SHADOWED: "could not be judged, as registered",
        Outcome.INCONCLUSIVE: "was not decided",
        Outcome.NOT_TESTED: "was not tested",
        Outcome.HELD: "holds",
    }[decision.outcome]
    longest = LONGEST_COMMAND if most is None else TEXT_LIMIT
    lines = [f"{clause.id} ({clause.level}, {clause.basis}) {what} in {decision.cell}", f"  {clause.says}"]
    for flaw in decision.flaws[:most]:
        lines += [f"  expected  {bounded(flaw.expected, longest)}", f"  observed  {bounded(flaw.observed, longest)}"]
        lines += [f"  shown by  {flaw.exchange.request.method} {bounded(flaw.exchange.request.url, longest)}"]
    if len(decision.flaws) > len(decision.flaws[:most]):
        lines.append(f"  and {len(decision.flaws) - len(decision.flaws[:most])} more of the kind")
    if decision.reason:
        lines.append(f"  because   {decision.reason}")
    lines += [f"  source    {source}" for source in clause.sources]
    return "\n".join(lines)


def _history(decisions: Sequence[Decision], exchanges: Sequence[Exchange], *, whole: bool) -> str:
    flawed = {id(flaw.exchange) for decision in decisions for flaw in decision.flaws}
    places = [place for place, one in enumerate(exchanges) if id(one) in flawed]
    told = sorted({one for place in places for one in (_asked(exchanges, place), place)})
    shown_ones = [(place + 1, exchanges[place]) for place in (range(len(exchanges)) if whole or not told else told)]
    longest, most = (LONGEST_COMMAND, len(exchanges)) if whole else (TEXT_LIMIT * 2, MOST_SHOWN)
    lines = ["What was sent and answered (set TOKEN to repeat it):"]
    for number, exchange in shown_ones[:most]:
        lines += [
            f"  {number}. {bounded(exchange.request.as_curl(), longest)}",
            f"     → {shown(exchange, limit=400 if whole else 200)}",
        ]
    if left := len(exchanges) - len(shown_ones[:most]):
        lines.append(f"  {left} more of this test: evidence.har has all of them, by its name")
    return "\n".join(lines)


def _asked(exchanges: Sequence[Exchange], place: int) -> int:
    """The place of the request whose effect a read shows: the last one before it that is no read; or its own."""
    if exchanges[place].request.method != "GET":
        return place
    acts = (
        one for one in range(place - 1, -1, -1) if exchanges[one].operation and exchanges[one].request.method != "GET"
    )
    return next(acts, place)
