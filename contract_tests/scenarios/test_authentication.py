"""Authentication: no operation is served without a valid session token of the API."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from contract_tests.checks import Refusal, refused, unchanged
from contract_tests.contract.dialects import TOKEN_HEADER
from contract_tests.scenarios import clause
from contract_tests.scenarios.steps import whole_error
from contract_tests.target import Session

if TYPE_CHECKING:
    from contract_tests.evidence import Judge
    from contract_tests.exchange import Exchange

OpenSession = Callable[[], Session]

UNAUTHENTICATED = Refusal(401, "UNAUTHENTICATED")

ON_ONE_SESSION: dict[str, Callable[[Session], Exchange]] = {
    "read": Session.read,
    "list": Session.listed,
    "keep-alive": Session.keep_alive,
    "cancel": Session.cancel,
    "fail": Session.fail,
    "delete": Session.delete,
}

each_operation = pytest.mark.parametrize("ask", ON_ONE_SESSION.values(), ids=ON_ONE_SESSION.keys())


@each_operation
@clause("authentication.token-required")
def test_without_a_token_nothing_is_served(
    ask: Callable[[Session], Exchange], open_session: OpenSession, judge: Judge
) -> None:
    session = open_session()
    before = session.read()
    answer = ask(session.with_headers({}))
    judge("authentication.token-required", refused(answer, UNAUTHENTICATED), unchanged(before, session.read()))
    whole_error(judge, answer)


@each_operation
@clause("authentication.unknown-token")
def test_an_unknown_token_opens_nothing(
    ask: Callable[[Session], Exchange], open_session: OpenSession, judge: Judge
) -> None:
    session = open_session()
    before = session.read()
    answer = ask(session.with_headers({TOKEN_HEADER: "0123456789abcdef0123456789abcdef"}))
    judge("authentication.unknown-token", refused(answer, UNAUTHENTICATED), unchanged(before, session.read()))
    whole_error(judge, answer)
