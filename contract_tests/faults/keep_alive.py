"""Servers whose keep-alive is wrong: what it extends, what it touches, what it accepts."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from contract_tests.contract import CELLS, Dialect, Service
from contract_tests.faults.fault import fault, sessions, wire
from contract_tests.mock import ApiError, Parts
from contract_tests.mock.domain import errors
from contract_tests.mock.domain.model import SessionRecord, State
from contract_tests.mock.domain.sessions import Sessions
from contract_tests.mock.http.door import Dispatcher, Incoming
from contract_tests.mock.http.wire import Reply

if TYPE_CHECKING:
    from contract_tests.mock.http.operations import Operation

UPDATE_CELLS = tuple(cell for cell in CELLS if cell.service is Service.UPDATE)
DOWNLOAD_CELLS = tuple(cell for cell in CELLS if cell.service is Service.DOWNLOAD)
API_CELLS = tuple(cell for cell in CELLS if cell.dialect is Dialect.API)
REST_CELLS = tuple(cell for cell in CELLS if cell.dialect is Dialect.REST)

NO_EXTENSION = (
    "keep-alive.extends-expiration",
    "keep-alive.extends-by-timeout",
    "keep-alive.outlives-timeout",
)


class ExtendsForProgressOnly(Sessions):
    """Takes a keep-alive without progress for no activity."""

    def keep_alive(self, service: Service, session_id: str, body: Any = None) -> None:
        before = self.find(service, session_id).expiration_time
        super().keep_alive(service, session_id, body)
        session = self.find(service, session_id)
        if not isinstance(body, dict) or body.get(session.rules.progress_member) is None:
            session.expiration_time = before


class EndsAfterTwoLives(Sessions):
    """Lets no session live longer than two timeouts, however often it is kept alive."""

    def extended_expiration(self, session: SessionRecord) -> Any:
        born = self.__dict__.setdefault("born", {})
        latest = born.setdefault(session.id, session.expiration_time) + self.timeout
        return min(latest, super().extended_expiration(session))


def counting(most: int) -> Any:
    """An `extended_expiration` that extends a session so many times, and then no more."""

    def extended(self: Sessions, session: SessionRecord) -> Any:
        counts = self.__dict__.setdefault("counts", Counter())
        counts[session.id] += 1
        return Sessions.extended_expiration(self, session) if counts[session.id] <= most else session.expiration_time

    return extended


def within(timeouts: float) -> Any:
    """An `extended_expiration` that lets no session live longer than so many timeouts."""

    def extended(self: Sessions, session: SessionRecord) -> Any:
        born = self.__dict__.setdefault("born", {})
        latest = born.setdefault(session.id, session.expiration_time) + self.timeout * (timeouts - 1)
        return max(session.expiration_time, min(latest, Sessions.extended_expiration(self, session)))

    return extended


class ShowsMoreThanItGives(Sessions):
    """Shows a new expiration time for every keep-alive, and lives on only for those without progress."""

    def keep_alive(self, service: Service, session_id: str, body: Any = None) -> None:
        ends = self.__dict__.setdefault("ends", {})
        ends.setdefault(session_id, self.find(service, session_id).expiration_time)
        super().keep_alive(service, session_id, body)
        if not body:
            ends[session_id] = self.find(service, session_id).expiration_time

    def has_expired(self, session: SessionRecord) -> bool:
        end = self.__dict__.get("ends", {}).get(session.id, session.expiration_time)
        return session.state is State.ACTIVE and self.clock.now() > end


class TakesWhatIsNotGreaterForNothing(Sessions):
    """Answers a keep-alive whose progress is equal or lower as if it were right, and does nothing."""

    def keep_alive(self, service: Service, session_id: str, body: Any = None) -> None:
        session = self.find(service, session_id)
        progress = self.requested_progress(session, body)
        if progress is None or session.state is not State.ACTIVE or progress > session.client_progress:
            super().keep_alive(service, session_id, body)


def item_kept_alive(self: Sessions, session: SessionRecord) -> Any:
    for other in self.by_id.values():
        if other.item_id == session.item_id and other.service is not session.service:
            other.expiration_time = Sessions.extended_expiration(self, other)
    return Sessions.extended_expiration(self, session)


class NothingToReport(Sessions):
    """Takes a progress of 0 on a session at 0 for nothing, so that it lives no longer."""

    def keep_alive(self, service: Service, session_id: str, body: Any = None) -> None:
        session = self.find(service, session_id)
        was, at = session.expiration_time, session.client_progress
        super().keep_alive(service, session_id, body)
        if at == 0 and isinstance(body, dict) and 0 in body.values():
            session.expiration_time = was


class IgnoresRestDownloads(Dispatcher):
    """Answers keep-alives of download sessions under `/rest`, and does nothing."""

    def perform(self, operation: Operation, incoming: Incoming) -> Reply:
        asked = operation.action == "keep-alive" and "/download-session/" in operation.path
        if asked and operation.idiom.dialect is Dialect.REST and incoming.content in {b"", b"{}"}:
            return self.wire.void_reply(operation.idiom)
        return super().perform(operation, incoming)


def extended_everywhere(self: Sessions, session: SessionRecord) -> Any:
    for other in self.by_id.values():
        other.expiration_time = Sessions.extended_expiration(self, other)
    return session.expiration_time


def one_service_never_extended(self: Sessions, session: SessionRecord) -> Any:
    if session.service is Service.DOWNLOAD:
        return session.expiration_time
    return Sessions.extended_expiration(self, session)


def refuse_no_body(self: Sessions, session: SessionRecord, body: Any) -> int | None:
    if body is None:
        raise errors.invalid_argument("The body is required.")
    return Sessions.requested_progress(self, session, body)


def refuse_empty_object(self: Sessions, session: SessionRecord, body: Any) -> int | None:
    if body == {}:
        raise errors.invalid_argument("The body is empty.")
    return Sessions.requested_progress(self, session, body)


def refuse_null(self: Sessions, session: SessionRecord, body: Any) -> int | None:
    if isinstance(body, dict) and body and None in body.values():
        raise errors.invalid_argument("The progress is null.")
    return Sessions.requested_progress(self, session, body)


def cancel_when_refusing(self: Sessions, session: SessionRecord, body: Any) -> int | None:
    try:
        return Sessions.requested_progress(self, session, body)
    except ApiError:
        session.state = State.CANCELED
        raise


def bump_version(self: Sessions, session: SessionRecord, value: int | None) -> int:
    session.content_version = str(int(session.content_version) + 1)
    return Sessions.stored_progress(self, session, value)


FAULTS: Final = [
    # What a keep-alive extends
    fault(
        "keep-alive extends nothing",
        sessions(extended_expiration=lambda _, session: session.expiration_time),
        *NO_EXTENSION,
    ),
    fault(
        "keep-alive extends only with a progress",
        Parts(sessions=ExtendsForProgressOnly),
        *NO_EXTENSION,
    ),
    fault(
        "keep-alive extends every session",
        sessions(extended_expiration=extended_everywhere),
        "keep-alive.only-named-session",
    ),
    fault(
        "keep-alive shortens the life to a minute",
        sessions(extended_expiration=lambda self, _: self.clock.now() + timedelta(seconds=60)),
        *NO_EXTENSION,
        "expiry.never-moves-back",
        plays=NO_EXTENSION,
    ),
    fault(
        "keep-alive extends by a fixed minute",
        sessions(extended_expiration=lambda _, session: session.expiration_time + timedelta(seconds=60)),
        "keep-alive.extends-by-timeout",
        "keep-alive.outlives-timeout",
    ),
    fault(
        "keep-alive adds a timeout to what is left",
        sessions(extended_expiration=lambda self, session: session.expiration_time + self.timeout),
        "keep-alive.extends-by-timeout",
    ),
    fault(
        "keep-alive extends to half a timeout from now",
        sessions(
            extended_expiration=lambda self, session: max(session.expiration_time, self.clock.now() + self.timeout / 2)
        ),
        *NO_EXTENSION,
    ),
    fault(
        "no session outlives two timeouts",
        Parts(sessions=EndsAfterTwoLives),
        "keep-alive.outlives-timeout",
    ),
    fault(
        "keep-alive extends a session eight times",
        sessions(extended_expiration=counting(8)),
        "keep-alive.extends-expiration",
        "keep-alive.outlives-timeout",
    ),
    fault(
        "no session outlives ten timeouts",
        sessions(extended_expiration=within(10)),
        "keep-alive.outlives-timeout",
    ),
    fault(
        "keep-alive extends nothing at 100 %",
        sessions(
            extended_expiration=lambda self, session: (
                session.expiration_time
                if session.client_progress == 100
                else Sessions.extended_expiration(self, session)
            )
        ),
        "keep-alive.extends-expiration",
    ),
    fault(
        "a keep-alive with progress only looks as if it extended",
        Parts(sessions=ShowsMoreThanItGives),
        "keep-alive.outlives-timeout",
    ),
    fault(
        "a progress that is not greater is accepted and does nothing",
        Parts(sessions=TakesWhatIsNotGreaterForNothing),
        "keep-alive.extends-expiration",
    ),
    fault(
        "keep-alive extends the session of the other service on its item",
        sessions(extended_expiration=item_kept_alive),
        "keep-alive.only-named-session",
    ),
    fault(
        "keep-alive with a progress of 0 does not extend a new session",
        Parts(sessions=NothingToReport),
        "keep-alive.extends-expiration",
    ),
    fault(
        "keep-alive extends update sessions only",
        sessions(extended_expiration=one_service_never_extended),
        *NO_EXTENSION,
        cells=DOWNLOAD_CELLS,
    ),
    fault(
        "keep-alive without progress does nothing to download sessions under /rest",
        Parts(door=IgnoresRestDownloads),
        *NO_EXTENSION,
        cells=tuple(cell for cell in REST_CELLS if cell in DOWNLOAD_CELLS),
    ),
    # What a keep-alive touches
    fault(
        "keep-alive bumps the content version",
        sessions(stored_progress=bump_version),
        "keep-alive.changes-nothing-else",
    ),
    fault(
        "a refused keep-alive cancels the session",
        sessions(requested_progress=cancel_when_refusing),
        "keep-alive.refused-changes-nothing",
        plays=("keep-alive.progress-beyond-int64",),
    ),
    # What a keep-alive succeeds on, and with what
    fault(
        "keep-alive needs a body",
        sessions(requested_progress=refuse_no_body),
        "keep-alive.no-body",
        tolerated=("keep-alive.returns-nothing", "keep-alive.extends-expiration"),
    ),
    fault(
        "keep-alive refuses an empty object",
        sessions(requested_progress=refuse_empty_object),
        "keep-alive.empty-object",
    ),
    fault(
        "keep-alive refuses a null progress",
        sessions(requested_progress=refuse_null),
        "keep-alive.null-progress",
    ),
    fault(
        "keep-alive succeeds with 200 under /api",
        wire(void_reply=lambda _, __: Reply(200)),
        "keep-alive.no-body",
        "keep-alive.empty-object",
        cells=API_CELLS,
    ),
    fault(
        "keep-alive succeeds with 204 under /rest",
        wire(void_reply=lambda _, __: Reply(204)),
        "keep-alive.no-body",
        "keep-alive.empty-object",
        cells=REST_CELLS,
    ),
    fault(
        "keep-alive succeeds with 202",
        wire(void_reply=lambda _, __: Reply(202)),
        "keep-alive.no-body",
        "keep-alive.empty-object",
        blocked=("keep-alive.deleted-id",),
    ),
    # What a success carries
    fault(
        "a success under /rest has a body",
        wire(void_reply=lambda _, idiom: Reply(idiom.void, body=b"" if idiom.void == 204 else b'{"value":null}')),
        "keep-alive.returns-nothing",
        cells=REST_CELLS,
    ),
    fault(
        "a 204 announces a body",
        wire(
            framing_headers=lambda _, reply: (("content-length", "2" if reply.status == 204 else str(len(reply.body))),)
        ),
        "keep-alive.returns-nothing",
        cells=API_CELLS,
    ),
]
