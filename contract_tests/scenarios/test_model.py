"""The model: what a read shows of a session, in each of its states."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from contract_tests.contract import Cell, Service
from contract_tests.contract.dialects import unwrapped
from contract_tests.driver import Clock, Session, Workspace
from contract_tests.driver.content import list_files, push, read_item
from contract_tests.problems import NotTested, PremiseFailed
from contract_tests.rules.checks import read, succeeds, unchanged
from contract_tests.rules.checks.contents import keeps_files
from contract_tests.rules.checks.flaw import shown
from contract_tests.rules.checks.model import does_not_show, shows, shows_string, state_is_known
from contract_tests.rules.checks.patches import decisions_on, keeps
from contract_tests.rules.guessing import slightly_other
from contract_tests.scenarios import clause, waits
from contract_tests.scenarios.content import GENERIC, TEXT, complete, update_session
from contract_tests.scenarios.specifications import TYPES
from contract_tests.scenarios.steps import delete, end, need_active, neglect, refuses, settled

if TYPE_CHECKING:
    from contract_tests.judging import Judge
    from contract_tests.traffic.exchange import Exchange

OpenSession = Callable[..., Session]
OpenSessionWithWarning = Callable[..., tuple[Session, str]]

EVERY_READ = (
    "model.state",
    "model.state-values",
    "model.library-item-id",
    "model.content-version",
    "model.progress-present",
    "model.progress-range",
    "model.progress-not-negative",
    "model.expiration-time",
    "model.expiration-time-in-utc",
    "model.expiration-time-format",
    "model.no-id",
    "model.preview-only-while-active",
)
"""What every read decides, whatever the session's state."""

WAYS: dict[str, tuple[Callable[[Session], object], str]] = {
    "new": (lambda session: session, "ACTIVE"),
    "at-42": (lambda session: session.keep_alive(42), "ACTIVE"),
    "at-100": (lambda session: session.keep_alive(100), "ACTIVE"),
    "cancelled": (Session.cancel, "CANCELED"),
}
"""How a session of either service comes into a state without an error, and which."""

IN_ERROR, ELSEWHERE = "model.error-message", "model.error-message-only-in-error"
"""What a read decides of a session in ERROR, and in any other state."""

UNUSED: dict[str, dict[str, Any]] = {
    "nothing": {},
    "progress": {"client_progress": 42},
    "state": {"state": "CANCELED"},
    "version": {"library_item_content_version": "987"},
    "error": {"error_message": {"id": "contract.suite", "default_message": "Nothing is wrong.", "args": []}},
    "time": {"expiration_time": "2031-01-01T00:00:00.000Z"},
}
"""Members of a specification that creation does not use."""


@pytest.mark.parametrize(("go", "state"), WAYS.values(), ids=WAYS.keys())
@clause(*EVERY_READ, ELSEWHERE)
def test_a_read_shows_the_session_as_documented(
    go: Callable[[Session], object], state: str, open_session: OpenSession, judge: Judge
) -> None:
    session = open_session()
    go(session)
    _look(judge, session, state)


@clause(*EVERY_READ, IN_ERROR)
def test_a_read_shows_a_failed_session_as_documented(open_session: OpenSession, judge: Judge) -> None:
    session = open_session()
    session.fail()
    _look(judge, session, "ERROR")


def _look(judge: Judge, session: Session, state: str) -> None:
    answer = session.read()
    if state != "ACTIVE" and answer.status == 404:
        raise NotTested(f"this takes a session in state {state}, and on this server one that ended so is gone")
    _judge_rest(judge, session, answer, state)


@waits
@clause(*EVERY_READ, ELSEWHERE, service=Service.UPDATE)
def test_a_read_shows_a_completed_session_as_documented(
    cell: Cell, workspace: Workspace, clock: Clock, judge: Judge
) -> None:
    session = update_session(workspace, cell)
    push(session, "notes.txt", TEXT)
    session.complete()
    _judge_rest(judge, session, settled(session, clock), "DONE")


