"""How tests let time pass: they never sleep, they ask the clock."""

from __future__ import annotations

import math
import threading
import time
from typing import TYPE_CHECKING, Protocol

from contract_tests.driver.transport.door import Body, Door
from contract_tests.driver.transport.ending import ENDING
from contract_tests.problems import Inconclusive, PremiseFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Clock(Protocol):
    """The time of the server under test."""

    @property
    def is_real(self) -> bool:
        """Whether letting time pass takes that time."""

    def needs(self, seconds: float) -> None:
        """Make sure that the run may wait so long in all.

        Raises:
            Inconclusive: it may not.
        """

    def advance(self, seconds: float) -> None:
        """Let `seconds` pass on the server.

        Raises:
            Inconclusive: the run may not wait that long.
        """


class ControlledClock:
    """The virtual clock of our mock server, moved by its control door."""

    is_real = False

    def __init__(self, door: Door) -> None:
        self._door = door

    def needs(self, seconds: float) -> None:
        pass

    def advance(self, seconds: float) -> None:
        moved = self._door.send("POST", "/_control/clock/advance", body=Body.json({"seconds": seconds}))
        if moved.status != 200:
            raise PremiseFailed("the mock's clock to move", f"status {moved.status}", moved)


class RealClock:
    """Waits, while the budget lasts. Waits that overlap (in several threads) are paid for once."""

    is_real = True

    def __init__(
        self,
        budget: float,
        *,
        announce: Callable[[float], None] = lambda _seconds: None,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = ENDING.sleep,
    ) -> None:
        self._budget = budget
        self._announce = announce
        self._now = now
        self._sleep = sleep
        self._spent = 0.0
        self._paid_until = float("-inf")
        self._lock = threading.Lock()

    def needs(self, seconds: float) -> None:
        if seconds > self._budget:
            raise Inconclusive(
                f"this takes a wait of {math.ceil(seconds)} s, and the run may wait {self._budget:g} s in all; "
                f"give --max-wait {math.ceil(seconds)} or more"
            )

    def advance(self, seconds: float) -> None:
        with self._lock:
            now = self._now()
            until = now + seconds
            extra = max(0.0, until - max(now, self._paid_until))
            if self._spent + extra > self._budget:
                raise Inconclusive(
                    f"this takes a further wait of {math.ceil(seconds)} s, and of the {self._budget:g} s that the "
                    f"run may wait {math.floor(self._budget - self._spent)} s are left; give a larger --max-wait"
                )
            self._spent += extra
            self._paid_until = max(self._paid_until, until)
        if extra:
            self._announce(seconds)
        self._sleep(seconds)
        if ENDING.reason:
            raise Inconclusive(f"the run is being ended: {ENDING.reason}")


def polls(clock: Clock, every: float, limit: float) -> Iterator[float]:
    """Yield at once, and then after each interval, until `limit` seconds have passed; gives the seconds waited."""
    waited = 0.0
    yield waited
    while waited < limit:
        clock.advance(every)
        waited += every
        yield waited
