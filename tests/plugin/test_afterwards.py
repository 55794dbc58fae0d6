"""What the other commands make of the reports of real runs."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import jsonschema

from contract_tests.judging.verdicts import Verdict
from contract_tests.reporting.diff import ChangeKind, compare
from contract_tests.reporting.merge import merge
from contract_tests.reporting.reading import load, published_schema
from contract_tests.reporting.views.headline import headline

if TYPE_CHECKING:
    from pathlib import Path

    from .runs import Runner

BREAKS = """
@clause("keep-alive.no-body")
def test_it(open_session, judge):
    judge("keep-alive.no-body", [Flaw("`<b>more</b>`", "</details> | less", open_session().keep_alive())])
"""
HOLDS = BREAKS.replace('[Flaw("`<b>more</b>`", "</details> | less", open_session().keep_alive())]', "[]").replace(
    "    judge", "    open_session()\n    judge"
)


def _forget_the_probe() -> None:
    """Or Python would not read the next probe, which has the name of the last one."""
    for name in [name for name in sys.modules if name.startswith("test_probe_")]:
        del sys.modules[name]


def test_a_report_is_as_its_schema_says(run: Runner) -> None:
    finished = run.probe(BREAKS)
    data = json.loads((finished.reports / "conformance.json").read_text())
    jsonschema.Draft202012Validator(json.loads(published_schema())).validate(data)
    assert load(finished.reports).run.exit_code == finished.code == 1


def test_a_summary_is_appended(run: Runner, tmp_path: Path) -> None:
    summary = tmp_path / "summary.md"
    summary.write_text("What others wrote.\n")
    finished = run.probe(BREAKS, "--summary", str(summary))
    text = summary.read_text()
    assert text.startswith("What others wrote.\n## ✗ Contract: Violates: 1 clause is broken in 1 cell.")
    assert headline(load(finished.reports)).sentence in text
    assert "```text\n</details> | less\n```" in text
    _forget_the_probe()
    run.probe(HOLDS, "--summary", str(summary))
    assert summary.read_text().startswith(text)
    assert "\n## ✓ Contract: Conforms in the part that was run: " in summary.read_text()


def test_a_summary_that_can_not_be_written_is_told_before_the_run(run: Runner, tmp_path: Path) -> None:
    finished = run.probe(HOLDS, "--summary", str(tmp_path))
    assert finished.code == 4
    assert f"--summary {tmp_path} can't be written: Is a directory" in finished.err
    assert not (finished.reports / "conformance.json").exists()


def test_a_run_that_breaks_what_held_has_regressed(run: Runner) -> None:
    good = load(run.probe(HOLDS).reports)
    _forget_the_probe()
    bad = load(run.probe(BREAKS).reports)
    found = compare(good, bad)
    assert [(one.kind, one.clause, one.cell) for one in found.changes] == [
        (ChangeKind.REGRESSED, "keep-alive.no-body", "api-update")
    ]
    assert found.differences == ()


def test_shards_say_what_one_run_says(run: Runner) -> None:
    names = ("without_a_token and api-update", "without_a_body and rest-download")
    shards = [load(run("-k", name, "--seed", "1").reports) for name in names]
    whole = load(run("-k", " or ".join(f"({name})" for name in names), "--seed", "1").reports)
    merged = merge(shards)
    assert merged.notes == ()
    assert compare(whole, merged.report).changes == ()
    assert merged.report.totals == whole.totals
    assert merged.report.totals[Verdict.CONFORMS] > max(shard.totals[Verdict.CONFORMS] for shard in shards)
    assert {seen.clause for seen in merged.report.observations} == {seen.clause for seen in whole.observations}
    assert merged.report.run.exit_code == 0
