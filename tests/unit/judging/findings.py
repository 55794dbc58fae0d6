"""Findings of tests, in one line each, about clauses of the real ledger."""

from __future__ import annotations

from datetime import UTC, datetime

from contract_tests.contract import Cell, Clause, Dialect, load_ledger
from contract_tests.judging import Decision, Observation, Outcome, Record, Tally
from contract_tests.judging.outcomes import Proof
from contract_tests.rules.checks import Flaw
from contract_tests.traffic.exchange import Exchange
from contract_tests.traffic.messages import Request, Response

CELL, OTHER = Cell.parse("api-update"), Cell.parse("rest-download")

MUST = load_ledger()["keep-alive.no-body"]
SHOULD = load_ledger()["errors.no-server-error"]
ADVISORY = load_ledger()["keep-alive.not-an-object"]
UPDATE_ONLY = load_ledger()["update.state-unchanged"]

SENT = Exchange(
    Request("POST", "https://vc.example/api/x?action=keep-alive", (("accept", "*/*"),), b"{}"),
    Response(200, (("server", "x"),), b"body"),
    datetime(2026, 3, 1, 12, tzinfo=UTC),
    0.25,
    cell="api-update",
    operation="keep-alive",
    id="0a1b2c3d4e-0",
)
UNANSWERED = Exchange(
    Request("GET", "https://vc.example/y"), None, SENT.started, 0.5, "ReadTimeout: timed out", id="0a1b2c3d4e-1"
)


def flaw(exchange: Exchange = SENT) -> Flaw:
    return Flaw("status 204", "200 with body", exchange)


def decision(clause: Clause = MUST, outcome: Outcome = Outcome.HELD, reason: str = "", cell: Cell = CELL) -> Decision:
    broken = outcome in (Outcome.BROKEN, Outcome.EXCUSED)
    proofs = (Proof(SENT, ("client_progress",)),) if broken or outcome is Outcome.HELD else ()
    return Decision(clause, cell, outcome, (flaw(),) if broken else (), reason, proofs)


def tally(*decisions: Decision, observations: tuple[Observation, ...] = ()) -> Tally:
    gathered = Tally(load_ledger(), list(Dialect))
    gathered.add("test_one", Record(decisions, observations, (SENT, UNANSWERED)))
    return gathered
