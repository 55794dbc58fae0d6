"""Answers that are meant to break, flood or hold up a client: each becomes an exchange, in bounded time."""

from __future__ import annotations

import gzip
import hashlib
import socket
import threading
from contextlib import contextmanager, suppress
from itertools import repeat
from typing import TYPE_CHECKING

import pytest

from contract_tests.contract import Cell
from contract_tests.driver import Door, Recorder, Session
from contract_tests.driver.content import transfer
from contract_tests.driver.transport import limits
from contract_tests.driver.transport.recorder import BESIDE
from contract_tests.driver.transport.wire import send_bytes
from contract_tests.problems import PremiseFailed
from contract_tests.traffic.exchange import Unheard
from contract_tests.traffic.messages import Request
from contract_tests.traffic.redaction import Redactor

from .raw_servers import Pieces, answering

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from contract_tests.traffic.exchange import Exchange

OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


def length(number: int) -> bytes:
    return OK + f"Content-Length: {number}\r\n\r\n".encode()


def once(*pieces: bytes) -> Pieces:
    return lambda: pieces


def asked(pieces: Pieces, *, as_it_is: bool = False) -> Exchange:
    with answering(pieces) as url:
        door = Door(url, Recorder(Redactor()))
        try:
            return door.send_as_it_is(Request("GET", url + "/a")) if as_it_is else door.send("GET", "/a")
        finally:
            door.close()


def dripping(begin: bytes, drop: bytes) -> Pieces:
    """Begins, and goes on drop by drop, for ever."""

    def pieces() -> Iterator[bytes]:
        yield begin
        for one in repeat(drop):
            threading.Event().wait(0.02)
            yield one

    return pieces


def flooding(begin: bytes, wave: bytes) -> Pieces:
    """Begins, and goes on as fast as it can, for ever."""

    def pieces() -> Iterable[bytes]:
        yield begin
        yield from repeat(wave)

    return pieces


CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
GZIPPED = OK + b"Content-Encoding: gzip\r\nConnection: close\r\n\r\n"
CHUNK = b"10000\r\n" + b"a" * 65536 + b"\r\n"
INTERIM = b"HTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\n"

by_both = pytest.mark.parametrize("as_it_is", [False, True], ids=["a scenario", "a campaign"])


@by_both
@pytest.mark.parametrize(
    "pieces",
    [
        dripping(length(10**9), b" "),
        dripping(CHUNKED, b"1\r\na\r\n"),
        dripping(OK, b"X"),
        dripping(b"", b"H"),
        dripping(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        flooding(b"", INTERIM * 100),
        dripping(CHUNKED + b"1;", b"x"),
        dripping(CHUNKED + b"0\r\n", b"T"),
    ],
    ids=[
        *("body", "chunks", "header section", "status line", "answers that are none", "a flood of them"),
        *("chunk extension", "trailers"),
    ],
)
def test_an_answer_that_drips_for_ever_is_given_up(
    pieces: Pieces, monkeypatch: pytest.MonkeyPatch, *, as_it_is: bool
) -> None:
    monkeypatch.setattr(limits, "PATIENCE", 0.3)
    exchange = asked(pieces, as_it_is=as_it_is)
    assert exchange.response is None
    assert exchange.failure == "ReadTimeout: the answer was not there after 0.3 s"


@by_both
@pytest.mark.parametrize(
    "pieces",
    [
        flooding(CHUNKED, CHUNK),
        flooding(OK + b"Connection: close\r\n\r\n", b"a" * 65536),
        once(length(50 * 2**20), b"a" * 50 * 2**20),
        once(GZIPPED, gzip.compress(bytes(50 * 2**20))),
    ],
    ids=["endless chunks", "endless", "50 MiB", "a bomb"],
)
def test_an_answer_that_is_too_long_is_not_read_to_its_end(pieces: Pieces, *, as_it_is: bool) -> None:
    exchange = asked(pieces, as_it_is=as_it_is)
    assert exchange.response is None
    assert exchange.failure == "TooLongError: the answer (200) is longer than 8 MiB: reading was stopped"


def test_an_answer_of_just_that_length_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "LONGEST", 100)
    exchange = asked(once(length(100), b"a" * 100))
    assert exchange.response is not None
    assert len(exchange.response.body) == 100
    assert asked(once(length(101), b"a" * 101)).response is None


def test_a_connection_is_not_used_again_after_an_answer_that_was_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "LONGEST", 100)
    with answering(once(length(200), b"a" * 200)) as url:
        door = Door(url, Recorder(Redactor()))
        assert [door.send("GET", "/a").failure for _ in range(3)] == [
            "TooLongError: the answer (200) is longer than 100 bytes: reading was stopped"
        ] * 3
        door.close()


