"""What the tests work on: one library for the run, an item for each update session; all of it is cleaned up."""

from __future__ import annotations

import threading
import uuid
from contextlib import contextmanager
from itertools import count
from typing import TYPE_CHECKING, Any, TypeVar

from contract_tests.contract import Cell, Dialect, Service
from contract_tests.contract.dialects import (
    CLIENT_TOKEN_HEADER,
    SESSIONS,
    SUPPORT,
    Op,
    Support,
    wrapped,
)
from contract_tests.driver.removal import DELETED, Leftover, Removal, at_once, ended
from contract_tests.driver.sessions import Session
from contract_tests.driver.support import SupportCalls, created_id, told
from contract_tests.driver.transport.door import Body, Door
from contract_tests.driver.transport.ending import ENDING
from contract_tests.problems import NotTested, PremiseFailed
from contract_tests.rules.checks import succeeds
from contract_tests.rules.checks.flaw import shown
from contract_tests.rules.checks.responses import is_of_a_gateway
from contract_tests.rules.guessing import are_alike

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from contract_tests.driver.journal import Journal
    from contract_tests.traffic.exchange import Exchange


_TRIES = 3
"""How often something is made anew whose creation was sent twice, and was refused the second time."""
_Made = TypeVar("_Made")


class Workspace:
    """Makes libraries, items and sessions on the target and removes them again.

    Everything carries `run` in its name. Methods raise PremiseFailed if the server does not give what they need.
    They may be called from several threads.
    """

    def __init__(self, doors: Mapping[Dialect, Door], run: str, datastore: str | None = None) -> None:
        self._doors = doors
        self._calls = SupportCalls(doors)
        self.removal = Removal(self._calls)
        self.run = run
        self.journal: Journal | None = None
        """Where all that is made is entered first."""
        self._datastore = datastore
        self._lock = threading.RLock()
        self._library: tuple[Dialect, str] | None = None
        self._items: list[tuple[Dialect, str]] = []
        self._sessions: list[Session] = []
        self._looked_at = 0
        self.losses = 0
        """How often the server was found to have lost all that the run had made."""
        self._numbers, self._named = count(1), set[str]()
        self._shared_item: dict[Dialect, str] = {}
        self._may_be_more = False
        """Whether a creation of the library may have been done, and nobody was told the id."""
        self._broken_off = False
        """Whether a creation was under way when the run was ended."""

    @property
    def sessions(self) -> int:
        """How many sessions were made, and are cleaned up at the end."""
        return len(self._sessions)

    def datastore(self) -> str:
        """Where the library of the run is made: on the datastore that was named, or else on the first one listed.

        Raises:
            PremiseFailed: the server lists none.
        """
        if self._datastore is None:
            self._datastore = self._some_datastore(next(iter(self._doors)))
        return self._datastore

    def open_session(self, cell: Cell, spec: Mapping[str, Any] | None = None, item: str | None = None) -> Session:
        """A new ACTIVE session: on `item`, or else on an item of its own (update) or a shared one (download)."""
        return _made(lambda: self._open_session(cell, spec, item or self._item_for(cell)))

    def _open_session(self, cell: Cell, spec: Mapping[str, Any] | None, item: str) -> Session:
        created = self.create_session(cell, {"library_item_id": item, **(spec or {})})
        if succeeds(created) or (session := self.session_from(created, item)) is None:
            raise PremiseFailed("a new session", shown(created), created)
        return session

    def _item_for(self, cell: Cell) -> str:
        if cell.service is Service.UPDATE:
            return self.new_item(cell.dialect)
        with self._lock:
            if cell.dialect not in self._shared_item:
                self._shared_item[cell.dialect] = self.new_item(cell.dialect, name=f"shared-{cell.dialect}")
            return self._shared_item[cell.dialect]

    def create_session(
        self, cell: Cell, spec: Any, client_token: str | None = None, door: Door | None = None
    ) -> Exchange:
        """Ask for a session and give back the exchange; what was created will be cleaned up.

        `door` is another user's; the session, if there is one, is cleaned up through ours.
        """
        route = SESSIONS[cell][Op.CREATE]
        headers = {CLIENT_TOKEN_HEADER: client_token} if client_token and route.spec is None else {}
        self._note(making=f"{cell.service} session")
        with self._under_way():
            created = (door or self._doors[cell.dialect]).send(
                route.method,
                route.path,
                body=Body.json(wrapped(route, spec, client_token)),
                headers=headers,
                cell=str(cell),
                operation=Op.CREATE,
            )
        self._broken_off |= _is_cut_short(created)
        item = spec.get("library_item_id") if isinstance(spec, dict) else None
        session = self.session_from(created, str(item))
        if session is not None:
            self.adopt(session)
        return created

    def adopt(self, session: Session) -> None:
        """Clean up a session that somebody else has made."""
        self._note(service=session.cell.service, session=session.id)
        with self._lock:
            self._sessions.append(session)

    def session_from(self, created: Exchange, item: str) -> Session | None:
        """The handle of a session that an answer to create names, if it names one."""
        cell = Cell.parse(created.cell or "")
        id_ = created_id(created, cell.dialect)
        return None if id_ is None else Session(self._doors[cell.dialect], cell, id_, item)

    def unknown_session(self, cell: Cell) -> Session:
        """A handle on an id that no session has."""
        return Session(self._doors[cell.dialect], cell, f"{uuid.uuid4()}:{uuid.uuid4()}", "")

    def borrowing_session(self, cell: Cell, id_: str) -> Session:
        """A handle on an id of something else (another service's session, an item), as if a session of `cell` had it.

        Raises:
            NotTested: the ids that the service gives are like this one, so it may give this one too, or have given it.
        """
        given = next((one.id for one in self._sessions if one.cell.service is cell.service), None)
        given = given or self.open_session(cell).id
        if are_alike(id_, given):
            raise NotTested(f"this takes ids that nobody can guess; this server may count its own: {given}, {id_}")
        return Session(self._doors[cell.dialect], cell, id_, "")

    def new_item(self, dialect: Dialect, kind: str = "iso", name: str | None = None) -> str:
        """The id of a new, empty item in the library of this run; `iso` content has no preview, `ovf` has."""
        with self._lock:
            item = _made(lambda: self._new_item(dialect, kind, name))
            self._items.append((dialect, item))
            self._note(item=item)
            return item

    def _new_item(self, dialect: Dialect, kind: str, name: str | None) -> str:
        full = f"{self.run}-{name or next(self._numbers)}"
        if full in self._named:  # by a try whose answer was lost
            full += f"-{next(self._numbers)}"
        self._named.add(full)
        spec = {"library_id": self._library_id(), "name": full, "type": kind}
        return self._create(dialect, Support.CREATE_ITEM, spec)

    def dismiss(self, session: Session) -> bool:
        """Remove one session now rather than at the end of the run; says whether it is gone, so its item is free."""
        if ended(session).status not in DELETED:
            return False
        with self._lock:
            gone = session.cell.service, session.id
            self._sessions[:] = [one for one in self._sessions if (one.cell.service, one.id) != gone]
        return True

    def count_losses(self, renewals: int) -> int:
        """How often the server has lost all that the run had made; what comes next is made anew then.

        It is asked once after tokens have ended, which go with all else: `renewals` is how often they have.
        """
        with self._lock:
            if renewals > self._looked_at and self._library is not None:
                dialect, library = self._library
                if self._calls.ask(dialect, Support.READ_LIBRARY, id_=library).status == 404:
                    self.losses += 1
                    self.forget()
            self._looked_at = max(self._looked_at, renewals)
            return self.losses

    def forget(self) -> None:
        """Make all anew: what was made is gone."""
        self._sessions, self._items, self._library, self._shared_item = [], [], None, {}

    def clean_up(self) -> list[Leftover]:
        """Remove what was made, newest kind first; gives what is left.

        That the library is gone is made sure of, and with it the items in it: reading each would double the cost.
        """
        total = len(self._sessions) + len(self._items) + (self._library is not None)
        self.removal.begin(total)
        left = at_once(self.removal.of_session, self._sessions[::-1])
        left += at_once(self.removal.of_item, self._items)
        if self._library is not None:
            left += self.removal.of_library(*self._library)
        if self._may_be_more:
            left += self.removal.of_run(self.run)
        if self._broken_off and self.journal is not None:
            left.append(Leftover("what was being made", self.run, "nobody knows whether it was: sweep looks for it"))
        self._may_be_more = self._broken_off = False
        self.removal.end()
        self.forget()
        return left

    def _library_id(self) -> str:
        if self._library is None:
            dialect = next(iter(self._doors))
            backing = {"type": "DATASTORE", "datastore_id": self.datastore()}
            spec = {"name": self.run, "type": "LOCAL", "storage_backings": [backing]}
            self._library = dialect, self._create(dialect, Support.CREATE_LIBRARY, spec)
        return self._library[1]

    def _some_datastore(self, dialect: Dialect) -> str:
        answer = self._calls.ask(dialect, Support.DATASTORES)
        try:
            return str(told(answer, dialect)[0]["datastore"])
        except (LookupError, TypeError):
            raise PremiseFailed("a datastore to make a library on", shown(answer), answer) from None

    def _create(self, dialect: Dialect, what: Support, spec: dict[str, Any]) -> str:
        self._note(making=what, name=spec["name"])
        with self._under_way():
            created = self._calls.ask(dialect, what, wrapped(SUPPORT[dialect][what], spec))
        self._broken_off |= _is_cut_short(created)
        unsure = created.response is None or created.in_doubt or is_of_a_gateway(created)
        self._may_be_more |= unsure and what is Support.CREATE_LIBRARY
        id_ = created_id(created, dialect) if created.status in SUPPORT[dialect][what].success else None
        if id_ is None:
            raise PremiseFailed(f"to {what}", shown(created), created)
        return id_

    @contextmanager
    def _under_way(self) -> Iterator[None]:
        """Remember that a creation was broken off, by Ctrl-C: it may have been done all the same."""
        try:
            yield
        except BaseException:
            self._broken_off = True
            raise

    def _note(self, **facts: Any) -> None:
        if self.journal is not None:
            self.journal.note(**facts)


def _is_cut_short(created: Exchange) -> bool:
    """Whether a request has no answer as the run is being ended: nobody waited for it any more."""
    return created.response is None and not created.never_sent and bool(ENDING.reason)


def _made(make: Callable[[], _Made]) -> _Made:
    """What is made, by a further try where one that may have been done already stands in its own way."""
    for _ in range(_TRIES - 1):
        try:
            return make()
        except PremiseFailed as failed:
            if failed.exchange is None or not failed.exchange.in_doubt:
                raise
    return make()
