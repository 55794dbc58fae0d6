"""Which bounds of a whole run were reached: so much less than all its tests asked for is said by its report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contract_tests.driver.transport import courtesy
from contract_tests.driver.transport import limits as bounds
from contract_tests.reporting.format import LimitsRecord

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from contract_tests.traffic.exchange import Exchange


def limits(exchanges: Iterable[Exchange], waited_out: int) -> LimitsRecord:
    """Count the answers that there was no room for; `waited_out` processes had waited for as long as they may."""
    return LimitsRecord(not_kept=sum(bool(one.not_kept) for one in exchanges), waited_out=waited_out)


def added_limits(records: Iterable[LimitsRecord]) -> LimitsRecord:
    """The counts of several reports together."""
    known = list(records)
    return LimitsRecord(not_kept=sum(one.not_kept for one in known), waited_out=sum(one.waited_out for one in known))


def limit_lines(record: LimitsRecord) -> Iterator[str]:
    """A sentence for each bound that was reached."""
    if record.not_kept:
        were = "1 answer was" if record.not_kept == 1 else f"{record.not_kept} answers were"
        room = f"{bounds.IN_ALL / 2**20:g} MiB"
        yield (
            f"{were} too long to be kept: a process keeps {room} of long answers, and of what comes then only length, "
            "SHA-256 and beginning."
        )
    if record.waited_out:
        yield (
            f"The server asked for later (429, 503) until all {courtesy.IN_ALL:g} s of waiting were used up"
            f"{f' by {record.waited_out} processes' * (record.waited_out > 1)}: what it refused so after that was not "
            "asked again."
        )
