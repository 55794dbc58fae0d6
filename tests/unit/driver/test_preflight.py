from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from contract_tests.contract import Dialect
from contract_tests.driver import Settings, preflight
from contract_tests.driver.control import control_door
from contract_tests.problems import UsageProblem

from .servers import BASE, Server, says

if TYPE_CHECKING:
    from .servers import Answer

API, REST = "POST /api/session", "POST /rest/com/vmware/cis/session"
WHO = "GET /api/session"
HTML = says(200, b"<html>", content_type="text/html; charset=x")
SETTINGS = Settings(target=BASE, username="me", password="correct horse")
BASIC = "bWU6Y29ycmVjdCBob3JzZQ"

BOTH: dict[str, Answer] = {API: says(201, "token-of-api"), REST: says(200, {"value": "token-of-rest"})}


def enter(server: Server, settings: Settings = SETTINGS) -> Any:
    return preflight(settings, BASE, server.door(), control_door(server.door()))


def refusal(answers: dict[str, Answer], settings: Settings = SETTINGS) -> str:
    """The sentence that a user reads."""
    with pytest.raises(UsageProblem) as problem:
        enter(Server(answers), settings)
    assert "\n" not in str(problem.value)
    return str(problem.value)


def test_both_dialects_are_entered() -> None:
    server = Server(BOTH)
    facts, access = enter(server)
    assert (facts.base, facts.dialects, facts.controls_clock) == (BASE, (Dialect.API, Dialect.REST), False)
    assert server.requests[0].headers["authorization"].startswith(f"Basic {BASIC}")
    for dialect, token in ((Dialect.API, "token-of-api"), (Dialect.REST, "token-of-rest")):
        access.doors[dialect].send("GET", "/x")
        assert server.requests[-1].headers["vmware-api-session-id"] == token
        assert "authorization" not in server.requests[-1].headers
    access.anonymous.send("GET", "/x")
    assert "vmware-api-session-id" not in server.requests[-1].headers


@pytest.mark.parametrize(
    ("answers", "dialect"), [({API: BOTH[API]}, Dialect.API), ({REST: BOTH[REST], API: HTML}, Dialect.REST)]
)
def test_one_dialect_is_enough(answers: dict[str, Answer], dialect: Dialect) -> None:
    assert enter(Server(answers))[0].dialects == (dialect,)


def test_only_the_dialect_that_was_asked_for_is_tried() -> None:
    server = Server(BOTH)
    facts, _ = enter(server, Settings(target=BASE, username="me", password="p", dialect=Dialect.REST))
    assert facts.dialects == (Dialect.REST,)
    assert API not in server.asked


def test_a_dialect_that_is_not_spoken_is_told() -> None:
    settings = Settings(target=BASE, username="me", password="p", dialect=Dialect.REST)
    assert refusal({API: BOTH[API]}, settings) == (
        f"{BASE} does not speak the API under test (/rest/com/vmware/cis/session answers 404 with application/json); "
        "check --target and --dialect"
    )


def test_html_is_told() -> None:
    assert refusal({"POST": HTML}) == (
        f"{BASE} does not speak the API under test (/api/session answers 200 with an HTML page; "
        "/rest/com/vmware/cis/session answers 200 with an HTML page); check --target"
    )


@pytest.mark.parametrize("status", [401, 403])
def test_a_wrong_password_is_told_after_one_try(status: int) -> None:
    server = Server({"POST": says(status, {})})
    with pytest.raises(UsageProblem) as problem:
        enter(server)
    assert str(problem.value) == (
        f"{BASE} refuses the user name and password ({status} at /api/session); "
        "check CONTRACT_USERNAME and CONTRACT_PASSWORD"
    )
    assert server.asked == [API]


@pytest.mark.parametrize(
    ("failure", "sentence"),
    [
        ("[Errno 111] Connection refused", "can't be reached .*; is the server running, and is --target right\\?"),
        ("[SSL: CERTIFICATE_VERIFY_FAILED] self-signed", "is not trusted .*; give --ca-bundle FILE .*, or --insecure"),
        ("Hostname mismatch, certificate is not valid for 'x'", "is not trusted"),
        (
            "[SSL: WRONG_VERSION_NUMBER] wrong version number",
            "does not speak TLS .*; is it http:// rather than https://",
        ),
    ],
)
def test_what_can_not_be_reached_is_told(failure: str, sentence: str) -> None:
    assert re.search(sentence, refusal({"POST": httpx.ConnectError(failure)}))


@pytest.mark.parametrize(
    "answer",
    [
        says(201),
        says(201, b"<html>"),
        says(201, b"\xff"),
        says(201, b"[" * 100_000),
        says(201, 7),
        says(201, ""),
        says(201, {"token": "x"}),
        says(201, "with space"),
        says(201, "line\r\nx: y"),
        says(201, "tökèn"),
        says(201, b'"\\ud800"'),
        says(202, "token"),
        says(503, "token"),
        says(302, "token", location="/elsewhere"),
    ],
)
def test_what_is_no_token_opens_nothing(answer: httpx.Response) -> None:
    assert "does not speak the API under test" in refusal({"POST": answer})


