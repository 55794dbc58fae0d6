"""Causes as part of a report: each flaw and each blocked cell names its own, and old reports get them when read."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from contract_tests.judging.verdicts import Verdict
from contract_tests.problems import UsageProblem
from contract_tests.reporting.causes import with_causes
from contract_tests.reporting.diff import compare
from contract_tests.reporting.files import as_json
from contract_tests.reporting.format import Conformance
from contract_tests.reporting.reading import load
from contract_tests.reporting.views.diff import cause_rows, markdown, page, terminal

from .sample import sample

if TYPE_CHECKING:
    from pathlib import Path

REPORT = sample(steps=2)
BROKEN = (Verdict.VIOLATES, Verdict.ADVISES)


def test_each_flaw_and_each_blocked_cell_is_in_exactly_one_cause() -> None:
    ids = {cause.id for cause in REPORT.causes}
    assert len(ids) == len(REPORT.causes) > 0
    flaws: Counter[str] = Counter()
    for clause in REPORT.clauses:
        for cell in clause.cells:
            assert bool(cell.cause) == (cell.verdict == Verdict.BLOCKED)
            assert {bool(flaw.cause) for flaw in cell.flaws} <= {cell.verdict in BROKEN}
            named = [cell.cause] if cell.cause else [flaw.cause for flaw in cell.flaws if flaw.cause]
            assert {*named} <= ids
            flaws.update(flaw.cause for flaw in cell.flaws if flaw.cause)
            place = {"clause": clause.id, "cell": f"{cell.dialect}-{cell.service}"}
            for cause in (one for one in REPORT.causes if one.id in named):
                listed = cause.blocked if cell.cause else cause.broken
                assert place in [one.model_dump() for one in listed]
    assert {cause.id: cause.seen for cause in REPORT.causes if cause.broken} == flaws


def test_the_same_report_has_the_same_causes() -> None:
    assert with_causes(REPORT) == REPORT


@pytest.mark.parametrize("version", ["1", "2"])
def test_a_report_of_before_there_were_causes_gets_them_when_it_is_read(version: str, tmp_path: Path) -> None:
    data = json.loads(as_json(REPORT)) | {"schema_version": version}
    del data["causes"]
    for cell in (cell for clause in data["clauses"] for cell in clause["cells"]):
        del cell["cause"]
        for flaw in cell["flaws"]:
            del flaw["cause"]
    (tmp_path / "old.json").write_text(json.dumps(data))
    assert load(tmp_path / "old.json").causes == REPORT.causes


def test_a_cause_that_there_is_not_is_refused(tmp_path: Path) -> None:
    text = as_json(REPORT.model_copy(update={"causes": REPORT.causes[1:]}))
    (tmp_path / "r.json").write_text(text)
    with pytest.raises(UsageProblem, match=r"names the cause .*, which there is not"):
        load(tmp_path / "r.json")
    (tmp_path / "r.json").write_text(as_json(REPORT.model_copy(update={"causes": [*REPORT.causes, REPORT.causes[0]]})))
    with pytest.raises(UsageProblem, match="a cause stands in it twice"):
        load(tmp_path / "r.json")


def test_a_diff_says_which_causes_are_new_and_which_are_gone() -> None:
    good = Conformance.model_validate(sample(steps=1, conforming=True).model_dump() | {"causes": []})
    assert [word for word, _ in cause_rows(compare(good, REPORT))] == ["new cause"] * len(REPORT.causes)
    assert [word for word, _ in cause_rows(compare(REPORT, good))] == ["gone"] * len(REPORT.causes)
    assert {word for word, _ in cause_rows(compare(REPORT, REPORT))} == {"still there"}
    lines = list(terminal(compare(good, REPORT)))
    assert any(line.startswith(f"new cause: {REPORT.causes[0].says} (") for line in lines)
    assert "      new: expected status 204, an empty body; observed status 200, with the body {}" in lines
    for text in (markdown(compare(good, REPORT)), page(compare(good, REPORT))):
        assert "new cause" in text
