"""Several clients at once on one session: what they call, what they are told, and whether an order explains it."""

from __future__ import annotations

import threading
from contextvars import copy_context
from dataclasses import dataclass, replace
from enum import Enum
from functools import partial
from typing import TYPE_CHECKING

from contract_tests.contract.dialects import Op
from contract_tests.fuzz.histories.bodies import body_of
from contract_tests.fuzz.histories.known import ACTIVE, GONE, Known, Seen, possible, shows
from contract_tests.fuzz.histories.reference import Answer, Call, Form, promises
from contract_tests.fuzz.races.linearizability import Event, order
from contract_tests.rules.checks import Flaw, read, succeeds
from contract_tests.rules.checks.errors import named_types
from contract_tests.traffic.exchange import in_order

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    from contract_tests.driver import Clock, Session
    from contract_tests.fuzz.histories.reference import Promise
    from contract_tests.traffic.exchange import Exchange


@dataclass(frozen=True)
class Wait:
    """The server's clock goes on by so many seconds."""

    seconds: float


@dataclass(frozen=True)
class Look:
    """The session is read."""


@dataclass(frozen=True)
class Meet:
    """The clients wait for each other, so that what comes next comes at once."""


Deed = Call | Wait | Look
Step = Deed | Meet


@dataclass(frozen=True)
class Told:
    """What one client did, and what it was told. `seen` is what a look showed, None if that was a 404."""

    deed: Deed
    exchange: Exchange
    answer: Answer | None = None
    seen: Seen | None = None

    def __str__(self) -> str:
        if isinstance(self.deed, Wait):
            return f"{self.deed.seconds:g} s pass"
        said = "no session" if self.seen is None else f"{self.seen.state}{_at(self.seen.progress)}"
        if isinstance(self.deed, Look):
            return f"read: {said}"
        status = self.answer.status if self.answer is not None else None
        return f"{self.deed.op}{f' {self.deed.progress}' if self.deed.progress else ''}: {status}"


def _at(progress: int | None) -> str:
    return "" if progress is None else f" at {progress}"


Round = list[Event[Told]]


def play(session: Session, clock: Clock, clients: Sequence[Sequence[Step]]) -> Round:
    """Let each client do its deeds one after the other, all clients at once; at the end the session is read once more.

    Gives what was done and told in the order in which it was begun: in a replay, threads take the answers in another.
    The door has a connection for each request that is under way, and keeps it for the next round.

    Raises:
        PremiseFailed: a look showed what is no session.
    """
    events: Round = []
    problems: list[Exception] = []
    ready = threading.Barrier(len(clients))

    def run(steps: Sequence[Step]) -> None:
        try:
            ready.wait()
            for step in steps:
                if isinstance(step, Meet):
                    ready.wait()
                else:
                    events.append(_timed(session, clock, step))
        except threading.BrokenBarrierError:
            pass  # another client has a problem
        except Exception as problem:  # noqa: BLE001 - it is raised where it can be seen
            problems.append(problem)
            ready.abort()

    _play_all([partial(run, steps) for steps in clients], problems)
    begun = {id(exchange): place for place, exchange in enumerate(in_order(event.what.exchange for event in events))}
    events.sort(key=lambda event: begun[id(event.what.exchange)])
    return [*events, _timed(session, clock, Look())]


def together(calls: Sequence[Callable[[], Exchange]]) -> list[Exchange]:
    """Make calls at once, each by a client of its own; what they were told, in the order in which they were begun."""
    told: list[Exchange] = []
    problems: list[Exception] = []
    ready = threading.Barrier(len(calls))

    def run(call: Callable[[], Exchange]) -> None:
        try:
            ready.wait()
            told.append(call())
        except Exception as problem:  # noqa: BLE001 - it is raised where it can be seen
            problems.append(problem)

    _play_all([partial(run, call) for call in calls], problems)
    return in_order(told)


