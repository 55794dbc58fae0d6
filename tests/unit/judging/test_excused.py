"""What a deviation excuses, and what the decisions of a judge rest on."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest

from contract_tests.contract import Level
from contract_tests.driver.deviations import Deviation
from contract_tests.judging import Gate, Judge, Outcome, Verdict
from contract_tests.judging.outcomes import Proof
from contract_tests.judging.verdicts import fails_run, verdict_of
from contract_tests.rules.checks.flaw import Judged

from .findings import CELL, MUST, OTHER, SENT, SHOULD, UNANSWERED, flaw

if TYPE_CHECKING:
    from collections.abc import Sequence

    from contract_tests.rules.checks import Flaw
    from contract_tests.traffic.exchange import Exchange

KNOWN = Deviation(clause=MUST.id, reason="ticket 7", signature="^200", expires=date(2026, 12, 31))
ALSO = Deviation(clause=MUST.id, reason="ticket 8", signature="crash", expires=date(2026, 12, 31))
CRASH, OTHER_FLAW = replace(flaw(), observed="a crash"), replace(flaw(), observed="404")


def decided(flaws: Sequence[Flaw], *deviations: Deviation) -> tuple[Outcome, str]:
    judge = Judge(CELL, (MUST, SHOULD), deviations=deviations)
    held = judge(MUST.id, flaws)
    assert held is not bool(flaws)
    (decision,) = judge.decisions
    assert decision.flaws == tuple(flaws)
    return decision.outcome, decision.reason


@pytest.mark.parametrize(
    ("flaws", "deviations", "outcome", "reason"),
    [
        ([], [KNOWN], Outcome.HELD, ""),
        ([flaw()], [], Outcome.BROKEN, ""),
        ([flaw()], [KNOWN], Outcome.EXCUSED, "known of this target: ticket 7"),
        ([flaw(), flaw()], [KNOWN], Outcome.EXCUSED, "known of this target: ticket 7"),
        ([flaw(), CRASH], [KNOWN], Outcome.BROKEN, ""),
        ([flaw(), CRASH], [KNOWN, ALSO], Outcome.EXCUSED, "known of this target: ticket 7; ticket 8"),
        ([OTHER_FLAW], [KNOWN, ALSO], Outcome.BROKEN, ""),
        ([flaw()], [KNOWN.model_copy(update={"clause": SHOULD.id})], Outcome.BROKEN, ""),
        ([flaw()], [KNOWN.model_copy(update={"cells": (str(OTHER),)})], Outcome.BROKEN, ""),
        ([flaw()], [KNOWN.model_copy(update={"cells": (str(OTHER), str(CELL))})], Outcome.EXCUSED, None),
    ],
)
def test_only_what_is_registered_is_excused(
    flaws: list[Flaw], deviations: list[Deviation], outcome: Outcome, reason: str | None
) -> None:
    told, why = decided(flaws, *deviations)
    assert told is outcome
    assert reason in {None, why}


@pytest.mark.parametrize("level", Level)
@pytest.mark.parametrize("gate", Gate)
def test_what_is_excused_fails_no_run_and_hides_nothing(level: Level, gate: Gate) -> None:
    assert verdict_of(level, [Outcome.HELD, Outcome.EXCUSED, Outcome.INCONCLUSIVE]) is Verdict.DEVIATES
    assert not fails_run(Verdict.DEVIATES, level, gate)
    worse = Verdict.ADVISES if level is Level.ADVISORY else Verdict.VIOLATES
    assert verdict_of(level, [Outcome.EXCUSED, Outcome.BROKEN]) is worse
    assert verdict_of(level, [Outcome.EXCUSED, Outcome.BLOCKED]) is Verdict.BLOCKED


def proofs(*checks: Sequence[Flaw], traffic: Sequence[Exchange] = ()) -> tuple[Proof, ...]:
    judge = Judge(CELL, (MUST,), traffic=traffic)
    judge(MUST.id, *checks)
    return judge.decisions[0].proofs


def test_a_decision_rests_on_what_its_checks_looked_at() -> None:
    assert proofs(Judged([], [SENT], ["a"]), Judged([flaw()], [UNANSWERED, SENT], ["b", "a"])) == (
        Proof(SENT, ("a", "b")),
        Proof(UNANSWERED, ("b", "a")),
    )


def test_else_on_its_flaws_or_on_what_was_exchanged_last() -> None:
    assert proofs([flaw(UNANSWERED)], traffic=[SENT]) == (Proof(UNANSWERED),)
    assert proofs([], traffic=[UNANSWERED, SENT]) == (Proof(SENT),)
    assert proofs([]) == ()


def test_exchanges_that_look_the_same_are_two_proofs() -> None:
    assert len(proofs(Judged([], [SENT, replace(SENT), SENT]))) == 2
