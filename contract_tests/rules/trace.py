"""Traffic as steps: which of a test's requests stand between two reads of their session, and how it stood before.

Nobody has to tell the oracle what a test did: it is read from the exchanges, in their order. Where that leaves a doubt
(calls at once, a session that was touched in between, one that may have ended) there is no step, and nothing is said.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs, quote, unquote, urlsplit

from contract_tests.contract import Cell, Service
from contract_tests.contract.dialects import ID_MEMBER, ID_PREFIXES, PROGRESS_MEMBER, SESSIONS, TOKEN_HEADER, FileOp, Op
from contract_tests.contract.tolerances import OVERDUE
from contract_tests.problems import PremiseFailed
from contract_tests.rules.checks import read, succeeds
from contract_tests.rules.checks.creation import created_id
from contract_tests.rules.checks.times import clock_during
from contract_tests.rules.requests import Action, ParsedRequest
from contract_tests.rules.sessions import item_named_by
from contract_tests.rules.steps import Standing, Step

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from contract_tests.traffic.exchange import Exchange

_ENDS: Final = (Op.COMPLETE, Op.CANCEL, Op.FAIL)
_CLOCK: Final = "/_control/clock/advance"
"""Where the mock's clock is moved: time that passes touches no session, here as on a live server."""
_COMPARING: Final = (Op.KEEP_ALIVE, Op.KEEP_ALIVE_BY_BODY, Op.UPDATE)
"""Calls whose own rules compare the reads around them, so that the second read need not be compared once more."""
_UNQUOTED: Final = "!$&'()*+,;=:@"
"""Signs of an id that clients write into a path as they are (RFC 3986, section 3.3)."""

_PLAIN: Final = frozenset(
    {"accept", "accept-encoding", "user-agent", "host", "content-length", "content-type", TOKEN_HEADER}
)
"""Headers that every request of the suite has; one with others is about them."""


@dataclass
class _Life:
    """What the traffic so far tells of one session."""

    look: Exchange | None = None
    """The last read of it, if nothing has named it since."""
    seen: Exchange | None = None
    """The last read that showed it, whatever has named it since."""
    waiting: tuple[Exchange, Op, Exchange | None, Standing] | None = None
    """A call, the read before it, and how it stood then; it becomes a step with the next read."""
    item: str = ""
    is_made: bool = False
    is_new: bool = False
    """Whether it was created, and nothing has named it since."""
    is_untold: bool = False
    """Whether it was created, and nobody has reported a progress since."""
    is_ended: bool = False
    is_deleted: bool = False


@dataclass
class _Lives:
    by_id: dict[tuple[Service, str], _Life] = field(default_factory=lambda: defaultdict(_Life))

    def forget_looks(self) -> None:
        """Somebody did something that may be about any session."""
        for life in self.by_id.values():
            life.look = life.waiting = None

    def forget_beginnings(self) -> None:
        """Somebody may have named any session, in a way that is not understood here."""
        for life in self.by_id.values():
            life.is_new = life.is_untold = False


def steps_of(exchanges: Sequence[Exchange]) -> Iterator[Step]:
    """The steps that a test has made, in their order."""
    lives = _Lives()
    at_once = _overlapping(exchanges)
    has_files = False
    for place, exchange in enumerate(exchanges):
        op, cell = _operation(exchange), exchange.cell
        has_files |= exchange.operation == FileOp.ADD  # whosever they are
        if cell is None:
            if exchange.request.method != "GET" and not exchange.request.url.endswith(_CLOCK):
                lives.forget_looks()
            continue
        if op in (Op.CREATE, Op.LIST):
            if op is Op.LIST or _has_no_token(exchange):
                item = _standing_of_item(exchange, exchanges[:place]) if op is Op.LIST else Standing.NONE
                yield _step(_Life(), exchange, op, item)
            _note_creation(lives, exchange)
            continue
        id_ = _session_id(exchange)
        if id_ is None:
            lives.forget_looks()
            if exchange.request.method != "GET" and exchange.operation not in set(FileOp):
                lives.forget_beginnings()
            continue
        life = lives.by_id[Cell.parse(cell).service, id_]
        if op is None or id(exchange) in at_once:
            life.look = life.waiting = life.seen = None
            life.is_new = life.is_untold = False
            continue
        named = replace(exchange, operation=op) if exchange.operation is None else exchange
        if _has_no_token(exchange):
            # Only what it is answered counts; but a server that does what a stranger asks for has touched the session.
            yield _step(life, named, op, Standing.NONE)
            life.look = life.waiting = None
            life.is_new = life.is_untold = False
            continue
        yield from (replace(step, may_have_files=has_files) for step in _steps_with(life, named, op))


