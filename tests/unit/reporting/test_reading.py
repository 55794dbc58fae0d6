"""A report is read whole, or refused with one sentence."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from contract_tests.problems import UsageProblem
from contract_tests.reporting.format import schema_text
from contract_tests.reporting.reading import load, one_line, published_schema, recount

from .sample import hostile, sample

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

DATA = sample(steps=1).model_dump(mode="json")


def fresh() -> dict[str, Any]:
    """The data of a good report, for changes."""
    copy: dict[str, Any] = json.loads(json.dumps(DATA))
    return copy


def refusal(path: Path) -> str:
    with pytest.raises(UsageProblem) as caught:
        load(path)
    sentence = str(caught.value)
    assert sentence == one_line(sentence, limit=2000)
    return sentence


def test_a_file_or_its_folder(tmp_path: Path) -> None:
    path = tmp_path / "conformance.json"
    path.write_text(json.dumps(DATA))
    assert load(path) == load(tmp_path) == sample(steps=1)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "no JSON"),
        (b"<html>", "no JSON"),
        (b"\xff\xfe", "no JSON"),
        (b"[" * 100_000, "no JSON"),
        (b'{"schema_version": "\\ud800"}', r"its schema_version is '\ud800', and this suite reads '1' and '2'"),
        (b"[]", "is no report"),
        (b"{}", "schema_version: Field required"),
        (b'{"schema_version": "5"}', "its schema_version is '5', and this suite reads '1' and '2' and '3' and '4'"),
        (b'{"schema_version": "2"}', "suite: Field required"),
        (b'{"schema_version": 1}', "schema_version"),
        (b'{"schema_version": "1"}', "suite: Field required"),
        (b'{"schema_version": "1\\u001b[31m\\n"}', "is '1\\x1b[31m\\n'"),
    ],
)
def test_what_is_no_report(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "conformance.json"
    path.write_bytes(content)
    assert words in refusal(path)


def test_a_folder_without_one(tmp_path: Path) -> None:
    assert "conformance.json can't be read: No such file or directory" in refusal(tmp_path)


def _set(*names: str | int, value: Any) -> Callable[[dict[str, Any]], None]:
    def change(data: Any) -> None:
        for name in names[:-1]:
            data = data[name]
        data[names[-1]] = value

    return change


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (_set("surprise", value=1), "surprise: Extra inputs are not permitted"),
        (_set("run", "complete", value="perhaps"), "run.complete"),
        (_set("run", "gate", value="open\x1b[0m"), "run.gate: Input should be 'must', 'should' or 'all'"),
        (_set("run", "started", value="yesterday"), "run.started is no time: yesterday"),
        (_set("clauses", 0, "level", value="may"), "clauses.0.level: Input should be 'must', 'should' or 'advisory'"),
        (
            _set("clauses", 0, "cells", 0, "verdict", value="good"),
            "cells.0.verdict: Input should be 'violates'",
        ),
        (
            _set("clauses", 0, "cells", 0, "dialect", value="soap"),
            "cells.0.dialect: Input should be 'api' or 'rest'",
        ),
        (
            _set("observations", 0, "cells", value=["nowhere"]),
            "observations.0.cells.0: 'nowhere' is no cell",
        ),
        (_set("observations", 0, "exchange", value="none"), "the exchange 'none'"),
        (_set("exchanges", value={}), "it names the exchange '000"),
        (_set("totals", "conforms", value=520), "totals are not those of its cells"),
    ],
)
def test_what_can_not_be_relied_on(tmp_path: Path, change: Callable[[dict[str, Any]], None], words: str) -> None:
    data = fresh()
    change(data)
    path = tmp_path / "report.json"
    path.write_text(json.dumps(data))
    assert words in refusal(path)


@pytest.mark.parametrize("what", ["flaws", "exchanges"])
def test_an_exchange_that_a_cell_names_and_nobody_has(tmp_path: Path, what: str) -> None:
    data = fresh()
    cell = next(cell for clause in data["clauses"] for cell in clause["cells"] if cell["flaws"] and cell["exchanges"])
    cell[what][0]["exchange"] = "none"
    path = tmp_path / "report.json"
    path.write_text(json.dumps(data))
    assert "names the exchange 'none'" in refusal(path)


@pytest.mark.parametrize("what", ["clause", "cell"])
def test_what_stands_twice(tmp_path: Path, what: str) -> None:
    data = fresh()
    twice = data["clauses"] if what == "clause" else data["clauses"][0]["cells"]
    twice.append(twice[0])
    path = tmp_path / "report.json"
    path.write_text(json.dumps(data))
    assert "twice" in refusal(path)


def test_totals_add_up_to_clauses_times_cells() -> None:
    assert recount(sample()) == {word: count for word, count in sample().totals.items() if count}


def test_the_published_schema_is_that_of_the_models() -> None:
    assert published_schema() == schema_text()


def test_the_published_schema_holds_reports_to_it() -> None:
    schema = json.loads(published_schema())
    jsonschema.Draft202012Validator.check_schema(schema)
    judge = jsonschema.Draft202012Validator(schema)
    for report in (sample(steps=1), hostile()):
        judge.validate(json.loads(report.model_dump_json()))
    assert [error.message for error in judge.iter_errors(fresh() | {"totals": {"conforms": "many"}})] == [
        "'many' is not of type 'integer'"
    ]
