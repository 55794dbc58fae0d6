"""Expiry: a session lives to its expiration time, no longer unless it is kept alive, and is then forgotten."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from contract_tests.contract import DEFAULT_TIMEOUT, Service
from contract_tests.contract.dialects import Op
from contract_tests.contract.tolerances import APART, FORGOTTEN, NOTICED
from contract_tests.driver import Clock, Session, Settings, Workspace, polls
from contract_tests.problems import NotTested, PremiseFailed
from contract_tests.rules.checks import (
    expires_about,
    expires_no_earlier,
    gone,
    listed_ids,
    lives_about,
    no_longer_active,
    read,
    still_active,
    succeeds,
)
from contract_tests.rules.checks.creation import yields_id
from contract_tests.rules.checks.flaw import Flaw, Flaws, shown
from contract_tests.scenarios import clause, waits
from contract_tests.scenarios.steps import delete, finish, need_end, neglect, succeeded, wait_almost

if TYPE_CHECKING:
    from contract_tests.contract import Cell
    from contract_tests.judging import Judge
    from contract_tests.traffic.exchange import Exchange

OpenSession = Callable[[], Session]


@clause("expiry.default-five-minutes")
def test_by_default_a_session_lives_five_minutes(open_session: OpenSession, settings: Settings, judge: Judge) -> None:
    if settings.session_timeout != DEFAULT_TIMEOUT:
        raise NotTested(
            f"the server is configured with a timeout of {settings.session_timeout:g} s, so its default does not show"
        )
    judge("expiry.default-five-minutes", _new_life(open_session, judge, DEFAULT_TIMEOUT))


@clause("expiry.timeout-configurable")
def test_a_session_lives_as_long_as_configured(open_session: OpenSession, settings: Settings, judge: Judge) -> None:
    if settings.session_timeout == DEFAULT_TIMEOUT:
        raise NotTested(
            f"this takes a server with another timeout than {DEFAULT_TIMEOUT:g} s, which it has if nobody configures "
            "one; configure one, and give --session-timeout"
        )
    judge("expiry.timeout-configurable", _new_life(open_session, judge, settings.session_timeout))


@waits
@pytest.mark.parametrize("keep_alives", [0, 1, 2])
@clause("expiry.not-before-expiration-time")
def test_it_does_not_expire_before_its_time(
    keep_alives: int, open_session: OpenSession, clock: Clock, judge: Judge
) -> None:
    session = open_session()
    for _ in range(keep_alives):
        clock.advance(APART)
        succeeded(session.keep_alive())
    wait_almost(clock, session.read())
    late = session.read()
    kept = session.keep_alive()
    judge("expiry.not-before-expiration-time", still_active(late), succeeds(kept))


@waits
@pytest.mark.parametrize("reports", [False, True], ids=["no-body", "with-progress"])
@clause("keep-alive.outlives-timeout")
def test_kept_alive_it_outlives_several_timeouts(
    reports: bool,  # noqa: FBT001 - a parameter of the test
    open_session: OpenSession,
    clock: Clock,
    settings: Settings,
    judge: Judge,
) -> None:
    # On a virtual clock an upload of hours costs nothing: 36 timeouts, for a server that ends a session some time.
    # On a real one half a life leaves as much for a busy machine, and for the second that Date hides.
    part, rounds = (0.5, 5) if clock.is_real else (0.9, 40)
    step = settings.session_timeout * part
    clock.needs(step * rounds)
    session = open_session()
    session.read()
    answers = []
    for progress in range(1, rounds + 1):
        clock.advance(step)
        # And nothing else: a read might count as activity.
        answers.append(session.keep_alive(progress) if reports else session.keep_alive())
    last = session.read()
    judge("keep-alive.outlives-timeout", *map(succeeds, answers), still_active(last))
    # On a real clock the end of a life that is capped may be further off than the test waits; it shows in the time.
    if still_active(last) == []:
        judge.aside("keep-alive.extends-by-timeout", expires_about(last, settings.session_timeout, answers[-1]))


@waits
@clause("expiry.expired-refuses-keep-alive")
def test_an_expired_session_can_not_be_kept_alive(open_session: OpenSession, clock: Clock) -> None:
    session = open_session()
    neglect(clock, session)
    need_end(session)
    session.keep_alive()
    session.read()
    session.keep_alive(50)


@waits
@clause("expiry.ends-promptly")
def test_a_neglected_session_ends_within_a_minute(open_session: OpenSession, clock: Clock, judge: Judge) -> None:
    session = open_session()
    # And nothing else is asked: a look might count as activity.
    clock.advance(read(session.read()).over_in + NOTICED)
    judge("expiry.ends-promptly", no_longer_active(session.read()))


@waits
@clause("expiry.download-session-ends", "expiry.download-session-deleted")
def test_a_neglected_download_session_ends(
    open_session: OpenSession, clock: Clock, settings: Settings, judge: Judge
) -> None:
    session = open_session()
    late = neglect(clock, session)
    after = session.read()
    if judge("expiry.download-session-ends", no_longer_active(after)):
        judge.observe("expiry.download-session-ends", _promptness(late), after)
    judge("expiry.download-session-deleted", gone(_until_gone(session, clock, settings)))


@waits
@clause("expiry.update-session-deleted", "expiry.deleted-in-no-list")
def test_a_neglected_update_session_is_deleted(
    cell: Cell, open_session: OpenSession, workspace: Workspace, clock: Clock, settings: Settings, judge: Judge
) -> None:
    session = open_session()
    late = neglect(clock, session)
    after = session.read()
    if no_longer_active(after):
        judge("expiry.update-session-deleted", no_longer_active(after))
        raise PremiseFailed("an expired session", shown(after), after)
    judge.observe("expiry.update-session-deleted", _promptness(late), after)
    last = _until_gone(session, clock, settings)
    judge("expiry.update-session-deleted", gone(last))
    if gone(last):
        raise NotTested("on this server an expired session was not deleted, so that no list can show it wrongly")
    judge("expiry.deleted-in-no-list", _in_no_list(session))
    # Nor does it keep its item from a new one.
    following = workspace.create_session(cell, {"library_item_id": session.item})
    judge.aside("life-cycle.item-free-after-end", yields_id(following))


@waits
@clause("expiry.download-session-ends", "expiry.update-session-deleted")
def test_a_session_that_was_kept_alive_to_the_end_ends_all_the_same(
    cell: Cell, open_session: OpenSession, clock: Clock, judge: Judge
) -> None:
    session = open_session()
    session.keep_alive(50)
    clock.advance(APART)
    session.keep_alive(100)
    neglect(clock, session)
    ends = {Service.UPDATE: "expiry.update-session-deleted", Service.DOWNLOAD: "expiry.download-session-ends"}
    judge(ends[cell.service], no_longer_active(session.read()))


@clause("expiry.deleted-in-no-list")
def test_a_deleted_session_is_in_no_list(open_session: OpenSession, judge: Judge) -> None:
    session = open_session()
    before = session.listed(session.item)
    if session.id not in listed_ids(before):
        raise PremiseFailed("a list with the new session", shown(before), before)
    delete(session)
    judge("expiry.deleted-in-no-list", _in_no_list(session))


@waits
@clause("expiry.ended-session-deleted", service=Service.UPDATE)
def test_a_completed_session_is_deleted_some_day(
    open_session: OpenSession, clock: Clock, settings: Settings, judge: Judge
) -> None:
    session = open_session()
    finish(session, clock)
    clock.advance(settings.session_timeout)
    judge("expiry.ended-session-deleted", gone(_until_gone(session, clock, settings)))


@waits
@clause("expiry.other-activity", "expiry.never-moves-back")
def test_reading_moves_the_expiration_forward_or_not_at_all(
    open_session: OpenSession, clock: Clock, judge: Judge
) -> None:
    session = open_session()
    before = session.read()
    clock.advance(APART)
    session.read()
    after = session.read()
    judge("expiry.other-activity", expires_no_earlier(before, after))
    moved = read(after).expiration > read(before).expiration
    judge.observe("expiry.other-activity", f"a read {'extends' if moved else 'does not extend'} the life", after)


def _promptness(late: float) -> str:
    return f"an expired session is seen to have ended within {late:g} s of its time"


def _new_life(open_session: OpenSession, judge: Judge, seconds: float) -> Flaws:
    """A new session expires so many seconds after its creation."""
    session = open_session()
    created = next((one for one in judge.traffic if one.operation == Op.CREATE), None)
    return lives_about(session.read(), seconds, created)


def _until_gone(session: Session, clock: Clock, settings: Settings) -> Exchange:
    """Look for the session now and then until it is gone, for six timeouts; the last read.

    It is looked for in the list: a read might count as activity.
    """
    every = max(settings.session_timeout / 4, 1.0)
    for _ in polls(clock, every, limit=FORGOTTEN * settings.session_timeout):
        if session.id not in listed_ids(session.listed(session.item)) and session.read().status == 404:
            break
    return session.read()


def _in_no_list(session: Session) -> list[Flaw]:
    """The session is neither in the list of all sessions nor in that of its item."""
    return [
        Flaw("a list without the deleted session", f"{session.id} is listed", listed)
        for listed in (session.listed(), session.listed(session.item))
        if session.id in listed_ids(listed)
    ]
