"""The rules of two reads of one session: what only grows as long as it is ACTIVE, whatever calls lie between."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from contract_tests.problems import PremiseFailed
from contract_tests.rules.checks import expires_no_earlier, progress_is, read

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contract_tests.rules.checks.flaw import Flaws
    from contract_tests.traffic.exchange import Exchange


def time_never_moves_back(before: Exchange, after: Exchange) -> Iterator[tuple[str, Flaws]]:
    """What was shown of the expiration is not taken back.

    Raises:
        PremiseFailed: what was read first shows no time.
    """
    yield "expiry.never-moves-back", expires_no_earlier(before, after)


def progress_never_goes_down(before: Exchange, after: Exchange) -> Iterator[tuple[str, Flaws]]:
    """The progress is not lower; nothing is said where the first read shows none, or the second none that is one.

    Raises:
        PremiseFailed: what was read first is no session.
    """
    current = read(before).shown_progress
    if current is None:
        return
    with suppress(PremiseFailed):  # a session that is lost is a flaw
        if read(after).hides_progress:
            return
    yield "keep-alive.progress-never-goes-down", progress_is(after, *range(current, 101))
