"""Whole requests as bytes, with headers and framing that nobody means well with, as data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from contract_tests.contract.dialects import PROGRESS_MEMBER, SESSIONS, Op
from contract_tests.driver.sessions import in_path
from contract_tests.driver.transport.wire import request_bytes
from contract_tests.fuzz.hostile.requests import IS_SERVED, Expect, is_honoured_with

if TYPE_CHECKING:
    from contract_tests.driver import Door, Session


@dataclass(frozen=True)
class OddRequest:
    """A whole request as bytes. `is_http` is false if it breaks HTTP itself, so that nobody need answer it."""

    name: str
    sent: bytes
    expect: Expect
    is_http: bool = True


def address(session: Session) -> str:
    """Path and query of the session's keep-alive."""
    route = SESSIONS[session.cell][Op.KEEP_ALIVE]
    query = "&".join(f"{name}={value}" for name, value in route.query)
    return f"{route.path.format(id=in_path(session.id))}?{query}"


def odd_requests(session: Session) -> tuple[OddRequest, ...]:
    """Headers and framing that no client library writes."""
    door, member = session.door, PROGRESS_MEMBER[session.cell.service]

    def sent(body: bytes = b"", headers: dict[str, str] | None = None) -> bytes:
        return request_bytes(door, "POST", address(session), body, headers)

    def framed(lines: list[str], body: bytes = b"") -> bytes:
        """A request with these header lines beside the usual ones."""
        return _raw(door, session, lines, body)

    def chunked(*chunks: str, end: str = "0\r\n\r\n") -> bytes:
        body = "".join(f"{len(chunk):x}\r\n{chunk}\r\n" for chunk in chunks) + end
        return framed(["Transfer-Encoding: chunked", "Content-Type: application/json"], body.encode())

    json, refused = {"Content-Type": "application/json"}, is_honoured_with(None)
    return (
        OddRequest("a content type and no body", sent(headers=json | {"Content-Length": "0"}), IS_SERVED),
        OddRequest(
            "header names in capitals", sent().replace(b"vmware-api-session-id", b"VMWARE-API-SESSION-ID"), IS_SERVED
        ),
        OddRequest("a body in chunks", chunked(f'{{"{member}"', ": 85}"), is_honoured_with(85)),
        OddRequest("no body, in chunks", chunked(), is_honoured_with(None)),
        OddRequest(
            "chunks and a trailer", chunked(f'{{"{member}": 86}}', end="0\r\nX-More: 1\r\n\r\n"), is_honoured_with(86)
        ),
        OddRequest("100 headers", sent(headers={f"X-Header-{n}": "1" for n in range(100)}), is_honoured_with(None)),
        OddRequest("a header of 6000 characters", sent(headers={"X-Long": "y" * 6000}), is_honoured_with(None)),
        OddRequest("a header of no UTF-8", sent(headers={"X-Odd": "\xff\xfe"}), is_honoured_with(None)),
        OddRequest("a header of 200,000 characters", sent(headers={"X-Long": "y" * 200_000}), refused, is_http=False),
        OddRequest(
            "a chunk of no size",
            framed(["Transfer-Encoding: chunked"], b"zz\r\n{}\r\n0\r\n\r\n"),
            refused,
            is_http=False,
        ),
        OddRequest("a header without a colon", framed(["X-Odd"]), refused, is_http=False),
        OddRequest("a header with a NUL", framed(["X-Odd: a\x00b"]), refused, is_http=False),
        OddRequest("a space before the colon", framed(["X-Odd : 1"]), refused, is_http=False),
        OddRequest("two lengths", framed(["Content-Length: 2", "Content-Length: 3"], b"{} "), refused, is_http=False),
        OddRequest("a negative length", framed(["Content-Length: -1"]), refused, is_http=False),
        OddRequest(
            "a length and chunks",
            framed(["Content-Length: 5", "Transfer-Encoding: chunked"], b"0\r\n\r\n"),
            refused,
            is_http=False,
        ),
        OddRequest("no host", sent().replace(b"Host: ", b"X-Host: ", 1), refused, is_http=False),
    )


def _raw(door: Door, session: Session, lines: list[str], body: bytes) -> bytes:
    head = [
        f"POST {address(session)} HTTP/1.1",
        f"Host: {urlsplit(door.base).netloc}",
        *(f"{name}: {value}" for name, value in door.headers.items()),
        *lines,
        "Connection: close",
    ]
    return "\r\n".join([*head, "", ""]).encode("latin-1") + body
