"""Memoization by exchange: what many rules read from the same exchange is worked out once, as it never changes.

It stands with the exchange itself, and goes with it. Dozens of rules ask of each read of a session what it shows.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from contract_tests.traffic.exchange import Exchange

T = TypeVar("T")


def by_exchange(function: Callable[[Exchange], T]) -> Callable[[Exchange], T]:
    """Have a pure function of an exchange called once for each; nobody may change what it gives.

    What it raises is not remembered.
    """
    name = f"{function.__module__}.{function.__qualname__}"

    @functools.wraps(function)
    def remembering(exchange: Exchange) -> T:
        known: dict[str, T] = vars(exchange)
        if name not in known:
            known[name] = function(exchange)
        return known[name]

    return remembering
