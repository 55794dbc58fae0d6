"""What is known of a session, what a read shows of it, and whether the two agree. Pure.

Time is a number of seconds on one clock, the server's.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from contract_tests.contract import Service
from contract_tests.contract.tolerances import CLEARED, FORGOTTEN, IN_TIME, ends_within

ACTIVE, DONE, ERROR, CANCELED = "ACTIVE", "DONE", "ERROR", "CANCELED"
EXPIRED: Final = "EXPIRED"
"""Not a state that anybody shows: whatever is shown, it is not ACTIVE, and no client brought it about."""
GONE: Final = "GONE"

Warnings = tuple[tuple[str, bool], ...]
"""A `warning_behavior`: type and `ignored` of each entry, sorted."""


@dataclass(frozen=True)
class Known:
    """What is known of one session.

    `warnings` is None as long as anything may be; `shows_warnings` is whether a read has ever shown some. One that
    `is_completing` is ACTIVE, and DONE at any moment. It lives until `lives_until` at least, the latest time that was
    promised, and is over by `over_by` unless somebody names it meanwhile: any such call may count as activity.
    `touched` is when that was last.
    """

    service: Service
    state: str = ACTIVE
    is_completing: bool = False
    progress: int = 0
    warnings: Warnings | None = None
    shows_warnings: bool = False
    lives_until: float = float("inf")
    over_by: float = float("inf")
    touched: float = 0.0


@dataclass(frozen=True)
class Seen:
    """A session as a read showed it; `warnings` is None if it showed none, `expires` if it is not looked at."""

    state: str
    progress: int | None
    warnings: Warnings | None = None
    expires: float | None = None


def possible(known: Known, at: float, timeout: float) -> list[Known]:
    """What the session may be when the server's clock stands at `at`, the likeliest first."""
    gone, expired = replace(known, state=GONE), replace(known, state=EXPIRED)
    if known.state == GONE:
        return [known]
    if known.state == EXPIRED:
        must_go = at > known.over_by + ends_within(timeout) + FORGOTTEN * timeout
        return [gone] if must_go else [known, gone]
    if known.state != ACTIVE:
        return [known, gone] if at > known.touched + CLEARED else [known]
    if known.is_completing:
        return [replace(known, state=DONE), known]
    alive = [known] if at <= known.over_by + ends_within(timeout) else []
    over = [expired, gone] if at >= known.lives_until - IN_TIME else []
    return alive + over


def shows(known: Known, seen: Seen | None) -> bool:
    """Whether a session that is as `known` may be seen so; None is a 404."""
    if seen is None or known.state == GONE:
        return seen is None and known.state == GONE
    if known.state == EXPIRED:
        return seen.state != ACTIVE
    # What an ended session shows beside its state is nobody's promise.
    return seen.state == known.state and (
        seen.state != ACTIVE or (seen.progress in (None, known.progress) and shows_warnings(known, seen))
    )


def shows_warnings(known: Known, seen: Seen) -> bool:
    """Whether the warnings may be seen so: a server need not show them, but one that does goes on doing so."""
    if known.service is Service.DOWNLOAD:
        return True  # it has none; whatever a server shows under this name is its own
    if seen.warnings is None:
        return not (known.shows_warnings and known.warnings)
    return known.warnings is None or seen.warnings == known.warnings


def adopted(known: Known, seen: Seen | None, at: float, timeout: float) -> Known:
    """What is known once the session was seen; where the model left room, this is what it turned out to be.

    A read may be activity, so a session that is ACTIVE is over one timeout after it at the earliest.
    """
    if seen is None:
        return replace(known, state=GONE)
    if seen.state != ACTIVE:
        state = EXPIRED if known.state in (EXPIRED, GONE) else seen.state
        return replace(known, state=state, is_completing=False)
    expires = known.lives_until if seen.expires is None else seen.expires
    return replace(
        known,
        state=ACTIVE,
        progress=known.progress if seen.progress is None else seen.progress,
        warnings=_adopted_warnings(known, seen),
        shows_warnings=known.shows_warnings or bool(seen.warnings),
        lives_until=expires,
        over_by=max(expires, at + 1 + timeout),
        touched=at,
    )


def _adopted_warnings(known: Known, seen: Seen) -> Warnings:
    """An empty list says what no list says; a server that shows nothing may be one that never does, or has lost it."""
    if seen.warnings is not None:
        return seen.warnings
    return () if known.shows_warnings else known.warnings or ()
