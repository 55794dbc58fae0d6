"""What is plain is answered as it is by way of h11 and Starlette: the same bytes but for the date."""

from __future__ import annotations

import re
import select
import socket
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest

from contract_tests.mock import MockServer, Parts
from contract_tests.mock.http import protocol
from contract_tests.mock.http.wire import Reply, Wire

if TYPE_CHECKING:
    from collections.abc import Iterator

LAST = b"GET /api/last HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n"
LOGIN = b"POST /api/session HTTP/1.1\r\nhost: a\r\nauthorization: Basic Og==\r\n\r\n"
READ = b"GET /api/content/library/item/update-session/a%20b HTTP/1.1\r\nhost: a\r\n\r\n"
POST = b"POST /rest/com/vmware/content/library/item?x=%7e&~action=y HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\n\r\n{}"

REQUESTS = {
    "without a body": READ,
    "with a body": POST,
    "wrong credentials": LOGIN,
    "two at once": READ + POST,
    "an empty line before": b"\r\n" + READ,
    "an unknown method": READ.replace(b"GET", b"BREW"),
    "a method in small letters": READ.replace(b"GET", b"get"),
    "HEAD": READ.replace(b"GET", b"HEAD"),
    "a whole address": READ.replace(b"/api", b"http://a/api"),
    "a path that is none": READ.replace(b"/api/content", b"*"),
    "Latin-1 in the path": READ.replace(b"a%20b", b"\xe4"),
    "escapes in the path": READ.replace(b"a%20b", b"%e4%2Fb%0A"),
    "a fragment": READ.replace(b"a%20b", b"a#b"),
    "a path of a file": READ.replace(b"/api/content/library/item/update-session/a%20b", b"/cls/download/a/b/c"),
    "no Host": READ.replace(b"host", b"x"),
    "two Hosts": READ.replace(b"\r\n\r\n", b"\r\nHost: b\r\n\r\n"),
    "a Host that is none": READ.replace(b"host: a", b"host: a b"),
    "a token twice": READ.replace(b"\r\n\r\n", b"\r\nvmware-api-session-id: b\r\nvmware-api-session-id: c\r\n\r\n"),
    "names in capitals": POST.replace(b"host", b"HOST").replace(b"content-length", b"Content-LENGTH"),
    "HTTP/1.0": READ.replace(b"HTTP/1.1", b"HTTP/1.0"),
    "keep-alive": READ.replace(b"\r\n\r\n", b"\r\nconnection: keep-alive\r\n\r\n"),
    "close": READ.replace(b"\r\n\r\n", b"\r\nconnection: close\r\n\r\n"),
    "an upgrade": READ.replace(b"\r\n\r\n", b"\r\nconnection: upgrade\r\nupgrade: h2c\r\n\r\n"),
    "expecting": POST.replace(b"\r\n\r\n", b"\r\nexpect: 100-continue\r\n\r\n"),
    "chunks": POST.replace(b"content-length: 2\r\n\r\n{}", b"transfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"),
    "a length with a sign": POST.replace(b": 2", b": +2"),
    "a length with a zero": POST.replace(b": 2", b": 02"),
    "a length twice": POST.replace(b"\r\n\r\n", b"\r\ncontent-length: 2\r\n\r\n"),
    "a body without length": POST.replace(b"content-length: 2\r\n", b""),
    "too long a body": POST.replace(b": 2\r\n\r\n{}", b": 2000000\r\n\r\n" + b" " * 2_000_000),
    "an empty value": READ.replace(b"\r\n\r\n", b"\r\nx:\r\n\r\n"),
    "a value over two lines": READ.replace(b"\r\n\r\n", b"\r\nx: a\r\n b\r\n\r\n"),
    "a NUL": READ.replace(b"\r\n\r\n", b"\r\nx: \x00\r\n\r\n"),
    "bare line feeds": READ.replace(b"\r\n", b"\n"),
    "no HTTP": b"\x16\x03\x01\x02\x00\x01\r\n\r\n",
}


_DATE = re.compile(rb"date: [^\r]*")


class OddHeaders(Wire):
    """Replies whose header sections h11 has a word to say about."""

    def general_headers(self) -> tuple[tuple[str, str], ...]:
        return (*super().general_headers(), ("x", "\xe4 \x01"))


class OddName(Wire):
    """Replies that h11 refuses to write."""

    def general_headers(self) -> tuple[tuple[str, str], ...]:
        return (("a b", "c"),)


class WithoutLength(Wire):
    def framing_headers(self, reply: Reply) -> tuple[tuple[str, str], ...]:
        del reply
        return ()


class WrongLength(Wire):
    def framing_headers(self, reply: Reply) -> tuple[tuple[str, str], ...]:
        return (("content-length", str(len(reply.body) + 1)),)


class OwnSending(Wire):
    async def send(self, reply: Reply, scope: Any, receive: Any, send: Any) -> None:
        assert scope["extensions"]["connection"] is not None
        await super().send(Reply(418, body=reply.body), scope, receive, send)


@pytest.fixture(params=[Wire, OddHeaders, OddName, WithoutLength, WrongLength, OwnSending])
def wire(request: pytest.FixtureRequest) -> type[Wire]:
    kind: type[Wire] = request.param
    return kind


@pytest.fixture
def mock(wire: type[Wire]) -> Iterator[MockServer]:
    with MockServer(parts=Parts(wire=wire)) as running:
        yield running


def said(mock: MockServer, *pieces: bytes) -> bytes:
    """All that the server says to these bytes and to a last request, without dates."""
    with socket.create_connection((mock.host, mock.port), timeout=10) as connection, suppress(ConnectionError):
        heard = b""
        for piece in (*pieces, LAST):
            connection.sendall(piece)
            # What follows is not to be read together with it, nor sent to a server that has hung up.
            while select.select([connection], [], [], 10 if piece is LAST else 0.1)[0]:
                if not (more := connection.recv(65536)):
                    return _DATE.sub(b"date", heard)
                heard += more
    return _DATE.sub(b"date", heard)


def test_a_request_is_answered_with_the_same_bytes(mock: MockServer, monkeypatch: pytest.MonkeyPatch) -> None:
    ours = {name: said(mock, request) for name, request in REQUESTS.items()}
    monkeypatch.setattr(protocol, "plain_request", lambda _: None)
    theirs = {name: said(mock, request) for name, request in REQUESTS.items()}

    assert ours == theirs


@pytest.mark.parametrize("cut", [1, 30, -3, -1])
def test_a_request_in_two_pieces_is_answered_like_one_in_one(cut: int) -> None:
    with MockServer() as mock:
        assert said(mock, POST[:cut], POST[cut:]) == said(mock, POST)
