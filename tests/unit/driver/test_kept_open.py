"""Servers that close the connections that they have kept open, as they may, and say nothing before."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from contract_tests.driver import Door, Recorder
from contract_tests.traffic.messages import Request
from contract_tests.traffic.redaction import Redactor

if TYPE_CHECKING:
    from collections.abc import Iterator

_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"


@contextmanager
def closing(last_words: bytes) -> Iterator[tuple[str, list[bytes]]]:
    """A server that answers one request on each connection, and to a second one says `last_words` and closes.

    Gives its address and what it has answered.
    """
    answered: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    answered.append(connection.recv(65536))
                    connection.sendall(_ANSWER)
                    if connection.recv(65536) and last_words:
                        connection.sendall(last_words)

        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}", answered
        server.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
@pytest.mark.parametrize("as_it_is", [False, True], ids=["a scenario", "a campaign"])
def test_a_request_that_finds_its_connection_closed_is_sent_on_another_one(method: str, *, as_it_is: bool) -> None:
    with closing(b"") as (url, answered):
        door = Door(url, Recorder(Redactor()))
        sent = [
            door.send_as_it_is(Request(method, f"{url}/{number}")) if as_it_is else door.send(method, f"/{number}")
            for number in range(4)
        ]
        door.close()
    assert [one.status for one in sent] == [200] * 4, [one.failure for one in sent]
    assert [one.split(b" ")[1] for one in answered] == [b"/0", b"/1", b"/2", b"/3"]


def test_an_answer_that_has_begun_is_the_answer() -> None:
    with closing(b"HTTP/1.1 20") as (url, answered):
        door = Door(url, Recorder(Redactor()))
        first, second = door.send("POST", "/0"), door.send("POST", "/1")
        door.close()
    assert (first.status, first.in_doubt, second.status, second.in_doubt) == (200, False, 200, True)
    assert len(answered) == 2
