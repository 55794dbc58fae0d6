"""The one door to a server: every exchange goes through an httpx transport here, and is kept redacted."""

from __future__ import annotations

import json
import time
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

import httpx

from contract_tests import __version__
from contract_tests.exchange import Exchange, Redactor, Request, Response

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterator, Mapping

TIMEOUT = 30.0
"""Seconds to wait for an answer; a server that needs longer for one of these calls does not answer."""

_TIMEOUTS: Final = MappingProxyType(httpx.Timeout(TIMEOUT).as_dict())
_STANDING: Final = MappingProxyType(
    {"accept": "application/json", "accept-encoding": "identity", "user-agent": f"cl-contract/{__version__}"}
)


@dataclass(frozen=True)
class Body:
    """A request body as it goes on the wire."""

    content: bytes
    content_type: str | None = "application/json"

    @classmethod
    def json(cls, value: Any) -> Body:
        return cls(json.dumps(value).encode())


class Recorder:
    """Keeps the exchanges of a run; those of the test under way (in its own thread) also stand by themselves."""

    def __init__(self, redact: Redactor) -> None:
        self.redact = redact
        self._running: ContextVar[list[Exchange] | None] = ContextVar("exchanges of the test", default=None)

    @contextmanager
    def recording(self) -> Iterator[list[Exchange]]:
        """Collect what is exchanged in this context."""
        exchanges: list[Exchange] = []
        token = self._running.set(exchanges)
        try:
            yield exchanges
        finally:
            self._running.reset(token)

    def keep(self, exchange: Exchange) -> None:
        exchanges = self._running.get()
        if exchanges is not None:
            exchanges.append(exchange)


class Door:
    """Sends requests to one server and gives back exchanges; it keeps no cookie and follows no redirection.

    A server may read its session cookie before the token header, so a jar would make authentication tests lie.
    That is why a bare transport is used here, and no httpx client around it.
    `headers` go with every request (the token, after login).
    """

    def __init__(
        self,
        base: str,
        recorder: Recorder,
        *,
        verify: ssl.SSLContext | bool = True,
        headers: Mapping[str, str] | None = None,
        inner: httpx.BaseTransport | None = None,
    ) -> None:
        self.base = base.rstrip("/")
        self.recorder = recorder
        self.verify = verify
        self._transport = inner or httpx.HTTPTransport(verify=verify, limits=httpx.Limits(max_connections=None))
        self.headers = dict(headers or {})

    def with_headers(self, headers: Mapping[str, str]) -> Door:
        """The same door and connections, with other standing headers (another token, or none)."""
        return Door(self.base, self.recorder, verify=self.verify, headers=headers, inner=self._transport)

    def send(  # noqa: PLR0913 - the parts of a request
        self,
        method: str,
        path: str,
        *,
        query: tuple[tuple[str, str], ...] = (),
        body: Body | None = None,
        headers: Mapping[str, str] | None = None,
        cell: str | None = None,
        operation: str | None = None,
        learn: Callable[[Exchange], None] | None = None,
    ) -> Exchange:
        """Send one request; whatever happens, an exchange comes back.

        `path` begins with a slash, or is a whole address that the server gave. The query is written into it by
        hand: httpx drops what stands there when it is given parameters.
        `learn` sees the exchange before it is redacted, so that a login can find its token.
        """
        url = self.base + path if path.startswith("/") else path
        if query:
            url += "?" + "&".join(f"{quote(name, safe='~')}={quote(value, safe='')}" for name, value in query)
        sent = {**self.headers, **(headers or {})}
        if body is not None and body.content_type is not None:
            sent["content-type"] = body.content_type
        content = b"" if body is None else body.content
        request, response, failure = Request(method, url, tuple(sent.items()), content), None, None
        started, clock = datetime.now(UTC), time.perf_counter()
        try:
            outgoing = httpx.Request(
                method, url, headers=_STANDING | sent, content=content, extensions={"timeout": _TIMEOUTS}
            )
            request = Request(method, str(outgoing.url), _headers(outgoing.headers), content)
            answer = self._transport.handle_request(outgoing)
            response = Response(answer.status_code, _headers(answer.headers), answer.read())
        except (httpx.TransportError, httpx.DecodingError, httpx.InvalidURL, UnicodeError) as problem:
            # The last two: an address or a token that a server made up, and that can't be sent.
            failure = f"{type(problem).__name__}: {problem}"
        seconds = time.perf_counter() - clock
        exchange = Exchange(request, response, started, seconds, failure, cell, operation)
        if learn is not None:
            learn(exchange)
        exchange = self.recorder.redact(exchange)
        self.recorder.keep(exchange)
        return exchange

    def close(self) -> None:
        self._transport.close()


def _headers(headers: httpx.Headers) -> tuple[tuple[str, str], ...]:
    return tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in headers.raw)
