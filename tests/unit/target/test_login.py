"""Logging in: the token reaches the door, and no exchange."""

from __future__ import annotations

import json
from typing import Any

import pytest

from contract_tests.contract import Dialect
from contract_tests.target.login import basic, log_in

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