TWICE = gzip.compress(gzip.compress(bytes(2**20)))


@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        (length(100) + b"short", "RemoteProtocolError: peer closed connection"),
        (OK + b"Content-Length: none\r\n\r\n", "RemoteProtocolError: bad Content-Length"),
        (CHUNKED + b"zz\r\n", "RemoteProtocolError: illegal chunk header"),
        (CHUNKED + b"5\r\nab", "RemoteProtocolError: peer closed connection"),
        (b"HTTP/1.1 20", "RemoteProtocolError: "),
        (b"", "RemoteProtocolError: Server disconnected"),
        (b"\x1b]8;;http://evil.example\x07 \x00\xff\r\n\r\n", "RemoteProtocolError: illegal status line"),
        (b"SSH-2.0-OpenSSH_9.6\r\n", "RemoteProtocolError: "),
        (OK + b"X: " + b"a" * 200_000 + b"\r\n\r\n", "RemoteProtocolError: "),
        (OK + b"X: a\r\nY\x00Z: b\r\n\r\n", "RemoteProtocolError: illegal header line"),
        (GZIPPED + b"no gzip", "DecodingError: "),
        (OK + b"Content-Encoding: gzip, gzip\r\nConnection: close\r\n\r\n" + TWICE, "DecodingError: the answer (200)"),
    ],
    ids=range(12),
)
def test_a_broken_answer_is_a_failure(answer: bytes, failure: str) -> None:
    exchange = asked(once(answer))
    assert exchange.response is None
    assert (exchange.failure or "").startswith(failure), exchange.failure


MANY = b"".join(f"X-{number}: {number}\r\n".encode() for number in range(1000))


@pytest.mark.parametrize(
    ("answer", "body"),
    [
        (length(2) + b"{}trailing", b"{}"),
        (b"HTTP/1.0 200 OK\r\n\r\n\xff\xfe\x00", b"\xff\xfe\x00"),
        (b"HTTP/1.1 103 Early Hints\r\n\r\n" * 20 + length(2) + b"{}", b"{}"),
        (OK + MANY + b"Content-Length: 2\r\n\r\n{}", b"{}"),
        (GZIPPED + gzip.compress(b"{}"), b"{}"),
        (CHUNKED + b"2;x=y\r\n{}\r\n0\r\nTrailer: a\r\n\r\n", b"{}"),
    ],
    ids=range(6),
)
def test_an_odd_answer_is_an_answer(answer: bytes, body: bytes) -> None:
    exchange = asked(once(answer))
    assert exchange.failure is None
    assert exchange.response is not None
    assert (exchange.response.status, exchange.response.body) == (200, body)


