"""Servers that show a session wrongly when it is read."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from contract_tests.contract import Service
from contract_tests.faults.fault import Decision, Fault, fault, sessions, views, wire
from contract_tests.faults.keep_alive import UPDATE_CELLS
from contract_tests.mock import ApiError, ErrorType, Parts
from contract_tests.mock.domain import errors
from contract_tests.mock.domain.model import SessionRecord, State
from contract_tests.mock.domain.sessions import Sessions
from contract_tests.mock.domain.views import Views
from contract_tests.mock.http.wire import JSON_TYPE, Wire

if TYPE_CHECKING:
    from datetime import datetime


ENDED = ("model.error-message", "model.error-message-only-in-error", "model.preview-only-while-active")
"""What can't be judged of a session that is not seen in the state it was brought into."""

READ = "documented"
"""The scenarios that read a session in every state."""


def shown(change: Decision, *states: State) -> Parts:
    """Sessions are shown with what `change` makes of them; only in `states`, if any are given."""

    def session(self: Views, one: SessionRecord) -> Any:
        model = Views.session(self, one)
        return change(model) if not states or self.sessions.state_of(one) in states else model

    return views(session=session)


def having(**members: Any) -> Decision:
    return lambda model: model | members


def lacking(*names: str) -> Decision:
    return lambda model: {name: value for name, value in model.items() if name not in names}


def reading(name: str, parts: Parts, *found: str, **more: Any) -> Fault:
    """A server that shows a session wrongly, played by the scenarios that read one in every state."""
    return fault(name, parts, *found, **{"plays": ("model.state",), "only": READ} | more)


def of_item(self: Views, one: SessionRecord) -> Any:
    """The session with the version that its item has now."""
    version = self.sessions.libraries.item(one.item_id).content_version
    return Views.session(self, one) | {"library_item_content_version": str(version)}


def with_id(self: Views, one: SessionRecord) -> Any:
    return Views.session(self, one) | {"id": one.id}


def with_id_of_item(self: Views, one: SessionRecord) -> Any:
    return Views.session(self, one) | {"id": one.item_id}


def of_either_service(self: Sessions, service: Service, session_id: str) -> SessionRecord:
    for one in (service, *Service):
        try:
            return Sessions.find(self, one, session_id)
        except ApiError as unknown:
            refusal = unknown
    raise refusal


def refused_as_argument(self: Sessions, service: Service, session_id: str) -> SessionRecord:
    try:
        return Sessions.find(self, service, session_id)
    except ApiError:
        raise errors.invalid_argument("There is no such session.", argument="update_session_id") from None


def refused_as_operation(self: Sessions, service: Service, session_id: str) -> SessionRecord:
    try:
        return Sessions.find(self, service, session_id)
    except ApiError as refusal:
        raise ApiError(ErrorType.OPERATION_NOT_FOUND, *refusal.messages) from None


class BornAsTold(Sessions):
    """Lets the client say in which state a session begins."""

    def create(self, service: Service, user: str, spec: Any, token: str | None = None) -> str:
        created = super().create(service, user, spec, token)
        self.by_id[created].state = State(spec.get("state") or State.ACTIVE)
        return created


def local_time(_: Views, moment: datetime) -> str:
    return moment.replace(tzinfo=None).isoformat(timespec="milliseconds")


def eastern_time(_: Views, moment: datetime) -> str:
    return (moment + timedelta(hours=2)).replace(tzinfo=None).isoformat(timespec="milliseconds") + "+02:00"


