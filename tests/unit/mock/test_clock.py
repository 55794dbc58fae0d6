from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

import contract_tests.mock.domain.clock as module
from contract_tests.mock.domain.clock import FARTHEST, ShiftedClock, as_text, next_millisecond


def test_a_shifted_clock_is_ahead_of_the_systems_by_its_shift() -> None:
    clock = ShiftedClock()
    clock.advance(1000)
    clock.advance(0.5)
    before = datetime.now(UTC)
    assert clock.shift == 1000.5
    slack = timedelta(milliseconds=50)  # two clocks of the machine, which are kept in step to within less than that
    assert before - slack <= clock.now() - timedelta(seconds=1000.5) <= datetime.now(UTC) + slack


def test_a_machine_whose_time_is_set_back_ends_no_session_later(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = ShiftedClock()
    before = clock.now()
    monkeypatch.setattr(module, "datetime", SetBack)
    assert before <= clock.now()


class SetBack(datetime):
    """The calendar of a machine that was put right by an hour."""

    @classmethod
    def now(cls, tz: Any = None) -> Any:
        return datetime.now(tz) - timedelta(hours=1)


@pytest.mark.parametrize("seconds", [-1, float("nan"), float("inf"), 10**400, 1e300])
def test_a_clock_goes_only_forward_and_not_too_far(seconds: float) -> None:
    clock = ShiftedClock()
    with pytest.raises(ValueError, match="goes forward"):
        clock.advance(seconds)
    assert clock.shift == 0


def test_many_small_steps_do_not_lead_too_far_either() -> None:
    clock = ShiftedClock()
    clock.advance(FARTHEST.total_seconds())
    with pytest.raises(ValueError, match="ahead by at most"):
        clock.advance(1)


@pytest.mark.parametrize(("micro", "rounded"), [(0, 0), (1, 1000), (651000, 651000), (651001, 652000)])
def test_times_are_rounded_up_to_milliseconds(micro: int, rounded: int) -> None:
    moment = datetime(2015, 1, 1, 22, 13, 5, micro, UTC)
    assert next_millisecond(moment).microsecond == rounded


def test_the_last_microsecond_rounds_up_to_the_next_year() -> None:
    assert next_millisecond(datetime(2015, 12, 31, 23, 59, 59, 999999, UTC)).year == 2016


def test_times_are_written_in_utc_with_three_digits() -> None:
    there = timezone(timedelta(hours=2))
    assert as_text(datetime(2015, 1, 2, 0, 13, 5, 651000, there)) == "2015-01-01T22:13:05.651Z"
    assert as_text(datetime(2015, 1, 1, 22, 13, 5, 0, UTC)) == "2015-01-01T22:13:05.000Z"
