"""The official Python SDK over TLS: its typed bindings see what they were generated for."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from contract_tests.mock import CONTROL_HEADER, CONTROL_KEY, DEFAULT_USER, MockServer

from .conftest import NEEDS_SDK, logged_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import SimpleNamespace

pytestmark = NEEDS_SDK


def new_library(sdk: SimpleNamespace, client: Any) -> str:
    backing = sdk.library.StorageBacking(type=sdk.library.StorageBacking.Type.DATASTORE, datastore_id="datastore-11")
    local = sdk.content.LibraryModel.LibraryType.LOCAL
    model = sdk.content.LibraryModel(name="library", type=local, storage_backings=[backing])
    return str(client.content.LocalLibrary.create(model))


@pytest.fixture
def item(sdk: SimpleNamespace, client: Any) -> str:
    library = new_library(sdk, client)
    return str(client.content.library.Item.create(sdk.library.ItemModel(name="item", library_id=library)))


def new_update(sdk: SimpleNamespace, client: Any, item: str) -> str:
    model = sdk.item.UpdateSessionModel(library_item_id=item)
    return str(client.content.library.item.UpdateSession.create(model))


def announced(sdk: SimpleNamespace, client: Any, session: str, **said: Any) -> Any:
    """A file of an update session, which the client is to push."""
    files = client.content.library.item.updatesession.File
    push = sdk.uploads.File.SourceType.PUSH
    return files.add(session, sdk.uploads.File.AddSpec(name="a.txt", source_type=push, **said))


def is_soon(moment: datetime, seconds: float) -> bool:
    """Whether a time of the SDK's, which is in UTC and does not say so, is that far away."""
    return abs(moment.replace(tzinfo=UTC) - datetime.now(UTC) - timedelta(seconds=seconds)) < timedelta(seconds=60)


def test_who_is_logged_in(sdk: SimpleNamespace, server: MockServer, client: Any, tmp_path: Path) -> None:
    shown = client.session_svc.get()
    assert shown.user == DEFAULT_USER.name
    assert is_soon(shown.created_time, 0)
    with logged_in(sdk, server, tmp_path, session_id=client.get_session_id()) as another:
        assert another.session_svc.get().user == DEFAULT_USER.name
    # Leaving it has logged out.
    with pytest.raises(sdk.errors.Unauthenticated) as refusal:
        client.content.LocalLibrary.list()
    assert refusal.value.challenge
    assert refusal.value.error_type == sdk.errors.Error.Type.UNAUTHENTICATED
    wrong = {"username": DEFAULT_USER.name, "password": "wrong"}
    with pytest.raises(sdk.errors.Unauthenticated), logged_in(sdk, server, tmp_path, **wrong):
        pass


def test_libraries_and_items(sdk: SimpleNamespace, client: Any) -> None:
    local, library_service, items = client.content.LocalLibrary, client.content.Library, client.content.library.Item
    library = new_library(sdk, client)
    assert local.list() == library_service.list() == [library]
    local.update(library, sdk.content.LibraryModel(description="described"))
    shown = library_service.get(library)
    assert (shown.name, shown.description) == ("library", "described")
    assert shown.type == sdk.content.LibraryModel.LibraryType.LOCAL
    assert shown.storage_backings[0].type == sdk.library.StorageBacking.Type.DATASTORE
    assert is_soon(shown.creation_time, 0)
    assert library_service.find(sdk.content.Library.FindSpec(name="library")) == [library]
    model = sdk.library.ItemModel(name="item", library_id=library)
    token = "0e9f2a3c-59a4-4c7e-9a55-2f3f9a1f0a11"
    item = items.create(model, client_token=token)
    assert items.create(model, client_token=token) == item
    assert items.list(library) == items.find(sdk.library.Item.FindSpec(name="item")) == [item]
    items.update(item, sdk.library.ItemModel(name="renamed"))
    assert (items.get(item).name, items.get(item).size) == ("renamed", 0)
    with pytest.raises(sdk.errors.AlreadyExists):
        items.create(sdk.library.ItemModel(name="renamed", library_id=library))
    with pytest.raises(sdk.errors.ConcurrentChange):
        local.update(library, sdk.content.LibraryModel(name="late", version="1"))
    items.delete(item)
    local.delete(library)
    with pytest.raises(sdk.errors.NotFound):
        items.get(item)


