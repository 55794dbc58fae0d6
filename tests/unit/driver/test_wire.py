from __future__ import annotations

import socket
import ssl
import threading
from typing import TYPE_CHECKING, Any, Self

import pytest

from contract_tests.driver import Door, Recorder
from contract_tests.driver.transport.repeating import BREAKS
from contract_tests.driver.transport.way import Way
from contract_tests.driver.transport.wire import LONGEST, converse, parsed, request_bytes, send_bytes
from contract_tests.traffic.messages import Response
from contract_tests.traffic.redaction import Redactor

from .servers import Server

if TYPE_CHECKING:
    from collections.abc import Iterator


class Peer:
    """Takes as many connections as it was told to; reads a request of each, says what it was told to, and closes."""

    def __init__(self) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.says, self.times = b"", 1
        self.heard = b""
        self.thread = threading.Thread(target=self.serve)

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.socket.getsockname()[1]}"

    def serve(self) -> None:
        for _ in range(self.times):
            connection, _ = self.socket.accept()
            with connection:
                heard = b""
                while b"\r\n\r\n" not in heard:
                    heard += connection.recv(65536)
                self.heard += heard
                connection.sendall(self.says)


@pytest.fixture
def peer() -> Iterator[Peer]:
    peer = Peer()
    yield peer
    peer.thread.join()
    peer.socket.close()


def door_to(peer: Peer, says: bytes) -> Door:
    peer.says = says
    peer.thread.start()
    return Server().door(peer.base, vmware_api_session_id="secret-token")


def test_what_follows_the_headers_is_seen_and_the_token_is_not(peer: Peer) -> None:
    door = door_to(peer, b"HTTP/1.1 204 No Content\r\nX: y\r\n\r\nstray secret-token")
    door.recorder.redact.learn("token", "secret-token")
    with door.recorder.recording() as kept:
        exchange = send_bytes(door, request_bytes(door, "POST", "/a?b=c", b"{}"), cell="api-update", operation="read")
    assert kept == [exchange]
    assert exchange.response == Response(204, (("X", "y"),), b"stray <token>")
    assert exchange.request.url == f"{peer.base}/a?b=c"
    assert exchange.request.header("vmware-api-session-id") == "<token>"
    assert exchange.request.header("content-length") == "2"
    assert exchange.request.body == b"{}"
    assert (exchange.cell, exchange.operation) == ("api-update", "read")
    assert peer.heard.startswith(b"POST /a?b=c HTTP/1.1\r\nHost: 127.0.0.1:")
    assert b"secret-token" in peer.heard


@pytest.mark.parametrize(
    ("says", "failure"),
    [(b"", "the connection was closed unanswered"), (b"\x15\x03\x01", "no HTTP answer: b'\\x15\\x03\\x01'")],
)
def test_what_is_no_answer_is_a_failure(peer: Peer, says: bytes, failure: str) -> None:
    peer.times = 1 if says else BREAKS
    door = door_to(peer, says)
    exchange = send_bytes(door, request_bytes(door, "GET", "/"))
    assert (exchange.response, exchange.failure) == (None, failure)


def test_a_server_that_never_ends_is_not_listened_to_for_ever(peer: Peer) -> None:
    door = door_to(peer, b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * (LONGEST + 1))
    exchange = send_bytes(door, request_bytes(door, "GET", "/"))
    assert exchange.status == 200


class Trust(ssl.SSLContext):
    """Speaks no TLS; it remembers for whom it should, and breaks the connection as it is told to."""

    def wrap_socket(self, sock: Any, *_: Any, **options: Any) -> Any:
        self.asked_for = options["server_hostname"]
        return Connection(sock, self.pieces)

    pieces: tuple[bytes | Exception, ...] = ()


class Connection:
    def __init__(self, plain: socket.socket, pieces: tuple[bytes | Exception, ...]) -> None:
        self.plain = plain
        self.pieces = list(pieces)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.plain.close()

    def sendall(self, sent: bytes) -> None:
        self.plain.sendall(sent)

    def settimeout(self, seconds: float) -> None:
        self.plain.settimeout(seconds)

    def recv(self, _size: int) -> bytes:
        piece = self.pieces.pop(0) if len(self.pieces) > 1 else self.pieces[0]
        if isinstance(piece, Exception):
            raise piece
        return piece


@pytest.mark.parametrize(
    ("pieces", "received"),
    [
        ((b"HTTP/1.1 204 \r\n\r\n", TimeoutError()), b"HTTP/1.1 204 \r\n\r\n"),
        ((b"HTTP/1.1 ", b"204 \r\n\r\n", b"x", b""), b"HTTP/1.1 204 \r\n\r\nx"),
        ((b"HTTP", ConnectionResetError()), b"HTTP"),
    ],
)
def test_what_came_before_a_connection_broke_counts(
    peer: Peer, pieces: tuple[bytes | Exception, ...], received: bytes
) -> None:
    peer.thread.start()
    trust = Trust(ssl.PROTOCOL_TLS_CLIENT)
    trust.pieces = pieces
    assert converse(peer.base, b"GET / HTTP/1.1\r\n\r\n", Way(trust)) == received
    assert trust.asked_for == "127.0.0.1"


@pytest.mark.parametrize(
    ("problem", "failure", "timed_out"),
    [
        (ConnectionResetError("reset"), "ConnectionResetError: reset", False),
        (TimeoutError("timed out"), "TimeoutError: timed out", True),
    ],
)
def test_a_connection_that_breaks_at_once_is_a_failure(
    peer: Peer, problem: Exception, failure: str, *, timed_out: bool
) -> None:
    peer.thread.start()
    trust = Trust(ssl.PROTOCOL_TLS_CLIENT)
    trust.pieces = (problem,)
    door = Door(peer.base, Recorder(Redactor()), way=Way(trust))
    exchange = send_bytes(door, request_bytes(door, "GET", "/"))
    assert (exchange.failure, exchange.timed_out) == (failure, timed_out)
    door.close()


def test_where_nothing_listens_is_a_failure() -> None:
    door = Server().door("http://127.0.0.1:1")
    assert (send_bytes(door, request_bytes(door, "GET", "/")).failure or "").startswith("ConnectionRefusedError")


@pytest.mark.parametrize(
    ("received", "response"),
    [
        (b"HTTP/1.1 200\r\n\r\n", Response(200)),
        (b"HTTP/1.0 404 Not Found\r\nA: b:c\r\n\r\nx\r\n\r\ny", Response(404, (("A", "b:c"),), b"x\r\n\r\ny")),
        (b"HTTP/1.1 abc\r\n\r\n", None),
        (b"HTTP/1.1 \xb2\r\n\r\n", None),
        (b"HTTP/1.1", None),
        (b"<html>", None),
    ],
)
def test_bytes_are_read_as_far_as_they_are_a_response(received: bytes, response: Response | None) -> None:
    assert parsed(received) == response
