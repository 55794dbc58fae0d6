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
from urllib.parse import quote, unquote, urlsplit

from contract_tests.contract import Cell, Service
from contract_tests.contract.dialects import (
    CLIENT_TOKEN_HEADER,
    ID_MEMBER,
    SESSIONS,
    TOKEN_HEADER,
    FileOp,
    Op,
)
from contract_tests.problems import PremiseFailed
from contract_tests.rules.checks import read, succeeds
from contract_tests.rules.checks.creation import created_id
from contract_tests.rules.requests import Action, ParsedRequest
from contract_tests.rules.sessions import client_token_in, item_named_by
from contract_tests.rules.steps import Standing, Step

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from contract_tests.traffic.exchange import Exchange

_ENDS: Final = (Op.COMPLETE, Op.CANCEL, Op.FAIL)
_WAIT: Final = "/_control/clock/advance"
"""How time passes on the mock. At other servers nobody is asked for it, and a wait between two calls is no call."""

_UNQUOTED: Final = "!$&'()*+,;=:@"
"""Signs of an id that clients write into a path as they are (RFC 3986, section 3.3)."""

_PLAIN: Final = frozenset(
    {
        "accept",
        "accept-encoding",
        "user-agent",
        "host",
        "content-length",
        "content-type",
        TOKEN_HEADER,
        CLIENT_TOKEN_HEADER.lower(),
    }
)
"""Headers that every request of the suite has; one with others is about them."""


@dataclass
class _Life:
    """What the traffic so far tells of one session."""

    look: Exchange | None = None
    """The last read of it, if nothing has named it since."""
    waiting: tuple[Exchange, Op, Exchange | None, Standing] | None = None
    """A call, the read before it, and how it stood then; it becomes a step with the next read."""
    item: str = ""
    is_made: bool = False
    is_ended: bool = False
    is_deleted: bool = False

    def disturbed(self) -> Iterator[Step]:
        """What was read does not count any more; a call whose answer says enough is a step without a read after it."""
        waiting, self.look, self.waiting = self.waiting, None, None
        if waiting is None:
            return
        call, op, before, standing = waiting
        if op is Op.CREATE or standing in {Standing.ENDED, Standing.EXPIRED}:
            yield _step(self, call, op, standing, before)


@dataclass
class _Lives:
    by_id: dict[tuple[Service, str], _Life] = field(default_factory=lambda: defaultdict(_Life))
    made: set[str] = field(default_factory=set)
    """Ids that answers outside of the session API have given to what they made, items among them."""
    unsure: set[str] = field(default_factory=set)
    """Items of which nobody knows what a creation made of them."""
    tokens: set[tuple[Service, str]] = field(default_factory=set)
    """Client tokens that were used: with one of those, a creation is a repetition."""

    def disturbed(self) -> Iterator[Step]:
        """Somebody did something that may be about any session."""
        for life in self.by_id.values():
            yield from life.disturbed()

    def holder_of(self, service: Service, item: str) -> tuple[Standing, _Life | None]:
        """How an item stands to a creation, and the session that has it; `Standing.NONE` if that is in doubt."""
        if item not in self.made or item in self.unsure:
            return Standing.NONE, None
        held = [life for (of, _), life in self.by_id.items() if of is Service.UPDATE and life.item == item]
        if service is Service.DOWNLOAD or not held:
            return Standing.FREE, None
        standings = {_standing(life) for life in held}
        if standings <= {Standing.ENDED, Standing.EXPIRED, Standing.DELETED}:
            return Standing.FREE, None
        busy = [life for life in held if _standing(life) is Standing.ACTIVE]
        return (Standing.BUSY, busy[0]) if len(busy) == 1 and Standing.NONE not in standings else (Standing.NONE, None)


def steps_of(exchanges: Sequence[Exchange]) -> Iterator[Step]:
    """The steps that a test has made, in their order."""
    has_files = False
    at_once = _overlapping(exchanges)
    lives = _Lives()
    for exchange in exchanges:
        has_files |= exchange.operation == FileOp.ADD  # whosever they are
        steps = _steps_of_one(lives, exchange, is_alone=id(exchange) not in at_once)
        yield from (replace(step, may_have_files=has_files) for step in steps)
    yield from lives.disturbed()


def _steps_of_one(lives: _Lives, exchange: Exchange, *, is_alone: bool) -> Iterator[Step]:
    op, cell = _operation(exchange), exchange.cell
    if cell is None:
        if exchange.request.method != "GET" and not exchange.request.url.endswith(_WAIT):
            yield from lives.disturbed()
            lives.made |= _made_by(exchange)
        return
    if op is Op.CREATE:
        yield from _creation(lives, exchange, is_alone=is_alone)
        return
    if op is Op.LIST:
        _note_ids(lives, exchange)
        return
    id_ = _session_id(exchange)
    if id_ is None:
        yield from lives.disturbed()
        return
    life = lives.by_id[Cell.parse(cell).service, id_]
    if op is None or not is_alone:
        yield from life.disturbed()
        return
    yield from _steps_with(life, replace(exchange, operation=op) if exchange.operation is None else exchange, op)


