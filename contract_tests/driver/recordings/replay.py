"""A recording in the place of a server: it answers each request of a test with what the server answered then.

The same tests send the same requests, but for ids that the suite makes up and names that it counts. So requests are
compared as they are redacted, with everything that the server never gave out, and the suite's own names, left blank.
What a test needs that another one had made for it (the library of the run) is looked for in all plays of its lane.
"""

from __future__ import annotations

import re
import threading
from collections import defaultdict, deque
from typing import TYPE_CHECKING, Final

from contract_tests.driver.transport.recorder import BESIDE
from contract_tests.mock import CONTROL_HEADER
from contract_tests.problems import Inconclusive
from contract_tests.traffic.exchange import in_order

if TYPE_CHECKING:
    from collections.abc import Iterable

    from contract_tests.traffic.archive import KeptPlay, Recording
    from contract_tests.traffic.exchange import Exchange
    from contract_tests.traffic.messages import Request

_UUID: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_OURS: Final = re.compile(r"cl-contract-[0-9a-f]{8}(-gw\d+)?(-\d+)?")
_QUOTED_MARK: Final = re.compile(r"%3C([a-z0-9-]+)%3E")
_PASSING: Final = frozenset({"user-agent", "content-length", "connection", "accept-encoding", CONTROL_HEADER})
"""Headers that another version of the suite, or of its client, may write otherwise; and the key of the mock's door."""

Key = tuple[str, str, tuple[tuple[str, str], ...], str]


class Replay:
    """One lane of a recording: what one process sent, and was answered. May be asked from several threads."""

    def __init__(self, recording: Recording, lane: str) -> None:
        self._queues: dict[str, dict[Key, deque[Exchange]]] = {}
        self._lock = threading.Lock()
        self.plays = plays = {name: play for name, play in recording.plays.items() if play.lane == lane}
        self._given = _given(exchange for play in plays.values() for exchange in play.exchanges)
        for name, play in plays.items():
            queue = self._queues.setdefault(BESIDE if name.startswith(BESIDE) else name, defaultdict(deque))
            for exchange in in_order(play.exchanges):
                queue[self._key(exchange.request)].append(exchange)

    def play(self, name: str) -> KeptPlay | None:
        return self.plays.get(name)

    def answer(self, play: str, request: Request, cell: str | None, operation: str | None) -> Exchange:
        """The exchange of this play that began with this request, the earliest that was not given yet.

        Raises:
            Inconclusive: there is none.
        """
        key = self._key(request)
        # What is no operation of a session may be needed by another test first this time.
        names = (play,) if cell is not None else tuple(dict.fromkeys((play, *self._queues)))
        with self._lock:
            for name in names:
                if waiting := self._queues.get(name, {}).get(key):
                    return waiting.popleft()
        asked = f"{operation} in {cell}" if operation and cell else f"{request.method} {request.url}"
        raise Inconclusive(f"the recording holds no (further) answer to this request: {asked}")

    def _key(self, request: Request) -> Key:
        headers = sorted(
            (name.lower(), self._blank(value)) for name, value in request.headers if name.lower() not in _PASSING
        )
        return request.method, self._blank(request.url), tuple(headers), self._blank(request.body.decode("latin-1"))

    def _blank(self, text: str) -> str:
        """Leave out what is other in every run, although the test is the same."""
        text = _QUOTED_MARK.sub(r"<\1>", _OURS.sub("cl-contract", text))
        return _UUID.sub(lambda found: found[0] if found[0] in self._given else "a new id", text)


def _given(exchanges: Iterable[Exchange]) -> frozenset[str]:
    """The ids that the server gave out: those that stood in an answer before they stood in a request."""
    given: set[str] = set()
    invented: set[str] = set()
    for exchange in in_order(exchanges):
        request, response = exchange.request, exchange.response
        invented.update(set(_UUID.findall(request.url + request.body.decode("latin-1") + str(request.headers))) - given)
        if response is not None:
            told = response.body.decode("latin-1") + str(response.headers)
            given.update(set(_UUID.findall(told)) - invented)
    return frozenset(given)
