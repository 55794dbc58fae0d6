"""The life of sessions, by plain calls."""

from __future__ import annotations

import re
import uuid
from typing import TYPE_CHECKING, Any

import pytest

from contract_tests.contract.words import Service
from contract_tests.mock import ApiError
from contract_tests.mock.domain.model import LibraryType, State

if TYPE_CHECKING:
    from collections.abc import Callable

    from contract_tests.mock import World


def refused(call: Callable[..., object], *args: Any) -> str:
    with pytest.raises(ApiError) as refusal:
        call(*args)
    return refusal.value.error_type


def state(world: World, service: Service, session: str) -> State:
    return world.sessions.state_of(world.sessions.get(service, session))


def end(world: World, service: Service, session: str, ending: State) -> None:
    if ending is State.CANCELED:
        world.sessions.cancel(service, session)
    elif ending is State.ERROR:
        world.sessions.fail(service, session, {"client_error_message": "why"})
    else:
        world.sessions.complete(session)


ENDINGS = [
    (Service.UPDATE, State.DONE),
    (Service.UPDATE, State.CANCELED),
    (Service.UPDATE, State.ERROR),
    (Service.DOWNLOAD, State.CANCELED),
    (Service.DOWNLOAD, State.ERROR),
]


# Creation


def test_a_new_session_is_active_without_progress(world: World, item: str, service: Service, session: str) -> None:
    one = world.sessions.get(service, session)
    assert (one.state, one.client_progress, one.item_id) == (State.ACTIVE, 0, item)
    assert one.content_version == "1"
    assert re.fullmatch(r"[0-9a-f-]{36}:[0-9a-f-]{36}", session)


def test_creation_does_not_use_what_is_not_for_it(world: World, item: str, service: Service) -> None:
    spec = {
        "id": "mine",
        "library_item_id": item,
        "library_item_content_version": "7",
        "client_progress": 50,
        "state": "CANCELED",
        "expiration_time": "2015-01-01T22:13:05.651Z",
    }
    one = world.sessions.get(service, world.sessions.create(service, "user", spec))
    assert (one.state, one.client_progress, one.content_version) == (State.ACTIVE, 0, "1")
    assert one.id != "mine"


@pytest.mark.parametrize("spec", [None, [], "x", {}, {"library_item_id": None}, {"library_item_id": 1}])
def test_a_session_needs_an_item(world: World, service: Service, spec: Any) -> None:
    assert refused(world.sessions.create, service, "user", spec) == "INVALID_ARGUMENT"


def test_a_session_needs_an_item_that_exists(world: World, service: Service) -> None:
    assert refused(world.sessions.create, service, "user", {"library_item_id": "no"}) == "NOT_FOUND"


def test_an_item_has_one_active_update_session(world: World, item: str, update: str) -> None:
    spec = {"library_item_id": item}
    assert refused(world.sessions.create, Service.UPDATE, "user", spec) == "RESOURCE_BUSY"
    world.sessions.cancel(Service.UPDATE, update)
    assert world.sessions.create(Service.UPDATE, "user", spec) != update


def test_an_item_has_any_number_of_download_sessions(world: World, item: str) -> None:
    made = {world.sessions.create(Service.DOWNLOAD, "user", {"library_item_id": item}) for _ in range(3)}
    assert len(made) == 3
    assert world.sessions.create(Service.UPDATE, "user", {"library_item_id": item})


def test_an_item_of_a_subscribed_library_is_downloaded_only(world: World) -> None:
    library = world.libraries.add_library("theirs", "", LibraryType.SUBSCRIBED)
    item = world.libraries.add_item(library.id, "item")
    spec = {"library_item_id": item.id}
    assert refused(world.sessions.create, Service.UPDATE, "user", spec) == "INVALID_ELEMENT_TYPE"
    assert world.sessions.create(Service.DOWNLOAD, "user", spec)


def test_the_same_token_makes_one_session_for_one_user(world: World, item: str) -> None:
    token, spec = str(uuid.uuid4()), {"library_item_id": item}
    create = world.sessions.create
    first = create(Service.DOWNLOAD, "user", spec, token)
    assert create(Service.DOWNLOAD, "user", spec, token.upper()) == first
    assert create(Service.DOWNLOAD, "other", spec, token) != first
    assert create(Service.UPDATE, "user", spec, token) != first
    assert create(Service.DOWNLOAD, "user", spec) != first


def test_a_token_whose_session_is_gone_makes_a_new_one(world: World, item: str) -> None:
    token, spec = str(uuid.uuid4()), {"library_item_id": item}
    first = world.sessions.create(Service.DOWNLOAD, "user", spec, token)
    world.sessions.delete(Service.DOWNLOAD, first)
    assert world.sessions.create(Service.DOWNLOAD, "user", spec, token) != first


