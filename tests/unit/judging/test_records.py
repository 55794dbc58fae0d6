from __future__ import annotations

import json
from dataclasses import replace

from contract_tests.contract import load_ledger
from contract_tests.driver.transport.recorder import Play
from contract_tests.judging import Judge, Observation, Outcome, Record
from contract_tests.traffic.archive import KeptPlay

from .findings import ADVISORY, CELL, MUST, SENT, UNANSWERED, decision, flaw

RECORD = Record(
    (
        decision(outcome=Outcome.BROKEN),
        decision(outcome=Outcome.INCONCLUSIVE, reason="no time"),
        replace(decision(outcome=Outcome.BROKEN), flaws=(flaw(UNANSWERED), flaw(SENT))),
    ),
    (Observation(ADVISORY, CELL, "accepted", SENT),),
    (SENT, UNANSWERED),
    {"one": KeptPlay((SENT,)), "campaign": KeptPlay((UNANSWERED,), ({"exchange": 0, "sent": ["a"]},))},
)


def test_a_record_survives_as_json() -> None:
    assert Record.from_data(json.loads(json.dumps(RECORD.as_data())), load_ledger()) == RECORD


def test_a_flaw_still_points_at_its_exchange() -> None:
    read = Record.from_data(RECORD.as_data(), load_ledger())
    assert read.decisions[2].flaws[0].exchange is read.exchanges[1]
    assert read.decisions[0].proofs[0].exchange is read.exchanges[0]
    assert read.observations[0].exchange is read.exchanges[0]
    assert read.plays["campaign"].exchanges[0] is read.exchanges[1]


def test_exchanges_that_look_the_same_are_told_apart() -> None:
    twin = replace(SENT)
    record = Record((replace(decision(outcome=Outcome.BROKEN), flaws=(flaw(twin),)),), (), (SENT, twin))
    read = Record.from_data(record.as_data(), load_ledger())
    assert read.decisions[0].flaws[0].exchange is read.exchanges[1]


def test_an_exchange_from_outside_the_test_is_kept_too() -> None:
    data = Record((decision(outcome=Outcome.BROKEN),), (Observation(MUST, CELL, "x", UNANSWERED),), ()).as_data()
    assert len(data["exchanges"]) == 2
    assert data["shown"] == []
    assert data["decisions"][0]["flaws"] == [["status 204", "200 with body", 0]]
    assert data["decisions"][0]["proofs"] == [[0, "client_progress"]]
    assert data["observations"][0]["exchange"] == 1


def test_a_record_is_what_the_judge_found() -> None:
    judge = Judge(CELL, (MUST,))
    judge(MUST.id, [flaw()])
    judge.observe(MUST.id, "accepted", SENT)
    record = Record.of(judge, [SENT], {"one": Play(exchanges=[SENT], notes=[{"exchange": 0}])})
    plays = {"one": KeptPlay((SENT,), ({"exchange": 0},))}
    assert record == Record(tuple(judge.decisions), tuple(judge.observations), (SENT,), plays)
    judge(MUST.id, [])
    assert len(record.decisions) == 1
