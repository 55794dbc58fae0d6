"""Neighbours: what a client does to one session, those beside it do not feel; a rule of several sessions."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from contract_tests.contract import Cell, Service
from contract_tests.driver import Session, Workspace
from contract_tests.driver.content import list_files, push
from contract_tests.problems import PremiseFailed
from contract_tests.rules.checks import unchanged
from contract_tests.rules.checks.contents import keeps_files
from contract_tests.scenarios import clause
from contract_tests.scenarios.specifications import VALID
from contract_tests.scenarios.steps import DELETES

if TYPE_CHECKING:
    from contract_tests.judging import Judge

OpenSession = Callable[[], Session]
OpenRichSession = Callable[..., Session]
Call = Callable[[Session, Workspace], object]


@clause("life-cycle.cancel", "life-cycle.fail", *DELETES.values())
def test_no_other_session_of_the_service_ends_with_it(
    cell: Cell, open_session: OpenSession, open_rich_session: OpenRichSession, judge: Judge
) -> None:
    for slug, end in (
        ("life-cycle.cancel", Session.cancel),
        ("life-cycle.fail", Session.fail),
        (DELETES[cell.service], _cancel_and_delete),
    ):
        session, other = open_session(), open_rich_session()
        files, before = list_files(other), other.read()
        end(session)
        judge(slug, unchanged(before, other.read(), "expiration_time"), keeps_files(files, list_files(other)))


def _create(session: Session, workspace: Workspace) -> object:
    return workspace.open_session(session.cell)


def _update(session: Session, _: Workspace) -> object:
    return session.update(VALID)


def _complete(session: Session, _: Workspace) -> object:
    with suppress(PremiseFailed):  # a server that takes no file may complete the session all the same
        push(session, "contract.txt", b"contract")
    return session.complete()


OF_BOTH: dict[str, Call] = {
    "create": _create,
    "cancel": lambda session, _: session.cancel(),
    "fail": lambda session, _: session.fail(),
    "delete": lambda session, _: _cancel_and_delete(session),
}
OF_UPDATES: dict[str, Call] = {"update": _update, "complete": _complete}


@pytest.mark.parametrize("call", OF_BOTH.values(), ids=OF_BOTH.keys())
@clause("life-cycle.only-named-session")
def test_no_other_session_is_touched(
    call: Call, open_session: OpenSession, open_rich_session: OpenRichSession, workspace: Workspace, judge: Judge
) -> None:
    session = open_session()  # first: to create a session may be what touches the others
    has_several = session.cell.service is Service.DOWNLOAD  # on one item
    others = [open_rich_session(session.cell, session.item)] if has_several else []
    _next_to([*others, *_rich_ones(session.cell, open_rich_session)], call, session, workspace, judge)


@pytest.mark.parametrize("call", OF_UPDATES.values(), ids=OF_UPDATES.keys())
@clause("life-cycle.only-named-session", service=Service.UPDATE)
def test_no_other_session_is_touched_by_what_uploads_have(
    call: Call, open_session: OpenSession, open_rich_session: OpenRichSession, workspace: Workspace, judge: Judge
) -> None:
    session = open_session()
    _next_to(_rich_ones(session.cell, open_rich_session), call, session, workspace, judge)


def _rich_ones(cell: Cell, open_rich_session: OpenRichSession) -> list[Session]:
    """A session of each service; that of the cell's own last, as making the other one may be what takes from it."""
    (other,) = set(Service) - {cell.service}
    return [open_rich_session(Cell(cell.dialect, service)) for service in (other, cell.service)]


def _next_to(others: list[Session], call: Call, session: Session, workspace: Workspace, judge: Judge) -> None:
    """Make a call that is for one session, and see that others are as they were."""
    before = [(list_files(other), other.read()) for other in others]
    call(session, workspace)
    for other, (files, seen) in zip(others, before, strict=True):
        same = unchanged(seen, other.read(), "expiration_time")
        judge("life-cycle.only-named-session", same, keeps_files(files, list_files(other)))


@clause("life-cycle.cancel", "life-cycle.fail", *DELETES.values())
def test_a_session_of_the_other_service_on_the_item_does_not_end_with_it(
    cell: Cell, workspace: Workspace, open_rich_session: OpenRichSession, judge: Judge
) -> None:
    (service,) = set(Service) - {cell.service}
    for slug, ends in (
        ("life-cycle.cancel", Session.cancel),
        ("life-cycle.fail", Session.fail),
        (DELETES[cell.service], _cancel_and_delete),
    ):
        session = workspace.open_session(cell, item=workspace.new_item(cell.dialect))
        other = open_rich_session(Cell(cell.dialect, service), session.item)
        files, before = list_files(other), other.read()
        ends(session)
        judge(slug, unchanged(before, other.read(), "expiration_time"), keeps_files(files, list_files(other)))


def _cancel_and_delete(session: Session) -> None:
    session.cancel()
    session.delete()


@clause("life-cycle.fail")
def test_each_failed_session_keeps_its_own_reason(open_session: OpenSession, judge: Judge) -> None:
    first, second = open_session(), open_session()
    first.fail("The disk is full.")
    before = first.read()
    second.fail("The network is down.")
    judge("life-cycle.fail", unchanged(before, first.read(), "expiration_time"))
