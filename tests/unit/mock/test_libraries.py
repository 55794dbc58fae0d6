"""Libraries, items and who may come in, by plain calls."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import pytest

from contract_tests.mock import ApiError
from contract_tests.mock.domain.model import LibraryType

from .speaker import BACKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from contract_tests.mock import World

    from .speaker import ManualClock

LIBRARY = {"name": "l", "type": "LOCAL", "storage_backings": [BACKING]}


def refused(call: Callable[..., object], *args: Any) -> str:
    with pytest.raises(ApiError) as refusal:
        call(*args)
    return refusal.value.error_type


@pytest.mark.parametrize(
    ("spec", "error_type"),
    [
        (None, "INVALID_ARGUMENT"),
        ({}, "INVALID_ARGUMENT"),
        (LIBRARY | {"name": ""}, "INVALID_ARGUMENT"),
        (LIBRARY | {"type": "SUBSCRIBED"}, "INVALID_ARGUMENT"),
        (LIBRARY | {"storage_backings": []}, "INVALID_ARGUMENT"),
        (LIBRARY | {"storage_backings": [BACKING | {"datastore_id": "no"}]}, "INVALID_ARGUMENT"),
        (LIBRARY | {"storage_backings": [BACKING, BACKING]}, "UNSUPPORTED"),
    ],
)
def test_a_wrong_library_is_refused(world: World, spec: Any, error_type: str) -> None:
    assert refused(world.libraries.create_library, "user", spec) == error_type
    assert world.libraries.library_ids() == []


def test_creation_with_a_token_happens_once(world: World) -> None:
    token = str(uuid.uuid4())
    first = world.libraries.create_library("user", LIBRARY, token)
    assert world.libraries.create_library("user", LIBRARY, token) == first
    spec = {"library_id": first, "name": "i"}
    assert world.libraries.create_item("user", spec, token) == world.libraries.create_item("user", spec, token)
    world.delete_library(first)
    assert world.libraries.create_library("user", LIBRARY, token) != first


def test_names_of_items_are_taken_once_in_a_library(world: World) -> None:
    first, second = (world.libraries.create_library("user", LIBRARY) for _ in range(2))
    world.libraries.create_item("user", {"library_id": first, "name": "i"})
    same = {"library_id": first, "name": "i"}
    assert refused(world.libraries.create_item, "user", same) == "ALREADY_EXISTS"
    assert world.libraries.create_item("user", {"library_id": second, "name": "i"})


@pytest.mark.parametrize(
    ("spec", "error_type"),
    [
        ({"name": "i"}, "INVALID_ARGUMENT"),
        ({"library_id": "no", "name": "i"}, "NOT_FOUND"),
        ({"library_id": "no", "name": "x" * 81}, "INVALID_ARGUMENT"),
    ],
)
def test_a_wrong_item_is_refused(world: World, spec: Any, error_type: str) -> None:
    assert refused(world.libraries.create_item, "user", spec) == error_type


def test_a_subscribed_library_is_not_changed_here(world: World) -> None:
    library = world.libraries.add_library("theirs", "", LibraryType.SUBSCRIBED)
    item = world.libraries.add_item(library.id, "i")
    spec = {"library_id": library.id, "name": "mine"}
    assert refused(world.libraries.create_item, "user", spec) == "INVALID_ELEMENT_TYPE"
    assert refused(world.delete_item, item.id) == "INVALID_ELEMENT_TYPE"
    assert refused(world.delete_local_library, library.id) == "INVALID_ELEMENT_TYPE"
    assert refused(world.libraries.update_local_library, library.id, {"name": "mine"}) == "INVALID_ELEMENT_TYPE"
    assert refused(world.libraries.update_item, item.id, {"name": "mine"}) == "INVALID_ELEMENT_TYPE"
    assert world.libraries.library_ids([LibraryType.LOCAL]) == []
    assert world.libraries.library_ids() == [library.id]
    world.libraries.update_library(library.id, {"name": "mine"})
    assert library.name == "mine"


def test_what_does_not_exist_is_not_found(world: World) -> None:
    assert refused(world.delete_library, "no") == "NOT_FOUND"
    assert refused(world.delete_local_library, "no") == "NOT_FOUND"
    assert refused(world.delete_item, "no") == "NOT_FOUND"
    assert refused(world.libraries.item_ids, "no") == "NOT_FOUND"


def test_datastores_are_filtered(world: World) -> None:
    assert len(world.libraries.datastores({})) == 1
    assert len(world.libraries.datastores({"types": ["VMFS"], "names": ["mock-datastore"]})) == 1
    assert world.libraries.datastores({"types": ["NFS"]}) == []


# Access


def test_a_token_is_good_until_it_is_logged_out(world: World, clock: ManualClock) -> None:
    token = world.access.log_in("user", "pass")
    clock.advance(10_000)
    login = world.access.require(token)
    assert login.user == "user"
    assert (login.last_accessed - login.created).total_seconds() == 10_000
    world.access.log_out(token)
    assert refused(world.access.require, token) == "UNAUTHENTICATED"


@pytest.mark.parametrize(("name", "password"), [("user", "wrong"), ("nobody", "pass"), ("", ""), ("user", "päss")])
def test_others_do_not_come_in(world: World, name: str, password: str) -> None:
    assert refused(world.access.log_in, name, password) == "UNAUTHENTICATED"


@pytest.mark.parametrize("token", [None, "", "made up"])
def test_a_token_that_nobody_got_is_refused(world: World, token: str | None) -> None:
    assert refused(world.access.require, token) == "UNAUTHENTICATED"


def test_a_privilege_is_asked_of_who_does_not_have_all(world: World) -> None:
    world.access.require_privilege("user", "ContentLibrary.UpdateSession")
    assert refused(world.access.require_privilege, "reader", "ContentLibrary.UpdateSession") == "UNAUTHORIZED"
