"""Traffic as steps: which of a test's requests stand between two reads of their session, and how it stood before.

Nobody has to tell the oracle what a test did: it is read from the exchanges, in their order. Where that leaves a doubt
(calls at once, a session that was touched in between, one that may have ended) there is no step, and nothing is said.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from contract_tests.contract import Cell
from contract_tests.contract.dialects import FileOp, Op
from contract_tests.rules.checks import succeeds
from contract_tests.rules.creations import client_token_in, item_named_by
from contract_tests.rules.lives import Life, Lives
from contract_tests.rules.naming import (
    has_no_token,
    item_of_list,
    may_name_a_session,
    may_report_progress,
    operation_in,
    session_in,
)
from contract_tests.rules.requests import ParsedRequest
from contract_tests.rules.steps import Standing, Step

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from contract_tests.traffic.exchange import Exchange

_ENDS: Final = (Op.COMPLETE, Op.CANCEL, Op.FAIL)
_WAIT: Final = "/_control/clock/advance"
"""How time passes on the mock. At other servers nobody is asked for it, and a wait between two calls is no call."""

_COMPARING: Final = (Op.KEEP_ALIVE, Op.KEEP_ALIVE_BY_BODY, Op.UPDATE)
"""Calls whose own rules compare the reads around them, so that the second read need not be compared once more."""


def steps_of(exchanges: Sequence[Exchange]) -> Iterator[Step]:
    """The steps that a test has made, in their order."""
    has_files = False
    at_once = _overlapping(exchanges)
    lives = Lives()
    for exchange in exchanges:
        has_files |= exchange.operation == FileOp.ADD  # whosever they are
        steps = _steps_of_one(lives, exchange, is_alone=id(exchange) not in at_once)
        yield from (replace(step, may_have_files=True) if has_files else step for step in steps)
        lives.earlier.append(exchange)
    yield from lives.disturbed()


def _steps_of_one(lives: Lives, exchange: Exchange, *, is_alone: bool) -> Iterator[Step]:
    op, cell = operation_in(exchange), exchange.cell
    if cell is None:
        if exchange.request.method != "GET" and not exchange.request.url.endswith(_WAIT):
            yield from lives.disturbed()
            lives.note_made(exchange)
        return
    if op is Op.LIST:
        yield Life().step(exchange, op, Standing.NONE if lives.has_named(item_of_list(exchange)) else Standing.UNKNOWN)
        lives.note_ids(exchange)
        return
    if op is Op.CREATE:
        yield from _creation(lives, exchange, is_alone=is_alone)
        return
    id_ = session_in(exchange)
    if id_ is None:
        yield from lives.disturbed()
        if exchange.request.method != "GET" and may_name_a_session(exchange):
            lives.begun()
        return
    life = lives.of(Cell.parse(cell).service, id_)
    if op is None or not is_alone:
        yield from life.disturbed()
        life.begun()
        life.seen = None
        return
    named = replace(exchange, operation=op) if exchange.operation is None else exchange
    if has_no_token(exchange):
        # Only what it is answered counts; but a server that does what a stranger asks for has touched the session.
        yield life.step(named, op, Standing.NONE)
        yield from life.disturbed()
        life.begun()
        return
    yield from _reading(life, named) if op is Op.READ else _call(life, named, op)


def _reading(life: Life, exchange: Exchange) -> Iterator[Step]:
    """A read: a step by itself, and the end of that of the call before it."""
    waiting, life.waiting = life.waiting, None
    if waiting is not None:
        call, called, before, standing = waiting
        yield life.step(call, called, standing, before, exchange)
    is_told = waiting is not None and waiting[1] is Op.DELETE and exchange.status == 200
    if life.is_nobodys(exchange) and not is_told:
        yield life.step(exchange, Op.READ, Standing.UNKNOWN)
    if exchange.status == 200:
        told = waiting is not None and waiting[1] in _COMPARING and waiting[2] is not None
        seen = life.step(exchange, Op.READ, Standing.ACTIVE, None if told else life.seen)
        yield replace(seen, is_first=life.is_new, is_untold=life.is_untold)
        life.seen = exchange
    life.look, life.is_new = exchange, False


def _call(life: Life, exchange: Exchange, op: Op) -> Iterator[Step]:
    """A call that is no read: a step by itself where its answer says enough, else with the read after it."""
    standing, look = life.standing(exchange), life.look
    life.is_new = False
    life.is_untold &= not may_report_progress(exchange, op)
    yield from life.disturbed()
    if standing in (Standing.UNKNOWN, Standing.DELETED):
        yield life.step(exchange, op, standing)
    elif standing in (Standing.ENDED, Standing.EXPIRED) and op not in (*_ENDS, Op.DELETE):
        # What it is answered is judged now; what it does to a session that has ended, nobody has to read.
        yield life.step(exchange, op, standing, look)
    else:
        life.waiting = exchange, op, look, standing
    if not succeeds(exchange):
        life.is_ended |= op in _ENDS
        life.is_deleted |= op is Op.DELETE


def _creation(lives: Lives, exchange: Exchange, *, is_alone: bool) -> Iterator[Step]:
    """A creation: on an item that has a session it waits for a read of that one, else for a read of the new one."""
    request, service = ParsedRequest.of(exchange), Cell.parse(exchange.cell or "").service
    item, token = item_named_by(request), client_token_in(request)
    standing, holder = lives.holder_of(exchange, item)
    is_strange = has_no_token(exchange)
    is_doubtful = not is_alone or (service, token) in lives.tokens or (item and standing is Standing.NONE)
    if token:
        lives.tokens.add((service, token))
    if is_strange or (standing is not Standing.BUSY and (exchange.status is None or exchange.status >= 500)):
        lives.unsure.add(item)
    new = lives.note_ids(exchange, item)
    if is_strange:
        yield Life(item=item).step(exchange, Op.CREATE, Standing.NONE)
    if is_strange or is_doubtful:
        yield from () if holder is None else holder.disturbed()
        return
    life = holder or new
    if life is None:
        yield Life(item=item).step(exchange, Op.CREATE, standing)
        return
    look = life.look
    yield from life.disturbed()
    if holder is not None:
        holder.begun()
    life.waiting = exchange, Op.CREATE, look, standing


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
