"""What is removed from a target at the end of a run: several things at once, and what was left is told."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar

from contract_tests.contract import Service
from contract_tests.contract.dialects import SUPPORT, TOKEN_HEADER, Support
from contract_tests.driver.support import told
from contract_tests.driver.transport.ending import CLEANS
from contract_tests.rules.checks.flaw import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from contract_tests.contract import Dialect
    from contract_tests.driver.sessions import Session
    from contract_tests.driver.support import SupportCalls
    from contract_tests.traffic.exchange import Exchange

Made = TypeVar("Made")

AT_ONCE: Final = 8
"""Things that are removed at once: one after the other, a thousand take minutes where an answer takes 50 ms."""

DELETED = (200, 204, 404)


@dataclass(frozen=True)
class Leftover:
    """Something that the run made and could not remove."""

    kind: str
    id: str
    reason: str

    def __str__(self) -> str:
        return f"{self.kind} {self.id}: {self.reason}"


def login_left(answer: Exchange) -> Leftover:
    """An API session that the server did not end; it is named by the mark of its token."""
    return Leftover("login", answer.request.header(TOKEN_HEADER) or "without a token", shown(answer))


def at_once(remove: Callable[[Made], list[Leftover]], every: Sequence[Made]) -> list[Leftover]:
    """Remove all of these, each by `remove`; gives what is left, in their order."""

    def removed(one: Made) -> list[Leftover]:
        CLEANS.set(True)
        return remove(one)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        done = [pool.submit(copy_context().run, removed, one) for one in every]
        return [left for one in done for left in one.result()]


def ended(session: Session) -> Exchange:
    """End a session and delete it: an ACTIVE update session can't be deleted; one that has ended refuses to be."""
    if session.cell.service is Service.UPDATE:
        session.cancel()
    return session.delete()


class Removal:
    """The removal of what a run has made, thing by thing; each method gives what is left. For several threads."""

    def __init__(self, calls: SupportCalls) -> None:
        self._calls = calls
        self._lock = threading.Lock()
        self.progress: tuple[int, int] | None = None
        """While all is removed: how many objects are done, and how many there are."""

    def begin(self, total: int) -> None:
        self.progress = (0, total) if total else None

    def end(self) -> None:
        self.progress = None

    def of_session(self, session: Session) -> list[Leftover]:
        self._count()
        deleted = ended(session)
        if deleted.status in DELETED:
            return []
        return [Leftover(f"{session.cell.service} session", session.id, shown(deleted))]

    def of_item(self, made: tuple[Dialect, str]) -> list[Leftover]:
        """That it is gone is not looked at: with its library it is."""
        self._count()
        dialect, id_ = made
        deleted = self._calls.ask(dialect, Support.DELETE_ITEM, id_=id_)
        if deleted.status == 404:
            return self._still_there(dialect, "item", id_, Support.READ_ITEM)
        return self._refused(dialect, "item", id_, Support.DELETE_ITEM, deleted)

    def of_library(self, dialect: Dialect, id_: str) -> list[Leftover]:
        deleted = self._calls.ask(dialect, Support.DELETE_LIBRARY, id_=id_)
        if refused := self._refused(dialect, "library", id_, Support.DELETE_LIBRARY, deleted):
            return refused
        return self._still_there(dialect, "library", id_, Support.READ_LIBRARY)

    def of_run(self, run: str) -> list[Leftover]:
        """Remove the library that another process has made in this name, if there is one, and all that is in it."""
        dialect = next(iter(self._calls.doors))
        listed = self._calls.ask(dialect, Support.LIBRARIES)
        ids = told(listed, dialect)
        if listed.status != 200 or not isinstance(ids, list):
            return [Leftover("library", run, f"nobody knows whether it is there: {shown(listed)}")]
        left: list[Leftover] = []
        for id_ in map(str, ids):
            library = told(self._calls.ask(dialect, Support.READ_LIBRARY, id_=id_), dialect)
            if isinstance(library, dict) and library.get("name") == run:
                left += self.of_library(dialect, id_)
        return left

    def _refused(self, dialect: Dialect, kind: str, id_: str, delete: Support, answer: Exchange) -> list[Leftover]:
        if answer.status in (*SUPPORT[dialect][delete].success, 404):
            return []
        return [Leftover(kind, id_, shown(answer))]

    def _still_there(self, dialect: Dialect, kind: str, id_: str, read: Support) -> list[Leftover]:
        if (seen := self._calls.ask(dialect, read, id_=id_)).status == 404:
            return []
        return [Leftover(kind, id_, f"still there after its deletion: {shown(seen)}")]

    def _count(self) -> None:
        """Another object is about to be removed."""
        with self._lock:
            if self.progress is not None:
                self.progress = self.progress[0] + 1, self.progress[1]
