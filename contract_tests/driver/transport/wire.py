"""Bytes as they are on the wire: what an HTTP client would correct, hide, or refuse to send."""

from __future__ import annotations

import re
import socket
import ssl
import time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from contract_tests.driver.transport import limits
from contract_tests.driver.transport.ending import ENDING
from contract_tests.problems import NotAsked
from contract_tests.traffic.exchange import Exchange, Request, Response

if TYPE_CHECKING:
    from collections.abc import Mapping

    from contract_tests.driver.transport.door import Door
    from contract_tests.traffic.exchange import Headers

STRAY = 0.25
"""Seconds to wait for more once an answer is there and its end can't be told: stray bytes come right behind it."""


_INTERIM = re.compile(rb"HTTP/1\.[01] 1(?!01)[0-9]{2}[^\r\n]*\r\n(?:[^\r\n]+\r\n)*\r\n")
_STATUS = re.compile("[0-9]{3}")  # RFC 9112, 4
_SLICE = 0.25
"""Seconds after which a thread that waits looks whether the run is being ended."""

LONGEST = 2**20
"""Bytes after which nobody listens any more: no answer of these services comes near."""


def request_bytes(
    door: Door, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None
) -> bytes:
    """An ordinary request as bytes, with the door's token; `path` holds the query. It is the last on its connection."""
    every = {"Host": urlsplit(door.base).netloc, **door.headers, "Connection": "close", **(headers or {})}
    if body:
        every |= {"Content-Length": str(len(body))}
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in every.items())]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def send_bytes(door: Door, sent: bytes, *, cell: str | None = None, operation: str | None = None) -> Exchange:
    """Send bytes as they are, on a connection of their own; whatever happens, an exchange comes back.

    The body of its response is all that followed the headers, framing and all. Sent again where the server asks for it.
    """
    recorder, is_live = door.recorder, door.recorder.answers is None

    def keep(exchange: Exchange) -> Exchange:
        kept = recorder.keep(recorder.redact(exchange))
        if is_live:
            door.silence.note(kept)
        return kept

    def once() -> Exchange:
        return _sent(door, recorder.repeating.tokens.in_bytes(sent), cell, operation)

    return recorder.courtesy.repeat(
        lambda: recorder.repeating.until_heard(once, keep, is_live=is_live), is_live=is_live
    )


def _sent(door: Door, sent: bytes, cell: str | None, operation: str | None) -> Exchange:
    """What came of it, not redacted."""
    request = _request(door.base, sent)
    if door.recorder.answers is not None:
        return door.recorder.replayed(request, cell, operation)
    beginning = door.recorder.begin()
    failure, response = None, None
    try:
        door.silence.let_pass()
        received = converse(door.base, sent, door.verify if isinstance(door.verify, ssl.SSLContext) else None)
        response = parsed(received)
        if response is None:
            failure = f"no HTTP answer: {received[:80]!r}" if received else "the connection was closed unanswered"
    except (OSError, NotAsked) as problem:
        failure = f"{type(problem).__name__}: {problem}"
    return beginning.exchange(request, response, door.recorder.now(), failure, cell, operation)


def _request(base: str, sent: bytes) -> Request:
    """The bytes as a request, as far as they look like one."""
    head, _, body = sent.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    method, _, rest = first.partition(" ")
    headers = tuple((name, value.strip()) for name, _, value in (line.partition(":") for line in lines))
    return Request(method, base + rest.rpartition(" ")[0], headers, body)


def converse(base: str, sent: bytes, trust: ssl.SSLContext | None) -> bytes:
    """Send bytes on a connection of their own and give back all that comes.

    Raises:
        OSError: there is no connection, or it breaks before a byte has come.
    """
    parts = urlsplit(base)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    with socket.create_connection(
        (str(parts.hostname), port), timeout=min(limits.ANSWERING, max(ENDING.left, 0.001))
    ) as plain:
        if trust is None:
            return _conversation(plain, sent)
        with trust.wrap_socket(plain, server_hostname=parts.hostname) as secure:
            return _conversation(secure, sent)


def _conversation(connection: socket.socket, sent: bytes) -> bytes:
    connection.sendall(sent)
    began = time.monotonic()
    received, silent, quiet = b"", limits.ANSWERING, 0.0
    while time.monotonic() - began < limits.PATIENCE and ENDING.left > 0:
        pause = min(silent, _SLICE)
        connection.settimeout(pause)
        try:
            piece = connection.recv(65536)
        except OSError as problem:
            quiet += pause
            if isinstance(problem, TimeoutError) and quiet < silent:
                continue
            if received:
                return received
            raise
        received, quiet = received + piece, 0.0
        if not piece or len(received) > LONGEST:
            return received
        if b"\r\n\r\n" in _final(received):
            silent = STRAY
    if not received and ENDING.reason:
        raise TimeoutError(f"the run is being ended: {ENDING.reason}")
    return received


def _final(received: bytes) -> bytes:
    """What came without the interim answers before it (RFC 9110, 15.2); 101 is the last one in HTTP."""
    while found := _INTERIM.match(received):
        received = received[found.end() :]
    return received


def parsed(received: bytes) -> Response | None:
    """The bytes as a response whose body is all that followed the header section, framing and all.

    None if they do not begin like an HTTP response.
    """
    head, _, rest = _final(received).partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    words = lines[0].split(" ", 2)
    if len(words) < 2 or not words[0].startswith("HTTP/") or not _STATUS.fullmatch(words[1]):
        return None
    headers: Headers = tuple(
        (name.strip(), value.strip()) for name, _, value in (line.partition(":") for line in lines[1:])
    )
    return Response(int(words[1]), headers, rest)
