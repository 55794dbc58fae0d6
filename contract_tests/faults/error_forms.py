"""Servers whose errors have wrong types, wrappings, named arguments or translations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from contract_tests.faults.error_clauses import (
    ABOUT_MESSAGES,
    BODY,
    answering,
    each,
    having,
    lacking,
    set_to,
    with_status,
)
from contract_tests.faults.fault import Decision, fault, wire
from contract_tests.faults.keep_alive import API_CELLS, REST_CELLS
from contract_tests.mock.http.wire import Wire

if TYPE_CHECKING:
    from contract_tests.mock import ApiError, Parts
    from contract_tests.mock.http.idioms import Idiom


KNOWN = "errors.known-type"


def named(params: Any) -> Parts:
    """Messages with named arguments have these, in either dialect as given."""

    def error_body(self: Wire, idiom: Idiom, error: ApiError) -> Any:
        body = Wire.error_body(self, idiom, error)
        for message in (body["value"] if idiom.wraps else body)["messages"]:
            if "params" in message:
                message["params"] = params
        return body

    return wire(error_body=error_body)


def param(**members: Any) -> Parts:
    return wire(
        message=lambda self, message: (
            right | {"params": {"state": members}} if "params" in (right := Wire.message(self, message)) else right
        )
    )


def doubled(body: Any) -> Any:
    """The body with its first named argument there twice."""
    for message in body["value"]["messages"]:
        if "params" in message:
            message["params"] = [message["params"][0], *message["params"]]
    return body


def translated(text: Any) -> Parts:
    def message(self: Wire, message: Any) -> Any:
        right = Wire.message(self, message)
        return right | {"localized": text} if "localized" in right else right

    return wire(message=message)


def wrapped(change: Decision) -> Parts:
    """Errors under /rest are wrapped as `change` does it."""

    def error_body(self: Wire, idiom: Idiom, error: ApiError) -> Any:
        body = Wire.error_body(self, idiom, error)
        return change(body) if idiom.wraps else body

    return wire(error_body=error_body)


def camel(body: Any) -> Any:
    *prefix, name = body["type"].split(".")
    return body | {"type": ".".join([*prefix, "".join(word.capitalize() for word in name.split("_"))])}


TYPES: Final = [
    *each(
        "errors.type-fits-status",
        [
            ("a wrong state is refused with 404", answering(with_status(404), "NOT_ALLOWED_IN_CURRENT_STATE")),
            ("error types are texts of the wrong status", having(set_to(error_type="NOT_FOUND"))),
            ("error types are lists", having(set_to(error_type=["NOT_ALLOWED_IN_CURRENT_STATE"]))),
        ],
        only="has_ended",
        tolerated=("errors.rest-wrapping",),
    ),
    *each(
        "errors.type-fits-status",
        [("a missing token is UNAUTHORIZED", having(set_to(error_type="UNAUTHORIZED"), "UNAUTHENTICATED"))],
        only="valid_token",
        tolerated=("errors.rest-wrapping",),
    ),
    *each(
        KNOWN,
        [
            ("a wrong state is no documented type", having(set_to(error_type="NOT_ACTIVE"))),
            ("error types are in small letters", having(set_to(error_type="not_allowed_in_current_state"))),
        ],
        only="has_ended",
        tolerated=("errors.rest-wrapping",),
    ),
    fault(
        "a keep-alive that comes too late is refused with a type of its own",
        having(set_to(error_type="SESSION_HAS_ENDED"), "NOT_ALLOWED_IN_CURRENT_STATE"),
        "keep-alive.only-active",
        KNOWN,
        plays=("keep-alive.only-active",),
        only="no-body",
        tolerated=("errors.rest-wrapping",),
    ),
    fault(
        "what can't be read is INVALID_REQUEST with 404",
        answering(with_status(404), "INVALID_REQUEST"),
        "errors.undisputed-type-fits-status",
        only="wrong_body",
    ),
    fault(
        "an unknown media type is a CONCURRENT_CHANGE",
        having(set_to(error_type="CONCURRENT_CHANGE"), "ERROR"),
        "errors.disputed-type-fits-status",
        only="content_type",
        tolerated=("errors.rest-wrapping",),
    ),
    fault(
        "errors under /api have no type",
        having(lacking("error_type")),
        "errors.type-present",
        cells=API_CELLS,
        only="has_ended",
    ),
    fault(
        "errors have null for a type",
        having(set_to(error_type=None)),
        "errors.type-present",
        cells=API_CELLS,
        only="has_ended",
    ),
    *each(
        "errors.rest-wrapping",
        [
            ("wrapped errors have no type", wrapped(lacking("type"))),
            ("wrapped errors have a type in capitals", wrapped(lambda body: body | {"type": body["type"].upper()})),
            ("wrapped errors have a type in camel case", wrapped(camel)),
            (
                "wrapped errors have a type without a prefix",
                wrapped(lambda body: body | {"type": body["type"].rpartition(".")[2]}),
            ),
            (
                "wrapped errors are all of the type not_found",
                wrapped(set_to(type="com.vmware.vapi.std.errors.not_found")),
            ),
        ],
        cells=REST_CELLS,
        only="has_ended",
        tolerated=(KNOWN,),
    ),
    fault(
        "wrapped errors are of a made-up type",
        wrapped(
            lambda body: {
                "type": "com.vmware.vapi.std.errors.no_way",
                "value": lacking("error_type")(body["value"]),
            }
        ),
        KNOWN,
        cells=REST_CELLS,
        only="has_ended",
    ),
    fault(
        "errors of /rest are wrapped as anything",
        wrapped(lambda body: {"type": body["type"], "error": body["value"]}),
        "errors.rest-wrapping",
        BODY,
        cells=REST_CELLS,
        plays=("errors.rest-wrapping",),
        only="has_ended",
        blocked=ABOUT_MESSAGES,
    ),
    fault(
        "errors of /rest are bare",
        wrapped(lambda body: body["value"]),
        "errors.rest-wrapping",
        cells=REST_CELLS,
        only="has_ended",
    ),
]

PARAMS: Final = [
    *each(
        "errors.params",
        [
            ("named arguments are bare values", named({"state": "CANCELED"})),
            ("named arguments are a list of texts", named(["CANCELED"])),
            ("named arguments are a text", named("state=CANCELED")),
            ("a named argument has two values", param(s="CANCELED", i=4)),
            ("a named argument has a text for an integer", param(i="4")),
            ("a named argument is beyond int64", param(i=2**63)),
            ("a named argument has no zone in its time", param(dt="2026-01-02T03:04:05")),
            ("a named argument has a text for a number", param(d="0.5", precision=2)),
            ("a named argument has a text for a precision", param(d=0.5, precision="2")),
            ("a named argument has a number for a format", param(dt="2026-01-02T03:04:05Z", format=1)),
            ("a nested message has no id", param(l={"params": {}})),
            ("a nested message has two values", param(l={"id": "a.b", "params": {"x": {"s": "", "d": 0.5}}})),
        ],
        only="named_arguments",
    ),
    fault(
        "named arguments under /api are pairs",
        named([{"key": "state", "value": {"s": "CANCELED"}}]),
        "errors.params",
        cells=API_CELLS,
        only="named_arguments",
    ),
    fault(
        "named arguments under /rest are pairs with one name twice",
        wrapped(doubled),
        "errors.params",
        cells=REST_CELLS,
        only="named_arguments",
    ),
    *each(
        "errors.localized",
        [
            ("translations are objects", translated({"de": "Nein."})),
            ("translations are lists", translated(["Nein."])),
            ("translations are numbers", translated(1)),
            ("translations are false where there is none", translated(text=False)),
        ],
        only="translation",
    ),
]

FAULTS: Final = [*TYPES, *PARAMS]