def test_the_whole_life_of_an_update_session(sdk: SimpleNamespace, client: Any, item: str) -> None:
    sessions = client.content.library.item.UpdateSession
    files = client.content.library.item.updatesession.File
    states = sdk.item.UpdateSessionModel.State
    session = new_update(sdk, client, item)
    assert sessions.list() == sessions.list(item) == [session]
    shown = sessions.get(session)
    assert (shown.state, shown.client_progress, shown.error_message) == (states.ACTIVE, 0, None)
    assert (shown.library_item_id, shown.library_item_content_version) == (item, "1")
    assert is_soon(shown.expiration_time, 300)
    sessions.keep_alive(session)
    sessions.keep_alive(session, 50)
    assert sessions.get(session).client_progress == 50
    ignored = sdk.uploads.WarningBehavior(type=sdk.uploads.WarningType.EXPIRED_CERTIFICATE, ignored=True)
    sessions.update(session, sdk.item.UpdateSessionModel(warning_behavior=[ignored]))
    assert sessions.get(session).warning_behavior == [ignored]

    statuses = sdk.item.TransferStatus
    announced(sdk, client, session)
    files.remove(session, "a.txt")
    assert files.list(session) == []
    told = announced(sdk, client, session, size=3)
    assert (told.status, told.bytes_transferred) == (statuses.WAITING_FOR_TRANSFER, 0)
    assert told.upload_endpoint.uri.startswith("https://")
    assert client.session.put(told.upload_endpoint.uri, data=b"abc").ok
    assert [(one.name, one.status, one.bytes_transferred) for one in files.list(session)] == [
        ("a.txt", statuses.READY, 3)
    ]
    assert not files.validate(session).has_errors
    sessions.complete(session)
    assert sessions.get(session).state == states.DONE
    sessions.delete(session)
    assert sessions.list() == []
    [file] = client.content.library.item.File.list(item)
    assert (file.name, file.size) == ("a.txt", 3)
    [place] = client.content.library.item.Storage.get(item, "a.txt")
    assert place.storage_uris


def test_sessions_that_end_badly(sdk: SimpleNamespace, client: Any, item: str) -> None:
    sessions = client.content.library.item.UpdateSession
    states = sdk.item.UpdateSessionModel.State
    session = new_update(sdk, client, item)
    sessions.fail(session, "the disk is full")
    shown = sessions.get(session)
    assert shown.state == states.ERROR
    assert shown.error_message.args == ["the disk is full"]
    sessions.delete(session)
    session = new_update(sdk, client, item)
    sessions.cancel(session)
    assert sessions.get(session).state == states.CANCELED
    with pytest.raises(sdk.errors.NotAllowedInCurrentState) as refusal:
        sessions.keep_alive(session, 5)
    [message] = refusal.value.messages
    assert {name: param.s for name, param in message.params.items()} == {
        "session": session,
        "state": "CANCELED",
        "operation": "keep-alive",
    }


def test_content_with_another_checksum(sdk: SimpleNamespace, client: Any, item: str) -> None:
    session = new_update(sdk, client, item)
    algorithms = sdk.item.File.ChecksumAlgorithm
    checksum = sdk.item.File.ChecksumInfo(algorithm=algorithms.MD5, checksum="0" * 32)
    told = announced(sdk, client, session, checksum_info=checksum)
    client.session.put(told.upload_endpoint.uri, data=b"abc")
    file = client.content.library.item.updatesession.File.get(session, "a.txt")
    assert file.status == sdk.item.TransferStatus.ERROR
    assert file.checksum_info.algorithm == algorithms.MD5
    assert file.error_message.default_message
    with pytest.raises(sdk.errors.NotAllowedInCurrentState):
        client.content.library.item.UpdateSession.complete(session)


def test_errors_have_types(sdk: SimpleNamespace, server: MockServer, client: Any, item: str) -> None:
    sessions = client.content.library.item.UpdateSession
    session = new_update(sdk, client, item)
    with pytest.raises(sdk.errors.ResourceBusy) as busy:
        new_update(sdk, client, item)
    assert busy.value.error_type == sdk.errors.Error.Type.RESOURCE_BUSY
    assert busy.value.messages[0].args == [item]
    with pytest.raises(sdk.errors.InvalidArgument) as invalid:
        sessions.keep_alive(session, 101)
    assert invalid.value.data.convert_to(sdk.errors.ArgumentLocations).primary == "client_progress"
    with pytest.raises(sdk.errors.InvalidArgument):
        sessions.create(sdk.item.UpdateSessionModel())
    with pytest.raises(sdk.errors.NotFound):
        sessions.get("none")
    with pytest.raises(sdk.errors.NotAllowedInCurrentState):
        sessions.delete(session)
    announced(sdk, client, session)
    with pytest.raises(sdk.errors.NotAllowedInCurrentState):
        sessions.complete(session)
    with pytest.raises(sdk.errors.OperationNotFound):
        client.content.library.Item.publish(item, force_sync_content=False)
    made = client.session.post(
        f"{server.url}/_control/subscribed-items", json={}, headers={CONTROL_HEADER: CONTROL_KEY}
    )
    with pytest.raises(sdk.errors.InvalidElementType):
        new_update(sdk, client, made.json()["item"])


