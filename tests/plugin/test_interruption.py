"""Ctrl-C: what was learnt is written, and the server is cleaned up."""

from __future__ import annotations

import signal
import threading
from typing import TYPE_CHECKING

import httpx

from contract_tests.mock import MockServer, Parts
from contract_tests.mock.door import Door, Incoming
from contract_tests.mock.world import DEFAULT_USER

from .runs import Run, Runner

if TYPE_CHECKING:
    from contract_tests.mock.operations import Operation
    from contract_tests.mock.wire import Reply


def test_ctrl_c_writes_reports_and_cleans_up(run: Runner) -> None:
    enough, begun = 100, threading.Event()

    class Counting(Door):
        count = 0

        def perform(self, operation: Operation, incoming: Incoming) -> Reply:
            self.count += 1
            if self.count == enough:
                begun.set()
            return super().perform(operation, incoming)

    with MockServer(control=True, parts=Parts(door=Counting)) as server:
        with run.started("--target", server.url) as process:
            assert begun.wait(60)
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
