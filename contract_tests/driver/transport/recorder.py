"""The recorder of a run: exchanges by plays, in the order in which they were begun."""

from __future__ import annotations

import hashlib
import time
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import lru_cache
from itertools import count
from typing import TYPE_CHECKING, Any, Final, Protocol

from contract_tests.driver.transport.courtesy import Courtesy
from contract_tests.driver.transport.limits import Room
from contract_tests.driver.transport.repeating import Repeating
from contract_tests.traffic.archive import KeptPlay
from contract_tests.traffic.exchange import Exchange

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contract_tests.contract import Cell
    from contract_tests.traffic.messages import Request, Response
    from contract_tests.traffic.redaction import Redactor


BESIDE: Final = "log-in, set-up and clean-up"
"""The name of the play that holds what no test has sent."""


@dataclass(frozen=True)
class Beginning:
    """When a request was about to be sent: by the calendar, by number, and in seconds on a clock that nobody sets."""

    started: datetime
    sequence: int
    began: float

    def exchange(  # noqa: PLR0913, PLR0917 - the parts of one
        self,
        request: Request,
        response: Response | None,
        ended: float,
        failure: str | None,
        cell: str | None,
        operation: str | None,
    ) -> Exchange:
        """What has come of it; `ended` is on the same clock."""
        return Exchange(
            request,
            response,
            self.started,
            ended - self.began,
            failure,
            cell,
            operation,
            sequence=self.sequence,
            began=self.began,
        )


@dataclass
class Play:
    """Everything that was sent under one name: by a test, or by what several tests look at, such as a campaign.

    `within` names the play during which it was made; `notes` are JSON data about its exchanges, for their maker.
    """

    within: str | None = None
    exchanges: list[Exchange] = field(default_factory=list)
    notes: list[dict[str, Any]] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=count)

    def kept(self) -> KeptPlay:
        """The play as it is now."""
        return KeptPlay(tuple(self.exchanges), tuple(self.notes))


class Answers(Protocol):
    """A recording, which answers instead of a server."""

    def answer(self, play: str, request: Request, cell: str | None, operation: str | None) -> Exchange:
        """The exchange that this request, redacted, was part of.

        Raises:
            Inconclusive: the recording has none.
        """

    def play(self, name: str) -> KeptPlay | None:
        """A whole play of the recording."""


class Recorder:
    """Keeps the exchanges of a run by plays. Those of the context under way also stand by themselves.

    With `answers`, nothing is sent: a recording answers.
    """

    def __init__(self, redact: Redactor, answers: Answers | None = None) -> None:
        self.redact = redact
        self.answers = answers
        self.courtesy = Courtesy()
        self.repeating = Repeating()
        self.gateways: dict[Cell, str] = {}
        """The test that tells of a gateway which does not reach the server, by cell."""
        self.room = Room()
        self.plays: dict[str, Play] = {}
        self._numbers = count()
        self._origin = time.perf_counter()
        self._running: ContextVar[list[Exchange] | None] = ContextVar("exchanges of the context", default=None)
        self._play: ContextVar[str] = ContextVar("name of the play", default=BESIDE)

    @contextmanager
    def recording(self, play: str | None = None) -> Iterator[list[Exchange]]:
        """Collect what is exchanged in this context; with a name, as a play of its own."""
        exchanges: list[Exchange] = []
        running, name = self._running.set(exchanges), None
        if play is not None:
            self.plays[play] = Play(within=self._play.get())
            name = self._play.set(play)
        try:
            yield exchanges
        finally:
            self._running.reset(running)
            if name is not None:
                self._play.reset(name)

    def now(self) -> float:
        """Seconds since the recorder was made, on a clock that nobody sets."""
        return time.perf_counter() - self._origin

    def begin(self) -> Beginning:
        """Call this when a request is about to be sent."""
        return Beginning(datetime.now(UTC), next(self._numbers), self.now())

    def keep(self, exchange: Exchange) -> Exchange:
        """Take in an exchange of the play under way; gives it with its id."""
        began, sequence = exchange.began, exchange.sequence
        if sequence is None and self.answers is None:  # schemathesis sent it, and told us when it was over
            sequence, began = next(self._numbers), max(0.0, self.now() - exchange.seconds)
            exchange = replace(exchange, sequence=sequence, began=began)
        name = self._play.get()
        play = self.plays.get(name) or self.plays.setdefault(name, Play())
        if exchange.id is None:
            # Microseconds are what a recording keeps: it must not be judged by other times than the run was.
            exchange = replace(
                exchange,
                id=f"{_key_of(name)}-{next(play.numbers)}",
                seconds=round(exchange.seconds, 6),
                began=None if began is None else round(began, 6),
            )
        play.exchanges.append(exchange)
        self.show(exchange)
        return exchange

    def show(self, exchange: Exchange) -> None:
        """Have an exchange that was kept before stand among those of this context, too."""
        exchanges = self._running.get()
        if exchanges is not None:
            exchanges.append(exchange)

    def replayed(self, request: Request, cell: str | None, operation: str | None) -> Exchange:
        """What the recording answers to a request of the play under way."""
        assert self.answers is not None
        redacted = self.redact(Exchange(request, None, datetime.now(UTC), 0.0)).request
        return self.answers.answer(self._play.get(), redacted, cell, operation)

    def taken(self, play: str) -> dict[str, Play]:
        """The play of this name and those that were made during it; they are kept no longer."""
        # Other threads may begin a play meanwhile.
        names = [name for name, one in self.plays.copy().items() if play in (name, one.within)]
        return {name: self.plays.pop(name) for name in names}


@lru_cache(maxsize=64)
def _key_of(play: str) -> str:
    """What the ids of a play's exchanges begin with: another one for each name, and short."""
    return hashlib.sha256(play.encode()).hexdigest()[:10]
