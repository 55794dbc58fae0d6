"""A run that is about some clauses: `--clause`."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from .test_verify import verified

if TYPE_CHECKING:
    from .runs import Run, Runner

SCENARIOS = "contract_tests/scenarios"
NOT_CHOSEN = "the run was about other clauses (--clause)"


def decided(finished: Run) -> dict[str, set[str]]:
    """The verdicts of each clause that is not `not tested` everywhere, by slug."""
    report = json.loads((finished.reports / "conformance.json").read_text())
    found = {clause["id"]: {cell["verdict"] for cell in clause["cells"]} for clause in report["clauses"]}
    return {slug: verdicts for slug, verdicts in found.items() if verdicts - {"not tested"}}


def test_only_what_decides_the_clause_is_run(run: Runner) -> None:
    finished = run("contract_tests/scenarios", "--clause", "keep-alive.no-body")
    assert finished.code == 0
    assert decided(finished) == {"keep-alive.no-body": {"conforms"}}
    assert 0 < len(finished.cases) < 20
    page = re.sub("<[^>]+>", "", (finished.reports / "conformance.html").read_text())
    assert "Not all tests were run: --clause keep-alive.no-body" in page
    report = json.loads((finished.reports / "conformance.json").read_text())
    others = [clause for clause in report["clauses"] if clause["id"] != "keep-alive.no-body"]
    assert {cell["reason"] for clause in others for cell in clause["cells"]} == {NOT_CHOSEN}
    again = verified(run)
    assert (again.code, again.err) == (0, "")


def test_several_and_those_of_a_subject(run: Runner) -> None:
    finished = run(SCENARIOS, "--clause", "keep-alive.*", "--clause", "life-cycle.cancel", "-n", "1", "-k", "api-")
    assert finished.code == 0
    slugs = {*decided(finished)}
    assert "life-cycle.cancel" in slugs
    assert len(slugs) > 10
    assert {slug.partition(".")[0] for slug in slugs} == {"keep-alive", "life-cycle"}
    assert {slug for slug in slugs if slug.startswith("life-cycle.")} == {"life-cycle.cancel"}


@pytest.mark.parametrize(
    ("pattern", "proposed"),
    [
        ("keep-alive.no-bdy", "did you mean keep-alive.no-body"),
        ("keep-alive", "did you mean keep-alive.*"),
        ("keepalive.*", "did you mean keep-alive.*"),
        ("zzz", "The ledger has no clause 'zzz'."),
        ("", "The ledger has no clause ''."),
    ],
)
def test_one_that_there_is_not(run: Runner, pattern: str, proposed: str) -> None:
    finished = run("--clause", pattern)
    assert finished.code == 4
    assert "--clause: " in finished.err
    assert proposed in finished.err
    assert not run.reports.exists()
