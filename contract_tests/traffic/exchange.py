"""The one form in which traffic is kept: a request with its response and times."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from contract_tests.traffic.messages import Request, Response, body_as_data, body_from_data, pairs

if TYPE_CHECKING:
    from collections.abc import Iterable

_SHOWN = 2000  # bytes of a request that a page shows

_UNSENDABLE: Final = frozenset({"UnicodeEncodeError", "LocalProtocolError", "InvalidURL", "UnsupportedProtocol"})
"""Failures of a client, before a byte of the request has gone out."""

ALLOW: Final = "name the origin in the profile (allowed_origins)"
"""How the sentence ends which says why another origin was not asked."""
_ELSEWHERE: Final = "(what was said is not kept, as it is another origin)"
REUSED: Final = "ReusedConnectionClosed"
"""How the failure begins of a request whose connection had been kept open, and broke before anything came."""
CLOSED: Final = "the connection was closed unanswered"
"""The failure of a request that was sent as bytes."""
_BREAKS: Final = frozenset({"ReadError", "WriteError", "ConnectionResetError", "BrokenPipeError"})
_CUT_SHORT: Final = ("Server disconnected", "peer closed connection")
"""How h11 and httpcore say so; what else they call an error of the protocol is an answer that is none."""
DIGEST: Final = "x-cl-contract-sha256"
LENGTH: Final = "x-cl-contract-length"
"""Headers that stand for the answer of another origin than the target, which is kept in no other way."""


class Unheard(StrEnum):
    """Why what came of a request is not the server's word on it, so that it was sent again."""

    TOKEN_ENDED = "token ended"  # noqa: S105 - no token
    """401 to a token of the run that any other request was refused with, too."""
    CONNECTION_CLOSED = "connection closed"
    """A connection that had been kept open broke before a byte of the answer: nobody knows who closed it when."""
    CONNECTION_BROKEN = "connection broken"
    """A connection broke before the whole answer was there, or nothing more came: a network does so now and then."""
    NOT_REACHED = "not reached"
    """Nobody accepted the connection, as while a server is restarted: it has not seen the request."""
    GATEWAY = "gateway"
    """502, 503 or 504 without an error of this API: a gateway answered for a server that it could not reach."""
    LATER = "asked for later"
    """429, or 503 with Retry-After."""


