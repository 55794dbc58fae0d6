"""The end of a run on the terminal: clause by clause, observations, totals."""

from __future__ import annotations

from collections import defaultdict
from itertools import chain
from typing import TYPE_CHECKING

from contract_tests.contract import CELLS
from contract_tests.judging.outcomes import Outcome
from contract_tests.judging.verdicts import Verdict, totals, verdict_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contract_tests.judging.tally import Tally


def clause_lines(tally: Tally) -> Iterator[str]:
    """A row for each clause that was tested: its verdict in each cell, its level, its slug."""
    yield "  ".join(str(cell) for cell in CELLS)
    widths = [len(str(cell)) for cell in CELLS]
    for clause in tally.ledger.values():
        verdicts = [tally.verdict(clause, cell) for cell in CELLS]
        if all(verdict in (Verdict.NOT_TESTED, Verdict.NOT_APPLICABLE) for verdict in verdicts):
            continue
        signs = "  ".join(verdict.sign.center(width) for verdict, width in zip(verdicts, widths, strict=True))
        yield f"{signs}  {clause.level:<8}  {clause.id}"
    yield "  ".join(f"{verdict.sign} {verdict}" for verdict in Verdict if verdict.sign.strip())


def undecided_lines(tally: Tally) -> Iterator[str]:
    """Why cells are blocked, inconclusive or advised against: one line for each distinct reason."""
    reasons: dict[str, list[str]] = defaultdict(list)
    for _, decision in chain.from_iterable(tally.found.values()):
        if decision.outcome is Outcome.HELD:
            continue
        # Of this decision, not of its cell: another test may have found worse, for another reason.
        verdict = verdict_of(decision.clause.level, [decision.outcome])
        why = decision.reason or "; ".join(
            f"expected {flaw.expected}, observed {flaw.observed}" for flaw in decision.flaws
        )
        place = f"{decision.clause.id} [{decision.cell}]"
        if place not in reasons[f"{verdict}: {why}"]:
            reasons[f"{verdict}: {why}"].append(place)
    for why, places in reasons.items():
        yield f"{', '.join(places)} {why}"


def observation_lines(tally: Tally) -> Iterator[str]:
    """What the server chose where the documents leave room: one line for each clause and choice."""
    chosen: dict[tuple[str, str], list[str]] = defaultdict(list)
    for _, observation in tally.observed:
        cells = chosen[observation.clause.id, observation.choice]
        if str(observation.cell) not in cells:
            cells.append(str(observation.cell))
    for (slug, choice), cells in sorted(chosen.items()):
        where = "everywhere" if len(cells) == len(CELLS) else ", ".join(sorted(cells))
        yield f"{slug}: {choice} ({where})"


def total_line(tally: Tally) -> str:
    """The whole ledger in one line; the numbers add up to clauses times cells."""
    counted = totals(tally.ledger, tally.outcomes, tally.dialects)
    parts = ", ".join(f"{counted[verdict]} {verdict}" for verdict in Verdict if counted[verdict])
    return f"{len(tally.ledger)} clauses x {len(CELLS)} cells = {sum(counted.values())}: {parts}"
