"""Bytes as they are on the wire: what an HTTP client would correct, hide, or refuse to send."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from contract_tests.exchange import Response

if TYPE_CHECKING:
    import ssl

    from contract_tests.exchange import Headers

ANSWERING = 30.0
"""Seconds to wait for the first byte of an answer."""

STRAY = 0.25
"""Seconds to wait for more once an answer is there and its end can't be told: stray bytes come right behind it."""


def converse(base: str, sent: bytes, trust: ssl.SSLContext | None) -> bytes:
    """Send bytes on a connection of their own and give back all that comes.

    Raises:
        OSError: there is no connection, or it breaks before a byte has come.
    """
    parts = urlsplit(base)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    with socket.create_connection((str(parts.hostname), port), timeout=ANSWERING) as plain:
        if trust is None:
            return _conversation(plain, sent)
        with trust.wrap_socket(plain, server_hostname=parts.hostname) as secure:
            return _conversation(secure, sent)


def _conversation(connection: socket.socket, sent: bytes) -> bytes:
    connection.sendall(sent)
    received = b""
    while True:
        try:
            piece = connection.recv(65536)
        except TimeoutError:
            return received
        except OSError:
            if received:
                return received
            raise
        received += piece
        if not piece:
            return received
        if b"\r\n\r\n" in received:
            connection.settimeout(STRAY)


def parsed(received: bytes) -> Response | None:
    """The bytes as a response whose body is all that followed the header section, framing and all.

    None if they do not begin like an HTTP response.
    """
    head, _, rest = received.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    words = lines[0].split(" ", 2)
    if len(words) < 2 or not words[0].startswith("HTTP/") or not words[1].isdecimal():
        return None
    headers: Headers = tuple(
        (name.strip(), value.strip()) for name, _, value in (line.partition(":") for line in lines[1:])
    )
    return Response(int(words[1]), headers, rest)
