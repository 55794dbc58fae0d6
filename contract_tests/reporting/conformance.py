"""From what the tests of a run found to the record of it: conformance.json."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import contract_tests
from contract_tests.contract import CELLS, Cell, sha256
from contract_tests.contract.documents import hash_of
from contract_tests.judging.outcomes import Outcome
from contract_tests.judging.verdicts import Verdict, totals
from contract_tests.reporting.causes import with_causes
from contract_tests.reporting.format import (
    SCHEMA_VERSION,
    CellRecord,
    ClauseRecord,
    Conformance,
    DeviationRecord,
    DeviationState,
    ObservationRecord,
    RunRecord,
    SuiteRecord,
    TargetRecord,
)
from contract_tests.reporting.limits import limits
from contract_tests.reporting.origins import origins
from contract_tests.reporting.proofs import Shelf
from contract_tests.reporting.trust import trust_of
from contract_tests.reporting.unheard import unheard

if TYPE_CHECKING:
    from contract_tests.contract import Clause
    from contract_tests.driver import Settings, Target
    from contract_tests.driver.deviations import Deviation
    from contract_tests.judging.outcomes import Decision, Gate
    from contract_tests.judging.tally import Tally


NOT_CHOSEN: Final = "the run was about other clauses (--clause)"
"""Why nothing is said of a clause that was not asked for."""


@dataclass(frozen=True)
class RunStart:
    """What is known of a run when it starts. `selected` says why not all tests are run, if so.

    `clauses` are the slugs that it is about; empty if it is about all.

    `id` is the run's own, and stands in all of its reports. `began` is on this process's monotonic clock, in seconds.
    """

    target: TargetRecord
    settings: Settings
    seed: int
    gate: Gate
    started: datetime
    selected: str = ""
    id: str = ""
    clauses: frozenset[str] = frozenset()
    began: float = field(default_factory=time.monotonic)

    @classmethod
    def of(cls, target: Target, seed: int, gate: Gate, selected: str = "", run_id: str = "") -> RunStart:
        record = TargetRecord(
            address=target.settings.target,
            version=target.facts.version,
            dialects=list(target.facts.dialects),
            session_timeout=target.settings.session_timeout,
            virtual_clock=not target.clock.is_real,
            **trust_of(target.settings),
        )
        return cls(record, target.settings, seed, gate, datetime.now(UTC), selected, run_id)


def conformance(
    tally: Tally, occasion: RunStart, *, exit_code: int, complete: bool, exchanges_sha256: str = ""
) -> Conformance:
    """Put together what the tests of a run found."""
    counted = totals(tally.ledger, tally.outcomes, tally.dialects)
    shelf = Shelf(tally)
    clauses = [_clause(tally, clause, shelf, occasion) for clause in tally.ledger.values()]
    observations = list(_observations(tally, shelf))
    sent = [one for play in tally.plays.values() for one in play.exchanges]
    report = Conformance(
        schema_version=SCHEMA_VERSION,
        suite=SuiteRecord(
            name="cl-contract",
            version=contract_tests.__version__,
            sha256=suite_sha256(),
            contract_sha256=sha256(),
        ),
        target=occasion.target,
        run=RunRecord(
            id=occasion.id,
            started=occasion.started,  # type: ignore[arg-type]  # the model writes it down
            seconds=round(time.monotonic() - occasion.began, 3),
            seed=occasion.seed,
            fuzz_examples=occasion.settings.fuzz_examples,
            max_wait=occasion.settings.max_wait,
            gate=occasion.gate,
            exit_code=exit_code,
            complete=complete,
            tests=dict(sorted(tally.ended.items())),
            selected=occasion.selected,
            exchanges_sha256=exchanges_sha256,
            requests=len(sent),
            unheard=unheard(sent),
        ),
        totals={verdict: counted[verdict] for verdict in Verdict},
        clauses=clauses,
        observations=observations,
        deviations=[_deviation(tally, *known, occasion.settings) for known in enumerate(occasion.settings.deviations)],
        leftovers=sorted(tally.left),
        origins=origins(sent),
        limits=limits(sent, tally.waited_out),
        exchanges=shelf.exchanges,
    )
    return with_causes(report)


@cache
def suite_sha256() -> str:
    """The hash over the names and contents of the package's Python files, in hexadecimal."""
    return hash_of(Path(contract_tests.__file__).parent, "*.py")


