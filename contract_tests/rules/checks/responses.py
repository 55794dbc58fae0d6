"""Checks of a single answer: success, emptiness, refusal."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from contract_tests.contract import Cell, Service
from contract_tests.contract.dialects import FILES, SESSIONS, FileOp, Op
from contract_tests.problems import PremiseFailed
from contract_tests.rules.checks.error_details import has_messages
from contract_tests.rules.checks.errors import named_types
from contract_tests.rules.checks.flaw import Flaw, Flaws, check, shown
from contract_tests.rules.checks.memo import by_exchange

if TYPE_CHECKING:
    from contract_tests.traffic.exchange import Exchange


_NO_CHUNK: Final = re.compile(rb"0+[ \t]*(;[^\r\n]*)?\r\n([^\r\n:]+:[^\r\n]*\r\n)*\r\n")
"""The end of a chunked body that has no chunk: it may have extensions and trailers (RFC 9112, section 7.1)."""


@dataclass(frozen=True)
class Refusal:
    """A documented way to say no. The type counts only where the answer names one (it may be missing or null)."""

    status: int
    error_type: str

    def __str__(self) -> str:
        return f"{self.status} {self.error_type}"


NOT_ACTIVE = Refusal(400, "NOT_ALLOWED_IN_CURRENT_STATE")
UNKNOWN = Refusal(404, "NOT_FOUND")


_FILE_OPERATIONS: Final = frozenset(FileOp)
_GATEWAY: Final = frozenset({502, 503, 504})
_UNAVAILABLE: Final = "SERVICE_UNAVAILABLE"


@check()
def succeeds(exchange: Exchange) -> Flaws:
    """The status is one that the documents name as the success of this operation in this dialect."""
    documented = documented_success(exchange)
    if exchange.status in documented:
        return []
    return [Flaw(f"status {_either(documented)}", shown(exchange), exchange)]


@by_exchange
def documented_success(exchange: Exchange) -> tuple[int, ...]:
    """The documented success statuses of the operation that the exchange names."""
    if exchange.cell is None or exchange.operation is None:
        raise ValueError("the exchange names no operation of the contract")
    cell = Cell.parse(exchange.cell)
    if exchange.operation in _FILE_OPERATIONS:
        return FILES[cell][FileOp(exchange.operation)].success
    return SESSIONS[cell][Op(exchange.operation)].success


@check()
def returns_nothing(exchange: Exchange) -> Flaws:
    """A void operation answers without data.

    A 204 must not even announce a body: a client that reads one after a 204 has lost its place in the stream.
    Sources: the pages of keep-alive ("doesn't return any data structure", result VOID); RFC 9112, section 6.

    Raises:
        PremiseFailed: the call did not succeed; what a refusal carries is another matter.
    """
    expected = "an empty body"
    if exchange.response is None or exchange.response.status not in range(200, 300):
        raise PremiseFailed("a success", shown(exchange), exchange)
    if exchange.response.body:
        return [Flaw(expected, shown(exchange), exchange)]
    length = exchange.response.header("content-length")
    if length not in (None, "0"):
        return [Flaw(expected, f"Content-Length: {length}", exchange)]
    coding = exchange.response.header("transfer-encoding")
    if exchange.status == 204 and coding is not None:
        return [Flaw("a 204 that announces no body", f"Transfer-Encoding: {coding}", exchange)]
    return []


@check()
def is_json(exchange: Exchange) -> Flaws:
    """The body is announced as JSON; parameters of the media type are the server's choice."""
    told = "" if exchange.response is None else exchange.response.header("content-type") or ""
    if told.partition(";")[0].strip().lower() == "application/json":
        return []
    return [Flaw("Content-Type application/json", f"Content-Type: {told}" if told else "no Content-Type", exchange)]


