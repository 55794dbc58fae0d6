"""Files of sessions, by plain calls."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import pytest

from contract_tests.contract.words import Service
from contract_tests.mock import ApiError
from contract_tests.mock.domain.content import NOTHING, Content
from contract_tests.mock.domain.model import State

if TYPE_CHECKING:
    from collections.abc import Callable

    from contract_tests.mock import World

    from .speaker import ManualClock

LATE = Content.of(b"late")
SPEC = {"name": "a.iso", "source_type": "PUSH"}


def refused(call: Callable[..., object], *args: Any) -> str:
    with pytest.raises(ApiError) as refusal:
        call(*args)
    return refusal.value.error_type


def upload(world: World, update: str, content: bytes = b"hello", **more: Any) -> None:
    file = world.uploads.add(update, SPEC | more)
    world.uploads.receive(file.key, file.name, Content.of(content))


def names(world: World, item: str) -> list[str]:
    return sorted(world.libraries.item(item).files)


@pytest.fixture
def published(world: World, item: str, update: str) -> str:
    """An item with a file."""
    upload(world, update)
    world.sessions.complete(update)
    return item


def test_others_see_a_file_when_the_session_is_completed(world: World, item: str, update: str) -> None:
    upload(world, update)
    assert names(world, item) == []
    world.sessions.complete(update)
    assert names(world, item) == ["a.iso"]
    assert world.libraries.item(item).content_version == 2


def test_completing_without_files_changes_no_version(world: World, item: str, update: str) -> None:
    world.sessions.complete(update)
    assert world.sessions.get(Service.UPDATE, update).state is State.DONE
    assert world.libraries.item(item).content_version == 1


def test_a_cancelled_session_leaves_the_item_alone(world: World, item: str, update: str) -> None:
    upload(world, update)
    world.sessions.cancel(Service.UPDATE, update)
    assert names(world, item) == []


def test_completing_names_the_files_that_were_not_received(world: World, update: str) -> None:
    upload(world, update)
    world.uploads.add(update, SPEC | {"name": "b.iso"})
    with pytest.raises(ApiError) as refusal:
        world.sessions.complete(update)
    assert refusal.value.error_type == "NOT_ALLOWED_IN_CURRENT_STATE"
    assert [one.args for one in refusal.value.messages] == [("b.iso", "WAITING")]
    assert refusal.value.messages[0].id == "com.vmware.vdcs.cls-main.update_session_file_not_received"
    assert world.sessions.get(Service.UPDATE, update).state is State.ACTIVE


@pytest.mark.parametrize(
    ("announced", "fits"),
    [
        ({"size": 5}, True),
        ({"size": 5.0}, True),
        ({"size": None, "checksum_info": None}, True),
        ({"checksum_info": {"checksum": hashlib.sha1(b"hello").hexdigest()}}, True),
        ({"checksum_info": {"algorithm": "MD5", "checksum": hashlib.md5(b"hello").hexdigest().upper()}}, True),
        ({"size": 6}, False),
        ({"checksum_info": {"algorithm": "SHA256", "checksum": "00"}}, False),
    ],
)
def test_content_has_to_be_as_announced(world: World, update: str, announced: dict[str, Any], *, fits: bool) -> None:
    upload(world, update, **announced)
    shown = world.views.upload(world.uploads.get(update, "a.iso"), "http://x")
    assert shown["status"] == ("READY" if fits else "ERROR")
    assert shown.get("size") == (5 if fits else None)
    session = world.views.session(world.sessions.get(Service.UPDATE, update))
    assert session["state"] == ("ACTIVE" if fits else "ERROR")
    assert session.get("error_message") == shown.get("error_message")
    assert ("error_message" in shown) is not fits
    if not fits:
        assert refused(world.sessions.complete, update) == "NOT_ALLOWED_IN_CURRENT_STATE"


def test_a_file_that_is_announced_again_begins_anew(world: World, update: str) -> None:
    upload(world, update)
    old = world.uploads.get(update, "a.iso").key
    world.uploads.add(update, SPEC)
    assert [one.status for one in world.uploads.list_files(update)] == ["WAITING_FOR_TRANSFER"]
    assert refused(world.uploads.receive, old, "a.iso", LATE) == "NOT_FOUND"


@pytest.mark.parametrize(
    ("spec", "error_type"),
    [
        (None, "INVALID_ARGUMENT"),
        ({"name": "a"}, "INVALID_ARGUMENT"),
        ({"name": "", "source_type": "PUSH"}, "INVALID_ARGUMENT"),
        (SPEC | {"size": -1}, "INVALID_ARGUMENT"),
        (SPEC | {"source_type": "NONE"}, "INVALID_ARGUMENT"),
    ],
)
def test_a_wrong_announcement_is_refused(world: World, update: str, spec: Any, error_type: str) -> None:
    assert refused(world.uploads.add, update, spec) == error_type


def test_an_ended_session_takes_no_files(world: World, update: str) -> None:
    file = world.uploads.add(update, SPEC)
    world.sessions.cancel(Service.UPDATE, update)
    state_error = "NOT_ALLOWED_IN_CURRENT_STATE"
    assert refused(world.uploads.add, update, SPEC) == state_error
    assert refused(world.uploads.remove, update, "a.iso") == state_error
    assert refused(world.uploads.validate, update) == state_error
    assert refused(world.uploads.receive, file.key, file.name, LATE) == state_error
    assert world.uploads.get(update, "a.iso") is file


def test_unknown_files_and_addresses_are_not_found(world: World, update: str) -> None:
    file = world.uploads.add(update, SPEC)
    assert refused(world.uploads.get, update, "b.iso") == "NOT_FOUND"
    assert refused(world.uploads.remove, update, "b.iso") == "NOT_FOUND"
    assert refused(world.uploads.receive, "key", file.name, NOTHING) == "NOT_FOUND"
    assert refused(world.uploads.receive, file.key, "b.iso", NOTHING) == "NOT_FOUND"


def test_a_removed_upload_is_not_waited_for(world: World, item: str, update: str) -> None:
    file = world.uploads.add(update, SPEC)
    world.uploads.remove(update, "a.iso")
    assert refused(world.uploads.receive, file.key, file.name, NOTHING) == "NOT_FOUND"
    world.sessions.complete(update)
    assert names(world, item) == []


def test_a_file_of_the_item_is_removed_at_completion(world: World, published: str) -> None:
    update = world.sessions.create(Service.UPDATE, "user", {"library_item_id": published})
    assert world.sessions.get(Service.UPDATE, update).content_version == "2"
    world.uploads.remove(update, "a.iso")
    assert names(world, published) == ["a.iso"]
    world.sessions.complete(update)
    assert names(world, published) == []
    assert world.libraries.item(published).content_version == 3


def test_a_session_lists_what_it_leaves_as_it_is_too(world: World, published: str) -> None:
    update = world.sessions.create(Service.UPDATE, "user", {"library_item_id": published})
    (shown,) = (world.views.upload(one, "http://x") for one in world.uploads.list_files(update))
    assert shown == {
        "name": "a.iso",
        "source_type": "NONE",
        "status": "READY",
        "bytes_transferred": 5,
        "size": 5,
        "keep_in_storage": True,
    }
    assert world.uploads.get(update, "a.iso").source == "NONE"
    world.uploads.add(update, SPEC | {"name": "b.iso"})
    assert {one.name: one.source for one in world.uploads.list_files(update)} == {"a.iso": "NONE", "b.iso": "PUSH"}
    world.uploads.add(update, SPEC)
    assert [one.source for one in world.uploads.list_files(update)] == ["PUSH", "PUSH"]
    world.uploads.remove(update, "a.iso")
    world.uploads.remove(update, "a.iso")
    assert [one.name for one in world.uploads.list_files(update)] == ["b.iso"]
    assert refused(world.uploads.get, update, "a.iso") == "NOT_FOUND"


# Downloads


def test_a_link_works_while_its_session_lives(world: World, published: str) -> None:
    session = world.sessions.create(Service.DOWNLOAD, "user", {"library_item_id": published})
    assert [one.key for one in world.downloads.list_files(session)] == [None]
    file = world.downloads.prepare(session, {"file_name": "a.iso", "endpoint_protocol": "HTTPS"})
    assert file.key is not None
    assert world.downloads.prepare(session, {"file_name": "a.iso"}).key == file.key
    assert bytes(world.downloads.send(file.key, "a.iso")) == b"hello"
    assert world.views.download(world.downloads.get(session, "a.iso"), "http://x") == {
        "name": "a.iso",
        "status": "PREPARED",
        "bytes_transferred": 5,
        "size": 5,
        "download_endpoint": {"uri": f"http://x/cls/download/{file.key}/a.iso"},
    }
    world.sessions.cancel(Service.DOWNLOAD, session)
    assert refused(world.downloads.send, file.key, "a.iso") == "NOT_FOUND"
    world.sessions.delete(Service.DOWNLOAD, session)
    assert refused(world.downloads.send, file.key, "a.iso") == "NOT_FOUND"


def test_a_link_ends_with_the_lifetime(world: World, clock: ManualClock, published: str) -> None:
    session = world.sessions.create(Service.DOWNLOAD, "user", {"library_item_id": published})
    key = str(world.downloads.prepare(session, {"file_name": "a.iso"}).key)
    clock.advance(301)
    assert refused(world.downloads.send, key, "a.iso") == "NOT_FOUND"


def test_only_an_active_session_prepares_and_only_what_there_is(world: World, published: str) -> None:
    session = world.sessions.create(Service.DOWNLOAD, "user", {"library_item_id": published})
    assert refused(world.downloads.prepare, session, {"file_name": "b.iso"}) == "NOT_FOUND"
    assert refused(world.downloads.prepare, session, {}) == "INVALID_ARGUMENT"
    assert refused(world.downloads.get, session, "b.iso") == "NOT_FOUND"
    assert refused(world.downloads.send, "key", "a.iso") == "NOT_FOUND"
    world.sessions.cancel(Service.DOWNLOAD, session)
    assert refused(world.downloads.prepare, session, {"file_name": "a.iso"}) == "NOT_ALLOWED_IN_CURRENT_STATE"
    shown = world.views.download(world.downloads.get(session, "a.iso"), "http://x")
    assert shown["status"] == "UNPREPARED"
    assert "download_endpoint" not in shown


def test_a_lease_keeps_the_content_it_was_made_for(world: World, published: str) -> None:
    session = world.sessions.create(Service.DOWNLOAD, "user", {"library_item_id": published})
    update = world.sessions.create(Service.UPDATE, "user", {"library_item_id": published})
    upload(world, update, b"changed", checksum_info={"checksum": hashlib.sha1(b"changed").hexdigest()})
    world.sessions.complete(update)
    key = str(world.downloads.prepare(session, {"file_name": "a.iso"}).key)
    assert bytes(world.downloads.send(key, "a.iso")) == b"hello"
    later = world.sessions.create(Service.DOWNLOAD, "user", {"library_item_id": published})
    assert "checksum_info" in world.views.download(world.downloads.get(later, "a.iso"), "http://x")
