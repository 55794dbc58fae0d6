"""Servers that find a progress where there is none, as lenient serialisers and narrow columns do."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from contract_tests.faults.fault import sessions
from contract_tests.faults.fuzzed.campaigns import ALIVE, DOWN, campaign_fault, in_rest
from contract_tests.mock.domain.sessions import Sessions

if TYPE_CHECKING:
    from collections.abc import Callable

    from contract_tests.mock import Parts
    from contract_tests.mock.domain.model import SessionRecord

DOWN_ALIVE: Final = f"{DOWN}.keepAlive"
NO_INTEGER: Final = "keep-alive.progress-not-an-integer"


def taking(number_in: Callable[[Any], Any]) -> Parts:
    """A server that takes this for the progress, before it looks at it."""

    def requested_progress(self: Sessions, session: SessionRecord, body: Any) -> int | None:
        member = session.rules.progress_member
        if isinstance(body, dict) and member in body:
            body = body | {member: number_in(body[member])}
        return Sessions.requested_progress(self, session, body)

    return sessions(requested_progress=requested_progress)


def truncated(value: Any) -> Any:
    return math.trunc(value) if isinstance(value, float) else value


def as_number(value: Any) -> Any:
    return int(value) if isinstance(value, bool) else value


def in_32_bits(value: Any) -> Any:
    return value % 2**32 if type(value) is int and -(2**63) <= value < 2**63 else value


def in_64_bits(value: Any) -> Any:
    return (value + 2**63) % 2**64 - 2**63 if type(value) is int else value


def null_is_nothing_done(self: Sessions, session: SessionRecord, body: Any) -> int | None:
    if isinstance(body, dict) and body.get(session.rules.progress_member, 0) is None:
        session.client_progress = 0
    return Sessions.requested_progress(self, session, body)


NUMBER_FAULTS: Final = [
    campaign_fault("true is the progress 1", taking(as_number), (ALIVE, NO_INTEGER), (DOWN_ALIVE, NO_INTEGER)),
    campaign_fault("a fraction is cut off", taking(truncated), (ALIVE, NO_INTEGER), (DOWN_ALIVE, NO_INTEGER)),
    campaign_fault("only 32 bits are looked at", taking(in_32_bits), (ALIVE, "keep-alive.negative-progress")),
    campaign_fault("only 64 bits are looked at", taking(in_64_bits), (ALIVE, "keep-alive.progress-beyond-int64")),
    campaign_fault(
        "null sets the progress back",
        sessions(requested_progress=null_is_nothing_done),
        (ALIVE, "keep-alive.progress-never-goes-down"),
        (ALIVE, "keep-alive.null-progress"),
    ),
    in_rest(campaign_fault("a fraction is cut off under /rest", taking(truncated), (ALIVE, NO_INTEGER))),
]
