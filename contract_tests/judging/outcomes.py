"""What one test found out about clauses, as values: outcomes with their flaws and proofs, and observations."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from contract_tests.contract import Level

if TYPE_CHECKING:
    from contract_tests.contract import Cell, Clause
    from contract_tests.rules.checks import Flaw
    from contract_tests.traffic.exchange import Exchange


class Outcome(StrEnum):
    """What one test found out about one clause in one cell."""

    HELD = "held"
    BROKEN = "broken"
    EXCUSED = "broken as registered"
    """Broken, and in the way that the target's profile registers as known."""
    SHADOWED = "blocked as registered"
    """Blocked, and only by what the target's profile registers as known."""
    BLOCKED = "blocked"
    """Its premise failed: the server (or the suite) did not get as far as the clause."""
    INCONCLUSIVE = "inconclusive"
    """The run may not do what is needed to decide."""
    NOT_TESTED = "not tested"
    """The target lacks what is needed to try."""


@dataclass(frozen=True)
class Proof:
    """An exchange that a decision was read from, and the members of its answer that were looked at; none: all of it."""

    exchange: Exchange
    members: tuple[str, ...] = ()


@dataclass(frozen=True)
class Decision:
    """The outcome for one clause, with what was wrong, and what it was read from."""

    clause: Clause
    cell: Cell
    outcome: Outcome
    flaws: tuple[Flaw, ...] = ()
    reason: str = ""
    proofs: tuple[Proof, ...] = ()
    aside: bool = False
    """Whether the test is not about the clause, and saw it by the way."""
    deviations: tuple[int, ...] = ()
    """Those of the target's profile that were recognized, by their numbers there."""


@dataclass(frozen=True)
class Observation:
    """A choice the server made where the documents leave room, with the exchange that shows it."""

    clause: Clause
    cell: Cell
    choice: str
    exchange: Exchange


class Gate(StrEnum):
    """Which clauses fail a run when they are broken."""

    MUST = "must"
    SHOULD = "should"
    ALL = "all"

    def covers(self, level: Level) -> bool:
        return {
            Gate.MUST: level is Level.MUST,
            Gate.SHOULD: level is not Level.ADVISORY,
            Gate.ALL: True,
        }[self]
