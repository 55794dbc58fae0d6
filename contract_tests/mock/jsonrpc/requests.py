"""Requests of the protocol: an envelope of JSON-RPC 2.0 around the call of an operation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from contract_tests.mock.jsonrpc.datatypes import is_readable

if TYPE_CHECKING:
    from collections.abc import Mapping

PARSE_ERROR: Final = -32700
INVALID_REQUEST: Final = -32600
METHOD_NOT_FOUND: Final = -32601
INVALID_PARAMS: Final = -32602
INVALID_OPERATION: Final = -31001
"""vAPI's own: the headers name another operation than the request."""

_SESSION_ID: Final = "com.vmware.vapi.std.security.session_id"
_USER_PASSWORD: Final = "com.vmware.vapi.std.security.user_pass"  # noqa: S105 - the name of a scheme


class RpcRefusal(Exception):
    """A request is refused as JSON-RPC, before any operation is asked for.

    `request_id` is null where the request may not have been read rightly.
    """

    def __init__(self, code: int, problem: str, request_id: Any = None) -> None:
        super().__init__(problem)
        self.code = code
        self.problem = problem
        self.request_id = request_id


@dataclass(frozen=True)
class RpcRequest:
    """One request, as it was sent."""

    id: Any
    service: str
    operation: str
    input: Any
    security: Mapping[str, Any]

    @property
    def session_id(self) -> str | None:
        """The token that the security context holds."""
        return self._secret("sessionId") if self._is_by(_SESSION_ID) else None

    @property
    def credentials(self) -> tuple[str, str] | None:
        """The name and the password that the security context holds."""
        name, password = self._secret("userName"), self._secret("password")
        return (name, password) if self._is_by(_USER_PASSWORD) and name is not None and password is not None else None

    def _is_by(self, scheme: str) -> bool:
        return self.security.get("schemeId") == scheme

    def _secret(self, name: str) -> str | None:
        """A text of the security context, which may be tagged as a secret."""
        value = self.security.get(name)
        value = value.get("SECRET") if isinstance(value, dict) else value
        return value if isinstance(value, str) else None


def read_request(value: Any, headers: Mapping[str, str]) -> RpcRequest:
    """The request that a JSON value stands for.

    Raises:
        RpcRefusal: it is none, or its headers name another operation.
    """
    if isinstance(value, list):
        raise RpcRefusal(INVALID_REQUEST, "Batches are not answered: send each request by itself.")
    if not isinstance(value, dict) or value.get("jsonrpc") != "2.0":
        raise RpcRefusal(INVALID_REQUEST, 'A request is an object whose jsonrpc is "2.0".')
    request_id = value.get("id")
    if "id" not in value or isinstance(request_id, bool) or not isinstance(request_id, str | int | None):
        raise RpcRefusal(INVALID_REQUEST, "A request has an id, which is a string, an integer or null.")
    if not isinstance(value.get("method"), str):
        raise RpcRefusal(INVALID_REQUEST, "A request has a method, which is a string.")
    if value["method"] != "invoke":
        raise RpcRefusal(METHOD_NOT_FOUND, "There is no method but invoke.", request_id)
    params: Any = value.get("params")
    problem = _problem(params)
    if problem is not None:
        raise RpcRefusal(INVALID_PARAMS, problem, request_id)
    named = headers.get("vapi-service"), headers.get("vapi-operation")
    if named not in {(None, None), (params["serviceId"], params["operationId"])}:
        text = "The headers vapi-service and vapi-operation name another operation than serviceId and operationId."
        raise RpcRefusal(INVALID_OPERATION, text, request_id)
    context = params["ctx"].get("securityCtx") or {}
    return RpcRequest(request_id, params["serviceId"], params["operationId"], params["input"], context)


def _problem(params: Any) -> str | None:
    """What keeps params from being those of a call."""
    if not isinstance(params, dict):
        return "The params are an object with serviceId, operationId, input and ctx."
    for name in ("serviceId", "operationId"):
        if not isinstance(params.get(name), str):
            return f"The params have {name}, which is a string."
    if not isinstance(params.get("ctx"), dict):
        return "The params have ctx, which is an object."
    for name in ("securityCtx", "appCtx"):
        if not isinstance(params["ctx"].get(name), dict | None):
            return f"The {name} of ctx is an object or null."
    if "input" not in params or not is_readable(params["input"]):
        return "The params have input, which is a data value: tagged where it is no text, number, boolean or list."
    return None
