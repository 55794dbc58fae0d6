"""Servers that lead requests to the wrong operation, to none, or to the wrong session."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from contract_tests.contract import CELLS, Cell, Dialect, Service
from contract_tests.faults.fault import Decision, Fault, door, fault, overriding, sessions, wire
from contract_tests.faults.keep_alive import API_CELLS, DOWNLOAD_CELLS, REST_CELLS, UPDATE_CELLS
from contract_tests.mock import ApiError, Parts
from contract_tests.mock.domain import errors
from contract_tests.mock.domain.sessions import Sessions
from contract_tests.mock.http.door import Dispatcher
from contract_tests.mock.http.idioms import Idiom, idiom_of
from contract_tests.mock.http.operations import Operation, Success
from contract_tests.mock.http.reader import Reader
from contract_tests.mock.http.wire import HttpRefusal, Reply, Wire

if TYPE_CHECKING:
    from collections.abc import Sequence

    from contract_tests.mock.domain.model import SessionRecord
    from contract_tests.mock.http.door import Incoming

ACTION, NO_ACTION, COLON = "addressing.unknown-action", "addressing.missing-action", "addressing.colon-in-id"
OTHERS, UPDATE = "addressing.other-services-id", "addressing.update"


LENIENT: Final = overriding(Reader, check_query=lambda *_: None)
"""Takes parameters that the operation does not have."""


def reaching(cell: Cell, answer: Decision) -> Parts:
    """A server whose keep-alive in one cell does something of its own: `answer(door, operation, incoming)`."""

    def perform(self: Dispatcher, operation: Operation, incoming: Incoming) -> Reply:
        here = operation.idiom.dialect is cell.dialect and f"/{cell.service}-session/" in operation.path
        if here and operation.action == "keep-alive":
            reply: Reply = answer(self, operation, incoming)
            return reply
        return Dispatcher.perform(self, operation, incoming)

    return door(perform=perform)


def nothing(self: Dispatcher, operation: Operation, _: Incoming) -> Reply:
    return self.wire.void_reply(operation.idiom)


def not_found(_: Dispatcher, __: Operation, incoming: Incoming) -> Reply:
    raise errors.not_found("path", incoming.path)


def keeps_another(self: Dispatcher, operation: Operation, incoming: Incoming) -> Reply:
    other = next(iter(self.world.sessions.by_id))
    return Dispatcher.perform(self, operation, replace(incoming, parameters={"id": other}))


def cancels_too(self: Dispatcher, operation: Operation, incoming: Incoming) -> Reply:
    reply = Dispatcher.perform(self, operation, incoming)
    service = Service.UPDATE if "update" in operation.path else Service.DOWNLOAD
    self.world.sessions.cancel(service, incoming.parameters["id"])
    return reply


def selecting(otherwise: Decision) -> Parts:
    """A server that finds an operation where there is none: `otherwise(action, operations of the method)`."""

    def unknown_action(self: Dispatcher, action: str | None, of_method: Sequence[Operation]) -> Operation:
        found = otherwise(action, of_method)
        return found if found is not None else Dispatcher.unknown_action(self, action, of_method)

    return Parts(door=overriding(Dispatcher, unknown_action=unknown_action), reader=LENIENT)


def named(action: str, of_method: Sequence[Operation]) -> Operation | None:
    return next((one for one in of_method if one.action == action), None)


def does_nothing(of_method: Sequence[Operation]) -> Operation | None:
    """An operation that succeeds and does nothing, where keep-alive could stand."""
    alive = named("keep-alive", of_method)
    return None if alive is None else replace(alive, handler=lambda _: None, success=Success.VOID)


def by_beginning(action: str | None, of_method: Sequence[Operation]) -> Operation | None:
    return next((one for one in of_method if one.action and action and action.startswith(one.action)), None)


def complete_too(self: Dispatcher, idiom: Idiom, incoming: Incoming, operations: Sequence[Operation]) -> Operation:
    """Completes download sessions."""
    if "download-session/" in incoming.path and "action=complete" in incoming.query:
        alive = named("cancel", operations)
        assert alive is not None
        return replace(alive, action="complete")
    return Dispatcher.selected(self, idiom, incoming, operations)


def either_spelling(self: Dispatcher, idiom: Idiom, incoming: Incoming, operations: Sequence[Operation]) -> Operation:
    """Takes `action` for `~action` and the other way round, and then forgets what for."""
    try:
        return Dispatcher.selected(self, idiom, incoming, operations)
    except ApiError:
        (other,) = {"action", "~action"} - {idiom.action}
        found = does_nothing(operations) if other in self.reader.query(incoming.query) else None
        if found is None:
            raise
        return found


def without_prefix(self: Dispatcher, incoming: Incoming, operations: Sequence[Operation]) -> Reply:
    """Under `/rest`, answers an address without `id:`, and does nothing."""
    bare = not operations and "-session/" in incoming.path and "keep-alive" in incoming.query
    if bare and "/id:" not in incoming.path:
        return self.wire.void_reply(idiom_of(incoming.path))
    return Dispatcher.answer(self, incoming, operations)


def literal(self: Dispatcher, operation: Operation, incoming: Incoming) -> Reply:
    if operation.path.endswith("__action=keep-alive"):
        return self.wire.void_reply(operation.idiom)
    return Dispatcher.perform(self, operation, incoming)


def deaf_to(spelling: bytes) -> Decision:
    """A `send` that answers 404 to a path whose id has its colon in this spelling."""

    async def send(self: Wire, reply: Reply, scope: Any, receive: Any, send: Any) -> None:
        last = scope["raw_path"].rpartition(b"/")[2].removeprefix(b"id:")
        if b"-session/" in scope["raw_path"] and spelling in last:
            idiom = idiom_of(scope["path"])
            reply = self.error_reply(idiom, errors.not_found("session", scope["path"]))
        await Wire.send(self, reply, scope, receive, send)

    return send


def put_is_post(self: Dispatcher, idiom: Idiom, incoming: Incoming, operations: Sequence[Operation]) -> Operation:
    """Answers what it does not know with success."""
    try:
        return Dispatcher.selected(self, idiom, incoming, operations)
    except HttpRefusal:
        alive = does_nothing(operations)
        if alive is None:
            raise
        return alive


def patching(change: Decision) -> Parts:
    """A server that treats the body or the method of an update in its own way."""

    def arguments(self: Dispatcher, operation: Operation, incoming: Incoming, content: bytes) -> tuple[Any, Any]:
        if operation.method == "PATCH":
            return change(self, operation, incoming, content), None
        return Dispatcher.arguments(self, operation, incoming, content)

    return door(arguments=arguments)


def bare_everywhere(self: Dispatcher, operation: Operation, incoming: Incoming, content: bytes) -> Any:
    return self.reader.body(operation, incoming.headers, content)


def wrapped_everywhere(self: Dispatcher, operation: Operation, incoming: Incoming, content: bytes) -> Any:
    body = self.reader.body(operation, incoming.headers, content)
    return body.get("update_spec", {}) if isinstance(body, dict) else body


def no_patch(self: Dispatcher, idiom: Idiom, incoming: Incoming, operations: Sequence[Operation]) -> Operation:
    if incoming.method == "PATCH":
        raise self.unknown_method("PATCH", ["GET"])
    return Dispatcher.selected(self, idiom, incoming, operations)


def unreached(cell: Cell) -> list[Fault]:
    slug = f"addressing.{cell}-keep-alive"
    return [
        fault(f"keep-alive in {cell} does nothing", reaching(cell, nothing), slug, cells=(cell,)),
        fault(f"keep-alive in {cell} is not there", reaching(cell, not_found), slug, cells=(cell,)),
    ]


def found_first(self: Sessions, service: Service, session_id: str) -> SessionRecord:
    """Takes any id that it knows, whatever it is of."""
    return self.by_id[session_id] if session_id in self.by_id else Sessions.find(self, service, session_id)


FIRST = "addressing.api-update-keep-alive"

FAULTS: Final = [
    *(one for cell in CELLS for one in unreached(cell)),
    fault("keep-alive reaches the first session of all", reaching(CELLS[0], keeps_another), FIRST, cells=CELLS[:1]),
    fault("keep-alive cancels as well", reaching(CELLS[0], cancels_too), FIRST, cells=CELLS[:1]),
    fault(
        "an address without id: is answered, and no more",
        door(answer=without_prefix),
        "addressing.rest-update-keep-alive",
        "addressing.rest-download-keep-alive",
        cells=REST_CELLS,
    ),
    fault(
        "an unknown action succeeds and does nothing",
        selecting(lambda action, rows: does_nothing(rows) if action else None),
        ACTION,
    ),
    fault(
        "an unknown action keeps alive", selecting(lambda action, rows: action and named("keep-alive", rows)), ACTION
    ),
    fault("the beginning of an action is enough", selecting(by_beginning), ACTION),
    fault("a download session can be completed", door(selected=complete_too), ACTION, cells=DOWNLOAD_CELLS),
    fault(
        "a post without an action succeeds and does nothing",
        selecting(lambda action, rows: None if action else does_nothing(rows)),
        NO_ACTION,
    ),
    fault(
        "a post without an action keeps alive",
        selecting(lambda action, rows: None if action else named("keep-alive", rows)),
        NO_ACTION,
    ),
    fault(
        "the action as the other dialect spells it does nothing",
        Parts(door=overriding(Dispatcher, selected=either_spelling), reader=LENIENT),
        NO_ACTION,
    ),
    fault("%3A is no colon", wire(send=deaf_to(b"%3A")), COLON),
    fault("%3a is no colon", wire(send=deaf_to(b"%3a")), COLON),
    fault("a colon has to be encoded", wire(send=deaf_to(b":")), COLON, blocked=(COLON,)),
    fault("an id of the other service is found", sessions(is_of=lambda *_: True), OTHERS),
    fault("an id is looked for in both services", sessions(find=found_first), OTHERS),
    fault("there is no update", door(selected=no_patch), UPDATE, cells=UPDATE_CELLS),
    fault(
        "an update is bare under /rest",
        patching(bare_everywhere),
        UPDATE,
        cells=tuple(cell for cell in REST_CELLS if cell in UPDATE_CELLS),
    ),
    fault(
        "an update is wrapped under /api",
        patching(wrapped_everywhere),
        UPDATE,
        cells=tuple(cell for cell in API_CELLS if cell in UPDATE_CELLS),
    ),
    fault("methods that do not exist succeed", door(selected=put_is_post), "addressing.undeclared-methods"),
    fault(
        "the address that the portal prints does nothing",
        door(perform=literal),
        "addressing.literal-portal-path",
        cells=tuple(cell for cell in DOWNLOAD_CELLS if cell.dialect is Dialect.API),
    ),
]
