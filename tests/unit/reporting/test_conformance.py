from __future__ import annotations

import json
from datetime import UTC, datetime

from contract_tests.contract import CELLS, Dialect, load_ledger
from contract_tests.driver import Settings, open_target
from contract_tests.judging import Observation, Outcome
from contract_tests.judging.outcomes import Gate
from contract_tests.reporting.conformance import RunStart, conformance
from contract_tests.reporting.format import Conformance, TargetRecord
from tests.unit.judging.findings import ADVISORY, CELL, MUST, OTHER, SENT, decision, tally

OCCASION = RunStart(
    TargetRecord(address=None, version="x", dialects=[Dialect.API], session_timeout=300, virtual_clock=True),
    Settings(),
    seed=7,
    gate=Gate.SHOULD,
    started=datetime(2026, 3, 1, 12, tzinfo=UTC),
)


def found() -> Conformance:
    gathered = tally(
        decision(),
        decision(outcome=Outcome.BROKEN),
        decision(outcome=Outcome.INCONCLUSIVE, reason="no time", cell=OTHER),
        observations=(Observation(ADVISORY, OTHER, "accepted", SENT), Observation(ADVISORY, CELL, "accepted", SENT)),
    )
    gathered.left += ["item b: stays", "item a: stays"]
    return conformance(gathered, OCCASION, exit_code=1, complete=False)


def test_it_survives_as_json() -> None:
    whole = found()
    assert Conformance.model_validate_json(json.dumps(json.loads(whole.model_dump_json()))) == whole


def test_totals_add_up_and_every_clause_is_there() -> None:
    whole = found()
    assert sum(whole.totals.values()) == len(load_ledger()) * len(CELLS)
    assert [clause.id for clause in whole.clauses] == list(load_ledger())
    assert sum(len(clause.cells) for clause in whole.clauses) == sum(
        count for verdict, count in whole.totals.items() if verdict != "not applicable"
    )


def test_the_run_is_described() -> None:
    run = found().run
    assert (run.seed, run.gate, run.exit_code, run.complete, run.started) == (
        7,
        "should",
        1,
        False,
        "2026-03-01T12:00:00Z",
    )
    assert found().leftovers == ["item a: stays", "item b: stays"]


def test_a_cell_has_its_verdict_with_reason_tests_and_proof() -> None:
    (clause,) = (clause for clause in found().clauses if clause.id == MUST.id)
    cells = {f"{cell.dialect}-{cell.service}": cell for cell in clause.cells}
    broken, undecided, untested = cells["api-update"], cells["rest-download"], cells["rest-update"]
    assert (broken.verdict, broken.summary, broken.tests) == ("violates", "held 1, broken 1 of 2", ["test_one"])
    assert [(flaw.expected, flaw.exchange) for flaw in broken.flaws] == [("status 204", SENT.id)]
    assert (undecided.verdict, undecided.summary) == ("inconclusive", "inconclusive 1 of 1; no time")
    assert (untested.verdict, untested.tests, untested.flaws) == ("not tested", [], [])
    assert untested.summary


def test_an_observation_names_its_cells_in_order() -> None:
    (observation,) = found().observations
    assert (observation.clause, observation.choice, observation.cells, observation.tests) == (
        ADVISORY.id,
        "accepted",
        ["api-update", "rest-download"],
        ["test_one"],
    )
    assert observation.exchange == SENT.id


def test_an_occasion_describes_the_target() -> None:
    with open_target(Settings(session_timeout=60, dialect=Dialect.REST), print) as target:
        occasion = RunStart.of(target, 7, Gate.MUST, "-k x")
    assert occasion.target == TargetRecord(
        address=None,
        version=target.facts.version,
        dialects=[Dialect.REST],
        session_timeout=60,
        virtual_clock=True,
        certificate="none",
    )
    assert (occasion.seed, occasion.gate, occasion.selected) == (7, "must", "-k x")
    assert occasion.settings is target.settings
