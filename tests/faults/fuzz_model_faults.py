"""Servers that are wrong in a way that it takes a history, several sessions, or two dialects to see."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

from contract_tests.contract import CELLS, Cell, Dialect, Service
from contract_tests.mock import ApiError, Parts
from contract_tests.mock.door import Door
from contract_tests.mock.model import Session, State
from contract_tests.mock.reader import Reader
from contract_tests.mock.sessions import Sessions
from contract_tests.mock.wire import Reply, Wire

from .miniatures import overriding, reader, sessions

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from starlette.types import Receive, Scope, Send

    from contract_tests.mock.door import Incoming
    from contract_tests.mock.operations import Operation

UPDATE_CELLS = tuple(cell for cell in CELLS if cell.service is Service.UPDATE)
DOWNLOAD_CELLS = tuple(cell for cell in CELLS if cell.service is Service.DOWNLOAD)
REST_CELLS = tuple(cell for cell in CELLS if cell.dialect is Dialect.REST)


@dataclass(frozen=True)
class HistoryFault:
    """A wrong server, the slug that has to be found, in which cells, and in which variant of the histories.

    `also` are slugs that the one mistake breaks too. `steps` is how long the shortest history is that shows it,
    `most` how many findings are looked for.
    """

    name: str
    parts: Parts
    slug: str
    steps: int
    cells: tuple[Cell, ...] = CELLS
    variant: str = "api"
    also: tuple[str, ...] = ()
    most: int = 2


class LosesTheThird(Sessions):
    """The third progress that a session is told is answered with success, and dropped."""

    def stored_progress(self, session: Session, value: int | None) -> int:
        told = self.__dict__.setdefault("told", {})
        told[session.id] = told.get(session.id, 0) + (value is not None)
        return session.client_progress if told[session.id] == 3 else super().stored_progress(session, value)


def stored_and_refused(self: Sessions, session: Session, value: int) -> None:
    try:
        Sessions.check_progress(self, session, value)
    except ApiError:
        session.client_progress = max(session.client_progress, min(100, abs(value)))
        raise


class KnowsItsDialect(Door):
    """Tells the sessions in which dialect they are asked."""

    def perform(self, operation: Operation, incoming: Incoming) -> Reply:
        self.world.sessions.__dict__["asked_in"] = operation.idiom.dialect
        return super().perform(operation, incoming)


def anything_under_rest(self: Sessions, session: Session, operation: str) -> None:
    asked_under_rest = self.__dict__.get("asked_in") is Dialect.REST
    if not (asked_under_rest and operation == "keep-alive" and session.state is State.CANCELED):
        Sessions.require_active(self, session, operation)


class OnlyExtendsItsOwn(Sessions):
    """A keep-alive under /rest does nothing for the life of a session that was made under /api."""

    def create(self, service: Service, user: str, spec: Any, token: str | None = None) -> str:
        made = super().create(service, user, spec, token)
        self.__dict__.setdefault("made_in", {})[made] = self.__dict__["asked_in"]
        return made

    def extended_expiration(self, session: Session) -> Any:
        asked, made = self.__dict__["asked_in"], self.__dict__["made_in"][session.id]
        foreign = (asked, made) == (Dialect.REST, Dialect.API)
        return session.expiration_time if foreign else super().extended_expiration(session)


def revived(self: Sessions, session: Session, operation: str) -> None:
    if operation != "keep-alive" or session.state is not State.ACTIVE:
        Sessions.require_active(self, session, operation)


def half_applied(self: Sessions, session_id: str, spec: Any) -> None:
    session = self.find(Service.UPDATE, session_id)
    given = spec.get("warning_behavior") if isinstance(spec, dict) else None
    try:
        Sessions.update(self, session_id, spec)
    except ApiError:
        if isinstance(given, list) and session.state is State.ACTIVE:
            session.warning_behavior = [one for one in given if isinstance(one, dict) and "ignored" in one]
        raise


def forgets_cancelled(self: Sessions, session: Session, item_id: str | None) -> bool:
    return session.state is not State.CANCELED and Sessions.is_listed_under(self, session, item_id)


def merged(_: Sessions, session: Session, given: Any) -> None:
    """The list is added to the former one."""
    if given.get("warning_behavior"):
        session.warning_behavior = [*(session.warning_behavior or []), *given["warning_behavior"]]


def both_kept(self: Sessions, session: Session, value: int | None) -> int:
    """The progress is that of the item, so all its sessions get it... here: all sessions of the service."""
    if value is not None:
        for one in self.by_id.values():
            if one.service is session.service and one.state is State.ACTIVE:
                one.client_progress = max(one.client_progress, value)
    return Sessions.stored_progress(self, session, value)


class EndsAtHundred(Sessions):
    """A session that was told 100 is done."""

    def stored_progress(self, session: Session, value: int | None) -> int:
        if value == 100:
            session.state = State.CANCELED
        return super().stored_progress(session, value)


def cancelled_twice(self: Sessions, session: Session, operation: str) -> None:
    """To cancel what is cancelled already does no harm, this server says."""
    if (operation, session.state) != ("cancel", State.CANCELED):
        Sessions.require_active(self, session, operation)


def reset_by_update(self: Sessions, session: Session, given: Any) -> None:
    Sessions.apply_update(self, session, given)
    session.client_progress = 0


class ForgetsAfterFailure(Sessions):
    """A delete that is refused has happened all the same."""

    def is_deletable(self, session: Session) -> bool:
        deletable = super().is_deletable(session)
        if not deletable:
            self.forget(session)
        return deletable


def of_either(_: Sessions, _session: Session, _service: Service) -> bool:
    """The ids of both services are those of one table."""
    return True


class LivesOnAfterRefusal(Sessions):
    """A keep-alive moves the end back when its progress is refused."""

    def check_progress(self, session: Session, value: int) -> None:
        try:
            super().check_progress(session, value)
        except ApiError:
            session.expiration_time -= self.timeout / 2
            raise


FAULTS: Final = [
    HistoryFault(
        "the third keep-alive of a session loses its progress",
        Parts(sessions=LosesTheThird),
        "keep-alive.stores-progress",
        steps=4,
    ),
    HistoryFault(
        "a refused call stores its progress",
        sessions(check_progress=stored_and_refused),
        "keep-alive.refused-changes-nothing",
        steps=2,
    ),
    HistoryFault(
        "a keep-alive after cancel succeeds under /rest",
        Parts(door=KnowsItsDialect, sessions=overriding(Sessions, require_active=anything_under_rest)),
        "keep-alive.only-active",
        steps=3,
        variant="mixed",
        cells=REST_CELLS,
    ),
    HistoryFault(
        "a keep-alive under /rest does not extend a session made under /api",
        Parts(door=KnowsItsDialect, sessions=OnlyExtendsItsOwn),
        "keep-alive.extends-expiration",
        steps=3,
        variant="mixed",
        also=("keep-alive.extends-by-timeout",),
        cells=REST_CELLS,
    ),
    HistoryFault(
        "a keep-alive revives an expired session",
        sessions(require_active=revived),
        "expiry.expired-refuses-keep-alive",
        steps=3,
        also=(
            "expiry.update-session-deleted",
            "expiry.download-session-ends",
        ),
    ),
    HistoryFault(
        "an update that is refused is half applied",
        sessions(update=half_applied),
        "update.invalid-specification",
        steps=3,
        cells=UPDATE_CELLS,
    ),
    HistoryFault(
        "a list forgets a session that was cancelled",
        sessions(is_listed_under=forgets_cancelled),
        "model.list",
        steps=3,
    ),
    HistoryFault(
        "an update adds to the list",
        sessions(apply_update=merged),
        "update.warning-behavior-takes-effect",
        steps=3,
        also=("update.list-replaced",),
        cells=UPDATE_CELLS,
    ),
    HistoryFault(
        "a progress is stored for other sessions too",
        sessions(stored_progress=both_kept),
        "keep-alive.only-named-session",
        steps=4,
        variant="mixed",
    ),
    HistoryFault(
        "a progress of 100 ends the session",
        Parts(sessions=EndsAtHundred),
        "keep-alive.hundred-does-not-end-session",
        steps=2,
        variant="rest",
    ),
    HistoryFault(
        "a session can be cancelled twice",
        sessions(require_active=cancelled_twice),
        "life-cycle.only-active",
        steps=3,
        variant="rest",
    ),
    HistoryFault(
        "an update takes the progress back to 0",
        sessions(apply_update=reset_by_update),
        "update.other-members-unchanged",
        steps=3,
        variant="rest",
        cells=UPDATE_CELLS,
    ),
    HistoryFault(
        "a delete that is refused happens all the same",
        Parts(sessions=ForgetsAfterFailure),
        "life-cycle.delete-active-refused",
        steps=2,
        variant="rest",
        cells=UPDATE_CELLS,
    ),
    HistoryFault(
        "a refused progress costs half of the life",
        Parts(sessions=LivesOnAfterRefusal),
        "expiry.never-moves-back",
        steps=2,
        variant="rest",
        also=("keep-alive.refused-changes-nothing",),
    ),
    HistoryFault(
        "a session can be named as one of the other service",
        sessions(is_of=of_either),
        "addressing.other-services-id",
        steps=2,
        variant="mixed",
        also=("life-cycle.unknown-id", "model.list"),
    ),
]


# Servers that are right as long as one client asks at a time


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


class LateDoor(Door):
    """What the sessions put off happens when the reply is sent."""

    def answer(self, incoming: Incoming, operations: Sequence[Operation]) -> Reply:
        reply = super().answer(incoming, operations)
        last = self.world.sessions.__dict__.pop("put_off", None)
        return reply if last is None else LateReply(reply.status, reply.headers, reply.body, last)


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


def late(part: type[Sessions]) -> Parts:
    return Parts(sessions=part, door=LateDoor, wire=SlowWire)


@dataclass(frozen=True)
class PlayedFault:
    """A wrong server, the file (and test) of the fuzz room that has to find it, and by which slug."""

    name: str
    parts: Parts
    file: str
    slug: str
    also: tuple[str, ...] = ()


RACE_FAULTS: Final = [
    PlayedFault(
        "of two keep-alives at once the last one to be stored wins",
        late(LastWriterWins),
        "test_concurrency.py",
        "keep-alive.stores-progress",
        also=("keep-alive.progress-never-goes-down",),
    ),
    PlayedFault(
        "a keep-alive that races a cancel takes it back",
        late(WritesTheWholeBack),
        "test_concurrency.py",
        "life-cycle.cancel",
        also=(
            "life-cycle.fail",
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
        "test_concurrency.py",
        "expiry.never-moves-back",
    ),
    PlayedFault(
        "two keep-alives at once crash",
        late(OneAtATime),
        "test_concurrency.py",
        "errors.no-server-error",
    ),
]


# Servers that mean well


def lenient_json(self: Reader, content: bytes) -> Any:
    """Takes what Python's reader takes, and NaN for nothing."""
    try:
        return json.loads(content, parse_constant=lambda _: None)
    except (ValueError, RecursionError):
        return Reader.json(self, content)


