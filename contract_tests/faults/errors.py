"""Servers whose refusals are right and whose error bodies are wrong."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from contract_tests.contract import Dialect
from contract_tests.faults.fault import Decision, Fault, fault, wire
from contract_tests.faults.keep_alive import API_CELLS, REST_CELLS
from contract_tests.mock import ApiError, ErrorType
from contract_tests.mock.http.wire import Reply, Wire

if TYPE_CHECKING:
    from contract_tests.mock.http.idioms import Idiom

UNKNOWN_ID = ("keep-alive.unknown-id",)
BODY = "errors.body"
MEMBERS = "errors.message-members"
TYPE = "errors.type-fits-status"


def of_404(change: Decision) -> Decision:
    """An `error_fields` that changes the error of a 404, and of no other status."""

    def error_fields(self: Wire, error: ApiError) -> Any:
        fields = Wire.error_fields(self, error)
        return change(fields) if error.error_type == ErrorType.NOT_FOUND else fields

    return error_fields


def message(change: Decision) -> Decision:
    return lambda self, one: change(Wire.message(self, one))


def without(name: str) -> Decision:
    return lambda fields: {key: value for key, value in fields.items() if key != name}


def sent_as(content_type: str, body: bytes | None = None) -> Decision:
    """An `error_reply` of another content type, and perhaps with another body."""

    def error_reply(self: Wire, idiom: Idiom, error: ApiError) -> Reply:
        right = Wire.error_reply(self, idiom, error)
        return Reply(right.status, (("content-type", content_type),), right.body if body is None else body)

    return error_reply


def in_body(name: str, error_fields: Decision, *found: str, tolerated: tuple[str, ...] = ()) -> Fault:
    return fault(name, wire(error_fields=error_fields), *found, plays=UNKNOWN_ID, only="no-body", tolerated=tolerated)


_ROWS: Final = [
    in_body("a 404 has no messages", of_404(without("messages")), BODY),
    in_body("a 404 has an empty list of messages", of_404(lambda fields: fields | {"messages": []}), BODY),
    in_body(
        "a 404 has its message as an object",
        of_404(lambda fields: fields | {"messages": fields["messages"][0]}),
        BODY,
    ),
    in_body("a 404 has its data as a string", of_404(lambda fields: fields | {"data": "the session"}), "errors.data"),
    in_body(
        "a 404 has an error_type that is not documented",
        of_404(lambda fields: fields | {"error_type": "NO_SUCH_SESSION"}),
        "errors.known-type",
        "keep-alive.unknown-id",
    ),
    in_body(
        "a 404 has an error_type that is a number",
        of_404(lambda fields: fields | {"error_type": 404}),
        TYPE,
    ),
    in_body(
        "a 404 has the error_type of a 400",
        of_404(lambda fields: fields | {"error_type": "INVALID_ARGUMENT"}),
        TYPE,
        "keep-alive.unknown-id",
        tolerated=("errors.rest-wrapping",),
    ),
    *(
        fault(
            f"messages have no {name}",
            wire(message=message(without(name))),
            MEMBERS,
            plays=UNKNOWN_ID,
            only="no-body",
            tolerated=("errors.first-message",),
        )
        for name in ("id", "default_message", "args")
    ),
    fault(
        "arguments of messages are numbers",
        wire(message=message(lambda one: one | {"args": [1]})),
        MEMBERS,
        plays=UNKNOWN_ID,
        only="no-body",
    ),
    fault(
        "messages have null for a text",
        wire(message=message(lambda one: one | {"default_message": None})),
        MEMBERS,
        plays=UNKNOWN_ID,
        tolerated=("errors.first-message",),
        only="no-body",
    ),
    fault(
        "errors are sent as text/html", wire(error_reply=sent_as("text/html")), BODY, plays=UNKNOWN_ID, only="no-body"
    ),
    fault(
        "errors are HTML pages",
        wire(error_reply=sent_as("text/html", b"<h1>Not Found</h1>")),
        BODY,
        plays=UNKNOWN_ID,
        only="no-body",
    ),
    fault(
        "errors have no body",
        wire(error_reply=sent_as("application/json", b"")),
        BODY,
        plays=UNKNOWN_ID,
        only="no-body",
    ),
    fault(
        "errors under /rest are not wrapped",
        wire(error_body=lambda self, _, error: self.error_fields(error)),
        "errors.rest-wrapping",
        plays=UNKNOWN_ID,
        only="no-body",
        cells=REST_CELLS,
    ),
    fault(
        "errors under /api are wrapped",
        wire(
            error_body=lambda self, idiom, error: (
                Wire.error_body(self, idiom, error) if idiom.wraps else {"type": "x", "value": self.error_fields(error)}
            )
        ),
        BODY,
        plays=UNKNOWN_ID,
        only="no-body",
        cells=API_CELLS,
        tolerated=("errors.type-present",),
    ),
    fault(
        "only /rest has no messages",
        wire(
            error_body=lambda self, idiom, error: (
                {"type": "com.vmware.vapi.std.errors.not_found", "value": {}}
                if idiom.dialect is Dialect.REST
                else self.error_fields(error)
            )
        ),
        BODY,
        plays=UNKNOWN_ID,
        only="no-body",
        cells=REST_CELLS,
        tolerated=("errors.rest-wrapping",),
    ),
    fault(
        "malformed JSON is refused with a text",
        wire(
            error_reply=lambda self, idiom, error: (
                Reply(400, (("content-type", "text/plain"),), b"bad request")
                if error.error_type == ErrorType.INVALID_REQUEST
                else Wire.error_reply(self, idiom, error)
            )
        ),
        BODY,
        plays=("keep-alive.malformed-json",),
    ),
    fault(
        "a missing token is refused without a body",
        wire(
            error_reply=lambda self, idiom, error: (
                Reply(401) if error.error_type == ErrorType.UNAUTHENTICATED else Wire.error_reply(self, idiom, error)
            )
        ),
        "errors.unlisted-status",
        plays=("authentication.token-required",),
        tolerated=("errors.default-response",),
    ),
]

FAULTS: Final = [replace(row, tolerated=row.tolerated | {"errors.rest-wrapping"}) for row in _ROWS]
"""What is no whole error is not wrapped as one, either."""