STATE: Final = [
    reading("state is left out", shown(lacking("state")), "model.state", blocked=("model.state", *ENDED)),
    reading(
        "a completed session shows no state",
        shown(lacking("state"), State.DONE),
        "model.state",
        cells=UPDATE_CELLS,
        blocked=ENDED,
    ),
    fault(
        "a new session shows PREPARING",
        views(state=lambda self, one: "PREPARING" if (now := self.sessions.state_of(one)) is State.ACTIVE else now),
        "model.state",
        only="beginning",
        blocked=("model.initial-progress", "model.content-version", "model.error-message-only-in-error"),
    ),
    fault(
        "states are shown in small letters",
        views(state=lambda self, session: self.sessions.state_of(session).lower()),
        "model.state",
        "model.state-values",
        plays=("model.state",),
        blocked=ENDED,
    ),
    reading(
        "state is a number",
        shown(having(state=1)),
        "model.state",
        blocked=("model.state-values", *ENDED),
    ),
    reading(
        "a cancelled session shows CANCELLED",
        shown(having(state="CANCELLED"), State.CANCELED),
        "model.state-values",
    ),
    fault(
        "a session takes its first state from the client",
        Parts(sessions=BornAsTold),
        "model.state",
        only="beginning",
    ),
]

MEMBERS: Final = [
    reading("library_item_id is left out", shown(lacking("library_item_id")), "model.library-item-id"),
    reading(
        "a session that is over shows no library_item_id",
        shown(having(library_item_id=None), State.CANCELED, State.ERROR),
        "model.library-item-id",
    ),
    reading("library_item_id is another one", shown(having(library_item_id="another")), "model.library-item-id"),
    reading(
        "library_item_content_version is left out",
        shown(lacking("library_item_content_version")),
        "model.content-version",
    ),
    reading(
        "library_item_content_version is a number",
        shown(having(library_item_content_version=1)),
        "model.content-version",
    ),
    fault(
        "library_item_content_version is always 1",
        sessions(pinned_version=lambda *_: "1"),
        "model.content-version",
        only="content_version",
    ),
    fault(
        "library_item_content_version follows the item",
        views(session=of_item),
        "model.content-version",
        only="content_version",
    ),
    reading(
        "client_progress is left out when it is 0",
        shown(lambda model: model if model["client_progress"] else lacking("client_progress")(model)),
        "model.progress-present",
    ),
    fault(
        "client_progress is never shown",
        shown(lacking("client_progress")),
        "model.progress-present",
        plays=(
            "model.progress-present",
            "create.idempotent",
            "create.second-active-session",
            "expiry.never-moves-back",
            "keep-alive.extends-expiration",
            "keep-alive.hundred-does-not-end-session",
            "keep-alive.not-an-object",
            "keep-alive.null-progress",
            "keep-alive.only-active",
            "keep-alive.other-service-member",
            "keep-alive.progress-not-an-integer",
            "life-cycle.fail-needs-message",
            "life-cycle.only-active",
        ),
        tolerated=("model.initial-progress",),
        blocked=(
            "keep-alive.accepts-100",
            "keep-alive.progress-never-goes-down",
            "keep-alive.unspecified-progress-unchanged",
        ),
    ),
    reading(
        "client_progress is a string",
        shown(lambda model: model | {"client_progress": str(model["client_progress"])}),
        "model.progress-present",
    ),
    reading(
        "a session that is over shows no client_progress",
        shown(lacking("client_progress"), State.CANCELED, State.ERROR),
        "model.progress-present",
    ),
    fault(
        "client_progress begins at what create was given",
        sessions(initial_progress=lambda _, given: given.get("client_progress") or 0),
        "model.initial-progress",
    ),
    fault("client_progress begins at 1", sessions(initial_progress=lambda *_: 1), "model.initial-progress"),
    fault(
        "a keep-alive without progress counts one up",
        sessions(stored_progress=lambda _, session, value: session.client_progress + 1 if value is None else value),
        "model.initial-progress",
    ),
    reading(
        "client_progress is shown in 255ths",
        shown(lambda model: model | {"client_progress": model["client_progress"] * 255 // 100}),
        "model.progress-range",
    ),
    reading(
        "client_progress is -1 where there is none",
        shown(lambda model: model | {"client_progress": model["client_progress"] or -1}),
        "model.progress-not-negative",
    ),
    reading("expiration_time has no zone", views(time=local_time), "model.expiration-time"),
    reading("expiration_time is in another zone", views(time=eastern_time), "model.expiration-time-in-utc"),
    *(
        reading(
            f"expiration_time has {name}",
            views(time=lambda self, moment, form=form: form(Views.time(self, moment))),
            "model.expiration-time-format",
        )
        for name, form in (
            ("small letters", str.lower),
            ("a small t", lambda text: text.replace("T", "t")),
            ("a small z", lambda text: text.replace("Z", "z")),
            ("ten digits", lambda text: text.replace("Z", "0000000Z")),
        )
    ),
    reading(
        "expiration_time is a number",
        views(expiration_time=lambda _, session: session.expiration_time.timestamp()),
        "model.expiration-time",
    ),
    reading(
        "a session that is over shows no expiration_time",
        shown(lacking("expiration_time"), State.CANCELED, State.ERROR),
        "model.expiration-time",
    ),
    fault(
        "a session shows its id",
        views(session=with_id),
        "model.no-id",
        plays=("model.no-id", "create.ignored-members"),
    ),
    fault(
        "a session shows its item's id for its own", views(session=with_id_of_item), "model.no-id", "model.id-matches"
    ),
]

ERROR_MESSAGE: Final = [
    reading("a failed session does not say why", shown(lacking("error_message")), "model.error-message"),
    fault(
        "an expired session does not say why it is in ERROR",
        sessions(error_message_of=lambda _, session: session.error_message),
        "model.error-message",
        plays=("model.state-values",),
    ),
    fault(
        "a session that fails with an empty message does not say why",
        sessions(failure_by_client=lambda self, reason: Sessions.failure_by_client(self, reason) if reason else None),
        "model.error-message",
        plays=("life-cycle.fail",),
    ),
    reading(
        "a cancelled session shows an error_message",
        shown(having(error_message={"id": "x.y", "default_message": "Cancelled.", "args": []}), State.CANCELED),
        "model.error-message-only-in-error",
    ),
    fault(
        "a new session shows an empty error_message",
        shown(having(error_message={"id": "", "default_message": "", "args": []}), State.ACTIVE),
        "model.error-message-only-in-error",
        only="beginning or documented",
    ),
    reading(
        "error_message is a text",
        shown(having(error_message="It failed."), State.ERROR),
        "model.error-message",
    ),
    reading(
        "an error_message has no args",
        shown(having(error_message={"id": "x.y", "default_message": "It failed."}), State.ERROR),
        "model.error-message",
    ),
    reading(
        "an error_message says nothing",
        shown(having(error_message={"id": "x.y", "default_message": "", "args": []}), State.ERROR),
        "model.error-message",
    ),
    fault(
        "an unignored warning fails the session without a word",
        sessions(end=lambda self, session, state, _=None: Sessions.end(self, session, state)),
        "model.error-message",
        cells=UPDATE_CELLS,
        only="at_complete",
    ),
]

UNKNOWN_IDS: Final = [
    fault("a read finds sessions of the other service", sessions(get=of_either_service), "model.unknown-id"),
    fault("a read of an unknown id is a wrong argument", sessions(get=refused_as_argument), "model.unknown-id"),
    fault(
        "a read of an unknown id is an unknown operation",
        sessions(get=refused_as_operation),
        "model.unknown-id",
    ),
]

ABOUT_JSON: Final = [
    fault(
        "a success is announced as text",
        wire(
            **{
                kind: lambda self, idiom, value, kind=kind: replace(
                    getattr(Wire, kind)(self, idiom, value), headers=(("content-type", "text/plain"),)
                )
                for kind in ("created_reply", "value_reply")
            }
        ),
        "model.json",
        "model.json-under-rest",
    ),
    fault(
        "a list is announced as nothing",
        wire(
            value_reply=lambda self, idiom, value: replace(
                Wire.value_reply(self, idiom, value), headers=() if isinstance(value, list) else (JSON_TYPE,)
            )
        ),
        "model.json",
        "model.json-under-rest",
    ),
]

FAULTS: Final = [*ABOUT_JSON, *STATE, *MEMBERS, *ERROR_MESSAGE, *UNKNOWN_IDS]
