"""Keep-alive: what succeeds, what it moves, what it leaves alone, and when it is refused."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from contract_tests.contract import Cell, Service
from contract_tests.contract.dialects import PROGRESS_MEMBER
from contract_tests.contract.tolerances import APART
from contract_tests.driver import Body, Clock, Session, Settings, Workspace
from contract_tests.driver.content import list_files
from contract_tests.rules.checks import (
    expires_about,
    expires_later,
    nothing_follows,
    succeeds,
    unchanged,
)
from contract_tests.rules.checks.contents import keeps_files
from contract_tests.scenarios import clause, waits
from contract_tests.scenarios.content import GENERIC
from contract_tests.scenarios.steps import (
    delete,
    end,
    finish,
    need_progress,
    need_quiet_reads,
    raw,
    refuses,
    said,
    succeeded,
    with_progress,
)
from contract_tests.traffic.exchange import Exchange

if TYPE_CHECKING:
    from contract_tests.judging import Judge

KeepAlive = Callable[[Session], Exchange]
OpenSession = Callable[[], Session]
OpenRichSession = Callable[..., Session]

FORMS: dict[str, KeepAlive] = {
    "no-body": lambda session: session.keep_alive(),
    "empty-object": lambda session: session.keep_alive_with(Body.json({})),
    "null-progress": lambda session: session.keep_alive(None),
    "with-progress": lambda session: session.keep_alive(10),
}
"""The forms of a call that is documented to succeed, whatever the session's progress."""

each_form = pytest.mark.parametrize("keep_alive", FORMS.values(), ids=FORMS.keys())


def between_reads(keep_alive: KeepAlive, session: Session) -> Exchange:
    """Keep a session alive so that it can be seen what comes of it."""
    session.read()
    answer = keep_alive(session)
    session.read()
    return answer


@clause("keep-alive.no-body")
def test_without_a_body_it_succeeds(open_session: OpenSession) -> None:
    between_reads(Session.keep_alive, open_session())


@clause("keep-alive.empty-object")
def test_with_an_empty_object_it_succeeds(open_session: OpenSession) -> None:
    between_reads(FORMS["empty-object"], open_session())


@clause("keep-alive.null-progress")
def test_null_progress_is_no_progress(open_session: OpenSession) -> None:
    session = open_session()
    session.keep_alive(30)
    between_reads(FORMS["null-progress"], session)


@each_form
@clause("keep-alive.returns-nothing")
def test_success_carries_no_data(keep_alive: KeepAlive, open_session: OpenSession) -> None:
    succeeded(between_reads(keep_alive, open_session()))


@clause("keep-alive.returns-nothing")
def test_nothing_follows_the_headers_on_the_wire(open_session: OpenSession, judge: Judge) -> None:
    # A client library hides what follows a 204, and trips over it at the next request.
    answer = open_session().keep_alive_on_the_wire()
    judge("keep-alive.returns-nothing", succeeds(answer), nothing_follows(answer))


@each_form
@waits
@clause("keep-alive.extends-expiration", "expiry.never-moves-back")
def test_expiration_moves_to_a_later_time(
    keep_alive: KeepAlive, open_session: OpenSession, clock: Clock, judge: Judge
) -> None:
    session = open_session()
    before = session.read()
    clock.advance(APART)
    keep_alive(session)
    judge("keep-alive.extends-expiration", expires_later(before, session.read()))


@waits
@clause("keep-alive.extends-expiration", "expiry.never-moves-back")
def test_each_of_several_calls_moves_the_expiration(open_session: OpenSession, clock: Clock, judge: Judge) -> None:
    session = open_session()
    readings = [session.read()]
    # The last one comes when there is nothing left to report: an upload at 100 % waits for its completion.
    for progress in (25, 50, 75, 100, None):
        clock.advance(APART)
        session.keep_alive(progress)
        readings.append(session.read())
    judge("keep-alive.extends-expiration", *(expires_later(before, after) for before, after in pairwise(readings)))


MANY = 30
"""Keep-alives of one session: a server that counts them stops after three, five, ten or so."""


@waits
@clause("keep-alive.extends-expiration")
def test_after_many_calls_one_more_moves_the_expiration(open_session: OpenSession, clock: Clock, judge: Judge) -> None:
    session = open_session()
    for _ in range(MANY):
        session.keep_alive()
    before = session.read()
    clock.advance(APART)
    kept = session.keep_alive()
    judge("keep-alive.extends-expiration", succeeds(kept), expires_later(before, session.read()))


