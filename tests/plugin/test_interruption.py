"""Ctrl-C, or what a pipeline sends: what was learnt is written, and the server is cleaned up."""

from __future__ import annotations

import os
import signal
import time
from typing import TYPE_CHECKING

import httpx
import pytest

from contract_tests.mock import MockServer
from contract_tests.mock.domain.world import DEFAULT_USER
from contract_tests.reporting.format import Conformance

from .counting import Counting
from .runs import PATIENCE, Run, Runner

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("number", "chosen", "after"),
    [
        (signal.SIGINT, "not fuzz", 100),
        (signal.SIGTERM, "not fuzz", 100),
        (signal.SIGHUP, "not fuzz", 100),
        (signal.SIGINT, "campaign", 600),
    ],
    ids=["Ctrl-C", "terminated", "hung up", "Ctrl-C in a campaign"],
)
def test_whoever_ends_it_reports_are_written_and_the_server_is_cleaned_up(
    run: Runner, number: signal.Signals, chosen: str, after: int
) -> None:
    counting = Counting(after)
    with MockServer(control=True, parts=counting.parts) as server:
        with run.started("--target", server.url, "-k", chosen) as process:
            assert counting.begun.wait(PATIENCE)
            process.send_signal(number)
            out, err = process.communicate(timeout=PATIENCE)
        left = libraries(server.url)
    finished = Run(process.returncode, out, err, run.reports)
    assert finished.code == 2
    assert left == []
    assert len(finished.cases) < 400
    assert (finished.reports / "report.html").stat().st_size > 0
    assert " cells = " in finished.total_line
    assert not Conformance.model_validate_json((finished.reports / "conformance.json").read_text()).run.complete


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "two workers"])
def test_a_pipeline_ends_all_processes_and_some_twice(run: Runner, workers: tuple[str, ...]) -> None:
    counting = Counting(200)
    with MockServer(control=True, parts=counting.parts) as server:
        arguments = ("--target", server.url, "-k", "not campaign", *workers)
        with run.started(*arguments, start_new_session=True) as process:
            assert counting.begun.wait(PATIENCE)
            process.send_signal(signal.SIGTERM)
            os.killpg(process.pid, signal.SIGTERM)
            process.communicate(timeout=PATIENCE)
        assert libraries(server.url) == []
    assert process.returncode == 2
    assert not Conformance.model_validate_json((run.reports / "conformance.json").read_text()).run.complete


@pytest.mark.parametrize("pause", [0.02, 0.3, 1.0])
def test_ctrl_c_pressed_twice_makes_no_run_complete(run: Runner, pause: float) -> None:
    """What is left then, the journal knows; pytest may forget that the run was interrupted."""
    counting = Counting(400)
    with MockServer(control=True, parts=counting.parts) as server:
        with run.started("--target", server.url, "-k", "not campaign") as process:
            assert counting.begun.wait(PATIENCE)
            process.send_signal(signal.SIGINT)
            time.sleep(pause)
            process.send_signal(signal.SIGINT)
            out, _ = process.communicate(timeout=PATIENCE)
        left = libraries(server.url)
    told = Conformance.model_validate_json((run.reports / "conformance.json").read_text()).run
    assert (process.returncode, told.exit_code, told.complete) == (2, 2, False), out
    assert "Conforms" not in out
    assert bool(left) <= bool([*run.reports.glob("journal-*.jsonl")])


def test_before_there_is_a_run_it_is_one_line(monkeypatch: pytest.MonkeyPatch, run: Runner) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(pytest, "main", interrupt)
    finished = run()
    assert (finished.code, finished.out, finished.err) == (2, "", "cl-contract: interrupted\n")


def libraries(url: str) -> list[str]:
    with httpx.Client(base_url=url) as client:
        token = client.post("/api/session", auth=(DEFAULT_USER.name, DEFAULT_USER.password)).json()
        answer = client.get("/api/content/local-library", headers={"vmware-api-session-id": token})
        ids: list[str] = answer.json()
        return ids


def test_a_signal_that_comes_while_a_test_is_reported_is_no_mistake_of_the_suite(
    run: Runner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "ending_in_a_report.py").write_text(
        "import os, signal\ndef pytest_runtest_makereport():\n    os.kill(os.getpid(), signal.SIGTERM)\n"
    )
    places = (str(tmp_path), os.environ.get("PYTHONPATH", ""))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, places)))
    ended = run.apart("-p", "ending_in_a_report", "-k", "without_a_body and api-update")
    assert (ended.code, "INTERNALERROR" in ended.out) == (2, False), ended.out
