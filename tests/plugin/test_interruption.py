"""Ctrl-C: what was learnt is written, and the server is cleaned up."""

from __future__ import annotations

import signal

import httpx

from contract_tests.mock import MockServer
from contract_tests.mock.world import DEFAULT_USER

from .counting import Counting
from .runs import Run, Runner


def test_ctrl_c_writes_reports_and_cleans_up(run: Runner) -> None:
    counting = Counting(100)
    with MockServer(control=True, parts=counting.parts) as server:
        with run.started("--target", server.url) as process:
            assert counting.begun.wait(60)
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=60)
        left = libraries(server.url)
    finished = Run(process.returncode, out, err, run.reports)
    assert finished.code == 2
    assert left == []
    assert 0 < len(finished.cases) < 400
    assert (finished.reports / "report.html").stat().st_size > 0
    assert " cells = " in finished.total_line


def libraries(url: str) -> list[str]:
    with httpx.Client(base_url=url) as client:
        token = client.post("/api/session", auth=(DEFAULT_USER.name, DEFAULT_USER.password)).json()
        answer = client.get("/api/content/local-library", headers={"vmware-api-session-id": token})
        ids: list[str] = answer.json()
        return ids
