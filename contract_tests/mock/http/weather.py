"""Bad weather between a client and this server, for tests of clients: refusals, delays and broken connections.

It knows requests by method and address, and neither what they ask for nor what is answered.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from contract_tests.mock.domain.errors import ApiError, ErrorType, Message
from contract_tests.mock.http.idioms import idiom_of
from contract_tests.mock.http.wire import HttpRefusal, Reply

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send
    from starlette.types import Message as Event

    from contract_tests.mock.http.wire import Wire

MOST_SPELLS: Final = 100
"""How many spells are kept: more than a test needs, and few enough to be looked through for each request."""


@dataclass
class Spell:
    """What befalls the next `requests` that match: those of `method`, with `target` in their address.

    They wait for `seconds`; then they are refused with `status` (429 or 503, with Retry-After if `retry_after` is
    given), or their connection is `cut`: `before` anything is done, `after` it was done, or `amid` the answer.
    """

    requests: int = 1
    seconds: float = 0
    status: int | None = None
    retry_after: int | None = None
    cut: str | None = None
    method: str | None = None
    target: str = ""

    def __post_init__(self) -> None:
        """Refuse what would befall nobody.

        Raises:
            ValueError: it says what there is.
        """
        if self.requests < 1:
            raise ValueError(f"a spell befalls one request at least, not {self.requests}")
        if self.status not in (None, 429, 503):
            raise ValueError(f"a spell refuses with status 429 or 503, not {self.status}")
        if self.cut not in (None, "before", "after", "amid"):
            raise ValueError(f"a spell cuts before, after or amid, not {self.cut}")
        if self.status is not None and self.cut is not None:
            raise ValueError("a spell refuses with a status or cuts; give two spells for both")

    def befalls(self, method: str, target: str) -> bool:
        return self.method in (None, method) and self.target in target

    def shown(self) -> dict[str, Any]:
        return {name: value for name, value in asdict(self).items() if value is not None}


class Weather:
    """The spells that are to come, in their order; requests below `shelter` are never befallen."""

    def __init__(self, wire: Wire, shelter: str) -> None:
        self._wire = wire
        self._shelter = shelter
        self.spells: deque[Spell] = deque()

    def brew(self, spell: Spell) -> None:
        """Let a spell come, after those that are to come already; the given one can be brewed again.

        Raises:
            ValueError: there are as many as are kept.
        """
        if len(self.spells) >= MOST_SPELLS:
            raise ValueError(f"{MOST_SPELLS} spells are to come already; clear them first")
        self.spells.append(replace(spell))

    def clear(self) -> None:
        self.spells.clear()

    def above(self, method: str, path: str, query: str) -> Spell | None:
        """The first spell that befalls such a request."""
        if not self.spells or path.startswith(self._shelter):
            return None
        target = f"{path}?{query}"
        return next((spell for spell in self.spells if spell.befalls(method, target)), None)

    def taken(self, method: str, path: str, query: str) -> Spell | None:
        """The first spell that befalls such a request, which is one fewer that it will befall."""
        spell = self.above(method, path, query)
        if spell is not None:
            spell.requests -= 1
            if spell.requests <= 0:
                self.spells.remove(spell)
        return spell

    async def strike(self, spell: Spell, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a spell befall a request that `app` would answer."""
        await asyncio.sleep(spell.seconds)
        if spell.status is not None:
            await _whole(receive)
            await self._wire.send(self.refusal(spell, scope["path"]), scope, receive, send)
        elif spell.cut == "before":
            await _whole(receive)
            await _cut(scope, receive)
        elif spell.cut == "after":
            await app(scope, receive, _unheard)
            await _cut(scope, receive)
        elif spell.cut == "amid":
            await app(scope, receive, _Half(scope, send))
            await _cut(scope, receive)
        else:
            await app(scope, receive, send)

    def refusal(self, spell: Spell, path: str) -> Reply:
        reply = self._wire.error_reply(idiom_of(path), _UNAVAILABLE if spell.status == 503 else _TOO_MANY)
        later = () if spell.retry_after is None else (("retry-after", str(int(spell.retry_after))),)
        return Reply(reply.status, (*reply.headers, *later), reply.body)


_UNAVAILABLE: Final = ApiError(
    ErrorType.SERVICE_UNAVAILABLE,
    Message("com.vmware.vapi.endpoint.serviceUnavailable", "The service is not available; try again later."),
)
_TOO_MANY: Final = HttpRefusal(429, "tooManyRequests", "There are too many requests; try again later.")


class _Half:
    """Sends half of an answer: of its body, or, where it has none, of its status line."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self._connection = scope["extensions"]["connection"]
        self._send = send
        self._start: Event | None = None

    async def __call__(self, event: Event) -> None:
        if event["type"] == "http.response.start":
            self._start = event
        elif self._start is not None:
            start, self._start = self._start, None
            body = event.get("body", b"")
            if body:
                await self._send(start)
                await self._send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
            else:
                self._connection.write(b"HTTP/1.1 %d" % start["status"])


async def _unheard(_: Event) -> None:
    """Where an answer goes that nobody hears."""


async def _whole(receive: Receive) -> None:
    """Read a request to its end: a client that still writes does not see what comes back."""
    while (await receive()).get("more_body", False):
        pass


async def _cut(scope: Scope, receive: Receive) -> None:
    """Hang up, and return when the server has seen that: else it would answer in the place of who did not."""
    scope["extensions"]["connection"].close()
    while (await receive())["type"] != "http.disconnect":
        pass
