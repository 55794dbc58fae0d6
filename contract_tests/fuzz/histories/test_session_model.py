"""Every history of calls agrees with the reference model, in each dialect, and when they are mixed.

Where both dialects are spoken, those in one of them get half as many examples: the mixed ones speak it too. On a live
server there are a third as many histories as on the mock, half as long, and no time passes in them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from contract_tests.contract import CELLS, Dialect
from contract_tests.fuzz.histories.machine import Exploration, explore
from contract_tests.problems import Inconclusive, NotTested, ScenarioMistake

if TYPE_CHECKING:
    from contract_tests.contract import Cell
    from contract_tests.driver import Settings, Target
    from contract_tests.judging import Judge

VARIANTS: dict[str, tuple[Dialect, ...]] = {"api": (Dialect.API,), "rest": (Dialect.REST,), "mixed": tuple(Dialect)}

CLAUSES = (
    "errors.no-server-error",
    "expiry.never-moves-back",
    "keep-alive.changes-nothing-else",
    "keep-alive.extends-by-timeout",
    "keep-alive.progress-never-goes-down",
    "keep-alive.refused-changes-nothing",
    "keep-alive.stores-progress",
)
"""What every handful of histories decides; whatever else one comes to try is judged aside."""


@pytest.mark.parametrize(
    ("variant", "cell"),
    [(name, cell) for name, dialects in VARIANTS.items() for cell in CELLS if cell.dialect in dialects],
    ids=str,
)
@pytest.mark.clause(*CLAUSES)
def test_every_history_agrees_with_the_model(
    variant: str, cell: Cell, target: Target, settings: Settings, seed: int, judge: Judge
) -> None:
    dialects = VARIANTS[variant]
    if not set(dialects) <= set(target.facts.dialects):
        raise NotTested("this takes a server that speaks both dialects")
    both = len(target.facts.dialects) > 1
    examples = settings.fuzz_examples // 2 if both and len(dialects) == 1 else settings.fuzz_examples
    done: Exploration = target.once(f"histories {variant}", lambda: explore(target, dialects, seed, examples))
    found = {one.clause: one for one in done.findings if one.cell == cell}
    answers = {slug: checks for (slug, where), checks in done.answers.items() if where == cell and slug not in found}
    wrong = [flaw.exchange for checks in answers.values() for flaws in checks for flaw in flaws]
    shown = [exchange for one in found.values() for exchange in one.exchanges] or done.samples.get(cell, ())
    for exchange in dict.fromkeys([*shown, *wrong]):
        target.recorder.show(exchange)
    tried = {clause for clause, where in done.tried if where == cell} | {"errors.no-server-error"}
    for slug in sorted(tried | set(found) | set(answers)):
        decided = judge if slug in CLAUSES else judge.aside
        if slug in found:
            decided(slug, [found[slug].flaw])
        elif slug in answers:
            decided(slug, *answers[slug])
        elif done.complete:
            decided(slug, [])
    missed = sorted(clause.id for clause in judge.cited if cell in clause.cells and clause.id not in tried | set(found))
    if not done.complete:
        raise Inconclusive(f"after {len(done.findings)} disagreements nobody looked for more")
    if missed:
        raise NotTested(f"no history came to try {', '.join(missed)}; a larger --fuzz-examples may")
    if not tried:
        raise ScenarioMistake("the histories tried nothing")
