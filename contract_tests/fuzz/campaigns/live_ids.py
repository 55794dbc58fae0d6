"""Sessions and items for a campaign to work on, renewed when one has ended; all of it is cleaned up."""

from __future__ import annotations

import time
import uuid
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from contract_tests.contract import Cell, Dialect, Service
from contract_tests.contract.dialects import Op
from contract_tests.driver.sessions import Session
from contract_tests.problems import PremiseFailed
from contract_tests.rules.checks import read
from contract_tests.rules.checks.creation import created_id
from contract_tests.rules.steps import Standing

if TYPE_CHECKING:
    from contract_tests.driver import Target
    from contract_tests.traffic.exchange import Exchange

_TURNS: Final = 12
_ENDED_TURN: Final = 5
_UNKNOWN_TURN: Final = 11
_BUSY_TURN: Final = 6
_AS_DRAWN_TURN: Final = 3
"""Which of twelve valid requests for an operation are for something else than a session that is there and ACTIVE."""

_MARGIN: Final = 0.25
_LEAST_MARGIN: Final = 5.0
"""A session is kept alive once this part of its lifetime, or so many seconds, is all that is left, so that none expires
in a campaign. One that has ended can't be: another takes its place, before the server may delete it."""


@dataclass
class Held:
    """A session that the campaign works on, and how it was last seen."""

    session: Session
    standing: Standing
    seen: Exchange | None = None
    seen_at: float = field(default_factory=time.monotonic)
    since: float = field(default_factory=time.monotonic)

    def look(self) -> Exchange:
        """Read the session and remember what it showed."""
        self.seen, self.seen_at = self.session.read(), time.monotonic()
        return self.seen


