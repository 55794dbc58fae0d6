"""The waits on a real clock that a run is in, as they are told to who watches it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


@dataclass(frozen=True)
class Countdown:
    """A wait that goes on: seconds of it that are over, seconds in all, and how many sessions are open."""

    over: float
    whole: float
    sessions: int


class Waits:
    """The wait that goes on, of all tests of this process together: their waits overlap."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._began = self._until = 0.0
        self.sessions: Callable[[], int] = lambda: 0
        """How many sessions the run has open."""

    def begin(self, seconds: float) -> None:
        """A wait of so many seconds begins; one that goes on is made longer."""
        now = self._now()
        if now >= self._until:
            self._began = now
        self._until = max(self._until, now + seconds)

    def current(self) -> Countdown | None:
        """What is waited for; None if nothing is."""
        now = self._now()
        if now >= self._until:
            return None
        return Countdown(now - self._began, self._until - self._began, self.sessions())


def wait_sentence(waits: Iterable[Countdown]) -> str:
    """What is waited for, and how much is left, where several processes wait: the one that is done last; or nothing."""
    told = list(waits)
    if not told:
        return ""
    last = max(told, key=lambda one: one.whole - one.over)
    count = sum(one.sessions for one in told)
    return f"waiting for expiry: {last.over:.0f} of {last.whole:.0f} s, {count} session{'s' * (count != 1)}"
