"""The door for JSON-RPC: one path, on which requests name the operation that they ask for.

Whatever becomes of a request that could be read as HTTP is answered with 200; the outcome stands in the body. The order
is that of the other door: an operation that does not exist is told even to somebody who is not logged in; then comes
the token, then the input, then the domain.
"""

from __future__ import annotations

import sys
import traceback
from typing import TYPE_CHECKING, Any, Final

from contract_tests.mock.domain import errors
from contract_tests.mock.domain.errors import ApiError
from contract_tests.mock.http.idioms import API
from contract_tests.mock.http.operations import Invocation
from contract_tests.mock.http.wire import JSON_TYPE, TOKEN_NAME, HttpRefusal, Reply
from contract_tests.mock.jsonrpc.datatypes import OPERATION_INPUT, StructureType, type_of
from contract_tests.mock.jsonrpc.operations import OPERATIONS, Place, RemoteOperation
from contract_tests.mock.jsonrpc.requests import PARSE_ERROR, RpcRefusal, RpcRequest, read_request
from contract_tests.mock.jsonrpc.structures import ARGUMENT_LOCATIONS, MESSAGE, STD

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from contract_tests.mock.http.door import Dispatcher, Incoming
    from contract_tests.mock.http.operations import Operation

_MESSAGES: Final = type_of(f"[{MESSAGE}]")
_LOCATIONS: Final = type_of(f"{ARGUMENT_LOCATIONS}?")
_TEXT: Final = type_of("text?")


class RpcDoor:
    """Answers POST; all else goes to the other door, `beside`, for which nothing lives at this path."""

    def __init__(self, beside: Dispatcher) -> None:
        self.beside = beside
        self.world = beside.world
        self.reader = beside.reader
        self.wire = beside.wire

    def answer(self, incoming: Incoming, operations: Sequence[Operation]) -> Reply:
        """Answer a request for the path of this protocol."""
        if incoming.method != "POST":
            return self.beside.answer(incoming, operations)
        try:
            request = read_request(self.value(incoming), incoming.headers)
        except HttpRefusal as refusal:
            return self.wire.error_reply(API, refusal)
        except RpcRefusal as refusal:
            error = {"code": refusal.code, "message": refusal.problem}
            return self.reply({"jsonrpc": "2.0", "id": refusal.request_id, "error": error})
        result = self.result(request, incoming)
        headers = tuple(("vapi-error", name) for name in result.get("error", {}).get("ERROR", ()))
        return self.reply({"jsonrpc": "2.0", "id": request.id, "result": result}, *headers)

    def value(self, incoming: Incoming) -> Any:
        """The JSON value that was sent.

        Raises:
            HttpRefusal: 413, 415; RpcRefusal: it can't be read.
        """
        content = self.beside.content(incoming)
        media, charset = self.reader.content_type(incoming.headers)
        if media != "application/json" or charset not in {"", "utf-8", "utf8"}:
            raise HttpRefusal(415, "unsupportedMediaType", f"The content type {media} is not supported.")
        try:
            return self.reader.json(content)
        except ApiError as refusal:
            raise RpcRefusal(PARSE_ERROR, refusal.messages[0].default_message) from None

    def result(self, request: RpcRequest, incoming: Incoming) -> dict[str, Any]:
        """What comes of a request: an output or an error."""
        try:
            return {"output": self.perform(request, incoming)}
        except ApiError as refusal:
            return {"error": {"ERROR": self.error(self.beside.localized(refusal, incoming.headers))}}
        except Exception:  # noqa: BLE001 - whatever it is, the client gets an answer in its protocol
            traceback.print_exc(file=sys.stderr)
            return {"error": {"ERROR": self.error(errors.internal_error())}}

    def perform(self, request: RpcRequest, incoming: Incoming) -> Any:
        """Carry out an operation; its output as a data value.

        Raises:
            ApiError: whatever stands in the way.
        """
        row = OPERATIONS.get((request.service, request.operation))
        if row is None:
            raise errors.no_such_operation(request.service, request.operation)
        token = self.token(request, incoming.headers)
        login = self.world.access.require(token) if row.needs_token else None
        given = input_of(row, request)
        query = {name: [value] for name, value in placed(row, given, Place.QUERY).items()}
        call = Invocation(
            world=self.world,
            reader=self.reader,
            login=login,
            origin=incoming.origin,
            headers=incoming.headers,
            path=placed(row, given, Place.PATH),
            query=query,
            body=body_of(row, given) if row.needs_token else request.credentials,
            content=b"",
            arrived=None,
            client_token=next(iter(placed(row, given, Place.CLIENT_TOKEN).values()), None),
            token=token,
        )
        return type_of(row.output).encode(row.handler(call))

    def token(self, request: RpcRequest, headers: Mapping[str, str]) -> str | None:
        """The token: of the header, or else of the security context, or else of a cookie that a jar has added."""
        return headers.get(TOKEN_NAME) or request.session_id or self.reader.token(headers)

    def error(self, refusal: ApiError) -> dict[str, Any]:
        """A refusal as the members of an error value, by its full name."""
        members = {
            "messages": _MESSAGES.encode([self.wire.message(one) for one in refusal.messages]),
            "data": _LOCATIONS.encode(refusal.data),
            "error_type": _TEXT.encode(refusal.error_type),
        }
        if refusal.challenge is not None:
            members["challenge"] = _TEXT.encode(refusal.challenge)
        return {f"{STD}.errors.{refusal.error_type.lower()}": members}

    def reply(self, value: Any, *headers: tuple[str, str]) -> Reply:
        return Reply(200, (JSON_TYPE, *headers), self.wire.encoded(value))


def input_of(row: RemoteOperation, request: RpcRequest) -> dict[str, Any]:
    """The input of an operation by its members; those that are unset are not there.

    Raises:
        ApiError: INVALID_ARGUMENT, UNEXPECTED_INPUT.
    """
    kind = StructureType(OPERATION_INPUT, {name: member.notation for name, member in row.members.items()})
    found: dict[str, Any] = kind.decode(request.input, "The input")
    return found


def placed(row: RemoteOperation, given: Mapping[str, Any], place: Place) -> dict[str, Any]:
    """What of the input goes to a place, by the names that it has there."""
    return {row.members[name].known_as: value for name, value in given.items() if row.members[name].place is place}


def body_of(row: RemoteOperation, given: Mapping[str, Any]) -> Any:
    """The body that a request in another dialect would have; None where it has none."""
    whole = placed(row, given, Place.WHOLE_BODY)
    return next(iter(whole.values())) if whole else placed(row, given, Place.BODY) or None
