"""Where a server listens."""

from __future__ import annotations

import errno
import socket


class CannotListen(OSError):
    """The server cannot be reached where it was told to listen; the text is one sentence for a person."""


class PortTaken(CannotListen):
    """Somebody else listens there."""


def listening_socket(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except OSError:
        raise CannotListen(f"{host} is no address that this machine knows.") from None
    # With the protocol named, or asyncio does not know it for TCP and leaves Nagle's algorithm on: then every
    # answer with a body waits 40 ms for the client to acknowledge its header.
    listener = socket.socket(family, kind, protocol)
    # A port that was just left may be taken again; one that is in use still cannot.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(address)
        listener.listen(128)
    except OSError as problem:
        listener.close()
        if problem.errno == errno.EADDRINUSE:
            raise PortTaken(
                f"Port {port} on {host} is in use; choose another with --port, or end what runs there."
            ) from None
        reason = (problem.strerror or str(problem)).lower()
        raise CannotListen(f"Cannot listen on port {port} of {host}: {reason}.") from None
    return listener
