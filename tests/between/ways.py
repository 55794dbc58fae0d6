"""Ways to a server that lead through others: a gateway with a path of its own, a forward proxy, one that ends TLS."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from .proxy import answer_of, message

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator

PAGE = answer_of(404, b"<h1>404 Not Found</h1>", "text/html")
Change = Callable[[bytes], bytes | None]
"""What a gateway makes of a request: the one that it passes on, or None, where it answers with a page itself."""


@contextmanager
def listening(serve: Callable[[socket.socket], None]) -> Iterator[int]:
    """The port of a server that has `serve` talk to each client, in a thread."""
    with socket.create_server(("127.0.0.1", 0), backlog=100) as listener:

        def talk(client: socket.socket) -> None:
            with client, suppress(OSError):
                client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                serve(client)

        def accept() -> None:
            with suppress(OSError):  # it was closed
                while True:
                    client, _ = listener.accept()
                    threading.Thread(target=talk, args=(client,), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        yield listener.getsockname()[1]


def _passes(client: socket.socket, port: int, change: Change) -> None:
    with socket.create_connection(("127.0.0.1", port)) as server:
        server.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while raw := message(client):
            if (changed := change(raw)) is None:
                client.sendall(PAGE)
                continue
            server.sendall(changed)
            if not (answer := message(server, is_answer=True)):
                return
            client.sendall(answer)


@contextmanager
def gateway(port: int, change: Change, trust: ssl.SSLContext | None = None) -> Iterator[str]:
    """The address of a gateway before the server on this port; with `trust`, it speaks TLS."""

    def serve(client: socket.socket) -> None:
        if trust is None:
            _passes(client, port, change)
            return
        with trust.wrap_socket(client, server_side=True) as secure:
            _passes(secure, port, change)

    with listening(serve) as here:
        yield f"{'http' if trust is None else 'https'}://{'127.0.0.1' if trust is None else 'localhost'}:{here}"


def below(path: str) -> Change:
    """A gateway that knows the server by a path of its own; addresses for content lead to the server itself."""

    def change(raw: bytes) -> bytes | None:
        method, _, rest = raw.partition(b" ")
        if rest.startswith(f"{path}/".encode()):
            return method + b" " + rest[len(path) :]
        return raw if rest.startswith((b"/cls/", b"/_control/")) else None

    return change


def wanting(name: str, value: str) -> Change:
    """A gateway that lets nobody in without a header."""
    line = f"\r\n{name}: {value}\r\n".lower().encode()
    return lambda raw: raw if line in raw.partition(b"\r\n\r\n")[0].lower() + b"\r\n" else None


@dataclass
class Seen:
    """What a forward proxy was asked for: hosts of tunnels, and addresses of requests."""

    tunnels: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)


@contextmanager
def forward_proxy(to: int) -> Iterator[tuple[str, Seen]]:
    """The address of a forward proxy, and what it sees; whatever it is asked for, it asks the server on port `to`."""
    seen = Seen()

    def change(raw: bytes) -> bytes | None:
        line, _, rest = raw.partition(b"\r\n")
        method, address, version = line.split(b" ")
        seen.requests.append(address.decode())
        parts = urlsplit(address)
        target = parts.path + (b"?" + parts.query if parts.query else b"")
        return b" ".join((method, target, version)) + b"\r\n" + rest

    def serve(client: socket.socket) -> None:
        first = client.recv(65536, socket.MSG_PEEK)
        if not first.startswith(b"CONNECT "):
            _passes(client, to, change)
            return
        seen.tunnels.append(message(client).split(b" ")[1].decode())
        client.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
        with socket.create_connection(("127.0.0.1", to)) as server:
            back = threading.Thread(target=_pour, args=(server, client), daemon=True)
            back.start()
            _pour(client, server)
            back.join(10)

    with listening(serve) as here:
        yield f"http://127.0.0.1:{here}", seen


def _pour(sender: socket.socket, receiver: socket.socket) -> None:
    with suppress(OSError):
        while piece := sender.recv(65536):
            receiver.sendall(piece)
        receiver.shutdown(socket.SHUT_WR)
