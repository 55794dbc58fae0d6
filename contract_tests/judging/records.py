"""What one test leaves behind, as JSON data: it travels from xdist's workers to the reports."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from contract_tests.contract import Cell, Ledger
from contract_tests.judging.outcomes import Decision, Observation, Outcome, Proof
from contract_tests.rules.checks import Flaw
from contract_tests.traffic.archive import KeptPlay
from contract_tests.traffic.exchange import Exchange

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from contract_tests.driver.transport.recorder import Play
    from contract_tests.judging.judge import Judge


@dataclass(frozen=True)
class Record:
    """The decisions and observations of one test, and the exchanges that they rest on.

    `plays` hold all that was sent meanwhile: by the test, and by what it was the first to need (a campaign).
    """

    decisions: tuple[Decision, ...]
    observations: tuple[Observation, ...]
    exchanges: tuple[Exchange, ...]
    plays: Mapping[str, KeptPlay] = field(default_factory=dict)

    @classmethod
    def of(cls, judge: Judge, exchanges: Iterable[Exchange], plays: Mapping[str, Play] | None = None) -> Record:
        kept = {name: play.kept() for name, play in (plays or {}).items()}
        return cls(tuple(judge.decisions), tuple(judge.observations), tuple(exchanges), kept)

    def as_data(self) -> dict[str, Any]:
        """JSON data; a flaw, a proof and an observation name their exchange by its number."""
        exchanges: list[Exchange] = []
        numbers: dict[int, int] = {}

        def number(exchange: Exchange) -> int:
            if id(exchange) not in numbers:
                numbers[id(exchange)] = len(exchanges)
                exchanges.append(exchange)
            return numbers[id(exchange)]

        return {
            "shown": [number(exchange) for exchange in self.exchanges],
            "plays": {
                name: {"exchanges": [number(exchange) for exchange in play.exchanges], "notes": list(play.notes)}
                for name, play in self.plays.items()
            },
            "decisions": [
                {
                    "clause": decision.clause.id,
                    "cell": str(decision.cell),
                    "outcome": decision.outcome.value,
                    "reason": decision.reason,
                    "flaws": [[flaw.expected, flaw.observed, number(flaw.exchange)] for flaw in decision.flaws],
                    "aside": decision.aside,
                    "deviations": list(decision.deviations),
                    "proofs": [[number(proof.exchange), *proof.members] for proof in decision.proofs],
                }
                for decision in self.decisions
            ],
            "observations": [
                {
                    "clause": observation.clause.id,
                    "cell": str(observation.cell),
                    "choice": observation.choice,
                    "exchange": number(observation.exchange),
                }
                for observation in self.observations
            ],
            "exchanges": [exchange.as_data() for exchange in exchanges],
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any], ledger: Ledger) -> Record:
        exchanges = tuple(Exchange.from_data(exchange) for exchange in data["exchanges"])

        def decision(told: Mapping[str, Any]) -> Decision:
            return Decision(
                ledger[told["clause"]],
                Cell.parse(told["cell"]),
                Outcome(told["outcome"]),
                tuple(Flaw(expected, observed, exchanges[number]) for expected, observed, number in told["flaws"]),
                told["reason"],
                tuple(Proof(exchanges[number], tuple(members)) for number, *members in told["proofs"]),
                told["aside"],
                tuple(told["deviations"]),
            )

        def observation(told: Mapping[str, Any]) -> Observation:
            place = ledger[told["clause"]], Cell.parse(told["cell"])
            return Observation(*place, told["choice"], exchanges[told["exchange"]])

        return cls(
            decisions=tuple(map(decision, data["decisions"])),
            observations=tuple(map(observation, data["observations"])),
            exchanges=tuple(exchanges[number] for number in data["shown"]),
            plays={
                name: KeptPlay(tuple(exchanges[number] for number in play["exchanges"]), tuple(play["notes"]))
                for name, play in data["plays"].items()
            },
        )
