"""The way to a server: TLS trust, a proxy in between, headers for a gateway, and how much is asked at once."""

from __future__ import annotations

import ssl
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

from contract_tests.driver.transport.ending import ENDING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

AT_ONCE: Final = 20
"""Requests that are under way at once, as many as connections are kept open: a hundred scenarios begin together."""

NO_PROXY: Final = "none"
"""What a profile says instead of the address of a proxy, so that none in the environment is used."""

_LOOPBACK: Final = ("localhost", "127.", "::1")


class Pace:
    """The pace of requests: no more a second than `limit`, over all threads; None: no limit."""

    def __init__(
        self,
        limit: float | None = None,
        *,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = ENDING.sleep,
    ) -> None:
        self._between = 0.0 if limit is None else 1 / limit
        self._lock, self._next = threading.Lock(), 0.0
        self._now, self._sleep = now, sleep

    def wait(self) -> None:
        """Return when the next request may be sent."""
        if not self._between:
            return
        with self._lock:
            now = self._now()
            turn = max(now, self._next)
            self._next = turn + self._between
        if turn > now:
            self._sleep(turn - now)


@dataclass(frozen=True)
class Proxy:
    """A forward proxy, by its address; user and password are in it, if it wants them."""

    address: str

    @property
    def shown(self) -> str:
        """The address without user and password."""
        parts = urlsplit(self.address)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"

    @property
    def credentials(self) -> tuple[str, str] | None:
        parts = urlsplit(self.address)
        return None if parts.username is None else (unquote(parts.username), unquote(parts.password or ""))


@dataclass(frozen=True)
class Way:
    """How requests get to a server. `headers` are a gateway's own: they go with each request, and are kept nowhere."""

    verify: ssl.SSLContext | bool = True
    proxy: Proxy | None = None
    headers: tuple[tuple[str, str], ...] = ()
    pace: Pace = field(default_factory=Pace)
    _slots: threading.BoundedSemaphore = field(default_factory=lambda: threading.BoundedSemaphore(AT_ONCE))

    @property
    def trust(self) -> ssl.SSLContext | None:
        """The TLS trust, where a server is asked by TLS."""
        return self.verify if isinstance(self.verify, ssl.SSLContext) else None

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait until a request may be sent, and let others wait until it is answered."""
        self.pace.wait()
        with self._slots:
            yield


def proxy_of(base: str, told: str | None) -> Proxy | None:
    """The proxy by which a server is reached: the one that a profile names, or else that of the environment.

    A server on this machine is reached by none of the environment.
    """
    if told is not None:
        return None if told == NO_PROXY else Proxy(told)
    parts = urlsplit(base)
    host = parts.hostname or ""
    if host.startswith(_LOOPBACK) or proxy_bypass(host):
        return None
    found = getproxies()
    address = found.get(parts.scheme) or found.get("all")
    if not address:
        return None
    return Proxy(address if "://" in address else f"http://{address}")
