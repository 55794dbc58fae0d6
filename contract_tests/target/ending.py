"""The end of a run, when something from outside brings it: a signal, or the time that it was given.

From then on nothing is begun any more: threads beside the main one stop where they wait, and the main one has a few
seconds to leave nothing behind on the server. One object for the process, as signals are for the process, too.
"""

from __future__ import annotations

import math
import threading
import time
from typing import Final

GRACE: Final = 5.0
"""Seconds in all that cleaning up may take after a signal: whoever sends one waits for 10 s, and then kills."""


class Ending:
    """Whether the run is being ended, and how long what cleans up may still take."""

    def __init__(self) -> None:
        self._begun = threading.Event()
        self._until = math.inf
        self.reason = ""
        """Why the run is being ended; empty if it is not."""

    def begin(self, reason: str, seconds: float = GRACE) -> None:
        """End the run, within this time. Nothing but a signal handler, or who acts for one, calls this."""
        if not self._begun.is_set():
            self.reason, self._until = reason, time.monotonic() + seconds
            self._begun.set()

    def forget(self) -> None:
        """Another run begins in this process."""
        self.reason, self._until = "", math.inf
        self._begun.clear()

    @property
    def left(self) -> float:
        """Seconds for which this thread may still ask the server; infinite while nobody ends the run."""
        if not self._begun.is_set():
            return math.inf
        is_main = threading.current_thread() is threading.main_thread()
        return self._until - time.monotonic() if is_main else 0.0

    def sleep(self, seconds: float) -> None:
        """Wait, for no longer than the run lasts."""
        self._begun.wait(min(seconds, threading.TIMEOUT_MAX))


ENDING: Final = Ending()
