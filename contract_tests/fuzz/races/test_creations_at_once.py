"""Several clients that create at once: an item takes one of them, and a client token makes one session.

A client that had no answer in time sends its create again, while the first is still under way.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import pytest

from contract_tests.contract import Service
from contract_tests.fuzz.races.clients import together
from contract_tests.rules.checks import Flaw, no_server_error, refused, still_active, succeeds
from contract_tests.rules.checks.creation import yields_the_same_id
from contract_tests.rules.checks.flaw import shown
from contract_tests.rules.checks.lists import lists_exactly, lists_ids
from contract_tests.rules.checks.responses import Refusal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from contract_tests.contract import Cell
    from contract_tests.driver import Session, Target
    from contract_tests.judging import Judge
    from contract_tests.rules.checks.flaw import Flaws
    from contract_tests.traffic.exchange import Exchange

CLIENTS, CLIENTS_LIVE = 6, 3
ROUNDS = 3

# Somebody else being at it may be told as 409, too; documented or not, such a refusal has no effect.
BUSY = (Refusal(400, "RESOURCE_BUSY"), Refusal(500, "RESOURCE_BUSY"), Refusal(409, "CONCURRENT_CHANGE"))


@pytest.mark.clause("create.second-active-session", "errors.no-server-error", service=Service.UPDATE)
def test_of_creates_at_once_an_item_takes_one(cell: Cell, target: Target, judge: Judge) -> None:
    for _ in range(_rounds(target)):
        item, answers = _created_at_once(cell, target)
        sessions, others = _told_apart(target, answers, item)
        judge(
            "create.second-active-session",
            [] if len(sessions) == 1 or _may_be(sessions, answers) else [_flaw("one", f"{len(sessions)}", answers)],
            *(refused(answer, *BUSY) for answer in others if answer.status is not None),
        )
        for session in sessions[:1]:
            judge("create.second-active-session", still_active(session.read()), _lists_only(session))
        judge("errors.no-server-error", *map(_crashed, answers))


@pytest.mark.clause("create.idempotent", "errors.no-server-error")
def test_a_client_token_that_comes_several_times_at_once_makes_one_session(
    cell: Cell, target: Target, judge: Judge
) -> None:
    for _ in range(_rounds(target)):
        item, answers = _created_at_once(cell, target, str(uuid.uuid4()))
        sessions, _ = _told_apart(target, answers, item)
        accepted = [answer for answer in answers if not succeeds(answer)]
        judge(
            "create.idempotent",
            # That another one is still at it may be said by a refusal.
            [] if sessions or _may_be(sessions, answers) else [_flaw("one", "no", answers)],
            *(yields_the_same_id(accepted[0], answer) for answer in accepted[1:]),
        )
        for session in sessions[:1]:
            judge("create.idempotent", _lists_only(session))
        judge("errors.no-server-error", *map(_crashed, answers))


def _rounds(target: Target) -> int:
    return 1 if target.clock.is_real else ROUNDS


def _created_at_once(cell: Cell, target: Target, token: str | None = None) -> tuple[str, list[Exchange]]:
    """Let clients create on one new item, all at once; what each was told."""
    item = target.workspace.new_item(cell.dialect)
    clients = CLIENTS_LIVE if target.clock.is_real else CLIENTS

    def create() -> Exchange:
        return target.workspace.create_session(cell, {"library_item_id": item}, token)

    return item, together([create] * clients)


def _told_apart(target: Target, answers: Sequence[Exchange], item: str) -> tuple[list[Session], list[Exchange]]:
    """The sessions that the answers name, and the answers that name none."""
    named = [(target.workspace.session_from(answer, item), answer) for answer in answers]
    return [one for one, _ in named if one is not None], [answer for one, answer in named if one is None]


def _may_be(sessions: Sequence[Session], answers: Sequence[Exchange]) -> bool:
    """Nobody was told of a session, and somebody had no answer: it may be theirs, and that is another clause's."""
    return not sessions and any(answer.status is None for answer in answers)


def _crashed(answer: Exchange) -> Flaws:
    """Whether that an item is busy is told in the right form is the business of a scenario."""
    return no_server_error(answer) if refused(answer, *BUSY) else []


def _lists_only(session: Session) -> Any:
    """The session's item has this session, and no other."""
    listed = session.listed(session.item)
    return lists_ids(listed) or lists_exactly(listed, session.id)


def _flaw(expected: str, observed: str, answers: Sequence[Exchange]) -> Flaw:
    told = ", ".join(map(shown, answers))
    return Flaw(f"{expected} session", f"{observed} of them: {told}", answers[-1])
