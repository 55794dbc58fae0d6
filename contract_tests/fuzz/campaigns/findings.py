"""What a campaign found out: for each operation and clause how often it was judged, and the least case against it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from contract_tests.problems import PremiseFailed
from contract_tests.rules.checks.flaw import Flaw
from contract_tests.rules.oracle import DECIDES, is_explained, verdicts

if TYPE_CHECKING:
    from contract_tests.contract.dialects import Op
    from contract_tests.rules.steps import Step

SAMPLES: Final = 3
"""Cases that are kept for each operation and clause where nothing was wrong: the report shows them, and no more."""


UNJUDGED: Final = "could not be judged"
"""Stands for a clause where an answer is such that its rules can't be applied, and none of them says why."""


@dataclass
class Ruling:
    """One clause on one operation. `broken` is the smallest request against it, `flaws` what is wrong there."""

    judged: int = 0
    against: int = 0
    samples: list[Step] = field(default_factory=list)
    broken: Step | None = None
    flaws: tuple[Flaw, ...] = ()

    def add(self, sent: Step, flaws: tuple[Flaw, ...]) -> None:
        self.judged += 1
        if not flaws:
            if len(self.samples) < SAMPLES:
                self.samples.append(sent)
            return
        self.against += 1
        if self.broken is None or sent.size < self.broken.size:
            self.broken, self.flaws = sent, flaws


@dataclass
class Findings:
    """The rulings of one campaign. `unclaimed` are the flaws that belong to no test of an operation and clause."""

    rulings: dict[tuple[str, str], Ruling] = field(default_factory=dict)
    unclaimed: dict[tuple[str, str], Ruling] = field(default_factory=dict)
    sent: Counter[str] = field(default_factory=Counter)
    successes: Counter[tuple[str, Op]] = field(default_factory=Counter)

    def add(self, sent: Step) -> None:
        """Judge one request by all that it decides."""
        self.sent[sent.operation] += 1
        if sent.succeeded:
            self.successes[sent.operation, sent.op] += 1
        found: dict[str, list[Flaw]] = {}
        try:
            for slug, flaws in verdicts(sent):
                found.setdefault(slug, []).extend(flaws)
        except PremiseFailed as lost:
            if not any(found.values()):
                found[UNJUDGED] = [Flaw(lost.expected, lost.observed, lost.exchange or sent.exchange)]
        for slug, flaws in found.items():
            claimed = slug in DECIDES[sent.op]
            if claimed or flaws:
                rulings = self.rulings if claimed else self.unclaimed
                rulings.setdefault((sent.operation, slug), Ruling()).add(sent, tuple(flaws))
        if any(found.values()):
            return  # whatever schemathesis says of it, is said
        for complaint in sent.complaints:
            if not is_explained(sent, complaint):
                flaw = Flaw("nothing that schemathesis objects to", f"its check {complaint} objects", sent.exchange)
                self.unclaimed.setdefault((sent.operation, complaint), Ruling()).add(sent, (flaw,))
