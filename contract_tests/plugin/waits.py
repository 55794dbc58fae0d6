"""The waits on a real clock that a run is in, as they are told to who watches it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Waits:
    """The wait that goes on, of all tests together: their waits overlap."""

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

    def sentence(self) -> str:
        """What is waited for, and how much is left; empty if nothing is."""
        now = self._now()
        if now >= self._until:
            return ""
        count = self.sessions()
        return (
            f"waiting for expiry: {now - self._began:.0f} of {self._until - self._began:.0f} s, "
            f"{count} session{'s' * (count != 1)}"
        )
