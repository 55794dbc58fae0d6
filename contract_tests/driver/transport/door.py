"""The one door to a server: every exchange goes through an httpx transport here, and is kept redacted."""

from __future__ import annotations

import json
from contextlib import nullcontext
from contextvars import Context
from dataclasses import dataclass, field, replace
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

import httpx

from contract_tests import __version__
from contract_tests.contract import Dialect
from contract_tests.contract.dialects import SUPPORT, Support
from contract_tests.driver.transport import limits
from contract_tests.driver.transport.abroad import guarded_transport
from contract_tests.driver.transport.connections import VERBATIM, Transport
from contract_tests.driver.transport.limits import patience, whole
from contract_tests.driver.transport.silence import Silence
from contract_tests.driver.transport.way import Way
from contract_tests.traffic.messages import Request, Response

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from contract_tests.driver.transport.recorder import Recorder
    from contract_tests.traffic.exchange import Exchange
    from contract_tests.traffic.messages import Headers


_PLAIN: Final = SUPPORT[Dialect.API][Support.LOGIN].path
"""What is read, without a token, to see whether a server answers at all: it was asked so before the first test, too."""

_STANDING: Final = MappingProxyType(
    {"accept": "application/json", "accept-encoding": "identity", "user-agent": f"cl-contract/{__version__}"}
)


_TELLING: Final = 8
"""Bytes from which on an answer that holds a body repeats it; fewer stand anywhere by chance."""


@dataclass(frozen=True)
class Body:
    """A request body as it goes on the wire."""

    content: bytes = field(repr=False)
    content_type: str | None = "application/json"
    mark: bytes | None = None
    """What is kept in its place, if it is nobody else's business; also where a server repeats it."""

    @classmethod
    def json(cls, value: Any) -> Body:
        return cls(json.dumps(value).encode())

    @property
    def kept(self) -> bytes:
        """What evidence has of it."""
        return self.content if self.mark is None else self.mark

    def kept_of(self, answer: bytes) -> bytes:
        """What evidence has of an answer, which may repeat the body."""
        if self.mark is None or len(self.content) < _TELLING:
            return answer
        return answer.replace(self.content, self.mark)


class Door:
    """Sends requests to one server and gives back exchanges; it keeps no cookie and follows no redirection.

    A server may read its session cookie before the token header, so a jar would make authentication tests lie.
    That is why a bare transport is used here, and no httpx client around it.
    `headers` go with every request (the token, after login); `allowed` are other origins that may be anywhere. Once the
    server has fallen silent nothing is sent.
    """

    def __init__(  # noqa: PLR0913 - what all doors to a server have in common
        self,
        base: str,
        recorder: Recorder,
        *,
        way: Way | None = None,
        headers: Mapping[str, str] | None = None,
        inner: httpx.BaseTransport | None = None,
        silence: Silence | None = None,
        abroad: httpx.BaseTransport | None = None,
        allowed: Iterable[str] = (),
    ) -> None:
        self.base = base.rstrip("/")
        self.recorder = recorder
        self.way = way or Way()
        self._transport = inner or Transport(self.way)
        self._abroad = abroad or inner or guarded_transport(self.way, self.base, allowed)
        self._is_abroad = False
        self.headers = dict(headers or {})
        self.silence = silence or Silence(self._is_still_there)

    def with_headers(self, headers: Mapping[str, str]) -> Door:
        """The same door and connections, with other standing headers (another token, or none)."""
        return Door(
            self.base,
            self.recorder,
            way=self.way,
            headers=headers,
            inner=self._transport,
            silence=self.silence,
            abroad=self._abroad,
        )

    def abroad(self) -> Door:
        """A door to other origins, whose addresses the server gave; it sends no token and keeps digests."""
        door = Door(
            *(self.base, self.recorder),
            way=self.way,
            inner=self._abroad,
            silence=self.silence,
            abroad=self._abroad,
        )
        door._is_abroad = True
        return door

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
        """Send one request; whatever happens, an exchange comes back. It is sent again where the server asks for that.

        `path` begins with a slash, or is a whole address that the server gave. The query is written into it by
        hand: httpx drops what stands there when it is given parameters.
        `learn` sees the exchange before it is redacted, so that a login can find its token. Where it raises
        TransportError, its secrets can't be hidden: the answer is not kept.
        """
        url = self.base + path if path.startswith("/") else self.recorder.redact.revealed(path)
        if query:
            url += "?" + "&".join(f"{quote(name, safe='~')}={quote(value, safe='')}" for name, value in query)
        sent = {**self.headers, **(headers or {})}
        if body is not None and body.content_type is not None:
            sent["content-type"] = body.content_type
        posted = body or Body(b"")
        request = Request(method, url, tuple(sent.items()), posted.content)
        return self._politely(request, _ordinary, cell, operation, learn, posted)

    def send_as_it_is(
        self,
        request: Request,
        *,
        cell: str | None = None,
        operation: str | None = None,
        learn: Callable[[Exchange], None] | None = None,
    ) -> Exchange:
        """Send a request that was made elsewhere, and must not be corrected: nothing is added but a missing Host.

        Its address begins with that of the server. Everything else is as in `send`.
        """
        return self._politely(request, _verbatim, cell, operation, learn, Body(request.body))

    def _politely(  # noqa: PLR0913, PLR0917 - a request, and what is known of it
        self,
        request: Request,
        make: Callable[[Request], httpx.Request],
        cell: str | None,
        operation: str | None,
        learn: Callable[[Exchange], None] | None,
        body: Body,
    ) -> Exchange:
        """Send until what comes is the server's word; what came of it each time is kept."""
        repeating, is_live = self.recorder.repeating, self.recorder.answers is None

        def once() -> Exchange:
            with self.way.turn() if is_live else nullcontext():
                exchange = self._sent(repeating.tokens.current(request), make, cell, operation, body)
            if learn is not None:
                exchange = _learnt(exchange, learn)
            return exchange.as_digest() if self._is_abroad and is_live else exchange

        def keep(exchange: Exchange) -> Exchange:
            kept = self.recorder.keep(self.recorder.redact(exchange))
            if is_live:
                self.silence.note(kept)
            return kept

        return self.recorder.courtesy.repeat(
            lambda: repeating.until_heard(once, keep, is_live=is_live), is_live=is_live
        )

    def _sent(
        self,
        request: Request,
        make: Callable[[Request], httpx.Request],
        cell: str | None,
        operation: str | None,
        body: Body,
    ) -> Exchange:
        """One request with its answer, as it is on the wire but for what is not to be kept."""
        response, failure = None, None
        beginning = self.recorder.begin()
        raw: Exchange | None = None
        kept = Request(request.method, request.url, request.headers, body.kept)
        try:
            outgoing = make(request)
            kept = Request(request.method, _address(request, outgoing), _headers(outgoing.headers), body.kept)
            if self.recorder.answers is not None:
                raw = self.recorder.replayed(kept, cell, operation)
            else:
                self.silence.let_pass()
                with patience():
                    answer = self._transport.handle_request(outgoing)
                    content = self.recorder.room.take(answer.status_code, body.kept_of(whole(answer)))
                    response = Response(answer.status_code, _headers(answer.headers), content)
        except (httpx.TransportError, httpx.DecodingError, httpx.InvalidURL, UnicodeError) as problem:
            # The last two: an address or a token that a server made up, and that can't be sent.
            failure = f"{type(problem).__name__}: {problem}"
        return raw or beginning.exchange(kept, response, self.recorder.now(), failure, cell, operation)

    def _is_still_there(self) -> bool:
        """Read what a server has no reason to hang on: beside all plays, as no test has asked for it."""
        alone = Door(self.base, self.recorder, way=self.way, inner=self._transport, abroad=self._abroad)
        return Context().run(alone.send, "GET", _PLAIN).response is not None

    def close(self) -> None:
        self._transport.close()
        if self._abroad is not self._transport:
            self._abroad.close()


