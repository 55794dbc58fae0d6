"""What one test leaves behind, as JSON data: it travels from xdist's workers to the reports."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from contract_tests.checks import Flaw
from contract_tests.contract import Cell, Ledger
from contract_tests.evidence.judge import Decision, Judge, Observation, Outcome
from contract_tests.exchange import Exchange

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


@dataclass(frozen=True)
class Record:
    """The decisions and observations of one test, and the exchanges that they rest on."""

    decisions: tuple[Decision, ...]
    observations: tuple[Observation, ...]
    exchanges: tuple[Exchange, ...]

    @classmethod
    def of(cls, judge: Judge, exchanges: Iterable[Exchange]) -> Record:
        return cls(tuple(judge.decisions), tuple(judge.observations), tuple(exchanges))

    def as_data(self) -> dict[str, Any]:
        """JSON data; a flaw and an observation name their exchange by its number."""
        exchanges = list(self.exchanges)

        def number(exchange: Exchange) -> int:
            for index, one in enumerate(exchanges):
                if one is exchange:
                    return index
            exchanges.append(exchange)
            return len(exchanges) - 1

        decisions = [
            {
                "clause": decision.clause.id,
                "cell": str(decision.cell),
                "outcome": decision.outcome.value,
                "reason": decision.reason,
                "flaws": [
                    {"expected": flaw.expected, "observed": flaw.observed, "exchange": number(flaw.exchange)}
                    for flaw in decision.flaws
                ],
            }
            for decision in self.decisions
        ]
        observations = [
            {
                "clause": observation.clause.id,
                "cell": str(observation.cell),
                "choice": observation.choice,
                "exchange": number(observation.exchange),
            }
            for observation in self.observations
        ]
        return {
            "decisions": decisions,
            "observations": observations,
            "exchanges": [exchange.as_data() for exchange in exchanges],
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any], ledger: Ledger) -> Record:
        exchanges = tuple(Exchange.from_data(exchange) for exchange in data["exchanges"])
        return cls(
            decisions=tuple(
                Decision(
                    ledger[decision["clause"]],
                    Cell.parse(decision["cell"]),
                    Outcome(decision["outcome"]),
                    tuple(
                        Flaw(flaw["expected"], flaw["observed"], exchanges[flaw["exchange"]])
                        for flaw in decision["flaws"]
                    ),
                    decision["reason"],
                )
                for decision in data["decisions"]
            ),
            observations=tuple(
                Observation(
                    ledger[observation["clause"]],
                    Cell.parse(observation["cell"]),
                    observation["choice"],
                    exchanges[observation["exchange"]],
                )
                for observation in data["observations"]
            ),
            exchanges=exchanges,
        )
