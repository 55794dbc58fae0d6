"""What a server may take: so much time for an answer, in all, and so many bytes of it."""

from __future__ import annotations

import math
import time
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Final

import httpcore
import httpx

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterable, Iterator

ANSWERING: float = 30.0
"""Seconds to wait for the beginning of an answer, and for each next piece of it; a server that needs longer for one of
these calls does not answer."""

PATIENCE: float = 60.0
"""Seconds that an answer may take in all, from the connection to the last byte, however steadily it drips."""

LONGEST: int = 8 * 2**20
"""Bytes of a body that are read; no answer of these services comes near."""

_UNTIL: Final = ContextVar("when the answer has to be there, by the monotonic clock", default=math.inf)


class TooLongError(httpx.TransportError):
    """The answer is longer than anybody reads."""


@contextmanager
def patience() -> Iterator[None]:
    """Let everything that a bounded transport reads meanwhile, in this thread, come within `PATIENCE`."""
    token = _UNTIL.set(time.monotonic() + PATIENCE)
    try:
        yield
    finally:
        _UNTIL.reset(token)


def whole(answer: httpx.Response) -> bytes:
    """The body of an answer, decoded from its content coding.

    Raises:
        httpx.TransportError: it breaks off, takes too long, or is longer than `LONGEST`.
        httpx.DecodingError: it is not in its content coding, or in several.
    """
    try:
        if "," in answer.headers.get("content-encoding", ""):
            # A few bytes that are compressed twice can become more than a machine has memory for.
            raise httpx.DecodingError(f"the answer ({answer.status_code}) is compressed more than once")
        pieces, length = [], 0
        for piece in answer.iter_bytes():
            length += len(piece)
            if length > LONGEST:
                size = f"{LONGEST // 2**20} MiB" if LONGEST >= 2**20 else f"{LONGEST} bytes"
                raise TooLongError(f"the answer ({answer.status_code}) is longer than {size}: reading was stopped")
            pieces.append(piece)
        return b"".join(pieces)
    finally:
        answer.close()


def bounded_transport(verify: ssl.SSLContext | bool) -> httpx.HTTPTransport:  # noqa: FBT001 - as httpx has it
    """A transport as httpx makes it, whose connections wait no longer than `patience` lets them."""
    transport = httpx.HTTPTransport(verify=verify, limits=httpx.Limits(max_connections=None))
    # httpx has no parameter for the backend that httpcore takes; no connection is open yet.
    transport._pool._network_backend = _Backend(transport._pool._network_backend)  # noqa: SLF001
    return transport


class _Backend(httpcore.NetworkBackend):
    """Opens connections that are read within the patience."""

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
        return _Stream(self._inner.connect_tcp(host, port, timeout, local_address, socket_options))


class _Stream(httpcore.NetworkStream):
    def __init__(self, inner: httpcore.NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        left = _UNTIL.get() - time.monotonic()
        too_late = f"the answer was not there after {PATIENCE:g} s"
        if left <= 0:
            raise httpcore.ReadTimeout(too_late)
        if timeout is None or left < timeout:
            try:
                return self._inner.read(max_bytes, None if left == math.inf else left)
            except httpcore.ReadTimeout:
                raise httpcore.ReadTimeout(too_late) from None
        return self._inner.read(max_bytes, timeout)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, timeout)

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, timeout))

    def get_extra_info(self, info: str) -> object:
        return self._inner.get_extra_info(info)
