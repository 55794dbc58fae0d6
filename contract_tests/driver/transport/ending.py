"""The end of a run, when something from outside brings it: a signal, or the time that it was given.

From then on nothing is begun any more: threads beside the main one stop where they wait, and the main one, with those
that clean up for it, has a few seconds to leave nothing behind on the server. One object for the process, as signals
are for the process, too.
"""

from __future__ import annotations

import math
import threading
import time
from contextvars import ContextVar
from typing import Final

_SLICE: Final = 0.25
"""Seconds after which a thread that waits looks whether the run is being ended."""


CLEANS: Final = ContextVar("whether what is done in this context is to clean up", default=False)


class Ending:
    """Whether the run is being ended, and how long what cleans up may still take.

    A signal handler may begin it between any two steps of the main thread, so there is no lock in here.
    """

    def __init__(self) -> None:
        self._until = math.inf
        self.reason = ""
        """Why the run is being ended; empty if it is not."""

    def begin(self, reason: str, seconds: float) -> None:
        """End the run, and let cleaning up take so long in all. Only a signal handler calls this."""
        if not self.reason:
            self._until, self.reason = time.monotonic() + seconds, reason

    def hurry(self, seconds: float) -> None:
        """Let cleaning up take no longer than so long from now; of a run whose tests have ended it says nothing."""
        self._until = min(self._until, time.monotonic() + seconds)

    def forget(self) -> None:
        """Another run begins in this process."""
        self._until, self.reason = math.inf, ""

    @property
    def left(self) -> float:
        """Seconds for which this thread may still ask the server; infinite while nobody ends the run."""
        if self._until == math.inf:
            return math.inf
        return self._until - time.monotonic() if _is_main() or CLEANS.get() else 0.0

    def sleep(self, seconds: float) -> None:
        """Wait, for no longer than the run lasts. The main thread is woken by the signal itself."""
        until = time.monotonic() + seconds
        while (left := min(until - time.monotonic(), self.left)) > 0:
            time.sleep(left if _is_main() else min(left, _SLICE))


def _is_main() -> bool:
    return threading.current_thread() is threading.main_thread()


ENDING: Final = Ending()