@check()
def nothing_follows(exchange: Exchange) -> Flaws:
    """An answer that was seen on the wire ends with its headers, but for the mark that ends an empty chunked body."""
    if exchange.response is None:
        return [Flaw("an answer", shown(exchange), exchange)]
    chunked = (exchange.response.header("transfer-encoding") or "").lower() == "chunked"
    body = exchange.response.body
    if not body or (chunked and exchange.status != 204 and _NO_CHUNK.fullmatch(body)):
        return []
    return [Flaw("nothing after the headers", f"{exchange.response.body[:100]!r}", exchange)]


@check("error_type")
def refused(exchange: Exchange, *refusals: Refusal) -> Flaws:
    """The call is refused in one of the given ways."""
    expected = _either(refusals)
    fitting = [refusal for refusal in refusals if refusal.status == exchange.status]
    if not fitting:
        return [Flaw(expected, shown(exchange), exchange)]
    allowed = {refusal.error_type for refusal in fitting}
    return [
        Flaw(expected, f"status {exchange.status} with {member} {named!r}", exchange)
        for member, named in named_types(exchange).items()
        if named not in allowed
    ]


@check()
def refused_somehow(exchange: Exchange, *statuses: int) -> Flaws:
    """The call is refused with a client error: one of `statuses` if any are given, else any 4xx."""
    if exchange.status in statuses or (not statuses and exchange.status in range(400, 500)):
        return []
    return [Flaw(f"status {_either(statuses)}" if statuses else "a 4xx status", shown(exchange), exchange)]


@check()
def accepted_or_refused(exchange: Exchange, *statuses: int) -> Flaws:
    """Where the documents leave room: the documented success, or a refusal with one of `statuses`."""
    allowed = (*documented_success(exchange), *statuses)
    if exchange.status in allowed:
        return []
    return [Flaw(f"status {_either(allowed)}", shown(exchange), exchange)]


@check()
def received_or_refused(answer: Exchange) -> Flaws:
    """Content that came to an address of the server's own was taken, or refused with a client error."""
    if answer.status is not None and answer.status // 100 in (2, 4):
        return []
    return [Flaw("a 2xx or a 4xx status", shown(answer), answer)]


@check()
def no_server_error(exchange: Exchange) -> Flaws:
    """A client's mistake is not answered with 5xx, and is answered at all.

    Create alone may say RESOURCE_BUSY with 500 (openapi/README.md, d-14). Of an update session, such a 500 need not
    name its type ("can be missing or null"), but carries messages, as a crash does not. 501 is what HTTP has for a
    method that a server does not know (RFC 9110, section 15.6.2); it knows those of all operations.
    """
    if exchange.status is not None and exchange.status < 500:
        return []
    if exchange.status == 501 and exchange.operation is None:
        return []
    if exchange.status == 500 and exchange.operation == Op.CREATE and _may_be_busy(exchange):
        return []
    return [Flaw("an answer below 500", shown(exchange), exchange)]


def _may_be_busy(exchange: Exchange) -> bool:
    named = named_types(exchange).values()
    if named or exchange.cell is None or Cell.parse(exchange.cell).service is not Service.UPDATE:
        return "RESOURCE_BUSY" in named
    return has_messages(exchange)


def _either(options: tuple[object, ...]) -> str:
    return " or ".join(map(str, options))


def is_of_a_gateway(exchange: Exchange) -> bool:
    """Whether a gateway has answered for a server that it could not reach: by its status (RFC 9110, 15.6.3 to 15.6.5).

    It says so in its own words, or as this API does: SERVICE_UNAVAILABLE, that the service does not work at the moment.
    Another error of this API is the server's.
    """
    if exchange.status not in _GATEWAY or asks_for_later(exchange):
        return False
    return not has_messages(exchange) or _UNAVAILABLE in named_types(exchange).values()


def asks_for_later(exchange: Exchange) -> bool:
    """Whether the server has not looked at a request, and asks for it later (RFC 6585, section 4; RFC 9110, 15.6.4)."""
    if exchange.response is None:
        return False
    return exchange.status == 429 or (exchange.status == 503 and exchange.response.header("retry-after") is not None)
