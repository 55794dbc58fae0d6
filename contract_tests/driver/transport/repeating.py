"""A request is sent again where what came of it is not the server's word on it.

A connection that was kept open may have been closed by whatever stands between, and any connection may break, or fall
silent; a server that is restarted accepts none for a while; a gateway may speak for a server that it can't reach; the
run's own token may have ended. None of these says anything of what the server does with requests. Whoever answers so
again and again is taken at his word.
"""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING, Final

from contract_tests.driver.transport.ending import ENDING
from contract_tests.driver.transport.tokens import Tokens
from contract_tests.rules.checks.responses import is_of_a_gateway
from contract_tests.traffic.exchange import Unheard

if TYPE_CHECKING:
    from collections.abc import Callable

    from contract_tests.traffic.exchange import Exchange

SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS", "PUT"})
"""Methods of which a second request is answered like the first (DELETE is not: it answers 404)."""

CONNECTIONS: Final = 25
"""Tries after which a connection is taken for a new one: a pool keeps 20."""

BREAKS: Final = 4
"""Tries of a request that break its connection after which it is the server that does so: where one in a hundred
breaks by chance, one in a hundred million breaks four times."""

SILENCES: Final = 3
"""Tries of a request that get no answer in time, each on a new connection, after which it is the server that is silent:
a path that has forgotten a connection swallows what is sent on it. They take half a minute each, so whoever was silent
so often is not asked again for the rest of the run."""

AWAY: Final = 30.0
"""Seconds for which a server that has answered before may accept no connection: a restart takes so long. After them,
nobody waits for it any more until it answers."""

GATEWAY: Final = 3
"""Tries after which a gateway is taken to say the same for ever."""

_PAUSE: Final = 0.2
"""Seconds before a gateway is asked again, or a server that accepts no connection."""

_IN_ALL: Final = 30.0
"""Seconds of such pauses in a run; a server that is never there must not keep it for hours."""


_NOT_DONE: Final = frozenset({Unheard.TOKEN_ENDED, Unheard.NOT_REACHED})
"""Why a request was sent again that the server can't have done."""


class Repeating:
    """Decides for all doors of a run what is sent again, and looks after its tokens. For several threads."""

    def __init__(
        self, sleep: Callable[[float], None] = ENDING.sleep, now: Callable[[], float] = time.monotonic
    ) -> None:
        self.tokens = Tokens()
        self._sleep, self._now = sleep, now
        self._waited = 0.0
        self._answered_last: float | None = None
        self._silence_is_meant = False
        self._lock = threading.Lock()

    def until_heard(
        self, send: Callable[[], Exchange], keep: Callable[[Exchange], Exchange], *, is_live: bool
    ) -> Exchange:
        """Send until what comes of it is the server's word, keep each exchange, and give the last one as it was kept.

        A recording, which is not live, says itself what was sent again.
        """
        may_be_done = has_renewed = False
        for number in count(1):
            exchange = send()
            if is_live:
                unheard = self._why_unheard(exchange, number, has_renewed=has_renewed)
                exchange = exchange if unheard is exchange.unheard else replace(exchange, unheard=unheard)
                has_renewed |= unheard is Unheard.TOKEN_ENDED
                if exchange.unheard is None and may_be_done and exchange.response is not None:
                    exchange = replace(exchange, in_doubt=not is_of_a_gateway(exchange))
            kept = keep(exchange)
            if exchange.unheard is None:
                break
            may_be_done |= exchange.request.method not in SAFE and exchange.unheard not in _NOT_DONE
        return kept

    def _why_unheard(self, exchange: Exchange, number: int, *, has_renewed: bool) -> Unheard | None:
        """Why a request is to be sent again; None if it is not. `number` counts the tries.

        Tokens are renewed once, whatever else went wrong with the request before.
        """
        if exchange.response is not None:
            self._answered_last = self._now()
        if ENDING.reason:
            return None
        if exchange.closed_unheard and number < CONNECTIONS:
            return Unheard.CONNECTION_CLOSED
        if exchange.never_connected and not exchange.never_trusted and self._may_come_back():
            self._sleep(_PAUSE)
            return Unheard.NOT_REACHED
        if (exchange.broke and number < BREAKS) or self._is_silent_by_chance(exchange, number):
            return Unheard.CONNECTION_BROKEN
        if is_of_a_gateway(exchange) and number < GATEWAY and self._may_wait():
            self._sleep(_PAUSE)
            return Unheard.GATEWAY
        self.tokens.note(exchange)
        return Unheard.TOKEN_ENDED if not has_renewed and self.tokens.has_ended(exchange) else None

    def _is_silent_by_chance(self, exchange: Exchange, number: int) -> bool:
        """Whether nothing came in time from a server that has answered before, and was never silent on purpose."""
        is_silent = exchange.timed_out and not exchange.never_connected
        if not is_silent or self._silence_is_meant or self._answered_last is None:
            return False
        self._silence_is_meant = number >= SILENCES
        return not self._silence_is_meant

    def _may_come_back(self) -> bool:
        """Whether a server that accepts no connection has answered a short while ago."""
        return self._answered_last is not None and self._now() - self._answered_last < AWAY

    def _may_wait(self) -> bool:
        with self._lock:
            self._waited += _PAUSE
            return self._waited <= _IN_ALL
