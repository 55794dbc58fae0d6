"""Lives: what the traffic so far tells of each session, and how sessions and items stand to the next call."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from contract_tests.contract import Cell, Service
from contract_tests.contract.dialects import Op
from contract_tests.problems import PremiseFailed
from contract_tests.rules.checks import read
from contract_tests.rules.checks.creation import created_id
from contract_tests.rules.checks.times import clock_during
from contract_tests.rules.guessing import is_short
from contract_tests.rules.naming import oddities_of
from contract_tests.rules.steps import Standing, Step

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contract_tests.traffic.exchange import Exchange


@dataclass
class Life:
    """What the traffic so far tells of one session."""

    look: Exchange | None = None
    """The last read of it, if nothing has named it since."""
    seen: Exchange | None = None
    """The last read that showed it, whatever has named it since."""
    waiting: tuple[Exchange, Op, Exchange | None, Standing] | None = None
    """A call, the read before it, and how it stood then; it becomes a step with the next read."""
    item: str = ""
    is_made: bool = False
    may_be_made: bool = False
    """Whether its id can be guessed, so that a server may have given it to somebody."""
    is_new: bool = False
    """Whether it was created, and nothing has named it since."""
    is_untold: bool = False
    """Whether it was created, and nobody has reported a progress since."""
    is_ended: bool = False
    is_deleted: bool = False

    def step(
        self,
        exchange: Exchange,
        op: Op,
        standing: Standing,
        before: Exchange | None = None,
        after: Exchange | None = None,
    ) -> Step:
        """The exchange as a step about this session."""
        cell = Cell.parse(exchange.cell or "")
        return Step(exchange, cell, str(op), op, standing, oddities_of(exchange), self.item, before, after)

    def disturbed(self) -> Iterator[Step]:
        """What was read does not count any more; a call whose answer says enough is a step without a read after it."""
        waiting, self.look, self.waiting = self.waiting, None, None
        if waiting is None:
            return
        call, op, before, standing = waiting
        if op is Op.CREATE or standing in {Standing.ENDED, Standing.EXPIRED}:
            yield self.step(call, op, standing, before)

    def begun(self) -> None:
        """It is not as it was created any more, as far as anybody knows."""
        self.is_new = self.is_untold = False

    def standing(self, exchange: Exchange) -> Standing:
        """How the session stands when it is named in an exchange, by what was seen of it last."""
        if self.is_deleted:
            return Standing.DELETED
        if not self.is_made and (self.look.status == 404 if self.look is not None else not self.may_be_made):
            return Standing.UNKNOWN
        if self.look is None:
            return Standing.NONE
        return self._as_seen(self.look, exchange)

    def _as_seen(self, look: Exchange, exchange: Exchange) -> Standing:
        if look.status == 404:
            return Standing.DELETED if self.is_ended else Standing.EXPIRED  # before 6.7 cancel deleted a session
        is_active = _shows_active(look)
        if is_active is None:
            return Standing.NONE
        if is_active:
            # That its time is up does not end it: the server may take as long as it likes to notice. And what a client
            # has ended may be ACTIVE for a moment more.
            return Standing.NONE if self.is_ended or _is_over(look, exchange) else Standing.ACTIVE
        return Standing.ENDED if self.is_ended else Standing.EXPIRED

    def is_nobodys(self, reading: Exchange) -> bool:
        """Whether a read names what no session has: nothing has given the id, or it was seen to be gone."""
        if self.is_deleted or (self.look is not None and self.look.status == 404):
            return True
        if reading.status == 200:
            return self.seen is None and not (self.is_made or self.may_be_made)
        return not self.is_made


def _shows_active(look: Exchange) -> bool | None:
    """Whether a read shows the session ACTIVE; None if it can't be read."""
    try:
        return read(look).state == "ACTIVE"
    except PremiseFailed:
        return None


