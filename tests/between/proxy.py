"""A proxy between the suite and a mock server, where load balancers and gateways stand: it meddles with some requests.

Every client's connection has one of its own to the server. Requests have a Content-Length, as the suite's all do.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator


def answer_of(status: int, body: bytes, media: str = "application/json") -> bytes:
    """An answer as bytes."""
    head = f"HTTP/1.1 {status} So It Is\r\nContent-Type: {media}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


HTML_502: Final = answer_of(502, b"<h1>502 Bad Gateway</h1>", "text/html")


@dataclass(frozen=True)
class Passing:
    """A request that passes: its bytes, its number among all and on its connection, and how long that was idle."""

    raw: bytes
    number: int
    number_here: int
    idle: float

    @property
    def line(self) -> str:
        """The method and the address."""
        return self.raw.partition(b" HTTP/")[0].decode("latin-1")

    @property
    def asks_to_keep_alive(self) -> bool:
        return "action=keep-alive" in self.line

    @property
    def token(self) -> str | None:
        """The token in its header."""
        for line in self.raw.partition(b"\r\n\r\n")[0].split(b"\r\n"):
            name, _, value = line.partition(b":")
            if name.lower() == b"vmware-api-session-id":
                return value.strip().decode("latin-1")
        return None


Meddle = Callable[[Passing], bytes | None]
"""What becomes of a request: it passes (None), or gets these bytes (none: the connection is closed)."""


@contextmanager
def between(port: int, meddle: Meddle) -> Iterator[str]:
    """The address of a proxy before the server on this port."""
    numbers = count(1)
    ended = threading.Event()
    with socket.create_server(("127.0.0.1", 0), backlog=100) as listener:

        def accept() -> None:
            while not ended.is_set():
                try:
                    client, _ = listener.accept()
                except OSError:
                    return  # it was closed
                client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                threading.Thread(target=serve, args=(client,), daemon=True).start()

        def serve(client: socket.socket) -> None:
            with client, socket.create_connection(("127.0.0.1", port)) as server, suppress(OSError):
                server.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                since = time.monotonic()
                for number_here in count(1):
                    raw = message(client)
                    if not raw:
                        return
                    passing = Passing(raw, next(numbers), number_here, time.monotonic() - since)
                    answer = meddle(passing)
                    if answer is None:
                        server.sendall(raw)
                        answer = message(server, is_answer=True)
                    if not answer:
                        return
                    client.sendall(answer)
                    since = time.monotonic()

        threading.Thread(target=accept, daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        ended.set()


def message(sender: socket.socket, *, is_answer: bool = False) -> bytes:
    """A request or an answer as bytes; empty if the connection was closed."""
    raw = b""
    while b"\r\n\r\n" not in raw:
        if not (piece := sender.recv(65536)):
            return b""
        raw += piece
    head, _, body = raw.partition(b"\r\n\r\n")
    fields = dict(line.lower().partition(b":")[::2] for line in head.split(b"\r\n")[1:])
    length = int(fields.get(b"content-length", b"0"))
    chunked = is_answer and b"chunked" in fields.get(b"transfer-encoding", b"")
    while len(body) < length or (chunked and not body.endswith(b"0\r\n\r\n")):
        if not (piece := sender.recv(65536)):
            return b""
        body += piece
    return head + b"\r\n\r\n" + body
