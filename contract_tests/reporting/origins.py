"""Which other origins than the target were asked for content, or were not since only we reach them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from contract_tests.reporting.format import OriginRecord

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from contract_tests.traffic.exchange import Exchange


def origins(exchanges: Iterable[Exchange]) -> list[OriginRecord]:
    """Count what was sent to other origins, by origin."""
    asked: Counter[str] = Counter()
    refused: Counter[str] = Counter()
    for exchange in exchanges:
        if exchange.is_elsewhere:
            origin = "/".join(exchange.request.url.split("/", 3)[:3])
            (refused if exchange.never_sent else asked)[origin] += 1
    return [OriginRecord(origin=one, asked=asked[one], refused=refused[one]) for one in sorted({*asked, *refused})]


def added(reports: Sequence[Sequence[OriginRecord]]) -> list[OriginRecord]:
    """The counts of several reports together."""
    asked: Counter[str] = Counter()
    refused: Counter[str] = Counter()
    for one in (one for report in reports for one in report):
        asked[one.origin] += one.asked
        refused[one.origin] += one.refused
    return [OriginRecord(origin=one, asked=asked[one], refused=refused[one]) for one in sorted({*asked, *refused})]


def origin_lines(records: Iterable[OriginRecord]) -> Iterator[str]:
    """A line for each origin, as the terminal shows it."""
    for one in records:
        counts = {"sent": one.asked, "refused": one.refused}
        told = ", ".join(f"{count} request{'s' * (count != 1)} {word}" for word, count in counts.items() if count)
        yield f"{one.origin}: {told}"