def test_what_a_server_calls_its_content_moves_no_cursor() -> None:
    assert "\x9b" not in refusal({"POST": httpx.Response(200, headers=[(b"content-type", b"a\x9b2J")])})


@pytest.mark.parametrize("answer", [says(401, {}), httpx.ReadTimeout("timed out")])
def test_a_dialect_that_was_entered_is_left_again(answer: Answer) -> None:
    server = Server({API: says(201, "token-of-api"), REST: answer})
    with pytest.raises(UsageProblem):
        enter(server)
    assert server.asked[-1] == "DELETE /api/session"
    assert server.requests[-1].headers["vmware-api-session-id"] == "token-of-api"


def test_secrets_are_learnt_before_anything_is_kept() -> None:
    def echo(request: httpx.Request) -> httpx.Response:
        return httpx.Response(201, json="token-of-api", headers={"x-echo": request.headers["authorization"]})

    server = Server({API: echo, "GET": says(200, b"me token-of-api correct horse " + BASIC.encode())})
    door = server.door()
    with door.recorder.recording() as kept:
        preflight(SETTINGS, BASE, door, door)
    text = json.dumps([one.as_data() for one in kept])
    for secret in ("token-of-api", "correct horse", BASIC):
        assert secret not in text
    assert "<token>" in text
    assert "<credentials>" in text


# What the server says of itself


@pytest.mark.parametrize(
    ("answers", "version"),
    [
        (
            {"GET /api/appliance/system/version": says(200, {"product": "vCenter", "version": "9.1", "build": "7"})},
            "vCenter 9.1 7",
        ),
        ({"GET /rest/appliance/system/version": says(200, {"value": {"version": "6.7"}})}, "6.7"),
        ({"GET /api/appliance/system/version": says(200, {"version": ["\x1b"], "product": None})}, "['\\x1b']"),
        ({"GET /api/appliance/system/version": says(200, b"<html>", server="nginx")}, "nginx"),
        ({"GET /api/appliance/system/version": says(200, {"value": 1}, server="a")}, "a"),
        ({"GET /rest/appliance/system/version": says(200, {"version": 1}, server="b")}, "b"),
        ({"GET /api/appliance/system/version": says(401, {"version": "x"}, server="c")}, "c"),
        ({"GET /api/appliance/system/version": httpx.ReadTimeout("t")}, "not said by the server"),
        ({"GET /api/appliance/system/version": says(200, {"version": "9" * 300})}, "9" * 200),
        ({}, "not said by the server"),
    ],
)
def test_the_version_is_what_the_server_says(answers: dict[str, Answer], version: str) -> None:
    assert enter(Server({**BOTH, **answers}))[0].version == version


@pytest.mark.parametrize("said", [says(401, {}), says(401, {}, server="nginx"), httpx.ReadTimeout("t")])
def test_no_other_server_sees_the_control_door_tried(said: Answer) -> None:
    server = Server({**BOTH, WHO: said, "GET /_control/clock": says(200, {})})
    assert enter(server)[0].controls_clock is False
    assert [asked for asked in server.asked if "_control" in asked] == []


@pytest.mark.parametrize(("status", "controls"), [(200, 1), (404, 0)])
def test_the_mock_is_asked_for_its_control_door(status: int, controls: int) -> None:
    server = Server({**BOTH, WHO: says(401, {}, server="cl-contract-mock/1"), "GET /_control/clock": says(status, {})})
    assert enter(server)[0].controls_clock is bool(controls)


# The second user


def second(answer: Answer, **answers: Answer) -> Server:
    def by_user(request: httpx.Request) -> httpx.Response:
        if request.headers["authorization"].startswith(f"Basic {BASIC}"):
            return says(201, "token-of-api")
        assert isinstance(answer, httpx.Response)
        return answer

    return Server({API: by_user, "DELETE /api/session": says(204), **answers})


TWO = Settings(target=BASE, username="me", password="correct horse", second_user=("you", "battery staple"))


def test_a_second_user_has_doors_of_its_own() -> None:
    server = second(says(201, "token-of-second"))
    _, access = enter(server, TWO)
    access.second[Dialect.API].send("GET", "/echo")
    assert server.requests[-1].headers["vmware-api-session-id"] == "token-of-second"
    assert access.log_out() == []
    assert server.asked[-2:] == ["DELETE /api/session"] * 2


def test_without_a_second_user_there_are_none() -> None:
    assert enter(Server(BOTH))[1].second == {}


def test_a_second_user_that_is_refused_is_told_and_the_first_leaves() -> None:
    server = second(says(401, {}))
    with pytest.raises(UsageProblem, match=r"^the second user can't be used: .* refuses the user name and password"):
        enter(server, TWO)
    assert server.asked[-1] == "DELETE /api/session"


def test_a_log_out_that_fails_is_given_back() -> None:
    _, access = enter(Server({**BOTH, "DELETE /api/session": says(500, {}), "DELETE": says(200)}))
    assert [answer.status for answer in access.log_out()] == [500]
