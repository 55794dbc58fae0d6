"""A server that asks to be asked again later is asked again later, so that no clause is judged by its being busy."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Final

from contract_tests.driver.transport.ending import ENDING
from contract_tests.rules.checks.responses import asks_for_later

if TYPE_CHECKING:
    from collections.abc import Callable

    from contract_tests.traffic.exchange import Exchange

LONGEST: Final = 30.0
"""Seconds in all that one request is held back; what is refused after that is refused."""

IN_ALL: Final = 300.0
"""Seconds in all that the requests of a run are held back; what is refused after that is refused."""

_USUAL: Final = 1.0
"""Seconds to wait where the server does not say how many."""


class Courtesy:
    """Holds requests back for all doors of a run. Once that was in vain, nobody waits until another answer comes.

    A server that asks for later now and then, for ever, would keep a run for hours: so there is a time for all.
    """

    def __init__(self, sleep: Callable[[float], None] = ENDING.sleep) -> None:
        self._sleep = sleep
        self._in_vain = False
        self._lock = threading.Lock()
        self._waited = 0.0

    @property
    def is_used_up(self) -> bool:
        """Whether a request was not held back since the time for all was over."""
        return self._waited >= IN_ALL

    def repeat(self, send: Callable[[], Exchange], *, is_live: bool) -> Exchange:
        """Send until the server answers, or has asked to wait for too long; gives the last exchange.

        A recording, which is not live, says the same again without a wait.
        """
        waited = 0.0
        while asks_for_later(exchange := send()):
            pause = _seconds(exchange)
            # A server may take its time to say so, too: that is as long a wait.
            taken = pause + exchange.seconds
            if self._in_vain or waited + taken > LONGEST or ENDING.reason:
                self._in_vain = True
                return exchange
            if is_live:
                if not self._may_wait(taken):
                    return exchange
                self._sleep(pause)
            waited += taken
        self._in_vain = False
        return exchange

    def _may_wait(self, pause: float) -> bool:
        """Whether the run has so much left of the time that it waits in all; if so, it is spent."""
        with self._lock:
            if self._waited + pause > IN_ALL:
                self._waited = IN_ALL
                return False
            self._waited += pause
            return True


def _seconds(exchange: Exchange) -> float:
    """How long a server wants to be left alone. A date instead of seconds is by a clock that nobody knows."""
    said = (exchange.response and exchange.response.header("retry-after")) or ""
    return max(float(said), 0.1) if said.isascii() and said.isdecimal() else _USUAL
