"""What an exchange names: which operation it asks for, of which session, and what is odd about it."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs, quote, unquote, urlsplit

from contract_tests.contract import Cell
from contract_tests.contract.dialects import (
    CLIENT_TOKEN_HEADER,
    ID_MEMBER,
    ID_PREFIXES,
    PROGRESS_MEMBER,
    SESSIONS,
    TOKEN_HEADER,
    FileOp,
    Op,
)
from contract_tests.rules.checks.memo import by_exchange
from contract_tests.rules.requests import Action, ParsedRequest

if TYPE_CHECKING:
    from contract_tests.traffic.exchange import Exchange

_OPERATIONS: Final = frozenset(Op)
_FILE_OPERATIONS: Final = frozenset(FileOp)
_UNQUOTED: Final = "!$&'()*+,;=:@"
"""Signs of an id that clients write into a path as they are (RFC 3986, section 3.3)."""

_PLAIN: Final = frozenset(
    {
        *("accept", "accept-encoding", "user-agent", "host", "content-length", "content-type"),
        *(TOKEN_HEADER, CLIENT_TOKEN_HEADER.lower()),
    }
)
"""Headers that every request of the suite has; one with others is about them."""


def operation_in(exchange: Exchange) -> Op | None:
    """What was asked for; an action that is none counts as a keep-alive that it is not."""
    if exchange.operation in _OPERATIONS:
        return Op(exchange.operation)
    if exchange.operation in _FILE_OPERATIONS or exchange.cell is None:
        return None
    if exchange.request.method != "POST" or session_in(exchange) is None:
        return None
    action = ParsedRequest.of(exchange).action("keep-alive")
    return Op.KEEP_ALIVE if action in (Action.UNKNOWN, Action.MISSING) else None


@by_exchange
def session_in(exchange: Exchange) -> str | None:
    """The id of the session that a request names."""
    cell = Cell.parse(exchange.cell or "")
    if exchange.operation == Op.KEEP_ALIVE_BY_BODY:
        request = ParsedRequest.of(exchange)
        body = request.value if request.media == "json" else request.printed
        named = body.get(ID_MEMBER[cell.service]) if isinstance(body, dict) else None
        return named if isinstance(named, str) else None
    found = _path_of(cell).fullmatch(urlsplit(exchange.request.url).path)
    # In front of an id under /api the prefix of /rest is an alias, or part of an id that nothing has; and whether
    # another spelling of an id names the same session is a rule of its own.
    if found is None or found[1].startswith(ID_PREFIXES) or quote(unquote(found[1]), safe=_UNQUOTED) != found[1]:
        return None
    return unquote(found[1])


@cache
def _path_of(cell: Cell) -> re.Pattern[str]:
    """The documented path of one session, behind whatever stands before it at the server."""
    before, after = SESSIONS[cell][Op.READ].path.split("{id}")
    return re.compile(f".*{re.escape(before)}([^/]+){re.escape(after)}")


def may_name_a_session(exchange: Exchange) -> bool:
    """Whether a request that names no session as documented may do so otherwise; one that brings content does not."""
    collection = SESSIONS[Cell.parse(exchange.cell or "")][Op.CREATE].path
    return exchange.operation not in _FILE_OPERATIONS and collection in urlsplit(exchange.request.url).path


def item_of_list(listing: Exchange) -> str:
    """The item that a list is asked for; empty if it is asked for none."""
    (item, *_) = parse_qs(urlsplit(listing.request.url).query).get("library_item_id", [""])
    return item


def has_no_token(exchange: Exchange) -> bool:
    return exchange.request.header(TOKEN_HEADER) is None


def may_report_progress(exchange: Exchange, op: Op) -> bool:
    """Whether a call may have told the server a progress: any but a keep-alive that plainly says nothing of it."""
    if op not in (Op.KEEP_ALIVE, Op.KEEP_ALIVE_BY_BODY):
        return True
    request, service = ParsedRequest.of(exchange), Cell.parse(exchange.cell or "").service
    if request.action("keep-alive") is not Action.RIGHT:
        return True
    if request.media == "":
        return False
    body, member = request.value, PROGRESS_MEMBER[service]
    if not isinstance(body, dict) or body.keys() - {member, ID_MEMBER[service]}:
        return True
    return body.get(member) is not None


def oddities_of(exchange: Exchange) -> frozenset[str]:
    """The parts of a request that are about something else than what it asks for."""
    names = {name.lower() for name, _ in exchange.request.headers}
    plain = names <= _PLAIN and exchange.request.header("accept") in {None, "*/*", "application/json"}
    return frozenset() if plain else frozenset({"header"})