def _clause(tally: Tally, clause: Clause, shelf: Shelf, occasion: RunStart) -> ClauseRecord:
    is_chosen = not occasion.clauses or clause.id in occasion.clauses
    undecided = (clause.untested or "no test decided it in this run") if is_chosen else NOT_CHOSEN
    return ClauseRecord(
        id=clause.id,
        subject=clause.subject,
        level=clause.level,
        basis=clause.basis,
        says=clause.says,
        why=clause.why,
        sources=[str(source) for source in clause.sources],
        cells=[_cell(tally, clause, cell, shelf, undecided) for cell in clause.cells],
    )


def _cell(tally: Tally, clause: Clause, cell: Cell, shelf: Shelf, undecided: str) -> CellRecord:
    deciding = tally.decided(clause, cell)
    reason = _reason([decision for _, decision in deciding]) if deciding else undecided
    return CellRecord(
        dialect=cell.dialect,
        service=cell.service,
        verdict=tally.verdict(clause, cell),
        reason=reason,
        summary="; ".join(filter(None, (_counts([decision for _, decision in deciding]), reason))),
        tests=sorted({test for test, _ in deciding}),
        flaws=list(shelf.flaws(deciding)),
        exchanges=list(shelf.proofs(deciding)),
    )


MOST_REASONS: Final = 3

_WORST_FIRST: Final = (
    Outcome.BROKEN,
    Outcome.BLOCKED,
    Outcome.EXCUSED,
    Outcome.SHADOWED,
    Outcome.INCONCLUSIVE,
    Outcome.HELD,
    Outcome.NOT_TESTED,
)
"""Outcomes in the order in which one of them decides a verdict."""


def _reason(decisions: list[Decision]) -> str:
    """Why the cell was not decided, or is excused; empty where it was decided.

    It is the reason of those tests that the verdict comes from: others may have had another one.
    """
    worst = min((decision.outcome for decision in decisions), key=_WORST_FIRST.index)
    told = list(dict.fromkeys(one.reason for one in decisions if one.outcome is worst and one.reason))
    more = [f"and {len(told) - MOST_REASONS} more reasons"] if len(told) > MOST_REASONS else []
    return "; ".join([*told[:MOST_REASONS], *more])


def _counts(decisions: list[Decision]) -> str:
    counted = Counter(decision.outcome for decision in decisions)
    said = ", ".join(f"{outcome} {counted[outcome]}" for outcome in Outcome if counted[outcome])
    return said and f"{said} of {len(decisions)}"


def _observations(tally: Tally, shelf: Shelf) -> list[ObservationRecord]:
    gathered: dict[tuple[str, str], list[tuple[str, Any]]] = {}
    for test, observation in sorted(tally.observed, key=lambda pair: pair[0]):
        gathered.setdefault((observation.clause.id, observation.choice), []).append((test, observation))
    return [
        ObservationRecord(
            clause=slug,
            choice=choice,
            cells=[str(cell) for cell in CELLS if cell in {one.cell for _, one in seen}],
            tests=sorted({test for test, _ in seen}),
            exchange=shelf.id_of(seen[0][0], seen[0][1].exchange),
        )
        for (slug, choice), seen in sorted(gathered.items())
    ]


def unseen(tally: Tally, settings: Settings) -> list[Deviation]:
    """The deviations that were looked for and are not seen any more."""
    known = enumerate(settings.deviations)
    return [one for number, one in known if _state(tally, number, one, settings) == "not seen"]


def _deviation(tally: Tally, number: int, deviation: Deviation, settings: Settings) -> DeviationRecord:
    return DeviationRecord(
        clauses=list(deviation.clauses),
        cells=list(deviation.cells),
        reason=deviation.reason,
        issue=deviation.issue,
        owner=deviation.owner,
        signature=deviation.signature,
        expires=deviation.expires.isoformat(),
        state=_state(tally, number, deviation, settings),
    )


def _state(tally: Tally, number: int, deviation: Deviation, settings: Settings) -> DeviationState:
    if not deviation.holds(settings.today):
        return "expired"
    if number in tally.recognized:
        return "seen"
    places = ((slug, Cell.parse(name)) for slug in deviation.clauses for name in deviation.cells)
    outcomes = {outcome for place in places for outcome in tally.outcomes.get(place, ())}
    return "not seen" if outcomes - {Outcome.NOT_TESTED} else "not tried"
