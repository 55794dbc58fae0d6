"""From a request to a reply: which operation it asks for, who asks, and what comes of it.

The order is that of real servers where it is known: a path, method or action that does not exist is told even
to somebody who is not logged in; then comes the token, then the query, then the body, then the domain.
"""

from __future__ import annotations

import sys
import traceback
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from contract_tests.mock.domain import errors
from contract_tests.mock.domain.errors import ApiError, ErrorType, Message
from contract_tests.mock.http.idioms import Idiom, idiom_of
from contract_tests.mock.http.operations import Invocation, Operation, RequestBody
from contract_tests.mock.http.wire import HttpRefusal, Reply, Wire

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from contract_tests.mock.domain.access import ApiSession
    from contract_tests.mock.domain.content import Content
    from contract_tests.mock.domain.world import World
    from contract_tests.mock.http.reader import Reader


@dataclass(frozen=True)
class Incoming:
    """A request, read from the wire. `content` is None if there was more of it than anybody reads.

    `arrived` is what came instead, where the request brings content of a file.
    """

    method: str
    path: str
    parameters: Mapping[str, str]
    query: str
    headers: Mapping[str, str]
    content: bytes | None
    origin: str
    arrived: Content | None = None


class Dispatcher:
    """Answers requests, synchronously; one `World` has one, so nothing happens at the same time."""

    def __init__(self, world: World, reader: Reader, wire: Wire) -> None:
        self.world = world
        self.reader = reader
        self.wire = wire

    def answer(self, incoming: Incoming, operations: Sequence[Operation]) -> Reply:
        """Answer a request for a path where `operations` live; none of them: the path does not exist."""
        idiom = idiom_of(incoming.path)
        try:
            return self.perform(self.selected(idiom, incoming, operations), incoming)
        except ApiError as refusal:
            return self.wire.error_reply(idiom, self.localized(refusal, incoming.headers))
        except Exception:  # noqa: BLE001 - whatever it is, the client gets an answer in its dialect
            traceback.print_exc(file=sys.stderr)
            return self.wire.error_reply(idiom, errors.internal_error())

    def localized(self, refusal: ApiError, headers: Mapping[str, str]) -> ApiError:
        """The refusal in the language that the client asks for, if it asks for one: this server knows English."""
        if "accept-language" in headers:
            refusal.messages = tuple(replace(one, localized=one.default_message) for one in refusal.messages)
        return refusal

    def selected(self, idiom: Idiom, incoming: Incoming, operations: Sequence[Operation]) -> Operation:
        """The operation that the request asks for.

        Raises:
            ApiError: NOT_FOUND (path), OPERATION_NOT_FOUND (action), INVALID_REQUEST (more than one action);
                HttpRefusal: 405.
        """
        if not operations:
            raise self.unknown_path(idiom, incoming.path)
        of_method = [one for one in operations if one.method == incoming.method]
        if not of_method:
            raise self.unknown_method(incoming.method, sorted({one.method for one in operations}))
        actions = self.reader.query(incoming.query).get(idiom.action, [])
        if len(actions) > 1:
            raise errors.invalid_request(f"The parameter {idiom.action} is there more than once.")
        action = actions[0] if actions else None
        for operation in of_method:
            if operation.action == action:
                return operation
        return self.unknown_action(action, of_method)

    def unknown_path(self, idiom: Idiom, path: str) -> ApiError:
        text = f"Unable to find operations for URL: {path}."
        return ApiError(ErrorType.NOT_FOUND, Message(idiom.unknown_path, text, (path,)))

    def unknown_method(self, method: str, allowed: Sequence[str]) -> ApiError:
        text = f"The method {method} is not allowed here."
        return HttpRefusal(405, "methodNotAllowed", text, (("allow", ", ".join(allowed)),))

    def unknown_action(self, action: str | None, _of_method: Sequence[Operation]) -> Operation:
        """Refuse an action that the path does not have; an override may return an operation instead."""
        raise errors.no_such_action(action)

    def perform(self, operation: Operation, incoming: Incoming) -> Reply:
        """Carry out an operation.

        Raises:
            ApiError: whatever stands in the way.
        """
        token = self.reader.token(incoming.headers)
        login = self.authenticated(operation, token)
        query = self.reader.query(incoming.query)
        self.reader.check_query(operation, query)
        content = self.content(incoming)
        body, client_token = self.arguments(operation, incoming, content)
        call = Invocation(
            world=self.world,
            reader=self.reader,
            login=login,
            origin=incoming.origin,
            headers=incoming.headers,
            path=incoming.parameters,
            query=query,
            body=body,
            content=content,
            arrived=incoming.arrived,
            client_token=client_token,
            token=token,
        )
        value = operation.handler(call)
        reply = self.wire.success(operation.idiom, operation.success, value)
        return self.with_cookie(operation, incoming, value, reply) if operation.sets_cookie else reply

    def with_cookie(self, operation: Operation, incoming: Incoming, token: str | None, reply: Reply) -> Reply:
        """The reply to a login, or to a logout, whose token is None, with its cookie."""
        if not self.reader.wants_cookie(incoming.headers):
            return reply
        secure = incoming.origin.startswith("https:")
        return replace(
            reply, headers=(*reply.headers, *self.wire.cookie_headers(operation.idiom, token, secure=secure))
        )

    def authenticated(self, operation: Operation, token: str | None) -> ApiSession | None:
        """Who asks; None where nobody needs to be known.

        Raises:
            ApiError: UNAUTHENTICATED.
        """
        return self.world.access.require(token) if operation.needs_token else None

    def content(self, incoming: Incoming) -> bytes:
        """The bytes of the body.

        Raises:
            HttpRefusal: 413.
        """
        if incoming.content is None:
            raise HttpRefusal(413, "bodyTooLarge", "The body is too large.")
        return incoming.content

    def arguments(self, operation: Operation, incoming: Incoming, content: bytes) -> tuple[Any, Any]:
        """Specification and client token: from the wrapped body, or from bare body and header."""
        if operation.body is not RequestBody.VALUE:
            return None, None
        body = self.reader.body(operation, incoming.headers, content)
        spec, token = self.reader.unwrapped(operation, body)
        return spec, token if operation.idiom.wraps else incoming.headers.get("client-token")