def _play_all(clients: Sequence[Callable[[], None]], problems: Sequence[Exception]) -> None:
    """Let each client play in a thread of its own, and raise the first problem that one of them had."""
    threads = [threading.Thread(target=copy_context().run, args=(play,), daemon=True) for play in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if problems:
        raise problems[0]


def _timed(session: Session, clock: Clock, deed: Deed) -> Event[Told]:
    """Do it; its times are those of its exchange, so that a recording can be judged like the server itself."""
    with session.door.recorder.recording() as exchanged:
        _do(session, clock, deed)
    for exchange in exchanged:
        session.door.recorder.show(exchange)
    exchange = exchanged[-1]
    started, ended = exchange.span
    if isinstance(deed, Wait):
        return Event(Told(deed, exchange), started, ended)
    if isinstance(deed, Look):
        return Event(Told(deed, exchange, seen=_seen(exchange)), started, ended)
    answer = Answer(not succeeds(exchange), exchange.status, frozenset(named_types(exchange).values()))
    return Event(Told(deed, exchange, answer), started, ended)


def _do(session: Session, clock: Clock, deed: Deed) -> None:
    if isinstance(deed, Wait):
        clock.advance(deed.seconds)
    elif isinstance(deed, Look):
        session.read()
    else:
        session.call(deed.op, body_of(deed, session.cell, session.id))


def _seen(looked: Exchange) -> Seen | None:
    if looked.status == 404:
        return None
    reading = read(looked)
    return Seen(reading.state, reading.shown_progress, expires=reading.expiration.timestamp())


class Leave(Enum):
    """What a race does not ask, because another clause is about it."""

    PROGRESS = "what the looks showed of the progress"
    LOWER = "whether a lower progress is stored"
    CANCELED = "whether a session that was cancelled can still be read"


def unexplained(events: Round, start: Known, timeout: float, *leave: Leave) -> list[Flaw]:
    """No order of the calls explains what was answered; a flaw if so, shown by the last look.

    What stands in `leave` is left aside. A refusal with 409 says that somebody else was at
    it at the same time; documented or not, it has no effect and needs no explanation.
    """

    def step(state: tuple[Known, float], told: Told) -> Iterator[tuple[Known, float]]:
        known, now = state
        if isinstance(told.deed, Wait):
            yield known, now + told.deed.seconds
        elif isinstance(told.deed, Look):
            seen = told.seen
            if seen is not None and Leave.PROGRESS in leave:
                seen = replace(seen, progress=None)
            yield from ((one, now) for one in possible(known, now, timeout) if shows(one, seen))
        elif told.answer is not None and told.answer.status == 409:
            yield state
        elif told.answer is not None and (told.answer.status is None or told.answer.status >= 500):
            yield state  # a crash is another clause's business, and may have come before the call was done or after
            yield from ((after, now) for one in promises(known, told.deed, now, timeout) for after in one.success)
        elif told.answer is not None:
            for promise in promises(known, told.deed, now, timeout):
                yield from ((after, now) for after in promise.after(told.answer))
                yield from ((after, now) for after in _besides(promise, told, leave))

    if order(events, (start, 0.0), step) is not None:
        return []
    flaw = "an order of the calls that explains all answers", f"none does: {_timeline(events)}"
    return [Flaw(*flaw, events[-1].what.exchange)]


def _besides(promise: Promise, told: Told, leave: Collection[Leave]) -> Iterator[Known]:
    """What the session may be, too, after a success, if something is left aside."""
    call, known = told.deed, promise.known
    if not isinstance(call, Call) or told.answer is None or not told.answer.success or known.state != ACTIVE:
        return
    if Leave.LOWER in leave and call.form is Form.NUMBER and 0 <= call.progress < known.progress:
        yield from (replace(one, progress=call.progress) for one in promise.success)
    if Leave.CANCELED in leave and call.op is Op.CANCEL:
        yield replace(known, state=GONE)


def takes_down(events: Round, start: Known, timeout: float) -> list[Flaw]:
    """An order explains what was answered only if a lower progress that was accepted has been stored."""
    flaws = unexplained(events, start, timeout)
    return [] if flaws and unexplained(events, start, timeout, Leave.LOWER) else flaws


def goes_back(events: Round, member: Callable[[Seen], float | None], name: str) -> list[Flaw]:
    """Two looks, the second begun after the first had ended, of which the second shows less."""
    looks = [event for event in events if event.what.seen is not None and event.what.seen.state == "ACTIVE"]
    flaws = []
    for later in looks:
        before = [earlier for earlier in looks if earlier.ended < later.started]
        values = [value for one in before if one.what.seen is not None and (value := member(one.what.seen)) is not None]
        assert later.what.seen is not None
        now = member(later.what.seen)
        if values and now is not None and now < max(values):
            flaws.append(Flaw(f"{name} {max(values)!r} or more", f"{name} {now!r}", later.what.exchange))
    return flaws


def without_keep_alives(events: Round) -> Round:
    """What ended the session, and the looks."""
    return [
        event for event in events if not (isinstance(event.what.deed, Call) and event.what.deed.op is Op.KEEP_ALIVE)
    ]


def exchanges(events: Round) -> list[Exchange]:
    """What was exchanged about the session."""
    return [event.what.exchange for event in events if not isinstance(event.what.deed, Wait)]


def _timeline(events: Round) -> str:
    begin = min(event.started for event in events)
    told = sorted(events, key=lambda event: event.started)
    return "; ".join(
        f"{(event.started - begin) * 1000:.1f}-{(event.ended - begin) * 1000:.1f} ms {event.what}" for event in told
    )