@pytest.mark.parametrize("token", ["", "no-uuid", "{b8a2a2e3-2314-43cd-a871-6ede0f429751}", "b8a2a2e3" * 4, 7])
def test_a_token_is_a_uuid(world: World, item: str, service: Service, token: Any) -> None:
    spec = {"library_item_id": item}
    assert refused(world.sessions.create, service, "user", spec, token) == "INVALID_ARGUMENT"


# Reading


def test_a_session_of_the_other_service_does_not_exist(world: World, service: Service, session: str) -> None:
    other = Service.DOWNLOAD if service is Service.UPDATE else Service.UPDATE
    assert refused(world.sessions.get, other, session) == "NOT_FOUND"
    assert refused(world.sessions.keep_alive, other, session) == "NOT_FOUND"
    assert refused(world.sessions.delete, other, session) == "NOT_FOUND"


def test_a_list_has_the_users_sessions_of_the_service_and_item(world: World, item: str) -> None:
    library = world.libraries.item(item).library_id
    second = world.libraries.create_item("user", {"library_id": library, "name": "second"})
    create = world.sessions.create
    mine = create(Service.DOWNLOAD, "user", {"library_item_id": item})
    elsewhere = create(Service.DOWNLOAD, "user", {"library_item_id": second})
    create(Service.DOWNLOAD, "other", {"library_item_id": item})
    create(Service.UPDATE, "user", {"library_item_id": item})
    assert world.sessions.list_ids(Service.DOWNLOAD, "user") == [mine, elsewhere]
    assert world.sessions.list_ids(Service.DOWNLOAD, "user", second) == [elsewhere]
    assert refused(world.sessions.list_ids, Service.DOWNLOAD, "user", "no") == "NOT_FOUND"


# Endings


@pytest.mark.parametrize(("service", "ending"), ENDINGS)
def test_an_ended_session_stays_as_it_ended(world: World, service: Service, session: str, ending: State) -> None:
    end(world, service, session, ending)
    sessions = world.sessions
    assert state(world, service, session) is ending
    reason = {"client_error_message": "again"}
    assert refused(sessions.keep_alive, service, session) == "NOT_ALLOWED_IN_CURRENT_STATE"
    assert refused(sessions.cancel, service, session) == "NOT_ALLOWED_IN_CURRENT_STATE"
    assert refused(sessions.fail, service, session, reason) == "NOT_ALLOWED_IN_CURRENT_STATE"
    if service is Service.UPDATE:
        assert refused(sessions.complete, session) == "NOT_ALLOWED_IN_CURRENT_STATE"
        assert refused(sessions.update, session, {}) == "NOT_ALLOWED_IN_CURRENT_STATE"
    assert state(world, service, session) is ending
    sessions.delete(service, session)
    assert refused(sessions.get, service, session) == "NOT_FOUND"


def test_a_failed_session_tells_what_the_client_said(world: World, service: Service, session: str) -> None:
    world.sessions.fail(service, session, {"client_error_message": "disk full"})
    message = world.sessions.error_message_of(world.sessions.get(service, session))
    assert message is not None
    assert message.args == ("disk full",)


@pytest.mark.parametrize("body", [None, {}, {"client_error_message": None}, {"client_error_message": 1}, []])
def test_to_fail_needs_a_reason(world: World, service: Service, session: str, body: Any) -> None:
    assert refused(world.sessions.fail, service, session, body) == "INVALID_ARGUMENT"
    assert state(world, service, session) is State.ACTIVE


def test_an_active_update_session_is_not_deleted(world: World, update: str) -> None:
    assert refused(world.sessions.delete, Service.UPDATE, update) == "NOT_ALLOWED_IN_CURRENT_STATE"
    assert state(world, Service.UPDATE, update) is State.ACTIVE


def test_an_active_download_session_is_deleted(world: World, item: str) -> None:
    session = world.sessions.create(Service.DOWNLOAD, "user", {"library_item_id": item})
    world.sessions.delete(Service.DOWNLOAD, session)
    assert world.sessions.list_ids(Service.DOWNLOAD, "user") == []


def test_sessions_go_with_their_item_and_with_its_library(world: World, item: str, service: Service) -> None:
    library = world.libraries.item(item).library_id
    kept = world.libraries.create_item("user", {"library_id": library, "name": "kept"})
    first = world.sessions.create(service, "user", {"library_item_id": item})
    second = world.sessions.create(service, "user", {"library_item_id": kept})
    world.delete_item(item)
    assert refused(world.sessions.get, service, first) == "NOT_FOUND"
    assert world.sessions.list_ids(service, "user") == [second]
    world.delete_library(library)
    assert refused(world.sessions.get, service, second) == "NOT_FOUND"
    assert refused(world.libraries.item, kept) == "NOT_FOUND"
