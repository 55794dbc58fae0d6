"""The transport of every request, those of campaigns too: HTTP/1.1 by httpcore, within the limits from end to end.

httpx's own transport has no parameter for httpcore's network backend, and that is where time is counted: whatever an
answer is made of (interim answers, a header section, chunks, their extensions, trailers), it is read there.

Private interfaces, as seen in h11 0.16.0: `h11._headers.Headers` and `normalize_and_validate`, which makes them. What
h11 is given in that form it writes as it is; else it refuses header values that a campaign sends on purpose.
"""

from __future__ import annotations

import threading
import time
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, Final

import httpcore
import httpx
from h11 import LocalProtocolError
from h11._headers import Headers, normalize_and_validate

from contract_tests.driver.transport import limits
from contract_tests.driver.transport.ending import ENDING
from contract_tests.driver.transport.way import AT_ONCE, Way
from contract_tests.problems import ReusedConnectionClosed

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterable, Iterator, Sequence

VERBATIM: Final = "as it is"
"""The extension of a request whose value is its target as bytes. Its header values are sent as they are, whatever they
hold."""

_SLICE: Final = 0.25
"""Seconds after which a thread that waits looks whether the run is being ended."""

_OF_HTTPCORE: Final = (
    *(httpcore.NetworkError, httpcore.ProtocolError, httpcore.ProxyError),
    *(httpcore.TimeoutException, httpcore.UnsupportedProtocol),
)
"""What httpcore raises; httpx has an exception of the same name for each, and for what is derived from it."""

_PIECE: Final = 65536
"""Bytes that are sent before time is looked at again."""


@dataclass
class _Attempt:
    """What happened on the network while one request was sent and its header section was waited for."""

    opened: bool = False
    heard: bool = False


_ATTEMPT: Final = ContextVar("the request that is under way in this thread", default=_Attempt())  # noqa: B039 - of nobody


class Transport(httpx.BaseTransport):
    """Connections to one server, or to a proxy before it, kept open between requests; `inner` is what opens them.

    Raises, when a request is sent or its answer is read:
        ReusedConnectionClosed: the connection was an old one, and broke before a byte of the answer.
        httpx.TransportError: as httpx has it; `httpx.ReadTimeout` where the time of `patience` is up.
    """

    def __init__(self, way: Way | None = None, inner: httpcore.NetworkBackend | None = None) -> None:
        way = way or Way()
        self._more = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in way.headers]
        options: dict[str, Any] = {
            "ssl_context": way.trust or httpx.create_ssl_context(verify=bool(way.verify)),
            "max_connections": None,
            "max_keepalive_connections": AT_ONCE,
            "keepalive_expiry": 5.0,
            "network_backend": _Backend(inner or httpcore.SyncBackend()),
        }
        if way.proxy is None:
            self._new_pool: Callable[[], httpcore.ConnectionPool] = partial(httpcore.ConnectionPool, **options)
        else:
            credentials = way.proxy.credentials
            self._new_pool = partial(httpcore.HTTPProxy, way.proxy.shown, proxy_auth=credentials, **options)
        self._pool = self._new_pool()
        self._lock = threading.Lock()
        self._left: list[httpcore.ConnectionPool] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        attempt = _Attempt()
        token, pool = _ATTEMPT.set(attempt), self._pool
        try:
            answer = pool.handle_request(_outgoing(request, self._more))
        except httpcore.ReadTimeout as problem:
            self._leave(pool)
            raise _as_in_httpx(problem) from problem
        except (httpcore.RemoteProtocolError, httpcore.ReadError) as problem:
            if attempt.opened or attempt.heard:
                raise _as_in_httpx(problem) from problem
            raise ReusedConnectionClosed(str(problem)) from problem
        except _OF_HTTPCORE as problem:
            raise _as_in_httpx(problem) from problem
        finally:
            _ATTEMPT.reset(token)
        return httpx.Response(
            answer.status, headers=answer.headers, stream=_Body(answer), extensions=dict(answer.extensions)
        )

    def _leave(self, pool: httpcore.ConnectionPool) -> None:
        """Use no connection of this pool any more: where one has fallen silent, the others may be dead, too."""
        with self._lock:
            if pool is self._pool:
                self._left.append(pool)
                self._pool = self._new_pool()

    def close(self) -> None:
        for pool in (*self._left, self._pool):
            pool.close()


