"""Servers that refuse without an error, with messages that say nothing, or by falling over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from contract_tests.contract import Cell, Dialect, Service
from contract_tests.faults.fault import Decision, Fault, door, fault, wire
from contract_tests.faults.keep_alive import UPDATE_CELLS
from contract_tests.mock import ApiError, ErrorType, Parts
from contract_tests.mock.domain.sessions import Sessions
from contract_tests.mock.http.door import Dispatcher
from contract_tests.mock.http.wire import Reply, Wire

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.types import Receive, Scope, Send

    from contract_tests.mock.http.door import Incoming
    from contract_tests.mock.http.idioms import Idiom
    from contract_tests.mock.http.operations import Operation

BODY = "errors.body"
UNLISTED = "errors.unlisted-status"
DEFAULT = "errors.default-response"
ABOUT_MESSAGES = (
    "errors.message-members",
    "errors.first-message",
    "errors.data",
    "errors.type-fits-status",
    "errors.undisputed-type-fits-status",
    "errors.disputed-type-fits-status",
    "errors.known-type",
    "errors.type-present",
)
"""What can't be judged where an error has no messages."""


def answering(reply: Decision, *types: str) -> Parts:
    """Errors of these types are answered with what `reply` makes of the right reply."""

    def error_reply(self: Wire, idiom: Idiom, error: ApiError) -> Reply:
        right = Wire.error_reply(self, idiom, error)
        wrong: Reply = reply(right) if error.error_type in types else right
        return wrong

    return wire(error_reply=error_reply)


def as_text(right: Reply) -> Reply:
    return Reply(right.status, (("content-type", "text/plain"),), b"no")


def as_html(right: Reply) -> Reply:
    return Reply(right.status, (("content-type", "text/html"),), b"<h1>No</h1>")


def without_body(right: Reply) -> Reply:
    return Reply(right.status)


def mislabelled(right: Reply) -> Reply:
    return Reply(right.status, (("content-type", "text/json"),), right.body)


def with_status(status: int) -> Decision:
    return lambda right: Reply(status, right.headers, right.body)


def having(change: Decision, *types: str) -> Parts:
    """Errors of these types, or of all, have the members that `change` gives them."""

    def error_fields(self: Wire, error: ApiError) -> Any:
        fields = Wire.error_fields(self, error)
        return change(fields) if not types or error.error_type in types else fields

    return wire(error_fields=error_fields)


def set_to(**members: Any) -> Decision:
    return lambda fields: fields | members


def lacking(name: str) -> Decision:
    return lambda fields: {key: value for key, value in fields.items() if key != name}


def saying(**members: Any) -> Decision:
    """A `message` with other members."""
    return lambda self, message: Wire.message(self, message) | members


def with_cause(**members: Any) -> Decision:
    """A second message, which is no message."""
    return lambda fields: fields | {"messages": [*fields["messages"], fields["messages"][0] | members]}


def crashing(error: str) -> Parts:
    """A server that falls over whatever it should refuse with `error`."""

    def perform(self: Dispatcher, operation: Operation, incoming: Incoming) -> Reply:
        try:
            return Dispatcher.perform(self, operation, incoming)
        except ApiError as refusal:
            if refusal.error_type == error:
                raise ZeroDivisionError(error) from None
            raise

    return door(perform=perform)


class SaysNothingOfTheUnlisted(Dispatcher):
    """Refuses a keep-alive of a download session under `/api` without an error, where its page lists no status."""

    def perform(self, operation: Operation, incoming: Incoming) -> Reply:
        try:
            return super().perform(operation, incoming)
        except ApiError as refusal:
            right = self.wire.error_reply(operation.idiom, refusal)
            is_that_one = operation.action == "keep-alive" and "download-session" in operation.path
            if is_that_one and not operation.idiom.wraps and right.status not in (400, 404):
                return as_text(right)
            raise


class HangsUp(Wire):
    """Closes the connection in place of refusing an argument."""

    async def send(self, reply: Reply, scope: Scope, receive: Receive, send: Send) -> None:
        if b"INVALID_ARGUMENT" in reply.body:
            scope["extensions"]["connection"].close()
        else:
            await super().send(reply, scope, receive, send)


class CrashesForUnknownItems(Sessions):
    """Looks up an item without asking whether it is there."""

    def list_ids(self, service: Service, user: str, item_id: str | None = None) -> list[str]:
        if item_id is not None and item_id not in self.libraries._items:
            raise KeyError(item_id)
        return super().list_ids(service, user, item_id)


def each(slug: str, table: Iterable[tuple[str, Parts]], **more: Any) -> list[Fault]:
    """A row for each way to break one clause, played by one scenario."""
    return [fault(name, parts, slug, **more) for name, parts in table]


