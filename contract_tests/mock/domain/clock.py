"""The time that the mock lives by. Nothing in the domain asks the operating system for the time."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Final, Protocol

FARTHEST: Final = timedelta(days=365 * 100)
"""How far a clock can be moved in all: enough for any test, and far from the last date that there is."""


class TimeSource(Protocol):
    """Whatever tells the time."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        ...


class ShiftedClock:
    """The system's time when it was made, and what has passed since, plus a shift that grows until it is reset.

    What has passed is told by a clock that nobody sets: a session does not live longer because the machine's time was
    put right.
    """

    def __init__(self) -> None:
        self._shift = timedelta()
        self._shifting = Lock()
        self._origin, self._began = datetime.now(UTC), time.monotonic()

    @property
    def shift(self) -> float:
        """By how many seconds this clock is ahead of the system's."""
        return self._shift.total_seconds()

    def now(self) -> datetime:
        return self._origin + timedelta(seconds=time.monotonic() - self._began) + self._shift

    def advance(self, seconds: float) -> None:
        """Go forward by `seconds`.

        Raises:
            ValueError: `seconds` is negative or no finite number, or the clock would be too far ahead.
        """
        # The comparison is false for NaN too, and comes before timedelta() could overflow.
        if not 0 <= seconds <= FARTHEST.total_seconds():
            raise ValueError(f"a clock goes forward by 0 to {FARTHEST.total_seconds():.0f} seconds")
        with self._shifting:  # tests move it from their own threads
            shift = self._shift + timedelta(seconds=seconds)
            if shift > FARTHEST:
                raise ValueError(f"a clock is ahead by at most {FARTHEST.total_seconds():.0f} seconds")
            self._shift = shift

    def reset(self) -> None:
        """Go back to the system's time: for those who forget all that has happened, too."""
        with self._shifting:
            self._shift = timedelta()


def next_millisecond(moment: datetime) -> datetime:
    """`moment`, moved up to a whole millisecond.

    Times go over the wire with three digits. Rounding up when a time is set, and not when it is shown, makes
    the time that a client reads the very time that the server holds, and never earlier than was promised.
    """
    excess = moment.microsecond % 1000
    return moment if excess == 0 else moment + timedelta(microseconds=1000 - excess)


def as_text(moment: datetime) -> str:
    """`2015-01-01T22:13:05.651Z`: the form of the 6.5 samples and of the 9.1 OpenAPI document."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"
