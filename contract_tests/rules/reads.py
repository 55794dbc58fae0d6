"""The rules of one read of a session, and of one list of them."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from contract_tests.contract import Cell, Service
from contract_tests.problems import PremiseFailed
from contract_tests.rules import defects
from contract_tests.rules.checks import (
    gone,
    progress_is,
    read,
    still_active,
    succeeds,
)
from contract_tests.rules.checks.lists import lists_ids
from contract_tests.rules.checks.model import (
    SHOWN,
    known_states,
    member_fits,
    preview_fits,
    preview_only_while_active,
    shows,
    shows_string,
)
from contract_tests.rules.checks.patches import decisions_on, ignored_as_decided
from contract_tests.rules.checks.times import clock_during
from contract_tests.rules.defects import judged
from contract_tests.rules.monotonic import progress_never_goes_down, time_never_moves_back
from contract_tests.rules.requests import ParsedRequest
from contract_tests.rules.steps import Standing, Step

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from contract_tests.rules.checks.flaw import Flaws
    from contract_tests.traffic.exchange import Exchange


def of_list(step: Step) -> Iterator[tuple[str, Flaws]]:
    """A list of all sessions, or of those of one item."""
    request = ParsedRequest.of(step.exchange)
    if step.succeeded:
        yield "model.list", lists_ids(step.exchange)
    if not request.only_asks("library_item_id"):
        return
    unknown = defects.UNKNOWN_ITEM.under("model.list-filter")
    if step.standing is Standing.UNKNOWN:
        yield from judged(step, [*defects.general(step), unknown])
    elif step.standing in (Standing.FREE, Standing.BUSY):
        yield "model.list-filter", lists_ids(step.exchange)
    elif not request.query:
        yield "model.list", lists_ids(step.exchange)


def of_read(step: Step) -> Iterator[tuple[str, Flaws]]:
    """A read of one session."""
    if not ParsedRequest.of(step.exchange).only_asks():
        return
    if step.standing in (Standing.UNKNOWN, Standing.DELETED):
        yield from judged(step, [*defects.general(step), defects.UNKNOWN_ID.under("model.unknown-id")])
    elif step.standing in (Standing.ACTIVE, Standing.ENDED):
        if step.may_have_ended and gone(step.exchange) == []:
            return
        yield "model.state", succeeds(step.exchange)
        if not succeeds(step.exchange):
            yield from of_reading(step.exchange, step.item, may_have_files=step.may_have_files)
            yield from _of_beginning(step)
            yield from _of_two_reads(step)


def _of_beginning(step: Step) -> Iterator[tuple[str, Flaws]]:
    """What a session shows that was just created, and as long as nobody reports a progress."""
    reading = step.exchange
    with suppress(PremiseFailed):  # what is wrong with its time is another rule
        if step.is_first and clock_during(reading).latest < read(reading).expires.earliest:
            yield "model.state", still_active(reading)
    with suppress(PremiseFailed):  # a progress that is no integer is another rule
        if step.is_untold:
            yield "model.initial-progress", progress_is(reading, 0)


def _of_two_reads(step: Step) -> Iterator[tuple[str, Flaws]]:
    """What a session shows that was ACTIVE the last time, and still is."""
    if step.before is None or still_active(step.before) or still_active(step.exchange):
        return
    with suppress(PremiseFailed):
        yield from progress_never_goes_down(step.before, step.exchange)
    with suppress(PremiseFailed):
        yield from time_never_moves_back(step.before, step.exchange)


def of_reading(reading: Exchange, item: str, *, may_have_files: bool = False) -> Iterator[tuple[str, Flaws]]:
    """The session that a successful read shows, member by member."""
    checks: dict[str, Callable[[], Flaws]] = {slug: partial(shown, reading) for slug, shown in SHOWN.items()}
    checks["model.library-item-id"] = lambda: (
        shows_string(reading, "library_item_id", item) if item else member_fits(reading, "library_item_id")
    )
    if reading.cell is not None and reading.cell.endswith(Service.UPDATE):
        checks |= {
            "model.preview-only-while-active": lambda: preview_only_while_active(reading),
            "model.warning-behavior": lambda: (
                member_fits(reading, "warning_behavior") if shows(reading, "warning_behavior") else []
            ),
        }
        with suppress(PremiseFailed):
            if shows(reading, "preview_info"):  # a server need not show it
                yield "model.preview-info", preview_fits(reading, has_files=may_have_files)
            if decisions_on(reading) is not None:
                yield "model.preview-ignored", ignored_as_decided(reading)
    for slug, check in checks.items():
        try:
            if slug in _BY_STATE and not _BY_STATE[slug](_known_state(reading)):
                continue
            yield slug, check()
        except PremiseFailed:  # no session at all: the caller has said so, or `model.state` will
            if slug == "model.state":
                yield slug, still_active(reading)


_BY_STATE: Final[Mapping[str, Callable[[str], bool]]] = MappingProxyType(
    {
        "model.error-message": lambda state: state == "ERROR",
        "model.error-message-only-in-error": lambda state: state not in {"", "ERROR"},
        "model.preview-only-while-active": bool,
    }
)
"""Rules about what a session shows in one state or another: in which ones they say anything."""


def _known_state(reading: Exchange) -> str:
    """The state that is shown; one that nobody knows is `model.state`'s business, and here it is none."""
    state = read(reading).model.get("state")
    return state if state in known_states(Cell.parse(reading.cell or "").service) else ""
