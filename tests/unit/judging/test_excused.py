"""What a deviation excuses, and what the decisions of a judge rest on."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest

from contract_tests.contract import Level
from contract_tests.driver.deviations import Deviation
from contract_tests.judging import Decision, Gate, Judge, Outcome, Verdict
from contract_tests.judging.outcomes import Proof
from contract_tests.judging.registered import Registered
from contract_tests.judging.verdicts import fails_run, verdict_of
from contract_tests.problems import PremiseFailed
from contract_tests.rules.checks.flaw import Judged

from .findings import ADVISORY, CELL, MUST, OTHER, SENT, SHOULD, UNANSWERED, UPDATE_ONLY, flaw

if TYPE_CHECKING:
    from collections.abc import Sequence

    from contract_tests.rules.checks import Flaw
    from contract_tests.traffic.exchange import Exchange

KNOWN = Deviation(clauses=(MUST.id,), reason="ticket 7", signature="^200", expires=date(2026, 12, 31))
ALSO = Deviation(clauses=(MUST.id,), reason="ticket 8", signature="crash", expires=date(2026, 12, 31))
CRASH, OTHER_FLAW = replace(flaw(), observed="a crash"), replace(flaw(), observed="404")


def decided(flaws: Sequence[Flaw], *deviations: Deviation) -> tuple[Outcome, str]:
    judge = Judge(CELL, (MUST, SHOULD), registered=Registered(dict(enumerate(deviations))))
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
        ([flaw()], [KNOWN.model_copy(update={"clauses": (SHOULD.id,)})], Outcome.BROKEN, ""),
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


def stopped(premise: PremiseFailed, *found: tuple[str, Flaw], known: Sequence[Deviation] = (KNOWN,)) -> Decision:
    """What a test that stops at a premise leaves of a clause it is about, after it has found `found`."""
    judge = Judge(CELL, (MUST, SHOULD, ADVISORY, UPDATE_ONLY), registered=Registered(dict(enumerate(known))))
    with judge.watching():
        for slug, one in found:
            judge(slug, [one])
        raise premise
    return judge.decisions[-1]


AT_SENT = PremiseFailed("a session", "nothing of the kind", SENT)
OF_UPDATES = Deviation(clauses=(UPDATE_ONLY.id,), reason="ticket 9", signature="^nothing", expires=KNOWN.expires)


@pytest.mark.parametrize(
    ("premise", "found", "known", "outcome"),
    [
        (AT_SENT, [], [], Outcome.BLOCKED),
        (AT_SENT, [], [OF_UPDATES], Outcome.SHADOWED),
        (AT_SENT, [(MUST.id, flaw())], [KNOWN], Outcome.SHADOWED),
        (AT_SENT, [(MUST.id, flaw(UNANSWERED))], [KNOWN], Outcome.BLOCKED),
        (AT_SENT, [(MUST.id, flaw()), (SHOULD.id, CRASH)], [KNOWN], Outcome.BLOCKED),
        (AT_SENT, [(MUST.id, flaw()), (ADVISORY.id, CRASH)], [KNOWN], Outcome.SHADOWED),
        (PremiseFailed("a session", "a crash", SENT), [], [OF_UPDATES], Outcome.BLOCKED),
        (PremiseFailed("a session", "nothing"), [(MUST.id, flaw())], [KNOWN], Outcome.BLOCKED),
        (PremiseFailed("a session", "nothing", replace(SENT, in_doubt=True)), [], [OF_UPDATES], Outcome.BLOCKED),
    ],
    ids=[
        "nothing is registered",
        "the clause is registered with this premise",
        "all that is wrong with the answer is registered",
        "another answer was wrong",
        "something else is wrong with the answer, too",
        "something else is advised against in the answer",
        "it looks otherwise",
        "no answer shows the premise",
        "it is not the server's word",
    ],
)
def test_what_is_blocked_by_no_more_than_what_is_registered_deviates(
    premise: PremiseFailed, found: list[tuple[str, Flaw]], known: list[Deviation], outcome: Outcome
) -> None:
    left = stopped(premise, *found, known=known)
    assert (left.clause, left.outcome) == (UPDATE_ONLY, outcome)
    shadowed = outcome is Outcome.SHADOWED
    assert left.deviations == ((0,) if shadowed else ())
    assert left.reason.startswith("known of this target: ticket ") is shadowed
    assert verdict_of(Level.MUST, [outcome]) is (Verdict.DEVIATES if shadowed else Verdict.BLOCKED)


@pytest.mark.parametrize(("also", "outcome"), [([], Outcome.SHADOWED), ([CRASH], Outcome.BLOCKED)])
def test_a_clause_that_nothing_decides_deviates_if_all_that_was_wrong_is_registered(
    also: list[Flaw], outcome: Outcome
) -> None:
    judge = Judge(CELL, (MUST, SHOULD), registered=Registered({3: KNOWN}), is_strict=False)
    with judge.watching():
        judge(MUST.id, [flaw(), *also])
    left = judge.decisions[-1]
    assert (left.clause, left.outcome, left.deviations) == (SHOULD, outcome, (3,) if not also else ())


def test_the_cell_that_counts_is_that_of_the_exchange() -> None:
    elsewhere = KNOWN.model_copy(update={"cells": (str(OTHER),)})
    registered = Registered({0: elsewhere})
    assert registered.explain(MUST, OTHER, [flaw()]) == [0]
    assert registered.explain(MUST, CELL, [flaw()]) == [None]