@waits
@clause("model.state-values")
def test_a_read_shows_an_expired_session_as_documented(open_session: OpenSession, clock: Clock, judge: Judge) -> None:
    session = open_session()
    neglect(clock, session)
    after = session.read()
    if after.status == 404:
        judge.observe("model.state-values", "an expired session is deleted at once", after)
        raise NotTested("on this server a session is deleted as soon as it has expired, so no read shows it")
    judge.by_the_way.add(IN_ERROR)
    # Which state it is in the documents do not say; that it is one of the service's is judged.
    judge.observe("model.state-values", f"an expired session is {read(after).state}", after)
    _judge_rest(judge, session, after, read(after).state)


@pytest.mark.parametrize("given", UNUSED.values(), ids=UNUSED.keys())
@clause("model.initial-progress", "model.state", "model.content-version", ELSEWHERE)
def test_a_new_session_starts_from_the_beginning(
    given: dict[str, Any], cell: Cell, workspace: Workspace, judge: Judge
) -> None:
    item = workspace.new_item(cell.dialect)
    created = workspace.create_session(cell, {"library_item_id": item, **given})
    if given and refuses(created):
        raise NotTested(f"this server refuses members that create does not use: {shown(created)}")
    if succeeds(created) or (session := workspace.session_from(created, item)) is None:
        raise PremiseFailed("a new session", shown(created), created)
    new = session.read()
    session.keep_alive()
    session.read()
    judge("model.content-version", shows_string(new, "library_item_content_version", _version_of(session)))


@waits
@clause("model.content-version")
def test_a_session_keeps_the_content_version_of_its_creation(
    cell: Cell, workspace: Workspace, clock: Clock, judge: Judge
) -> None:
    older = workspace.open_session(cell, item=workspace.new_item(cell.dialect, GENERIC))
    before = _version_of(older)
    if cell.service is Service.UPDATE:
        older.fail()  # an item has one active update session
    upload = update_session(workspace, cell, older.item)
    push(upload, "notes.txt", TEXT)
    complete(upload)
    settled(upload, clock)
    after = _version_of(older)
    if after == before:
        raise PremiseFailed("an item whose content_version grows with its content", f"it is {after} as before")
    newer = workspace.open_session(cell, item=older.item)
    versions = [(older, before), (newer, after)]
    if cell.service is Service.UPDATE:
        # Not even the session that has brought the new version shows it: it was there before.
        versions.append((upload, before))
    for session, version in versions:
        answer = session.read()
        judge("model.content-version", shows_string(answer, "library_item_content_version", version))


@waits
@clause("model.library-item-id")
def test_a_session_keeps_its_item_when_that_gets_content(cell: Cell, workspace: Workspace, clock: Clock) -> None:
    older = workspace.open_session(cell, item=workspace.new_item(cell.dialect, GENERIC))
    if cell.service is Service.UPDATE:
        older.fail()  # an item has one active update session
    upload = update_session(workspace, cell, older.item)
    push(upload, "notes.txt", TEXT)
    complete(upload)
    settled(upload, clock)
    sessions = [older, workspace.open_session(cell, item=older.item)]
    if cell.service is Service.UPDATE:
        sessions.append(upload)
    for session in sessions:
        session.read()


@clause("model.id-matches", "model.no-id")
def test_an_id_that_is_shown_is_the_sessions_own(open_session: OpenSession, judge: Judge) -> None:
    session, other = open_session(), open_session()
    readings = [(one, one.read()) for one in (session, other)]
    judge("model.no-id", *(does_not_show(reading, "id") for _, reading in readings))
    told = any(shows(reading, "id") for _, reading in readings)
    judge.observe("model.no-id", f"a read {'shows' if told else 'does not show'} id", readings[0][1])
    if not told:
        raise NotTested("this takes a server that shows id when a session is read, and this one does not")
    judge("model.id-matches", *(shows_string(reading, "id", one.id) for one, reading in readings))


