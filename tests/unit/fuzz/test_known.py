"""What is known of a session, what is seen of it, and what is known then."""

from __future__ import annotations

from dataclasses import replace

import pytest

from contract_tests.contract import Service
from contract_tests.fuzz.histories.known import (
    ACTIVE,
    CANCELED,
    ERROR,
    EXPIRED,
    GONE,
    Known,
    Seen,
    adopted,
    possible,
    shows,
)

TIMEOUT = 300.0
ALIVE = Known(Service.UPDATE, progress=30, lives_until=300.0, over_by=310.0)
LIST = (("SELF_SIGNED_CERTIFICATE", True),)


@pytest.mark.parametrize(
    ("at", "states"),
    [
        (0.0, [ACTIVE]),
        (297.0, [ACTIVE]),
        (299.0, [ACTIVE, EXPIRED, GONE]),
        (311.0, [ACTIVE, EXPIRED, GONE]),
        (310.0 + 60 + 6 * TIMEOUT, [ACTIVE, EXPIRED, GONE]),
        (311.0 + 60 + 6 * TIMEOUT, [EXPIRED, GONE]),
    ],
)
def test_a_session_lives_as_promised_and_no_longer_than_somebody_names_it(at: float, states: list[str]) -> None:
    assert [one.state for one in possible(ALIVE, at, TIMEOUT)] == states


def test_an_ended_session_stays_for_a_moment() -> None:
    over = replace(ALIVE, state=CANCELED, touched=100.0)
    assert [one.state for one in possible(over, 102.0, TIMEOUT)] == [CANCELED]
    assert [one.state for one in possible(over, 103.0, TIMEOUT)] == [CANCELED, GONE]


@pytest.mark.parametrize("service", Service)
def test_an_expired_session_is_deleted_some_time(service: Service) -> None:
    expired = replace(ALIVE, service=service, state=EXPIRED)
    assert [one.state for one in possible(expired, 320.0, TIMEOUT)] == [EXPIRED, GONE]
    assert [one.state for one in possible(expired, 310.0 + 60 + 12 * TIMEOUT + 1, TIMEOUT)] == [GONE]


def test_warnings_that_were_shown_and_are_no_more_are_taken_for_lost() -> None:
    shown = replace(ALIVE, service=Service.UPDATE, warnings=(("KIND", True),), shows_warnings=True)
    seen = Seen(ACTIVE, 0, None, 600.0)
    assert adopted(shown, seen, 300.0, TIMEOUT).warnings == ()
    assert adopted(replace(shown, shows_warnings=False), seen, 300.0, TIMEOUT).warnings == shown.warnings


def test_what_is_gone_stays_so() -> None:
    gone = replace(ALIVE, state=GONE)
    assert possible(gone, 9e9, TIMEOUT) == [gone]


@pytest.mark.parametrize(
    ("state", "seen", "fits"),
    [
        (ACTIVE, Seen(ACTIVE, 30), True),
        (ACTIVE, Seen(ACTIVE, None), True),
        (ACTIVE, Seen(ACTIVE, 31), False),
        (ACTIVE, Seen(CANCELED, 30), False),
        (ACTIVE, None, False),
        (CANCELED, Seen(CANCELED, 0), True),
        (CANCELED, Seen(ACTIVE, 30), False),
        (EXPIRED, Seen(ERROR, 30), True),
        (EXPIRED, Seen(ACTIVE, 30), False),
        (EXPIRED, None, False),
        (GONE, None, True),
        (GONE, Seen(CANCELED, 30), False),
    ],
)
def test_a_read_fits_what_is_known_or_not(state: str, seen: Seen | None, *, fits: bool) -> None:
    assert shows(replace(ALIVE, state=state), seen) == fits


@pytest.mark.parametrize(
    ("warnings", "shown_before", "seen", "fits"),
    [
        (None, False, LIST, True),
        (LIST, False, LIST, True),
        (LIST, False, None, True),
        (LIST, True, None, False),
        (LIST, False, (), False),
        ((), True, None, True),
        ((), True, LIST, False),
    ],
)
def test_warnings_may_be_hidden_by_a_server_that_never_shows_any(
    *,
    warnings: tuple[tuple[str, bool], ...] | None,
    shown_before: bool,
    seen: tuple[tuple[str, bool], ...] | None,
    fits: bool,
) -> None:
    known = replace(ALIVE, warnings=warnings, shows_warnings=shown_before)
    assert shows(known, Seen(ACTIVE, 30, seen)) == fits


def test_what_is_seen_is_known_from_then_on() -> None:
    known = adopted(ALIVE, Seen(ACTIVE, 40, LIST, 500.0), 50.0, TIMEOUT)
    assert (known.state, known.progress, known.warnings, known.shows_warnings) == (ACTIVE, 40, LIST, True)
    assert (known.lives_until, known.over_by, known.touched) == (500.0, 500.0, 50.0)


def test_a_read_may_be_activity() -> None:
    assert adopted(ALIVE, Seen(ACTIVE, 30, None, 100.0), 50.0, TIMEOUT).over_by == 351.0


def test_what_is_not_shown_stays_known() -> None:
    known = adopted(replace(ALIVE, warnings=LIST), Seen(ACTIVE, None), 50.0, TIMEOUT)
    assert (known.progress, known.warnings, known.lives_until) == (30, LIST, 300.0)


@pytest.mark.parametrize(
    ("before", "seen", "state"),
    [
        (ACTIVE, Seen(CANCELED, 30), CANCELED),
        (EXPIRED, Seen(ERROR, 30), EXPIRED),
        (EXPIRED, Seen(ACTIVE, 30), ACTIVE),
        (CANCELED, None, GONE),
    ],
)
def test_the_state_that_is_seen_is_known(before: str, seen: Seen | None, state: str) -> None:
    assert adopted(replace(ALIVE, state=before), seen, 50.0, TIMEOUT).state == state
