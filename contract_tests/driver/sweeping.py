"""What runs have left on a target: found by their journals and by the names that they give, and removed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from contract_tests.contract import CELLS, Cell, Dialect
from contract_tests.contract.dialects import Support
from contract_tests.driver.removal import DELETED, Leftover, ended
from contract_tests.driver.sessions import Session
from contract_tests.driver.support import SupportCalls, told
from contract_tests.problems import UsageProblem
from contract_tests.rules.checks.flaw import shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from contract_tests.driver.journal import Entry
    from contract_tests.driver.transport.door import Door

_OURS: Final = re.compile(r"cl-contract-[0-9a-f]{8}(-gw[0-9]+)?")
"""The names that runs draw for their libraries, with that of the worker."""


@dataclass(frozen=True)
class Found:
    """What was found: libraries by id, with their names, and the sessions that work on what is in them."""

    libraries: Mapping[str, str]
    sessions: Sequence[Session]

    def __bool__(self) -> bool:
        return bool(self.libraries or self.sessions)


class Sweep:
    """Looks for what the runs of these journals have left, and for libraries that have had our names for a while.

    The latter must not have changed for `older_than`. No object without our name is touched.
    """

    def __init__(self, doors: Mapping[Dialect, Door], entries: Sequence[Entry], older_than: timedelta) -> None:
        self._doors = doors
        self._calls = SupportCalls(doors)
        self._dialect = next(iter(doors))
        self._runs = {one.run for one in entries}
        self._items = {id_ for one in entries for id_ in one.items}
        self._made = {made for one in entries for made in one.sessions}
        self._before = datetime.now(UTC) - older_than
        self._libraries_of: dict[str, str | None] = {}

    def look(self) -> Found:
        """What is there of ours.

        Raises:
            UsageProblem: the server does not say which libraries it has.
        """
        libraries = dict(self._libraries())
        return Found(libraries, [one for cell in self._cells() for one in self._sessions(cell, libraries)])

    def remove(self, found: Found) -> list[Leftover]:
        """Remove what was found, sessions first; gives what is still there."""
        left = [one for session in found.sessions for one in _removed(session)]
        for id_ in found.libraries:
            self._calls.ask(self._dialect, Support.DELETE_LIBRARY, id_=id_)
            if (seen := self._calls.ask(self._dialect, Support.READ_LIBRARY, id_=id_)).status != 404:
                left.append(Leftover("library", id_, f"still there after its deletion: {shown(seen)}"))
        return left

    def _cells(self) -> Iterator[Cell]:
        return (cell for cell in CELLS if cell.dialect is self._dialect)

    def _libraries(self) -> Iterator[tuple[str, str]]:
        listed = self._calls.ask(self._dialect, Support.LIBRARIES)
        ids = told(listed, self._dialect)
        if not isinstance(ids, list):
            raise UsageProblem(f"the server does not say which libraries it has: {shown(listed)}")
        for id_ in map(str, ids):
            library = told(self._calls.ask(self._dialect, Support.READ_LIBRARY, id_=id_), self._dialect)
            if isinstance(library, dict) and self._is_ours(library):
                yield id_, str(library["name"])

    def _is_ours(self, library: Mapping[str, Any]) -> bool:
        name = str(library.get("name"))
        if name in self._runs:
            return True
        if not _OURS.fullmatch(name):
            return False
        changed = library.get("last_modified_time") or library.get("creation_time")
        try:
            moment = datetime.fromisoformat(str(changed))
        except ValueError:
            return False  # nobody knows whether its run goes on
        return moment.replace(tzinfo=moment.tzinfo or UTC) < self._before

    def _sessions(self, cell: Cell, libraries: Mapping[str, str]) -> Iterator[Session]:
        door = self._doors[self._dialect]
        ids = told(Session(door, cell, "", "").listed(), self._dialect)
        there = {str(id_) for id_ in ids} if isinstance(ids, list) else set()
        made = {id_ for service, id_ in self._made if service == cell.service}
        for id_ in sorted(there | made):
            session = Session(door, cell, id_, "")
            seen = session.read()
            shown_as = told(seen, self._dialect)
            item = str(shown_as.get("library_item_id")) if isinstance(shown_as, dict) else None
            if id_ in made:
                if seen.status != 404:
                    yield session
            elif item is not None and (item in self._items or self._library_of(item) in libraries):
                yield session

    def _library_of(self, item: str) -> str | None:
        if item not in self._libraries_of:
            shown_as = told(self._calls.ask(self._dialect, Support.READ_ITEM, id_=item), self._dialect)
            self._libraries_of[item] = str(shown_as.get("library_id")) if isinstance(shown_as, dict) else None
        return self._libraries_of[item]


def _removed(session: Session) -> Iterator[Leftover]:
    answer = ended(session)
    if (seen := session.read()).status != 404:
        said = answer if answer.status not in DELETED else seen
        yield Leftover(f"{session.cell.service} session", session.id, shown(said))
