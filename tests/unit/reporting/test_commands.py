"""The commands that read reports: what they write, and their exit codes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from contract_tests import cli
from contract_tests.reporting.format import schema_text
from contract_tests.reporting.reading import load

from .altered import CELL, CELLS_IN_ALL, MUST, altered, counted, plain_report
from .sample import hostile, sample

if TYPE_CHECKING:
    from pathlib import Path

    from contract_tests.reporting.format import Conformance

GOOD = plain_report()
BAD = plain_report({(MUST, CELL): "violates"}, exit_code=1)


class Desk:
    """Reports on disk, and commands about them."""

    def __init__(self, folder: Path, capture: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self._capture = capture

    def put(self, name: str, report: Conformance) -> str:
        path = self.folder / name / "conformance.json"
        path.parent.mkdir()
        path.write_text(report.model_dump_json())
        return str(path.parent)

    def __call__(self, *arguments: str) -> tuple[int, str, str]:
        code = cli.main(arguments)
        out, err = self._capture.readouterr()
        return code, out, err


@pytest.fixture
def desk(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Desk:
    return Desk(tmp_path, capfd)


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [(GOOD, GOOD, 0), (GOOD, BAD, 1), (BAD, GOOD, 0), (BAD, BAD, 0), (GOOD, altered(GOOD, {}, complete=False), 1)],
)
def test_diff_fails_on_a_regression_only(desk: Desk, old: Conformance, new: Conformance, code: int) -> None:
    found, out, err = desk("diff", desk.put("old", old), desk.put("new", new))
    assert (found, err) == (code, "")
    assert out.startswith("old  https://vc.example")


def test_diff_of_a_report_with_itself_is_empty(desk: Desk) -> None:
    path = desk.put("one", sample(steps=1))
    code, out, _ = desk("diff", path, path)
    assert code == 0
    (old, new), causes, (last,) = (part.splitlines() for part in out.split("\n\n"))
    assert (old[3:], last) == (new[3:], "No regression: nothing has changed.")
    assert len(causes) == 3
    assert all(line.startswith("still there: ") for line in causes)


def test_diff_strictly(desk: Desk) -> None:
    lost = desk.put("lost", altered(GOOD, {(MUST, CELL): "not tested"}))
    good = desk.put("good", GOOD)
    assert desk("diff", good, lost)[0] == 0
    assert desk("diff", "--strict", good, lost)[0] == 1


def test_diff_writes_markdown_and_a_page(desk: Desk) -> None:
    old, new = desk.put("old", GOOD), desk.put("new", BAD)
    code, out, _ = desk("diff", old, new, "--markdown")
    assert (code, out.splitlines()[0]) == (1, "### ❌ Contract: Regressed: 1 cell of 1 clause.")
    comment, page = desk.folder / "a" / "comment.md", desk.folder / "page.html"
    code, again, _ = desk("diff", old, new, "--markdown", str(comment), "--html", str(page))
    assert code == 1
    assert comment.read_text() == out
    assert "Regressed: 1 cell of 1 clause." in page.read_text()
    assert again.startswith("old  ")


@pytest.mark.parametrize("command", [["diff", "{}", "{}"], ["merge", "{}"], ["badge", "{}"], ["summary", "{}"]])
@pytest.mark.parametrize("content", [None, "", "{}", '{"schema_version": "99"}', '{"schema_version": "1"}'])
def test_bad_input_is_one_sentence(desk: Desk, command: list[str], content: str | None) -> None:
    path = desk.folder / "report.json"
    if content is not None:
        path.write_text(content)
    code, out, err = desk(*(word.format(path) for word in command))
    assert (code, out) == (4, "")
    (sentence,) = err.splitlines()
    assert sentence.startswith(f"cl-contract {command[0]}: error: {path} ")


@pytest.mark.parametrize(
    "command",
    [
        [],
        ["nothing"],
        ["diff"],
        ["merge"],
        ["badge"],
        ["summary"],
        ["schema", "x"],
        ["verify"],
        ["mock", "--port", "65536"],
    ],
)
def test_wrong_usage(desk: Desk, command: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        desk(*command)
    assert ended.value.code == 4


def test_a_file_that_can_not_be_written(desk: Desk) -> None:
    path = desk.put("one", GOOD)
    code, _, err = desk("badge", path, "--output", path)
    assert (code, err) == (4, f"cl-contract badge: error: {path} can't be written: Is a directory\n")


def test_merge_writes_one_report(desk: Desk) -> None:
    reports = desk.folder / "merged"
    code, out, err = desk("merge", desk.put("a", GOOD), desk.put("b", BAD), "--reports", str(reports))
    assert (code, err) == (1, "")
    assert f"the shards differ about {MUST} [{CELL}]: shard 1 conforms, shard 2 violates; the worst one counts" in out
    assert "Violates: 1 clause is broken in 1 cell." in out
    assert load(reports).run.exit_code == 1
    assert "Violates: 1 clause is broken in 1 cell." in (reports / "conformance.html").read_text()
    assert sorted(path.name for path in reports.iterdir()) == ["conformance.html", "conformance.json"]


def test_merge_of_several_targets_is_a_matrix(desk: Desk) -> None:
    data = BAD.model_dump()
    data["target"] |= {"address": None, "version": "mock"}
    reports, markdown = desk.folder / "merged", desk.folder / "matrix.md"
    good, mock = desk.put("good one", GOOD), desk.put("mock", counted(data))
    (desk.folder / "good one" / "conformance.html").write_text("the page of the report")
    code, out, _ = desk("merge", good, mock, "--reports", str(reports), "--markdown", str(markdown))
    assert code == 0
    assert "embedded mock: Violates: 1 clause" in out
    assert [path.name for path in reports.iterdir()] == ["matrix.html"]
    page = (reports / "matrix.html").read_text()
    assert "2 targets side by side" in page
    assert f'href="../good%20one/conformance.html#clause-{MUST}/{CELL}"' in page
    assert "mock/conformance.html" not in page
    assert "<code>embedded mock</code>" in markdown.read_text()


def test_merge_makes_a_matrix_where_it_is_told_to(desk: Desk) -> None:
    page = desk.folder / "here.html"
    code, _, _ = desk("merge", desk.put("a", GOOD), desk.put("b", BAD), "--matrix", str(page))
    assert code == 0
    assert "differs" in page.read_text()


def test_merge_refuses_what_does_not_belong_together(desk: Desk) -> None:
    data = GOOD.model_dump()
    data["suite"]["contract_sha256"] = "00" * 32
    code, out, err = desk("merge", desk.put("a", GOOD), desk.put("b", counted(data)))
    assert (code, out) == (4, "")
    (sentence,) = err.splitlines()
    assert "another contract" in sentence


def test_badge(desk: Desk) -> None:
    path, image = desk.put("one", GOOD), desk.folder / "badge.svg"
    assert desk("badge", path, "--output", str(image)) == (0, "", "")
    assert ET.parse(image).getroot().get("aria-label") == f"contract: conforms {CELLS_IN_ALL}/{CELLS_IN_ALL}"
    code, out, _ = desk("badge", path, "--json")
    assert (code, json.loads(out)["message"]) == (0, f"conforms {CELLS_IN_ALL}/{CELLS_IN_ALL}")


def test_summary(desk: Desk) -> None:
    code, out, _ = desk("summary", desk.put("one", BAD))
    assert (code, out.splitlines()[0]) == (0, "## ✗ Contract: Violates: 1 clause is broken in 1 cell.")


def test_schema(desk: Desk) -> None:
    assert desk("schema") == (0, schema_text(), "")


def test_hostile_reports_make_no_command_stumble(desk: Desk) -> None:
    data = hostile().model_dump()
    data["schema_version"], data["run"]["started"] = "1", "2026-03-01T12:00:00Z"
    path = desk.put("one", counted(data))
    data["run"]["id"] = "\x1b[31m\u202e"
    second = desk.put("second", counted(data))
    pages = desk.folder / "pages"
    for command in (
        ["diff", path, path, "--html", str(pages / "diff.html")],
        ["diff", path, desk.put("other", BAD)],
        ["merge", path, second, "--reports", str(pages)],
        ["merge", path, path, "--matrix", str(pages / "matrix.html")],
        ["badge", path],
        ["summary", path],
    ):
        code, out, err = desk(*command)
        assert (code in (0, 1), err) == (True, ""), command
        assert "\x1b" not in out
        assert "\u202e" not in out
