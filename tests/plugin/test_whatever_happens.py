"""However a run ends: what was learnt is written, and all that speaks of the run says the same."""

from __future__ import annotations

import json
import re
import signal
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from contract_tests.judging.verdicts import Verdict
from contract_tests.mock import MockServer
from contract_tests.reporting import drafts
from contract_tests.reporting.format import Conformance
from contract_tests.reporting.views.headline import headline

from .counting import Counting
from .runs import PATIENCE, Run, Runner, files
from .test_interruption import libraries

if TYPE_CHECKING:
    from collections.abc import Callable


REPORTS = ("conformance.html", "conformance.json", "evidence.har", "junit.xml", "report.html")

PASSING = """
@clause("keep-alive.no-body")
def test_that_passes(open_session, judge):
    judge("keep-alive.no-body", succeeds(open_session().keep_alive()))
"""
FAILING = """
@clause("keep-alive.no-body")
def test_that_fails(open_session, judge):
    judge("keep-alive.no-body", [Flaw("more", "less", open_session().keep_alive())])

@clause("keep-alive.no-body")
def test_that_fails_too(open_session, judge):
    judge("keep-alive.no-body", [Flaw("more", "less", open_session().keep_alive())])
"""
CRASHING = """
@clause("keep-alive.null-progress")
def test_that_ends_its_process(open_session, judge):
    import os
    judge("keep-alive.null-progress", succeeds(open_session().keep_alive(None)))
    os._exit(7)
"""


def conformance(finished: Run) -> Conformance:
    return Conformance.model_validate_json((finished.reports / "conformance.json").read_text())


def assert_one_story(finished: Run, *, complete: bool) -> Conformance:
    """All that speaks of the run says the same of it."""
    report = conformance(finished)
    assert sorted(path.name for path in files(finished.reports)) == sorted(REPORTS)
    assert (report.run.exit_code, report.run.complete) == (finished.code, complete)
    page = (finished.reports / "report.html").read_text()
    (blob,) = re.findall(r'data-jsonblob="([^"]*)"', page)
    environment: dict[str, Any] = json.loads(unescape(blob))["environment"]
    assert environment["Complete"] == ("yes" if complete else "no")
    assert environment["Ledger"] == finished.total_line
    counts = {kind: int(re.findall(rf'class="{kind}">(\d+) ', page)[0]) for kind in ("passed", "failed", "skipped")}
    assert counts["passed"] == finished.results["passed"] == report.run.tests.get("passed", 0)
    assert counts["failed"] == report.run.tests.get("failed", 0)
    totals = {
        name: int(number) for number, name in re.findall(r"(\d+) ([a-z ]+?)(?=,|$)", finished.total_line.split(": ")[1])
    }
    assert totals == {name: number for name, number in report.totals.items() if number}
    sentence = headline(report).sentence
    assert sentence in finished.out
    assert sentence in unescape((finished.reports / "conformance.html").read_text())
    assert sentence.startswith("Incomplete: ") is not complete
    return report


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "two workers"])
@pytest.mark.parametrize(
    ("scenario", "options", "code", "complete"),
    [(PASSING, (), 0, True), (PASSING + FAILING, (), 1, True), (FAILING + PASSING, ("-x",), 1, False)],
    ids=["all is well", "violations", "stopped at the first"],
)
def test_however_it_ends_all_say_the_same(
    run: Runner, scenario: str, options: tuple[str, ...], code: int, *, complete: bool, workers: tuple[str, ...]
) -> None:
    finished = run.probe(scenario, *options, *workers)
    assert_one_story(finished, complete=complete)
    assert finished.code == code


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "two workers"])
def test_ctrl_c(run: Runner, workers: tuple[str, ...]) -> None:
    counting = Counting(300)
    with MockServer(parts=counting.parts) as server:
        finished = interrupted(run, counting, "--target", server.url, "-k", "not campaign", *workers)
        left = libraries(server.url)
    report = assert_one_story(finished, complete=False)
    assert finished.code == 2
    assert report.totals[Verdict.CONFORMS] > 0
    # Where the machine is busy the seconds for cleaning up may be over before all is removed: then it is named.
    assert not left or any("the run is being ended" in one for one in report.leftovers), report.leftovers


