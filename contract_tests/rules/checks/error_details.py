"""Checks of error answers, clause by clause: each looks at its own part of the body and at nothing else.

They take a refusal. `carries_error` finds out whether there are messages at all; those that are about messages say
nothing where there are none.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from contract_tests.contract import Cell, Service
from contract_tests.contract.dialects import Op
from contract_tests.rules.checks.errors import conventions_of, error_of, known_types, problems_of_error
from contract_tests.rules.checks.flaw import Flaw, Flaws, check, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contract_tests.traffic.exchange import Exchange

_STANDARD: Final = "com.vmware.vapi.std.errors."
_STANDARD_NAME: Final = re.compile(re.escape(_STANDARD) + "[a-z0-9]+(_[a-z0-9]+)*")
_VALUES: Final = ("s", "dt", "i", "d", "l")
"""The members of a parameter that carry its value; only one of them does."""

_OPERATIONS: Final = frozenset(Op)
_OPTIONAL: Final = re.compile(r"/messages/\d+/(params|localized)[:/]")
"""How the schema's problems with a member begin that a message need not have."""


def listed_statuses(exchange: Exchange) -> frozenset[int]:
    """The error statuses that the documents list for the operation that was asked for.

    Source: the error tables of the operations; 401, 403 and whatever else HTTP has are listed for none of them.
    """
    if exchange.cell is None or exchange.operation not in _OPERATIONS:
        return frozenset()
    service, op = Cell.parse(exchange.cell).service, Op(exchange.operation)
    if op in (Op.READ, Op.LIST) or (op is Op.DELETE and service is Service.DOWNLOAD):
        return frozenset({404})
    if op is Op.CREATE and service is Service.UPDATE:
        return frozenset({400, 404, 500})
    return frozenset({400, 404})


@check("messages")
def carries_error(exchange: Exchange) -> Flaws:
    """The answer is JSON, and an object with at least one message."""
    if exchange.response is None:
        return [Flaw("an error with a JSON body", shown(exchange), exchange)]
    kind = (exchange.response.header("content-type") or "none").split(";")[0].strip().lower()
    if kind != "application/json":
        return [Flaw("an error body of type application/json", f"Content-Type: {kind}", exchange)]
    error = error_of(exchange)
    if not isinstance(error, dict):
        return [Flaw("an error object", shown(exchange), exchange)]
    if has_messages(exchange):
        return []
    return [Flaw("messages, one or more", shown(exchange), exchange)]


def has_messages(exchange: Exchange) -> bool:
    """Whether there is an error object with a message in it, whatever else is wrong."""
    error = error_of(exchange)
    messages = error.get("messages") if isinstance(error, dict) else None
    return isinstance(messages, list) and bool(messages)


@check("messages")
def message_members_fit(exchange: Exchange) -> Flaws:
    """Every message has `id`, `default_message` and `args`, of the documented types."""
    return _problems(exchange, None, "messages with id, default_message and args")


@check("messages")
def first_message_speaks(exchange: Exchange) -> Flaws:
    """The first message says something."""
    first = error_of(exchange)["messages"][0] if has_messages(exchange) else None
    if not isinstance(first, dict):
        return []
    text = first.get("default_message")
    if isinstance(text, str) and text.strip():
        return []
    return [Flaw("a first message with a text", f"default_message {text!r}", exchange)]


@check("data")
def data_fits(exchange: Exchange) -> Flaws:
    """`data` is absent, null or an object."""
    error = error_of(exchange)
    data = error.get("data") if isinstance(error, dict) else None
    return [] if data is None or isinstance(data, dict) else [Flaw("data as an object", f"data {data!r}", exchange)]


@check("error_type")
def names_error_type(exchange: Exchange) -> Flaws:
    """The error has an `error_type`."""
    error = error_of(exchange)
    if not isinstance(error, dict) or error.get("error_type") is not None:
        return []
    return [Flaw("an error_type", shown(exchange), exchange)]