class LiveIds:
    """Supplies the ids that a document's requests are to name. Not for several threads.

    Valid requests take turns between sessions that are ACTIVE, ended and unknown, in an order that is the same in
    every run; requests that are made wrong on purpose always get what would let a right one succeed. On a server where
    nothing is left of a session that was cancelled, requests for an ended one get one that is ACTIVE.

    Raises (all methods): PremiseFailed, if the server does not give what is needed.
    """

    def __init__(self, target: Target, dialect: Dialect) -> None:
        self._target = target
        self._workspace = target.workspace
        self._dialect = dialect
        self._held: dict[tuple[Service, Standing], Held] = {}
        self._turns: Counter[tuple[str, Service]] = Counter()
        self._items: dict[tuple[Service, Standing], str] = {}
        self._never_ended: set[Service] = set()
        """Services whose sessions can't be had ended: cancelled, they are gone, or go on."""

    def open_all(self) -> None:
        """Open a session of each service, so that there is something to list from the first request on."""
        for service in Service:
            self._open(service, Standing.ACTIVE)

    def session(self, service: Service, op: Op, *, valid: bool) -> Held:
        """The session that the next request for an operation is to name."""
        standing = self._standing(service, op) if valid else Standing.ACTIVE
        if standing is Standing.UNKNOWN:
            return Held(self._workspace.unknown_session(Cell(self._dialect, service)), standing)
        if standing is Standing.ACTIVE:
            return self._alive(service)
        held = self._held.get((service, standing))
        if held is not None and time.monotonic() - held.since > self._lasts():
            self._drop(held)
            held = None
        return held or self._ended(service)

    def reached(self, service: Service) -> int:
        """The progress of the session that is ACTIVE; 0 if there is none, or none that shows it."""
        held = self._held.get((service, Standing.ACTIVE))
        return 0 if held is None or held.seen is None else max(0, _reached(held.seen) or 0)

    def renew(self, service: Service) -> None:
        """Have the next request for an ACTIVE session get a new one, which has no progress yet."""
        held = self._held.get((service, Standing.ACTIVE))
        if held is not None:
            self._drop(held)

    def item(self, service: Service, op: Op, *, valid: bool) -> str | None:
        """The item that the next creation or list is to name; None: whatever was drawn."""
        turn = self._turn(service, op) if valid else 0
        if turn == _AS_DRAWN_TURN:
            return None
        if turn == _UNKNOWN_TURN:
            return self._known(service, Standing.UNKNOWN)
        if op is Op.LIST or (turn == _BUSY_TURN and service is Service.UPDATE):
            return self._known(service, Standing.BUSY)
        return self._known(service, Standing.FREE)

    def standing_of(self, service: Service, item: object) -> Standing:
        """How the item that a request names stands."""
        told = (Standing.FREE, Standing.BUSY, Standing.UNKNOWN)
        return next((one for one in told if self._items.get((service, one)) == item), Standing.NONE)

    @staticmethod
    def client_token() -> str:
        """A token that was never sent before: with an old one a creation would be none."""
        return str(uuid.uuid4())

    def settle(self, held: Held, op: Op) -> Exchange | None:
        """See what a request has made of its session, and take another if it is over; gives the read.

        A session that nobody can read may be gone, or the server unable to show it; either way it is of no more use.
        """
        if held.standing is Standing.UNKNOWN:
            return None
        before = held.seen and _reached(held.seen)
        seen = held.look()
        usable = _is_as(seen, held.standing)
        if usable and held.standing is Standing.ACTIVE:
            reached = _reached(seen)
            # A session at 100 has nothing left to report; a campaign would see refusals only.
            worn_out = reached is not None and reached >= 100 and op in (Op.KEEP_ALIVE, Op.KEEP_ALIVE_BY_BODY)
            usable = not worn_out and not (before is not None and reached is None)
        if not usable:
            self._drop(held)
        return seen

    def created(self, exchange: Exchange, service: Service, item: str) -> Exchange | None:
        """A creation may have made a session: it is read, and ended at once, so that its item is free again."""
        id_ = created_id(exchange) if exchange.status in (200, 201) else None
        if id_ is None:
            return None
        cell = Cell(self._dialect, service)
        session = Session(self._target.access.doors[self._dialect], cell, id_, item)
        self._workspace.adopt(session)
        shown = session.read()
        self._workspace.dismiss(session)
        return shown

    def _standing(self, service: Service, op: Op) -> Standing:
        turn = self._turn(service, op)
        if turn == _UNKNOWN_TURN:
            return Standing.UNKNOWN
        if service in self._never_ended:
            return Standing.ACTIVE
        if op is Op.DELETE and service is Service.UPDATE:
            # Only one that has ended can be deleted, and without a success nothing is proved.
            return Standing.ENDED if turn % 2 == 0 else Standing.ACTIVE
        return Standing.ENDED if turn == _ENDED_TURN else Standing.ACTIVE

    def _turn(self, service: Service, op: Op) -> int:
        """Counts from 1, as an operation may get few valid requests; the turns of the rare ones come early."""
        self._turns[op, service] += 1
        few = (0, _UNKNOWN_TURN, _ENDED_TURN, 1, 2, _AS_DRAWN_TURN)
        order = tuple(range(_TURNS)) if op is Op.CREATE else few
        return order[(self._turns[op, service] - 1) % len(order)]

    def _ended(self, service: Service) -> Held:
        try:
            return self._open(service, Standing.ENDED)
        except PremiseFailed:
            # What that breaks is told by scenarios; all that is asked of other sessions can still be decided.
            self._never_ended.add(service)
            self._items.pop((service, Standing.ENDED), None)
            return self._alive(service)

    def _open(self, service: Service, standing: Standing) -> Held:
        cell = Cell(self._dialect, service)
        session = self._workspace.open_session(cell, item=self._items.get((service, standing)))
        # The same item serves the next session, once this one has ended.
        self._items[service, standing] = session.item
        if standing is Standing.ACTIVE:
            self._items[service, Standing.BUSY] = session.item
        held = Held(session, standing)
        if standing is Standing.ENDED:
            session.cancel()
            if held.look().status == 404:
                # Before 6.7 cancel deletes a session. One that failed has ended, too.
                held = Held(self._workspace.open_session(cell, item=session.item), standing)
                held.session.fail()
        if not _is_as(held.look(), standing):
            raise PremiseFailed(f"{standing} to work on", f"status {held.seen and held.seen.status}", held.seen)
        self._held[service, standing] = held
        return held

    def _alive(self, service: Service) -> Held:
        """The session that is ACTIVE, with some of its life left; a new one, if it expired while others were served."""
        held = self._held.get((service, Standing.ACTIVE)) or self._open(service, Standing.ACTIVE)
        self._keep_from_expiring(held)
        if held.seen is not None and not _is_as(held.seen, Standing.ACTIVE):
            self._drop(held)
            held = self._open(service, Standing.ACTIVE)
        return held

    def _known(self, service: Service, standing: Standing) -> str:
        if standing is Standing.BUSY:
            self._alive(service)
        if (service, standing) not in self._items:
            new = str(uuid.uuid4()) if standing is Standing.UNKNOWN else self._workspace.new_item(self._dialect)
            self._items[service, standing] = new
        return self._items[service, standing]

    def _drop(self, held: Held) -> None:
        """End what is no more use, so that its item takes another one."""
        self._held.pop((held.session.cell.service, held.standing), None)
        self._workspace.dismiss(held.session)

    def _lasts(self) -> float:
        """For how many seconds of its life a session is of use."""
        lives = self._target.settings.session_timeout
        return lives - max(_MARGIN * lives, _LEAST_MARGIN)

    def _keep_from_expiring(self, held: Held) -> None:
        if held.standing is not Standing.ACTIVE or held.seen is None:
            return
        left = read(held.seen).lives_for - (time.monotonic() - held.seen_at)
        if left < self._target.settings.session_timeout - self._lasts():
            held.session.keep_alive()
            held.look()


def _reached(seen: Exchange) -> int | None:
    """The progress that a session shows; None if it shows none, or one that is no integer."""
    try:
        return read(seen).shown_progress
    except PremiseFailed:
        return None


def _is_as(seen: Exchange, standing: Standing) -> bool:
    """Whether a session was seen, in the state that it is wanted for."""
    try:
        state = read(seen).state
    except PremiseFailed:
        return False
    return (state == "ACTIVE") is (standing is Standing.ACTIVE)
