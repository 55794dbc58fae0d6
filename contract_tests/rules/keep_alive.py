"""The rules of one keep-alive, whatever it carried: what is wrong with the request, and what may come of it."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from contract_tests.contract.dialects import PROGRESS_MEMBER, Op
from contract_tests.problems import PremiseFailed
from contract_tests.rules import defects
from contract_tests.rules.checks import (
    progress_is,
    read,
    returns_nothing,
    still_active,
    succeeds,
    unchanged,
)
from contract_tests.rules.defects import Defect, judged
from contract_tests.rules.keep_alive_defects import BY_BODY, defects_of, progress_as_printed
from contract_tests.rules.monotonic import progress_never_goes_down, time_never_moves_back
from contract_tests.rules.requests import UNREADABLE, Action, Kind, ParsedRequest, kind_of, spelled

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from contract_tests.rules.checks.flaw import Flaws
    from contract_tests.rules.steps import Step


_STORES: Final = "keep-alive.stores-progress"
_NO_END: Final = "keep-alive.hundred-does-not-end-session"


def of_keep_alive(step: Step) -> Iterator[tuple[str, Flaws]]:
    """Keep-alive with the id in the path, or (6.0) in the body."""
    request = ParsedRequest.of(step.exchange)
    found = tuple(defects_of(step, request))
    yield from judged(step, found)
    if step.succeeded and request.action("keep-alive") is Action.RIGHT:
        yield "keep-alive.returns-nothing", returns_nothing(step.exchange)
    if step.is_refused_after_its_end:
        assert step.before is not None
        assert step.after is not None
        yield "keep-alive.refused-changes-nothing", unchanged(step.before, step.after, "expiration_time")
    if not step.is_on_an_active_session:
        return
    yield from _harm(step, request)
    if request.action("keep-alive") is Action.RIGHT:
        yield from _effect(step, request, found)
        yield from _as_in_6_0(step, request, found)


def _harm(step: Step, request: ParsedRequest) -> Iterator[tuple[str, Flaws]]:
    """What holds whatever was sent to a session that is ACTIVE: nothing lost, nothing moved that may not move."""
    assert step.before is not None
    assert step.after is not None
    if step.before.status == 200:
        yield from progress_never_goes_down(step.before, step.after)
    yield from time_never_moves_back(step.before, step.after)
    if step.succeeded:
        if _reaches_100(step, request):
            lost = still_active(step.after)
            yield BY_BODY if step.op is Op.KEEP_ALIVE_BY_BODY else _NO_END, lost
            if lost:
                return
        free = ("expiration_time", "client_progress")
        yield "keep-alive.changes-nothing-else", unchanged(step.before, step.after, *free)
    elif step.exchange.status is not None and step.exchange.status < 500:
        yield _refused_by(step, request), unchanged(step.before, step.after, "expiration_time")


def _refused_by(step: Step, request: ParsedRequest) -> str:
    """The clause that says of a refusal that it has no effect: what names no action is no keep-alive."""
    if step.op is Op.KEEP_ALIVE_BY_BODY:
        return BY_BODY
    about = {Action.UNKNOWN: defects.UNKNOWN_ACTION, Action.MISSING: defects.MISSING_ACTION}
    told = about.get(request.action("keep-alive"))
    return (told and told.clause) or "keep-alive.refused-changes-nothing"


def _reaches_100(step: Step, request: ParsedRequest) -> bool:
    """Whether the progress is 100 by now: by the read after, or by what was reported where that shows none."""
    assert step.after is not None
    with suppress(PremiseFailed):
        if (shown := read(step.after).shown_progress) is not None:
            return shown == 100
    if request.action("keep-alive") is not Action.RIGHT:
        return False
    stored = _stored(step, request)
    return stored is not None and stored.clause == _STORES and set(stored.values) == {100}


@dataclass(frozen=True)
class _Stored:
    """What a body makes of the progress: the clause about it, and the values that a read may show afterwards."""

    clause: str
    values: Collection[int]


def _effect(step: Step, request: ParsedRequest, found: tuple[Defect, ...]) -> Iterator[tuple[str, Flaws]]:
    """What a keep-alive does to a session that is ACTIVE, and that one without a defect succeeds."""
    assert step.after is not None
    by_body = step.op is Op.KEEP_ALIVE_BY_BODY
    due = [] if found else list(succeeds(step.exchange))
    current, body = step.progress_before, request.value
    if current == 100 and not found:
        yield _NO_END, due
    if request.media == "" and not by_body:
        yield "keep-alive.no-body", due
    elif body == {} and not by_body:
        yield "keep-alive.empty-object", due
    stored = _stored(step, request)
    if stored is None:
        return
    clause = BY_BODY if by_body else stored.clause
    if current is None or step.hides_progress:
        if not found and clause in _SUCCESSFUL:
            yield clause, due
        return
    if not step.succeeded and found and clause in _SUCCESSFUL:
        return  # refused for something else
    shows = progress_is(step.after, *(stored.values if step.succeeded else (current,)))
    yield clause, [*due, *shows] if clause in _SUCCESSFUL else shows
    if defects.OTHER_SERVICES_MEMBER in found and PROGRESS_MEMBER[step.cell.service] not in body:
        yield "keep-alive.other-service-member", shows
    if clause == _STORES and set(stored.values) == {100}:
        yield "keep-alive.accepts-100", [*due, *shows]


def _as_in_6_0(step: Step, request: ParsedRequest, found: tuple[Defect, ...]) -> Iterator[tuple[str, Flaws]]:
    """What only the pages of 6.0 have is honoured as a whole, or refused without effect."""
    if step.op is Op.KEEP_ALIVE_BY_BODY:
        if step.succeeded:
            yield BY_BODY, succeeds(step.exchange)
    elif defects.LEGACY_FORM in found and progress_as_printed(step, request) is not UNREADABLE:
        assert step.before is not None
        assert step.after is not None
        stored = _stored(step, request)
        clause = defects.LEGACY_FORM.clause or ""
        if not step.succeeded:
            yield clause, unchanged(step.before, step.after, "expiration_time")
        elif stored is not None and step.progress_before is not None and not step.hides_progress:
            yield clause, [*succeeds(step.exchange), *progress_is(step.after, *stored.values)]


_SUCCESSFUL: Final = frozenset({_STORES, "keep-alive.null-progress"})
"""Clauses that demand a success, beside what is stored."""


def _stored(step: Step, request: ParsedRequest) -> _Stored | None:
    """What the body makes of the progress; None if nothing can be said."""
    current, member = step.progress_before, PROGRESS_MEMBER[step.cell.service]
    same = () if current is None else (current,)
    if request.media in request.conventions.older_media:
        return _stored_as_in_6_0(step, request, same) if step.succeeded else None
    if request.media == "":
        return _Stored("keep-alive.unspecified-progress-unchanged", same)
    if request.media != "json":
        return None
    if request.value is not None and not isinstance(request.value, dict):
        return None  # it has to be refused, and a refusal changes nothing
    if request.value is None or member not in request.value:
        return _Stored("keep-alive.unspecified-progress-unchanged", same)
    return _stored_of(request.value[member], current, same)


def _stored_as_in_6_0(step: Step, request: ParsedRequest, same: tuple[int, ...]) -> _Stored | None:
    current, number = step.progress_before, request.legacy_number(PROGRESS_MEMBER[step.cell.service])
    if number is not None and current is not None and current < number <= 100:
        return _Stored(_STORES, (number,))
    named_none = number is None and progress_as_printed(step, request) is None
    return _Stored("keep-alive.unspecified-progress-unchanged", same) if named_none else None


_EQUAL: Final = "keep-alive.equal-progress"


def _stored_of(value: Any, current: int | None, same: tuple[int, ...]) -> _Stored | None:
    kind = kind_of(value)
    if kind is Kind.EITHER:
        return _stored_of_another_spelling(spelled(value), current)
    if kind is not Kind.INTEGER:
        return _Stored(_CLAUSE_OF_KIND[kind], same)
    if value > 100:
        return _Stored("keep-alive.above-100", (current or 0, 100))
    if value < 0:
        return _Stored("keep-alive.negative-progress", same)
    if current is None or value > current:
        return _Stored(_STORES, (value,))
    # That a lower value does not show is the clause of progress that never goes down.
    is_lower = value < current
    return _Stored("keep-alive.lower-progress", (current, value)) if is_lower else _Stored(_EQUAL, same)


def _stored_of_another_spelling(number: int | None, current: int | None) -> _Stored | None:
    """What is accepted is taken for the integer that it spells, or not stored."""
    if number is None or current is None or not current < number <= 100:
        return None
    return _Stored("keep-alive.progress-never-goes-down", (current, number))


_CLAUSE_OF_KIND: Final = {
    Kind.NULL: "keep-alive.null-progress",
    Kind.WRONG: "keep-alive.progress-not-an-integer",
    Kind.BEYOND: "keep-alive.progress-beyond-int64",
}
