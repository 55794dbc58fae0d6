"""Bad weather between the suite and a server: whatever a network does to connections, and a server that is away.

Bytes pass as they are, in both directions. Each piece that comes from a client is taken for a request, as clients wait
for answers; what becomes of it, the forecast says.
"""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections.abc import Callable
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import Enum, auto
from itertools import count
from random import Random
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_RESETS: Final = struct.pack("ii", 1, 0)
"""SO_LINGER with which a closed socket sends a reset."""


class Break(Enum):
    """Where a connection breaks off."""

    BEFORE = auto()
    """Before the server has seen the request."""
    AFTER = auto()
    """When the server has done it, before a byte of the answer."""
    AMID = auto()
    """In the middle of the answer."""
    SILENT = auto()
    """As BEFORE, but nobody is told: whatever comes from now on is swallowed."""


@dataclass(frozen=True)
class Fate:
    """What becomes of a request: how late its answer is, how many bytes a second pass, and where it breaks off."""

    delay: float = 0.0
    rate: float | None = None
    breaks: Break | None = None


Forecast = Callable[[int], Fate]
"""The fate of a request by its number, from 1 on."""


def one_in(requests: int, *breaks: Break, seed: int = 0) -> Forecast:
    """So many requests break off, by chance, in one of these ways."""

    def forecast(number: int) -> Fate:
        draw = Random(f"{seed} {number}")
        return Fate(breaks=draw.choice(breaks)) if draw.random() * requests < 1 else Fate()

    return forecast


def late(delay: float, jitter: float) -> Forecast:
    """Answers take this much longer, give or take the jitter."""
    return lambda number: Fate(delay + jitter * (2 * Random(number).random() - 1))


class Middle:
    """The middle of the way to a server on a port, where the weather is; `address` is what the suite is told.

    `to` may be set to another port: the server has come back elsewhere.
    """

    def __init__(self, to: int, forecast: Forecast = lambda _number: Fate()) -> None:
        self.to, self.forecast = to, forecast
        self.seen = 0
        self._numbers, self._open, self._lock = count(1), set[socket.socket](), threading.Lock()
        self._listen(0)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def go_down(self) -> None:
        """Refuse connections from now on, and break those that there are."""
        self._listener.shutdown(socket.SHUT_RDWR)  # wakes who accepts
        self._listener.close()
        self.break_all()

    def break_all(self) -> None:
        """Break the connections that there are."""
        with self._lock:
            for one in self._open:
                with suppress(OSError):
                    one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESETS)
                    one.shutdown(socket.SHUT_RDWR)

    def come_back(self) -> None:
        self._listen(self.port)

    def _listen(self, port: int) -> None:
        self._listener = socket.create_server(("127.0.0.1", port), backlog=100)
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def _accept(self, listener: socket.socket) -> None:
        with suppress(OSError):  # it was closed
            while True:
                client, _ = listener.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, suppress(OSError), socket.create_connection(("127.0.0.1", self.to)) as server:
            for one in (client, server):
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self._lock:
                self._open.add(client)
            try:
                self._pass(client, server)
            finally:
                with self._lock:
                    self._open.discard(client)

    def _pass(self, client: socket.socket, server: socket.socket) -> None:
        fates = [Fate()]
        back = threading.Thread(target=_pass_back, args=(server, client, fates), daemon=True)
        back.start()
        with suppress(OSError):
            while piece := client.recv(65536):
                self.seen += 1
                fates.append(self.forecast(next(self._numbers)) if fates[-1].breaks is not Break.SILENT else fates[-1])
                if fates[-1].breaks is Break.BEFORE:
                    _reset(client)
                    break
                if fates[-1].breaks is not Break.SILENT:
                    server.sendall(piece)
        with suppress(OSError):
            server.shutdown(socket.SHUT_WR)
        back.join(10)


def _pass_back(server: socket.socket, client: socket.socket, fates: list[Fate]) -> None:
    """Pass answers on, each by the fate of the last request."""
    with suppress(OSError):
        while piece := server.recv(65536):
            fate = fates[-1]
            time.sleep(fate.delay)
            if fate.breaks in (Break.AFTER, Break.AMID):
                client.sendall(piece[: len(piece) // 2 if fate.breaks is Break.AMID else 0])
                _reset(client)
                return
            client.sendall(piece)
            if fate.rate is not None:
                time.sleep(len(piece) / fate.rate)
        if fates[-1].breaks is not Break.SILENT:
            client.shutdown(socket.SHUT_WR)


def _reset(client: socket.socket) -> None:
    """Have a connection end with a reset, as soon as it is closed; and wake who reads from it."""
    time.sleep(0.01)  # what was sent before is read first
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESETS)
    with suppress(OSError):
        client.shutdown(socket.SHUT_RD)
    client.close()


@contextmanager
def weather(to: int, forecast: Forecast = lambda _number: Fate()) -> Iterator[Middle]:
    """The middle of the way to the server on this port, until the end of the `with`."""
    middle = Middle(to, forecast)
    try:
        yield middle
    finally:
        with suppress(OSError):
            middle.go_down()
