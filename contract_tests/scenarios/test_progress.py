"""Progress: what a keep-alive stores, what it refuses, and that it never runs backwards."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import TYPE_CHECKING

import pytest

from contract_tests.contract import Cell, Service
from contract_tests.contract.dialects import PROGRESS_MEMBER
from contract_tests.driver import Body, Clock, Session, Workspace
from contract_tests.driver.content import push
from contract_tests.problems import PremiseFailed
from contract_tests.rules.checks import progress_is, read
from contract_tests.rules.checks.flaw import shown
from contract_tests.scenarios import clause, waits
from contract_tests.scenarios.content import TEXT, download_session, fetched, filled_item, update_session
from contract_tests.scenarios.steps import at_progress, need_kept, need_progress, raw, said, with_progress

if TYPE_CHECKING:
    from contract_tests.judging import Judge
    from contract_tests.traffic.exchange import Exchange

OpenSession = Callable[[], Session]


@pytest.mark.parametrize("progress", [1, 42, 99, 100])
@clause("keep-alive.stores-progress", "keep-alive.progress-member-name")
def test_a_greater_progress_is_stored(progress: int, open_session: OpenSession, judge: Judge) -> None:
    session = open_session()
    session.read()
    session.keep_alive(progress)
    judge("keep-alive.progress-member-name", progress_is(session.read(), progress))


@clause("keep-alive.stores-progress")
def test_each_step_of_an_upload_is_stored(open_session: OpenSession) -> None:
    session = open_session()
    session.read()
    for progress in (1, 2, 50, 51, 99, 100):
        session.keep_alive(progress)
        session.read()


@pytest.mark.parametrize("body", [None, Body.json({})], ids=["no-body", "empty-object"])
@clause("keep-alive.unspecified-progress-unchanged")
def test_unspecified_progress_stays(body: Body | None, open_session: OpenSession) -> None:
    session = open_session()
    at_progress(session, 30)
    _ = session.keep_alive() if body is None else session.keep_alive_with(body)
    session.read()


@clause("keep-alive.accepts-100")
def test_a_hundred_is_accepted(open_session: OpenSession) -> None:
    session = open_session()
    with_progress(session, 99)
    session.keep_alive(100)
    session.read()


@clause("keep-alive.hundred-does-not-end-session")
def test_a_hundred_ends_nothing(open_session: OpenSession) -> None:
    session = open_session()
    with_progress(session, 99)
    session.keep_alive(100)
    session.read()
    session.keep_alive()
    session.read()


@pytest.mark.parametrize("progress", [0, 30, 100])
@clause("keep-alive.equal-progress")
def test_an_equal_progress_leaves_it(progress: int, open_session: OpenSession, judge: Judge) -> None:
    session = open_session()
    if progress:
        at_progress(session, progress)
    else:
        at_the_beginning(session)
    answer = session.keep_alive(progress)
    session.read()
    judge.observe("keep-alive.equal-progress", f"{progress} again: {said(answer)}", answer)


@pytest.mark.parametrize(("high", "low"), [(50, 20), (50, 49), (1, 0), (100, 99), (100, 0)])
@clause("keep-alive.lower-progress", "keep-alive.progress-never-goes-down")
def test_a_lower_progress_does_not_show(high: int, low: int, open_session: OpenSession, judge: Judge) -> None:
    session = open_session()
    at_progress(session, high)
    answer = session.keep_alive(low)
    session.read()
    judge.observe("keep-alive.lower-progress", f"a lower value: {said(answer)}", answer)


@pytest.mark.parametrize("progress", [101, 150, 256 + 60, 2**31, 2**32 + 60, 2**53 + 1, 2**63 - 1])
@clause("keep-alive.above-100", "model.progress-range")
def test_a_progress_above_100_is_not_stored(progress: int, open_session: OpenSession, judge: Judge) -> None:
    session = open_session()
    at_progress(session, 30)
    answer = session.keep_alive(progress)
    session.read()
    judge.observe("keep-alive.above-100", f"above 100: {said(answer)}", answer)


@pytest.mark.parametrize("progress", [-1, -100, 60 - 256, -(2**31) - 1, 60 - 2**32, -(2**63)])
@clause("keep-alive.negative-progress", "model.progress-not-negative")
def test_a_negative_progress_is_not_stored(progress: int, open_session: OpenSession, judge: Judge) -> None:
    session = open_session()
    at_progress(session, 30)
    answer = session.keep_alive(progress)
    session.read()
    judge.observe("keep-alive.negative-progress", f"negative: {said(answer)}", answer)


@pytest.mark.parametrize(
    "progress", ["true", "false", "[]", "[10]", "{}", '{"value": 10}', '"abc"', '""', '"10%"', "1.5", "40.25"]
)
@clause("keep-alive.progress-not-an-integer")
def test_what_is_no_integer_is_refused(progress: str, cell: Cell, open_session: OpenSession) -> None:
    _sent_as_is(progress, open_session(), cell)
    # A server that takes true for 1 refuses it at 30, as lower: only a fresh session shows what it made of it.
    fresh = open_session()
    fresh.read()
    fresh.keep_alive_with(raw(f'{{"{PROGRESS_MEMBER[cell.service]}": {progress}}}'))
    fresh.read()


@pytest.mark.parametrize("progress", [str(2**63), str(-(2**63) - 1), str(2**64 + 60), "1" + "0" * 40, "1e400"])
@clause("keep-alive.progress-beyond-int64")
def test_what_exceeds_int64_is_refused(progress: str, cell: Cell, open_session: OpenSession) -> None:
    _sent_as_is(progress, open_session(), cell)


@pytest.mark.parametrize("progress", ['"60"', "60.0", "6e1"])
@clause("model.progress-range", "keep-alive.progress-never-goes-down")
def test_other_spellings_of_an_integer_are_observed(
    progress: str, cell: Cell, open_session: OpenSession, judge: Judge
) -> None:
    before, answer = _sent_as_is(progress, open_session(), cell)
    need_progress(before, 30)
    judge.observe("model.progress-range", f"progress {progress}: {said(answer)}", answer)


WALKS = 12
"""Random walks of one run: of a hundred keep-alives some come to the same, to a lower value, and beyond the limits."""


@clause(
    *("keep-alive.progress-never-goes-down", "keep-alive.stores-progress"),
    *("model.progress-range", "model.progress-not-negative"),
)
def test_progress_is_monotonic_over_random_walks(open_session: OpenSession, seed: int) -> None:
    chance = Random(seed)  # noqa: S311 - nothing secret comes of it
    for _ in range(WALKS):
        session = open_session()
        session.read()
        for _ in range(chance.randint(1, 8)):
            _ = session.keep_alive() if chance.random() < 0.3 else session.keep_alive(chance.randint(-5, 110))
            session.read()


def _sent_as_is(progress: str, session: Session, cell: Cell) -> tuple[Exchange, Exchange]:
    """Keep a session at 30, if it stores that, alive by a progress spelled by hand: the read before, and the answer."""
    before = with_progress(session, 30)
    answer = session.keep_alive_with(raw(f'{{"{PROGRESS_MEMBER[cell.service]}": {progress}}}'))
    session.read()
    return before, answer


def at_the_beginning(session: Session) -> Exchange:
    """Read a new session, that nobody has told a progress.

    Raises:
        PremiseFailed: it does not show the progress that all sessions begin with.
    """
    new = session.read()
    if read(new).progress != 0:
        raise PremiseFailed("a new session with client_progress 0", shown(new), new)
    return new


CLIENTS = "model.progress-is-the-clients"


@pytest.mark.parametrize("progress", [30, 100])
@pytest.mark.parametrize("ending", [Session.cancel, Session.fail], ids=["cancel", "fail"])
@clause(CLIENTS)
def test_no_end_of_a_session_changes_its_progress(
    ending: Callable[[Session], object], progress: int, open_session: OpenSession
) -> None:
    session = open_session()
    at_progress(session, progress)
    ending(session)
    need_kept(session.read())


@clause(CLIENTS, service=Service.UPDATE)
def test_content_and_its_completion_change_no_progress(cell: Cell, workspace: Workspace, judge: Judge) -> None:
    session = update_session(workspace, cell)
    at_progress(session, 30)
    push(session, "first.txt", TEXT)
    # It is the client that counts, and not the server what it has received.
    judge(CLIENTS, progress_is(session.read(), 30))
    session.complete()
    session.read()


@waits
@clause(CLIENTS, service=Service.DOWNLOAD)
def test_content_that_is_fetched_changes_no_progress(
    cell: Cell, workspace: Workspace, clock: Clock, judge: Judge
) -> None:
    session = download_session(workspace, cell, filled_item(workspace, cell, {"notes.txt": TEXT}, clock))
    at_progress(session, 30)
    fetched(session, "notes.txt", clock)
    judge(CLIENTS, progress_is(session.read(), 30))