@waits
@pytest.mark.parametrize("start", [30, 0])
@clause("keep-alive.extends-expiration")
def test_what_is_accepted_keeps_alive_whether_it_is_stored_or_not(
    start: int, open_session: OpenSession, clock: Clock, judge: Judge
) -> None:
    session = open_session()
    before = with_progress(session, start) if start else session.read()
    # Equal, lower, beyond the limits: a server may refuse each of them. The last one it may not.
    for progress in (start, *((20, 0) if start else ()), -1, 101, None):
        clock.advance(APART)
        answer = session.keep_alive(progress)
        after = session.read()
        if progress is None or not refuses(answer):
            judge("keep-alive.extends-expiration", succeeds(answer), expires_later(before, after))
        else:  # and has not been kept alive: on a real clock six of these waits are longer than some lives
            session.keep_alive()
            after = session.read()
        before = after


@waits
@clause("keep-alive.extends-by-timeout")
def test_the_new_expiration_is_a_timeout_away(
    open_session: OpenSession, clock: Clock, settings: Settings, judge: Judge
) -> None:
    session = open_session()
    clock.advance(settings.session_timeout / 2)
    kept = session.keep_alive()
    after = session.read()
    judge(
        "keep-alive.extends-by-timeout",
        succeeds(kept),
        expires_about(after, settings.session_timeout, kept),
    )


@each_form
@waits
@clause("keep-alive.only-named-session")
def test_no_other_session_is_kept_alive(
    keep_alive: KeepAlive, cell: Cell, open_session: OpenSession, workspace: Workspace, clock: Clock, judge: Judge
) -> None:
    need_quiet_reads(open_session(), clock)
    # The item is their own: others may have an update session on the one that download sessions share.
    session = workspace.open_session(cell, item=workspace.new_item(cell.dialect))
    (service,) = set(Service) - {cell.service}
    others = open_session(), workspace.open_session(Cell(cell.dialect, service), item=session.item)
    before = [other.read() for other in others]
    clock.advance(APART)
    succeeded(keep_alive(session))
    for other, then in zip(others, before, strict=True):
        judge("keep-alive.only-named-session", unchanged(then, other.read()))


@each_form
@clause("keep-alive.only-named-session")
def test_no_other_session_loses_anything(
    keep_alive: KeepAlive, cell: Cell, workspace: Workspace, open_rich_session: OpenRichSession, judge: Judge
) -> None:
    session = workspace.open_session(cell, item=workspace.new_item(cell.dialect, GENERIC))
    for service in Service:
        # One of the other service may be on the same item.
        item = None if service is cell.service else session.item
        other = open_rich_session(Cell(cell.dialect, service), item)
        files, before = list_files(other), other.read()
        succeeded(keep_alive(session))
        judge("keep-alive.only-named-session", unchanged(before, other.read(), "expiration_time"))
        judge("keep-alive.only-named-session", keeps_files(files, list_files(other)))


@each_form
@clause("keep-alive.changes-nothing-else")
def test_nothing_else_of_the_session_changes(
    keep_alive: KeepAlive, open_rich_session: OpenRichSession, judge: Judge
) -> None:
    session = open_rich_session(progress=None)
    files = list_files(session)
    succeeded(between_reads(keep_alive, session))
    judge("keep-alive.changes-nothing-else", keeps_files(files, list_files(session)))


@clause("keep-alive.changes-nothing-else")
def test_nothing_else_of_the_session_changes_later(open_rich_session: OpenRichSession, judge: Judge) -> None:
    session = open_rich_session(progress=None)
    files = list_files(session)
    session.read()
    for progress in (None, None, 60, 100, None):
        succeeded(session.keep_alive() if progress is None else session.keep_alive(progress))
        session.read()
    judge("keep-alive.changes-nothing-else", keeps_files(files, list_files(session)))


@each_form
@clause("keep-alive.unknown-id")
def test_an_unknown_id_is_not_found(keep_alive: KeepAlive, unknown_session: OpenSession) -> None:
    keep_alive(unknown_session())


@each_form
@clause("keep-alive.deleted-id")
def test_a_deleted_session_is_not_found(keep_alive: KeepAlive, open_session: OpenSession) -> None:
    session = open_session()
    delete(session)
    keep_alive(session)


