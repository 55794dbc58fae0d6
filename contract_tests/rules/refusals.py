"""Refusals: the ways in which the documents let a request be refused, as statuses with the error types they may name.

This is the one place where such lists stand. A type counts only where the answer names one: it may be missing or null.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from contract_tests.rules.checks.errors import named_types
from contract_tests.rules.checks.flaw import Flaw, shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from contract_tests.rules.checks.flaw import Flaws
    from contract_tests.traffic.exchange import Exchange

Types = frozenset[str] | None
"""Error types that an answer may name; None: any."""


@dataclass(frozen=True)
class Refusals:
    """A set of right ways to refuse: status -> the types that go with it there."""

    ways: Mapping[int, Types]

    def __or__(self, other: Refusals) -> Refusals:
        """What either allows: of two mistakes in one request a server may tell whichever it finds first."""
        ways = dict(self.ways)
        for status, types in other.ways.items():
            mine = ways.get(status, frozenset())
            ways[status] = None if types is None or mine is None else types | mine
        return Refusals(ways)

    def __contains__(self, status: object) -> bool:
        return status in self.ways

    def __str__(self) -> str:
        if self.ways.keys() >= _CLIENT_ERRORS.keys():
            return "any 4xx" if self.ways.keys() == _CLIENT_ERRORS.keys() else "any 4xx or 500"
        told = [f"{status} {' or '.join(sorted(types))}" if types else str(status) for status, types in self._sorted()]
        return " or ".join(told)

    def _sorted(self) -> list[tuple[int, Types]]:
        return sorted(self.ways.items())

    def allow(self, status: int | None, types: Iterable[str]) -> bool:
        """Whether an answer of this status, naming these types, is one of the ways."""
        if status is None or status not in self.ways:
            return False
        allowed = self.ways[status]
        return allowed is None or {*types} <= allowed


def flaws_of(answer: Exchange, allowed: Refusals, *, or_success: bool = False) -> Flaws:
    """What is wrong with an answer that should be one of the refusals; nothing if it is."""
    expected = f"success or {allowed}" if or_success else str(allowed)
    if answer.status is None or answer.status not in allowed:
        return [Flaw(expected, shown(answer), answer)]
    types = allowed.ways[answer.status]
    return [
        Flaw(expected, f"status {answer.status} with {member} {named!r}", answer)
        for member, named in named_types(answer).items()
        if types is not None and named not in types
    ]


def union(many: Iterable[Refusals]) -> Refusals:
    """What any of them allows."""
    together = NONE
    for one in many:
        together |= one
    return together


def way(status: int, *types: str) -> Refusals:
    """One status, with one of these types, or with any if none are given."""
    return Refusals({status: frozenset(types) or None})


_CLIENT_ERRORS: Final[Mapping[int, Types]] = dict.fromkeys(range(400, 500))

NONE: Final = Refusals({})
ANY: Final = Refusals(_CLIENT_ERRORS)
"""Where a request is wrong, and no document says how it is refused."""

NOT_ACTIVE: Final = way(400, "NOT_ALLOWED_IN_CURRENT_STATE")
UNKNOWN: Final = way(404, "NOT_FOUND")
EXPIRED: Final = NOT_ACTIVE | UNKNOWN
"""The documents do not say when an expired session is deleted (openapi/README.md, d-4)."""

INVALID: Final = way(400, "INVALID_ARGUMENT")
BUSY: Final = way(400, "RESOURCE_BUSY") | way(500, "RESOURCE_BUSY")
"""500 in the published OpenAPI of create, 400 in the official runtime (openapi/README.md, d-14)."""

SUBSCRIBED: Final = way(400, "INVALID_ELEMENT_TYPE")
UNAUTHENTICATED: Final = way(401, "UNAUTHENTICATED")
UNAUTHORIZED: Final = way(403, "UNAUTHORIZED")

BAD: Final = way(400)
NO_ACTION: Final = way(400) | way(404)
"""Whether an action that nobody knows is a wrong parameter or a wrong address is a matter of taste."""

BAD_PROGRESS: Final = way(400) | way(422)
"""How a progress may be refused that should not be sent: no document names an error for it (openapi/README.md, d-8)."""

BAD_BODY: Final = BAD_PROGRESS | way(415)
"""The same where the media type may be why: the body is not what it is announced as."""

BAD_STEP: Final = BAD_PROGRESS | way(409)
"""The same where the current progress may be why."""

NO_SUCH_SERVICE: Final = way(404) | way(405) | way(501)
"""To whatever is asked of a service that the server has not."""
LEGACY: Final = way(400) | way(404) | way(415)
"""How a later server may refuse what only the pages of 6.0 have (openapi/README.md, d-5)."""
