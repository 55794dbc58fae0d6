"""Runs that decide nothing, or are not made at all: exit codes 5 and 4, and what becomes of earlier reports."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from contract_tests import cli
from contract_tests.mock import MockServer

from .runs import files
from .test_verify import verified

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from .runs import Run, Runner

UNDECIDED = """
@clause("keep-alive.no-body")
def test_it(open_session, judge):
    open_session()
    raise Inconclusive("nobody has the time")
"""
WORKERS = [[], ["-n", "1"]]


def contents(folder: Path) -> Mapping[Path, bytes]:
    return {path: path.read_bytes() for path in files(folder)}


def report_of(finished: Run) -> dict[str, dict[str, object]]:
    report: dict[str, dict[str, object]] = json.loads((finished.reports / "conformance.json").read_text())
    return report


@pytest.mark.parametrize("workers", WORKERS)
def test_what_could_not_be_decided_is_no_success(run: Runner, workers: list[str]) -> None:
    with MockServer(control=False) as server:
        finished = run("--target", server.url, "--clause", "expiry.update-session-deleted", *workers)
    assert finished.code == 5
    assert finished.results == {"skipped": 4}
    assert "Nothing decided: no test could say of any clause" in finished.out
    assert report_of(finished)["run"]["exit_code"] == 5
    again = verified(run)
    assert (again.code, again.err) == (0, "")


def test_a_test_without_a_clause_decides_nothing(run: Runner) -> None:
    assert run.probe("def test_api_update(): pass\n", "-k", "api").code == 5


def test_one_cell_is_enough(run: Runner) -> None:
    finished = run.probe(
        UNDECIDED
        + """
@clause("life-cycle.cancel")
def test_that(open_session, judge):
    judge("life-cycle.cancel", succeeds(open_session().cancel()))
"""
    )
    assert finished.code == 0


def test_several_shards_that_decide_nothing_decide_nothing(run: Runner, tmp_path: Path) -> None:
    run.probe(UNDECIDED)
    other = run.reports.with_name("other")
    run.reports.rename(other)
    run.probe(UNDECIDED)
    assert cli.main(["merge", str(other), str(run.reports), "--reports", str(tmp_path / "merged")]) == 5


@pytest.mark.parametrize("workers", WORKERS)
@pytest.mark.parametrize(
    ("wrong", "code", "told"),
    [
        (["nosuch.py"], 4, "nosuch.py"),
        (["contract_tests/scenarios/nosuch.py"], 4, "nosuch.py"),
        (["-k", "a b"], 4, "-k 'a b' is no expression that selects tests: a b: at column 3: expected end of input"),
        (["-m", "and"], 4, "-m 'and' is no expression"),
        (["-k", "typo_typo"], 5, "no test is selected by -k typo_typo; no report was written; "),
    ],
)
def test_wrong_usage_leaves_earlier_reports_alone(
    run: Runner, workers: list[str], wrong: list[str], code: int, told: str
) -> None:
    summary = run.reports.parent / "summary.md"
    run.probe(UNDECIDED, "--summary", str(summary))
    before = contents(run.reports.parent)
    finished = run(*wrong, *workers, "--summary", str(summary))
    assert finished.code == code
    assert told in finished.out + finished.err
    assert f"{run.reports / 'conformance.json'} is that of an earlier run" in finished.out + finished.err
    assert contents(run.reports.parent) == before
    assert "Traceback" not in finished.out + finished.err
    assert "generated" not in finished.out.lower()


def test_a_test_that_a_file_does_not_have(run: Runner) -> None:
    run.probe(UNDECIDED)
    before = contents(run.reports)
    for workers, code in (([], 4), (["-n", "1"], 5)):
        finished = run("contract_tests/scenarios/test_lists.py::nosuch", *workers)
        assert finished.code == code
        assert contents(run.reports) == before


def test_parts_of_the_suite_are_found_from_anywhere(
    run: Runner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    finished = run("contract_tests/scenarios/test_lists.py", "-k", "api-update and lists")
    assert finished.code == 0
