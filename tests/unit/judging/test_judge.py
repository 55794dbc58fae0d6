from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from contract_tests.contract import Clause, Level
from contract_tests.judging import Gate, Judge, Outcome
from contract_tests.problems import Inconclusive, NotTested, PremiseFailed, ScenarioMistake, UnknownClauseError
from contract_tests.rules.checks import Flaw
from contract_tests.traffic.messages import Request, Response

from .findings import CELL, MUST, OTHER, SENT, SHOULD, UPDATE_ONLY, flaw

if TYPE_CHECKING:
    from contract_tests.traffic.exchange import Exchange


def outcomes(judge: Judge) -> dict[str, Outcome]:
    return {decision.clause.id: decision.outcome for decision in judge.decisions}


def judge_of(*cited: Clause) -> Judge:
    return Judge(CELL, cited)


def test_a_clause_holds_if_every_check_finds_nothing() -> None:
    judge = judge_of(MUST)
    assert judge(MUST.id, [], ())
    assert outcomes(judge) == {MUST.id: Outcome.HELD}


def test_a_flaw_is_kept_and_ends_nothing() -> None:
    judge = judge_of(MUST, SHOULD)
    with judge.watching():
        assert not judge(MUST.id, [], [flaw()], [flaw(), flaw()])
        assert judge(SHOULD.id, [])
    assert outcomes(judge) == {MUST.id: Outcome.BROKEN, SHOULD.id: Outcome.HELD}
    assert len(judge.decisions[0].flaws) == 3


@pytest.mark.parametrize(
    ("exchange", "reason"),
    [
        (replace(SENT, response=Response(429)), "the server asks for it later (429), and was waited for in vain"),
        (
            replace(SENT, response=Response(503, (("Retry-After", "9"),))),
            "the server asks for it later (503), and was waited for in vain",
        ),
        (replace(SENT, response=None, failure="NotKept: no room"), "no room"),
        (
            replace(SENT, response=Response(502)),
            "a gateway answered for the server, each time it was asked (502, no error of this API)",
        ),
        (
            replace(SENT, response=Response(400), in_doubt=True),
            "the request had been sent before, without a word of the server's, and may have been done then",
        ),
        (replace(SENT, response=None, failure="NotAsked: silent"), "silent"),
    ],
)
def test_a_flaw_in_what_says_nothing_of_the_server_blocks(exchange: Exchange, reason: str) -> None:
    judge = judge_of(MUST)
    judge(MUST.id, [Flaw("something", "something else", SENT), Flaw("something", "something else", exchange)])
    assert [(one.outcome, one.reason) for one in judge.decisions] == [(Outcome.BLOCKED, reason)]


def test_every_judgement_of_a_clause_is_kept() -> None:
    judge = judge_of(MUST)
    judge(MUST.id, [flaw()])
    judge(MUST.id, [])
    assert [decision.outcome for decision in judge.decisions] == [Outcome.BROKEN, Outcome.HELD]


def test_a_clause_must_be_cited_to_be_judged_or_observed() -> None:
    judge = judge_of(MUST)
    with pytest.raises(ScenarioMistake, match="without citing"):
        judge(SHOULD.id, [])
    with pytest.raises(ScenarioMistake, match="without citing"):
        judge.observe(SHOULD.id, "a choice", SENT)
    assert (judge.decisions, judge.observations) == ([], [])


def test_no_check_is_no_judgement() -> None:
    with pytest.raises(ScenarioMistake, match="by no check"):
        judge_of(MUST)(MUST.id)


def test_by_the_way_other_clauses_may_be_judged() -> None:
    judge = judge_of(MUST)
    assert not judge.aside(SHOULD.id, [flaw()])
    assert outcomes(judge) == {SHOULD.id: Outcome.BROKEN}
    with pytest.raises(UnknownClauseError):
        judge.aside("no.such-clause", [])


def test_a_clause_is_not_judged_where_it_does_not_apply() -> None:
    judge = Judge(OTHER, (UPDATE_ONLY,))
    with judge.watching():
        assert not judge(UPDATE_ONLY.id, [flaw()])
    assert judge.decisions == []


