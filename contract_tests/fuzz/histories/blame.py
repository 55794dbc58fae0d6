"""Which clause a disagreement belongs to: a session that was seen otherwise than the reference model allows.

What one call did to a session that was read before and after it, the rules of a step say (`rules/oracle.of_step`).
This is about what no single step can say: other sessions, time that passed, the order of calls, and what is left of a
session that may have ended; and about requests so odd that the rules do not read them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from contract_tests.contract import DEFAULT_TIMEOUT, Service
from contract_tests.contract.dialects import Op
from contract_tests.contract.tolerances import DATE_RESOLUTION, DATES_APART, LIFETIME
from contract_tests.fuzz.histories.known import (
    ACTIVE,
    CANCELED,
    DONE,
    ERROR,
    EXPIRED,
    GONE,
    Known,
    Seen,
    Warnings,
    shows,
    shows_warnings,
)
from contract_tests.fuzz.histories.reference import LEGACY, Call, Form, deletion_clause
from contract_tests.rules.keep_alive_defects import BY_BODY

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True)
class Disagreement:
    """What the model allows, what was seen instead, and the slug of the clause that this breaks."""

    clause: str
    expected: str
    observed: str


@dataclass(frozen=True)
class Occasion:
    """What lies between two looks at a session that was as `was` before.

    `call` is the call that named it, with its outcome; None if none did. `elsewhere` is a keep-alive of another one.
    """

    was: Known
    call: Call | None = None
    accepted: bool = False
    elsewhere: bool = False

    @property
    def keeps_alive(self) -> bool:
        return self.call is not None and self.call.op in (Op.KEEP_ALIVE, Op.KEEP_ALIVE_BY_BODY)

    def is_(self, op: Op) -> bool:
        return self.call is not None and self.call.op is op


def disagreements(candidates: Sequence[Known], seen: Seen | None, occasion: Occasion) -> list[Disagreement]:
    """What is wrong with a session that should be one of `candidates`, the likeliest first; None is a 404."""
    if any(shows(one, seen) for one in candidates):
        return []
    same = [one for one in candidates if seen is not None and one.state == seen.state]
    if not same or seen is None:
        return [_of_state(candidates[0], seen, occasion)]
    found = []
    if all(seen.progress not in (None, one.progress) for one in same):
        low, high = min(one.progress for one in same), max(one.progress for one in same)
        right = f"client_progress {low}" + (f" to {high}" if high > low else "")
        wrong = f"client_progress {seen.progress}"
        found.append(Disagreement(_clause_of_progress(seen.progress or 0, occasion), right, wrong))
    if not any(shows_warnings(one, seen) for one in same):
        given = _listed(same[0].warnings)
        found.append(Disagreement(_clause_of_warnings(seen.warnings, occasion), given, _listed(seen.warnings)))
    # Each member by itself may be one that some candidate has, and all of them together none.
    return found or [Disagreement(_clause_of_progress(seen.progress or 0, occasion), f"one of {same}", f"{seen}")]


def life_disagreements(
    occasion: Occasion, seen: Seen | None, at: float, timeout: float, *, has_clock: bool = True
) -> list[Disagreement]:
    """What is wrong with the expiration of a session that is ACTIVE, was so, and was named at `at`.

    Where the server's clock is unknown, how far away it is says nothing.
    """
    was = occasion.was
    if seen is None or seen.expires is None or (seen.state, was.state) != (ACTIVE, ACTIVE):
        return []
    # `at` is a Date, which hides a second; and what named the session may have been answered a little later.
    distance = abs(seen.expires - at - timeout) - DATE_RESOLUTION if has_clock else 0.0
    extends, by_timeout = "keep-alive.extends-expiration", "keep-alive.extends-by-timeout"
    if occasion.is_(Op.KEEP_ALIVE_BY_BODY):
        extends = by_timeout = BY_BODY
    if occasion.is_(Op.CREATE):
        # A server of which nobody has said otherwise has the default.
        is_default = timeout == DEFAULT_TIMEOUT
        clause = "expiry.default-five-minutes" if is_default else "expiry.timeout-configurable"
        about = f"{timeout:g} s (± {LIFETIME:g} s)"
        return [_timed(clause, about, seen, at)] if distance > LIFETIME else []
    found = []
    if seen.expires < was.lives_until:
        found.append(_timed("expiry.never-moves-back", f"{_span(was.lives_until, at)} or later", seen, at))
    if not (occasion.keeps_alive and occasion.accepted):
        return found
    if at >= was.touched + DATES_APART and seen.expires == was.lives_until:
        found.append(_timed(extends, f"later than {_span(was.lives_until, at)}", seen, at))
    elif not found and distance > LIFETIME:
        found.append(_timed(by_timeout, f"{timeout:g} s (± {LIFETIME:g} s)", seen, at))
    return found


def _timed(clause: str, expected: str, seen: Seen, at: float) -> Disagreement:
    assert seen.expires is not None
    return Disagreement(clause, f"expiration_time {expected} after the call", f"{_span(seen.expires, at)} after it")


def _span(expires: float, at: float) -> str:
    return f"{expires - at:.3f} s"


REPORTS: Final = frozenset({Form.NUMBER, Form.STRANGER, Form.WITH_FRACTION, Form.DIGITS, *LEGACY})
"""The forms of a keep-alive that report a progress."""

_BY_STATE: Final = {CANCELED: "life-cycle.cancel", DONE: "life-cycle.complete", ERROR: "life-cycle.fail-shows-error"}


def _of_state(expected: Known, seen: Seen | None, occasion: Occasion) -> Disagreement:
    right = {GONE: "no such session (404)", EXPIRED: "a state other than ACTIVE, or 404"}.get(
        expected.state, f"state {expected.state}"
    )
    wrong = "no such session (404)" if seen is None else f"state {seen.state}"
    return Disagreement(_clause_of_state(expected, occasion), right, wrong)


def _clause_of_state(expected: Known, occasion: Occasion) -> str:
    if expected.state == GONE:
        forgotten = occasion.was.state == EXPIRED and not occasion.is_(Op.DELETE)
        return f"expiry.{expected.service}-session-deleted" if forgotten else deletion_clause(expected.service)
    if expected.state == EXPIRED:
        is_update = expected.service is Service.UPDATE
        return "expiry.update-session-deleted" if is_update else "expiry.download-session-ends"
    if expected.state == ACTIVE:
        return _clause_of_life(occasion)
    if occasion.was.state == ACTIVE or occasion.call is None:
        return _BY_STATE[expected.state]
    return _clause_of_death(occasion)


def _clause_of_death(occasion: Occasion) -> str:
    """What is broken if a session that had ended is in another state."""
    if occasion.keeps_alive:
        return BY_BODY if occasion.is_(Op.KEEP_ALIVE_BY_BODY) else "keep-alive.refused-changes-nothing"
    return "update.only-active" if occasion.is_(Op.UPDATE) else "life-cycle.only-active"


def _clause_of_life(occasion: Occasion) -> str:
    """What is broken if a session that should be ACTIVE is not."""
    if occasion.is_(Op.KEEP_ALIVE_BY_BODY):
        return BY_BODY
    if occasion.keeps_alive:
        return f"keep-alive.{'changes-nothing-else' if occasion.accepted else 'refused-changes-nothing'}"
    return "life-cycle.fail-needs-message" if occasion.is_(Op.FAIL) else "expiry.not-before-expiration-time"


def _clause_of_progress(seen: int, occasion: Occasion) -> str:
    was, call, kept = occasion.was.progress, occasion.call, occasion.keeps_alive
    reports = kept and call is not None and call.form in REPORTS
    return _first(
        (seen > 100, "model.progress-range"),
        (seen < 0, "model.progress-not-negative"),
        (occasion.is_(Op.KEEP_ALIVE_BY_BODY), BY_BODY),
        (kept and not occasion.accepted, "keep-alive.refused-changes-nothing"),
        (kept and not reports, "keep-alive.unspecified-progress-unchanged"),
        (reports and call is not None and was < call.progress <= 100, "keep-alive.stores-progress"),
        (occasion.elsewhere, "keep-alive.only-named-session"),
        (seen < was, "keep-alive.progress-never-goes-down"),
        (was == 0, "model.initial-progress"),
        (True, "keep-alive.stores-progress"),
    )


def _first(*cases: tuple[bool, str]) -> str:
    """The clause of the first case that applies."""
    return next(clause for applies, clause in cases if applies)


def _clause_of_warnings(seen: Warnings | None, occasion: Occasion) -> str:
    call = occasion.call
    # What was given is there, and more.
    has_more = call is not None and call.form is Form.WARNINGS and {*call.warnings} <= {*(seen or ())}
    return _first(
        (occasion.is_(Op.CREATE), "create.warning-behavior"),
        (occasion.keeps_alive and occasion.accepted, "keep-alive.changes-nothing-else"),
        (occasion.keeps_alive, "keep-alive.refused-changes-nothing"),
        (occasion.elsewhere, "keep-alive.only-named-session"),
        (call is None, "addressing.other-services-id"),  # nothing else is asked for without a look before
        (has_more, "update.list-replaced"),
        (True, "update.warning-behavior-takes-effect"),
    )


def _listed(warnings: Sequence[tuple[str, bool]] | None) -> str:
    if not warnings:
        return "no warning_behavior"
    return "warning_behavior " + ", ".join(f"{kind} {'ignored' if ignored else 'raised'}" for kind, ignored in warnings)


def stakes(occasion: Occasion, seen: Seen | None, at: float) -> list[str]:
    """The clauses that a look puts to the test beside the one that promised the answer."""
    if seen is None or occasion.was.state != ACTIVE:
        return []
    if occasion.call is None or occasion.is_(Op.CREATE):
        return ["keep-alive.only-named-session"] if occasion.elsewhere else []
    always = ["expiry.never-moves-back"]
    if seen.progress is not None:
        always.append("keep-alive.progress-never-goes-down")
    if not occasion.keeps_alive:
        return always
    if not occasion.accepted:
        return [*always, "keep-alive.refused-changes-nothing"]
    if occasion.is_(Op.KEEP_ALIVE_BY_BODY):
        return [*always, BY_BODY, "keep-alive.changes-nothing-else"]
    kept = [*always, "keep-alive.extends-by-timeout", "keep-alive.changes-nothing-else"]
    if at >= occasion.was.touched + DATES_APART:
        kept.append("keep-alive.extends-expiration")
    if occasion.call.form in (Form.NOTHING, Form.EMPTY) and seen.progress is not None:
        kept.append("keep-alive.unspecified-progress-unchanged")
    return kept
