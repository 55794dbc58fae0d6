"""What a run tells while it waits, and that none of it is in a report."""

from __future__ import annotations

import os
import re
import signal
from typing import TYPE_CHECKING

import pytest

from contract_tests.mock import MockServer
from contract_tests.plugin import progress

from .counting import Counting
from .runs import PATIENCE, files

if TYPE_CHECKING:
    from pathlib import Path

    from .runs import Runner

ALONE_OR_NOT = pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "two workers"])


def test_a_run_that_waits_says_for_what_and_how_long(run: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "EVERY", 2.0)
    with MockServer(control=False, session_timeout=5) as server:
        options = ["--session-timeout", "5", "--max-wait", "40", "--clause", "expiry.download-session-ends"]
        finished = run("--target", server.url, "-k", "scenarios or test_expiry", *options)
    assert finished.code in (0, 5)
    told = r"^\d+ of \d+ tests, \d+ s; waiting for expiry: \d+ of \d+ s, \d+ sessions?$"
    assert re.search(told, finished.out, re.MULTILINE), finished.out
    for path in files(finished.reports):
        assert "waiting for expiry" not in path.read_text()


@pytest.fixture
def brisk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[str, ...]:
    """Has a process tell every second how far it is."""
    (tmp_path / "brisk_progress.py").write_text("from contract_tests.plugin import progress\nprogress.EVERY = 1.0\n")
    places = (str(tmp_path), os.environ.get("PYTHONPATH", ""))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, places)))
    return ("-p", "brisk_progress")


def test_waits_of_workers_are_told_by_the_process_that_waits_for_them(run: Runner, brisk: tuple[str, ...]) -> None:
    with MockServer(control=False, session_timeout=5) as server:
        options = ["--session-timeout", "5", "--max-wait", "40", "--clause", "expiry.download-session-ends"]
        finished = run.apart("--target", server.url, "-k", "scenarios or test_expiry", *options, *brisk, "-n", "2")
    assert finished.code in (0, 5)
    told = re.findall(
        r"^\d+ of \d+ tests, \d+ s; waiting for expiry: (\d+) of \d+ s, \d+ sessions?$", finished.out, re.MULTILINE
    )
    assert len(told) >= 3, finished.out
    assert len(set(told)) > 1


@ALONE_OR_NOT
def test_after_ctrl_c_each_other_second_says_how_far_the_cleaning_up_is(run: Runner, workers: tuple[str, ...]) -> None:
    counting = Counting(600, deletes_in=0.03)
    with MockServer(parts=counting.parts) as server:
        arguments = ("--target", server.url, "-k", "not fuzz", *workers)
        with run.started(*arguments, start_new_session=True) as process:
            assert counting.begun.wait(PATIENCE)
            os.killpg(process.pid, signal.SIGINT)
            out, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 2
    found = re.findall(r"^cleaning up, (\d+) of (\d+) objects$", out, re.MULTILINE)
    told = [(int(done), int(total)) for done, total in found]
    assert len(told) >= 2, out
    assert told == sorted(told)
    assert told[-1][0] > told[0][0]
    assert told[0][1] <= told[-1][1]  # workers begin one after the other
    assert out.rstrip().splitlines()[-1].startswith("! Incomplete: the run was interrupted.")