def test_an_observation_is_kept() -> None:
    judge = judge_of(MUST)
    judge.observe(MUST.id, "accepted", SENT)
    (observation,) = judge.observations
    assert (observation.clause, observation.cell, observation.choice, observation.exchange) == (
        MUST,
        CELL,
        "accepted",
        SENT,
    )


@pytest.mark.parametrize(
    ("end", "outcome", "reason"),
    [
        (
            PremiseFailed("a session", "404"),
            Outcome.BLOCKED,
            "its premise failed: expected a session; observed 404",
        ),
        (Inconclusive("no time"), Outcome.INCONCLUSIVE, "no time"),
        (NotTested("no content"), Outcome.NOT_TESTED, "no content"),
    ],
)
def test_what_ends_a_test_is_the_outcome_of_what_was_not_judged(end: Exception, outcome: Outcome, reason: str) -> None:
    judge = judge_of(MUST, SHOULD)
    with judge.watching():
        judge(MUST.id, [])
        raise end
    assert outcomes(judge) == {MUST.id: Outcome.HELD, SHOULD.id: outcome}
    assert judge.decisions[1].reason == reason


def test_a_defect_of_the_suite_blocks_and_is_raised() -> None:
    judge = judge_of(MUST)
    with pytest.raises(ZeroDivisionError), judge.watching():
        raise ZeroDivisionError("x")
    assert outcomes(judge) == {MUST.id: Outcome.BLOCKED}
    assert judge.decisions[0].reason == "the suite failed: ZeroDivisionError('x')"


def test_a_clause_that_is_cited_and_not_judged_is_a_mistake() -> None:
    judge = judge_of(MUST, SHOULD)
    with pytest.raises(ScenarioMistake, match=SHOULD.id), judge.watching():
        judge(MUST.id, [])
    assert outcomes(judge) == {MUST.id: Outcome.HELD, SHOULD.id: Outcome.BLOCKED}


def test_an_observation_is_no_judgement() -> None:
    judge = judge_of(MUST)
    with pytest.raises(ScenarioMistake), judge.watching():
        judge.observe(MUST.id, "accepted", SENT)


def test_what_rests_on_nothing_is_withdrawn() -> None:
    judge = judge_of(MUST)
    judge(MUST.id, [flaw()])
    judge.withdraw("nothing was sent")
    (decision,) = judge.decisions
    assert (decision.outcome, decision.flaws, decision.reason) == (Outcome.BLOCKED, (), "nothing was sent")


@pytest.mark.parametrize(
    ("gate", "levels"),
    [
        (Gate.MUST, {Level.MUST}),
        (Gate.SHOULD, {Level.MUST, Level.SHOULD}),
        (Gate.ALL, {Level.MUST, Level.SHOULD, Level.ADVISORY}),
    ],
)
def test_a_gate_covers_levels(gate: Gate, levels: set[Level]) -> None:
    assert {level for level in Level if gate.covers(level)} == levels


def _refusal(number: int, body: bytes) -> Exchange:
    request = Request("GET", f"http://x/{CELL.dialect}/content/library/item/update-session/{number}")
    answer = Response(404, (("Content-Type", "application/json"),), body)
    return replace(SENT, request=request, response=answer, cell=str(CELL), id=f"e-{number}")


def test_of_hidden_traffic_each_answer_is_judged_once() -> None:
    right = _refusal(1, b'{"error_type": "NOT_FOUND", "messages": [{"id": "a", "default_message": "b", "args": []}]}')
    wrong = _refusal(2, b"nothing")
    judge = judge_of(MUST)
    assert set(judge.watch_answers([right, wrong])) == {wrong}
    judge.watch([wrong])
    broken = [one for one in judge.decisions if one.clause.id == "errors.body" and one.outcome is Outcome.BROKEN]
    assert [flaw.exchange for one in broken for flaw in one.flaws] == [wrong]
    assert all(one.aside for one in judge.decisions)


def test_what_a_front_end_may_have_answered_is_left_out() -> None:
    judge = judge_of(MUST)
    judge.left_out.add("e-2")
    judge.watch([_refusal(2, b"nothing")])
    assert judge.decisions == []
