"""Servers that are right as long as one client asks at a time."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from contract_tests.faults.fault import sessions
from contract_tests.faults.fuzzed.played import PlayedFault
from contract_tests.mock import Parts
from contract_tests.mock.domain.sessions import Sessions
from contract_tests.mock.http.door import Dispatcher
from contract_tests.mock.http.wire import Reply, Wire

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from starlette.types import Receive, Scope, Send

    from contract_tests.contract import Service
    from contract_tests.mock import Message
    from contract_tests.mock.domain.model import SessionRecord, State
    from contract_tests.mock.http.door import Incoming
    from contract_tests.mock.http.operations import Operation


@dataclass(frozen=True)
class LateReply(Reply):
    """A reply that is sent a little later, and what is done just before."""

    last: Callable[[], None] = lambda: None


class SlowWire(Wire):
    """Lets other requests in between the decision about a request and its effect."""

    async def send(self, reply: Reply, scope: Scope, receive: Receive, send: Send) -> None:
        if isinstance(reply, LateReply):
            await asyncio.sleep(0.02)
            reply.last()
        await super().send(reply, scope, receive, send)


class LateDoor(Dispatcher):
    """What the sessions put off happens when the reply is sent."""

    def answer(self, incoming: Incoming, operations: Sequence[Operation]) -> Reply:
        reply = super().answer(incoming, operations)
        last = self.world.sessions.__dict__.pop("put_off", None)
        return reply if last is None else LateReply(reply.status, reply.headers, reply.body, reply.portion, last)


class LastWriterWins(Sessions):
    """Compares a progress with the one that was there when the request came, and stores it later."""

    def keep_alive(self, service: Service, session_id: str, body: Any = None) -> None:
        session = self.find(service, session_id)
        before = session.client_progress
        super().keep_alive(service, session_id, body)
        after, session.client_progress = session.client_progress, before

        def store() -> None:
            session.client_progress = after

        self.__dict__["put_off"] = store


class WritesTheWholeBack(Sessions):
    """Reads a session, keeps it alive, and writes all of it back: what happened meanwhile is lost."""

    def keep_alive(self, service: Service, session_id: str, body: Any = None) -> None:
        super().keep_alive(service, session_id, body)
        copy = replace(self.by_id[session_id])

        def write_back() -> None:
            self.by_id[session_id] = copy

        self.__dict__["put_off"] = write_back


class ExtendsLater(Sessions):
    """The end that a keep-alive moves is that of a moment before: a slower one takes back what a faster one gave."""

    def keep_alive(self, service: Service, session_id: str, body: Any = None) -> None:
        calls = self.__dict__["calls"] = self.__dict__.get("calls", 0) + 1
        super().keep_alive(service, session_id, body)
        session = self.by_id[session_id]
        late = session.expiration_time - timedelta(milliseconds=calls)

        def move() -> None:
            session.expiration_time = late

        self.__dict__["put_off"] = move


class OneAtATime(Sessions):
    """Crashes when a second keep-alive comes while the first is under way."""

    def keep_alive(self, service: Service, session_id: str, body: Any = None) -> None:
        under_way = self.__dict__.setdefault("under_way", set())
        if session_id in under_way:
            raise RuntimeError("locked")
        super().keep_alive(service, session_id, body)
        under_way.add(session_id)
        self.__dict__["put_off"] = lambda: under_way.discard(session_id)


class EndsLater(Sessions):
    """Looks whether a session is ACTIVE, and ends it a moment later, whatever it is by then."""

    def end(self, session: SessionRecord, state: State, error: Message | None = None) -> None:
        self.__dict__["put_off"] = lambda: Sessions.end(self, session, state, error)


class CreatesLater(Sessions):
    """Looks whether the item is free, and makes the session a moment later."""

    def create(self, service: Service, user: str, spec: Any, token: str | None = None) -> str:
        made = super().create(service, user, spec, token)
        if made in self.__dict__.setdefault("made", set()):
            return made
        self.__dict__["made"].add(made)
        session = self.by_id.pop(made)

        def put() -> None:
            self.by_id[made] = session

        self.__dict__["put_off"] = put
        return made


def late(part: type[Sessions]) -> Parts:
    return Parts(sessions=part, door=LateDoor, wire=SlowWire)


class LosesWhatComesAtOnce(Sessions):
    """Drops, with a success, each progress that comes while another one is under way, and that one too."""

    def keep_alive(self, service: Service, session_id: str, body: Any = None) -> None:
        session = self.find(service, session_id)
        before = session.client_progress
        super().keep_alive(service, session_id, body)
        after, session.client_progress = session.client_progress, before
        under_way = self.__dict__.setdefault("under_way", [])
        under_way.append(after)
        crowd = self.__dict__.setdefault("crowd", set())
        if len(under_way) > 1:
            crowd.update(under_way)

        def store() -> None:
            under_way.remove(after)
            if after not in crowd:
                session.client_progress = max(after, session.client_progress)

        self.__dict__["put_off"] = store


RACE_FAULTS: Final = [
    PlayedFault(
        "of two keep-alives at once one is dropped",
        late(LosesWhatComesAtOnce),
        "races/test_concurrency.py::test_of_progress_reported_at_once_the_highest_stays",
        "keep-alive.stores-progress",
    ),
    PlayedFault(
        "a lower progress is stored, whoever comes last",
        sessions(accepts_progress=lambda *_: True),
        "races/test_concurrency.py::test_of_progress_reported_at_once_the_highest_stays",
        "keep-alive.progress-never-goes-down",
    ),
    PlayedFault(
        "of two keep-alives at once the last one to be stored wins",
        late(LastWriterWins),
        "races/test_concurrency.py",
        "keep-alive.progress-never-goes-down",
    ),
    PlayedFault(
        "a keep-alive that races a cancel takes it back",
        late(WritesTheWholeBack),
        "races/test_concurrency.py",
        "life-cycle.cancel",
        also=(
            "life-cycle.fail-shows-error",
            "life-cycle.complete",
            "life-cycle.delete-ended",
            "life-cycle.delete-download-session",
            "keep-alive.only-active",
            "keep-alive.deleted-id",
            "keep-alive.stores-progress",
            "keep-alive.progress-never-goes-down",
            "expiry.never-moves-back",
        ),
    ),
    PlayedFault(
        "a slow keep-alive takes back the life that a fast one gave",
        late(ExtendsLater),
        "races/test_concurrency.py",
        "expiry.never-moves-back",
    ),
    PlayedFault(
        "of two endings at once both succeed",
        late(EndsLater),
        "races/test_concurrency.py::test_of_endings_at_once_one_counts",
        "life-cycle.only-active",
    ),
    PlayedFault(
        "of two creates at once both find the item free",
        late(CreatesLater),
        "races/test_creations_at_once.py::test_of_creates_at_once_an_item_takes_one",
        "create.second-active-session",
    ),
    PlayedFault(
        "of two creates at once neither finds the other's client token",
        late(CreatesLater),
        "races/test_creations_at_once.py::test_a_client_token_that_comes_several_times_at_once_makes_one_session",
        "create.idempotent",
    ),
    PlayedFault(
        "two keep-alives at once crash",
        late(OneAtATime),
        "races/test_concurrency.py",
        "errors.no-server-error",
    ),
]
