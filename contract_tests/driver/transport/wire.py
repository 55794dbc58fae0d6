"""Bytes as they are on the wire: what an HTTP client would correct, hide, or refuse to send."""

from __future__ import annotations

import re
import socket
import time
from base64 import b64encode
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from contract_tests.driver.transport import limits
from contract_tests.driver.transport.ending import ENDING
from contract_tests.problems import NotAsked
from contract_tests.traffic.exchange import CLOSED, Exchange
from contract_tests.traffic.messages import Request, Response

if TYPE_CHECKING:
    from collections.abc import Mapping
    from urllib.parse import SplitResult

    from contract_tests.driver.transport.door import Door
    from contract_tests.driver.transport.way import Proxy, Way
    from contract_tests.traffic.messages import Headers

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
        with door.way.turn():
            received = converse(door.base, sent, door.way)
        response = parsed(received)
        if response is None:
            failure = f"no HTTP answer: {received[:80]!r}" if received else CLOSED
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


def converse(base: str, sent: bytes, way: Way) -> bytes:
    """Send bytes on a connection of their own and give back all that comes; a gateway's headers come before the others.

    Raises:
        OSError: there is no connection, or it breaks before a byte has come.
    """
    parts = urlsplit(base)
    line, end, rest = sent.partition(b"\r\n")
    more = b"".join(f"{name}: {value}\r\n".encode("latin-1") for name, value in way.headers)
    with _connected(parts if way.proxy is None else urlsplit(way.proxy.address)) as plain:
        if way.trust is None and way.proxy is not None:
            origin = f"{parts.scheme}://{parts.netloc}"  # a proxy wants the whole address (RFC 9112, 3.2.2)
            return _conversation(
                plain, _behind(origin + parts.path, line) + end + _authorization(way.proxy) + more + rest
            )
        sent = _behind(parts.path, line) + end + more + rest
        if way.trust is None:
            return _conversation(plain, sent)
        if way.proxy is not None:
            _tunnel(plain, parts, way.proxy)
        with way.trust.wrap_socket(plain, server_hostname=parts.hostname) as secure:
            return _conversation(secure, sent)


def _connected(parts: SplitResult) -> socket.socket:
    place = str(parts.hostname), _port(parts)
    return socket.create_connection(place, timeout=min(limits.ANSWERING, max(ENDING.left, 0.001)))


def _port(parts: SplitResult) -> int:
    return parts.port or (443 if parts.scheme == "https" else 80)


def _behind(prefix: str, line: bytes) -> bytes:
    """A request line with something before its target."""
    method, space, rest = line.partition(b" ")
    return method + space + (prefix.encode("latin-1") if rest.startswith(b"/") else b"") + rest


def _tunnel(connection: socket.socket, server: SplitResult, proxy: Proxy) -> None:
    """Have a proxy pass on whatever comes (RFC 9110, 9.3.6).

    Raises:
        OSError: it does not.
    """
    host = f"[{server.hostname}]" if ":" in str(server.hostname) else server.hostname
    place = f"{host}:{_port(server)}"
    asked = f"CONNECT {place} HTTP/1.1\r\nHost: {place}\r\n".encode("latin-1") + _authorization(proxy) + b"\r\n"
    connection.sendall(asked)
    answered = b""
    while b"\r\n\r\n" not in answered and len(answered) < LONGEST and (piece := connection.recv(1)):
        answered += piece
    answer = parsed(answered)
    if answer is None or answer.status != 200:
        raise OSError(f"the proxy {proxy.shown} refuses to connect to {place}: {answered[:80]!r}")


def _authorization(proxy: Proxy) -> bytes:
    """The header by which a proxy knows its user; nothing if it wants none."""
    if (credentials := proxy.credentials) is None:
        return b""
    return b"Proxy-Authorization: Basic " + b64encode(":".join(credentials).encode()) + b"\r\n"


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
