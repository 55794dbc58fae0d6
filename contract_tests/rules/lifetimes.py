"""Lifetimes as the traffic shows them: until when a session lives, and whether it may have ended by itself before.

That a session is ACTIVE is a premise of most clauses. What a server answers about a session whose time may have been up
is held against nobody, where it is what a session gets whose time *is* up; nor is what it answers about one that has
failed with its content.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from contract_tests.contract.dialects import FileOp, Op
from contract_tests.problems import PremiseFailed
from contract_tests.rules import refusals
from contract_tests.rules.checks import read
from contract_tests.rules.checks.creation import created_id
from contract_tests.rules.checks.errors import named_types
from contract_tests.rules.checks.times import clock_during, tells_the_time
from contract_tests.rules.creations import item_named_by
from contract_tests.rules.requests import ParsedRequest

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from contract_tests.traffic.exchange import Exchange


_FILE_OPERATIONS: Final = frozenset(FileOp)
_OF_ACTIVE_SESSIONS: Final = (
    *("addressing.", "create.", "keep-alive.", "life-cycle.", "update.", "model.initial-progress", "model.list"),
    *("expiry.never-moves-back", "expiry.not-before-expiration-time", "expiry.other-activity"),
)
_OF_THE_OTHERS: Final = frozenset({"create.lease-ends"})


_ENDS: Final = frozenset({"DONE", "ERROR", "CANCELED"})


def takes_an_active_session(slug: str) -> bool:
    """Whether a clause is about sessions that are ACTIVE, or that their client has ended, and not about their expiry.

    What any read shows and what any error holds is right or wrong whether the session's time is up or not.
    """
    return slug.startswith(_OF_ACTIVE_SESSIONS) and slug not in _OF_THE_OTHERS


@dataclass
class _Lifetime:
    """One session: its item, if its creation was seen, until when it lives at least, and what was told of its files.

    `moves_content` is whether content was on its way, in or out, and no list has said since that it has come;
    `is_ended` whether a client has ended it.
    """

    id: str
    item: str = ""
    until: datetime | None = None
    files: str = ""
    moves_content: bool = False
    is_ended: bool = False


def may_have_ended(answer: Exchange, traffic: Sequence[Exchange], timeout: float | None = None) -> str:
    """Why an answer may be that of a server whose session has ended by its own clock; empty if it can't be.

    `timeout` is the lifetime in seconds that a new session has, and one that was kept alive; None: nobody knows, and
    only what reads showed counts.
    """
    for life in _lives(answer, traffic, timeout):
        now = clock_during(answer).latest
        if life.until is not None and now >= life.until and _fits_an_end(answer, life):
            return (
                "the session may have ended by its own clock: its time was up at "
                f"{life.until:%Y-%m-%d %H:%M:%S.%f} UTC, and the answer came at {now:%Y-%m-%d %H:%M:%S.%f} UTC, "
                "each as nearly as can be read"
            )
    return ""


def may_have_failed(answer: Exchange, traffic: Sequence[Exchange]) -> str:
    """Why an answer may be that of a server on which a transfer has failed, and the session with it; empty if not.

    A read has to tell so, before the answer or after it: content was on its way, no client has ended the session, and
    it is in ERROR.
    """
    failed = _failed(traffic)
    for life in _lives(answer, traffic, None) if failed else ():
        if life.id in failed and life.moves_content and not life.is_ended and _fits_an_end(answer, life):
            return (
                "the session has failed by itself: content was on its way, nobody has ended it, and a read shows ERROR"
            )
    return ""


def has_unknown_clock(traffic: Sequence[Exchange]) -> str:
    """Why nobody knows which sessions are over: by our clock one is that the server, without `Date`, shows ACTIVE."""
    for exchange in traffic:
        if exchange.operation != Op.READ or exchange.response is None or tells_the_time(exchange):
            continue
        with suppress(PremiseFailed):
            shown = read(exchange)
            if shown.state == "ACTIVE" and clock_during(exchange).earliest > shown.expires.latest:
                return (
                    "the server sends no Date, so nobody knows its clock; by ours, the time of a session was up at "
                    f"{shown.expiration} that was ACTIVE at {shown.server_time}"
                )
    return ""


def _failed(traffic: Sequence[Exchange]) -> set[str]:
    """The ids of the sessions that a read shows to have failed with their content."""
    lives: dict[str, _Lifetime] = {}
    failed = set()
    for exchange in traffic:
        life = _named_by(exchange, lives) if exchange.operation == Op.READ else None
        if life and life.moves_content and not life.is_ended and _shows_one_of(exchange, {"ERROR"}):
            failed.add(life.id)
        _note(lives, exchange, None)
    return failed


def _lives(answer: Exchange, traffic: Sequence[Exchange], timeout: float | None) -> Iterator[_Lifetime]:
    """What the traffic before an answer tells of the sessions that it may be about."""
    lives: dict[str, _Lifetime] = {}
    for exchange in traffic:
        if exchange is answer:
            break
        _note(lives, exchange, timeout)
    yield from lives.values()


def _named_by(exchange: Exchange, lives: dict[str, _Lifetime]) -> _Lifetime | None:
    return next((one for one in lives.values() if _names(exchange, one.id)), None)


def _note(lives: dict[str, _Lifetime], exchange: Exchange, timeout: float | None) -> None:
    """Take in what an exchange tells of the sessions."""
    for one in lives.values() if exchange.operation is None else ():
        one.moves_content |= exchange.request.url in one.files
    if exchange.cell is None or exchange.status is None or not 200 <= exchange.status < 300:
        return
    extended = None if timeout is None else clock_during(exchange).earliest + timedelta(seconds=timeout)
    if exchange.operation == Op.CREATE:
        if (made := created_id(exchange)) is not None and made not in lives:
            lives[made] = _Lifetime(made, item_named_by(ParsedRequest.of(exchange)), extended)
    elif life := _named_by(exchange, lives):
        if exchange.operation == Op.DELETE:
            del lives[life.id]  # what is told of it from now on has to do with that
        else:
            _note_of(life, exchange, extended)


def _note_of(life: _Lifetime, exchange: Exchange, extended: datetime | None) -> None:
    """Take in what a success tells of one session that is still there."""
    if exchange.operation in (Op.COMPLETE, Op.CANCEL, Op.FAIL):
        life.is_ended = True
    elif exchange.operation == Op.READ:
        with suppress(PremiseFailed):  # what is wrong with the time that it shows, is told elsewhere
            life.until = read(exchange).expires.earliest
    elif exchange.operation in _FILE_OPERATIONS and exchange.response is not None:
        life.files += exchange.response.body.decode(errors="replace")
        life.moves_content |= exchange.operation == FileOp.PREPARE
        if exchange.operation == FileOp.FILES and _shows_all_there(exchange):
            life.moves_content = False
    elif exchange.operation in (Op.KEEP_ALIVE, Op.KEEP_ALIVE_BY_BODY) and extended is not None:
        life.until = extended if life.until is None else max(life.until, extended)


def _shows_all_there(listed: Exchange) -> bool:
    """Whether a list of files has some, and says of each that its content has come."""
    try:
        told = listed.response.json if listed.response is not None else None
    except ValueError:
        return False
    files = told.get("value") if isinstance(told, dict) else told
    statuses = [one.get("status") for one in files if isinstance(one, dict)] if isinstance(files, list) else []
    return bool(statuses) and all(status in _THERE for status in statuses)


_THERE: Final = ("READY", "PREPARED")


def _fits_an_end(answer: Exchange, life: _Lifetime) -> bool:
    """Whether the answer is one that fits a session whose time is up."""
    if answer.operation == Op.CREATE:
        return _succeeded(answer) and bool(life.item) and item_named_by(ParsedRequest.of(answer)) == life.item
    if answer.operation == Op.LIST:
        return _succeeded(answer) and answer.response is not None and life.id.encode() not in answer.response.body
    if answer.operation is None and answer.request.url in life.files:
        # An address for content, which goes with the session in whatever way a server likes.
        return refusals.ANY.allow(answer.status, ())
    if not _names(answer, life.id):
        return False
    types = named_types(answer).values()
    if answer.operation == Op.DELETE:
        # One that is over can be deleted, unless the server has done so before.
        return _succeeded(answer) or refusals.UNKNOWN.allow(answer.status, types)
    return refusals.EXPIRED.allow(answer.status, types) or (
        answer.operation == Op.READ and _shows_one_of(answer, _ENDS)
    )


def _shows_one_of(answer: Exchange, states: Collection[str]) -> bool:
    try:
        return read(answer).state in states
    except PremiseFailed:
        return False


def _succeeded(answer: Exchange) -> bool:
    return answer.status is not None and 200 <= answer.status < 300


def _names(exchange: Exchange, id_: str) -> bool:
    return id_ in unquote(exchange.request.url) or id_.encode() in exchange.request.body
