"""Servers whose keep-alive is refused wrongly, or not at all."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from contract_tests.faults.fault import fault, reader, sessions
from contract_tests.mock import ApiError, ErrorType, Parts
from contract_tests.mock.domain import errors
from contract_tests.mock.domain.model import SessionRecord, State
from contract_tests.mock.domain.sessions import Sessions
from contract_tests.mock.http.door import Dispatcher, Incoming
from contract_tests.mock.http.reader import Reader

if TYPE_CHECKING:
    from contract_tests.contract import Service
    from contract_tests.mock.http.operations import Operation
    from contract_tests.mock.http.wire import Reply

from contract_tests.faults.keep_alive import REST_CELLS, UPDATE_CELLS


class RemembersTheDeleted(Sessions):
    """Answers for a deleted session as if it were only over."""

    def forget(self, session: SessionRecord) -> None:
        self.__dict__.setdefault("forgotten", set()).add(session.id)
        super().forget(session)

    def find(self, service: Service, session_id: str) -> SessionRecord:
        session = self.by_id.get(session_id)
        if session is None and session_id in self.__dict__.get("forgotten", ()):
            raise errors.not_active("session", session_id, "DELETED", "this")
        return super().find(service, session_id)


class ExtendsForMalformedJson(Dispatcher):
    """Keeps the session alive first, and reads the body afterwards."""

    def perform(self, operation: Operation, incoming: Incoming) -> Reply:
        try:
            return super().perform(operation, incoming)
        except ApiError as refusal:
            if operation.action == "keep-alive" and refusal.error_type == ErrorType.INVALID_REQUEST:
                session = self.world.sessions.by_id[incoming.parameters["id"]]
                session.expiration_time = self.world.sessions.extended_expiration(session)
            raise


def anything_but(state: State) -> Any:
    """A `require_active` that lets keep-alive work on sessions in `state` too."""

    def require_active(self: Sessions, session: SessionRecord, operation: str) -> None:
        if operation != "keep-alive" or session.state is not state:
            Sessions.require_active(self, session, operation)

    return require_active


def crash_when_over(self: Sessions, session: SessionRecord, operation: str) -> None:
    if operation == "keep-alive" and session.state is State.CANCELED:
        raise LookupError("a handler that nobody wrote")
    Sessions.require_active(self, session, operation)


def type_of_refusal(error_type: str) -> Any:
    """A `require_active` that refuses with another type."""

    def require_active(self: Sessions, session: SessionRecord, operation: str) -> None:
        if self.state_of(session) is not State.ACTIVE and operation == "keep-alive":
            raise ApiError(error_type, errors.Message("x.y", "The session is not ACTIVE."))
        Sessions.require_active(self, session, operation)

    return require_active


def refuse_with(error_type: str) -> Any:
    """A `find` that refuses an id that it does not know with another type."""

    def find(self: Sessions, service: Service, session_id: str) -> SessionRecord:
        try:
            return Sessions.find(self, service, session_id)
        except ApiError as refusal:
            raise ApiError(error_type, *refusal.messages) from None

    return find


def succeed_for_nobody(self: Sessions, service: Service, session_id: str, body: Any = None) -> None:
    if session_id in self.by_id:
        Sessions.keep_alive(self, service, session_id, body)


def nothing_if_malformed(self: Reader, content: bytes) -> Any:
    with suppress(ApiError):
        return Reader.json(self, content)


def accept_any_shape(self: Sessions, session: SessionRecord, body: Any) -> int | None:
    return Sessions.requested_progress(self, session, body) if isinstance(body, dict) else None


FAULTS: Final = [
    *(
        fault(
            f"keep-alive of a session in state {state} succeeds",
            sessions(require_active=anything_but(state)),
            "keep-alive.only-active",
            cells=UPDATE_CELLS if state is State.DONE else None,
            tolerated=("keep-alive.refused-changes-nothing",),
            only="no-body",
        )
        for state in (State.CANCELED, State.ERROR, State.DONE)
    ),
    fault(
        "keep-alive of a cancelled session crashes",
        sessions(require_active=crash_when_over),
        "keep-alive.only-active",
        "errors.no-server-error",
        plays=("keep-alive.only-active",),
        only="no-body",
    ),
    fault(
        "a session that ended is refused with INVALID_ARGUMENT",
        sessions(require_active=type_of_refusal("INVALID_ARGUMENT")),
        "keep-alive.only-active",
        only="no-body",
    ),
    fault(
        "a session that ended is refused with 404",
        sessions(require_active=type_of_refusal("NOT_FOUND")),
        "keep-alive.only-active",
        only="no-body",
    ),
    fault(
        "an unknown id is refused with 400",
        sessions(find=refuse_with("INVALID_ARGUMENT")),
        "keep-alive.unknown-id",
        "keep-alive.deleted-id",
    ),
    fault(
        "an unknown id is refused with OPERATION_NOT_FOUND",
        sessions(find=refuse_with("OPERATION_NOT_FOUND")),
        "keep-alive.unknown-id",
        "keep-alive.deleted-id",
        only="no-body",
    ),
    fault(
        "keep-alive of an unknown id succeeds",
        sessions(keep_alive=succeed_for_nobody),
        "keep-alive.unknown-id",
        "keep-alive.deleted-id",
        only="no-body",
    ),
    fault(
        "a deleted id is refused with 400",
        Parts(sessions=RemembersTheDeleted),
        "keep-alive.deleted-id",
        only="no-body",
    ),
    # What a keep-alive can't have understood
    fault(
        "malformed JSON is taken for no body",
        reader(json=nothing_if_malformed),
        "keep-alive.malformed-json",
    ),
    fault(
        "malformed JSON is refused and extends the life",
        Parts(door=ExtendsForMalformedJson),
        "keep-alive.malformed-json",
    ),
    fault(
        "a body that is no object is taken for none",
        sessions(requested_progress=accept_any_shape),
        "keep-alive.not-an-object",
    ),
    fault(
        "XML is accepted and not read",
        reader(xml=lambda *_: {}),
        "keep-alive.stores-progress",
        tolerated=("keep-alive.legacy-representations",),
        cells=REST_CELLS,
        plays=("keep-alive.legacy-representations",),
    ),
    fault(
        "a form body crashes the server",
        reader(form=lambda _, __, content: content["progress"]),
        "keep-alive.legacy-representations",
        "errors.no-server-error",
        cells=REST_CELLS,
        plays=("keep-alive.legacy-representations",),
    ),
]
