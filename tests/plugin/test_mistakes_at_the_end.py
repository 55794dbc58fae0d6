"""What goes wrong at the end of a run, or beside its tests, loses no report, tells no secret, and is no violation."""

from __future__ import annotations

import os
import re
import resource
import subprocess
from typing import TYPE_CHECKING

import pytest

from contract_tests.mock import MockServer
from contract_tests.reporting.folder import FILES, locked
from contract_tests.reporting.reading import load

from .runs import COMMAND, PATIENCE, SCENARIO, Runner, credentials, files
from .test_verify import verified
from .test_whatever_happens import FAILING, PASSING

if TYPE_CHECKING:
    from pathlib import Path

PASSWORD = "correct horse/battery"


@pytest.mark.parametrize(
    ("place", "missing"),
    [
        ("contract_tests.reporting.files.page", {"conformance.html"}),
        ("contract_tests.reporting.files.conformance", {"conformance.html", "conformance.json"}),
        ("contract_tests.traffic.har.entries.EntryWriter.entry", {"evidence.har"}),
        ("contract_tests.driver.workspace.Workspace.clean_up", set()),
        ("contract_tests.plugin.closing.screen", set()),
        ("contract_tests.plugin.reporting.Reporter._hear_workers", set()),
        ("contract_tests.judging.tally.Tally.add", set()),
        ("contract_tests.plugin.run.close", set()),
        ("pytest_html.basereport.BaseReport._generate_report", {"report.html"}),
    ],
)
def test_a_mistake_of_the_suite(run: Runner, monkeypatch: pytest.MonkeyPatch, place: str, missing: set[str]) -> None:
    credentials(monkeypatch, "release.engineer", PASSWORD)
    run.reports.mkdir()
    for name in FILES:
        (run.reports / name).write_text("of an earlier run")

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError(f"a bug that tells {PASSWORD} and \x1b[2J")

    server = MockServer(control=True, username="release.engineer", password=PASSWORD)
    with server, monkeypatch.context() as patch:
        patch.setattr(place, fail)
        finished = run.probe(PASSING, "--target", server.url)
    assert finished.code == 3
    assert "a bug that tells" in finished.out + finished.err
    assert PASSWORD not in finished.out + finished.err
    assert "\x1b[2J" not in finished.out + finished.err
    assert {one.name for one in files(run.reports)} == {*FILES} - missing
    if "conformance.json" not in missing:
        assert load(run.reports).run.exit_code == 3


def test_a_folder_that_another_run_has(run: Runner) -> None:
    run.reports.mkdir()
    (run.reports / "conformance.json").write_text("being written")
    with MockServer() as server, locked(run.reports, "run 7"):
        finished = run.probe(PASSING, "--target", server.url)
    assert finished.code == 4
    assert f"another run writes to {run.reports}: run 7, process {os.getpid()} on " in finished.err
    assert (run.reports / "conformance.json").read_text() == "being written"


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "two workers"])
def test_the_reports_of_a_run_bear_its_id(run: Runner, workers: tuple[str, ...]) -> None:
    finished = run.probe(PASSING, *workers)
    report = load(finished.reports)
    assert len(report.run.id) == 32
    assert [name for name in FILES if report.run.id not in (run.reports / name).read_text()] == []


def test_a_process_that_may_write_no_file(run: Runner, tmp_path: Path) -> None:
    """`ulimit -f`, with files of an earlier run in the way of all, and one in the place of pytest's cache."""
    run.reports.mkdir()
    for name in FILES:
        (run.reports / name).write_text("of an earlier run")
    (tmp_path / ".pytest_cache").write_text("in its place")
    summary = tmp_path / "summary.md"
    summary.write_text("of the step before\n")
    probe = tmp_path / "test_probe_no_file.py"
    probe.write_text(SCENARIO + PASSING)
    # -B: importlib of Python 3.11 would leave bytecode that was cut off, for all who come after.
    program = (COMMAND[0], "-B", *COMMAND[1:])
    ended = subprocess.run(
        [*program, "--reports", str(run.reports), str(probe), "-k", "api-update", "--summary", str(summary)],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        timeout=PATIENCE,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (256, 256)),
    )
    assert ended.returncode == 3
    assert "Traceback" not in ended.stdout + ended.stderr
    for name in FILES:
        assert f"{run.reports / name} can't be written: File too large" in ended.stdout
    assert f"{summary} can't be written: File too large" in ended.stdout
    assert summary.read_text().startswith("of the step before\n")
    assert files(run.reports) == []


AT_THE_END = """
import os, signal
if os.environ.get("PYTEST_XDIST_WORKER"):
    from contract_tests.plugin import run
    run.close = lambda config: os.kill(os.getpid(), signal.SIGKILL)
"""
AT_ITS_BEGIN = """
import os, signal
if os.environ.get("PYTEST_XDIST_WORKER") == "gw0":
    os.kill(os.getpid(), signal.SIGKILL)
"""


IN_THE_MIDDLE = """
@clause("keep-alive.no-body")
def test_that_takes_its_worker_along(open_session, judge):
    import os, signal
    if os.environ.get("PYTEST_XDIST_WORKER"):
        os.kill(os.getpid(), signal.SIGKILL)
    judge("keep-alive.no-body", succeeds(open_session().keep_alive()))
"""
BESIDE_ONE_THAT_STOPS = """
import os, signal
if os.environ.get("PYTEST_XDIST_WORKER") == "gw0":
    os.kill(os.getpid(), signal.SIGKILL)
if os.environ.get("PYTEST_XDIST_WORKER"):
    raise KeyboardInterrupt
"""


@pytest.mark.parametrize(
    "scenario",
    [AT_THE_END + PASSING, AT_ITS_BEGIN + PASSING, IN_THE_MIDDLE, BESIDE_ONE_THAT_STOPS + PASSING],
    ids=["when all is done", "before its first test", "in the midst of a test", "and another stops"],
)
def test_a_worker_that_is_killed_makes_a_run_incomplete(run: Runner, scenario: str) -> None:
    finished = run.probe(scenario, "-n", "2")
    assert finished.code == 3, finished.out + finished.err
    report = load(run.reports)
    assert (report.run.exit_code, report.run.complete) == (3, False)
    assert re.search(r"worker gw\d ended before it had told what it did: was it killed\?", finished.out)
    again = verified(run)
    assert "the run is incomplete" in again.out + again.err
    assert "the report says" not in again.out


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "two workers"])
def test_a_run_that_stops_at_a_violation_is_not_interrupted(run: Runner, workers: tuple[str, ...]) -> None:
    finished = run.probe(FAILING, "--maxfail", "1", *workers)
    assert finished.code == 1, finished.out + finished.err
    report = load(run.reports)
    assert (report.run.exit_code, report.run.complete) == (1, False)