def _steps_with(life: _Life, exchange: Exchange, op: Op) -> Iterator[Step]:
    """What an exchange about one session adds: the step before it, if it is the read after that, or one of its own."""
    waiting, life.waiting = life.waiting, None
    if op is Op.READ:
        if waiting is not None:
            call, called, before, standing = waiting
            yield _step(life, call, called, standing, before, exchange)
        if _is_of_nobody(life, exchange):
            yield _step(life, exchange, op, Standing.UNKNOWN)
        if exchange.status == 200:
            told = waiting is not None and waiting[1] in _COMPARING and waiting[2] is not None
            seen = _step(life, exchange, op, Standing.ACTIVE, None if told else life.seen)
            yield replace(seen, is_first=life.is_new, is_untold=life.is_untold)
            life.seen = exchange
        life.look, life.is_new = exchange, False
        return
    life.is_new = False
    life.is_untold &= not _may_report_progress(exchange, op) and op not in _ENDS
    standing = _standing(life, exchange)
    if standing in (Standing.UNKNOWN, Standing.DELETED):
        yield _step(life, exchange, op, standing)
    else:
        life.waiting = exchange, op, life.look, standing
        if standing in (Standing.ENDED, Standing.EXPIRED):
            # What it is answered is judged now; what it does to a session that has ended, nobody has to read.
            yield _step(life, exchange, op, standing, life.look)
            life.waiting = None
    life.look = None
    if not succeeds(exchange):
        life.is_ended |= op in _ENDS
        life.is_deleted |= op is Op.DELETE


def _step(  # noqa: PLR0913, PLR0917 - the parts of a step
    life: _Life,
    exchange: Exchange,
    op: Op,
    standing: Standing,
    before: Exchange | None = None,
    after: Exchange | None = None,
) -> Step:
    cell = Cell.parse(exchange.cell or "")
    return Step(exchange, cell, str(op), op, standing, _oddities(exchange), life.item, before, after)


def _has_no_token(exchange: Exchange) -> bool:
    return exchange.request.header(TOKEN_HEADER) is None


def _is_of_nobody(life: _Life, reading: Exchange) -> bool:
    """Whether a read names what no session has: nothing in the traffic has given the id, or it was seen to be gone."""
    if life.is_deleted or (life.look is not None and life.look.status == 404):
        return True
    return not life.is_made and (life.seen is None or reading.status != 200)


def _may_report_progress(exchange: Exchange, op: Op) -> bool:
    if op is Op.UPDATE:
        return True
    if op not in (Op.KEEP_ALIVE, Op.KEEP_ALIVE_BY_BODY):
        return False
    request, service = ParsedRequest.of(exchange), Cell.parse(exchange.cell or "").service
    if request.media == "":
        return False
    body, member = request.value, PROGRESS_MEMBER[service]
    if not isinstance(body, dict) or body.keys() - {member, ID_MEMBER[service]}:
        return True
    return body.get(member) is not None


def _standing_of_item(listing: Exchange, before: Sequence[Exchange]) -> Standing:
    """How the item stands that a list is asked for: one that nothing in the traffic has named does not exist."""
    (item, *_) = parse_qs(urlsplit(listing.request.url).query).get("library_item_id", [""])
    sign = item.encode()
    named = not item or any(
        sign in one.request.body or (one.response is not None and sign in one.response.body) for one in before
    )
    return Standing.NONE if named else Standing.UNKNOWN


