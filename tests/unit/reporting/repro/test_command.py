"""cl-contract repro: what it says where there is no script, and that it ends in one sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.unit.cli.desk import put_reports, said
from tests.unit.reporting.sample import sample

if TYPE_CHECKING:
    from pathlib import Path

    from contract_tests.reporting.format import Conformance


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