def _learnt(exchange: Exchange, learn: Callable[[Exchange], None]) -> Exchange:
    """The exchange, without its answer if that could not be searched for secrets."""
    try:
        learn(exchange)
    except httpx.TransportError as problem:
        return replace(exchange, response=None, failure=f"{type(problem).__name__}: {problem}")
    return exchange


def _ordinary(request: Request) -> httpx.Request:
    """The request as httpx makes it, with what every request says."""
    address = _parsed_address(request.url)
    headers = _completed(request.method, address.scheme, address.netloc, request.headers, len(request.body))
    made = httpx.Request(
        request.method, address, headers=headers, stream=httpx.ByteStream(request.body), extensions=_timeouts()
    )
    made.read()
    return made


@lru_cache(maxsize=512)
def _parsed_address(address: str) -> httpx.URL:
    """An address, read once: httpx looks at each of its signs, and the same few are asked again and again."""
    return httpx.URL(address)


@lru_cache(maxsize=256)
def _completed(method: str, scheme: str, netloc: bytes, headers: Headers, length: int) -> httpx.Headers:
    """Headers with what every request says, and with what httpx adds for such a server and a body of this length."""
    return httpx.Request(
        method, f"{scheme}://{netloc.decode()}", headers=_STANDING | dict(headers), content=bytes(length)
    ).headers


def _timeouts() -> dict[str, dict[str, float]]:
    """The extension of a request that says for how long each of its steps may take, in seconds."""
    return {"timeout": dict.fromkeys(("connect", "read", "write", "pool"), limits.ANSWERING)}


def _verbatim(request: Request) -> httpx.Request:
    """The request to the letter: httpx would write its address and its headers anew."""
    scheme, _, rest = request.url.partition("://")
    place, slash, target = rest.partition("/")
    return httpx.Request(
        request.method,
        f"{scheme}://{place}",
        headers=[(name.encode("latin-1"), value.encode("latin-1")) for name, value in request.headers],
        content=request.body,
        extensions={**_timeouts(), VERBATIM: f"{slash or '/'}{target}".encode("latin-1")},
    )


def _address(request: Request, outgoing: httpx.Request) -> str:
    return request.url if VERBATIM in outgoing.extensions else str(outgoing.url)


def _headers(headers: httpx.Headers) -> Headers:
    return _decoded(tuple(headers.raw))


@lru_cache(maxsize=256)
def _decoded(raw: tuple[tuple[bytes, bytes], ...]) -> Headers:
    return tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in raw)