@pytest.mark.parametrize(
    "pieces",
    [dripping(length(10**9), b" "), dripping(b"", b"H"), flooding(CHUNKED, CHUNK)],
    ids=["drips", "drips from the beginning", "floods"],
)
def test_bytes_are_not_listened_to_for_ever(pieces: Pieces, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "PATIENCE", 0.3)
    with answering(pieces) as url:
        door = Door(url, Recorder(Redactor()))
        exchange = send_bytes(door, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    assert exchange.response is None or len(exchange.response.body) <= 2**20 + 65536


NINES = b"9" * 5000
STATUSES = [NINES, b"-200", b"0", b"99", b"1000", b"2OO", "\u0662\u0660\u0660".encode(), b"", b"+20", b"2e2", b"0x1"]


@pytest.mark.parametrize("status", STATUSES, ids=range(len(STATUSES)))
def test_a_status_that_is_none_is_no_answer(status: bytes) -> None:
    with answering(once(b"HTTP/1.1 " + status + b" OK\r\nContent-Length: 0\r\n\r\n")) as url:
        door = Door(url, Recorder(Redactor()))
        by_client, by_bytes = door.send("GET", "/a"), send_bytes(door, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        door.close()
    assert (by_client.response, by_bytes.response) == (None, None)
    assert (by_client.failure or "").startswith("RemoteProtocolError: ")
    assert (by_bytes.failure or "").startswith("no HTTP answer: ")


@pytest.mark.parametrize(
    "answer",
    [
        OK + b"Content-Length: " + NINES + b"\r\n\r\n",
        OK + b"Content-Length: -1\r\n\r\n",
        OK + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        CHUNKED + NINES + b"\r\n",
        OK + b"X: y\r\n" * 30_000 + b"Content-Length: 0\r\n\r\n",
        OK + b"Transfer-Encoding: \xff\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\n\r\n",
        b"HTTP/1.1 000 OK\r\n\r\n",
    ],
    ids=["length", "negative length", "two lengths", "chunk", "headers", "coding", "upgrade", "status"],
)
def test_a_header_section_that_can_not_be_is_a_failure(answer: bytes) -> None:
    assert (asked(once(answer)).failure or "").startswith("RemoteProtocolError: ")


ADDRESSES = [
    *("http://[bad", "http://[bad/x", "http://[::1", "http://]/", "http://127.0.0.1:99999/", "http://127.0.0.1:-1/"),
    *(f"http://127.0.0.1:{'9' * 5000}/", "http://a b/", "http://a\x00b/", "http://127.0.0.1:9/\x1b", "http://xn--/"),
    *("http://\u2100/", f"http://{'a' * 300}/", "http://.../", f"http://127.0.0.1:9/{'a' * 70_000}", "http://\ud800/"),
    *("http://127.0.0.1:9/\ud800", "ftp://a/", "http:///x", "javascript:alert(1)", "", " ", "http://\u0661.0.0.1:9/"),
]


@pytest.mark.parametrize("address", ADDRESSES, ids=range(len(ADDRESSES)))
def test_an_address_that_is_none_is_a_failure_or_a_failed_premise(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server names it: as the place of an upload, of a download, or of a redirection."""

    def nobody(*_: object, **__: object) -> list[object]:
        raise OSError("no name is asked for")

    monkeypatch.setattr("socket.create_connection", nobody)
    door = Door("http://127.0.0.1:9", Recorder(Redactor()))
    session = Session(door, Cell.parse("api-update"), "a session", "an item")
    with suppress(PremiseFailed):
        assert transfer(session, "PUT", address, b"content").failure
    if not address.startswith("/"):
        assert door.send("GET", address or "x").failure


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("verbatim", [False, True])
def test_a_request_is_sent_once_more_where_a_kept_connection_was_closed(method: str, *, verbatim: bool) -> None:
    """The server answers one request on each connection, says that it keeps it open, and closes it at the second."""
    heard: list[bytes] = []
    with closing_after_the_first(heard) as url:
        recorder = Recorder(Redactor())
        door = Door(url, recorder)
        for number in range(3):
            path = f"/{number}"
            answer = door.send_as_it_is(Request(method, url + path)) if verbatim else door.send(method, path)
            assert (answer.status, answer.in_doubt) == (200, method == "POST" and number > 0)
        door.close()
    kept = recorder.plays[BESIDE].exchanges
    closed = Unheard.CONNECTION_CLOSED
    assert [one.unheard for one in kept] == [None, closed, None, closed, None]
    assert [line.split(b" ")[1] for line in heard] == [b"/0", b"/1", b"/1", b"/2", b"/2"]


@pytest.mark.parametrize("before", [0, 2])
def test_a_new_connection_that_is_closed_without_an_answer_is_the_servers_word(before: int) -> None:
    """Whether the request came on an old connection first or not."""
    answers = [length(2) + b"{}"] * before

    def pieces() -> Iterable[bytes]:
        return [answers.pop()] if answers else []

    with answering(pieces) as url:
        door = Door(url, Recorder(Redactor()))
        exchanges = [door.send("POST", "/x") for _ in range(before + 1)]
        door.close()
    assert (exchanges[-1].unheard, exchanges[-1].in_doubt) == (None, False)
    assert (exchanges[-1].failure or "").startswith("RemoteProtocolError: Server disconnected")


@contextmanager
def closing_after_the_first(heard: list[bytes]) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection, suppress(OSError):
                    heard.append(connection.recv(65536))
                    connection.sendall(length(2) + b"{}")
                    heard.append(connection.recv(65536))
                    while b"" in heard:
                        heard.remove(b"")

        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)


def test_long_answers_beyond_the_room_of_a_run_are_told_and_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "SHORT", 100)
    monkeypatch.setattr(limits, "IN_ALL", 450)
    body = b"[" + b"a" * 199
    with answering(once(length(200) + body)) as url:
        door = Door(url, Recorder(Redactor()))
        first, second, third = (door.send("GET", "/a") for _ in range(3))
        door.close()
    assert [one.response is None for one in (first, second, third)] == [False, False, True]
    assert third.not_kept == (
        "the answer (200) has 200 bytes, and the long answers of this run have 450 in all, so it was not kept; "
        f"its sha256 is {hashlib.sha256(body).hexdigest()}, and it begins {body[:100]!r}"
    )
    assert first.not_kept == ""