def _steps_with(life: _Life, exchange: Exchange, op: Op) -> Iterator[Step]:
    """What an exchange about one session adds: the step before it, if it is the read after that, or one of its own."""
    if op is Op.READ:
        if life.waiting is not None:
            call, called, before, standing = life.waiting
            yield _step(life, call, called, standing, before, exchange)
            life.waiting = None
        if exchange.status == 200:
            yield _step(life, exchange, op, Standing.ACTIVE)
        elif life.is_deleted or not life.is_made:
            yield _step(life, exchange, op, Standing.UNKNOWN)
        life.look = exchange
        return
    standing, look = _standing(life), life.look
    yield from life.disturbed()
    if standing in (Standing.UNKNOWN, Standing.DELETED):
        yield _step(life, exchange, op, standing)
    elif standing in (Standing.ENDED, Standing.EXPIRED) and op not in (*_ENDS, Op.DELETE):
        # What it is answered is judged now; what it does to a session that has ended, nobody has to read.
        yield _step(life, exchange, op, standing, look)
    else:
        life.waiting = exchange, op, look, standing
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


def _standing(life: _Life) -> Standing:
    """How a session stands, by what was seen of it last."""
    if life.is_deleted:
        return Standing.DELETED
    if not life.is_made and (life.look is None or life.look.status == 404):
        return Standing.UNKNOWN
    if life.look is None:
        return Standing.NONE
    if life.look.status == 404:
        return Standing.DELETED if life.is_ended else Standing.EXPIRED  # before 6.7 cancel deleted a session
    try:
        active = read(life.look).state == "ACTIVE"
    except PremiseFailed:
        return Standing.NONE
    return Standing.ACTIVE if active else Standing.ENDED if life.is_ended else Standing.EXPIRED


def _creation(lives: _Lives, exchange: Exchange, *, is_alone: bool) -> Iterator[Step]:
    """A creation: on an item that has a session it waits for a read of that one, else for a read of the new one."""
    request, service = ParsedRequest.of(exchange), Cell.parse(exchange.cell or "").service
    item, token = item_named_by(request), client_token_in(request)
    standing, holder = lives.holder_of(service, item)
    is_doubtful = not is_alone or (service, token) in lives.tokens or (item and standing is Standing.NONE)
    if token:
        lives.tokens.add((service, token))
    if standing is not Standing.BUSY and (exchange.status is None or exchange.status >= 500):
        lives.unsure.add(item)
    new = _note_ids(lives, exchange, item)
    if is_doubtful:
        yield from () if holder is None else holder.disturbed()
        return
    life = holder or new
    if life is None:
        yield _step(_Life(item=item), exchange, Op.CREATE, standing)
        return
    look = life.look
    yield from life.disturbed()
    life.waiting = exchange, Op.CREATE, look, standing


def _note_ids(lives: _Lives, exchange: Exchange, item: str = "") -> _Life | None:
    """Ids that an answer gives are those of sessions of its service; gives the one that was made, if it is new."""
    service = Cell.parse(exchange.cell or "").service
    if exchange.status is None or exchange.status >= 400:
        return None
    if exchange.operation == Op.CREATE and (made := created_id(exchange)) is not None:
        life = lives.by_id[service, made]
        is_new, life.is_made, life.item = not life.is_made, True, item
        return life if is_new else None
    if exchange.response is not None:
        for id_ in re.findall(r'"([^"\\]{8,})"', exchange.response.body.decode(errors="replace")):
            lives.by_id[service, id_].is_made = True
    return None


def _made_by(exchange: Exchange) -> set[str]:
    """The id of what a call outside of the session API has made, if its answer is one."""
    if exchange.request.method != "POST" or exchange.status not in {200, 201} or exchange.response is None:
        return set()
    try:
        told = exchange.response.json
    except ValueError:
        return set()
    id_ = told.get("value") if isinstance(told, dict) else told
    return {id_} if isinstance(id_, str) else set()


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
        request = ParsedRequest.of(exchange)
        body = request.value if request.media == "json" else request.printed
        named = body.get(ID_MEMBER[Cell.parse(exchange.cell or "").service]) if isinstance(body, dict) else None
        return named if isinstance(named, str) else None
    cell = Cell.parse(exchange.cell or "")
    found = _path_of(cell).fullmatch(urlsplit(exchange.request.url).path)
    # In front of an id under /api the prefix of /rest is an alias, or part of an id that nothing has; and whether
    # another spelling of an id names the same session is a rule of its own.
    if found is None or found[1].startswith("id:") or quote(unquote(found[1]), safe=_UNQUOTED) != found[1]:
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
    plain = names <= _PLAIN and exchange.request.header("accept") in {None, "*/*", "application/json"}
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