def first_object(self: Reader, content: bytes) -> Any:
    """Reads the first value and does not look further."""
    try:
        return json.JSONDecoder().raw_decode(content.decode())[0]
    except (ValueError, RecursionError):
        return Reader.json(self, content)


def deep_crash(self: Reader, content: bytes) -> Any:
    if content.count(b"[") > 1000:
        raise RecursionError
    return Reader.json(self, content)


def cut_at_nul(self: Sessions, service: Service, session_id: str) -> Session:
    return Sessions.find(self, service, session_id.partition("\x00")[0])


def decoded_twice(self: Sessions, service: Service, session_id: str) -> Session:
    return Sessions.find(self, service, unquote(session_id))


def dropped_after_mark(self: Reader, content: bytes) -> Any:
    """What begins with a byte order mark is taken for an empty object."""
    return {} if content.startswith(b"\xef\xbb\xbf") else Reader.json(self, content)


def progress_of_any_type(self: Reader, operation: Operation, headers: Any, content: bytes) -> Any:
    """What is sent as another type is answered with success, and dropped."""
    if content and headers.get("content-type", "").startswith("text/plain"):
        return None
    return Reader.body(self, operation, headers, content)


def as_double(self: Sessions, session: Session, body: Any) -> int | None:
    """Numbers of any size are cut to what is allowed, before anybody looks."""
    if isinstance(body, dict):
        body = {
            name: min(value, 100) if isinstance(value, int | float) and not isinstance(value, bool) else value
            for name, value in body.items()
        }
    return Sessions.requested_progress(self, session, body)


