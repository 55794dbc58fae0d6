"""Servers where sessions end wrongly: complete, cancel, fail and delete."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from contract_tests.contract import Service
from contract_tests.faults.fault import fault, overriding, sessions, views
from contract_tests.faults.keep_alive import API_CELLS, DOWNLOAD_CELLS, REST_CELLS, UPDATE_CELLS
from contract_tests.mock import ApiError, Parts
from contract_tests.mock.domain import errors
from contract_tests.mock.domain.model import SessionRecord, State
from contract_tests.mock.domain.sessions import Sessions
from contract_tests.mock.domain.views import Views
from contract_tests.mock.http.door import Dispatcher, Incoming
from contract_tests.mock.http.wire import Reply

if TYPE_CHECKING:
    from contract_tests.mock.domain.model import Item
    from contract_tests.mock.http.operations import Operation

COMPLETE: Final = "life-cycle.complete"
WAITS: Final = "life-cycle.complete-without-content"
CANCEL: Final = "life-cycle.cancel"
ONLY_ACTIVE: Final = "life-cycle.only-active"
FAIL: Final = "life-cycle.fail"
SHOWS_ERROR: Final = "life-cycle.fail-shows-error"
NEEDS_MESSAGE: Final = "life-cycle.fail-needs-message"
UNKNOWN: Final = "life-cycle.unknown-id"
FREE: Final = "life-cycle.item-free-after-end"
SAID: Final = errors.Message("x.y", "No.")


def voids(*actions: str | None, status: int, method: str = "POST") -> Parts:
    """A door that answers these actions on a session, if they succeed, with this status."""

    def perform(self: Dispatcher, operation: Operation, incoming: Incoming) -> Reply:
        reply = Dispatcher.perform(self, operation, incoming)
        asked = operation.method == method and operation.action in actions and "-session/" in operation.path
        return Reply(status) if asked else reply

    return Parts(door=overriding(Dispatcher, perform=perform))


def ending(**states: State | None) -> Any:
    """An `end` that brings sessions into another state than it is asked to; None: it leaves them."""

    def end(self: Sessions, session: SessionRecord, state: State, error: errors.Message | None = None) -> None:
        other = states.get(state.lower(), state)
        if other is not None:
            Sessions.end(self, session, other, error)

    return end


def busy_after_progress(self: Sessions, item: Item) -> bool:
    """Whether an item has a session that is ACTIVE, or was cancelled after it had made some progress."""
    cancelled = (one for one in self.by_id.values() if one.item_id == item.id and one.state is State.CANCELED)
    return Sessions.is_busy(self, item) or any(one.client_progress for one in cancelled)


def cancelled_together(self: Sessions, service: Service, session_id: str) -> None:
    """Cancels the session, and if it is a download all others of its item."""
    Sessions.cancel(self, service, session_id)
    item = self.find(service, session_id).item_id
    for other in self.by_id.values() if service is Service.DOWNLOAD else ():
        if other.item_id == item and other.service is service and self.state_of(other) is State.ACTIVE:
            self.end(other, State.CANCELED)


def lenient(*operations: str) -> Any:
    """A `require_active` that lets these operations work in every state."""

    def require_active(self: Sessions, session: SessionRecord, operation: str) -> None:
        if operation not in operations:
            Sessions.require_active(self, session, operation)

    return require_active


def lenient_when_expired(self: Sessions, session: SessionRecord, operation: str) -> None:
    if session.state is not State.ACTIVE or operation not in {"complete", "cancel", "fail"}:
        Sessions.require_active(self, session, operation)


def refused_otherwise(error_type: str) -> Any:
    def require_active(self: Sessions, session: SessionRecord, operation: str) -> None:
        try:
            Sessions.require_active(self, session, operation)
        except ApiError:
            raise ApiError(error_type, SAID) from None

    return require_active


class ChangesTheRefused(Sessions):
    """Refuses to end a session again, and notes the attempt in its state."""

    def require_active(self, session: SessionRecord, operation: str) -> None:
        try:
            super().require_active(session, operation)
        except ApiError:
            session.state = State.ERROR if operation == "fail" else session.state
            session.error_message = SAID
            raise


def ending_every_session(state: State) -> Any:
    """An `end` that brings all sessions of a service into `state` with the one that it was asked to."""

    def end(self: Sessions, session: SessionRecord, into: State, error: errors.Message | None = None) -> None:
        Sessions.end(self, session, into, error)
        for other in self.by_id.values() if into is state else ():
            if other.service is session.service and other.state is State.ACTIVE:
                Sessions.end(self, other, into, error)

    return end


class EndsWhenRefusing(Sessions):
    """Refuses to complete a session, and ends it."""

    def unfinished_files(self, session: SessionRecord) -> list[errors.Message]:
        unfinished = super().unfinished_files(session)
        if unfinished:
            self.end(session, State.ERROR, SAID)
        return unfinished


class DropsWhatIsUnfinished(Sessions):
    """Refuses to complete a session, and throws away the files that are missing."""

    def unfinished_files(self, session: SessionRecord) -> list[errors.Message]:
        unfinished = super().unfinished_files(session)
        if unfinished:
            session.uploads.clear()
        return unfinished


class FailsBeforeItReads(Sessions):
    """Ends a session in ERROR, and only then looks for the message."""

    def fail(self, service: Service, session_id: str, body: Any) -> None:
        session = self.find(service, session_id)
        self.require_active(session, "fail")
        self.end(session, State.ERROR, SAID)
        self.client_reason(body)


class KnowsEveryId(Sessions):
    """Takes an id that it does not know for one of a session that is over."""

    def find(self, service: Service, session_id: str) -> SessionRecord:
        try:
            return super().find(service, session_id)
        except ApiError:
            raise errors.not_active("session", session_id, "UNKNOWN", "this") from None


class ForgetsItsService(Sessions):
    """Finds a session by its id alone, whichever service is asked."""

    def find(self, service: Service, session_id: str) -> SessionRecord:
        session = self.by_id.get(session_id)
        return super().find(service if session is None else session.service, session_id)


class DeletesNobody(Sessions):
    """Deletes a session that does not exist without a word."""

    def delete(self, service: Service, session_id: str) -> None:
        if session_id in self.by_id:
            super().delete(service, session_id)


def busy_for_ever(state: State) -> Any:
    """An `is_busy` that counts sessions in `state` as ACTIVE ones."""

    def is_busy(self: Sessions, item: Item) -> bool:
        return Sessions.is_busy(self, item) or any(
            one.item_id == item.id and one.service is Service.UPDATE and one.state is state
            for one in self.by_id.values()
        )

    return is_busy


class ReusesTheEnded(Sessions):
    """Yields the session that an item had before."""

    def create(self, service: Service, user: str, spec: Any, token: str | None = None) -> str:
        item = spec.get("library_item_id") if isinstance(spec, dict) else None
        ended = [one for one in self.by_id.values() if one.item_id == item and self.state_of(one) is not State.ACTIVE]
        return ended[0].id if ended else super().create(service, user, spec, token)


class ForgetsTheEnded(Sessions):
    """Starts a new session on an item in place of the ended one, which is another one now."""

    def create(self, service: Service, user: str, spec: Any, token: str | None = None) -> str:
        item = spec.get("library_item_id") if isinstance(spec, dict) else None
        for session in self.by_id.values():
            if session.item_id == item and self.state_of(session) is not State.ACTIVE:
                session.state = State.ERROR
                session.error_message = SAID
        return super().create(service, user, spec, token)


def without_error_message(self: Views, session: SessionRecord) -> dict[str, Any]:
    return {name: value for name, value in Views.session(self, session).items() if name != "error_message"}


def any_reason(_: Sessions, body: Any) -> str:
    return str((body or {}).get("client_error_message") or "no reason")


FAULTS: Final = [
    # Complete
    fault(
        "complete succeeds with 200 under /api",
        voids("complete", status=200),
        COMPLETE,
        cells=API_CELLS,
    ),
    fault(
        "complete succeeds with 204 under /rest",
        voids("complete", status=204),
        COMPLETE,
        cells=REST_CELLS,
    ),
    fault("complete does nothing", sessions(end=ending(done=None)), COMPLETE),
    fault("complete cancels", sessions(end=ending(done=State.CANCELED)), COMPLETE),
    fault(
        "complete refuses files that are there",
        sessions(unfinished_files=lambda _, session: [SAID for _ in session.uploads]),
        COMPLETE,
    ),
    fault(
        "complete does not wait for content",
        sessions(unfinished_files=lambda *_: []),
        WAITS,
    ),
    fault(
        "complete waits for the content of one file only",
        sessions(
            unfinished_files=lambda self, session: (
                Sessions.unfinished_files(self, session)
                if all(one.status != "READY" for one in session.uploads.values())
                else []
            )
        ),
        WAITS,
    ),
    fault(
        "complete without content fails the session",
        Parts(sessions=EndsWhenRefusing),
        WAITS,
    ),
    fault(
        "a file that is late is dropped",
        Parts(sessions=DropsWhatIsUnfinished),
        WAITS,
    ),
    # Cancel
    fault(
        "cancel succeeds with 200 under /api",
        voids("cancel", status=200),
        CANCEL,
        cells=API_CELLS,
    ),
    fault("cancel succeeds with 202", voids("cancel", status=202), CANCEL),
    fault("cancel does nothing", sessions(end=ending(canceled=None)), CANCEL),
    fault(
        "cancel is spelt in another way",
        views(state=lambda self, session: Views.state(self, session).replace("CANCELED", "CANCELLED")),
        CANCEL,
    ),
    fault(
        "cancel deletes the session",
        sessions(cancel=lambda self, service, id_: self.forget(self.find(service, id_))),
        CANCEL,
    ),
    fault(
        "cancel deletes a download session",
        sessions(
            cancel=lambda self, service, id_: (
                self.forget(self.find(service, id_))
                if service is Service.DOWNLOAD
                else Sessions.cancel(self, service, id_)
            )
        ),
        CANCEL,
        cells=DOWNLOAD_CELLS,
        plays=(CANCEL, "keep-alive.deleted-id", "model.unknown-id", "authentication.token-header"),
    ),
    fault(
        "cancel ends every session",
        sessions(end=ending_every_session(State.CANCELED)),
        CANCEL,
        tolerated=("life-cycle.delete-ended", "life-cycle.delete-download-session"),  # to delete one takes a cancel
    ),
    fault(
        "a session with files can not be cancelled",
        sessions(
            cancel=lambda self, service, id_: (
                self.require_active(self.find(service, id_), "cancel")
                if self.find(service, id_).uploads
                else Sessions.cancel(self, service, id_)
            )
        ),
        CANCEL,
        cells=UPDATE_CELLS,
    ),
    # Fail
    fault("fail succeeds with 200 under /api", voids("fail", status=200), FAIL, cells=API_CELLS),
    fault("fail ends every session", sessions(end=ending_every_session(State.ERROR)), FAIL),
    fault("fail does nothing", sessions(end=ending(error=None)), FAIL, SHOWS_ERROR),
    fault("fail cancels", sessions(end=ending(error=State.CANCELED)), SHOWS_ERROR),
    fault(
        "fail keeps no message",
        views(session=without_error_message),
        SHOWS_ERROR,
        "model.error-message",
        plays=(FAIL, SHOWS_ERROR),
    ),
    fault(
        "fail takes ASCII only",
        sessions(client_reason=lambda self, body: Sessions.client_reason(self, body).encode("ascii").decode()),
        FAIL,
        tolerated=("errors.no-server-error", "errors.unlisted-status", "errors.default-response"),
        blocked=(SHOWS_ERROR,),
    ),
    fault(
        "fail takes a short message only",
        sessions(client_reason=lambda self, body: Sessions.client_reason(self, body if len(str(body)) < 500 else None)),
        FAIL,
        blocked=(SHOWS_ERROR,),
    ),
    fault("fail needs no message", sessions(client_reason=any_reason), NEEDS_MESSAGE),
    fault(
        "fail needs a body, and no message",
        sessions(
            client_reason=lambda self, body: (
                any_reason(self, body) if isinstance(body, dict) else Sessions.client_reason(self, body)
            )
        ),
        NEEDS_MESSAGE,
    ),
    fault(
        "fail without a message crashes",
        sessions(client_reason=lambda _, body: body["client_error_message"]),
        NEEDS_MESSAGE,
        plays=(NEEDS_MESSAGE,),
        tolerated=("errors.no-server-error",),
    ),
    fault(
        "fail without a message is refused, and fails the session",
        Parts(sessions=FailsBeforeItReads),
        NEEDS_MESSAGE,
    ),
    # Only while it is ACTIVE
    *(
        fault(
            f"{operation} works in every state",
            sessions(require_active=lenient(operation)),
            ONLY_ACTIVE,
            cells=UPDATE_CELLS if operation == "complete" else None,
        )
        for operation in ("complete", "cancel", "fail")
    ),
    fault(
        "an expired session can be ended",
        sessions(require_active=lenient_when_expired),
        ONLY_ACTIVE,
    ),
    fault(
        "a session that ended is refused as a conflict",
        sessions(require_active=refused_otherwise("RESOURCE_BUSY")),
        ONLY_ACTIVE,
        plays=(ONLY_ACTIVE,),
        tolerated=("errors.no-server-error",),
    ),
    fault(
        "a session that ended is not found",
        sessions(require_active=refused_otherwise("NOT_FOUND")),
        ONLY_ACTIVE,
    ),
    fault("a refused ending leaves its mark", Parts(sessions=ChangesTheRefused), ONLY_ACTIVE),
    # Ids that no session has
    fault("an ending of an unknown id is refused with 400", Parts(sessions=KnowsEveryId), UNKNOWN),
    fault("an id of the other service will do", Parts(sessions=ForgetsItsService), UNKNOWN),
    fault("delete of an unknown id succeeds", Parts(sessions=DeletesNobody), UNKNOWN),
    # The item afterwards
    *(
        fault(f"a session that is {state} keeps its item", sessions(is_busy=busy_for_ever(state)), FREE)
        for state in (State.DONE, State.CANCELED, State.ERROR)
    ),
    fault("a session that is CANCELED at 40 keeps its item", sessions(is_busy=busy_after_progress), FREE),
    fault(
        "cancel of a download session cancels all of its item",
        sessions(cancel=cancelled_together),
        "life-cycle.only-named-session",
        cells=DOWNLOAD_CELLS,
    ),
    fault("an item has the same session for ever", Parts(sessions=ReusesTheEnded), FREE),
    fault("a new session changes the former", Parts(sessions=ForgetsTheEnded), FREE),
]
