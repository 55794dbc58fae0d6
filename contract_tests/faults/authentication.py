"""Servers that let in whom they should not, keep out whom they should let in, or say too much about it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from contract_tests.faults.fault import Decision, access, door, fault, wire
from contract_tests.faults.keep_alive import API_CELLS, REST_CELLS, UPDATE_CELLS
from contract_tests.mock import ApiError, ErrorType, Parts
from contract_tests.mock.domain import errors
from contract_tests.mock.domain.access import ApiSession, Logins
from contract_tests.mock.http.door import Dispatcher
from contract_tests.mock.http.wire import Wire

if TYPE_CHECKING:
    from contract_tests.mock.http.door import Incoming
    from contract_tests.mock.http.idioms import Idiom
    from contract_tests.mock.http.operations import Operation
    from contract_tests.mock.http.wire import Reply

REQUIRED, UNKNOWN, ENDED = "authentication.token-required", "authentication.unknown-token", "authentication.ended-token"
BODY, LOGIN, HEADER = "authentication.error-body", "authentication.login", "authentication.token-header"
NEEDLESS, MISSING = "authentication.no-privilege-needed", "authentication.missing-privilege"


def is_of_sessions(operation: Operation) -> bool:
    return "-session" in operation.path


def is_create(operation: Operation) -> bool:
    return is_of_sessions(operation) and operation.method == "POST" and operation.action is None


def is_list(operation: Operation) -> bool:
    return operation.method == "GET" and operation.path.endswith("-session")


def is_action(name: str) -> Decision:
    return lambda operation: is_of_sessions(operation) and operation.action == name


def is_delete(operation: Operation) -> bool:
    return is_of_sessions(operation) and operation.method == "DELETE"


def is_update(operation: Operation) -> bool:
    return operation.method == "PATCH"


def open_to_all(chosen: Decision) -> Parts:
    """A server that asks for no token at some operations."""

    def authenticated(self: Dispatcher, operation: Operation, token: str | None) -> ApiSession | None:
        if not chosen(operation):
            return Dispatcher.authenticated(self, operation, token)
        now = self.world.clock.now()
        return self.world.access.recognise(token) or ApiSession("user", now, now)

    return door(authenticated=authenticated)


def obedient(chosen: Decision) -> Parts:
    """A server that refuses a stranger, and does what they ask all the same."""

    def perform(self: Dispatcher, operation: Operation, incoming: Incoming) -> Reply:
        try:
            return Dispatcher.perform(self, operation, incoming)
        except ApiError as refusal:
            if refusal.error_type == ErrorType.UNAUTHENTICATED and chosen(operation):
                token = self.world.access.log_in("user", "pass")
                known = incoming.headers | {"vmware-api-session-id": token}  # type: ignore[operator]
                Dispatcher.perform(self, operation, replace(incoming, headers=known))
            raise

    return door(perform=perform)


def needing_privilege(chosen: Decision) -> Parts:
    """A server that asks for a privilege where none is needed."""

    def perform(self: Dispatcher, operation: Operation, incoming: Incoming) -> Reply:
        login = self.authenticated(operation, self.reader.token(incoming.headers))
        if chosen(operation) and login is not None:
            self.world.access.require_privilege(login.user, "ContentLibrary.UpdateSession")
        return Dispatcher.perform(self, operation, incoming)

    return door(perform=perform)


def needing_authorization(chosen: Decision) -> Parts:
    """A server that wants name and password again, beside the token."""

    def perform(self: Dispatcher, operation: Operation, incoming: Incoming) -> Reply:
        if chosen(operation) and "authorization" not in incoming.headers:
            raise errors.unauthenticated()
        return Dispatcher.perform(self, operation, incoming)

    return door(perform=perform)


def session_ids_too(self: Dispatcher, operation: Operation, token: str | None) -> ApiSession | None:
    if token in self.world.sessions.by_id:
        now = self.world.clock.now()
        return ApiSession("user", now, now)
    return Dispatcher.authenticated(self, operation, token)


def by_its_beginning(self: Logins, token: str | None) -> ApiSession | None:
    known = [login for one, login in self._logins.items() if token and one[:8] == token[:8]]
    return known[0] if known else None


def empty_is_good(self: Logins, token: str | None) -> ApiSession | None:
    now = self.clock.now()
    return ApiSession("user", now, now) if token == "" else Logins.recognise(self, token)


def of_401(change: Decision) -> Parts:
    """A server whose error is another one when nobody is logged in."""

    def error_fields(self: Wire, error: ApiError) -> Any:
        fields = Wire.error_fields(self, error)
        return change(fields) if error.error_type == ErrorType.UNAUTHENTICATED else fields

    return wire(error_fields=error_fields)


def tells_who_is_known(self: Logins, name: str, password: str) -> str:
    try:
        return Logins.log_in(self, name, password)
    except ApiError:
        text = "The password is wrong." if name in self._users else "There is no such user."
        raise ApiError(ErrorType.UNAUTHENTICATED, errors.Message("x.wrong", text)) from None


def forbidding(self: Wire, idiom: Idiom, error: ApiError) -> int:
    """Strangers are refused with 403."""
    right = Wire.status_of(self, idiom, error)
    return 403 if right == 401 else right


def lost_privileges(self: Logins, user: str, privilege: str) -> None:
    try:
        Logins.require_privilege(self, user, privilege)
    except ApiError:
        raise errors.unauthenticated() from None


OPERATIONS: dict[str, Decision] = {
    "create": is_create,
    "list": is_list,
    "keep-alive": is_action("keep-alive"),
    "cancel": is_action("cancel"),
    "fail": is_action("fail"),
    "delete": is_delete,
}

FAULTS: Final = [
    *(fault(f"{name} needs no token", open_to_all(chosen), REQUIRED) for name, chosen in OPERATIONS.items()),
    fault("update needs no token", open_to_all(is_update), REQUIRED, cells=UPDATE_CELLS),
    fault("complete needs no token", open_to_all(is_action("complete")), REQUIRED, cells=UPDATE_CELLS),
    *(
        fault(f"{name} without a token is refused and done", obedient(OPERATIONS[name]), REQUIRED)
        for name in ("create", "keep-alive", "cancel", "delete")
    ),
    fault(
        "strangers are refused with 403",
        wire(status_of=forbidding),
        REQUIRED,
        UNKNOWN,
        ENDED,
        tolerated=("errors.type-fits-status",),
    ),
    fault("the id of a session is a token", door(authenticated=session_ids_too), UNKNOWN),
    fault("the beginning of a token is enough", access(recognise=by_its_beginning), UNKNOWN),
    fault("an empty token is good", access(recognise=empty_is_good), UNKNOWN),
    fault("nobody is logged out", access(log_out=lambda *_: None), ENDED),
    fault(
        "a refused stranger is told who they are not",
        of_401(lambda fields: fields | {"data": {"primary": "vmware-api-session-id", "secondary": []}}),
        BODY,
    ),
    fault(
        "a refused stranger is told of another error",
        of_401(lambda fields: fields | {"error_type": "UNAUTHORIZED"}),
        BODY,
        tolerated=("errors.type-fits-status", "errors.rest-wrapping"),
    ),
    fault(
        "a refused stranger is told nothing",
        of_401(lambda fields: fields | {"messages": []}),
        "errors.unlisted-status",
        plays=(BODY,),
        tolerated=("errors.default-response",),
    ),
    fault("a refused login tells who is known", access(log_in=tells_who_is_known), BODY),
    *(
        fault(f"{name} needs a privilege", needing_privilege(chosen), NEEDLESS)
        for name, chosen in OPERATIONS.items()
        if name not in {"create", "list"}
    ),
    fault("update needs a privilege", needing_privilege(is_update), NEEDLESS, cells=UPDATE_CELLS),
    fault("no privilege is asked for", access(has_privilege=lambda *_: True), MISSING),
    fault("a missing privilege is refused with 401", access(require_privilege=lost_privileges), MISSING),
    *(
        fault(f"{name} wants name and password, too", needing_authorization(OPERATIONS[name]), HEADER, tolerated=more)
        for name, more in (("keep-alive", ("keep-alive.stores-progress",)), ("fail", ()), ("list", ("model.list",)))
    ),
    fault(
        "a login under /api succeeds with 200",
        wire(
            created_reply=lambda self, idiom, value: replace(
                Wire.created_reply(self, idiom, value), status=idiom.created if ":" in value or "-" in value else 200
            )
        ),
        LOGIN,
        cells=API_CELLS,
    ),
    fault(
        "the token is wrapped under /api",
        wire(
            wrapped=lambda self, idiom, value: {"value": value} if is_token(value) else Wire.wrapped(self, idiom, value)
        ),
        LOGIN,
        cells=API_CELLS,
    ),
    fault(
        "the token is bare under /rest",
        wire(wrapped=lambda self, idiom, value: value if is_token(value) else Wire.wrapped(self, idiom, value)),
        LOGIN,
        cells=REST_CELLS,
    ),
]


def is_token(value: Any) -> bool:
    return isinstance(value, str) and len(value) == 32 and "-" not in value