@waits
@clause(IN_ERROR, service=Service.UPDATE)
def test_a_session_that_fails_at_complete_says_why(
    open_session_with_warning: OpenSessionWithWarning, clock: Clock
) -> None:
    session, _ = open_session_with_warning()
    session.complete()
    if read(settled(session, clock)).state != "ERROR":
        raise NotTested("this takes a server that fails a session by its warning, and this one does not")


@waits
@clause("model.preview-info", "model.preview-only-while-active")
def test_a_preview_is_unavailable_without_files(open_session: OpenSession, clock: Clock, judge: Judge) -> None:
    session = open_session()
    told = "shows" if shows(new := session.read(), "preview_info") else "does not show"
    judge.observe("model.preview-info", f"a read of an ACTIVE session without files {told} preview_info", new)
    _look_at_preview(session, session.cancel, clock)


@waits
@clause("model.preview-info", "model.preview-only-while-active")
def test_a_preview_of_files_is_complete(cell: Cell, workspace: Workspace, clock: Clock) -> None:
    session = update_session(workspace, cell)
    push(session, "notes.txt", TEXT)
    _look_at_preview(session, session.complete, clock)


@waits
@pytest.mark.parametrize("said", [{}, {"ignored": True}, {"ignored": False}], ids=["raised", "ignored", "minded"])
@clause("model.preview-info", "model.preview-only-while-active")
def test_a_preview_with_warnings_is_complete(
    said: dict[str, bool], open_session_with_warning: OpenSessionWithWarning, clock: Clock
) -> None:
    session, _ = open_session_with_warning(**said)
    _look_at_preview(session, session.complete, clock)


@clause("model.preview-ignored")
def test_a_preview_shows_which_warnings_are_ignored(open_session_with_warning: OpenSessionWithWarning) -> None:
    session, kind = open_session_with_warning(ignored=False)
    readings = [session.read()]
    for spec in ([{"type": kind, "ignored": True}], [{"type": _other_type(kind), "ignored": True}]):
        session.update({"warning_behavior": spec})
        readings.append(session.read())
    if all(decisions_on(one) is None for one in readings):
        raise NotTested("this takes a server that shows warning_behavior beside the preview; this one does not")


@clause("model.warning-behavior")
def test_warning_behavior_is_a_list_of_types_and_decisions(open_session: OpenSession) -> None:
    given = [{"type": "SELF_SIGNED_CERTIFICATE", "ignored": True}, {"type": "EXPIRED_CERTIFICATE", "ignored": False}]
    session = open_session({"warning_behavior": given})
    readings = [session.read()]
    session.update({"warning_behavior": given[:1]})
    readings.append(session.read())
    session.cancel()
    readings.append(session.read())
    if not any(shows(one, "warning_behavior") for one in readings):
        raise NotTested("this takes a server that shows warning_behavior when a session is read; this one does not")


READS: dict[str, Callable[[Session], object]] = {
    "read": Session.read,
    "list": Session.listed,
    "list-of-the-item": lambda session: session.listed(session.item),
}


@pytest.mark.parametrize("look", READS.values(), ids=READS.keys())
@clause("model.reads-change-nothing")
def test_who_looks_changes_nothing(
    look: Callable[[Session], object], open_rich_session: OpenSession, judge: Judge
) -> None:
    session = open_rich_session()
    files, before = list_files(session), session.read()
    look(session)
    after = need_active(session)
    judge("model.reads-change-nothing", unchanged(before, after, "expiration_time"))
    judge("model.reads-change-nothing", keeps_files(files, list_files(session)))


@pytest.mark.parametrize("look", READS.values(), ids=READS.keys())
@clause("model.reads-change-nothing")
def test_who_looks_changes_nothing_of_what_has_failed(
    look: Callable[[Session], object], open_rich_session: OpenSession, judge: Judge
) -> None:
    session = open_rich_session()
    before = end(session, "ERROR")
    look(session)
    after = session.read()
    if after.status == 404:
        raise NotTested("this takes a session that has failed and stays there for a moment; this one is gone")
    judge("model.reads-change-nothing", keeps(before, after, "state", "client_progress", "error_message"))


