"""Logging in: the token reaches the door, and no exchange."""

from __future__ import annotations

import json
import time
from itertools import count
from typing import Any

import pytest

from contract_tests.contract import Dialect
from contract_tests.driver.transport.login import basic, log_in

from .servers import Server, says

API, REST = "POST /api/session", "POST /rest/com/vmware/cis/session"
TOKEN = "0f1e2d3c4b5a6978"


def entered(answer: Any, dialect: Dialect = Dialect.API) -> Any:
    server = Server({API: answer, REST: answer})
    return log_in(server.door(), dialect, "me", "correct horse", cell="api-update")


@pytest.mark.parametrize("body", [TOKEN, {"value": TOKEN}])
@pytest.mark.parametrize("dialect", list(Dialect))
def test_a_token_is_found_in_the_form_of_either_dialect(body: Any, dialect: Dialect) -> None:
    login = entered(says(200, body), dialect)
    assert login.token == TOKEN
    assert login.door.headers == {"vmware-api-session-id": TOKEN}
    assert TOKEN not in json.dumps(login.answer.as_data())
    assert TOKEN not in repr(login)
    assert login.answer.cell == "api-update"


def test_a_token_that_is_given_as_a_cookie_too_is_known_as_the_token() -> None:
    login = entered(says(200, {"value": TOKEN}, set_cookie=f"vmware-api-session-id={TOKEN};Path=/rest"), Dialect.REST)
    assert login.answer.response is not None
    assert login.answer.response.json == {"value": "<token>"}
    sent = login.door.send("GET", "/rest/x").request
    assert sent.header("vmware-api-session-id") == "<token>"


@pytest.mark.parametrize(
    "answer",
    [says(200, {"session": {"token": TOKEN}}), says(200, [TOKEN]), says(202, TOKEN), says(201, TOKEN.encode())],
)
def test_a_token_in_a_form_of_its_own_is_hidden_and_not_used(answer: Any) -> None:
    login = entered(answer)
    assert (login.token, login.door.headers) == (None, {})
    assert TOKEN not in json.dumps(login.answer.as_data())


@pytest.mark.parametrize("answer", [says(201), says(201, 7), says(201, ""), says(401, "sorry"), says(201, "two words")])
def test_no_token(answer: Any) -> None:
    assert entered(answer).token is None


def test_a_page_stays_as_it_was() -> None:
    assert b"<html> <b>" in entered(says(200, b"<html> <b>")).answer.response.body


def test_neither_name_nor_password_is_kept() -> None:
    told = json.dumps(
        entered(says(401, {"you": "correct horse", "sent": basic("me", "correct horse")})).answer.as_data()
    )
    assert "correct horse" not in told
    assert basic("me", "correct horse").removeprefix("Basic ") not in told


@pytest.mark.parametrize(
    ("dialect", "asked"), [(Dialect.API, "DELETE /api/session"), (Dialect.REST, "DELETE /rest/com/vmware/cis/session")]
)
def test_logging_out_sends_the_token_that_is_to_end(dialect: Dialect, asked: str) -> None:
    server = Server({"POST": says(200, TOKEN), "DELETE": says(204)})
    login = log_in(server.door(), dialect, "me", "correct horse")
    assert not login.ended
    assert login.log_out().status == 204
    assert login.ended
    assert server.asked[-1] == asked
    assert server.requests[-1].headers["vmware-api-session-id"] == TOKEN


REFRESH = "Zk3v9Qx7LmN2pRt"


@pytest.mark.parametrize(
    "answer",
    [
        says(200, {"value": TOKEN, "refresh": {"tokens": [REFRESH]}}),
        says(200, {"value": TOKEN}, x_csrf_token=REFRESH),
        says(200, {"value": TOKEN}, authorization=f"Bearer {REFRESH}"),
        says(200, {"value": TOKEN}, vmware_api_session_id=REFRESH),
        says(200, {"value": TOKEN}, set_cookie=f"refresh={REFRESH}; HttpOnly"),
    ],
)
def test_a_second_secret_of_a_login_is_hidden_wherever_it_is_repeated(answer: Any) -> None:
    server = Server({API: answer, "GET": says(200, {"you": REFRESH})})
    login = log_in(server.door(), Dialect.API, "me", "correct horse")
    repeated = login.door.send("GET", "/x")
    assert login.token == TOKEN
    assert REFRESH not in str((login.answer, repeated))


@pytest.mark.parametrize("near", [TOKEN[:-1], TOKEN[1:], f"X{TOKEN[1:]}", f"{TOKEN[:7]}.{TOKEN[8:]}", TOKEN.upper()])
@pytest.mark.parametrize("header", ["vmware-api-session-id", "authorization", "cookie"])
def test_what_is_nearly_a_token_is_hidden_wherever_it_is_repeated(near: str, header: str) -> None:
    server = Server({API: says(200, TOKEN), "GET": lambda request: says(401, {"no such": request.headers[header]})})
    login = log_in(server.door(), Dialect.API, "me", "correct horse")
    refused = login.door.with_headers({header: f"a={near}" if header == "cookie" else near}).send("GET", "/x")
    assert near not in str(refused)
    assert refused.request.header(header) == "<redacted>"


def test_what_was_never_a_token_is_told() -> None:
    server = Server({API: says(200, TOKEN), "GET": says(401, {"no such": "0123456789abcdef"})})
    login = log_in(server.door(), Dialect.API, "me", "correct horse")
    refused = login.door.with_headers({"vmware-api-session-id": "0123456789abcdef"}).send("GET", "/x")
    assert "no such" in str(refused)
    assert "0123456789abcdef" in str(refused.response)


@pytest.mark.parametrize(("status", "left"), [(204, False), (200, False), (401, False), (500, True), (404, True)])
def test_a_login_that_could_not_be_ended_is_left(status: int, left: bool) -> None:  # noqa: FBT001 - a column
    server = Server({"POST": says(200, TOKEN), "DELETE": says(status, {})})
    login = log_in(server.door(), Dialect.API, "me", "correct horse")
    login.log_out()
    assert login.ended is not left


@pytest.mark.parametrize("wrapped", [False, True])
def test_a_login_that_gives_thousands_of_secrets_is_not_kept(*, wrapped: bool) -> None:
    many = [f"s3cret-{number}" for number in range(20_000)]
    began = time.process_time()
    login = entered(says(200, {"value": TOKEN, "more": many} if wrapped else [TOKEN, *many]))
    assert (login.token, login.answer.response) == (None, None)
    assert login.answer.failure is not None
    assert "may hold secrets" in login.answer.failure
    assert time.process_time() - began < 5


def test_many_logins_that_give_many_secrets_are_not_kept_in_the_end() -> None:
    numbers = count()
    server = Server({API: lambda _: says(201, [f"{next(numbers):064}" for _ in range(900)])})
    door = server.door()
    began = time.process_time()
    answers = [log_in(door, Dialect.API, "me", "correct horse").answer for _ in range(9)]
    assert answers[0].response is not None
    assert answers[-1].not_kept
    assert time.process_time() - began < 20
