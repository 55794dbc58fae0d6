"""What time does to sessions, by plain calls."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from contract_tests.contract.words import Service
from contract_tests.mock import ApiError
from contract_tests.mock.domain.model import State

if TYPE_CHECKING:
    from contract_tests.mock import World

    from .speaker import ManualClock


def test_a_session_lives_five_minutes_at_first(
    world: World, clock: ManualClock, service: Service, session: str
) -> None:
    expiration = world.sessions.get(service, session).expiration_time
    assert expiration == clock.now() + timedelta(seconds=300)


def test_it_is_active_until_its_time_is_over(world: World, clock: ManualClock, service: Service, session: str) -> None:
    clock.advance(300)
    world.sessions.keep_alive(service, session)
    clock.advance(300)
    assert world.sessions.state_of(world.sessions.get(service, session)) is State.ACTIVE


def test_keep_alive_gives_it_another_lifetime_from_now(
    world: World, clock: ManualClock, service: Service, session: str
) -> None:
    clock.advance(2)
    world.sessions.keep_alive(service, session)
    expiration = world.sessions.get(service, session).expiration_time
    assert expiration == clock.now() + timedelta(seconds=300)


def test_its_end_never_comes_nearer(world: World, service: Service, session: str) -> None:
    one = world.sessions.get(service, session)
    one.expiration_time += timedelta(seconds=60)
    before = one.expiration_time
    world.sessions.keep_alive(service, session)
    assert one.expiration_time == before


def test_keep_alive_of_one_does_not_move_another(
    world: World, clock: ManualClock, item: str, session: str, service: Service
) -> None:
    other = world.sessions.create(Service.DOWNLOAD, "user", {"library_item_id": item})
    before = world.sessions.get(Service.DOWNLOAD, other).expiration_time
    clock.advance(2)
    world.sessions.keep_alive(service, session)
    assert world.sessions.get(Service.DOWNLOAD, other).expiration_time == before


def test_when_its_time_is_over_it_is_in_error_and_says_why(
    world: World, clock: ManualClock, service: Service, session: str
) -> None:
    clock.advance(300.001)
    one = world.sessions.get(service, session)
    assert world.sessions.state_of(one) is State.ERROR
    message = world.sessions.error_message_of(one)
    assert message is not None
    assert "expired" in message.default_message
    assert message.args == (session, "2026-01-02T03:09:05.678Z")


def test_an_expired_session_is_not_kept_alive_again(
    world: World, clock: ManualClock, service: Service, session: str
) -> None:
    clock.advance(301)
    with pytest.raises(ApiError) as refusal:
        world.sessions.keep_alive(service, session)
    assert refusal.value.error_type == "NOT_ALLOWED_IN_CURRENT_STATE"
    assert refusal.value.messages[0].params == {
        "session": {"s": session},
        "state": {"s": "ERROR"},
        "operation": {"s": "keep-alive"},
    }


@pytest.mark.parametrize("ending", ["none", "cancel", "fail"])
def test_a_while_later_it_is_gone_however_it_ended(
    world: World, clock: ManualClock, service: Service, session: str, ending: str
) -> None:
    if ending == "cancel":
        world.sessions.cancel(service, session)
    if ending == "fail":
        world.sessions.fail(service, session, {"client_error_message": "no"})
    clock.advance(305)
    assert world.sessions.list_ids(service, "user") == [session]
    world.sessions.get(service, session)
    clock.advance(0.001)
    assert world.sessions.list_ids(service, "user") == []
    with pytest.raises(ApiError) as refusal:
        world.sessions.get(service, session)
    assert refusal.value.error_type == "NOT_FOUND"


def test_reading_is_what_finds_an_overdue_session_gone(
    world: World, clock: ManualClock, service: Service, session: str
) -> None:
    clock.advance(306)
    with pytest.raises(ApiError):
        world.sessions.get(service, session)
    assert world.sessions.by_id == {}


def test_an_end_by_hand_is_not_mistaken_for_an_expiry(
    world: World, clock: ManualClock, service: Service, session: str
) -> None:
    world.sessions.cancel(service, session)
    clock.advance(301)
    one = world.sessions.get(service, session)
    assert world.sessions.state_of(one) is State.CANCELED
    assert world.sessions.error_message_of(one) is None


def test_an_expired_update_session_leaves_its_item_free(
    world: World, clock: ManualClock, item: str, update: str
) -> None:
    clock.advance(301)
    assert world.sessions.create(Service.UPDATE, "user", {"library_item_id": item}) != update