def interrupted(run: Runner, counting: Counting, *arguments: str, times: int = 1) -> Run:
    with run.started(*arguments) as process:
        assert counting.begun.wait(PATIENCE)
        for _ in range(times):
            process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=PATIENCE)
    return Run(process.returncode, out, err, run.reports)


def test_ctrl_c_twice_leaves_no_half_file(run: Runner) -> None:
    counting = Counting(300)
    with MockServer(control=True, parts=counting.parts) as server:
        finished = interrupted(run, counting, "--target", server.url, times=2)
    assert finished.code != 0
    assert {path.name for path in files(finished.reports)} <= set(REPORTS)
    for path in files(finished.reports):
        if path.suffix in (".json", ".har"):
            json.loads(path.read_text())


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "two workers"])
def test_a_server_that_ends_in_the_midst_is_accused_of_nothing_more(run: Runner, workers: tuple[str, ...]) -> None:
    counting = Counting(400)
    server = MockServer(parts=counting.parts).start()
    try:
        with run.started("--target", server.url, "-k", "not fuzz", *workers) as process:
            assert counting.begun.wait(PATIENCE)
            server.stop()
            out, err = process.communicate(timeout=PATIENCE)
    finally:
        server.stop()
    finished = Run(process.returncode, out, err, run.reports)
    assert finished.code == 1
    report = assert_one_story(finished, complete=True)
    assert report.totals[Verdict.CONFORMS] > 0
    assert report.totals[Verdict.BLOCKED] > report.totals[Verdict.CONFORMS]
    # A test that is under way when it ends sees its connection break: that is an answer, and a wrong one.
    assert report.totals[Verdict.VIOLATES] <= 2 * max(1, len(workers))


def test_a_worker_that_crashes(run: Runner) -> None:
    finished = run.probe(PASSING + CRASHING, "-n", "2", "--max-worker-restart", "1")
    assert finished.code == 3
    report = conformance(finished)
    assert (report.run.exit_code, report.run.complete) == (3, False)
    assert "crashed" in finished.out
    assert report.totals[Verdict.CONFORMS] > 0


def test_what_a_worker_that_crashes_has_made_is_removed(run: Runner) -> None:
    with MockServer() as server:
        finished = run.probe(PASSING + CRASHING, "-n", "2", "--max-worker-restart", "1", "--target", server.url)
        left = libraries(server.url)
    assert "crashed" in finished.out
    assert (conformance(finished).leftovers, left) == ([], [])


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no device that is always full")
@pytest.mark.parametrize("name", REPORTS)
def test_a_full_disk(run: Runner, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    run.reports.mkdir()
    (run.reports / name).write_text("of an earlier run")
    whole = drafts.new_draft

    def full(path: Path) -> Path:
        draft = whole(path)
        if path.name == name:
            draft.unlink()
            draft.symlink_to("/dev/full")
        return draft

    monkeypatch.setattr(drafts, "new_draft", full)
    finished = run.probe(PASSING)
    assert finished.code == 3
    assert f"{run.reports / name} can't be written: No space left on device" in finished.out
    assert sorted(path.name for path in files(run.reports)) == sorted(set(REPORTS) - {name})
    if name != "conformance.json":
        assert conformance(finished).run.exit_code == 3


def _a_file(path: Path) -> Path:
    path.write_text("in its place")
    return path


def _below_a_file(path: Path) -> Path:
    return _a_file(path) / "reports"


@pytest.mark.parametrize("make", [_a_file, _below_a_file])
def test_a_folder_that_can_not_be_made(run: Runner, tmp_path: Path, make: Callable[[Path], Path]) -> None:
    run.reports = make(tmp_path / "place")
    finished = run("-k", "without_a_token")
    assert finished.code == 4
    assert f"--reports {run.reports} can't be used: " in finished.err
    assert "collected" not in finished.out