@each_form
@pytest.mark.parametrize("state", ["CANCELED", "ERROR"])
@clause("keep-alive.only-active")
def test_a_session_that_ended_is_refused(keep_alive: KeepAlive, state: str, open_session: OpenSession) -> None:
    _after_its_end(keep_alive, lambda session: end(session, state), open_session())


@waits
@each_form
@clause("keep-alive.only-active", service=Service.UPDATE)
def test_a_completed_session_is_refused(keep_alive: KeepAlive, open_session: OpenSession, clock: Clock) -> None:
    _after_its_end(keep_alive, lambda session: finish(session, clock), open_session())


@pytest.mark.parametrize("state", ["CANCELED", "ERROR"])
@clause("keep-alive.only-active")
def test_a_session_that_ended_at_100_is_refused(state: str, open_session: OpenSession) -> None:
    _after_its_end(Session.keep_alive, lambda session: end(session, state), open_session(), progress=100)


def _after_its_end(
    keep_alive: KeepAlive, ending: Callable[[Session], object], session: Session, progress: int = 5
) -> None:
    with_progress(session, progress)
    ending(session)
    keep_alive(session)
    session.read()
    # A server may show 100 of what is done and refuse a progress for that, too: a plain one has but one reason.
    session.keep_alive()


@waits
@pytest.mark.parametrize(
    "body",
    ['{"client_progress": 10', '{"progress": 10', "{progress: 10}", "10}", "not json"],
    ids=["unclosed-update", "unclosed-download", "unquoted", "stray-brace", "words"],
)
@clause("keep-alive.malformed-json")
def test_malformed_json_is_refused(body: str, open_session: OpenSession, clock: Clock, judge: Judge) -> None:
    need_quiet_reads(open_session(), clock)
    session = open_session()
    before = session.read()
    clock.advance(APART)
    answer = session.keep_alive_with(raw(body))
    after = session.read()
    if refuses(answer):
        # That it is refused, the oracle sees to; only who has waited can tell that it extends no life.
        judge("keep-alive.malformed-json", unchanged(before, after))


@pytest.mark.parametrize("body", ["[]", '"x"', "1", "true", "[10]"])
@clause("keep-alive.not-an-object")
def test_a_body_that_is_no_object_is_refused(body: str, open_session: OpenSession, judge: Judge) -> None:
    session = open_session()
    session.read()
    answer = session.keep_alive_with(raw(body))
    session.read()
    judge.observe("keep-alive.not-an-object", f"body {body}: {said(answer)}", answer)


@pytest.mark.parametrize("body", ['{"%s": "abc"}', '{"%s": 60'], ids=["no-integer", "malformed"])
@clause("keep-alive.refused-changes-nothing")
def test_a_refused_call_changes_nothing(
    body: str, cell: Cell, open_rich_session: OpenRichSession, judge: Judge
) -> None:
    session = open_rich_session()
    files = list_files(session)
    with_progress(session, 30)
    if refuses(session.keep_alive_with(raw(body % PROGRESS_MEMBER[cell.service]))):
        session.read()
        judge("keep-alive.refused-changes-nothing", keeps_files(files, list_files(session)))


@each_form
@clause("keep-alive.refused-changes-nothing")
def test_a_call_that_comes_too_late_changes_nothing(
    keep_alive: KeepAlive, open_rich_session: OpenRichSession, judge: Judge
) -> None:
    session = open_rich_session()
    ended = end(session, "ERROR")
    if refuses(keep_alive(session)):
        judge("keep-alive.refused-changes-nothing", unchanged(ended, session.read(), "expiration_time"))


@clause("keep-alive.not-an-object", "keep-alive.unspecified-progress-unchanged")
def test_a_null_body_succeeds_or_is_refused(open_session: OpenSession, judge: Judge) -> None:
    session = open_session()
    before = with_progress(session, 30)
    answer = session.keep_alive_with(raw("null"))
    judge.observe("keep-alive.not-an-object", f"body null: {said(answer)}", answer)
    session.read()
    need_progress(before, 30)


@clause("keep-alive.other-service-member", "keep-alive.unspecified-progress-unchanged")
def test_the_other_services_member_stores_nothing(cell: Cell, open_session: OpenSession, judge: Judge) -> None:
    session = open_session()
    before = with_progress(session, 30)
    (other,) = set(PROGRESS_MEMBER.values()) - {PROGRESS_MEMBER[cell.service]}
    answer = session.keep_alive_with(Body.json({other: 60}))
    session.read()
    judge.observe("keep-alive.other-service-member", f"member {other}: {said(answer)}", answer)
    need_progress(before, 30)
