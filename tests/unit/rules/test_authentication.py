"""Who is let in, and what those are told who are not."""

from __future__ import annotations

from typing import Any

import pytest

from contract_tests.contract import Dialect
from contract_tests.problems import PremiseFailed
from contract_tests.rules.answers import of_answer
from contract_tests.rules.checks.authentication import (
    let_in,
    not_busy,
    not_forbidden,
    tells_the_same,
    unauthenticated_body,
    yields_token,
)

from .exchanges import MESSAGE, answered, error


@pytest.mark.parametrize(
    ("status", "inside", "allowed"), [(204, 1, 1), (400, 1, 1), (401, 0, 1), (403, 0, 0), (None, 0, 0)]
)
def test_who_is_let_in(status: int | None, inside: int, allowed: int) -> None:
    assert (not let_in(answered(status))) == inside
    assert (not not_forbidden(answered(status))) == allowed


@pytest.mark.parametrize("cell", ["api-update", "rest-update"])
@pytest.mark.parametrize("members", [{}, {"data": None}, {"challenge": "Basic"}])
@pytest.mark.parametrize("type_", ["UNAUTHENTICATED", None])
def test_a_401_as_documented(cell: str, members: Any, type_: str | None) -> None:
    assert not unauthenticated_body(error(401, type_, cell=cell, **members))


@pytest.mark.parametrize(
    "answer",
    [
        error(401, "UNAUTHORIZED"),
        error(401, "UNAUTHORIZED", cell="rest-update"),
        error(401, data={"primary": "password", "secondary": []}),
        error(401, data={}),
    ],
)
def test_a_401_that_is_not_as_documented(answer: Any) -> None:
    assert unauthenticated_body(answer)


@pytest.mark.parametrize(
    "answer",
    [
        answered(401),
        answered(401, b"<html>", content_type="text/html"),
        answered(401, {"messages": []}),
        answered(401, {"messages": [{"id": "a"}]}),
    ],
)
def test_the_form_of_a_401_is_that_of_every_unlisted_status(answer: Any) -> None:
    assert not unauthenticated_body(answer)
    told = {slug for slug, flaws in of_answer(answer) if flaws}
    assert told & {"errors.unlisted-status", "errors.message-members"}


@pytest.mark.parametrize("status", [400, 403, 204, None])
def test_what_is_no_401_is_not_judged(status: int | None) -> None:
    with pytest.raises(PremiseFailed, match="a 401"):
        unauthenticated_body(answered(status))


def told(text: str, status: int = 401, id_: str = "x") -> Any:
    return answered(status, {"messages": [MESSAGE | {"id": id_, "default_message": text}]})


def test_two_refusals_that_can_not_be_told_apart() -> None:
    assert not tells_the_same(told("No."), told("No."))
    assert not tells_the_same(told("No, alice."), told("No, bob."), "alice", "bob")
    assert not tells_the_same(answered(401), answered(401))
    assert not tells_the_same(answered(401, {"messages": ["No."]}), answered(401, {"messages": ["No."]}))


@pytest.mark.parametrize(
    "other", [told("No such user."), told("No.", 403), told("No.", id_="y"), answered(401), answered(None)]
)
def test_two_refusals_that_can(other: Any) -> None:
    assert tells_the_same(told("No."), other)


@pytest.mark.parametrize(
    ("dialect", "status", "body", "flaws"),
    [
        (Dialect.API, 201, "token", 0),
        (Dialect.API, 200, "token", 1),
        (Dialect.API, 201, {"value": "token"}, 1),
        (Dialect.API, 201, "", 1),
        (Dialect.API, 200, b"token", 2),
        (Dialect.API, 401, None, 2),
        (Dialect.REST, 200, {"value": "token"}, 0),
        (Dialect.REST, 201, {"value": "token"}, 1),
        (Dialect.REST, 200, "token", 1),
        (Dialect.REST, 200, {"value": 7}, 1),
        (Dialect.REST, None, None, 2),
    ],
)
def test_a_login_yields_a_token(dialect: Dialect, status: int | None, body: Any, flaws: int) -> None:
    assert len(yields_token(answered(status, body), dialect)) == flaws


def test_an_item_is_busy_or_not() -> None:
    assert not not_busy(answered(201, "id"))
    assert not not_busy(error(400, "INVALID_ARGUMENT"))
    assert not_busy(error(500, "RESOURCE_BUSY"))
