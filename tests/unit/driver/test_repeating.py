"""What is not the server's word is asked for again, and what stays as it is, is taken."""

from __future__ import annotations

import threading
from collections import Counter
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from contract_tests.contract import Dialect
from contract_tests.contract.dialects import TOKEN_HEADER
from contract_tests.driver.transport.ending import ENDING
from contract_tests.driver.transport.login import OwnLogin, log_in
from contract_tests.driver.transport.recorder import BESIDE
from contract_tests.driver.transport.repeating import (
    _IN_ALL,
    AWAY,
    BREAKS,
    GATEWAY,
    SAFE,
    SILENCES,
    Repeating,
)
from contract_tests.driver.transport.wire import request_bytes
from contract_tests.problems import ReusedConnectionClosed
from contract_tests.traffic.exchange import Exchange, Unheard

from .servers import Server, says

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contract_tests.driver import Door

ERROR = {"messages": [{"id": "x.y", "default_message": "No.", "args": []}]}
REFUSED = httpx.ConnectError("[Errno 111] Connection refused")
CLOSED = ReusedConnectionClosed("Server disconnected")
UNAVAILABLE = says(503, ERROR | {"error_type": "SERVICE_UNAVAILABLE"})
PAGE = says(502, b"<h1>Bad Gateway</h1>", content_type="text/html")


class Logins:
    """A server on which each token is good for so many requests; `refused` are answered 401 whatever they carry."""

    def __init__(self, requests: int, refused: str = "-") -> None:
        self.requests, self.refused = requests, refused
        self.used: Counter[str] = Counter()
        self.server = Server({"POST /api/session": self.log_in, "GET": self.ask, "POST": self.ask, "DELETE": self.ask})
        anonymous = self.server.door()
        login = log_in(anonymous, Dialect.API, "me", "password")
        anonymous.recorder.repeating.tokens.add(OwnLogin(login, anonymous, "me", "password", "token"))
        self.door: Door = login.door

    def log_in(self, _: httpx.Request) -> httpx.Response:
        token = f"token-number-{len(self.used)}"
        self.used[token] = 0
        return says(201, token)

    def ask(self, request: httpx.Request) -> httpx.Response:
        token = request.headers.get(TOKEN_HEADER, "")
        self.used[token] += 1
        fine = token in self.used and self.used[token] <= self.requests and self.refused not in str(request.url)
        return says(200, []) if fine else says(401, ERROR)

    @property
    def count(self) -> int:
        return self.server.asked.count("POST /api/session")


def test_who_is_refused_as_his_token_has_ended_logs_in_again_and_asks_again() -> None:
    logins = Logins(2)
    other = logins.door.with_headers({**logins.door.headers, "accept": "*/*"})
    with logins.door.recorder.recording("a test"):
        assert [logins.door.send("POST", "/x").status for _ in range(3)] == [200] * 3
        assert other.send("GET", "/y").status == 200
    kept = logins.door.recorder.plays["a test"].exchanges
    assert [(one.status, one.unheard) for one in kept] == [
        (200, None),
        (200, None),
        (401, Unheard.TOKEN_ENDED),
        (200, None),
        (200, None),
    ]
    assert not any(one.in_doubt for one in kept), "who is refused has not been served"
    assert {one.request.header(TOKEN_HEADER) for one in kept} == {"<token>"}
    assert logins.count == 2
    beside = logins.door.recorder.plays[BESIDE].exchanges
    assert not any("token-number" in str(one.as_data()) for one in [*kept, *beside])
    assert logins.door.headers[TOKEN_HEADER] == "token-number-1"


@pytest.mark.parametrize("before", [PAGE, CLOSED], ids=["a gateway", "an old connection"])
def test_a_token_that_ends_while_something_else_is_wrong_is_renewed_all_the_same(before: Any) -> None:
    logins, given = Logins(1), [before]

    def ask(request: httpx.Request) -> httpx.Response:
        if not given or logins.used[request.headers.get(TOKEN_HEADER, "")] < 1:
            return logins.ask(request)
        found = given.pop()
        if isinstance(found, Exception):
            raise found
        return httpx.Response(found.status_code, headers=found.headers, content=found.content)

    logins.server.answers["GET"] = ask
    with logins.door.recorder.recording() as kept:
        assert [logins.door.send("GET", "/x").status for _ in range(2)] == [200, 200]
    assert Unheard.TOKEN_ENDED in [one.unheard for one in kept]


def test_a_request_that_is_refused_with_a_good_token_is_refused() -> None:
    logins = Logins(100, refused="keep-alive")
    for _ in range(3):
        answer = logins.door.send("POST", "/x?action=keep-alive")
        assert (answer.status, answer.unheard) == (401, None)
    assert logins.count == 1
    assert logins.server.asked.count("GET /api/content/library/item/update-session") == 3, "once a suspicion"