def stored_too_soon(self: Sessions, session: Session, body: Any) -> int | None:
    """Stores the progress, and then looks whether there is anything else in the body."""
    value = body.get(session.rules.progress_member) if isinstance(body, dict) else None
    if type(value) is int and session.client_progress < value <= 100:
        session.client_progress = value
    return Sessions.requested_progress(self, session, body)


def crash_on_odd_text(self: Reader, content: bytes) -> Any:
    content.decode()  # what is no UTF-8 ends in an error of the server
    return Reader.json(self, content)


HOSTILE_FAULTS: Final = [
    PlayedFault("NaN is a number", reader(json=lenient_json), "test_hostile.py", "keep-alive.malformed-json"),
    PlayedFault(
        "what follows the body is not read", reader(json=first_object), "test_hostile.py", "keep-alive.malformed-json"
    ),
    PlayedFault(
        "what is nested deeply crashes the server", reader(json=deep_crash), "test_hostile.py", "errors.no-server-error"
    ),
    PlayedFault("an id ends at a NUL", sessions(find=cut_at_nul), "test_hostile.py", "keep-alive.unknown-id"),
    PlayedFault("an id is decoded twice", sessions(find=decoded_twice), "test_hostile.py", "keep-alive.unknown-id"),
    PlayedFault(
        "a body with a byte order mark is dropped",
        reader(json=dropped_after_mark),
        "test_hostile.py",
        "keep-alive.stores-progress",
    ),
    PlayedFault(
        "plain text is taken, and dropped",
        reader(body=progress_of_any_type),
        "test_hostile.py",
        "keep-alive.stores-progress",
    ),
    PlayedFault(
        "numbers of any size are cut",
        sessions(requested_progress=as_double),
        "test_hostile.py",
        "keep-alive.progress-beyond-int64",
    ),
    PlayedFault(
        "what is no UTF-8 crashes the server",
        reader(json=crash_on_odd_text),
        "test_hostile.py",
        "errors.no-server-error",
    ),
    PlayedFault(
        "a refused body leaves its progress behind",
        sessions(requested_progress=stored_too_soon),
        "test_hostile.py",
        "keep-alive.refused-changes-nothing",
    ),
]
