"""Uploads as clients do them, over real sockets."""

from __future__ import annotations

import hashlib
import socket
import threading
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from contract_tests.mock import MockServer

from .pushing import LARGE, MIB, Pusher, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def server() -> Iterator[MockServer]:
    with MockServer() as running:
        yield running


@pytest.fixture
def client(server: MockServer) -> Iterator[Pusher]:
    with Pusher(server.url) as one:
        yield one


def by_raw(address: str, head: str, body: bytes) -> bytes:
    """What comes back for a request that is written by hand, to the end of the connection."""
    url = httpx.URL(address)
    with socket.create_connection((url.host, url.port or 80), timeout=30) as connection:
        connection.sendall(f"{head.format(path=url.raw_path.decode())}Host: x\r\nConnection: close\r\n\r\n".encode())
        received = b""
        if "100-continue" in head:
            received = connection.recv(65536)
            assert received.startswith(b"HTTP/1.1 100")
        connection.sendall(body)
        while chunk := connection.recv(65536):
            received += chunk
        return received


@pytest.mark.parametrize("method", ["PUT", "POST"])
@pytest.mark.parametrize("kind", [None, "text/ovf", "application/x-www-form-urlencoded", "application/json", "no type"])
def test_content_is_taken_by_either_method_and_of_any_type(client: Pusher, method: str, kind: str | None) -> None:
    session = client.begin()
    headers = {} if kind is None else {"content-type": kind}
    answer = httpx.request(method, client.address(session), content=b"{hello", headers=headers, trust_env=False)
    assert answer.status_code == 200
    shown = client.read(f"{session}/file/a")
    assert (shown["status"], shown["size"], shown["bytes_transferred"]) == ("READY", 6, 6)


@pytest.mark.parametrize("token", ["x" * 32, ""])
def test_the_address_is_enough_whatever_the_token(client: Pusher, token: str) -> None:
    session = client.begin()
    headers = {"vmware-api-session-id": token}
    assert httpx.put(client.address(session), content=b"x", headers=headers, trust_env=False).status_code == 200
    wrong = client.address(session).rpartition("/cls/upload/")[0] + "/cls/upload/no-such-key/a"
    assert client.http.put(wrong, content=b"x").status_code == 404


@pytest.mark.parametrize("size", [0, 1, 70_000, 3 * MIB])
def test_content_may_come_in_chunks(client: Pusher, size: int) -> None:
    session = client.begin()
    content = LARGE[:size]
    pieces = (content[at : at + 10_000] for at in range(0, size, 10_000))
    spec: Any = {"checksum_info": {"algorithm": "SHA256", "checksum": hashlib.sha256(content).hexdigest()}}
    assert client.http.post(client.address(session, **spec), content=pieces).status_code == 200
    assert client.read(f"{session}/file/a")["size"] == size


def test_a_client_that_waits_to_be_told_is_told(client: Pusher) -> None:
    session = client.begin()
    head = "PUT {path} HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 5\r\n"
    assert b"HTTP/1.1 200" in by_raw(client.address(session), head, b"hello")
    assert client.read(f"{session}/file/a")["status"] == "READY"


def test_content_that_comes_again_replaces_the_former(client: Pusher) -> None:
    session = client.begin()
    address = client.address(session)
    for content in (b"first", b"the second"):
        assert client.http.put(address, content=content).status_code == 200
    client.complete(session)
    assert client.http.get(client.link()).content == b"the second"


def test_several_files_come_at_once(client: Pusher) -> None:
    session = client.begin()
    addresses = {name: client.address(session, name) for name in "abcd"}
    release = threading.Event()

    def pieces(name: str) -> Iterator[bytes]:
        yield name.encode() * 100_000
        release.wait(30)
        yield name.encode() * 100_000

    def push(name: str) -> None:
        httpx.put(addresses[name], content=pieces(name), timeout=60, trust_env=False)

    threads = [threading.Thread(target=push, args=(name,)) for name in addresses]
    for thread in threads:
        thread.start()
    wait_for(lambda: all(one["bytes_transferred"] >= 100_000 for one in client.read(f"{session}/file")))
    assert {one["status"] for one in client.read(f"{session}/file")} == {"TRANSFERRING"}
    refusal = client.complete(session).json()
    assert {tuple(one["args"]) for one in refusal["messages"]} == {(name, "TRANSFERRING") for name in "abcd"}
    release.set()
    for thread in threads:
        thread.join()
    assert {(one["status"], one["size"]) for one in client.read(f"{session}/file")} == {("READY", 200_000)}
    client.complete(session)
    assert client.http.get(client.link("c")).content == b"c" * 200_000


def test_what_was_there_stays_if_a_client_goes_away_in_the_middle(client: Pusher) -> None:
    session = client.begin()
    address = client.address(session)
    client.http.put(address, content=b"whole")
    url = httpx.URL(address)
    with socket.create_connection((url.host, url.port or 80), timeout=30) as connection:
        connection.sendall(f"PUT {url.path} HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\nhalf".encode())
        wait_for(lambda: client.read(f"{session}/file/a")["status"] == "TRANSFERRING")
    wait_for(lambda: client.read(f"{session}/file/a")["status"] == "READY")
    assert client.complete(session).status_code == 204
    assert client.http.get(client.link()).content == b"whole"


@pytest.mark.parametrize(
    "announced",
    [{"size": 4}, {"size": 6}, {"checksum_info": {"checksum": "00"}}],
)
def test_what_is_not_as_announced_fails_file_and_session(client: Pusher, announced: dict[str, Any]) -> None:
    session = client.begin()
    client.http.put(client.address(session, **announced), content=b"hello")
    file, model = client.read(f"{session}/file/a"), client.read(session)
    assert (file["status"], model["state"]) == ("ERROR", "ERROR")
    assert file["error_message"] == model["error_message"]
    assert "size" not in file
    refused = client.complete(session)
    assert (refused.status_code, refused.json()["error_type"]) == (400, "NOT_ALLOWED_IN_CURRENT_STATE")


def test_a_file_has_a_limit_whether_it_is_announced_or_not() -> None:
    with MockServer(content_limit=100_000) as server, Pusher(server.url) as client:
        session = client.begin()
        address = client.address(session)
        assert client.http.put(address, content=bytes(100_001)).status_code == 413
        assert client.http.put(address, content=iter([bytes(100_000), b"1"])).status_code == 413
        assert client.read(f"{session}/file/a")["status"] == "WAITING_FOR_TRANSFER"
        assert client.http.put(address, content=bytes(100_000)).status_code == 200


def test_what_is_announced_too_large_is_refused_before_all_of_it_came() -> None:
    with MockServer(content_limit=80 * MIB) as server, Pusher(server.url) as client:
        head = f"PUT {{path}} HTTP/1.1\r\nContent-Length: {1024 * MIB}\r\n"
        answer = by_raw(client.address(client.begin()), head, bytes(64 * MIB + 1))
        assert answer.startswith(b"HTTP/1.1 413 ")


def test_a_part_of_a_file_is_no_file(client: Pusher) -> None:
    session = client.begin()
    address = client.address(session)
    answer = httpx.put(address, content=b"llo", headers={"content-range": "bytes 2-4/5"}, trust_env=False)
    assert answer.status_code == 400
    assert "as a whole" in answer.json()["messages"][0]["default_message"]
    assert client.read(f"{session}/file/a")["status"] == "WAITING_FOR_TRANSFER"
    assert httpx.put(address, content=b"hello", trust_env=False).status_code == 200
