"""Checks of error bodies, by the `Error` schema of the contract."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from contract_tests.contract import Cell, Dialect
from contract_tests.contract.dialects import CONVENTIONS, Conventions
from contract_tests.contract.schemas import schemas
from contract_tests.rules.checks.flaw import Flaw, Flaws, check, shown

if TYPE_CHECKING:
    from contract_tests.traffic.exchange import Exchange

_STATUS = {
    **dict.fromkeys(
        (
            "ALREADY_EXISTS",
            "ALREADY_IN_DESIRED_STATE",
            "FEATURE_IN_USE",
            "INVALID_ARGUMENT",
            "INVALID_ELEMENT_CONFIGURATION",
            "INVALID_ELEMENT_TYPE",
            "INVALID_REQUEST",
            "NOT_ALLOWED_IN_CURRENT_STATE",
            "RESOURCE_IN_USE",
            "RESOURCE_INACCESSIBLE",
            "UNABLE_TO_ALLOCATE_RESOURCE",
            "UNSUPPORTED",
        ),
        (400,),
    ),
    "RESOURCE_BUSY": (400, 500),  # 500 in the public OpenAPI of create, 400 in the official runtime
    "UNAUTHENTICATED": (401,),
    "UNAUTHORIZED": (403,),
    "NOT_FOUND": (404,),
    "OPERATION_NOT_FOUND": (404,),
    "CONCURRENT_CHANGE": (409,),
    "INTERNAL_SERVER_ERROR": (500,),
    "SERVICE_UNAVAILABLE": (503,),
    "TIMED_OUT": (504,),
}
"""Error type -> the statuses that go with it. Types without a row go with any error status.

Source: the map of the official runtime (`vmware/vapi/.../rest/lib.py`), as far as a status is named there.
"""

_CLAIMED = frozenset(status for statuses in _STATUS.values() for status in statuses)
"""The statuses that have types of their own."""

_STANDARD = "com.vmware.vapi.std.errors."
"""How the wrapped form names an error: this, and the type in small letters."""

_TYPE = "/error_type:"
"""How the schema's problems with the type begin."""


@check("messages")
def error_body(exchange: Exchange) -> Flaws:
    """The answer is a JSON error: content type, an object, at least one message, `data` an object or null."""
    if exchange.response is None:
        return [Flaw("an error with a JSON body", shown(exchange), exchange)]
    kind = (exchange.response.header("content-type") or "none").split(";")[0].strip().lower()
    if kind != "application/json":
        return [Flaw("an error body of type application/json", f"Content-Type: {kind}", exchange)]
    problems, _ = _problems(exchange)
    return [Flaw("a body that fits the StandardError schema", problem, exchange) for problem in problems]


@check("messages")
def message_members(exchange: Exchange) -> Flaws:
    """Each message has `id`, `default_message` and `args`, of the documented types."""
    error = error_of(exchange)
    if not isinstance(error, dict) or not isinstance(error.get("messages"), list) or not error["messages"]:
        return [Flaw("messages with id, default_message and args", f"no messages: {shown(exchange)}", exchange)]
    _, problems = _problems(exchange)
    return [Flaw("messages with id, default_message and args", problem, exchange) for problem in problems]


@check("error_type")
def error_type_fits(exchange: Exchange) -> Flaws:
    """`error_type`, where present, is one of the 25 documented types and fits the status."""
    error = error_of(exchange)
    if not isinstance(error, dict):
        return [Flaw("a JSON error object", shown(exchange), exchange)]
    named = error.get("error_type")
    if named is None:
        return []
    problems = [problem for problem in schemas().problems("StandardError", error) if problem.startswith(_TYPE)]
    if problems:
        return [Flaw("an error_type out of the documented ones", problem, exchange) for problem in problems]
    statuses = _STATUS.get(named)
    if statuses is None or exchange.status in statuses or _is_like(exchange.status, statuses):
        return []
    expected = " or ".join(map(str, statuses))
    return [Flaw(f"status {expected} with {named}", f"status {exchange.status}", exchange)]


def _is_like(status: int | None, statuses: tuple[int, ...]) -> bool:
    """Whether a status that no type belongs to (405, 413, 415, 422, 429…) counts as one of these.

    It does as the x00 of its class, for which a client has to take what it does not know (RFC 9110, section 15).
    """
    return status is not None and status not in _CLAIMED and status // 100 * 100 in statuses


def error_of(exchange: Exchange) -> Any:
    """The error object of an answer (out of `value` in the wrapped form), or None if there is no such thing."""
    try:
        body = exchange.response.json if exchange.response is not None else None
    except ValueError:
        return None
    member = conventions_of(exchange).error_member
    if member is None:
        return body
    return body.get(member) if isinstance(body, dict) else None


def named_types(exchange: Exchange) -> dict[str, str]:
    """The error type, by the members of the answer that name it: `error_type`, and in the wrapped form `type`."""
    error = error_of(exchange)
    if not isinstance(error, dict):
        return {}
    named = {"error_type": error.get("error_type")}
    if conventions_of(exchange).error_member is not None and exchange.response is not None:
        outer = exchange.response.json.get("type")
        if isinstance(outer, str) and outer.startswith(_STANDARD):
            named["type"] = outer.removeprefix(_STANDARD).upper()
    return {member: name for member, name in named.items() if isinstance(name, str)}


def conventions_of(exchange: Exchange) -> Conventions:
    """How the dialect of an exchange spells things; what belongs to no cell is bare."""
    return CONVENTIONS[Dialect.API if exchange.cell is None else Cell.parse(exchange.cell).dialect]


def _problems(exchange: Exchange) -> tuple[list[str], list[str]]:
    """Problems of the error as a whole, and problems inside a message; those of `error_type` have their own rule."""
    error = error_of(exchange)
    if not isinstance(error, dict):
        return [f"no error object: {shown(exchange)}"], []
    whole: list[str] = []
    inside: list[str] = []
    for problem in schemas().problems("StandardError", error):
        if problem.startswith(_TYPE):
            continue
        (inside if problem.startswith("/messages/") else whole).append(problem)
    return whole, inside