@check("type", "value")
def wraps_error(exchange: Exchange) -> Flaws:
    """The body says `type`, the error's name under the standard prefix, and holds the error object in `value`."""
    body, error = _body(exchange), error_of(exchange)
    if not isinstance(body, dict) or not isinstance(error, dict) or error is body:
        return [Flaw("an object with type and value, the error object", shown(exchange), exchange)]
    outer, named = body.get("type"), str(error.get("error_type"))
    own = _STANDARD + named.lower() if named in known_types() else None  # that another is none is another rule
    if isinstance(outer, str) and _STANDARD_NAME.fullmatch(outer) and outer == (own or outer):
        return []
    expected = own or f"{_STANDARD}<the error's name in snake case>"
    return [Flaw(f"type {expected}", f"type {outer!r}", exchange)]


def has_params(exchange: Exchange) -> bool:
    """Whether any message of the error has named arguments."""
    return any(message.get("params") is not None for message in _messages(exchange))


@check("messages")
def params_fit(exchange: Exchange) -> Flaws:
    """The `params` of messages are maps (or pairs, in the wrapped form) from names to parameters with one value."""
    expected = "params as documented"
    pairs = conventions_of(exchange).maps_as_pairs
    misused = [
        problem for message in _messages(exchange) for problem in _misused(message.get("params"), pairs_allowed=pairs)
    ]
    return [*_problems(exchange, "params", expected), *(Flaw(expected, problem, exchange) for problem in misused)]


def has_localized(exchange: Exchange) -> bool:
    """Whether any message of the error has a translation."""
    return any(message.get("localized") is not None for message in _messages(exchange))


@check("messages")
def localized_fits(exchange: Exchange) -> Flaws:
    """The `localized` of messages is a text."""
    return _problems(exchange, "localized", "localized as a string")


def _misused(params: Any, *, pairs_allowed: bool) -> Iterator[str]:
    """What no schema says of a map of parameters: its form in this dialect, and that a parameter has one value."""
    if isinstance(params, list) and not pairs_allowed:
        yield f"params is an array under /api: {params!r}"
    names = [str(name) for name, _ in _pairs(params)]
    yield from (f"params has {name!r} twice" for name in sorted({*names}) if names.count(name) > 1)
    for name, param in _pairs(params):
        values = [value for value in _VALUES if param.get(value) is not None]
        if len(values) > 1:
            yield f"the parameter {name!r} has several values: {', '.join(values)}"
        nested = param.get("l")
        if isinstance(nested, dict):
            yield from _misused(nested.get("params"), pairs_allowed=pairs_allowed)


def _pairs(params: Any) -> Iterator[tuple[Any, dict[str, Any]]]:
    """Names and parameters out of either form of the map; what is no parameter is the schema's business."""
    if isinstance(params, dict):
        found = list(params.items())
    elif isinstance(params, list):
        found = [(pair.get("key"), pair.get("value")) for pair in params if isinstance(pair, dict)]
    else:
        found = []
    yield from ((name, param) for name, param in found if isinstance(param, dict))


def _messages(exchange: Exchange) -> list[dict[str, Any]]:
    """The messages of an error, as far as they are objects."""
    messages = error_of(exchange)["messages"] if has_messages(exchange) else []
    return [one for one in messages if isinstance(one, dict)]


def _problems(exchange: Exchange, member: str | None, expected: str) -> Flaws:
    """What the schema has against the messages' `member`, or against all but those that messages need not have."""
    error = error_of(exchange)
    if not isinstance(error, dict):
        return []
    found = []
    for problem in problems_of_error(exchange):
        owner = _OPTIONAL.match(problem)
        if problem.startswith("/messages/") and (owner.group(1) if owner else None) == member:
            found.append(Flaw(expected, problem, exchange))
    return found


def _body(exchange: Exchange) -> Any:
    try:
        return None if exchange.response is None else exchange.response.json
    except ValueError:
        return None