def _is_over(look: Exchange, exchange: Exchange) -> bool:
    """Whether the time that a read showed was up when a request was answered."""
    try:
        return clock_during(exchange).earliest > read(look).expires.latest
    except PremiseFailed:
        return False


def _texts_in(told: Any) -> Iterator[str]:
    """Every string in a value of JSON, but for the names of members."""
    if isinstance(told, str):
        yield told
    elif isinstance(told, dict | list):
        for one in told.values() if isinstance(told, dict) else told:
            yield from _texts_in(one)


@dataclass
class Lives:
    """All sessions that the traffic has named, by service and id; and the items that it has made."""

    by_id: dict[tuple[Service, str], Life] = field(default_factory=dict)
    made: set[str] = field(default_factory=set)
    """Ids that answers outside of the session API have given to what they made, items among them."""
    unsure: set[str] = field(default_factory=set)
    """Items of which nobody knows what a creation made of them."""
    earlier: list[Exchange] = field(default_factory=list)
    """What was exchanged before the call that is looked at."""
    tokens: set[tuple[Service, str]] = field(default_factory=set)
    """Client tokens that were used: with one of those, a creation is a repetition."""

    def of(self, service: Service, id_: str) -> Life:
        """What is known of the session of a service with an id."""
        if (service, id_) not in self.by_id:
            self.by_id[service, id_] = Life(may_be_made=is_short(id_))
        return self.by_id[service, id_]

    def disturbed(self) -> Iterator[Step]:
        """Somebody did something that may be about any session."""
        for life in self.by_id.values():
            yield from life.disturbed()

    def begun(self) -> None:
        """Somebody may have named any session, in a way that is not understood here."""
        for life in self.by_id.values():
            life.begun()

    def holder_of(self, creation: Exchange, item: str) -> tuple[Standing, Life | None]:
        """How an item stands to a creation, and the session that has it; `Standing.NONE` if that is in doubt."""
        if item not in self.made or item in self.unsure:
            return Standing.NONE, None
        held = [life for (of, _), life in self.by_id.items() if of is Service.UPDATE and life.item == item]
        if Cell.parse(creation.cell or "").service is Service.DOWNLOAD or not held:
            return Standing.FREE, None
        standings = {life.standing(creation) for life in held}
        if standings <= {Standing.ENDED, Standing.EXPIRED, Standing.DELETED}:
            return Standing.FREE, None
        busy = [life for life in held if life.standing(creation) is Standing.ACTIVE]
        return (Standing.BUSY, busy[0]) if len(busy) == 1 and Standing.NONE not in standings else (Standing.NONE, None)

    def has_named(self, item: str) -> bool:
        """Whether anything in the traffic has named an item, so that it may exist; a list of no item asks for all."""
        sign = item.encode()
        return (
            not item
            or is_short(item)
            or any(
                sign in one.request.body or (one.response is not None and sign in one.response.body)
                for one in self.earlier
            )
        )

    def note_ids(self, exchange: Exchange, item: str = "") -> Life | None:
        """Ids that an answer gives are those of sessions of its service; gives the one that was made, if it is new."""
        service = Cell.parse(exchange.cell or "").service
        if exchange.status is None or exchange.status >= 400:
            return None
        if exchange.operation == Op.CREATE and (made := created_id(exchange)) is not None:
            life = self.of(service, made)
            is_new = life.is_new = life.is_untold = not life.is_made
            life.is_made, life.item = True, item
            return life if is_new else None
        if exchange.response is not None:
            with suppress(ValueError):
                for id_ in _texts_in(exchange.response.json):
                    self.of(service, id_).is_made = True
        return None

    def note_made(self, exchange: Exchange) -> None:
        """Take in the id of what a call outside of the session API has made, if its answer is one."""
        if exchange.request.method != "POST" or exchange.status not in {200, 201} or exchange.response is None:
            return
        try:
            told = exchange.response.json
        except ValueError:
            return
        id_ = told.get("value") if isinstance(told, dict) else told
        if isinstance(id_, str):
            self.made.add(id_)