def _standing(life: _Life, exchange: Exchange) -> Standing:
    """How a session stands when it is named in an exchange, by what was seen of it last."""
    if life.is_deleted:
        return Standing.DELETED
    if not life.is_made and (life.look is None or life.look.status == 404):
        return Standing.UNKNOWN
    if life.look is None:
        return Standing.NONE
    if life.look.status == 404:
        return Standing.DELETED if life.is_ended else Standing.EXPIRED  # before 6.7 cancel deleted a session
    return _standing_as_seen(life.look, exchange, is_ended=life.is_ended)


def _standing_as_seen(look: Exchange, exchange: Exchange, *, is_ended: bool) -> Standing:
    try:
        active = read(look).state == "ACTIVE"
    except PremiseFailed:
        return Standing.NONE
    if active:
        return Standing.EXPIRED if _is_over(look, exchange) else Standing.ACTIVE
    return Standing.ENDED if is_ended else Standing.EXPIRED


def _is_over(look: Exchange, exchange: Exchange) -> bool:
    """Whether the time that a read showed was up when a request was answered, and the server had time to notice."""
    now = clock_during(exchange)
    try:
        end = read(look).expires.latest
    except PremiseFailed:
        return False
    return now.earliest > end and now.latest >= end + timedelta(seconds=OVERDUE)


def _note_creation(lives: _Lives, exchange: Exchange) -> None:
    """Ids that an answer gives are those of sessions of its service."""
    service = Cell.parse(exchange.cell or "").service
    if exchange.status is None or exchange.status >= 400:
        return
    if (made := created_id(exchange)) is not None:
        life = lives.by_id[service, made]
        life.is_new = life.is_untold = not life.is_made
        life.is_made, life.item = True, item_named_by(ParsedRequest.of(exchange))
    elif exchange.response is not None:
        for id_ in re.findall(r'"([^"\\]{8,})"', exchange.response.body.decode(errors="replace")):
            lives.by_id[service, id_].is_made = True


def _operation(exchange: Exchange) -> Op | None:
    """What was asked for; an action that is none counts as a keep-alive that it is not."""
    if exchange.operation in set(Op):
        return Op(exchange.operation)
    if exchange.operation in set(FileOp) or exchange.cell is None:
        return None
    if exchange.request.method != "POST" or _session_id(exchange) is None:
        return None
    action = ParsedRequest.of(exchange).action("keep-alive")
    return Op.KEEP_ALIVE if action in (Action.UNKNOWN, Action.MISSING) else None


def _session_id(exchange: Exchange) -> str | None:
    """The id of the session that a request names."""
    if exchange.operation == Op.KEEP_ALIVE_BY_BODY:
        body = ParsedRequest.of(exchange).value
        named = body.get(ID_MEMBER[Cell.parse(exchange.cell or "").service]) if isinstance(body, dict) else None
        return named if isinstance(named, str) else None
    cell = Cell.parse(exchange.cell or "")
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


def _oddities(exchange: Exchange) -> frozenset[str]:
    """The parts of a request that are about something else than what it asks for."""
    names = {name.lower() for name, _ in exchange.request.headers}
    plain = names <= _PLAIN and exchange.request.header("accept") in (None, "application/json")
    return frozenset() if plain else frozenset({"header"})


def _overlapping(exchanges: Sequence[Exchange]) -> set[int]:
    """The exchanges that were under way at the same time as another one."""
    found: set[int] = set()
    ends = None
    last: Exchange | None = None
    for exchange in sorted(exchanges, key=lambda one: one.started):
        if ends is not None and last is not None and exchange.started < ends:
            found |= {id(exchange), id(last)}
        end = exchange.started + timedelta(seconds=exchange.seconds)
        if ends is None or end >= ends:
            ends, last = end, exchange
    return found
