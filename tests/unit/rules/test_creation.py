"""What an answer to create says, and what a session says about its end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from contract_tests.rules.checks.creation import (
    created_id,
    has_id_of_its_own,
    yields_another_id,
    yields_id,
    yields_the_same_id,
)
from contract_tests.rules.checks.endings import says_why

from .exchanges import MESSAGE, NO_SESSIONS, answered, session

if TYPE_CHECKING:
    from contract_tests.traffic.exchange import Exchange


def created(status: int, body: Any, cell: str = "api-update") -> Exchange:
    return answered(status, body, cell=cell, operation="create")


FIRST, SECOND, NONE = created(201, "a:b"), created(201, "c:d"), created(400, {})


@pytest.mark.parametrize(
    ("status", "body", "cell"),
    [(201, "a:b", "api-update"), (201, "a:b", "api-download"), (200, {"value": "a:b"}, "rest-update")],
)
def test_an_id_is_yielded_in_the_form_of_the_dialect(status: int, body: Any, cell: str) -> None:
    answer = created(status, body, cell)
    assert not yields_id(answer)
    assert created_id(answer) == "a:b"


@pytest.mark.parametrize(
    ("status", "body", "cell", "expected"),
    [
        (200, "a:b", "api-update", "status 201"),
        (201, {"value": "a:b"}, "rest-update", "status 200"),
        (400, {}, "api-update", "status 201"),
        (201, {"value": "a:b"}, "api-update", "an id as a JSON string, bare"),
        (201, "", "api-update", "an id as a JSON string, bare"),
        (201, 7, "api-update", "an id as a JSON string, bare"),
        (201, None, "api-update", "an id as a JSON string, bare"),
        (201, b"a:b", "api-update", "an id as a JSON string, bare"),
        (200, "a:b", "rest-update", "an id as a JSON string in the member value"),
        (200, {"value": {"id": "a:b"}}, "rest-update", "an id as a JSON string in the member value"),
    ],
)
def test_anything_else_is_no_id(status: int, body: Any, cell: str, expected: str) -> None:
    (flaw,) = yields_id(created(status, body, cell))
    assert flaw.expected == expected


def test_no_answer_is_no_id() -> None:
    assert yields_id(answered(None, operation="create"))
    assert created_id(answered(None)) is None


def test_two_answers_name_one_session_or_two() -> None:
    assert not yields_the_same_id(FIRST, created(201, "a:b"))
    assert yields_the_same_id(FIRST, SECOND)
    assert yields_the_same_id(FIRST, NONE)
    assert yields_the_same_id(NONE, NONE)
    assert not yields_another_id(FIRST, SECOND)
    assert not yields_another_id(NONE, NONE)
    assert yields_another_id(FIRST, created(201, "a:b"))


def test_the_server_chooses_the_id() -> None:
    assert not has_id_of_its_own(FIRST, "c:d")
    assert not has_id_of_its_own(NONE, "c:d")
    (flaw,) = has_id_of_its_own(FIRST, "a:b")
    assert "a:b" in flaw.observed


def test_a_session_says_why() -> None:
    assert not says_why(session(error_message=MESSAGE))


@pytest.mark.parametrize("message", [None, {}, [], "It broke."])
def test_a_session_that_says_nothing_is_flawed(message: Any) -> None:
    (flaw,) = says_why(session(error_message=message))
    assert flaw.expected == "an error_message"


@pytest.mark.parametrize("answer", NO_SESSIONS)
def test_what_is_no_session_says_nothing(answer: Exchange) -> None:
    assert says_why(answer)
