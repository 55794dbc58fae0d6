"""How long a login is good, and how many there are."""

from __future__ import annotations

import pytest

from contract_tests.contract.words import Dialect
from contract_tests.mock import ApiError, MockSettings, World
from contract_tests.mock.domain import access

from .speaker import ManualClock, Speaker


def logged_in(clock: ManualClock, timeout: float | None) -> tuple[World, str]:
    world = World(clock, MockSettings(login_timeout=timeout))
    return world, world.access.log_in("user", "pass")


def refused(world: World, token: str) -> bool:
    try:
        world.access.require(token)
    except ApiError as refusal:
        return refusal.error_type == "UNAUTHENTICATED"
    return False


def test_a_login_ends_when_it_is_not_used(clock: ManualClock) -> None:
    world, token = logged_in(clock, 1800)
    clock.advance(1801)
    assert refused(world, token)
    assert not refused(world, world.access.log_in("user", "pass"))


def test_every_request_lets_it_live_on(clock: ManualClock) -> None:
    world, token = logged_in(clock, 1800)
    for _ in range(3):
        clock.advance(1800)
        assert not refused(world, token)


def test_without_a_timeout_it_lives_for_ever(clock: ManualClock) -> None:
    world, token = logged_in(clock, None)
    clock.advance(30 * 86_400)
    assert not refused(world, token)


def test_a_login_ends_in_the_end_however_much_it_is_used(clock: ManualClock) -> None:
    world = World(clock, MockSettings(login_timeout=60, login_lifetime=100))
    token = world.access.log_in("user", "pass")
    for seconds in (50, 50):
        clock.advance(seconds)
        assert not refused(world, token)
    clock.advance(1)
    assert refused(world, token)
    assert not refused(world, world.access.log_in("user", "pass"))


def test_what_has_ended_is_kept_no_longer(clock: ManualClock) -> None:
    world, _ = logged_in(clock, 1800)
    for _ in range(5):
        clock.advance(1801)
        world.access.log_in("user", "pass")
    assert len(world.access._logins) == 1


def test_of_too_many_the_one_that_was_used_last_longest_ago_ends(
    clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access, "MOST_LOGINS", 3)
    world, first = logged_in(clock, None)
    second, _third = (world.access.log_in("user", "pass") for _ in range(2))
    world.access.require(first)
    world.access.log_in("user", "pass")
    assert (refused(world, first), refused(world, second)) == (False, True)
    assert len(world.access._logins) == 3


@pytest.mark.parametrize("dialect", list(Dialect))
def test_over_the_wire_it_is_401(dialect: Dialect) -> None:
    speaker = Speaker(dialect, settings=MockSettings(login_timeout=60))
    assert speaker.http.get(speaker.path("/content/local-library")).status_code == 200
    speaker.clock.advance(61)
    speaker.refused(speaker.http.get(speaker.path("/content/local-library")), 401, "UNAUTHENTICATED")
