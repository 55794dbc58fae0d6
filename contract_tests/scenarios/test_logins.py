"""Logins: a session belongs to the user, and not to the login that made it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from contract_tests.driver import Session, Workspace
from contract_tests.driver.transport.login import Login
from contract_tests.problems import PremiseFailed
from contract_tests.rules.checks import accepts_progress, still_active, succeeds
from contract_tests.rules.checks.authentication import let_in
from contract_tests.rules.checks.flaw import shown
from contract_tests.rules.checks.lists import lists_at_least, lists_ids
from contract_tests.scenarios import clause

if TYPE_CHECKING:
    from contract_tests.contract import Cell
    from contract_tests.judging import Judge

LogIn = Callable[..., AbstractContextManager[Login]]
OpenSession = Callable[[], Session]


@clause("authentication.token-header", "keep-alive.stores-progress", "model.list")
def test_a_client_that_logs_in_again_goes_on_with_its_session(
    open_session: OpenSession, log_in: LogIn, judge: Judge
) -> None:
    session = open_session()
    with log_in() as login:
        _need_token(login)
        again = session.with_door(login.door)
        kept, seen, listed = again.keep_alive(40), again.read(), again.listed(session.item)
    judge("authentication.token-header", let_in(kept), let_in(seen), let_in(listed))
    # Whose the other token is, is known here alone: of requests that carry one, the oracle says nothing.
    judge("keep-alive.stores-progress", accepts_progress(kept, seen, 40), accepts_progress(kept, session.read(), 40))
    judge("model.list", lists_ids(listed) or lists_at_least(listed, session.id))


@clause("expiry.not-before-expiration-time")
def test_a_session_outlives_the_login_that_made_it(
    cell: Cell, workspace: Workspace, log_in: LogIn, judge: Judge
) -> None:
    item = workspace.new_item(cell.dialect)
    with log_in() as login:
        _need_token(login)
        created = workspace.create_session(cell, {"library_item_id": item}, door=login.door)
    # The user has logged out, by this login.
    session = workspace.session_from(created, item)
    if session is None:
        raise PremiseFailed("a new session", shown(created), created)
    judge("expiry.not-before-expiration-time", still_active(session.read()), succeeds(session.keep_alive()))


def _need_token(login: Login) -> None:
    if login.token is None:
        raise PremiseFailed("a login", shown(login.answer), login.answer)