def test_a_session_that_nobody_keeps_alive_expires(
    sdk: SimpleNamespace, server: MockServer, client: Any, item: str
) -> None:
    sessions = client.content.library.item.UpdateSession
    session = new_update(sdk, client, item)
    told = announced(sdk, client, session)
    server.clock.advance(200)
    sessions.keep_alive(session)
    server.clock.advance(200)
    assert sessions.get(session).state == sdk.item.UpdateSessionModel.State.ACTIVE
    server.clock.advance(102)
    shown = sessions.get(session)
    assert shown.state == sdk.item.UpdateSessionModel.State.ERROR
    assert "expired" in shown.error_message.default_message
    with pytest.raises(sdk.errors.NotAllowedInCurrentState):
        sessions.keep_alive(session)
    assert client.session.put(told.upload_endpoint.uri, data=b"abc").status_code == 400
    server.clock.advance(60)
    with pytest.raises(sdk.errors.NotFound):
        sessions.keep_alive(session)
    assert new_update(sdk, client, item) != session


def test_a_slow_upload_takes_longer_than_a_session_lives(sdk: SimpleNamespace, tmp_path: Path) -> None:
    """By the real clock: with keep-alives from another thread, as clients send them."""
    pieces = 20

    def slowly() -> Iterator[bytes]:
        for _ in range(pieces):
            time.sleep(0.2)
            yield b"x" * 1000

    with (
        MockServer(tls=True, session_timeout=2) as server,
        logged_in(sdk, server, tmp_path) as client,
        logged_in(sdk, server, tmp_path) as keeper,
    ):
        library = new_library(sdk, client)
        item = client.content.library.Item.create(sdk.library.ItemModel(name="item", library_id=library))
        session = new_update(sdk, client, item)
        told = announced(sdk, client, session, size=pieces * 1000)
        uploaded = threading.Event()
        answered: list[str] = []

        def keep_alive() -> None:
            percent = 0
            while not uploaded.wait(0.5):
                percent += 5
                keeper.content.library.item.UpdateSession.keep_alive(session, percent)
                answered.append("kept alive")

        keeping = threading.Thread(target=keep_alive)
        keeping.start()
        began = time.monotonic()
        try:
            answer = client.session.put(told.upload_endpoint.uri, data=slowly())
        finally:
            uploaded.set()
            keeping.join()
        assert time.monotonic() - began > 2, "the upload was not slow enough to tell"
        assert answer.ok, answer.text
        assert len(answered) >= 3
        client.content.library.item.UpdateSession.complete(session)
        [file] = client.content.library.item.File.list(item)
        assert file.size == pieces * 1000


def test_a_download_session(sdk: SimpleNamespace, client: Any, item: str) -> None:
    session = new_update(sdk, client, item)
    client.session.put(announced(sdk, client, session).upload_endpoint.uri, data=b"abc")
    client.content.library.item.UpdateSession.complete(session)

    sessions, files = client.content.library.item.DownloadSession, client.content.library.item.downloadsession.File
    statuses = sdk.downloads.File.PrepareStatus
    states = sdk.item.DownloadSessionModel.State
    lease = sessions.create(sdk.item.DownloadSessionModel(library_item_id=item))
    assert sessions.list(item) == [lease]
    shown = sessions.get(lease)
    assert (shown.state, shown.client_progress) == (states.ACTIVE, 0)
    assert is_soon(shown.expiration_time, 300)
    assert [(one.name, one.status) for one in files.list(lease)] == [("a.txt", statuses.UNPREPARED)]
    files.prepare(lease, "a.txt", sdk.downloads.File.EndpointType.HTTPS)
    prepared = files.get(lease, "a.txt")
    assert (prepared.status, prepared.size) == (statuses.PREPARED, 3)
    assert client.session.get(prepared.download_endpoint.uri).content == b"abc"
    assert files.get(lease, "a.txt").bytes_transferred == 3
    sessions.keep_alive(lease, 100)
    assert sessions.get(lease).client_progress == 100
    with pytest.raises(sdk.errors.InvalidArgument):
        sessions.keep_alive(lease, 99)
    sessions.cancel(lease)
    assert sessions.get(lease).state == states.CANCELED
    assert client.session.get(prepared.download_endpoint.uri).status_code == 404
    sessions.delete(lease)
    with pytest.raises(sdk.errors.NotFound):
        files.list(lease)
