"""Downloads by parts, and what is told of a file without its content."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import httpx
import pytest

from contract_tests.mock import MockServer

from .pushing import Pusher

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SMALL = b"0123456789"
LARGE = bytes(range(256)) * 4 * 3 * 1024  # 3 MiB: it comes from the store, in pieces


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
