"""Downloads by parts, and what is told of a file without its content."""

from __future__ import annotations

import asyncio
import hashlib
from typing import TYPE_CHECKING, Any, cast

import httpx
import pytest

from contract_tests.mock import MockServer
from contract_tests.mock.domain.content import Content
from contract_tests.mock.http.portions import Portion
from contract_tests.mock.http.wire import Wire

from .pushing import LARGE, Pusher
from .speaker import ManualClock

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SMALL = b"0123456789"


@pytest.fixture(params=[SMALL, LARGE], ids=["in memory", "in the store"], scope="module")
def file(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, bytes]]:
    """The address of a file, and its content."""
    store: Path = tmp_path_factory.mktemp("store")
    with MockServer(store=store) as server, Pusher(server.url) as client:
        client.filled(request.param)
        yield client.link(), request.param


def asked(address: str, **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.get(address, headers=named, trust_env=False)


@pytest.mark.parametrize(
    ("wanted", "start", "stop"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=2-4", 2, 5),
        ("bytes=3-", 3, None),
        ("bytes=-4", -4, None),
        ("bytes=-999999999", 0, None),
        ("bytes=0-999999999", 0, None),
        ("Bytes= 1-1", 1, 2),
    ],
)
def test_a_part_is_sent_as_a_part(file: tuple[str, bytes], wanted: str, start: int, stop: int | None) -> None:
    address, content = file
    part = content[start:stop]
    answer = asked(address, range=wanted)
    assert (answer.status_code, answer.content) == (206, part)
    first = start % len(content)
    size = len(content)
    assert answer.headers["content-range"] == f"bytes {first}-{first + len(part) - 1}/{size}"
    assert answer.headers["content-length"] == str(len(part))


@pytest.mark.parametrize(
    "wanted",
    ["bytes=4-2", "bytes=", "bytes=-", "bytes=a-b", "bytes=0-1,4-5", "items=0-1", "0-1", "bytes=1-2-3", "bytes=+1-2"],
)
def test_what_is_no_range_is_not_looked_at(file: tuple[str, bytes], wanted: str) -> None:
    address, content = file
    answer = asked(address, range=wanted)
    assert (answer.status_code, answer.content) == (200, content)
    assert "content-range" not in answer.headers


@pytest.mark.parametrize("wanted", ["bytes={size}-", "bytes=999999999-9999999999", "bytes=-0"])
def test_a_range_with_nothing_in_it_is_refused(file: tuple[str, bytes], wanted: str) -> None:
    address, content = file
    answer = asked(address, range=wanted.format(size=len(content)))
    assert (answer.status_code, answer.headers["content-range"]) == (416, f"bytes */{len(content)}")
    assert answer.json()["messages"]


def test_a_part_is_only_sent_of_the_content_that_is_meant(file: tuple[str, bytes]) -> None:
    address, content = file
    tag = asked(address).headers["etag"]
    assert tag == f'"{hashlib.sha1(content).hexdigest()}"'
    assert asked(address, range="bytes=0-1", if_range=tag).status_code == 206
    for other in ('"other"', f"W/{tag}", "Fri, 02 Jan 2026 03:04:15 GMT"):
        assert asked(address, range="bytes=0-1", if_range=other).content == content


def test_a_head_tells_the_size_and_sends_nothing(file: tuple[str, bytes]) -> None:
    address, content = file
    whole = asked(address)
    with httpx.Client(trust_env=False) as client:
        for headers in ({}, {"range": "bytes=0-1"}):
            told = client.head(address, headers=headers)
            assert (told.status_code, told.content) == (200, b"")
            for name in ("content-length", "etag", "content-type", "accept-ranges"):
                assert told.headers[name] == whole.headers[name]
        # The connection goes on.
        assert client.get(address, headers={"range": "bytes=-1"}).content == content[-1:]


def test_a_head_is_no_download(file: tuple[str, bytes]) -> None:
    address, _ = file
    assert asked(address).headers["accept-ranges"] == "bytes"
    assert httpx.head(address.replace("/cls/download/", "/cls/download/x"), trust_env=False).status_code == 404


@pytest.mark.parametrize("protocol", ["HTTP", "HTTPS"])
def test_a_link_is_given_for_either_protocol(protocol: str) -> None:
    with MockServer() as server, Pusher(server.url) as client:
        client.filled(SMALL)
        prepared = client.prepared(endpoint_protocol=protocol)
        assert prepared["status"] == "PREPARED"
        assert client.http.get(prepared["download_endpoint"]["uri"]).content == SMALL
        session = client.made("/api/content/library/item/download-session", {"library_item_id": client.item})
        path = f"/api/content/library/item/download-session/{session}/file?action=prepare"
        answer = client.http.post(path, json={"file_name": "a", "endpoint_type": "DIRECT"})
        assert (answer.status_code, answer.json()["error_type"]) == (403, "UNAUTHORIZED")


def test_a_client_that_stops_reading_takes_nobody_else_s_turn(tmp_path: Path) -> None:
    with MockServer(store=tmp_path) as server, Pusher(server.url) as client:
        client.filled(LARGE * 10)
        link = client.link()
        with httpx.Client(trust_env=False) as other, other.stream("GET", link) as answer:
            assert next(answer.iter_raw())
            assert client.http.get(link, headers={"range": "bytes=0-9"}).content == LARGE[:10]
        assert client.http.get(link).content == LARGE * 10


class Leaving:
    """A connection that closes after some pieces."""

    def __init__(self, pieces: int) -> None:
        self.pieces = pieces

    def is_closing(self) -> bool:
        return self.pieces <= 0


def sent_to(connection: Leaving) -> tuple[list[Any], int]:
    """What goes out of a large file, and how many turns somebody else had meanwhile."""
    wire, out, turns = Wire(ManualClock()), [], 0
    reply = wire.content_reply(Portion(Content.of(LARGE), 0, len(LARGE)))

    async def send(message: Any) -> None:
        out.append(message)
        connection.pieces -= message["type"] == "http.response.body"

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    async def both() -> None:
        other = asyncio.create_task(others())
        await wire.send(reply, {"extensions": {"connection": connection}}, cast("Any", None), send)
        other.cancel()

    asyncio.run(both())
    return out, turns


def test_others_have_their_turn_between_two_pieces() -> None:
    out, turns = sent_to(Leaving(1000))
    pieces = [message["body"] for message in out[1:]]
    assert b"".join(pieces) == LARGE
    assert out[-1].get("more_body", False) is False
    assert len(pieces) > 10
    assert turns >= len(pieces) - 1


def test_nothing_is_read_for_a_client_that_has_gone() -> None:
    out, _ = sent_to(Leaving(2))
    assert len(out) == 3
