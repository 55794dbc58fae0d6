from __future__ import annotations

import itertools

import pytest

from contract_tests.contract import CELLS, Dialect, Level, load_ledger
from contract_tests.judging import Gate, Outcome, Verdict
from contract_tests.judging.verdicts import cell_verdict, fails_run, totals, verdict_of

from .findings import CELL, MUST, OTHER, UPDATE_ONLY

BROKEN, BLOCKED, INCONCLUSIVE, HELD = Outcome.BROKEN, Outcome.BLOCKED, Outcome.INCONCLUSIVE, Outcome.HELD


@pytest.mark.parametrize(
    ("outcomes", "must", "advisory"),
    [
        ([], Verdict.NOT_TESTED, Verdict.NOT_TESTED),
        ([Outcome.NOT_TESTED], Verdict.NOT_TESTED, Verdict.NOT_TESTED),
        ([HELD], Verdict.CONFORMS, Verdict.CONFORMS),
        ([HELD, Outcome.NOT_TESTED], Verdict.CONFORMS, Verdict.CONFORMS),
        ([HELD, INCONCLUSIVE], Verdict.INCONCLUSIVE, Verdict.INCONCLUSIVE),
        ([INCONCLUSIVE, BLOCKED, HELD], Verdict.BLOCKED, Verdict.BLOCKED),
        ([BLOCKED, BROKEN, HELD, INCONCLUSIVE], Verdict.VIOLATES, Verdict.ADVISES),
        ([HELD, HELD, BROKEN], Verdict.VIOLATES, Verdict.ADVISES),
    ],
)
def test_the_worst_outcome_decides_in_any_order(outcomes: list[Outcome], must: Verdict, advisory: Verdict) -> None:
    for order in itertools.permutations(outcomes):
        assert verdict_of(Level.MUST, order) is must
        assert verdict_of(Level.SHOULD, order) is must
        assert verdict_of(Level.ADVISORY, order) is advisory


def test_a_cell_where_a_clause_does_not_apply_is_not_judged() -> None:
    broken = {(UPDATE_ONLY.id, OTHER): [BROKEN], (MUST.id, OTHER): [BROKEN]}
    assert cell_verdict(UPDATE_ONLY, OTHER, broken, list(Dialect)) is Verdict.NOT_APPLICABLE
    assert cell_verdict(MUST, OTHER, broken, [Dialect.API]) is Verdict.NOT_APPLICABLE
    assert cell_verdict(MUST, OTHER, broken, list(Dialect)) is Verdict.VIOLATES
    assert cell_verdict(MUST, CELL, broken, list(Dialect)) is Verdict.NOT_TESTED


@pytest.mark.parametrize("dialects", [list(Dialect), [Dialect.API], []])
def test_totals_add_up_to_the_ledger(dialects: list[Dialect]) -> None:
    ledger = load_ledger()
    counted = totals(ledger, {(MUST.id, CELL): [BROKEN], (MUST.id, OTHER): [HELD]}, iter(dialects))
    assert sum(counted.values()) == len(ledger) * len(CELLS)
    assert counted[Verdict.VIOLATES] == (1 if dialects else 0)
    assert counted[Verdict.CONFORMS] == (1 if Dialect.REST in dialects else 0)


@pytest.mark.parametrize(
    ("verdict", "level", "failing"),
    [
        (Verdict.VIOLATES, Level.MUST, {Gate.MUST, Gate.SHOULD, Gate.ALL}),
        (Verdict.VIOLATES, Level.SHOULD, {Gate.SHOULD, Gate.ALL}),
        (Verdict.ADVISES, Level.ADVISORY, {Gate.ALL}),
        (Verdict.BLOCKED, Level.MUST, {Gate.MUST, Gate.SHOULD, Gate.ALL}),
        (Verdict.BLOCKED, Level.ADVISORY, {Gate.ALL}),
        (Verdict.INCONCLUSIVE, Level.MUST, set()),
        (Verdict.CONFORMS, Level.MUST, set()),
        (Verdict.NOT_TESTED, Level.MUST, set()),
        (Verdict.NOT_APPLICABLE, Level.MUST, set()),
    ],
)
def test_what_is_broken_or_blocked_fails_a_run_under_its_gate(
    verdict: Verdict, level: Level, failing: set[Gate]
) -> None:
    assert {gate for gate in Gate if fails_run(verdict, level, gate)} == failing


def test_every_verdict_has_a_sign_of_its_own() -> None:
    assert len({verdict.sign for verdict in Verdict}) == len(Verdict)
