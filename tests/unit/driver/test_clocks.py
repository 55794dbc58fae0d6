from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from contract_tests.driver import ControlledClock, RealClock, polls
from contract_tests.problems import Inconclusive, PremiseFailed

from .servers import Server, says

if TYPE_CHECKING:
    from collections.abc import Callable


class Time:
    """A time that passes only when somebody sleeps, and not even then if `stands`."""

    def __init__(self, *, stands: bool = False) -> None:
        self.at = 100.0
        self.slept: list[float] = []
        self.announced: list[float] = []
        self.stands = stands

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.at += 0 if self.stands else seconds

    def clock(self, budget: float) -> RealClock:
        return RealClock(budget, announce=self.announced.append, now=lambda: self.at, sleep=self.sleep)


def test_the_virtual_clock_is_moved_by_the_control_door() -> None:
    server = Server({"POST /_control/clock/advance": says(200, {})})
    clock = ControlledClock(server.door())
    clock.needs(1e9)
    clock.advance(2.5)
    assert server.sent() == {"seconds": 2.5}
    assert not clock.is_real


def test_a_virtual_clock_that_does_not_move_blocks() -> None:
    with pytest.raises(PremiseFailed, match="status 404"):
        ControlledClock(Server().door()).advance(1)


def test_a_wait_is_announced_and_slept() -> None:
    time = Time()
    clock = time.clock(10)
    clock.advance(4)
    clock.advance(6)
    assert clock.is_real
    assert (time.slept, time.announced) == ([4, 6], [4, 6])


def test_the_budget_ends() -> None:
    time = Time()
    clock = time.clock(10)
    clock.advance(7.5)
    with pytest.raises(Inconclusive) as why:
        clock.advance(2.6)
    assert str(why.value) == (
        "this takes a further wait of 3 s, and of the 10 s that the run may wait 2 s are left; give a larger --max-wait"
    )
    assert time.slept == [7.5]
    clock.advance(2.5)  # what was refused was not paid


def test_a_need_beyond_the_budget_says_how_much_would_do() -> None:
    clock = Time().clock(2)
    clock.needs(2)
    with pytest.raises(Inconclusive) as why:
        clock.needs(2.4)
    assert str(why.value) == "this takes a wait of 3 s, and the run may wait 2 s in all; give --max-wait 3 or more"


def test_overlapping_waits_are_paid_once() -> None:
    time = Time(stands=True)
    clock = time.clock(10)
    clock.advance(8)
    clock.advance(5)
    clock.advance(10)
    assert (time.slept, time.announced) == ([8, 5, 10], [8, 10])
    with pytest.raises(Inconclusive):
        clock.advance(10.5)


def test_waits_that_overlap_in_part_are_paid_in_part() -> None:
    time = Time(stands=True)
    clock = time.clock(12)
    clock.advance(8)
    time.at += 4  # until 108 is paid; this wait ends at 112
    clock.advance(8)
    with pytest.raises(Inconclusive):
        clock.advance(8.5)


def test_threads_share_one_budget() -> None:
    time = Time(stands=True)
    clock = time.clock(3)
    threads = [threading.Thread(target=clock.advance, args=(3,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(time.slept), len(time.announced)) == (8, 1)


def test_no_time_is_no_wait() -> None:
    time = Time()
    time.clock(0).advance(0)
    assert time.announced == []


@pytest.mark.parametrize(("limit", "yielded"), [(0, [0]), (5, [0, 2, 4, 6]), (4, [0, 2, 4])])
def test_polls_come_at_once_and_then_after_each_interval(limit: float, yielded: list[float]) -> None:
    time = Time()
    assert list(polls(time.clock(100), 2, limit)) == yielded
    assert time.slept == [2] * (len(yielded) - 1)


def test_polls_end_with_the_budget() -> None:
    waits = polls(Time().clock(3), 2, 10)
    assert [next(waits), next(waits)] == [0, 2]
    with pytest.raises(Inconclusive):
        next(waits)


def test_by_default_a_wait_is_silent() -> None:
    slept: list[float] = []
    sleep: Callable[[float], None] = slept.append
    RealClock(1, sleep=sleep).advance(1)
    assert slept == [1]
