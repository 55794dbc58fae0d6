"""The summary of a pipeline's step."""

from __future__ import annotations

from contract_tests.judging.verdicts import Verdict
from contract_tests.reporting.views.headline import headline
from contract_tests.reporting.views.step_summary import step_summary

from .altered import CELL, MUST, OTHER, altered, plain_report
from .sample import sample


def test_it_begins_with_the_result() -> None:
    report = sample(steps=1)
    lines = step_summary(report).splitlines()
    assert lines[0] == f"## ✗ Contract: {headline(report).sentence}"
    assert "| target | <code>https&#58;//vc.example</code> |" in lines
    assert "| says it is | <code>VMware vCenter Server 8.0.2.00000 22617221</code> |" in lines


def test_totals_are_those_of_the_report() -> None:
    report = sample(steps=1)
    text = step_summary(report)
    for verdict in Verdict:
        assert f" {verdict} | {report.totals[verdict]} |\n" in text
    assert f"| all ({len(report.clauses)} clauses) | {sum(report.totals.values())} |" in text


def test_a_violation_is_there_with_all_that_proves_it() -> None:
    data = sample(steps=2)
    text = step_summary(data)
    place, cell = next((clause, cell) for clause in data.clauses for cell in clause.cells if cell.verdict == "violates")
    start = text.index(f"<details><summary><code>{place.id}</code> ({place.level}; ")
    block = text[start : text.index("</details>", start)]
    assert "```text\nstatus 204, an empty body\n```" in block
    assert "```text\nstatus 200, with the body {}\n```" in block
    assert f"```text\n{data.exchanges[cell.flaws[0].exchange].curl}\n```" in block
    assert place.says.split(",")[0].split("`")[0].split(":")[0] in block


def test_why_cells_were_not_decided() -> None:
    report = altered(plain_report(), {(MUST, CELL): "inconclusive", (MUST, OTHER): "blocked"}, exit_code=1)
    text = step_summary(report)
    assert f"| ? inconclusive | <code>held 2 of 2</code> | <code>{MUST}</code> (must; {CELL}) |" in text
    assert f"| &#33; blocked | <code>held 2 of 2</code> | <code>{MUST}</code> (must; {OTHER}) |" in text
    assert text.startswith("## ! Contract: Not shown to conform: 1 clause is blocked in 1 cell")


def test_choices_deviations_and_leftovers() -> None:
    text = step_summary(sample(steps=1))
    assert "<code>accepted, and without effect</code> | rest-download |" in text
    assert "<code>answers 200 with {} since 7.0; reported to the vendor</code>".replace("{}", "&#123;&#125;") in text
    assert "- <code>item 4c1e of library cl-contract-7f: DELETE was answered with 500</code>" in text


def test_nothing_to_tell_is_not_told() -> None:
    report = plain_report().model_copy(update={"observations": [], "deviations": [], "leftovers": []})
    assert "<details>" not in step_summary(report)
