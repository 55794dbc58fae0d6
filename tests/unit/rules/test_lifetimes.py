"""A session that may have ended by itself is a premise that fell: nobody is accused of what it answers then."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from contract_tests.contract import load_ledger
from contract_tests.contract.dialects import FileOp, Op
from contract_tests.judging import Judge, Outcome
from contract_tests.problems import PremiseFailed
from contract_tests.rules.checks import Flaw, succeeds
from contract_tests.rules.lifetimes import may_have_ended, may_have_failed, takes_an_active_session
from contract_tests.traffic.exchange import Exchange
from contract_tests.traffic.messages import Request, Response
from tests.unit.judging.findings import CELL

if TYPE_CHECKING:
    from collections.abc import Sequence

NOON = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
ID = "a1b2c3d4-0000-4000-8000-000000000001"
SESSIONS = "https://vc.example/api/content/library/item/update-session"
GONE = {"messages": [{"id": "a", "default_message": "b", "args": []}], "error_type": "NOT_FOUND"}
OVER = {**GONE, "error_type": "NOT_ALLOWED_IN_CURRENT_STATE"}


def sent(op: Op, at: float, status: int, body: Any = None, *, request: bytes = b"", url: str = "") -> Exchange:
    """An exchange of 10 ms that begins so many seconds after noon, by both clocks."""
    now = NOON + timedelta(seconds=at)
    content = b"" if body is None else json.dumps(body).encode()
    date = now.strftime("%a, %d %b %Y %H:%M:%S GMT")
    return Exchange(
        Request("POST", url or f"{SESSIONS}/{ID}", (("content-type", "application/json"),) if request else (), request),
        Response(status, (("date", date), ("content-type", "application/json")), content),
        now,
        0.01,
        cell=str(CELL),
        operation=op,
    )


def looked(at: float, expires: float, state: str = "ACTIVE") -> Exchange:
    time = (NOON + timedelta(seconds=expires)).isoformat(timespec="milliseconds")
    return sent(Op.READ, at, 200, {"state": state, "expiration_time": time, "client_progress": 0})


CREATED = sent(Op.CREATE, 0, 201, ID, url=SESSIONS, request=b'{"library_item_id": "item-one"}')
CONTENT = "https://vc.example/cls/upload/1/notes.txt"
ADDED = replace(
    sent(Op.READ, 0, 201, {"upload_endpoint": {"uri": CONTENT}}, url=f"{SESSIONS}/{ID}/file"), operation=FileOp.ADD
)
PUSHED = replace(sent(Op.READ, 4.5, 403, url=CONTENT), operation=None)
KEPT = sent(Op.KEEP_ALIVE, 3, 204)
JUST_AFTER = sent(Op.KEEP_ALIVE, 4.012, 404, GONE)


@pytest.mark.parametrize(
    ("traffic", "answer"),
    [
        pytest.param([looked(0, 4)], JUST_AFTER, id="12 ms after the time that a read showed"),
        pytest.param([looked(0, 4)], sent(Op.KEEP_ALIVE, 4.5, 400, OVER), id="told by its state"),
        pytest.param([looked(0, 4)], sent(Op.KEEP_ALIVE, 3.2, 404, GONE), id="in the second that Date hides"),
        pytest.param([CREATED], JUST_AFTER, id="nobody has read it"),
        pytest.param([CREATED, KEPT], sent(Op.KEEP_ALIVE, 7.5, 404, GONE), id="kept alive, and over all the same"),
        pytest.param([looked(0, 4)], looked(4.2, 4, "CANCELED"), id="read in a state of its end"),
        pytest.param([CREATED], sent(Op.LIST, 5, 200, []), id="no longer listed"),
        pytest.param([ADDED], PUSHED, id="its address takes no content"),
        pytest.param(
            [CREATED], replace(CREATED, started=NOON, response=sent(Op.CREATE, 5, 201, "x").response), id="item"
        ),
        pytest.param([looked(0, 4)], sent(Op.DELETE, 4.2, 204), id="deleted, which an ACTIVE one can't be"),
    ],
)
def test_what_fits_a_session_whose_time_is_up_is_held_against_nobody(
    traffic: Sequence[Exchange], answer: Exchange
) -> None:
    reason = may_have_ended(answer, [CREATED, *traffic] if CREATED not in traffic else [*traffic, answer], 4)
    assert reason.startswith("the session may have ended by its own clock: its time was up at 2026-03-01 12:00:0")


@pytest.mark.parametrize(
    ("traffic", "answer"),
    [
        pytest.param([looked(0, 4)], sent(Op.KEEP_ALIVE, 2, 404, GONE), id="long before its time"),
        pytest.param([looked(0, 4)], sent(Op.KEEP_ALIVE, 4.5, 500), id="a crash"),
        pytest.param([looked(0, 4)], sent(Op.KEEP_ALIVE, 4.5, 204), id="a success"),
        pytest.param([looked(0, 4)], sent(Op.KEEP_ALIVE, 4.5, 404, {**GONE, "error_type": "ERROR"}), id="another type"),
        pytest.param([looked(0, 4)], looked(4.5, 4), id="still ACTIVE"),
        pytest.param([looked(0, 4)], looked(4.5, 4, "EXPIRED"), id="a state that no document has"),
        pytest.param([looked(0, 4)], sent(Op.KEEP_ALIVE, 9, 404, GONE, url=f"{SESSIONS}/other"), id="another session"),
        pytest.param([], PUSHED, id="an address that was not given for it"),
        pytest.param([KEPT], sent(Op.KEEP_ALIVE, 4.5, 404, GONE), id="kept alive since"),
        pytest.param([sent(Op.DELETE, 1, 204)], sent(Op.READ, 9, 404, GONE), id="deleted before"),
        pytest.param([], sent(Op.LIST, 5, 200, [ID]), id="still listed"),
    ],
)
def test_what_does_not_fit_is_judged(traffic: Sequence[Exchange], answer: Exchange) -> None:
    assert may_have_ended(answer, [CREATED, *traffic, answer], 4) == ""


def test_without_a_timeout_only_reads_count() -> None:
    assert may_have_ended(JUST_AFTER, [CREATED, JUST_AFTER]) == ""
    assert may_have_ended(JUST_AFTER, [CREATED, looked(0, 4), JUST_AFTER])


def judge_of(slug: str, *traffic: Exchange) -> Judge:
    return Judge(CELL, [load_ledger()[slug]], traffic=[CREATED, *traffic], session_timeout=4)


def test_a_clause_about_active_sessions_is_not_decided_then() -> None:
    judge = judge_of("keep-alive.no-body", looked(0, 4), JUST_AFTER)
    assert not judge("keep-alive.no-body", succeeds(JUST_AFTER))
    (decision,) = judge.decisions
    assert decision.outcome is Outcome.INCONCLUSIVE
    assert "may have ended by its own clock" in decision.reason


def test_another_flaw_is_told_alone() -> None:
    judge = judge_of("keep-alive.no-body", looked(0, 4), JUST_AFTER)
    crash = Flaw("status 204", "500", sent(Op.KEEP_ALIVE, 4.1, 500))
    judge("keep-alive.no-body", succeeds(JUST_AFTER), [crash])
    assert [(one.outcome, one.flaws) for one in judge.decisions] == [(Outcome.BROKEN, (crash,))]


def test_a_premise_that_fell_by_the_clock_is_no_fault_of_the_server() -> None:
    judge = judge_of("keep-alive.no-body", looked(0, 4), JUST_AFTER)
    with judge.watching():
        raise PremiseFailed("a session with client_progress 30", "404", JUST_AFTER)
    assert [one.outcome for one in judge.decisions] == [Outcome.INCONCLUSIVE]


@pytest.mark.parametrize("slug", ["expiry.update-session-deleted", "errors.body", "model.content-version"])
def test_what_is_no_matter_of_being_active_is_judged_all_the_same(slug: str) -> None:
    assert not takes_an_active_session(slug)
    judge = judge_of(slug, looked(0, 4), JUST_AFTER)
    judge(slug, [Flaw("this", "that", JUST_AFTER)])
    assert [one.outcome for one in judge.decisions] == [Outcome.BROKEN]


def listed(*statuses: str) -> Exchange:
    files = [{"name": f"{number}.txt", "status": status} for number, status in enumerate(statuses)]
    return replace(sent(Op.READ, 1.2, 200, files, url=f"{SESSIONS}/{ID}/file"), operation=FileOp.FILES)


TAKEN = replace(sent(Op.READ, 1, 200, url=CONTENT), operation=None)
FAILED = looked(2, 300, "ERROR")
REFUSED = sent(Op.COMPLETE, 1.5, 400, OVER)


@pytest.mark.parametrize(
    ("traffic", "answer"),
    [
        pytest.param([ADDED, TAKEN, REFUSED, FAILED], REFUSED, id="a read after the answer tells"),
        pytest.param([ADDED, TAKEN, FAILED], FAILED, id="the read itself"),
        pytest.param([ADDED, TAKEN, FAILED, KEPT, REFUSED], REFUSED, id="a read before it tells"),
        pytest.param([ADDED, PUSHED, REFUSED, FAILED], REFUSED, id="the transfer itself was refused"),
        pytest.param([replace(ADDED, operation=FileOp.PREPARE), REFUSED, FAILED], REFUSED, id="a file to be fetched"),
        pytest.param([ADDED, TAKEN, listed("READY", "TRANSFERRING"), FAILED], FAILED, id="one has not come yet"),
        pytest.param([ADDED, TAKEN, listed(), FAILED], FAILED, id="a list that shows none"),
    ],
)
def test_what_fits_a_session_that_failed_with_its_content_is_held_against_nobody(
    traffic: Sequence[Exchange], answer: Exchange
) -> None:
    assert may_have_failed(answer, [CREATED, *traffic]).startswith("the session has failed by itself")
    judge = judge_of("life-cycle.complete", *traffic)
    judge("life-cycle.complete", [Flaw("this", "that", answer)])
    assert [one.outcome for one in judge.decisions] == [Outcome.INCONCLUSIVE]


@pytest.mark.parametrize(
    ("traffic", "answer"),
    [
        pytest.param([REFUSED, FAILED], REFUSED, id="it has no content"),
        pytest.param([ADDED, REFUSED, FAILED], REFUSED, id="its content was never sent"),
        pytest.param([REFUSED, ADDED, TAKEN, FAILED], REFUSED, id="its content came later"),
        pytest.param([ADDED, TAKEN, listed("READY"), FAILED], FAILED, id="its content has come, by the list"),
        pytest.param([ADDED, TAKEN, REFUSED, looked(2, 300)], REFUSED, id="it is ACTIVE"),
        pytest.param([ADDED, TAKEN, REFUSED, looked(2, 300, "CANCELED")], REFUSED, id="it is CANCELED"),
        pytest.param([ADDED, TAKEN, sent(Op.FAIL, 1, 204), FAILED], FAILED, id="a client has failed it"),
        pytest.param([ADDED, TAKEN, sent(Op.COMPLETE, 1, 204), FAILED], FAILED, id="a client has completed it"),
        pytest.param([ADDED, TAKEN, sent(Op.COMPLETE, 1, 500), FAILED], sent(Op.COMPLETE, 1, 500), id="a crash"),
    ],
)
def test_what_does_not_fit_a_failure_is_judged(traffic: Sequence[Exchange], answer: Exchange) -> None:
    assert may_have_failed(answer, [CREATED, *traffic]) == ""
