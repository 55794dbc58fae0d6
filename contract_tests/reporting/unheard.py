"""How often what came of a request was not the server's word on it, and why: counted over all exchanges of a run."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from contract_tests.rules.checks.responses import asks_for_later, is_of_a_gateway
from contract_tests.traffic.exchange import Unheard

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from contract_tests.traffic.exchange import Exchange


def unheard(exchanges: Iterable[Exchange]) -> dict[str, int]:
    """Count by the reason, in the words of `Unheard`; empty if everything was the server's word."""
    counted: Counter[str] = Counter()
    for one in exchanges:
        if one.unheard is not None:
            counted[one.unheard] += 1
        elif is_of_a_gateway(one):
            counted[Unheard.GATEWAY] += 1
        elif asks_for_later(one):
            counted[Unheard.LATER] += 1
    return dict(sorted(counted.items()))


def unheard_lines(counted: Mapping[str, int], requests: int) -> Iterator[str]:
    """A sentence about it, if there is anything to tell; `requests` are all that were sent."""
    if missing := sum(counted.values()):
        why = ", ".join(f"{reason} {count}" for reason, count in counted.items())
        share = f"1 in {round(requests / missing)}" if requests else "of nobody knows how many"
        yield f"the server's word was missing {missing} time{'s' * (missing != 1)}, {share} requests: {why}"
