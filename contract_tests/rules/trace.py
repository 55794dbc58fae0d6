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
from contract_tests.contract.dialects import ID_MEMBER, ID_PREFIXES, SESSIONS, TOKEN_HEADER, FileOp, Op
from contract_tests.problems import PremiseFailed
from contract_tests.rules.checks import read, succeeds
from contract_tests.rules.checks.creation import created_id
from contract_tests.rules.requests import Action, ParsedRequest
from contract_tests.rules.sessions import item_named_by
from contract_tests.rules.steps import Standing, Step

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from contract_tests.traffic.exchange import Exchange

_ENDS: Final = (Op.COMPLETE, Op.CANCEL, Op.FAIL)
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
    waiting: tuple[Exchange, Op, Exchange | None, Standing] | None = None
    """A call, the read before it, and how it stood then; it becomes a step with the next read."""
    item: str = ""
    is_made: bool = False
    is_ended: bool = False
    is_deleted: bool = False


@dataclass
class _Lives:
    by_id: dict[tuple[Service, str], _Life] = field(default_factory=lambda: defaultdict(_Life))

    def forget_looks(self) -> None:
        """Somebody did something that may be about any session."""
        for life in self.by_id.values():
            life.look = life.waiting = None


def steps_of(exchanges: Sequence[Exchange]) -> Iterator[Step]:
    """The steps that a test has made, in their order."""
    lives = _Lives()
    at_once = _overlapping(exchanges)
    has_files = False
    for exchange in exchanges:
        op, cell = _operation(exchange), exchange.cell
        has_files |= exchange.operation == FileOp.ADD  # whosever they are
        if cell is None:
            if exchange.request.method != "GET":
                lives.forget_looks()
            continue
        if op in (Op.CREATE, Op.LIST):
            _note_creation(lives, exchange)
            continue
        id_ = _session_id(exchange)
        if id_ is None:
            lives.forget_looks()
            continue
        life = lives.by_id[Cell.parse(cell).service, id_]
        if op is None or id(exchange) in at_once:
            life.look = life.waiting = None
            continue
        named = replace(exchange, operation=op) if exchange.operation is None else exchange
        yield from (replace(step, may_have_files=has_files) for step in _steps_with(life, named, op))


def _steps_with(life: _Life, exchange: Exchange, op: Op) -> Iterator[Step]:
    """What an exchange about one session adds: the step before it, if it is the read after that, or one of its own."""
    waiting, life.waiting = life.waiting, None
    if op is Op.READ:
        if waiting is not None:
            call, called, before, standing = waiting
            yield _step(life, call, called, standing, before, exchange)
        if exchange.status == 200:
            yield _step(life, exchange, op, Standing.ACTIVE)
        elif life.is_deleted or not life.is_made:
            yield _step(life, exchange, op, Standing.UNKNOWN)
        life.look = exchange
        return
    standing = _standing(life)
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


def _note_creation(lives: _Lives, exchange: Exchange) -> None:
    """Ids that an answer gives are those of sessions of its service."""
    service = Cell.parse(exchange.cell or "").service
    if exchange.status is None or exchange.status >= 400:
        return
    if (made := created_id(exchange)) is not None:
        life = lives.by_id[service, made]
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
