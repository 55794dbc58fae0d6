"""Updates that are refused: of sessions that are over or unknown, and with specifications that are none."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from contract_tests.contract import Cell, Service
from contract_tests.contract.dialects import Op
from contract_tests.driver import Clock, Session, Workspace
from contract_tests.driver.content import list_files
from contract_tests.rules.checks import unchanged
from contract_tests.rules.checks.contents import keeps_files
from contract_tests.scenarios import clause, waits
from contract_tests.scenarios.specifications import EXPIRED, FORMER, SELF_SIGNED, UNTRUSTED, VALID, behavior, described
from contract_tests.scenarios.steps import delete, end, finish, need_end, neglect, said

if TYPE_CHECKING:
    from contract_tests.judging import Judge

OpenSession = Callable[..., Session]
OpenRichSession = Callable[..., Session]


@waits
@pytest.mark.parametrize("state", ["DONE", "CANCELED", "ERROR"])
@clause("update.only-active")
def test_a_session_that_ended_is_not_updated(
    state: str, open_rich_session: OpenRichSession, clock: Clock, judge: Judge
) -> None:
    session = open_rich_session()
    before = finish(session, clock) if state == "DONE" else end(session, state)
    for spec in (VALID, {}, behavior(None)):
        session.update(spec)
        session.read()
    # The oracle judges the refusals; a refusal that has an effect is none.
    judge("update.only-active", unchanged(before, session.read(), "expiration_time"))


@waits
@clause("update.only-active")
def test_an_expired_session_is_not_updated(open_session: OpenSession, clock: Clock) -> None:
    # A session for each: whatever the first update did, the next is judged by its own.
    sessions = [(open_session(FORMER), spec) for spec in (VALID, {})]
    neglect(clock, *(session for session, _ in sessions))
    for session, spec in sessions:
        need_end(session)
        session.update(spec)


@pytest.mark.parametrize("which", ["never-given", "deleted", "of-a-download-session"])
@clause("update.unknown-id")
def test_an_unknown_session_is_not_found(
    which: str,
    cell: Cell,
    open_session: OpenSession,
    unknown_session: Callable[[], Session],
    workspace: Workspace,
) -> None:
    if which == "never-given":
        session = unknown_session()
    elif which == "deleted":
        session = open_session()
        delete(session)
    else:
        download = workspace.open_session(Cell(cell.dialect, Service.DOWNLOAD))
        session = workspace.borrowing_session(cell, download.id)
    for spec in (VALID, {}):
        session.update(spec)


RIGHT: dict[str, Any] = {"type": SELF_SIGNED, "ignored": False}

NO_BOOLEANS: tuple[Any, ...] = ("yes", 1, [], {})
NO_STRINGS: tuple[Any, ...] = (1, True, [SELF_SIGNED], {})
NO_OBJECTS: tuple[Any, ...] = ([], VALID["warning_behavior"], "x", 1, True)

NO_LISTS: dict[str, list[Any]] = {
    "no-list": [RIGHT, SELF_SIGNED, True, 1],
    "nothing-but-no-list": ["", 0, False, {}],
    "no-objects": [[SELF_SIGNED], [[RIGHT]], [True], [RIGHT, 1]],
}
"""What is no list of objects."""


@pytest.mark.parametrize("wrong", NO_LISTS)
@clause("update.list-of-a-wrong-type")
def test_what_is_no_list_of_objects_is_refused_as_a_whole(
    wrong: str, open_rich_session: OpenRichSession, judge: Judge
) -> None:
    session = open_rich_session()
    files = list_files(session)
    session.read()
    for entries in NO_LISTS[wrong]:
        session.update(behavior(entries))
        session.read()
    judge("update.list-of-a-wrong-type", keeps_files(files, list_files(session)))


INVALID_LISTS: dict[str, list[Any]] = {
    "null-as-an-entry": [[None], [RIGHT, None]],
    "an-entry-without-ignored": [[{"type": SELF_SIGNED}], [{"type": SELF_SIGNED, "ignored": None}], [RIGHT, {}]],
    "an-entry-without-type": [[{"ignored": True}], [{"type": None, "ignored": True}]],
    "ignored-is-no-boolean": [[RIGHT | {"ignored": value}] for value in NO_BOOLEANS],
    "type-is-no-string": [[RIGHT | {"type": value}] for value in NO_STRINGS],
    "only-the-second-is-wrong": [[{"type": UNTRUSTED, "ignored": True}, {"type": EXPIRED, "ignored": "no"}]],
}
"""Lists of objects that are no `warning_behavior`, by what is wrong with them."""


@pytest.mark.parametrize("wrong", INVALID_LISTS)
@clause("update.invalid-specification")
def test_an_invalid_specification_is_refused_as_a_whole(
    wrong: str, open_rich_session: OpenRichSession, judge: Judge
) -> None:
    session = open_rich_session()
    files = list_files(session)
    session.read()
    for entries in INVALID_LISTS[wrong]:
        session.update(behavior(entries))
        session.read()
    judge("update.invalid-specification", keeps_files(files, list_files(session)))


@pytest.mark.parametrize("name", ["NO_SUCH_WARNING", "self_signed_certificate", ""])
@clause("update.unknown-warning-type")
def test_an_unknown_type_of_warning_is_taken_or_refused(name: str, open_session: OpenSession, judge: Judge) -> None:
    session = open_session(FORMER)
    session.read()
    answer = session.update(behavior([{"type": name, "ignored": True}]))
    session.read()
    judge.observe("update.unknown-warning-type", f"type {name!r}: {said(answer)}", answer)


@clause("update.no-body")
def test_without_a_body_nothing_changes(open_rich_session: OpenRichSession, judge: Judge) -> None:
    session = open_rich_session()
    session.read()
    answer = session.call(Op.UPDATE)
    session.read()
    judge.observe("update.no-body", f"no body: {said(answer)}", answer)


@clause("update.not-an-object")
def test_a_specification_that_is_no_object_is_refused(open_rich_session: OpenRichSession, judge: Judge) -> None:
    session = open_rich_session()
    session.read()
    for spec in NO_OBJECTS:
        answer = session.update(spec)
        session.read()
        judge.observe("update.not-an-object", f"{described(spec)}: {said(answer)}", answer)


@clause("update.not-an-object")
def test_null_as_the_specification_changes_nothing(open_rich_session: OpenRichSession, judge: Judge) -> None:
    session = open_rich_session()
    session.read()
    answer = session.update(None)
    session.read()
    judge.observe("update.not-an-object", f"null: {said(answer)}", answer)
