"""What a server may take: so much time for an answer, in all, and so many bytes of it."""

from __future__ import annotations

import hashlib
import math
import time
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Final, cast

import httpx

from contract_tests.problems import NotKept, TooLongError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contract_tests.traffic.exchange import Exchange
    from contract_tests.traffic.redaction import Redactor

ANSWERING: float = 30.0
"""Seconds to wait for the beginning of an answer, and for each next piece of it; a server that needs longer for one of
these calls does not answer."""

PATIENCE: float = 60.0
"""Seconds that an answer may take in all, from the connection to the last byte, however steadily it drips."""

LONGEST: int = 8 * 2**20
"""Bytes of a body that are read; no answer of these services comes near."""

IN_ALL: int = 32 * 2**20
"""Bytes of long bodies that a run keeps; each lives several times in records and reports."""

SHORT: int = 64 * 2**10
"""Bytes up to which a body is kept whatever was kept before."""

SECRETS: int = 512 * 2**10
"""Characters of secrets, with a few more for each, that a run looks for in everything it keeps; a run that is right
has a tenth of them."""

_UNTIL: Final = ContextVar("when the answer has to be there, by the monotonic clock", default=math.inf)


def require_few_secrets(exchange: Exchange, redact: Redactor) -> None:
    """Call this before an answer is searched for secrets: a server may give away thousands, and each has to be hidden.

    Raises:
        TooLongError: the answer is so long that nobody looks for secrets in it.
        NotKept: the answers before it held so many that no more are learnt.
    """
    answer = exchange.response
    if answer is not None and len(answer.body) > SHORT:
        raise TooLongError(
            f"the answer ({answer.status}) may hold secrets and has {len(answer.body)} bytes, of which no more than "
            f"{SHORT} are searched, so it was not kept"
        )
    if answer is not None and redact.burden > SECRETS:
        raise NotKept("the server has given away so many secrets that no more can be hidden: its answer was not kept")


class Room:
    """The memory of a run for long answers: what comes when it is full is told by its length, digest and head."""

    def __init__(self) -> None:
        self._taken = 0

    def take(self, status: int, body: bytes) -> bytes:
        """Give back a body that is to be kept.

        Raises:
            NotKept: there is no room for it.
        """
        if len(body) <= SHORT:
            return body
        if self._taken + len(body) > IN_ALL:
            digest = hashlib.sha256(body).hexdigest()
            raise NotKept(
                f"the answer ({status}) has {len(body)} bytes, and the long answers of this run have {IN_ALL} in all, "
                f"so it was not kept; its sha256 is {digest}, and it begins {body[:100]!r}"
            )
        self._taken += len(body)
        return body


@contextmanager
def patience() -> Iterator[None]:
    """Let everything that a transport sends and reads meanwhile, in this thread, be done within `PATIENCE`."""
    token = _UNTIL.set(time.monotonic() + PATIENCE)
    try:
        yield
    finally:
        _UNTIL.reset(token)


def until() -> float:
    """When the answer that this thread waits for has to be there, by the monotonic clock."""
    return _UNTIL.get()


def whole(answer: httpx.Response) -> bytes:
    """The body of an answer, decoded from its content coding.

    Raises:
        httpx.TransportError: it breaks off, takes too long, or is longer than `LONGEST`.
        httpx.DecodingError: it is not in its content coding, or in several.
    """
    try:
        coding = answer.headers.get("content-encoding", "")
        if "," in coding:
            # A few bytes that are compressed twice can become more than a machine has memory for.
            raise httpx.DecodingError(f"the answer ({answer.status_code}) is compressed more than once")
        pieces, length = [], 0
        # What is in no coding need not go through the layers that undo one.
        for piece in answer.iter_bytes() if coding else cast("httpx.SyncByteStream", answer.stream):
            length += len(piece)
            if length > LONGEST:
                size = f"{LONGEST // 2**20} MiB" if LONGEST >= 2**20 else f"{LONGEST} bytes"
                raise TooLongError(f"the answer ({answer.status_code}) is longer than {size}: reading was stopped")
            pieces.append(piece)
        return b"".join(pieces)
    finally:
        answer.close()
