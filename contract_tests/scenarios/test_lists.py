"""Lists: whose sessions they hold, and what they are when there is none.

That a list is one, the oracle sees to; which sessions there are, only the scenario knows, which has made them.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING

from contract_tests.contract import Cell, Service
from contract_tests.driver import Door, Session, Workspace
from contract_tests.problems import Inconclusive, PremiseFailed
from contract_tests.rules.checks.flaw import shown
from contract_tests.rules.checks.lists import lists_at_least, lists_exactly, lists_none_of
from contract_tests.scenarios import clause
from contract_tests.scenarios.steps import refuses

if TYPE_CHECKING:
    from contract_tests.judging import Judge

OpenSession = Callable[..., Session]


@clause("model.list", "model.list-filter")
def test_lists_hold_new_sessions(cell: Cell, workspace: Workspace, judge: Judge) -> None:
    first, second = (workspace.open_session(cell, item=workspace.new_item(cell.dialect)) for _ in range(2))
    judge("model.list", lists_at_least(first.listed(), first.id, second.id))
    filtered = {one: one.listed(one.item) for one in (first, second)}
    judge("model.list-filter", *(lists_exactly(answer, one.id) for one, answer in filtered.items()))


@clause("model.list", "model.list-filter", service=Service.DOWNLOAD)
def test_a_list_of_an_item_holds_each_of_its_sessions(cell: Cell, workspace: Workspace, judge: Judge) -> None:
    item = workspace.new_item(cell.dialect)
    sessions = [workspace.open_session(cell, item=item) for _ in range(3)]
    judge("model.list-filter", lists_exactly(sessions[0].listed(item), *(session.id for session in sessions)))


@clause("model.list", "model.list-filter")
def test_a_list_without_sessions_is_an_empty_array(
    cell: Cell, unknown_session: OpenSession, workspace: Workspace, judge: Judge
) -> None:
    item = workspace.new_item(cell.dialect)
    nobody = unknown_session()
    empty = nobody.listed(item)
    # A session of the other service is none of this one.
    (service,) = set(Service) - {cell.service}
    other = workspace.open_session(Cell(cell.dialect, service), item=item)
    answer = nobody.listed(item)
    judge("model.list", lists_none_of(answer, other.id))
    judge("model.list-filter", lists_exactly(empty))


@clause("model.list-filter")
def test_a_list_of_an_unknown_item_is_not_found(open_session: OpenSession) -> None:
    open_session().listed(str(uuid.uuid4()))


@clause("model.list-own-sessions")
def test_a_list_holds_nobody_elses_sessions(
    open_session: OpenSession, second_door: Callable[[], Door], judge: Judge
) -> None:
    session = open_session()
    mine = session.listed()
    if lists_at_least(mine, session.id):
        raise PremiseFailed("a list with the new session", shown(mine), mine)
    other = session.with_door(second_door())
    answers = [answer for answer in (other.listed(), other.listed(session.item)) if not refuses(answer)]
    if not answers:
        raise Inconclusive("this takes a second user who may list sessions, and the second user is refused")
    judge("model.list-own-sessions", *(lists_none_of(answer, session.id) for answer in answers))
