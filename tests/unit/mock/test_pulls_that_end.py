"""Pulled files that nobody waits for any more, that can't be kept, or that have no address."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

import pytest

from contract_tests.contract.words import Service
from contract_tests.mock import ApiError, MockServer
from contract_tests.mock.domain.model import State
from contract_tests.mock.store import StoredFile

from .pushing import Pusher, wait_for
from .sources import origin

if TYPE_CHECKING:
    from pathlib import Path

    from contract_tests.mock import World
    from contract_tests.mock.domain.pulls import Pull

SPEC = {"name": "a", "source_type": "PULL", "source_endpoint": {"uri": "http://source.example/a"}, "size": 400}


@pytest.mark.parametrize(
    ("how", "state"), [("cancel", State.CANCELED), ("remove", State.ACTIVE), ("replace", State.ACTIVE)]
)
def test_what_comes_for_nobody_fails_no_session(world: World, update: str, how: str, state: State) -> None:
    pulls: list[Pull] = []
    world.uploads.fetch = pulls.append
    world.uploads.add(update, SPEC)
    world.uploads.begin(pulls[0].upload)
    world.uploads.advance(pulls[0], b"a part of it")
    if how == "cancel":
        world.sessions.cancel(Service.UPDATE, update)
    elif how == "remove":
        world.uploads.remove(update, "a")
    else:
        world.uploads.add(update, {"name": "a", "source_type": "PUSH"})
    world.uploads.fetched(pulls[0])
    assert world.sessions.get(Service.UPDATE, update).state is state


@pytest.mark.parametrize(
    "uri", ["", " http://source.example/a", "http://source.example/a\n", "http://source.example/\0"]
)
def test_an_address_that_no_client_could_ask_is_refused(world: World, update: str, uri: str) -> None:
    with pytest.raises(ApiError, match="INVALID_ARGUMENT") as refusal:
        world.uploads.add(update, SPEC | {"source_endpoint": {"uri": uri}})
    assert refusal.value.messages[0].default_message == (
        f"{uri!r} is no http or https address that content could be fetched from."
    )


def test_what_can_not_be_kept_is_not_fetched_to_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(StoredFile, "write", full)
    with origin() as source, MockServer(store=tmp_path) as server, Pusher(server.url) as client:
        session = client.begin()
        client.add(session, source_type="PULL", source_endpoint={"uri": source.url("endless")})
        wait_for(lambda: client.read(session)["state"] == "ERROR", 10)
        text = client.read(session)["error_message"]["default_message"]
    assert text == "a could not be stored: no space left on device."
