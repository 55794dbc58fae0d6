"""The one door to a server: an httpx client whose transport records every exchange, redacted."""

from __future__ import annotations

import json
import ssl
import time
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

import httpx

from contract_tests import __version__
from contract_tests.exchange import Exchange, Redactor, Request, Response
from contract_tests.target.wire import converse, parsed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

TIMEOUT = 30.0
"""Seconds to wait for an answer; a server that needs longer for one of these calls does not answer."""


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


class _RecordingTransport(httpx.BaseTransport):
    """Sends by another transport and turns each request, answered or not, into an exchange."""

    def __init__(self, inner: httpx.BaseTransport, recorder: Recorder) -> None:
        self._inner = inner
        self._recorder = recorder

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        extensions = request.extensions
        started, clock = datetime.now(UTC), time.perf_counter()
        answer: httpx.Response | None = None
        failure: Exception | None = None
        try:
            answer = self._inner.handle_request(request)
            answer.read()
        except (httpx.TransportError, httpx.DecodingError) as problem:
            failure = problem
        seconds = time.perf_counter() - clock
        exchange = Exchange(
            request=Request(request.method, str(request.url), _headers(request.headers), request.content),
            response=None
            if answer is None or failure is not None
            else Response(answer.status_code, _headers(answer.headers), answer.content),
            started=started,
            seconds=seconds,
            failure=None if failure is None else f"{type(failure).__name__}: {failure}",
            cell=extensions.get("cell"),
            operation=extensions.get("operation"),
        )
        learn: Callable[[Exchange], None] | None = extensions.get("learn")
        if learn is not None:
            learn(exchange)
        exchange = self._recorder.redact(exchange)
        self._recorder.keep(exchange)
        if answer is None or failure is not None:
            answer = httpx.Response(599, extensions={"exchange": exchange})
        answer.extensions["exchange"] = exchange
        return answer

    def close(self) -> None:
        self._inner.close()


class Door:
    """Sends requests to one server and gives back exchanges; it keeps no cookie and follows no redirection.

    A server may read its session cookie before the token header, so a jar would make authentication tests lie.
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
        self._trust = verify if isinstance(verify, ssl.SSLContext) else None
        transport = inner or httpx.HTTPTransport(verify=verify, limits=httpx.Limits(max_connections=None))
        self._client = httpx.Client(
            transport=_RecordingTransport(transport, recorder),
            timeout=TIMEOUT,
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            headers={
                "accept": "application/json",
                "accept-encoding": "identity",
                "user-agent": f"cl-contract/{__version__}",
            },
        )
        self._headers = dict(headers or {})

    def with_headers(self, headers: Mapping[str, str]) -> Door:
        """The same door and connections, with other standing headers (another token, or none)."""
        other = object.__new__(Door)
        other.base, other.recorder, other._client = self.base, self.recorder, self._client
        other._trust = self._trust
        other._headers = dict(headers)
        return other

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

        The query is written into the address by hand: httpx drops what stands there when it is given parameters.
        `learn` sees the exchange before it is redacted, so that a login can find its token.
        """
        url = self.base + path
        if query:
            url += "?" + "&".join(f"{quote(name, safe='~')}={quote(value, safe='')}" for name, value in query)
        sent = {**self._headers, **(headers or {})}
        if body is not None and body.content_type is not None:
            sent["content-type"] = body.content_type
        answer = self._client.request(
            method,
            url,
            content=None if body is None else body.content,
            headers=sent,
            extensions={"cell": cell, "operation": operation, "learn": learn},
        )
        exchange: Exchange = answer.extensions["exchange"]
        return exchange

    def send_bytes(
        self, sent: bytes, *, url: str = "", cell: str | None = None, operation: str | None = None
    ) -> Exchange:
        """Send bytes as they are, on a connection of their own; the answer's body is all that followed its headers.

        For what an HTTP client would correct, hide or refuse to send. `url` is shown in the exchange.
        """
        started, clock = datetime.now(UTC), time.perf_counter()
        failure, response = None, None
        try:
            received = converse(self.base, sent, self._trust)
            response = parsed(received)
            if response is None:
                failure = f"no HTTP answer: {received[:80]!r}" if received else "the connection was closed unanswered"
        except OSError as problem:
            failure = f"{type(problem).__name__}: {problem}"
        head, _, body = sent.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = tuple((name, value.strip()) for name, _, value in (line.partition(":") for line in lines))
        exchange = self.recorder.redact(
            Exchange(
                request=Request(first.partition(" ")[0], url or f"{self.base} {first}", headers, body),
                response=response,
                started=started,
                seconds=time.perf_counter() - clock,
                failure=failure,
                cell=cell,
                operation=operation,
            )
        )
        self.recorder.keep(exchange)
        return exchange

    def request_bytes(
        self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> bytes:
        """An ordinary request in the form that `send_bytes` takes; `path` holds the query. It asks for no more."""
        every = {"Host": urlsplit(self.base).netloc, **self._headers, "Connection": "close", **(headers or {})}
        if body:
            every |= {"Content-Length": str(len(body))}
        lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in every.items())]
        return "\r\n".join([*lines, "", ""]).encode("latin-1") + body

    def close(self) -> None:
        self._client.close()


def _headers(headers: httpx.Headers) -> tuple[tuple[str, str], ...]:
    return tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in headers.raw)