BODIES: Final = [
    *each(
        BODY,
        [
            ("a wrong state is refused with a text", answering(as_text, "NOT_ALLOWED_IN_CURRENT_STATE")),
            (
                "a wrong state is refused without messages",
                having(set_to(messages=[]), "NOT_ALLOWED_IN_CURRENT_STATE"),
            ),
        ],
        only="has_ended",
        blocked=ABOUT_MESSAGES,
        tolerated=("errors.rest-wrapping",),
    ),
    *each(
        BODY,
        [
            ("an unknown id is refused with a page", answering(as_html, "NOT_FOUND")),
            ("an unknown id is refused without a body", answering(without_body, "NOT_FOUND")),
            ("an unknown id is refused with an error without messages", having(lacking("messages"), "NOT_FOUND")),
        ],
        only="unknown_id",
        blocked=ABOUT_MESSAGES,
        tolerated=("errors.rest-wrapping",),
    ),
    *each(
        BODY,
        [
            ("wrong arguments are refused as text/json", answering(mislabelled, "INVALID_ARGUMENT")),
            ("unreadable requests are refused with a text", answering(as_text, "INVALID_REQUEST")),
        ],
        only="wrong_body",
        tolerated=("errors.rest-wrapping",),
    ),
    fault(
        "a busy item is refused without a body",
        answering(without_body, "RESOURCE_BUSY"),
        BODY,
        only="second_session",
        cells=UPDATE_CELLS,
        blocked=ABOUT_MESSAGES,
        tolerated=("errors.rest-wrapping", "errors.no-server-error"),
    ),
    fault(
        "a keep-alive of a download has no error for what its page does not list",
        Parts(door=SaysNothingOfTheUnlisted),
        DEFAULT,
        cells=(Cell(Dialect.API, Service.DOWNLOAD),),
        tolerated=("errors.type-present",),
        blocked=ABOUT_MESSAGES,
    ),
    *each(
        UNLISTED,
        [
            ("a missing token is refused with a text", answering(as_text, "UNAUTHENTICATED")),
            ("a missing token is refused with messages that are none", having(set_to(messages={}), "UNAUTHENTICATED")),
        ],
        only="valid_token",
        blocked=ABOUT_MESSAGES,
        tolerated=("errors.rest-wrapping", DEFAULT),
    ),
    fault(
        "a missing privilege is refused with a page",
        answering(as_html, "UNAUTHORIZED"),
        UNLISTED,
        only="privilege",
        blocked=ABOUT_MESSAGES,
        tolerated=("errors.rest-wrapping", DEFAULT),
    ),
    *each(
        UNLISTED,
        [("405 and 415 have no body", answering(without_body, "ERROR"))],
        only="method or content_type",
        blocked=ABOUT_MESSAGES,
        tolerated=("errors.rest-wrapping", DEFAULT),
    ),
]

MESSAGES: Final = [
    *each(
        "errors.message-members",
        [
            ("the cause of an error has no id", having(with_cause(id=None))),
            ("the cause of an error has numbers for args", having(with_cause(args=[5]))),
            ("messages have null for args", wire(message=saying(args=None))),
            ("messages have a text for args", wire(message=saying(args="CANCELED"))),
            ("messages have a number for an id", wire(message=saying(id=17))),
            (
                "messages are texts",
                having(lambda fields: fields | {"messages": [one["default_message"] for one in fields["messages"]]}),
            ),
        ],
        only="has_ended",
    ),
    *each(
        "errors.message-members",
        [
            (
                "only a missing token is told without args",
                having(set_to(messages=[{"id": "a", "default_message": "No."}]), "UNAUTHENTICATED"),
            )
        ],
        only="valid_token",
    ),
    *each(
        "errors.first-message",
        [
            ("messages are empty", wire(message=saying(default_message=""))),
            ("messages are blank", wire(message=saying(default_message=" \n"))),
            (
                "only the cause says something",
                having(
                    lambda fields: (
                        fields | {"messages": [{"id": "a.b", "default_message": "", "args": []}, *fields["messages"]]}
                    )
                ),
            ),
        ],
        only="has_ended",
    ),
    *each(
        "errors.data",
        [
            ("data is a text", having(set_to(data="the session"))),
            ("data is a list", having(set_to(data=[]))),
            ("data is false", having(set_to(data=False))),
        ],
        only="has_ended",
    ),
]

SERVER_ERRORS: Final = [
    *each(
        "errors.no-server-error",
        [("an unknown id is an internal error", crashing(ErrorType.NOT_FOUND))],
        only="unknown_id",
    ),
    *each(
        "errors.no-server-error",
        [("a wrong state is an internal error", crashing(ErrorType.NOT_ALLOWED_IN_CURRENT_STATE))],
        only="has_ended",
    ),
    *each(
        "errors.no-server-error",
        [
            ("a wrong argument is an internal error", crashing(ErrorType.INVALID_ARGUMENT)),
            ("an unreadable body is an internal error", crashing(ErrorType.INVALID_REQUEST)),
            ("a wrong argument ends the connection", Parts(wire=HangsUp)),
            ("a wrong argument is answered with 503", answering(with_status(503), "INVALID_ARGUMENT")),
        ],
        only="wrong_body or wrong_creation",
        tolerated=("errors.type-fits-status",),
    ),
    fault(
        "a list of an unknown item is an internal error",
        Parts(sessions=CrashesForUnknownItems),
        "errors.no-server-error",
        only="unknown_item",
    ),
    *each(
        "errors.no-server-error",
        [("a missing token is an internal error", crashing(ErrorType.UNAUTHENTICATED))],
        only="valid_token",
    ),
    *each(
        "errors.no-server-error",
        [
            ("a busy item is an internal error", crashing(ErrorType.RESOURCE_BUSY)),
            ("a busy item is answered with 503", answering(with_status(503), "RESOURCE_BUSY")),
        ],
        cells=UPDATE_CELLS,
        only="second_session",
        tolerated=("errors.type-fits-status",),
    ),
]

FAULTS: Final = [*BODIES, *MESSAGES, *SERVER_ERRORS]