@dataclass(frozen=True)
class Exchange:
    """One request with its response (or the reason why there is none) and times.

    `cell` and `operation` name what was asked for, in the contract's words, where it is one of its operations.
    `started` is UTC, by a clock that somebody may set; `seconds` is how long the answer took. What came before what is
    told by `sequence`, the number of the request among those of its process in the order in which they began, and by
    `began`, the seconds on a clock of that process which nobody sets. Old recordings have neither. `id` is given
    when it is kept: the same in every run of the same test.
    `unheard` says why it decides nothing, its request having been sent again; `in_doubt`, of a later try of one that is
    not safe to repeat, that the server may have done it already when it was sent first.
    """

    request: Request
    response: Response | None
    started: datetime
    seconds: float
    failure: str | None = None
    cell: str | None = None
    operation: str | None = None
    id: str | None = None
    sequence: int | None = None
    began: float | None = None
    unheard: Unheard | None = None
    in_doubt: bool = False

    @property
    def span(self) -> tuple[float, float]:
        """From when to when it took, in seconds on one clock for all exchanges of a process."""
        began = self.started.timestamp() if self.began is None else self.began
        return began, began + self.seconds

    @property
    def status(self) -> int | None:
        return None if self.response is None else self.response.status

    @property
    def timed_out(self) -> bool:
        """Whether the time was up before there was an answer."""
        return bool(self.failure and self.failure.partition(":")[0].endswith(("Timeout", "TimeoutError")))

    @property
    def never_sent(self) -> str:
        """Why the request was never sent; empty if it was."""
        kind, _, reason = (self.failure or "").partition(": ")
        if kind in _UNSENDABLE:
            return f"HTTP can't carry this request ({self.failure}), so it was not sent"
        return reason if kind == "NotAsked" else ""

    @property
    def not_kept(self) -> str:
        """Why there was no room for the answer; empty if there was."""
        kind, _, reason = (self.failure or "").partition(": ")
        return reason if kind == "NotKept" else ""

    @property
    def closed_unheard(self) -> bool:
        """Whether a connection that had been kept open broke before a byte of the answer."""
        return bool(self.failure and self.failure.startswith(REUSED))

    @property
    def broke(self) -> bool:
        """Whether the connection broke before the whole answer was there."""
        kind, _, reason = (self.failure or "").partition(": ")
        cut_short = kind == "RemoteProtocolError" and reason.startswith(_CUT_SHORT)
        return cut_short or kind in _BREAKS or self.failure == CLOSED

    @property
    def never_connected(self) -> bool:
        """Whether nobody accepted the connection: this says nothing of what a server does with a request."""
        return bool(
            self.failure and self.failure.startswith(("ConnectError", "ConnectTimeout", "ConnectionRefusedError"))
        )

    @property
    def never_trusted(self) -> bool:
        """Whether there is no connection as its certificate is not trusted: waiting mends nothing."""
        return self.never_connected and "CERTIFICATE" in (self.failure or "")

    @property
    def is_elsewhere(self) -> bool:
        """Whether it is with another origin than the target, or would have been."""
        return self.is_digest or (self.failure or "").endswith((_ELSEWHERE, ALLOW))

    @property
    def is_digest(self) -> bool:
        """Whether another origin was asked, so that of its answer only status, length and digest are kept.

        The target can't make believe so: it is sent a token, and gets no say in what we sent.
        """
        return (
            self.request.header("vmware-api-session-id") is None
            and self.response is not None
            and self.response.header(DIGEST) is not None
        )

    def as_digest(self) -> Exchange:
        """The exchange without what the answer says but its status."""
        answer, failure = self.response, self.failure
        if answer is not None:
            headers = ((LENGTH, str(len(answer.body))), (DIGEST, hashlib.sha256(answer.body).hexdigest()))
            answer = Response(answer.status, headers)
        if failure and not self.never_sent:
            failure = f"{failure.partition(':')[0]}: {_ELSEWHERE}"
        return replace(self, response=answer, failure=failure)

    @property
    def shortened(self) -> Exchange:
        """The exchange as a page shows it: a request of megabytes says no more than its beginning."""
        request = self.request
        if len(request.url) + len(request.body) + sum(len(value) for _, value in request.headers) <= _SHOWN:
            return self
        headers = tuple((name, value[:100]) for name, value in request.headers[:40])
        cut = replace(request, url=request.url[:_SHOWN], headers=headers, body=request.body[:_SHOWN])
        return replace(self, request=cut)

    def as_data(self) -> dict[str, Any]:
        """The exchange as JSON data; `from_data` reads it back."""
        return {
            "id": self.id,
            "cell": self.cell,
            "operation": None if self.operation is None else str(self.operation),
            "started": self.started.isoformat(),
            "seconds": round(self.seconds, 6),
            "sequence": self.sequence,
            "began": self.began,
            "failure": self.failure,
            "unheard": self.unheard,
            "in_doubt": self.in_doubt,
            "request": {
                "method": self.request.method,
                "url": self.request.url,
                "headers": list(self.request.headers),
                "body": body_as_data(self.request.body),
            },
            "response": None
            if self.response is None
            else {
                "status": self.response.status,
                "headers": list(self.response.headers),
                "body": body_as_data(self.response.body),
            },
        }

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> Exchange:
        request, response = data["request"], data["response"]
        return cls(
            request=Request(
                request["method"],
                request["url"],
                pairs(request["headers"]),
                body_from_data(request["body"]),
            ),
            response=None
            if response is None
            else Response(response["status"], pairs(response["headers"]), body_from_data(response["body"])),
            started=datetime.fromisoformat(data["started"]),
            seconds=data["seconds"],
            failure=data["failure"],
            cell=data["cell"],
            operation=data["operation"],
            id=data["id"],
            sequence=data["sequence"],
            began=data["began"],
            unheard=Unheard(data["unheard"]) if data["unheard"] else None,
            in_doubt=data["in_doubt"],
        )


def in_order(exchanges: Iterable[Exchange]) -> list[Exchange]:
    """Exchanges of one process in the order in which they began: by number, or by time if they have none."""
    known = list(exchanges)
    numbers = {id(one): one.sequence for one in known if one.sequence is not None}
    if len(numbers) == len(known):
        return sorted(known, key=lambda one: numbers[id(one)])
    return sorted(known, key=lambda one: one.started)
