from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest
import requests

from contract_tests.fuzz.bounded import Bounded
from contract_tests.target import limits
from contract_tests.target.silence import ENOUGH, Silence
from tests.unit.target.raw_servers import answering

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

HEAD = b"HTTP/1.1 200 OK\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"


@pytest.fixture
def session() -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.mount("http://", Bounded(Silence(lambda: True)))
        yield session


@pytest.mark.parametrize(
    ("pieces", "content"),
    [
        ([HEAD + b"Content-Length: 5\r\n\r\nhello"], b"hello"),
        ([CHUNKED, b"2\r\nhe\r\n", b"3\r\nllo\r\n0\r\n\r\n"], b"hello"),
        ([HEAD + b"\r\n", b"hel", b"lo"], b"hello"),
        ([b"HTTP/1.1 204 No Content\r\n\r\n"], b""),
    ],
    ids=["length", "chunked", "until it closes", "nothing"],
)
def test_an_answer_is_read_as_requests_does(session: requests.Session, pieces: list[bytes], content: bytes) -> None:
    with answering(lambda: pieces) as address:
        answer = session.get(address)
        assert answer.content == content == requests.get(address, timeout=5).content


def endless(head: bytes, piece: bytes) -> Iterable[bytes]:
    return itertools.chain([head], itertools.repeat(piece))


@pytest.mark.parametrize(
    "pieces", [(HEAD + b"\r\n", b"x" * 1000), (CHUNKED, b"3\r\nxxx\r\n")], ids=["plain", "chunked"]
)
def test_what_is_too_long_is_not_read_to_its_end(
    session: requests.Session, pieces: tuple[bytes, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "LONGEST", 5000)
    with (
        answering(lambda: endless(*pieces)) as address,
        pytest.raises(requests.exceptions.ConnectionError, match="too long"),
    ):
        session.get(address)


@pytest.mark.parametrize("pieces", [(HEAD + b"\r\n", b"x"), (CHUNKED, b"1\r\nx\r\n")], ids=["plain", "chunked"])
def test_what_takes_too_long_is_not_waited_for(
    session: requests.Session, pieces: tuple[bytes, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "PATIENCE", 0.05)
    monkeypatch.setattr(limits, "LONGEST", 2**40)
    with (
        answering(lambda: endless(*pieces)) as address,
        pytest.raises(requests.exceptions.ReadTimeout, match="takes too long"),
    ):
        session.get(address)


def test_what_breaks_off_is_a_broken_connection(session: requests.Session) -> None:
    with (
        answering(lambda: [HEAD + b"Content-Length: 9\r\n\r\nhel"]) as address,
        pytest.raises(requests.exceptions.ConnectionError),
    ):
        session.get(address)


def test_the_silence_is_that_of_the_door(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "PATIENCE", 0.05)
    silence = Silence(lambda: False)
    adapter = Bounded(silence)
    with requests.Session() as session, answering(lambda: endless(HEAD + b"\r\n", b"x")) as address:
        session.mount("http://", adapter)
        for _ in range(ENOUGH):
            with pytest.raises(requests.exceptions.ReadTimeout):
                session.get(address)
        with pytest.raises(requests.exceptions.ConnectionError, match="so nothing more was sent"):
            session.get(address)
