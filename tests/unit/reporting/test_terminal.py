from __future__ import annotations

from contract_tests.contract import CELLS, Dialect, load_ledger
from contract_tests.judging import Observation, Outcome, Tally, Verdict
from contract_tests.reporting.views.terminal import clause_lines, observation_lines, total_line, undecided_lines
from tests.unit.judging.findings import ADVISORY, CELL, MUST, OTHER, SENT, UPDATE_ONLY, decision, tally


def test_a_tally_gathers_the_records_of_all_tests() -> None:
    gathered = tally(decision(outcome=Outcome.HELD), decision(outcome=Outcome.BROKEN), decision(cell=OTHER))
    assert gathered.verdict(MUST, CELL) is Verdict.VIOLATES
    assert gathered.verdict(MUST, OTHER) is Verdict.CONFORMS
    assert gathered.verdict(MUST, CELLS[1]) is Verdict.NOT_TESTED
    assert [(test, one.outcome) for test, one in gathered.decided(MUST, CELL)] == [
        ("test_one", Outcome.HELD),
        ("test_one", Outcome.BROKEN),
    ]


def test_only_clauses_that_were_tested_have_a_line() -> None:
    heading, *lines, legend = clause_lines(tally(decision(), decision(UPDATE_ONLY, Outcome.BROKEN)))
    assert heading.split() == [str(cell) for cell in CELLS]
    assert [line.split() for line in lines] == [
        ["✓", "·", "·", "·", "must", MUST.id],
        ["✗", "·", "must", UPDATE_ONLY.id],
    ]
    assert "✗ violates" in legend


def test_what_is_not_decided_says_why_once() -> None:
    gathered = tally(
        decision(),
        decision(outcome=Outcome.BROKEN),
        decision(outcome=Outcome.BROKEN),
        decision(outcome=Outcome.BROKEN, cell=OTHER),
        decision(ADVISORY, Outcome.BROKEN),
        decision(outcome=Outcome.INCONCLUSIVE, reason="no time"),
    )
    why = "expected status 204, observed 200 with body"
    assert sorted(undecided_lines(gathered)) == [
        f"{MUST.id} [api-update] inconclusive: no time",
        f"{MUST.id} [api-update], {MUST.id} [rest-download] violates: {why}",
        f"{ADVISORY.id} [api-update] advises: {why}",
    ]


def test_observations_are_gathered_by_choice() -> None:
    seen = [Observation(MUST, cell, "accepted", SENT) for cell in (*CELLS, CELL)]
    seen += [
        Observation(ADVISORY, OTHER, "refused with 400", SENT),
        Observation(ADVISORY, CELL, "refused with 400", SENT),
    ]
    assert list(observation_lines(tally(observations=tuple(seen)))) == [
        f"{MUST.id}: accepted (everywhere)",
        f"{ADVISORY.id}: refused with 400 (api-update, rest-download)",
    ]


def test_the_totals_are_one_line_that_adds_up() -> None:
    line = total_line(tally(decision(), decision(cell=OTHER, outcome=Outcome.BROKEN)))
    clauses = len(load_ledger())
    head, _, parts = line.partition(": ")
    assert head == f"{clauses} clauses x 4 cells = {clauses * 4}"
    assert sum(int(part.split()[0]) for part in parts.split(", ")) == clauses * 4
    assert {"1 violates", "1 conforms"} <= {*parts.split(", ")}


def test_a_dialect_that_is_not_spoken_is_not_applicable() -> None:
    gathered = Tally(load_ledger(), [Dialect.API])
    assert gathered.verdict(MUST, OTHER) is Verdict.NOT_APPLICABLE
