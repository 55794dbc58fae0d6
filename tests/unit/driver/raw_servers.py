"""A server that answers every request with bytes of the test's choice, on a port of its own."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress

Pieces = Callable[[], Iterable[bytes]]


@contextmanager
def answering(pieces: Pieces) -> Iterator[str]:
    """The address of a server that sends `pieces` on each connection once it has read something, then closes it."""
    ended = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                connection, _ = listener.accept()
                with connection, suppress(OSError):
                    if ended.is_set():
                        return
                    connection.recv(65536)
                    for piece in pieces():
                        connection.sendall(piece)
                        if ended.is_set():
                            return

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        port = listener.getsockname()[1]
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            ended.set()
            socket.create_connection(("127.0.0.1", port)).close()  # lets it see that it has ended
            thread.join()
