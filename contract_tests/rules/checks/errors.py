"""Checks of error types, and where an answer has its error object."""

from __future__ import annotations

from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from contract_tests.contract import Cell, Dialect
from contract_tests.contract.dialects import CONVENTIONS, Conventions
from contract_tests.contract.documents import load
from contract_tests.contract.schemas import schemas
from contract_tests.rules.checks.flaw import Flaw, Flaws, check, shown
from contract_tests.rules.checks.memo import by_exchange

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from contract_tests.traffic.exchange import Exchange

_OF_THE_PAGES: Final[Mapping[str, tuple[int, ...]]] = MappingProxyType(
    {
        "NOT_ALLOWED_IN_CURRENT_STATE": (400,),
        "INVALID_ARGUMENT": (400,),
        "UNAUTHENTICATED": (401,),
        "UNAUTHORIZED": (403,),
        "NOT_FOUND": (404,),
        "RESOURCE_BUSY": (400, 500),  # 500 in the published OpenAPI of create, 400 in the official runtime
    }
)
"""Error type -> the statuses that go with it, as the documents have it for the operations on sessions."""

_OF_EVERY_SOURCE: Final[Mapping[str, tuple[int, ...]]] = MappingProxyType(
    {
        "ALREADY_EXISTS": (400,),
        "ALREADY_IN_DESIRED_STATE": (400,),
        "INVALID_ELEMENT_TYPE": (400,),
        "INVALID_REQUEST": (400,),
        "INTERNAL_SERVER_ERROR": (500,),
    }
)
"""The same for types that no operation on sessions names, where the official runtime is not contradicted."""

_OF_ANY_SOURCE: Final[Mapping[str, tuple[int, ...]]] = MappingProxyType(
    {
        "CONCURRENT_CHANGE": (409,),
        "FEATURE_IN_USE": (400,),
        "INVALID_ELEMENT_CONFIGURATION": (400,),
        "OPERATION_NOT_FOUND": (404, 405),
        "RESOURCE_IN_USE": (400, 409),
        "RESOURCE_INACCESSIBLE": (400, 500),
        "SERVICE_UNAVAILABLE": (429, 502, 503),
        "TIMED_OUT": (500, 504),
        "UNABLE_TO_ALLOCATE_RESOURCE": (400, 500),
        "UNSUPPORTED": (400, 501),
    }
)
"""The same where the sources differ: all that one of them has. Types without a row go with any status.

Sources of these and of those above: `vmware/vapi/rest/lib.py` of the official runtime, and the published OpenAPI.
"""

_CLAIMED: Final = frozenset(status for statuses in _OF_THE_PAGES.values() for status in statuses)
"""The statuses that have types of their own."""

_STANDARD: Final = "com.vmware.vapi.std.errors."
"""How the wrapped form names an error: this, and the type in small letters."""

_TYPE: Final = "/error_type:"
"""How the schema's problems with the type begin."""


@check("error_type")
def error_type_fits(exchange: Exchange) -> Flaws:
    """`error_type`, where present, is a text, and fits the status if the documents pair it with one."""
    error = error_of(exchange)
    if not isinstance(error, dict):
        return [Flaw("a JSON error object", shown(exchange), exchange)]
    problems = [problem for problem in problems_of_error(exchange) if problem.startswith(_TYPE)]
    if problems:
        return [Flaw("an error_type that is a text", problem, exchange) for problem in problems]
    return _misplaced(exchange, _OF_THE_PAGES)


@check("error_type")
def undisputed_type_fits(exchange: Exchange) -> Flaws:
    """`error_type`, where it is one that sources pair with a status without a contradiction, fits it."""
    return _misplaced(exchange, _OF_EVERY_SOURCE)


@check("error_type")
def disputed_type_fits(exchange: Exchange) -> Flaws:
    """`error_type`, where it is one that sources pair with different statuses, has one of these."""
    return _misplaced(exchange, _OF_ANY_SOURCE)


@check("error_type")
def type_is_known(exchange: Exchange) -> Flaws:
    """The error is of one of the 25 documented types, wherever the answer names it. Newer servers may have more."""
    return [
        Flaw("one of the documented error types", f"{member} {name!r}", exchange)
        for member, name in named_types(exchange).items()
        if name not in known_types()
    ]


@cache
def known_types() -> frozenset[str]:
    """The error types that api.yaml names."""
    return frozenset(load(Dialect.API)["components"]["schemas"]["ErrorType"]["x-known-values"])


def _misplaced(exchange: Exchange, pairs: Mapping[str, tuple[int, ...]]) -> Flaws:
    """What is wrong with the status of an answer whose `error_type` has a row in `pairs`."""
    error = error_of(exchange)
    named = error.get("error_type") if isinstance(error, dict) else None
    statuses = pairs.get(named) if isinstance(named, str) else None
    if statuses is None or exchange.status in statuses or _is_like(exchange.status, statuses):
        return []
    expected = " or ".join(map(str, statuses))
    return [Flaw(f"status {expected} with {named}", f"status {exchange.status}", exchange)]


def _is_like(status: int | None, statuses: tuple[int, ...]) -> bool:
    """Whether a status that no type belongs to (405, 409, 415, 422, 503…) counts as one of these.

    It does as the x00 of its class, for which a client has to take what it does not know (RFC 9110, section 15).
    """
    return status is not None and status not in _CLAIMED and status // 100 * 100 in statuses


@by_exchange
def error_of(exchange: Exchange) -> Any:
    """The error object of an answer, or None if there is no such thing.

    Where errors are wrapped it is what the wrapping holds, or else the body itself: no page shows the wrapping.
    """
    try:
        body = exchange.response.json if exchange.response is not None else None
    except ValueError:
        return None
    member = conventions_of(exchange).error_member
    if member is None:
        return body
    if not isinstance(body, dict):
        return None
    return body.get(member, body)


@by_exchange
def problems_of_error(exchange: Exchange) -> Sequence[str]:
    """What the schema of errors has against the error object of an answer."""
    return schemas().problems("StandardError", error_of(exchange))


@by_exchange
def named_types(exchange: Exchange) -> Mapping[str, str]:
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


@by_exchange
def conventions_of(exchange: Exchange) -> Conventions:
    """How the dialect of an exchange spells things; what belongs to no cell is bare."""
    return CONVENTIONS[Dialect.API if exchange.cell is None else Cell.parse(exchange.cell).dialect]
