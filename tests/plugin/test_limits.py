"""Bounds of a whole run: a server that reaches one costs the run no more than that, and the report says so."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from contract_tests.driver.transport import courtesy, limits
from contract_tests.mock import MockServer, Parts
from contract_tests.mock.http.wire import Reply, Wire
from contract_tests.reporting.reading import load

from .runs import files
from .test_verify import verified
from .test_whatever_happens import PASSING

if TYPE_CHECKING:
    import pytest
    from starlette.types import Receive, Scope, Send

    from .runs import Runner

LONG = 2**18


ENOUGH = 60
"""Requests after which a run is past its set-up."""


class Long(Wire):
    """Fills every later answer of status 200 with spaces."""

    count = 0

    async def send(self, reply: Reply, scope: Scope, receive: Receive, send: Send) -> None:
        type(self).count += 1
        if self.count > ENOUGH and reply.status == 200 and reply.body:
            reply = replace(reply, body=reply.body.ljust(LONG))
        await super().send(reply, scope, receive, send)


class Busy(Wire):
    """Asks for everything later, once in two requests."""

    count = 0

    async def send(self, reply: Reply, scope: Scope, receive: Receive, send: Send) -> None:
        type(self).count += 1
        if self.count > ENOUGH and self.count % 2:
            reply = Reply(429, (("retry-after", "1"),))
        await super().send(reply, scope, receive, send)


def test_answers_that_there_is_no_room_for(run: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "IN_ALL", LONG)
    with MockServer(control=True, parts=Parts(wire=Long)) as server:
        finished = run("--target", server.url, "-k", "api-update and progress and not fuzz")
    report = load(run.reports)
    assert report.limits.not_kept > 1
    told = f"{report.limits.not_kept} answers were too long to be kept: a process keeps 0.25 MiB of long answers"
    assert told in finished.out
    assert told in (run.reports / "conformance.html").read_text()
    for place in files(run.reports):
        assert place.read_text().count(" " * (LONG // 2)) <= 1, place.name
    again = verified(run)
    assert "the same verdicts come out" in again.out


def test_waiting_that_is_used_up(run: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(courtesy, "IN_ALL", 3.0)
    with MockServer(control=True, parts=Parts(wire=Busy)) as server:
        finished = run("--target", server.url, "-k", "api-update and progress and not fuzz")
    assert load(run.reports).limits.waited_out == 1
    told = "The server asked for later (429, 503) until all 3 s of waiting were used up"
    assert told in finished.out
    assert told in (run.reports / "conformance.html").read_text()


WORKER_THAT_WAITED = """
import os
from contract_tests.driver.transport import courtesy
courtesy.Courtesy.is_used_up = bool(os.environ.get("PYTEST_XDIST_WORKER"))
"""


def test_waiting_that_is_used_up_by_workers(run: Runner) -> None:
    finished = run.probe(WORKER_THAT_WAITED + PASSING, "-n", "2")
    assert load(run.reports).limits.waited_out == 2
    assert "all 300 s of waiting were used up by 2 processes" in finished.out
