"""A clause about other versions is not held against a server that says which one it is."""

from __future__ import annotations

import pytest

from contract_tests.contract import Cell, Clause, Dialect, load_ledger
from contract_tests.driver import Facts
from contract_tests.judging import Judge, Outcome
from contract_tests.problems import PremiseFailed
from tests.unit.judging.findings import flaw

CELL = Cell.parse("rest-update")
SINCE = load_ledger()["update.success"]
ALWAYS = load_ledger()["keep-alive.no-body"]


def facts(version: str) -> Facts:
    return Facts("https://vc.example", (Dialect.API,), version, controls_clock=False)


@pytest.mark.parametrize(
    ("said", "version"),
    [
        ("VMware vCenter Server 8.0.2.00000 22617221", (8, 0, 2, 0)),
        ("6.7", (6, 7)),
        ("cl-contract-mock/0.1.0", None),
        ("nginx/1.25.3 (Ubuntu)", None),
        ("not said by the server", None),
        ("build 22617221", None),
        ("v7.0", None),
    ],
)
def test_a_version_is_what_a_server_says_of_itself(said: str, version: tuple[int, ...] | None) -> None:
    assert facts(said).api_version == version


def judged(clause: Clause, version: tuple[int, ...] | None) -> Outcome:
    judge = Judge(CELL, (clause,), api_version=version)
    judge(clause.id, [flaw()])
    (decision,) = judge.decisions
    return decision.outcome


@pytest.mark.parametrize(
    ("version", "outcome"),
    [
        (None, Outcome.BROKEN),
        ((6, 7, 3), Outcome.NOT_TESTED),
        ((6, 8), Outcome.BROKEN),
        ((6, 8, 0), Outcome.BROKEN),
        ((6, 10), Outcome.BROKEN),
        ((9,), Outcome.BROKEN),
    ],
)
def test_a_clause_begins_with_a_version(version: tuple[int, ...] | None, outcome: Outcome) -> None:
    assert judged(SINCE, version) is outcome
    assert judged(ALWAYS, version) is Outcome.BROKEN


@pytest.mark.parametrize(
    ("version", "outcome"),
    [
        (None, Outcome.NOT_TESTED),
        ((6, 0), Outcome.BROKEN),
        ((6, 5), Outcome.BROKEN),
        ((6, 5, 3), Outcome.BROKEN),
        ((6, 7), Outcome.NOT_TESTED),
        ((9,), Outcome.NOT_TESTED),
    ],
)
def test_a_clause_ends_with_a_version(version: tuple[int, ...] | None, outcome: Outcome) -> None:
    assert judged(SINCE.model_copy(update={"since": None, "until": "6.5"}), version) is outcome


def test_what_is_left_open_is_not_held_against_it_either() -> None:
    judge = Judge(CELL, (SINCE, ALWAYS), api_version=(6, 7))
    with judge.watching():
        raise PremiseFailed("a session", "none")
    assert {decision.clause.id: decision.outcome for decision in judge.decisions} == {
        "update.success": Outcome.NOT_TESTED,
        "keep-alive.no-body": Outcome.BLOCKED,
    }
    assert judge.decisions[0].reason == "it holds from version 6.8 on, and the server says that it is 6.7"
