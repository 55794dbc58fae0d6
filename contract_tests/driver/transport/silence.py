"""When to stop asking: a server that takes connections and answers nothing would keep a run waiting for hours.

A server that hangs for one kind of request only is wrong, and must not get away with it: so what counts is requests in
a row, and before anything is concluded a request is sent that such a server has no reason to hang on.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Final

from contract_tests.driver.transport.ending import ENDING
from contract_tests.problems import NotAsked

if TYPE_CHECKING:
    from collections.abc import Callable

    from contract_tests.traffic.exchange import Exchange

ENOUGH: Final = 3
"""Requests in a row that time out before the server is asked whether it is still there: 2.5 minutes of silence,
as that is asked twice."""


class Silence:
    """How long a server has been silent; one for all doors to it, and for several threads.

    `still_there` sends one plain request and says whether it was answered, whatever with.
    """

    def __init__(self, still_there: Callable[[], bool]) -> None:
        self._still_there = still_there
        self._lock = threading.Lock()
        self._in_a_row = 0
        self.reason = ""
        """Why nothing is sent any more; empty as long as the server answers."""

    def let_pass(self) -> None:
        """Call this before a request is sent.

        Raises:
            NotAsked: the server has stopped answering.
        """
        if self.reason:
            raise NotAsked(self.reason)

    def note(self, exchange: Exchange) -> None:
        """Call this with what has come of a request that was sent. What fails at once keeps nobody waiting."""
        if exchange.response is not None:
            self.broken()
        elif exchange.timed_out and not ENDING.reason:  # then it is we who have no time
            self.goes_on()

    def broken(self) -> None:
        """A request was answered."""
        self._in_a_row = 0

    def goes_on(self) -> None:
        """A request was not answered in time."""
        with self._lock:
            self._in_a_row += 1
            if self._in_a_row < ENOUGH or self.reason:
                return
            if self._still_there():
                self._in_a_row = 0
            else:
                self.reason = (
                    f"the server has stopped answering: {self._in_a_row} requests in a row, and a plain one after "
                    "them, had no answer in time, so nothing more was sent"
                )

    def once_more(self) -> None:
        """Let requests pass again; now a single one that is not answered is enough."""
        with self._lock:
            if self.reason:
                self._in_a_row, self.reason = ENOUGH - 1, ""
