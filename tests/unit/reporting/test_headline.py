from __future__ import annotations

from typing import Any

import pytest

from contract_tests.judging import Verdict
from contract_tests.reporting.format import Conformance
from contract_tests.reporting.views.headline import headline
from tests.unit.judging.findings import ADVISORY, MUST, SHOULD, UPDATE_ONLY

from .sample import sample

BASE = sample(steps=1, conforming=True)


def run(verdicts: dict[str, str] | None = None, *, rest: str = "conforms", **run: Any) -> Conformance:
    """A run in which the first cells of these clauses have these verdicts, and all others conform."""
    data = BASE.model_dump()
    totals = dict.fromkeys(map(str, Verdict), 0)
    for clause in data["clauses"]:
        for at, cell in enumerate(clause["cells"]):
            cell["verdict"] = (verdicts or {}).get(clause["id"], rest) if at == 0 else rest
            totals[cell["verdict"]] += 1
    data["run"] |= {"exit_code": 0, "gate": "should", "complete": True, "selected": "", **run}
    return Conformance.model_validate(data | {"totals": totals})


BROKEN = {MUST.id: "violates", SHOULD.id: "violates", ADVISORY.id: "advises"}


@pytest.mark.parametrize(
    ("report", "tone", "sentence"),
    [
        (run(), "conforms", "Conforms: no gating clause is broken."),
        (run({ADVISORY.id: "advises"}), "conforms", "Conforms: no gating clause is broken."),
        (run({MUST.id: "inconclusive"}), "conforms", "Conforms: no gating clause is broken."),
        (run(BROKEN, exit_code=1), "violates", "Violates: 2 clauses are broken in 2 cells."),
        (run(BROKEN, exit_code=1, gate="must"), "violates", "Violates: 1 clause is broken in 1 cell."),
        (run(BROKEN, exit_code=1, gate="all"), "violates", "Violates: 3 clauses are broken in 3 cells."),
        (
            run({MUST.id: "violates", UPDATE_ONLY.id: "blocked"}, exit_code=1),
            "violates",
            "Violates: 1 clause is broken in 1 cell; 1 clause is blocked in 1 cell, where a premise failed.",
        ),
        (
            run({MUST.id: "blocked"}, exit_code=1),
            "blocked",
            "Not shown to conform: 1 clause is blocked in 1 cell, where a premise failed.",
        ),
        (
            run(exit_code=1),
            "blocked",
            "Failed: no gating clause is broken, but tests failed (exit code 1).",
        ),
        (
            run({MUST.id: "deviates"}),
            "deviates",
            "Conforms, but for registered deviations: 1 clause is broken or blocked in 1 cell.",
        ),
        (run(rest="not tested"), "not tested", "Nothing shown: no test found a clause fulfilled."),
        (
            run(exit_code=2, complete=False),
            "blocked",
            "Incomplete: the run was interrupted. Until then no gating clause was found broken.",
        ),
        (
            run({MUST.id: "violates"}, exit_code=1, complete=False),
            "violates",
            "Incomplete: it ended before all its tests had run. Until then 1 clause is broken in 1 cell.",
        ),
        (
            run(exit_code=3),
            "blocked",
            "Incomplete: the suite itself failed. Until then no gating clause was found broken.",
        ),
        (
            run(rest="not tested", exit_code=5),
            "not tested",
            "Nothing decided: no test could say of any clause whether the server fulfils it.",
        ),
        (
            run(rest="not tested", exit_code=5, tests={}),  # as it was written before there was no report then
            "blocked",
            "Incomplete: no test was selected. Until then no gating clause was found broken.",
        ),
        (
            run({MUST.id: "violates"}),
            "blocked",
            "Contradictory: the exit code is 0, but 1 clause is broken in 1 cell.",
        ),
    ],
)
def test_one_sentence_tells_how_it_went(report: Conformance, tone: str, sentence: str) -> None:
    told = headline(report)
    assert (told.tone, told.sentence) == (tone, sentence)


def test_only_a_run_that_succeeded_conforms() -> None:
    for code in range(1, 6):
        assert not headline(run(exit_code=code)).sentence.startswith("Conforms")


def test_it_says_how_much_was_decided_and_what_is_outside_the_gate() -> None:
    gating = sum(len(clause.cells) for clause in BASE.clauses if clause.level != "advisory")
    told = headline(run({MUST.id: "inconclusive", ADVISORY.id: "advises"}, selected="-k progress was given"))
    assert told.also == (
        f"{gating - 1} of the {gating} cells that gate the run were decided (must, should).",
        "Outside the gate 1 clause is broken in 1 cell.",
        "Not all tests were run: -k progress was given.",
    )
