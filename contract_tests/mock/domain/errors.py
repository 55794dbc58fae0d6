"""What the domain answers when it refuses: an error type, messages, data. It knows no HTTP."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


class ErrorType(StrEnum):
    """The members of `Vapi.Std.Errors.Error.Type` that this server uses; the documents list 25."""

    ERROR = "ERROR"
    """The general one, for what no other type stands for."""
    ALREADY_EXISTS = "ALREADY_EXISTS"
    CONCURRENT_CHANGE = "CONCURRENT_CHANGE"
    INTERNAL_SERVER_ERROR = "INTERNAL_SERVER_ERROR"
    INVALID_ARGUMENT = "INVALID_ARGUMENT"
    INVALID_ELEMENT_TYPE = "INVALID_ELEMENT_TYPE"
    INVALID_REQUEST = "INVALID_REQUEST"
    NOT_ALLOWED_IN_CURRENT_STATE = "NOT_ALLOWED_IN_CURRENT_STATE"
    NOT_FOUND = "NOT_FOUND"
    OPERATION_NOT_FOUND = "OPERATION_NOT_FOUND"
    RESOURCE_BUSY = "RESOURCE_BUSY"
    SERVICE_UNAVAILABLE = "SERVICE_UNAVAILABLE"
    UNAUTHENTICATED = "UNAUTHENTICATED"
    UNAUTHORIZED = "UNAUTHORIZED"
    UNEXPECTED_INPUT = "UNEXPECTED_INPUT"
    UNSUPPORTED = "UNSUPPORTED"


@dataclass(frozen=True)
class Message:
    """A `LocalizableMessage`: `default_message` is the English text with the arguments already in it.

    A message has arguments by position (`args`) or by name (`params`, a `LocalizationParam` for each). `localized`
    is the text for a client that asked for a language.
    """

    id: str
    default_message: str
    args: tuple[str, ...] = ()
    params: Mapping[str, Any] | None = None
    localized: str | None = None


class ApiError(Exception):
    """A refusal.

    `messages` begins with the error from the perspective of the operation that was asked for; causes follow.
    `error_type` is a plain string, so that a fault can put one there that no document knows.
    """

    def __init__(
        self,
        error_type: str,
        *messages: Message,
        data: Mapping[str, Any] | None = None,
        challenge: str | None = None,
    ) -> None:
        super().__init__(error_type, *messages)
        self.error_type = error_type
        self.messages = messages
        self.data = data
        self.challenge = challenge


_MAIN = "com.vmware.vdcs.cls-main"
"""Where the message ids of real content library servers start."""

_REST = "com.vmware.vapi.rest"
"""Where the message ids of the REST layer of real servers start."""

_INPUT = "vapi.method.input"
"""Where the message ids of the runtime start that reads data values."""


def not_found(kind: str, name: str) -> ApiError:
    """There is no `kind` (a phrase such as "update session") called `name`."""
    message = f"There is no {kind} with the identifier {name}."
    return ApiError(ErrorType.NOT_FOUND, Message(f"{_MAIN}.{kind.replace(' ', '_')}_not_found", message, (name,)))


def not_active(kind: str, name: str, state: str, operation: str) -> ApiError:
    """The operation needs an ACTIVE session, and this one is in `state`."""
    message = f"The {kind} {name} is in state {state}; {operation} needs state ACTIVE."
    named = {"session": {"s": name}, "state": {"s": state}, "operation": {"s": operation}}
    return ApiError(
        ErrorType.NOT_ALLOWED_IN_CURRENT_STATE,
        Message(f"{_MAIN}.{kind.replace(' ', '_')}_not_active", message, params=named),
    )


def still_active(kind: str, name: str) -> ApiError:
    """The operation needs a session that is over, and this one is ACTIVE."""
    message = f"The {kind} {name} is ACTIVE; cancel, fail or complete it first."
    return ApiError(
        ErrorType.NOT_ALLOWED_IN_CURRENT_STATE,
        Message(f"{_MAIN}.{kind.replace(' ', '_')}_active", message, (name,)),
    )


def file_not_received(name: str, status: str) -> Message:
    """One file that keeps a session from being completed. Id and text are those of a real server."""
    text = f"File {name} has transfer errors or has not been fully received yet (status: {status})."
    return Message(f"{_MAIN}.update_session_file_not_received", text, (name, status))


def invalid_argument(*problems: str, argument: str | None = None) -> ApiError:
    """What was sent is not as described: one message for each problem.

    `argument`, when one argument alone is to blame, becomes the `ArgumentLocations` in `data`.
    """
    data = None if argument is None else {"primary": argument, "secondary": []}
    messages = (Message(f"{_MAIN}.invalid_argument", problem) for problem in problems)
    return ApiError(ErrorType.INVALID_ARGUMENT, *messages, data=data)


def invalid_request(problem: str) -> ApiError:
    """What was sent cannot be read at all."""
    return ApiError(ErrorType.INVALID_REQUEST, Message(f"{_REST}.invalidRequest", problem))


def unsupported_property(name: str) -> ApiError:
    """A query parameter that the operation does not have. Id and text are those of a real server."""
    text = f"Unsupported property with name: {name}."
    return ApiError(ErrorType.INVALID_ARGUMENT, Message(f"{_REST}.unsupportedProperty", text, (name,)))


def refused(error_type: ErrorType, name: str, text: str, *args: str) -> ApiError:
    """Any other refusal of the domain, with one message whose id ends in `name`."""
    return ApiError(error_type, Message(f"{_MAIN}.{name}", text, args))


def unauthenticated() -> ApiError:
    """Nobody is logged in with what was sent. It does not say which part of it was wrong."""
    message = Message("com.vmware.vapi.endpoint.method.authentication.required", "Authentication required.")
    return ApiError(ErrorType.UNAUTHENTICATED, message, challenge='Basic realm="VAPI endpoint"')


def unauthorized(privilege: str) -> ApiError:
    """The caller is known and lacks `privilege`."""
    text = f"The operation needs the privilege {privilege}."
    return ApiError(ErrorType.UNAUTHORIZED, Message("com.vmware.vapi.endpoint.method.unauthorized", text, (privilege,)))


def no_such_action(action: str | None) -> ApiError:
    """The path exists, and has no operation for this action, or for none."""
    text = "The path needs an action." if action is None else f"The path has no action {action}."
    args = () if action is None else (action,)
    return ApiError(ErrorType.OPERATION_NOT_FOUND, Message(f"{_REST}.operationNotFound", text, args))


def no_such_operation(service: str, operation: str) -> ApiError:
    """There is no such service, or it has no such operation."""
    text = f"There is no operation {operation} of a service {service}."
    return ApiError(
        ErrorType.OPERATION_NOT_FOUND, Message(f"{_INPUT}.invalid.method", text, (f"{service}.{operation}",))
    )


def unexpected_input(name: str) -> ApiError:
    """What was sent has a member called `name`, which nobody knows."""
    return ApiError(ErrorType.UNEXPECTED_INPUT, Message(f"{_INPUT}.unexpected", f"There is no {name}.", (name,)))


def internal_error() -> ApiError:
    """Something in the server itself went wrong."""
    message = Message("com.vmware.vapi.endpoint.internalError", "An internal error occurred.")
    return ApiError(ErrorType.INTERNAL_SERVER_ERROR, message)
