"""Life cycle: complete, cancel, fail and delete, what each leaves behind and when each is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from contract_tests.contract import Cell, Service
from contract_tests.contract.dialects import Op
from contract_tests.driver import Body, Clock, Session, Workspace
from contract_tests.driver.content import add_file, item_files, list_files, push, pushed, upload, upload_address
from contract_tests.problems import PremiseFailed
from contract_tests.rules.checks import (
    NOT_ACTIVE,
    accepted_or_refused,
    no_longer_active,
    read,
    refused,
    still_active,
    succeeds,
    unchanged,
)
from contract_tests.rules.checks.contents import keeps_files, same_files, shows_files
from contract_tests.rules.checks.creation import yields_id
from contract_tests.rules.checks.endings import says_why
from contract_tests.rules.checks.flaw import shown
from contract_tests.rules.checks.lists import lists_at_least
from contract_tests.rules.checks.patches import in_state
from contract_tests.scenarios import clause, waits
from contract_tests.scenarios.content import BINARY, TEXT, as_before, seen_by_all, update_session
from contract_tests.scenarios.steps import (
    DELETES,
    delete,
    end,
    finish,
    need_end,
    need_kept,
    neglect,
    refuses,
    said,
    settled,
    settling,
    with_progress,
)
from contract_tests.traffic.exchange import Exchange

if TYPE_CHECKING:
    from contract_tests.judging import Judge

Call = Callable[[Session], Exchange]
OpenSession = Callable[..., Session]
OpenRichSession = Callable[..., Session]


def _endings(cell: Cell) -> dict[str, Call]:
    """What ends a session of this service, by name."""
    endings: dict[str, Call] = {"cancel": Session.cancel, "fail": Session.fail}
    return endings | ({"complete": Session.complete} if cell.service is Service.UPDATE else {})


# What each does


@waits
@pytest.mark.parametrize("progress", [None, 40, 100])
@clause("life-cycle.complete")
def test_complete_makes_a_session_done(
    progress: int | None, cell: Cell, workspace: Workspace, clock: Clock, judge: Judge
) -> None:
    # What the client says of its progress is no condition, neither way.
    session = update_session(workspace, cell)
    session.keep_alive(progress)
    for name, content in (("first.txt", TEXT), ("second.bin", BINARY)):
        push(session, name, content)
    answer = session.complete()
    after, late = settling(session, clock)
    judge("life-cycle.complete", succeeds(answer), in_state(after, "DONE"))
    if not in_state(after, "DONE"):
        told = f"shows it after {late:g} s" if late else "shows it at once"
        judge.observe("life-cycle.complete", f"a session that was completed is DONE: a read {told}", after)


@waits
@clause("life-cycle.complete")
def test_a_session_without_files_is_done_or_stays(open_session: OpenSession, clock: Clock, judge: Judge) -> None:
    session = open_session()
    before = session.read()
    answer = session.complete()
    after = session.read() if refuses(answer) else settled(session, clock)
    # No page says whether there must be a file.
    left = unchanged(before, after, "expiration_time") if refuses(answer) else in_state(after, "DONE")
    judge("life-cycle.complete", accepted_or_refused(answer, 400), left)
    judge.observe("life-cycle.complete", f"without files: {said(answer)}", answer)


@waits
@pytest.mark.parametrize(
    ("pushed_first", "progress"),
    [((), None), (("ready.txt",), None), (("ready.txt",), 100)],
    ids=["nothing-received", "one-of-two-received", "said-to-be-at-100"],
)
@clause("life-cycle.complete-without-content")
def test_complete_waits_for_the_content_of_every_file(
    pushed_first: tuple[str, ...], progress: int | None, cell: Cell, workspace: Workspace, clock: Clock, judge: Judge
) -> None:
    session = update_session(workspace, cell)
    session.keep_alive(progress)
    for name in pushed_first:
        push(session, name, TEXT)
    address = upload_address(add_file(session, pushed("late.bin", BINARY)))
    before, files, nobody_sees = session.read(), list_files(session), seen_by_all(session)
    answer = session.complete()
    after = session.read()
    judge("life-cycle.complete-without-content", refused(answer, NOT_ACTIVE), still_active(after))
    if unchanged(before, after, "expiration_time", "preview_info"):
        return
    judge("life-cycle.complete-without-content", same_files(files, list_files(session)))
    judge.aside("create.invisible-until-complete", as_before(nobody_sees, session))
    # The client may make good for it.
    upload(session, address, BINARY)
    again = session.complete()
    judge.aside("life-cycle.complete", succeeds(again), in_state(settled(session, clock), "DONE"))


@clause("life-cycle.complete-without-content")
def test_a_complete_that_comes_too_early_changes_nothing(open_rich_session: OpenRichSession, judge: Judge) -> None:
    session = open_rich_session()
    upload_address(add_file(session, pushed("late.bin", BINARY)))
    files, before = list_files(session), session.read()
    answer = session.complete()
    judge("life-cycle.complete-without-content", refused(answer, NOT_ACTIVE))
    if refuses(answer):
        judge("life-cycle.complete-without-content", unchanged(before, session.read(), "expiration_time"))
        judge("life-cycle.complete-without-content", keeps_files(files, list_files(session)))


@clause("life-cycle.cancel")
def test_cancel_makes_a_session_cancelled(open_session: OpenSession) -> None:
    session = open_session()
    with_progress(session, 30)
    session.cancel()
    session.read()


@clause("life-cycle.cancel", service=Service.UPDATE)
def test_a_session_with_files_can_be_cancelled(cell: Cell, workspace: Workspace) -> None:
    session = update_session(workspace, cell)
    push(session, "ready.txt", TEXT)
    add_file(session, pushed("late.bin", BINARY))
    session.read()
    session.cancel()
    session.read()


@waits
@pytest.mark.parametrize(
    "message",
    ["The disk is full.", 'Gerät „A:“ — <b>"weg"</b> & 100 %\n日本', "x" * 2000],
    ids=["plain", "awkward", "long"],
)
@clause("life-cycle.fail", "life-cycle.fail-shows-error")
def test_fail_makes_a_session_an_error(message: str, open_session: OpenSession, clock: Clock, judge: Judge) -> None:
    session = open_session()
    with_progress(session, 30)
    answer = session.fail(message)
    after = session.read()
    if succeeds(answer) == []:
        judge("life-cycle.fail", no_longer_active(settled(session, clock)))
    if not says_why(after):
        # That the client's words come back is not said; whoever reads the session would want them.
        error = read(after).model["error_message"]
        texts = [error.get("default_message"), *(error.get("args") or [])]
        holds = "holds" if any(message in str(text) for text in texts) else "does not hold"
        judge.observe("life-cycle.fail", f"error_message {holds} the client's message", after)


@clause("life-cycle.fail")
def test_an_empty_message_is_taken_or_refused(open_session: OpenSession, judge: Judge) -> None:
    # Whatever it makes of the empty message, a session in ERROR says why.
    judge.by_the_way.add("model.error-message")
    session = open_session()
    session.read()
    answer = session.fail("")
    session.read()
    judge.observe("life-cycle.fail", f"an empty message: {said(answer)}", answer)


WITHOUT_MESSAGE: dict[str, Body | None] = {
    "no-body": None,
    "empty-object": Body.json({}),
    "null": Body.json({"client_error_message": None}),
    "other-member": Body.json({"error_message": "The disk is full."}),
}


@pytest.mark.parametrize("body", WITHOUT_MESSAGE.values(), ids=WITHOUT_MESSAGE.keys())
@clause("life-cycle.fail-needs-message")
def test_fail_without_a_message_is_refused(body: Body | None, open_rich_session: OpenRichSession, judge: Judge) -> None:
    session = open_rich_session()
    files = list_files(session)
    with_progress(session, 30)
    session.call(Op.FAIL, body)
    session.read()
    judge("life-cycle.fail-needs-message", keeps_files(files, list_files(session)))


# When they are refused


@pytest.mark.parametrize("state", ["CANCELED", "ERROR"])
@clause("life-cycle.only-active")
def test_a_session_that_ended_can_not_end_again(state: str, open_rich_session: OpenRichSession) -> None:
    session = open_rich_session()
    end(session, state)
    _end_again(session)


@waits
@clause("life-cycle.only-active", service=Service.UPDATE)
def test_a_session_that_is_done_can_not_end_again(open_rich_session: OpenRichSession, clock: Clock) -> None:
    session = open_rich_session()
    finish(session, clock)
    _end_again(session)


def _end_again(session: Session) -> None:
    for call in _endings(session.cell).values():
        call(session)
        session.read()


@waits
@clause("life-cycle.only-active")
def test_an_expired_session_can_not_be_ended(cell: Cell, open_session: OpenSession, clock: Clock) -> None:
    # A session for each call: whatever the first one did, the next is judged by its own.
    sessions = {name: open_session() for name in _endings(cell)}
    neglect(clock, *sessions.values())
    for name, call in _endings(cell).items():
        need_end(sessions[name])
        call(sessions[name])


@pytest.mark.parametrize("progress", [0, 100])
@clause("life-cycle.delete-active-refused")
def test_an_active_update_session_can_not_be_deleted(
    progress: int, open_rich_session: OpenRichSession, judge: Judge
) -> None:
    session = open_rich_session()
    files = list_files(session)
    _ = with_progress(session, progress) if progress else session.read()
    session.delete()
    session.read()
    judge("life-cycle.delete-active-refused", lists_at_least(session.listed(session.item), session.id))
    judge("life-cycle.delete-active-refused", keeps_files(files, list_files(session)))


# Deleting


@pytest.mark.parametrize("state", ["CANCELED", "ERROR"])
@clause("life-cycle.delete-ended")
def test_an_update_session_that_ended_can_be_deleted(state: str, open_session: OpenSession) -> None:
    session = open_session()
    end(session, state)
    session.delete()
    session.read()


@waits
@clause("life-cycle.delete-ended")
def test_an_update_session_that_is_done_can_be_deleted(
    cell: Cell, workspace: Workspace, clock: Clock, judge: Judge
) -> None:
    session = update_session(workspace, cell)
    push(session, "notes.txt", TEXT)
    finish(session, clock)
    session.delete()
    session.read()
    # What it brought belongs to the item now.
    judge.aside("create.visible-once-completed", shows_files(item_files(session), {"notes.txt": TEXT}))


@pytest.mark.parametrize("state", ["ACTIVE", "CANCELED", "ERROR"])
@clause("life-cycle.delete-download-session")
def test_a_download_session_can_be_deleted_in_every_state(state: str, open_session: OpenSession) -> None:
    session = open_session()
    _ = session.read() if state == "ACTIVE" else end(session, state)
    session.delete()
    session.read()


@waits
@clause(*DELETES.values())
def test_an_expired_session_can_be_deleted(open_session: OpenSession, clock: Clock) -> None:
    session = open_session()
    neglect(clock, session)
    need_end(session)
    session.delete()
    session.read()


# Ids that no session has


@pytest.mark.parametrize("which", ["unknown", "deleted", "of-the-other-service"])
@clause("life-cycle.unknown-id")
def test_what_is_no_session_can_not_be_ended_or_deleted(
    which: str,
    cell: Cell,
    workspace: Workspace,
    open_session: OpenSession,
    open_rich_session: OpenRichSession,
    unknown_session: OpenSession,
    judge: Judge,
) -> None:
    stranger, session = None, unknown_session()
    if which == "deleted":
        session = open_session()
        delete(session)
    elif which == "of-the-other-service":
        (other,) = set(Service) - {cell.service}
        stranger = open_rich_session(Cell(cell.dialect, other))
        session = workspace.borrowing_session(cell, stranger.id)
    before = stranger and stranger.read()
    for call in (*_endings(cell).values(), Session.delete):
        call(session)
    if stranger and before:
        judge("life-cycle.unknown-id", unchanged(before, stranger.read(), "expiration_time"))


# The item afterwards


@waits
@pytest.mark.parametrize("ending", ["cancel", "fail", "complete"])
@clause("life-cycle.item-free-after-end")
def test_an_item_takes_a_new_session_when_the_former_ended(
    ending: str, cell: Cell, workspace: Workspace, clock: Clock, judge: Judge
) -> None:
    session = update_session(workspace, cell)
    push(session, "notes.txt", TEXT)
    session.keep_alive(40)
    answer = _endings(cell)[ending](session)
    ended = settled(session, clock)
    if ending == "cancel" and not succeeds(answer):
        need_kept(ended)
    if succeeds(answer) or still_active(ended) == []:
        raise PremiseFailed("an update session that ended", shown(ended), ended)
    created = workspace.create_session(cell, {"library_item_id": session.item})
    judge("life-cycle.item-free-after-end", yields_id(created), unchanged(ended, session.read(), "expiration_time"))
    following = workspace.session_from(created, session.item)
    if following is not None:
        judge("life-cycle.item-free-after-end", still_active(following.read()))


@waits
@clause("life-cycle.item-free-after-end")
def test_an_item_takes_a_new_session_when_the_former_expired(
    cell: Cell, workspace: Workspace, clock: Clock, judge: Judge
) -> None:
    session = update_session(workspace, cell)
    neglect(clock, session)
    need_end(session)
    created = workspace.create_session(cell, {"library_item_id": session.item})
    judge("life-cycle.item-free-after-end", yields_id(created))
    following = workspace.session_from(created, session.item)
    if following is not None:
        judge("life-cycle.item-free-after-end", still_active(following.read()))
