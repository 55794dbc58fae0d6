"""The table of sessions: a mapping by id that can also be asked by item, by user and by time.

Whatever a session is looked for by has an index here, so that nothing takes longer because there are more of them.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterable, Iterator, MutableMapping
from itertools import count
from typing import TYPE_CHECKING

from contract_tests.mock.domain.model import SessionRecord, State

if TYPE_CHECKING:
    from datetime import datetime

Index = defaultdict[str, dict[str, SessionRecord]]


class SessionTable(MutableMapping[str, SessionRecord]):
    """All sessions by id, in the order in which they were put here."""

    def __init__(self) -> None:
        self._sessions: dict[str, SessionRecord] = {}
        self._of_item: Index = defaultdict(dict)
        self._of_user: Index = defaultdict(dict)
        self._holding: Index = defaultdict(dict)
        self._watched: list[tuple[datetime, int, str]] = []
        self._numbers = count()

    def __getitem__(self, session_id: str) -> SessionRecord:
        return self._sessions[session_id]

    def __setitem__(self, session_id: str, session: SessionRecord) -> None:
        if session_id in self._sessions:
            del self[session_id]
        self._sessions[session_id] = session
        self._of_item[session.item_id][session_id] = session
        self._of_user[session.user][session_id] = session
        if session.rules.one_active_per_item:
            self._holding[session.item_id][session_id] = session
        self.watch(session_id, session.expiration_time)

    def __delitem__(self, session_id: str) -> None:
        session = self._sessions.pop(session_id)
        for index, key in (
            (self._of_item, session.item_id),
            (self._of_user, session.user),
            (self._holding, session.item_id),
        ):
            index[key].pop(session_id, None)
            if not index[key]:
                del index[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._sessions)

    def __len__(self) -> int:
        return len(self._sessions)

    def of_item(self, item_id: str) -> Iterable[SessionRecord]:
        return self._of_item.get(item_id, {}).values()

    def of_user(self, user: str) -> Iterable[SessionRecord]:
        return self._of_user.get(user, {}).values()

    def holding(self, item_id: str) -> list[SessionRecord]:
        """The sessions of which an item has one at a time and that were not ended yet; their time may be over."""
        held = self._holding.get(item_id, {})
        for session_id in [one for one, session in held.items() if session.state is not State.ACTIVE]:
            del held[session_id]
        return list(held.values())

    def watch(self, session_id: str, moment: datetime) -> None:
        """Have `ended` tell of this session at `moment`, as it does by itself at its `expiration_time`."""
        if len(self._watched) > 2 * len(self._sessions) + 100:
            # Most are of sessions that were deleted before their time.
            self._watched = [one for one in self._watched if one[2] in self._sessions]
            heapq.heapify(self._watched)
        heapq.heappush(self._watched, (moment, next(self._numbers), session_id))

    def ended(self, moment: datetime) -> Iterator[SessionRecord]:
        """The sessions whose `expiration_time` is before `moment`; each is told once."""
        while self._watched and self._watched[0][0] < moment:
            session_id = heapq.heappop(self._watched)[2]
            session = self._sessions.get(session_id)
            if session is None:
                continue
            if session.expiration_time < moment:
                yield session
            else:
                # It was kept alive meanwhile.
                self.watch(session_id, session.expiration_time)