def _other_type(kind: str) -> str:
    return next(one for one in TYPES if one != kind)


def _never_there(session: Session, workspace: Workspace) -> Session:
    return workspace.unknown_session(session.cell)


def _deleted(session: Session, _: Workspace) -> Session:
    delete(session)
    return session


def _of_the_other_service(session: Session, workspace: Workspace) -> Session:
    (service,) = set(Service) - {session.cell.service}
    item = workspace.new_item(session.cell.dialect)
    theirs = workspace.open_session(Cell(session.cell.dialect, service), item=item)
    return workspace.borrowing_session(session.cell, theirs.id)


def _of_the_item(session: Session, workspace: Workspace) -> Session:
    return workspace.borrowing_session(session.cell, session.item)


def _almost(session: Session, workspace: Workspace) -> Session:
    # A server that looks at the beginning of an id only, or at a part of it, finds the session.
    return session.renamed(slightly_other(session.id, workspace.open_session(session.cell).id))


NOBODY = {
    "almost": _almost,
    "never-there": _never_there,
    "deleted": _deleted,
    "of-the-other-service": _of_the_other_service,
    "of-the-item": _of_the_item,
}
"""Identifiers that no session of the service has."""


@pytest.mark.parametrize("nobody", NOBODY.values(), ids=NOBODY.keys())
@clause("model.unknown-id")
def test_a_read_of_nobodys_id_is_not_found(
    nobody: Callable[[Session, Workspace], Session], open_session: OpenSession, workspace: Workspace
) -> None:
    nobody(open_session(), workspace).read()


@clause("model.json", "model.json-under-rest")
def test_what_is_told_is_json(open_session: OpenSession) -> None:
    session = open_session()
    session.read()
    session.listed()
    session.listed(session.item)


def _judge_rest(judge: Judge, session: Session, answer: Exchange, state: str) -> None:
    """Judge what a read shows of a session that was brought into `state`, beside what the oracle says of every read.

    Raises:
        PremiseFailed: the read shows no session, or one that is not where it was brought.
    """
    judge.aside("model.state-values", state_is_known(answer))
    judge.aside("model.no-id", does_not_show(answer, "id"))
    if shows(answer, "id"):
        judge.aside("model.id-matches", shows_string(answer, "id", session.id))
    seen = read(answer).state
    # What a session that is over calls its state is another rule; here it counts that it is over.
    if state == "ERROR" and seen not in {"ERROR", "ACTIVE"}:
        raise NotTested(f"this takes a session in state ERROR, and on this server one that has failed is {seen}")
    if seen != state and "ACTIVE" in {seen, state}:
        raise PremiseFailed(f"a session in state {state}", shown(answer), answer)
    if state_is_known(answer):
        raise NotTested(f"what else a session shows in state {seen}, no document says")


def _look_at_preview(session: Session, end: Callable[[], object], clock: Clock) -> None:
    """Read a session while it is ACTIVE, and when it has ended.

    Raises:
        NotTested: the first read shows no preview.
        PremiseFailed: the session is not ACTIVE, or does not end.
    """
    active = need_active(session)
    end()
    ended = settled(session, clock)
    if read(ended).state == "ACTIVE":
        raise PremiseFailed("a session that has ended", shown(ended), ended)
    if not shows(active, "preview_info"):
        raise NotTested("this takes a server that shows preview_info of such a session; this one does not")


def _version_of(session: Session) -> str:
    """The `content_version` of the session's item, as its own service shows it now.

    Raises:
        NotTested: it does not show it; what an item shows is no rule of this contract.
        PremiseFailed: it does not show the item.
    """
    answer = read_item(session)
    try:
        item = unwrapped(session.cell.dialect, answer.response.json) if answer.response is not None else None
    except ValueError:
        item = None
    if answer.status != 200 or not isinstance(item, dict):
        raise PremiseFailed("an item that can be read", shown(answer), answer)
    if not isinstance(version := item.get("content_version"), str):
        raise NotTested(f"this takes a server that shows content_version of an item; this one has {version!r}")
    return version