def test_what_is_asked_is_what_worked_before() -> None:
    logins = Logins(1)
    assert logins.door.send("GET", "/api/version").status == 200
    assert logins.door.send("POST", "/x").status == 200
    assert logins.server.asked[1:4] == ["GET /api/version", "POST /x", "GET /api/version"]


def test_a_new_token_that_is_refused_too_is_the_servers_word() -> None:
    logins = Logins(0)
    answer = logins.door.send("POST", "/x")
    assert (answer.status, answer.unheard) == (401, None)
    assert logins.count == 2


def test_one_login_does_for_many_threads() -> None:
    logins = Logins(1)
    logins.door.send("GET", "/api/version")
    logins.requests = 1
    ready = threading.Barrier(6)
    statuses = []

    def play() -> None:
        ready.wait()
        statuses.append(logins.door.send("POST", "/x").status)

    def ask(request: httpx.Request) -> httpx.Response:
        return says(200, []) if request.headers[TOKEN_HEADER] == "token-number-1" else says(401, ERROR)

    logins.server.answers |= {"GET": ask, "POST": ask}
    threads = [threading.Thread(target=play) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [200] * 6
    assert logins.count == 2


def test_a_token_that_nobody_looks_after_ends_for_good() -> None:
    server = Server({"POST": says(401, ERROR)})
    door = server.door(vmware_api_session_id="somebody's")
    assert door.send("POST", "/x").status == 401
    assert len(server.asked) == 1


def test_a_request_as_bytes_gets_the_new_token() -> None:
    logins = Logins(0)
    sent = request_bytes(logins.door, "POST", "/x")
    tokens = logins.door.recorder.repeating.tokens
    assert tokens.in_bytes(sent) == sent
    logins.door.send("POST", "/x")
    assert tokens.in_bytes(sent) == request_bytes(logins.door, "POST", "/x") != sent


def turns(*answers: httpx.Response | Exception) -> Door:
    """A door to a server that gives these answers in turn, and the last one from then on."""

    def each() -> Iterator[httpx.Response | Exception]:
        yield from answers
        while True:
            yield answers[-1]

    given = each()

    def answer(_: httpx.Request) -> httpx.Response:
        found = next(given)
        if isinstance(found, Exception):
            raise found
        return httpx.Response(found.status_code, headers=found.headers, content=found.content)

    door = Server(dict.fromkeys(("GET", "POST", "PATCH", "DELETE", "PUT"), answer)).door()
    door.recorder.repeating = Repeating(lambda _: None)
    return door


def tries(door: Door, method: str) -> list[Any]:
    with door.recorder.recording() as kept:
        assert door.send(method, "/x") is kept[-1]
    return [(one.status, one.unheard, one.in_doubt) for one in kept]


@pytest.mark.parametrize("method", ["GET", "PUT", "POST", "PATCH", "DELETE"])
@pytest.mark.parametrize(
    ("first", "status", "why"),
    [
        (PAGE, 502, Unheard.GATEWAY),
        (UNAVAILABLE, 503, Unheard.GATEWAY),
        (CLOSED, None, Unheard.CONNECTION_CLOSED),
    ],
)
def test_what_is_not_safe_to_repeat_is_repeated_and_in_doubt(
    method: str, first: Any, status: int | None, why: Unheard
) -> None:
    assert tries(turns(first, says(204)), method) == [(status, why, False), (204, None, method not in SAFE)]


def test_a_gateway_that_says_the_same_for_ever_is_taken_at_its_word() -> None:
    for answer, status in ((PAGE, 502), (UNAVAILABLE, 503)):
        unheard = [(status, Unheard.GATEWAY, False)] * (GATEWAY - 1)
        assert tries(turns(answer), "POST") == [*unheard, (status, None, False)]


BROKEN: Any = [
    httpx.RemoteProtocolError("Server disconnected without sending a response."),
    httpx.RemoteProtocolError("peer closed connection without sending complete message body (received 1 bytes)"),
    *(httpx.ReadError("reset"), httpx.WriteError("pipe")),
]
LATE: Any = httpx.ReadTimeout("timed out")


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("broken", BROKEN, ids=repr)
def test_a_connection_that_breaks_now_and_then_is_asked_again(broken: Exception, method: str) -> None:
    expected = [(None, Unheard.CONNECTION_BROKEN, False), (200, None, method not in SAFE)]
    assert tries(turns(broken, says(200)), method) == expected


@pytest.mark.parametrize("broken", BROKEN, ids=repr)
def test_a_connection_that_breaks_each_time_is_broken_by_the_server(broken: Exception) -> None:
    expected = [*[(None, Unheard.CONNECTION_BROKEN, False)] * (BREAKS - 1), (None, None, False)]
    assert tries(turns(*[broken] * (BREAKS + 1)), "POST") == expected


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_server_that_has_answered_is_asked_again_where_it_falls_silent(method: str) -> None:
    door = turns(says(200), LATE, LATE, says(200))
    assert tries(door, method) == [(200, None, False)]
    assert tries(door, method) == [*[(None, Unheard.CONNECTION_BROKEN, False)] * 2, (200, None, method not in SAFE)]


def test_silence_that_is_meant_is_asked_again_once_in_a_run() -> None:
    door = turns(says(200), *[LATE] * 20)
    assert [len(tries(door, method)) for method in ("GET", "POST", "GET", "POST")] == [1, SILENCES, 1, 1]


def test_a_server_that_was_never_heard_is_not_asked_again_where_it_is_silent() -> None:
    assert tries(turns(LATE), "GET") == [(None, None, False)]


def test_what_is_no_http_is_the_servers_word() -> None:
    odd = httpx.RemoteProtocolError("illegal status line: bytearray(b'HELLO')")
    assert tries(turns(odd, says(200)), "POST") == [(None, None, False)]


class Clock:
    """A clock that goes on by as much as is slept."""

    def __init__(self) -> None:
        self.now = 0.0

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_server_that_is_away_for_a_while_has_not_seen_the_request(method: str) -> None:
    door, clock = turns(says(200), *[REFUSED] * 20, says(204)), Clock()
    door.recorder.repeating = Repeating(clock.sleep, lambda: clock.now)
    assert tries(door, method) == [(200, None, False)]
    assert tries(door, method) == [*[(None, Unheard.NOT_REACHED, False)] * 20, (204, None, False)]


def test_nobody_waits_for_a_server_that_never_comes_back_nor_for_one_that_was_never_there() -> None:
    door, clock = turns(REFUSED), Clock()
    door.recorder.repeating = Repeating(clock.sleep, lambda: clock.now)
    assert tries(door, "GET") == [(None, None, False)]
    door, clock = turns(says(200), REFUSED), Clock()
    door.recorder.repeating = Repeating(clock.sleep, lambda: clock.now)
    for _ in range(10):
        door.send("GET", "/x")
    assert AWAY <= clock.now < AWAY + 1


def test_a_new_connection_that_breaks_is_no_doubt() -> None:
    broken = httpx.RemoteProtocolError("Server disconnected")
    assert tries(turns(CLOSED, CLOSED, broken), "PATCH") == [
        *[(None, Unheard.CONNECTION_CLOSED, False)] * 2,
        *[(None, Unheard.CONNECTION_BROKEN, False)] * (BREAKS - 3),
        (None, None, False),
    ]


@pytest.mark.parametrize(
    "answer",
    [
        *(says(502, ERROR), says(503, ERROR | {"error_type": "RESOURCE_BUSY"}), says(504, ERROR)),
        *(says(500, b"<h1>500</h1>"), says(500, ERROR | {"error_type": "SERVICE_UNAVAILABLE"}), says(400, ERROR)),
    ],
)
def test_the_servers_own_errors_are_its_word(answer: httpx.Response) -> None:
    assert tries(turns(answer), "POST") == [(answer.status_code, None, False)]


def test_nobody_waits_for_gateways_for_ever() -> None:
    slept: list[float] = []
    door = turns(PAGE)
    door.recorder.repeating = Repeating(slept.append)
    for _ in range(100):
        door.send("GET", "/x")
    assert _IN_ALL - 1 < sum(slept) <= _IN_ALL


def test_nothing_is_sent_again_when_the_run_is_being_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ENDING, "reason", "somebody wants it")
    assert tries(turns(PAGE), "GET") == [(502, None, False)]


def test_an_exchange_keeps_its_marks() -> None:
    door = turns(PAGE, says(204))
    with door.recorder.recording() as kept:
        door.send("POST", "/x")
    assert [Exchange.from_data(one.as_data()) == one for one in kept] == [True, True]


def test_a_certificate_that_is_not_trusted_any_more_is_waited_for_by_nobody() -> None:
    untrusted = httpx.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self-signed")
    door, clock = turns(says(200), untrusted), Clock()
    door.recorder.repeating = Repeating(clock.sleep, lambda: clock.now)
    assert tries(door, "GET") == [(200, None, False)]
    assert tries(door, "GET") == [(None, None, False)]
    assert clock.now == 0
