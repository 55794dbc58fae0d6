"""What a campaign sends is, to the byte, what schemathesis means to send; what comes back is what it checks."""

from __future__ import annotations

import re
import socket
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest
import requests
from hypothesis.errors import Unsatisfiable
from schemathesis.core.result import Ok
from schemathesis.generation.modes import GenerationMode
from schemathesis.transport.requests import REQUESTS_TRANSPORT, ManagedCookiesSession

from contract_tests.contract import Dialect
from contract_tests.driver import Door, Recorder, Settings, open_target
from contract_tests.fuzz.campaigns.engine import Size, load_schema
from contract_tests.fuzz.campaigns.interactions import NO_ANSWER, answer_of, prepared, request_of
from contract_tests.traffic.redaction import Redactor

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemathesis.generation.case import Case

CORRELATION = re.compile(rb"(?i)x-schemathesis-testcaseid: .*\r\n")
FEW = hypothesis.settings(
    max_examples=3,
    database=None,
    deadline=None,
    phases=[hypothesis.Phase.generate],
    suppress_health_check=list(hypothesis.HealthCheck),
    derandomize=True,
)
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


@contextmanager
def listening(heard: list[bytes]) -> Iterator[str]:
    """The address of a server that keeps the bytes of each request, and answers them all alike."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def converse(connection: socket.socket) -> None:
            with connection:
                rest = b""
                while True:
                    while b"\r\n\r\n" not in rest:
                        if not (piece := connection.recv(65536)):
                            return
                        rest += piece
                    head, _, rest = rest.partition(b"\r\n\r\n")
                    lines = [line.partition(b":") for line in head.lower().split(b"\r\n")]
                    length = next((int(value) for name, _, value in lines if name == b"content-length"), 0)
                    while len(rest) < length:
                        rest += connection.recv(65536)
                    heard.append(head + b"\r\n\r\n" + rest[:length])
                    rest = rest[length:]
                    connection.sendall(ANSWER)

        def serve() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                threading.Thread(target=converse, args=(connection,), daemon=True).start()

        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)


@contextmanager
def both_ways() -> Iterator[tuple[Any, list[bytes]]]:
    """A function that sends a request as `requests` does, and through the door; and what was heard."""
    heard: list[bytes] = []
    with listening(heard) as address, requests.Session() as session:
        session.trust_env = False
        door = Door(address, Recorder(Redactor()))

        def send(request: requests.PreparedRequest) -> tuple[bytes, bytes]:
            heard.clear()
            request.headers.pop("X-Schemathesis-TestCaseId", None)
            session.send(request, allow_redirects=False, timeout=30)
            exchange = door.send_as_it_is(request_of(request))
            assert exchange.failure is None
            first, second = heard
            return first, second

        send.address = address  # type: ignore[attr-defined]
        yield send, heard
        door.close()


ODD_HEADERS: dict[str, str | bytes] = {
    "empty": "",
    "behind": "blanks behind \t ",
    "control": "\x01\x0b\x0c\x1f\x7f",
    "latin": "\xe9\xff\x80",
    "MixedCase": "Stays",
    "bytes": b"\xff\xfe",
}


@pytest.mark.parametrize("method", ["GET", "POST", "PATCH", "DELETE"])
@pytest.mark.parametrize(
    "path",
    [
        "/api/a",
        "/api/%2E%2E/x%2f..;a=b/%C3%A9",
        "/api/a?",
        "/api/a?~action=b&c=%20+d&e",
        "/api//double/",
        '/api/a?b=[]{}|^`"<>',
        "/api/\xe9?x=\u20ac",
        "/api/a?b=%zz%",
    ],
)
@pytest.mark.parametrize("body", [None, b"", b"\x00\xff", "text \u20ac", {"form": "a b"}], ids=repr)
def test_the_bytes_are_those_that_requests_sends(method: str, path: str, body: Any) -> None:
    with both_ways() as (send, _):
        made = requests.Request(method, send.address + path, headers=ODD_HEADERS, data=body).prepare()
        made.headers.update({"User-Agent": "schemathesis", "Accept-Encoding": "identity"})
        usual, ours = send(made)
    assert ours == usual


@pytest.mark.parametrize("dialect", Dialect)
def test_the_bytes_of_cases_are_those_that_schemathesis_sends(dialect: Dialect) -> None:
    compared: set[str] = set()
    heard: list[bytes] = []
    with open_target(Settings(), lambda _seconds: None) as target, listening(heard) as address:
        schema = load_schema(target, dialect, 1, Size(5))
        door = Door(address, Recorder(Redactor()))
        session = ManagedCookiesSession()
        session.trust_env = False

        def compare(case: Case[Any]) -> None:
            heard.clear()
            for headers in ({"vmware-api-session-id": "a token", "Accept-Encoding": "identity"}, {}):
                session.headers.clear()
                session.headers.update(headers)
                options = {"base_url": address + "/base"}
                ours = request_of(prepared(case, session, dict(options)))
                REQUESTS_TRANSPORT.send(case, session=session, **options)
                door.send_as_it_is(ours)
                usual, seen = heard[-2:]
                assert seen == CORRELATION.sub(b"", usual)
            compared.add(case.operation.label)

        every = [found.ok() for found in schema.get_all_operations() if isinstance(found, Ok)]
        chosen = [operation for operation in every if "update-session" in operation.path]
        for operation in chosen:
            for mode in GenerationMode:
                try_all = hypothesis.given(operation.as_strategy(generation_mode=mode))(compare)
                with suppress(Unsatisfiable):  # not everything can be wrong
                    FEW(try_all)()
        door.close()
    assert len(compared) == len(chosen) >= 5


def test_without_a_session_no_header_of_the_configuration_is_sent() -> None:
    made = requests.Request("GET", "http://h/p?a=1", headers={"X-Schemathesis-TestCaseId": "abc"}).prepare()
    assert request_of(made).headers == ()
    assert request_of(made).url == "http://h/p?a=1"


def test_an_answer_is_what_schemathesis_checks() -> None:
    with both_ways() as (send, _):
        made = requests.Request("GET", send.address + "/a").prepare()
        door = Door(send.address, Recorder(Redactor()))
        answer = answer_of(door.send_as_it_is(request_of(made)), made, {})
        door.close()
    assert (answer.status_code, answer.content, answer.request) == (200, b"{}", made)
    assert answer.headers == {"content-length": ["2"]}


def test_something_stands_in_for_an_answer_that_never_came() -> None:
    made = requests.Request("GET", "http://127.0.0.1:9/a").prepare()
    door = Door("http://127.0.0.1:9", Recorder(Redactor()))
    answer = answer_of(door.send_as_it_is(request_of(made)), made, {})
    assert (answer.status_code, answer.content, answer.request) == (NO_ANSWER, b"", made)
