"""Servers that choose otherwise where the documents leave room; none of them may be accused of anything."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from contract_tests.contract import Cell, Dialect, Service
from contract_tests.faults.fault import door, overriding, reader, sessions, views, wire
from contract_tests.mock import ApiError, Parts
from contract_tests.mock.domain.model import RULES, SessionRecord, State
from contract_tests.mock.domain.sessions import Sessions
from contract_tests.mock.domain.views import Views
from contract_tests.mock.http.door import Dispatcher, Incoming
from contract_tests.mock.http.reader import Reader
from contract_tests.mock.http.wire import HttpRefusal, Reply, Wire

from .differences import difference

if TYPE_CHECKING:
    from contract_tests.mock.http.idioms import Idiom
    from contract_tests.mock.http.operations import Operation

ENDS = (
    "expiry.expired-refuses-keep-alive",
    "expiry.download-session-ends",
    "expiry.update-session-deleted",
    "expiry.ended-session-deleted",
)
UNTYPED = ("errors.type-present",)
REFUSALS = ("keep-alive.unknown-id", "keep-alive.only-active")


def extended_by_reading(self: Sessions, service: Service, session_id: str) -> SessionRecord:
    session = self.find(service, session_id)
    if self.state_of(session) is State.ACTIVE:
        session.expiration_time = self.extended_expiration(session)
    return session


def extended_by_update(self: Sessions, session: SessionRecord, given: Any) -> None:
    Sessions.apply_update(self, session, given)
    session.expiration_time = self.extended_expiration(session)


def digits_as_number(self: Sessions, session: SessionRecord, body: Any) -> int | None:
    member = session.rules.progress_member
    if isinstance(body, dict) and isinstance(body.get(member), str) and body[member].isdigit():
        body = body | {member: int(body[member])}
    return Sessions.requested_progress(self, session, body)


def known_members_only(self: Sessions, session: SessionRecord, body: Any) -> int | None:
    others = {rules.progress_member for rules in RULES.values()} - {session.rules.progress_member}
    if isinstance(body, dict):
        body = {name: value for name, value in body.items() if name not in others}
    return Sessions.requested_progress(self, session, body)


def json_only(self: Reader, operation: Operation, headers: Any, content: bytes) -> Any:
    return Reader.body(self, replace(operation, legacy=None), headers, content)


def with_extras(self: Wire, message: Any) -> dict[str, Any]:
    params = {"name": {"s": "text"}, "size": {"i": 5}, "at": {"dt": "2026-01-02T03:04:05.678Z", "format": "MED_DATE"}}
    return Wire.message(self, message) | {"params": params, "localized": "Etwas ging schief.", "x": 1}


def in_rest_style(self: Wire, idiom: Idiom, error: ApiError) -> Any:
    """Maps as arrays of key and value, as `/rest` writes them."""
    body = Wire.error_body(self, idiom, error)
    for message in body["value"]["messages"] if idiom.wraps else ():
        message["params"] = [{"key": "name", "value": {"s": "text"}}]
    return body


def without_type(self: Wire, error: ApiError) -> Any:
    return {name: value for name, value in Wire.error_fields(self, error).items() if name != "error_type"}


NEW_TYPES = {
    "ERROR": "NOT_OF_THIS_KIND",
    "INVALID_REQUEST": "UNREADABLE_CONTENT",
    "OPERATION_NOT_FOUND": "NO_SUCH_ACTION",
}
"""Types of a newer server, for what no document has a type."""

OTHER_TYPES = {404: "OPERATION_NOT_FOUND", 405: "OPERATION_NOT_FOUND", 415: "UNSUPPORTED"}
"""By status, types that other documents than these name with it."""


def of_type(error: ApiError, error_type: str) -> ApiError:
    return ApiError(error_type, *error.messages, data=error.data, challenge=error.challenge)


def with_new_types(self: Wire, idiom: Idiom, error: ApiError) -> Any:
    return Wire.error_body(self, idiom, of_type(error, NEW_TYPES.get(error.error_type, error.error_type)))


def with_other_types(self: Wire, idiom: Idiom, error: ApiError) -> Any:
    if isinstance(error, HttpRefusal):
        error = of_type(error, OTHER_TYPES[error.status])
    return Wire.error_body(self, idiom, error)


def unprocessable(self: Dispatcher, operation: Operation, incoming: Incoming) -> Reply:
    """Refuses with 422 whatever is wrong with the body of a keep-alive."""
    try:
        return Dispatcher.perform(self, operation, incoming)
    except ApiError as refusal:
        if operation.action != "keep-alive" or refusal.error_type not in {"INVALID_ARGUMENT", "INVALID_REQUEST"}:
            raise
        other = HttpRefusal(422, "unprocessable", "That can't be processed.")
        other.error_type = refusal.error_type
        raise other from None


def silent_elsewhere(self: Dispatcher, operation: Operation, incoming: Incoming) -> Reply:
    """Says nothing where it refuses with a status that the pages do not list, but for keep-alive."""
    try:
        return Dispatcher.perform(self, operation, incoming)
    except ApiError as refusal:
        right = self.wire.error_reply(operation.idiom, refusal)
        if operation.action == "keep-alive" or right.status in (400, 404):
            raise
        return Reply(right.status)


def more_members(self: Views, session: SessionRecord) -> Any:
    return Views.session(self, session) | {"owner": "somebody", "progress_history": [1, 2]}


def nine_digits(_: Views, moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f") + "000Z"


def with_offset(_: Views, moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")


def in_another_zone(_: Views, moment: datetime) -> str:
    return (moment + timedelta(hours=2)).replace(tzinfo=None).isoformat(timespec="milliseconds") + "+02:00"


def refused_with_409(self: Sessions, session: SessionRecord, value: int) -> None:
    if value < session.client_progress:
        raise HttpRefusal(409, "conflict", "It does not go down.")
    Sessions.check_progress(self, session, value)


DIFFERENCES: Final = [
    difference(
        "an equal progress is refused",
        sessions(accepts_progress=lambda _, session, value: value > session.client_progress),
        "keep-alive.equal-progress",
        "keep-alive.lower-progress",
    ),
    difference(
        "a lower progress is accepted and ignored",
        sessions(
            accepts_progress=lambda *_: True,
            stored_progress=lambda _, session, value: max(session.client_progress, value or 0),
        ),
        "keep-alive.lower-progress",
    ),
    difference(
        "a progress out of range is clamped",
        sessions(
            is_within_limits=lambda *_: True,
            accepts_progress=lambda *_: True,
            stored_progress=lambda _, session, value: max(session.client_progress, min(value or 0, 100)),
        ),
        "keep-alive.above-100",
        "keep-alive.negative-progress",
    ),
    difference(
        "a progress out of range is accepted and ignored",
        sessions(
            check_progress=lambda *_: None,
            stored_progress=lambda _, session, value: (
                value if value is not None and session.client_progress < value <= 100 else session.client_progress
            ),
        ),
        "keep-alive.above-100",
        "keep-alive.negative-progress",
    ),
    difference(
        "a negative progress is stored",
        sessions(
            is_within_limits=lambda _, value: value <= 100,
            accepts_progress=lambda _, session, value: value < 0 or value >= session.client_progress,
        ),
        "keep-alive.negative-progress",
        short_of=("keep-alive.negative-progress", "model.progress-not-negative"),
    ),
    difference(
        "a string of digits is a number",
        sessions(requested_progress=digits_as_number),
        "keep-alive.progress-not-an-integer",
    ),
    difference(
        "the other service's member is ignored",
        sessions(requested_progress=known_members_only),
        "keep-alive.other-service-member",
    ),
    difference("XML and forms are refused", reader(body=json_only), "keep-alive.legacy-representations"),
    difference(
        "reading is activity",
        sessions(get=extended_by_reading),
        "expiry.other-activity",
        "expiry.not-before-expiration-time",
        "keep-alive.extends-expiration",
        "keep-alive.changes-nothing-else",
        "keep-alive.only-named-session",
        "keep-alive.refused-changes-nothing",
        "keep-alive.malformed-json",
        "update.state-unchanged",
    ),
    difference(
        "an update is activity",
        sessions(apply_update=extended_by_update),
        "update.state-unchanged",
    ),
    difference(
        "an expired session is gone at once",
        sessions(is_overdue=lambda self, session: self.clock.now() > session.expiration_time),
        *ENDS,
    ),
    difference(
        "an expired session is there for a long time",
        sessions(is_overdue=lambda self, session: self.clock.now() > session.expiration_time + 4 * self.timeout),
        *ENDS,
    ),
    difference(
        "an expired session is CANCELED",
        sessions(
            state_of=lambda self, session: State.CANCELED if self.has_expired(session) else session.state,
        ),
        *ENDS,
    ),
    difference(
        "a download session that expired stays",
        sessions(
            is_overdue=lambda self, session: (
                session.rules.progress_member == "client_progress" and Sessions.is_overdue(self, session)
            )
        ),
        "expiry.deleted-in-no-list",
    ),
    difference("no error has a type", wire(error_fields=without_type), *REFUSALS, only="no-body", advised=UNTYPED),
    difference(
        "the type of an error is null",
        wire(error_fields=lambda self, error: Wire.error_fields(self, error) | {"error_type": None}),
        *REFUSALS,
        only="no-body",
        advised=UNTYPED,
    ),
    difference(
        "error types are new where no document names one",
        wire(error_body=with_new_types),
        "errors.body",
        "errors.unlisted-status",
        "keep-alive.malformed-json",
        "addressing.unknown-action",
        *REFUSALS,
        advised=("errors.known-type",),
    ),
    difference(
        "a 405 is OPERATION_NOT_FOUND and a 415 UNSUPPORTED",
        wire(error_body=with_other_types),
        "errors.unlisted-status",
        only="method or content_type",
    ),
    difference(
        "errors under /rest are bare",
        wire(error_body=lambda self, _, error: self.error_fields(error)),
        "errors.body",
        "errors.unlisted-status",
        "authentication.error-body",
        "create.second-active-session",
        *REFUSALS,
        short_of=("errors.rest-wrapping",),
    ),
    difference(
        "only the keep-alive of downloads has an error for what no page lists",
        door(perform=silent_elsewhere),
        "errors.unlisted-status",
        "errors.default-response",
        only="valid_token or content_type or by_default",
        short_of=("errors.unlisted-status",),
        cells=(Cell(Dialect.API, Service.DOWNLOAD),),
    ),
    difference("messages have all their members and more", wire(message=with_extras), *REFUSALS, only="no-body"),
    difference("/rest writes maps as arrays", wire(error_body=in_rest_style), *REFUSALS, only="no-body"),
    difference(
        "errors have data",
        wire(
            error_fields=lambda self, error: (
                Wire.error_fields(self, error) | {"data": {"is_transient": True}, "trace": "a1b2"}
            )
        ),
        *REFUSALS,
        only="no-body",
    ),
    difference(
        "the charset is named",
        wire(
            error_reply=lambda self, idiom, error: Reply(
                Wire.status_of(self, idiom, error),
                (("Content-Type", "application/json; charset=UTF-8"),),
                self.encoded(self.error_body(idiom, error)),
            )
        ),
        *REFUSALS,
        only="no-body",
    ),
    difference(
        "the model has unknown members",
        views(session=more_members),
        "keep-alive.changes-nothing-else",
        "keep-alive.stores-progress",
    ),
    difference(
        "the progress is a number with a fraction of nothing",
        views(client_progress=lambda _, session: float(session.client_progress)),
        "keep-alive.progress-member-name",
        "keep-alive.unspecified-progress-unchanged",
    ),
    *(
        difference(
            f"times have {name}",
            views(time=form),
            "keep-alive.extends-expiration",
            "expiry.default-five-minutes",
            "expiry.not-before-expiration-time",
        )
        for name, form in (
            ("nine digits", nine_digits),
            ("an offset", with_offset),
            ("no fraction", lambda _, moment: moment.strftime("%Y-%m-%dT%H:%M:%SZ")),
        )
    ),
    difference(
        "times are in another zone (+02:00)",
        views(time=in_another_zone),
        "keep-alive.extends-expiration",
        "expiry.default-five-minutes",
        "expiry.not-before-expiration-time",
        "model.expiration-time",
        short_of=("model.expiration-time-in-utc",),
    ),
    difference(
        "ids have no colon",
        sessions(new_id=lambda self: Sessions.new_id(self).replace(":", "-")),
        "keep-alive.no-body",
        "keep-alive.unknown-id",
        "expiry.deleted-in-no-list",
    ),
    difference(
        "what should not be sent as a progress is refused with 422",
        Parts(
            sessions=overriding(Sessions, accepts_progress=lambda _, session, value: value > session.client_progress),
            door=overriding(Dispatcher, perform=unprocessable),
        ),
        "keep-alive.equal-progress",
        "keep-alive.lower-progress",
        "keep-alive.above-100",
        "keep-alive.negative-progress",
        "keep-alive.malformed-json",
        "keep-alive.not-an-object",
        "keep-alive.progress-not-an-integer",
        "keep-alive.progress-beyond-int64",
        "keep-alive.other-service-member",
    ),
    difference(
        "a lower progress is refused with 409",
        sessions(check_progress=refused_with_409),
        "keep-alive.lower-progress",
    ),
    difference(
        "a success under /rest is chunked and empty",
        wire(
            framing_headers=lambda self, reply: (
                (("transfer-encoding", "chunked"),)
                if reply.status == 200 and not reply.body
                else Wire.framing_headers(self, reply)
            )
        ),
        "keep-alive.returns-nothing",
        "keep-alive.no-body",
    ),
]

OTHERWISE: Final = Parts(
    sessions=overriding(
        Sessions,
        accepts_progress=lambda *_: True,
        is_within_limits=lambda *_: True,
        stored_progress=lambda _, session, value: max(session.client_progress, min(value or 0, 100)),
        requested_progress=known_members_only,
        get=extended_by_reading,
        is_overdue=lambda self, session: self.clock.now() > session.expiration_time,
        new_id=lambda self: Sessions.new_id(self).replace(":", "-"),
    ),
    views=overriding(Views, session=more_members, time=with_offset),
    wire=overriding(Wire, message=with_extras, error_fields=without_type),
    reader=overriding(Reader, body=json_only),
)
"""A server that takes every other choice at once."""
