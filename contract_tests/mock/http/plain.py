"""Requests and replies of the plain form as bytes, in one go; all others are read and written by h11.

Nearly all are plain: a header section of ordinary signs, and a body that is here and whose length it says. What is
decided here is decided strictly, so that what is odd has one judge, and the same answer as without this module.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_TOKEN: Final = rb"[-!#$%&'*+.^_`|~0-9A-Za-z]+"
_VALUE: Final = rb"[!-~](?:[ -~]*[!-~])?"
_HEAD: Final = re.compile(rb"([A-Z]+) (/[!-~]*) HTTP/1\.1\r\n((?:%b: ?%b\r\n)*)\r\n" % (_TOKEN, _VALUE))
_FIELD: Final = re.compile(rb"(%b): ?(%b)\r\n" % (_TOKEN, _VALUE))
_FIELDS: Final = re.compile(rb"(?:%b: %b\r\n)*" % (_TOKEN, _VALUE))
_FRAMING: Final = ("transfer-encoding", "upgrade", "expect")
_REASONS: Final = {int(status): status.phrase.encode() for status in HTTPStatus}


@dataclass(frozen=True)
class PlainRequest:
    """A request that is here as a whole; of a header that is there more than once the first one counts."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    content: bytes


def plain_request(received: bytes) -> PlainRequest | None:
    """The request that these bytes are; None if it is not plain, or not the whole of it, or more than it."""
    head = _HEAD.match(received)
    if head is None or head[1] in (b"HEAD", b"CONNECT"):
        return None
    headers: dict[str, str] = {}
    fields = _FIELD.findall(head[3])
    for name, value in fields:
        headers.setdefault(name.decode("latin-1").lower(), value.decode("latin-1"))
    content = received[head.end() :]
    if (
        "host" not in headers
        or any(name in headers for name in _FRAMING)
        or headers.get("connection", "keep-alive") != "keep-alive"
        or headers.get("content-length", "0") != str(len(content))
        or len(fields) != len(headers)
    ):
        return None
    path, _, query = head[2].partition(b"?")
    return PlainRequest(head[1].decode(), unquote(path.decode()), query.decode(), headers, content)


def plain_answer(status: int, headers: Iterable[tuple[bytes, bytes]], body: bytes) -> bytes | None:
    """The bytes of a reply as h11 writes them; None if it would have to decide something about them."""
    section, lengths = b"", []
    for name, value in headers:
        section += b"%b: %b\r\n" % (name, value)
        if (lowered := name.lower()) == b"content-length":
            lengths.append(value)
        elif lowered in (b"transfer-encoding", b"connection", b"upgrade"):
            return None
    right = [] if status == HTTPStatus.NO_CONTENT else [b"%d" % len(body)]
    if status not in _REASONS or status < 200 or status == HTTPStatus.NOT_MODIFIED or lengths != right:
        return None
    if (status == HTTPStatus.NO_CONTENT and body) or _FIELDS.fullmatch(section) is None:
        return None
    return b"HTTP/1.1 %d %b\r\n%b\r\n%b" % (status, _REASONS[status], section, body)
