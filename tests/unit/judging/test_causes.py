"""Laws of causes: every complaint is in one, the same complaints give the same ones, what looks alike is together."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import pytest

from contract_tests.contract import Level
from contract_tests.judging.causes import FOLLOWS, causes
from contract_tests.judging.symptoms import Complaint, ShownAnswer, shape

ID = "3de377be-dd32-4a54-8690-c1fbdcee772d"
NUMBERS = iter(range(10**6))


def answer(operation: str = "keep-alive", status: int | None = 204, said: str = "", exchange: str = "") -> ShownAnswer:
    return ShownAnswer(exchange or f"x{next(NUMBERS)}", operation, status, said, 100)


def flaw(
    clause: str,
    expected: str,
    observed: str,
    shown: ShownAnswer | None = None,
    cell: str = "api-update",
    level: str = "must",
) -> Complaint:
    test = f"contract_tests/scenarios/test_x.py::{clause}[{cell}]"
    return Complaint(clause, Level(level), cell, (test,), expected, observed, (shown or answer("read", 200),))


def blocked(clause: str, expected: str, observed: str, *shown: ShownAnswer, cell: str = "api-update") -> Complaint:
    return Complaint(clause, Level.MUST, cell, (), expected, observed, shown, is_blocked=True, has_premise=True)


NO_MESSAGES = [
    flaw("errors.body", "messages, one or more", f'404 with {{"error_type":"{ID}"}}', answer(operation, 404))
    for operation in ("keep-alive", "read", "cancel")
]
NOT_EXTENDED = [
    flaw("keep-alive.extends-expiration", f"expiration_time after 2026-11-30 0{n}:00:00", "expiration_time 2026-11-30")
    for n in range(3)
]
NO_401 = [
    flaw("authentication.token-required", "401 UNAUTHENTICATED", f"204 with {n}", answer(n, 204))
    for n in ("keep-alive", "cancel")
]
CRASHES = [flaw("errors.no-server-error", "an answer below 500", "500 with", answer("fail", 500, f"Oops {ID}"))] * 2


def test_what_differs_from_one_exchange_to_the_next_is_taken_out() -> None:
    assert shape(f"the session {ID}:{ID} ended at 2026-11-30T07:51:38.164Z, 5.2 s late, as 'x' and [1, 2]") == (
        "the session ID ended at TIME, N s late, as … and …"
    )
    assert shape("no update session") == shape("no download session")


@pytest.mark.parametrize("found", [NO_MESSAGES, NOT_EXTENDED, NO_401, CRASHES])
def test_flaws_that_look_alike_are_one_cause(found: list[Complaint]) -> None:
    (cause,) = causes(found)
    assert cause.complaints == tuple(found)


@pytest.mark.parametrize(
    ("one", "other"), list(permutations([NO_MESSAGES, NOT_EXTENDED, NO_401, CRASHES], 2)), ids=range(12)
)
def test_two_independent_faults_are_two_causes(one: list[Complaint], other: list[Complaint]) -> None:
    found = [*one, *other]
    told = causes(found)
    assert sorted(number for cause in told for number in cause.numbers) == list(range(len(found)))
    assert {cause.numbers for cause in told} == {
        tuple(range(len(one))),
        tuple(range(len(one), len(found))),
    }


def test_the_same_findings_give_the_same_causes() -> None:
    found = [*NO_MESSAGES, *NOT_EXTENDED, *NO_401, *CRASHES]
    assert causes(found) == causes(list(found))


def test_two_things_wrong_with_one_answer_are_two_causes() -> None:
    one = answer("read", 200, exchange="one")
    extended = flaw("keep-alive.extends-expiration", "expiration_time after 1", "expiration_time 1", one)
    lower = flaw("keep-alive.progress-never-goes-down", "client_progress 50 to 100", "client_progress 20", one)
    assert len(causes([extended, lower])) == 2
    assert len(causes([lower, replace(lower, clause="keep-alive.lower-progress")])) == 1


def test_what_follows_from_a_broken_clause_in_the_same_cell_belongs_to_it() -> None:
    outlives = flaw("keep-alive.outlives-timeout", "status 204", "404 with no session", answer(status=404))
    (cause,) = causes([outlives, *NOT_EXTENDED])
    assert cause.lead.clause == "keep-alive.extends-expiration"
    assert cause.says == "keep-alive does not extend expiration_time"
    assert len(causes([replace(outlives, cell="rest-update"), *NOT_EXTENDED])) == 2


def test_a_table_of_what_follows_has_no_circles() -> None:
    def leads(slug: str, seen: tuple[str, ...] = ()) -> bool:
        return slug in seen or any(leads(one, (*seen, slug)) for one in FOLLOWS.get(slug, ()))

    assert not [slug for slug in FOLLOWS if leads(slug)]


def test_a_wrong_body_of_answers_that_are_wrong_themselves_is_no_cause_of_its_own() -> None:
    crash = answer("complete", 500, exchange="crash")
    page = flaw("errors.body", "an error with a JSON body", "500 with <h1>", crash)
    wrong = flaw("life-cycle.complete", "status 204", "500 with <h1>", crash)
    (cause,) = causes([page, wrong])
    assert cause.lead == wrong
    assert len(causes([page, *NO_MESSAGES, wrong])) == 2


def test_a_blocked_cell_joins_the_flaw_on_whose_exchange_it_stopped() -> None:
    refused = flaw("create.returns-id", "status 201", "400 with no", answer("create", 400, exchange="e"))
    stopped = blocked("keep-alive.no-body", "a new session", "400 with no", answer("create", 400, exchange="e"))
    first, second = causes([*NO_MESSAGES, refused, stopped])
    assert {one.clause for one in second.complaints} | {one.clause for one in first.complaints} >= {stopped.clause}
    (cause,) = [one for one in (first, second) if stopped in one.complaints]
    assert cause.lead == refused
    assert cause.says == "create is refused with 400"


def test_a_blocked_cell_whose_premise_failed_without_a_trace_joins_what_reaches_farthest_in_its_cell() -> None:
    stopped = blocked("update.success", "", "no answer of the test decides it")
    found = [*NO_MESSAGES, *NOT_EXTENDED, replace(NOT_EXTENDED[0], clause="keep-alive.returns-nothing"), stopped]
    (cause,) = [one for one in causes(found) if stopped in one.complaints]
    assert cause.lead.clause.startswith("keep-alive.")
    elsewhere = replace(stopped, cell="rest-update")
    (alone,) = [one for one in causes([*NO_MESSAGES, elsewhere]) if elsewhere in one.complaints]
    assert alone.complaints == (elsewhere,)


def test_silence_is_a_cause_of_its_own() -> None:
    silent = replace(blocked("update.success", "", "the server does not answer"), has_premise=False)
    assert len(causes([*NO_MESSAGES, silent])) == 2
    unanswered = blocked("update.success", "a new session", "no answer (timed out)", answer(status=None))
    assert len(causes([*NO_MESSAGES, unanswered])) == 2


def test_the_highest_level_comes_first_and_then_what_reaches_farthest() -> None:
    should = [
        flaw("keep-alive.lower-progress", "client_progress 5", f"client_progress {n}", level="should") for n in "12"
    ]
    far = [replace(one, cell=cell) for one, cell in zip(NO_MESSAGES, ("api-update", "rest-update", "x"), strict=True)]
    told = causes([*should, *NOT_EXTENDED, *far])
    assert [cause.lead.clause for cause in told] == [
        "errors.body",
        "keep-alive.extends-expiration",
        "keep-alive.lower-progress",
    ]
    assert [cause.reach for cause in told] == [3, 1, 1]


@pytest.mark.parametrize(
    ("found", "says"),
    [
        (NO_MESSAGES[0], "error bodies carry no messages"),
        (NO_401[0], "keep-alive succeeds with 204 where 401 UNAUTHENTICATED is due"),
        (CRASHES[0], f"fail fails with 500 (Oops {ID})"),
        (flaw("x.y", "status 204", "200 with an empty body", answer(status=200)), "keep-alive answers 200 where "),
        (flaw("x.y", "status 204", "no answer (timed out)", answer(status=None)), "keep-alive is not answered"),
        (flaw("x.y", "404 NOT_FOUND", "400 with x", answer(status=400)), "keep-alive is refused with 400 where 404 "),
        (flaw("x.y", "state DONE", "no state: 200 with {}"), "a session shows no state"),
        (flaw("x.y", "a miracle", "none"), "expected a miracle, observed none"),
        (blocked("x.y", "a session", "none"), "not judged: expected a session, observed none"),
    ],
)
def test_a_cause_is_called_by_a_sentence(found: Complaint, says: str) -> None:
    assert causes([found])[0].says.startswith(says)


def test_a_sentence_is_short() -> None:
    (cause,) = causes([flaw("x.y", "word " * 500, "500 with", answer(status=500, said="word " * 500))])
    assert len(cause.says) <= 160
