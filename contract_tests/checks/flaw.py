"""What a check says is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from contract_tests.exchange import Exchange


@dataclass(frozen=True)
class Flaw:
    """What was expected, what was observed, and the exchange that shows it."""

    expected: str
    observed: str
    exchange: Exchange


class PremiseFailed(Exception):
    """What a check takes for granted did not hold, so it can decide nothing: the cell is blocked."""

    def __init__(self, expected: str, observed: str, exchange: Exchange | None = None) -> None:
        super().__init__(f"expected {expected}; observed {observed}")
        self.expected = expected
        self.observed = observed
        self.exchange = exchange


Flaws = Sequence[Flaw]
"""What every check returns: empty if there is nothing wrong."""


def shown(exchange: Exchange, limit: int = 200) -> str:
    """Say in a few words what was answered."""
    if exchange.response is None:
        return f"no answer ({exchange.failure})"
    body = exchange.response.body
    if not body:
        return f"{exchange.status} with an empty body"
    text = body[:limit].decode(errors="replace")
    return f"{exchange.status} with {text}{'…' if len(body) > limit else ''}"
