"""Which progress a keep-alive may report, by plain calls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from contract_tests.mock import ApiError
from contract_tests.mock.domain.model import RULES

if TYPE_CHECKING:
    from contract_tests.contract.words import Service
    from contract_tests.mock import World

    from .speaker import ManualClock


def progress(world: World, service: Service, session: str) -> int:
    return world.sessions.get(service, session).client_progress


@pytest.mark.parametrize("value", [0, 1, 50, 100, 10.0])
def test_a_progress_within_limits_is_stored(world: World, service: Service, session: str, value: int) -> None:
    world.sessions.keep_alive(service, session, {RULES[service].progress_member: value})
    assert progress(world, service, session) == value
    assert type(progress(world, service, session)) is int


def test_an_equal_progress_is_accepted(world: World, service: Service, session: str) -> None:
    for _ in range(2):
        world.sessions.keep_alive(service, session, {RULES[service].progress_member: 40})
    assert progress(world, service, session) == 40


@pytest.mark.parametrize("body", [None, {}, "null member"])
def test_without_a_progress_it_stays(world: World, service: Service, session: str, body: Any) -> None:
    member = RULES[service].progress_member
    world.sessions.keep_alive(service, session, {member: 40})
    world.sessions.keep_alive(service, session, {member: None} if body == "null member" else body)
    assert progress(world, service, session) == 40


@pytest.mark.parametrize(
    "value",
    [39, -1, 101, 2**63 - 1, 2**63, -(2**63), -(2**63) - 1, 10**30, "50", "", True, False, 50.5, [], {}, 1e300],
)
def test_any_other_progress_is_refused_and_changes_nothing(
    world: World, clock: ManualClock, service: Service, session: str, value: Any
) -> None:
    member = RULES[service].progress_member
    world.sessions.keep_alive(service, session, {member: 40})
    before = world.sessions.get(service, session).expiration_time
    clock.advance(2)
    with pytest.raises(ApiError) as refusal:
        world.sessions.keep_alive(service, session, {member: value})
    assert refusal.value.error_type == "INVALID_ARGUMENT"
    assert refusal.value.data == {"primary": member, "secondary": []}
    assert progress(world, service, session) == 40
    assert world.sessions.get(service, session).expiration_time == before


@pytest.mark.parametrize("body", [[], "text", 1, True])
def test_a_body_that_is_no_object_is_refused(world: World, service: Service, session: str, body: Any) -> None:
    with pytest.raises(ApiError) as refusal:
        world.sessions.keep_alive(service, session, body)
    assert refusal.value.error_type == "INVALID_ARGUMENT"
    assert refusal.value.data is None


def test_the_other_services_member_is_a_stranger(world: World, service: Service, session: str) -> None:
    other = next(rules.progress_member for one, rules in RULES.items() if one is not service)
    with pytest.raises(ApiError) as refusal:
        world.sessions.keep_alive(service, session, {other: 40})
    assert refusal.value.error_type == "INVALID_ARGUMENT"
    assert other in refusal.value.messages[0].default_message
    assert progress(world, service, session) == 0


def test_a_session_is_looked_for_before_its_state_and_its_state_before_the_body(
    world: World, service: Service, session: str
) -> None:
    wrong = {"nonsense": 1}
    with pytest.raises(ApiError) as refusal:
        world.sessions.keep_alive(service, "nobody", wrong)
    assert refusal.value.error_type == "NOT_FOUND"
    world.sessions.cancel(service, session)
    with pytest.raises(ApiError) as refusal:
        world.sessions.keep_alive(service, session, wrong)
    assert refusal.value.error_type == "NOT_ALLOWED_IN_CURRENT_STATE"
