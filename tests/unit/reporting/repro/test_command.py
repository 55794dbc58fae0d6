"""cl-contract repro: what it says where there is no script, and that it ends in one sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from contract_tests.cli import repro
from contract_tests.reporting.format import Conformance
from tests.unit.cli.desk import put_reports, said
from tests.unit.reporting.altered import plain_report
from tests.unit.reporting.sample import sample

if TYPE_CHECKING:
    from pathlib import Path

    from contract_tests.reporting.format import CellRecord, ClauseRecord


@pytest.fixture(name="reports")
def _reports(tmp_path: Path) -> Path:
    put_reports(tmp_path / "reports")
    return tmp_path / "reports"


def broken(report: Conformance) -> str:
    return next(clause.id for clause in report.clauses for cell in clause.cells if cell.flaws)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("keep-alive.no-bodi",), "the report has no clause 'keep-alive.no-bodi'; did you mean keep-alive.no-body"),
        (("keep-alive.no-body", "api-updat"), "'api-updat' is no cell; did you mean api-update?"),
        (("keep-alive.no-body", "moon"), "'moon' is no cell; name one of api-update, "),
        (("keep-alive.no-body", "rest-download"), "the report has no flaw of keep-alive.no-body in rest-download"),
    ],
)
def test_what_it_can_not_print_is_told_in_one_sentence(
    arguments: tuple[str, ...], told: str, reports: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = said(capsys, "repro", *arguments, "--reports", str(reports))
    answer.is_in_order(4)
    assert told in answer.err
    assert answer.out == ""


def test_a_flaw_that_the_recording_does_not_hold_has_no_script(
    reports: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = sample(steps=1)
    (reports / "conformance.json").write_text(report.model_dump_json())
    slug = broken(report)
    answer = said(capsys, "repro", slug, "--reports", str(reports / "conformance.json"))
    answer.is_in_order(4)
    assert f"no script can show {slug} in " in answer.err
    assert "does not stand in the recording" in answer.err


def flawed(*verdicts: str) -> Conformance:
    """A report in which the cells of `keep-alive.no-body` have these verdicts, each with a flaw."""
    data = plain_report(exit_code=1).model_dump(mode="json")
    clause = next(one for one in data["clauses"] if one["id"] == "keep-alive.no-body")
    flaw = {"test": "a", "expected": "e", "observed": "o", "exchange": next(iter(data["exchanges"]))}
    for cell, verdict in zip(clause["cells"], verdicts, strict=True):
        flaws = [] if verdict == "conforms" else [flaw]
        cell |= {"verdict": verdict, "reason": "registered" if verdict == "deviates" else "", "flaws": flaws}
        data["totals"]["conforms"] -= 1
        data["totals"][verdict] = data["totals"].get(verdict, 0) + 1
    return Conformance.model_validate(data)


@pytest.mark.parametrize(
    ("verdicts", "arguments", "cell"),
    [
        (("conforms", "violates", "violates", "violates"), (), "api-download"),
        (("advises", "deviates", "violates", "violates"), (), "rest-update"),
        (("advises", "deviates", "advises", "conforms"), (), "api-download"),
        (("violates", "violates", "violates", "violates"), ("rest-update",), "rest-update"),
        (("violates", "violates", "violates", "violates"), ("/rest update",), "rest-update"),
    ],
)
def test_it_is_about_the_cell_that_is_asked_for_or_the_worst(
    verdicts: tuple[str, ...],
    arguments: tuple[str, ...],
    cell: str,
    reports: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def script_for(_report: object, _traffic: object, clause: ClauseRecord, found: CellRecord) -> str:
        return f"{clause.id} {found.dialect}-{found.service}\n"

    monkeypatch.setattr(repro, "script_for", script_for)
    (reports / "conformance.json").write_text(flawed(*verdicts).model_dump_json())
    answer = said(capsys, "repro", "keep-alive.no-body", *arguments, "--reports", str(reports))
    answer.is_in_order(0)
    assert answer.out == f"keep-alive.no-body {cell}\n"
