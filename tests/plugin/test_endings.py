"""A run that is ended ends soon, wherever it waits: for an answer, for a server that is busy, for time to pass."""

from __future__ import annotations

import signal
import threading
from typing import TYPE_CHECKING

import pytest

from contract_tests.mock import MockServer, Parts
from contract_tests.mock.http.wire import Reply, Wire
from contract_tests.reporting.format import Conformance

from .pace import Pace
from .runs import PATIENCE
from .silent import Silent

if TYPE_CHECKING:
    import subprocess

    from starlette.types import Receive, Scope, Send

    from .runs import Runner

SOON = 10.0
"""Seconds in which a run ends after a signal, where it has the machine to itself: what is promised, as whoever sends a
signal waits so long before it kills. Without an end the waits of these tests take minutes."""


class Busy(Wire):
    """Asks for everything later, after a while; `asked` is set when it does."""

    asked = threading.Event()
    count = 0

    async def send(self, reply: Reply, scope: Scope, receive: Receive, send: Send) -> None:
        type(self).count += 1
        if self.count > 100:
            reply = Reply(429, (("retry-after", "25"),), b"")
            self.asked.set()
        await super().send(reply, scope, receive, send)


def ends_soon(process: subprocess.Popen[str], number: signal.Signals, run: Runner) -> str:
    """Send the signal, and give what the run printed."""
    with Pace(process.pid) as pace:
        process.send_signal(number)
        try:
            out, _ = process.communicate(timeout=PATIENCE)
        finally:
            process.kill()
    assert pace.seconds < SOON, f"waited for {pace.waited:.1f} s, computed for {pace.computed:.1f} s"
    assert process.returncode == 2
    assert not Conformance.model_validate_json((run.reports / "conformance.json").read_text()).run.complete
    return out


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP], ids=lambda one: one.name)
@pytest.mark.parametrize(
    ("chosen", "after"),
    [(("-k", "progress and not fuzz"), 100), (("-k", "campaign"), 300), (("-k", "not campaign", "-n", "2"), 100)],
    ids=["a scenario", "a campaign", "workers"],
)
def test_that_waits_for_an_answer(run: Runner, number: signal.Signals, chosen: tuple[str, ...], after: int) -> None:
    hangs = threading.Event()

    def silent(count: int, _: Scope) -> bool:
        if count > after:
            hangs.set()
        return count > after

    with (
        MockServer(control=True, parts=Silent(silent).parts) as server,
        run.started("--target", server.url, *chosen, start_new_session=True) as process,
    ):
        assert hangs.wait(PATIENCE)
        out = ends_soon(process, number, run)
    assert number.name in out
    assert "left on the target" in out


def test_that_waits_for_a_server_that_is_busy(run: Runner) -> None:
    with (
        MockServer(control=True, parts=Parts(wire=Busy)) as server,
        run.started("--target", server.url, "-k", "progress and not fuzz", start_new_session=True) as process,
    ):
        assert Busy.asked.wait(PATIENCE)
        ends_soon(process, signal.SIGTERM, run)


def test_whose_scenarios_wait_together_on_a_real_clock(run: Runner) -> None:
    with MockServer() as server:
        arguments = ("--target", server.url, "-k", "expiry", "--max-wait", "3000", "-s")
        with run.started(*arguments, start_new_session=True) as process:
            assert process.stdout is not None
            assert any("on a real clock" in line for line in process.stdout)
            ends_soon(process, signal.SIGTERM, run)


def test_that_has_a_time_limit_ends_in_good_order(run: Runner) -> None:
    with MockServer() as server:
        finished = run.apart("--target", server.url, "-k", "expiry", "--max-wait", "3000", "--time-limit", "8")
    assert finished.code == 2
    assert "its time limit of 8 s is reached" in finished.out
    assert "left on the target" not in finished.out
    report = Conformance.model_validate_json((finished.reports / "conformance.json").read_text())
    assert not report.run.complete
    assert report.run.exit_code == 2
    assert report.leftovers == []


@pytest.mark.parametrize("limit", ["0", "-1", "inf", "nan"])
def test_a_time_limit_is_a_number_of_seconds(run: Runner, limit: str) -> None:
    finished = run(f"--time-limit={limit}")
    assert finished.code == 4
    assert "give a number of seconds, more than 0" in finished.err
