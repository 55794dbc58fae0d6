"""conformance.json: what a run found, as data. The models are the format; its JSON Schema is made from them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict

import contract_tests
from contract_tests.contract import CELLS, Cell, sha256
from contract_tests.evidence.judge import Outcome
from contract_tests.evidence.verdicts import Verdict, totals

if TYPE_CHECKING:
    from contract_tests.contract import Clause
    from contract_tests.evidence.judge import Decision
    from contract_tests.evidence.summary import Tally
    from contract_tests.target import Target

SCHEMA_VERSION = "1"


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SuiteRecord(_Model):
    """Which suite judged, by which contract."""

    name: str
    version: str
    contract_sha256: str


class TargetRecord(_Model):
    """Which server was judged. `address` is None for the embedded mock; times in seconds."""

    address: str | None
    version: str
    dialects: list[str]
    session_timeout: float
    virtual_clock: bool


class RunRecord(_Model):
    """When and how; `complete` is false if the run was ended before all tests had run."""

    started: str
    seconds: float
    seed: int
    gate: str
    exit_code: int
    complete: bool


class FlawRecord(_Model):
    """What was wrong, and the exchange that shows it (as `Exchange.as_data` writes it)."""

    expected: str
    observed: str
    exchange: dict[str, Any]


class CellRecord(_Model):
    """One clause in one cell: its verdict, why in a sentence, the tests that decided it, and what proves a flaw."""

    dialect: str
    service: str
    verdict: str
    summary: str
    tests: list[str]
    flaws: list[FlawRecord]


class ClauseRecord(_Model):
    """One clause, with the cells where it applies."""

    id: str
    level: str
    basis: str
    says: str
    sources: list[str]
    cells: list[CellRecord]


class ObservationRecord(_Model):
    """A choice that the server made where the documents leave room, the tests and an exchange that show it."""

    clause: str
    choice: str
    cells: list[str]
    tests: list[str]
    exchange: dict[str, Any]


class Conformance(_Model):
    """The whole file. Lists are in the order of the ledger; observations by clause and choice."""

    schema_version: str
    suite: SuiteRecord
    target: TargetRecord
    run: RunRecord
    totals: dict[str, int]
    clauses: list[ClauseRecord]
    observations: list[ObservationRecord]
    deviations: list[dict[str, Any]]
    leftovers: list[str]


@dataclass(frozen=True)
class Occasion:
    """What is known of a run when it starts."""

    target: TargetRecord
    seed: int
    gate: str
    started: datetime

    @classmethod
    def of(cls, target: Target, seed: int, gate: str) -> Occasion:
        record = TargetRecord(
            address=target.settings.target,
            version=target.facts.version,
            dialects=list(target.facts.dialects),
            session_timeout=target.settings.session_timeout,
            virtual_clock=not target.clock.is_real,
        )
        return cls(record, seed, gate, datetime.now(UTC))


def conformance(tally: Tally, occasion: Occasion, *, exit_code: int, complete: bool) -> Conformance:
    """Put together what the tests of a run found."""
    now = datetime.now(UTC)
    counted = totals(tally.ledger, tally.outcomes, tally.dialects)
    return Conformance(
        schema_version=SCHEMA_VERSION,
        suite=SuiteRecord(name="cl-contract", version=contract_tests.__version__, contract_sha256=sha256()),
        target=occasion.target,
        run=RunRecord(
            started=occasion.started.isoformat(),
            seconds=round((now - occasion.started).total_seconds(), 3),
            seed=occasion.seed,
            gate=occasion.gate,
            exit_code=exit_code,
            complete=complete,
        ),
        totals={str(verdict): counted[verdict] for verdict in Verdict},
        clauses=[_clause(tally, clause) for clause in tally.ledger.values()],
        observations=list(_observations(tally)),
        deviations=[],
        leftovers=sorted(tally.left),
    )


def _clause(tally: Tally, clause: Clause) -> ClauseRecord:
    return ClauseRecord(
        id=clause.id,
        level=clause.level,
        basis=clause.basis,
        says=clause.says,
        sources=[str(source) for source in clause.sources],
        cells=[_cell(tally, clause, cell) for cell in clause.cells],
    )


def _cell(tally: Tally, clause: Clause, cell: Cell) -> CellRecord:
    deciding = tally.decided(clause, cell)
    return CellRecord(
        dialect=cell.dialect,
        service=cell.service,
        verdict=tally.verdict(clause, cell),
        summary=_summary(clause, [decision for _, decision in deciding]),
        tests=sorted({test for test, _ in deciding}),
        flaws=[
            FlawRecord(expected=flaw.expected, observed=flaw.observed, exchange=flaw.exchange.as_data())
            for _, decision in deciding
            for flaw in decision.flaws
        ],
    )


def _summary(clause: Clause, decisions: list[Decision]) -> str:
    """Why the verdict is what it is, in one sentence."""
    if not decisions:
        return clause.untested or "no test decided it in this run"
    counted = Counter(decision.outcome for decision in decisions)
    said = ", ".join(f"{outcome} {counted[outcome]}" for outcome in Outcome if counted[outcome])
    reasons = dict.fromkeys(decision.reason for decision in decisions if decision.reason)
    return f"{said} of {len(decisions)}" + "".join(f"; {reason}" for reason in reasons)


def _observations(tally: Tally) -> list[ObservationRecord]:
    gathered: dict[tuple[str, str], list[tuple[str, Any]]] = {}
    for test, observation in tally.observed:
        gathered.setdefault((observation.clause.id, observation.choice), []).append((test, observation))
    return [
        ObservationRecord(
            clause=slug,
            choice=choice,
            cells=[str(cell) for cell in CELLS if cell in {one.cell for _, one in seen}],
            tests=sorted({test for test, _ in seen}),
            exchange=seen[0][1].exchange.as_data(),
        )
        for (slug, choice), seen in sorted(gathered.items())
    ]
