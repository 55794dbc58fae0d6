"""A keep-alive in a form that a server need not take."""

from __future__ import annotations

from typing import Any

import pytest

from contract_tests.rules.checks.honoured import honoured, honoured_or_refused, kept_alive, not_served

from .exchanges import answered, error, session

BEFORE = session(client_progress=0)
LATER = "2026-03-01T12:06:00.000Z"
KEPT = session(client_progress=10, expiration_time=LATER)


@pytest.mark.parametrize(
    ("status", "after", "flaws"), [(204, KEPT, 0), (200, KEPT, 1), (204, BEFORE, 1), (404, BEFORE, 2)]
)
def test_what_is_honoured_shows(status: int, after: Any, flaws: int) -> None:
    assert len(honoured(answered(status), after, 10)) == flaws


@pytest.mark.parametrize(
    ("status", "after", "flaws"),
    [
        (204, KEPT, 0),
        (400, KEPT, 1),
        (204, session(client_progress=10), 0),
        (204, session(client_progress=0, expiration_time=LATER), 0),
        (204, session(client_progress=None, expiration_time=LATER), 0),
        (204, BEFORE, 1),
        (204, error(404), 1),
    ],
)
def test_what_is_kept_alive_shows_it_in_either_way(status: int, after: Any, flaws: int) -> None:
    assert len(kept_alive(answered(status), BEFORE, after, 10)) == flaws


@pytest.mark.parametrize(
    ("kept", "after", "holds"),
    [
        (answered(204), KEPT, True),
        (answered(204), BEFORE, False),
        (error(400), BEFORE, True),
        (error(415), session(client_progress=0, expiration_time=LATER), True),
        (error(415), KEPT, False),
        (error(403), BEFORE, False),
        (error(500), BEFORE, False),
        (answered(None), BEFORE, False),
        (answered(302), BEFORE, False),
    ],
)
def test_it_is_honoured_or_refused(kept: Any, after: Any, *, holds: bool) -> None:
    assert (not honoured_or_refused(kept, BEFORE, after, 10, 400, 415)) is holds


def test_any_refusal_will_do_if_none_is_named() -> None:
    assert not honoured_or_refused(error(409), BEFORE, BEFORE, 10)
    assert honoured_or_refused(error(500), BEFORE, BEFORE, 10)


@pytest.mark.parametrize(
    ("status", "holds"), [(200, False), (204, False), (302, False), (404, True), (500, True), (None, True)]
)
def test_what_is_no_operation_is_not_served(status: int | None, *, holds: bool) -> None:
    assert (not not_served(answered(status))) is holds
