"""Checks of a keep-alive in a form that a server need not take: honoured as a whole, or refused without effect."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contract_tests.rules.checks.flaw import Flaw, check, shown
from contract_tests.rules.checks.readings import expires_later, progress_is, unchanged
from contract_tests.rules.checks.responses import refused_somehow, succeeds

if TYPE_CHECKING:
    from contract_tests.rules.checks.flaw import Flaws
    from contract_tests.traffic.exchange import Exchange


@check("client_progress")
def honoured(kept: Exchange, after: Exchange, progress: int) -> Flaws:
    """The call succeeds, and the session shows it: its progress is the one reported."""
    return [*succeeds(kept), *progress_is(after, progress)]


@check("client_progress", "expiration_time")
def kept_alive(kept: Exchange, before: Exchange, after: Exchange, progress: int) -> Flaws:
    """The call succeeds, and the session shows it: by the progress reported, or else by living longer.

    Whether progress is stored is a rule of its own, so a server that stores none may show in another way that it has
    kept the session alive.
    """
    lives_on = not expires_later(before, after)
    without_effect = [] if lives_on else progress_is(after, progress)
    expected = f"client_progress {progress}, or a later expiration_time"
    return [*succeeds(kept), *(Flaw(expected, flaw.observed, after) for flaw in without_effect)]


@check("client_progress")
def honoured_or_refused(kept: Exchange, before: Exchange, after: Exchange, progress: int, *statuses: int) -> Flaws:
    """The call is honoured, or refused with one of `statuses` (any 4xx if none are given) and without effect.

    Whether a refused call counts as activity is not said, so the lifetime may move.
    """
    if kept.status is not None and kept.status < 400:
        return honoured(kept, after, progress)
    return [*refused_somehow(kept, *statuses), *unchanged(before, after, "expiration_time")]


@check()
def not_served(answer: Exchange) -> Flaws:
    """What is no operation is not answered with success."""
    if answer.status is not None and answer.status < 400:
        return [Flaw("no success: there is no such operation", shown(answer), answer)]
    return []
