"""Neighbours: what a client does to one session, those beside it do not feel; a rule of several sessions."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from contract_tests.contract import Cell, Service
from contract_tests.driver import Session, Workspace
from contract_tests.rules.checks import unchanged
from contract_tests.scenarios import clause
from contract_tests.scenarios.steps import DELETES

if TYPE_CHECKING:
    from contract_tests.judging import Judge

OpenSession = Callable[[], Session]


@clause("life-cycle.cancel", "life-cycle.fail", *DELETES.values())
def test_no_other_session_of_the_service_ends_with_it(cell: Cell, open_session: OpenSession, judge: Judge) -> None:
    cancelled, failed, other = (open_session() for _ in range(3))
    before = other.read()
    for slug, ends in (
        ("life-cycle.cancel", cancelled.cancel),
        ("life-cycle.fail", failed.fail),
        (DELETES[cell.service], cancelled.delete),
    ):
        ends()
        after = other.read()
        judge(slug, unchanged(before, after, "expiration_time"))
        before = after


@clause("life-cycle.cancel", "life-cycle.fail", *DELETES.values())
def test_a_session_of_the_other_service_on_the_item_does_not_end_with_it(
    cell: Cell, workspace: Workspace, judge: Judge
) -> None:
    (service,) = set(Service) - {cell.service}
    for slug, ends in (
        ("life-cycle.cancel", Session.cancel),
        ("life-cycle.fail", Session.fail),
        (DELETES[cell.service], _cancel_and_delete),
    ):
        session = workspace.open_session(cell, item=workspace.new_item(cell.dialect))
        other = workspace.open_session(Cell(cell.dialect, service), item=session.item)
        before = other.read()
        ends(session)
        judge(slug, unchanged(before, other.read(), "expiration_time"))


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