def _outgoing(request: httpx.Request, more: Sequence[tuple[bytes, bytes]]) -> httpcore.Request:
    url, verbatim = request.url, request.extensions.get(VERBATIM)
    address = httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=verbatim or url.raw_path)
    outgoing = httpcore.Request(request.method, address, content=request.content, extensions=request.extensions)
    headers: Any
    if verbatim is None:
        headers = _as_h11_has_them((*request.headers.raw, *more))
    else:
        headers = Headers([(name, name.lower(), value) for name, value in (*request.headers.raw, *more)])
    outgoing.headers = headers
    return outgoing


@lru_cache(maxsize=256)
def _as_h11_has_them(headers: tuple[tuple[bytes, bytes], ...]) -> Headers | list[tuple[bytes, bytes]]:
    """Headers that h11 has looked at, sign by sign; the same few are sent again and again.

    What it refuses stays as it is: it will say so when the request is sent.
    """
    try:
        return normalize_and_validate([*headers])
    except LocalProtocolError:
        return [*headers]


class _Body(httpx.SyncByteStream):
    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from self._answer.iter_stream()
        except _OF_HTTPCORE as problem:
            raise _as_in_httpx(problem) from problem

    def close(self) -> None:
        self._answer.close()


def _as_in_httpx(problem: Exception) -> httpx.TransportError:
    """What httpcore raised as httpx's exception of the same name."""
    named: type[httpx.TransportError] = getattr(httpx, type(problem).__name__)
    return named(str(problem))


class _Backend(httpcore.NetworkBackend):
    """Opens connections that are within the patience, and notes that a request has one of its own."""

    def __init__(self, inner: httpcore.NetworkBackend) -> None:
        self._inner = inner

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        _ATTEMPT.get().opened = True
        seconds = _within(timeout, httpcore.ConnectTimeout)
        return _Stream(self._inner.connect_tcp(host, port, seconds, local_address, socket_options))


class _Stream(httpcore.NetworkStream):
    def __init__(self, inner: httpcore.NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        read = _in_slices(lambda seconds: self._inner.read(max_bytes, seconds), timeout)
        if read:
            _ATTEMPT.get().heard = True
        return read

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for begin in range(0, len(buffer), _PIECE):
            self._inner.write(buffer[begin : begin + _PIECE], _within(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        seconds = _within(timeout, httpcore.ConnectTimeout)
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, seconds))

    def get_extra_info(self, info: str) -> object:
        return self._inner.get_extra_info(info)


def _in_slices(read: Callable[[float], bytes], timeout: float | None) -> bytes:
    """Wait for bytes, for no longer than `timeout`, the patience and the run last."""
    began = time.monotonic()
    while True:
        left = _within(timeout, httpcore.ReadTimeout)
        if timeout is not None:
            left = min(left, began + timeout - time.monotonic())
        try:
            return read(max(0.001, min(left, _SLICE)))
        except httpcore.ReadTimeout:
            if timeout is not None and time.monotonic() - began >= timeout:
                raise


def _within(timeout: float | None, late: type[Exception]) -> float:
    """Seconds that may be waited at most.

    Raises:
        late: none.
    """
    now = time.monotonic()
    if (left := limits.until() - now) <= 0:
        raise late(f"the answer was not there after {limits.PATIENCE:g} s")
    if (ends := ENDING.left) <= 0:
        raise late(f"the run is being ended: {ENDING.reason or 'it was interrupted as it cleaned up'}")
    return min(left, ends, limits.PATIENCE if timeout is None else timeout)
