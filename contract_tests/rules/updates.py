"""The rules of one update (PATCH), whatever it carried: what is wrong with the request, and what may come of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from contract_tests.contract import Dialect
from contract_tests.contract.documents import load
from contract_tests.contract.schemas import schemas
from contract_tests.rules import defects
from contract_tests.rules.checks import returns_nothing, succeeds, unchanged
from contract_tests.rules.checks.model import shows
from contract_tests.rules.checks.patches import (
    behavior_has_no_more,
    behavior_holds,
    does_not_expire_at,
    keeps,
    keeps_preview,
    not_set_to,
)
from contract_tests.rules.defects import Defect, judged
from contract_tests.rules.monotonic import time_never_moves_back
from contract_tests.rules.requests import UNREADABLE, ParsedRequest

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from contract_tests.rules.checks.flaw import Flaw, Flaws
    from contract_tests.rules.steps import Step
    from contract_tests.traffic.exchange import Exchange

_BEHAVIOR: Final = "warning_behavior"
_OWN: Final = {"state": "update.state-unchanged", "library_item_id": "update.item-unchanged"}
"""The members that an update does not use and that have a clause of their own."""
_OTHERS: Final = ("id", "library_item_content_version", "error_message", "client_progress")
"""The other ones that stay as they are."""
_OTHER: Final = "update.other-members-unchanged"
_SPEC: Final = "UpdateSessionUpdateSpec"


def of_update(step: Step) -> Iterator[tuple[str, Flaws]]:
    """An update: what was asked for, and that nothing else came of it."""
    request = ParsedRequest.of(step.exchange)
    found = tuple(defects_of(step, request))
    yield from judged(step, found)
    if step.succeeded:
        yield "update.success", returns_nothing(step.exchange)
    if step.is_refused_after_its_end:
        assert step.before is not None
        assert step.after is not None
        yield "update.only-active", unchanged(step.before, step.after, "expiration_time")
    if not step.is_on_an_active_session:
        return
    assert step.before is not None
    assert step.after is not None
    for member, slug in _OWN.items():
        yield slug, keeps(step.before, step.after, member)
    yield _OTHER, [*keeps(step.before, step.after, *_OTHERS), *_set_by(step.before, step.after, request)]
    yield from time_never_moves_back(step.before, step.after)
    if not step.succeeded:
        # A refusal that has an effect is none.
        yield _refused(found), unchanged(step.before, step.after, "expiration_time")
    else:
        # What a preview says of ignored warnings follows the list.
        same = unchanged(step.before, step.after, "expiration_time", _BEHAVIOR, "preview_info")
        yield "update.changes-nothing-else", [*same, *keeps_preview(step.before, step.after)]
    yield from _effect(step, request, found)


def _refused(found: Sequence[Defect]) -> str:
    """The clause that says what comes of a refusal: that of the request's only defect, or of what can't be right."""
    only = found[0].clause if len(found) == 1 else None
    return only or "update.invalid-specification"


def _set_by(before: Exchange, after: Exchange, request: ParsedRequest) -> Iterator[Flaw]:
    """Members that the server moves by itself, and that are what the specification asked for."""
    spec = specification_in(request) if request.media == "json" else None
    if not isinstance(spec, dict):
        return
    preview, time = spec.get("preview_info"), spec.get("expiration_time")
    if preview is not None and not_set_to(before, "preview_info", preview) == []:
        yield from not_set_to(after, "preview_info", preview)
    if isinstance(time, str) and _is_far_from(before, time):
        yield from does_not_expire_at(after, time)


def _is_far_from(reading: Exchange, time: str) -> bool:
    """Whether it is a moment, and another one than the session expires at, as a read shows it."""
    try:
        return does_not_expire_at(reading, time) == []
    except (ValueError, OverflowError, TypeError):
        return False


def defects_of(step: Step, request: ParsedRequest) -> Iterator[Defect]:
    """The defects of an update."""
    yield from defects.general(step)
    if not request.only_asks():
        yield defects.MORE_PARAMETERS
    yield from defects.of_session(step, ended="update.only-active", unknown="update.unknown-id")
    if request.media == "":
        yield defects.NO_SPECIFICATION
    elif request.media != "json":
        yield defects.UNDOCUMENTED_MEDIA
    elif request.value is UNREADABLE or (spec := specification_in(request)) is UNREADABLE:
        yield defects.UNREADABLE_SPECIFICATION
    elif spec is None:
        yield defects.NULL_SPECIFICATION
    elif not isinstance(spec, dict):
        yield defects.NO_OBJECT_AS_SPECIFICATION
    else:
        yield from _of_specification(spec)


def _of_specification(spec: dict[str, Any]) -> Iterator[Defect]:
    if is_no_list(spec.get(_BEHAVIOR)):
        yield defects.NO_LIST
    elif is_invalid(spec):
        yield defects.INVALID_SPECIFICATION
    # What is in a member that update does not use may be ignored or refused, whatever it is.
    for slug in sorted({_OWN.get(member, _OTHER) for member in spec.keys() - {_BEHAVIOR}}):
        yield defects.UNUSED_MEMBER.under(slug)
    entries = spec.get(_BEHAVIOR)
    if _BEHAVIOR in spec and entries is None:
        yield defects.NULL_LIST
    if not has_whole_entries(entries):
        return
    if not has_known_types(entries or []):
        yield defects.UNKNOWN_WARNING
    if not is_unambiguous(entries or []):
        yield defects.AMBIGUOUS_LIST


def _effect(step: Step, request: ParsedRequest, found: tuple[Defect, ...]) -> Iterator[tuple[str, Flaws]]:
    """What an update does to a session that is ACTIVE, and that one without a defect succeeds."""
    before, after = step.before, step.after
    assert before is not None
    assert after is not None
    if request.media == "" or request.value is None:
        same = unchanged(before, after, "expiration_time")
        yield "update.no-body" if request.media == "" else "update.not-an-object", same
        return
    spec = specification_in(request) if request.media == "json" else UNREADABLE
    if not isinstance(spec, dict):
        if spec is not UNREADABLE:
            yield "update.not-an-object", unchanged(before, after, "expiration_time")
        return
    due = [] if found else succeeds(step.exchange)
    if not found:
        yield "update.success", due
    if not spec:
        yield "update.empty-object", [*due, *unchanged(before, after, "expiration_time")]
    if step.succeeded and not is_invalid(spec):
        yield from _behavior(before, after, spec.get(_BEHAVIOR))


def _behavior(before: Exchange, after: Exchange, entries: Any) -> Iterator[tuple[str, Flaws]]:
    # A server need not show the list; what a read of it does not show, it does not decide.
    shown = after.status != 200 or shows(after, _BEHAVIOR)
    if not entries:
        shown = shown or shows(before, _BEHAVIOR)  # what was shown and is no more, is as good as an empty list
    if not shown:
        return
    if entries is None:
        yield "update.missing-is-unchanged", keeps(before, after, _BEHAVIOR)
    elif is_unambiguous(entries) and has_known_types(entries):
        yield "update.warning-behavior-takes-effect", behavior_holds(after, entries)
        yield "update.list-replaced", behavior_has_no_more(after, entries)


def specification_in(request: ParsedRequest) -> Any:
    """The specification out of the body; UNREADABLE if a wrapped body has none."""
    member = request.conventions.update_spec
    if member is None:
        return request.value
    if not isinstance(request.value, dict) or request.value.keys() != {member}:
        return UNREADABLE
    return request.value[member]


def is_invalid(spec: dict[str, Any]) -> bool:
    """Whether `warning_behavior` has a wrong JSON type, or an entry of it is not whole.

    What is wrong with a member that update does not use may be ignored: the documents say that it is not used.
    """
    return any(
        problem.startswith(f"/{_BEHAVIOR}") and problem.partition(": ")[0].count("/") <= 3
        for problem in schemas().problems(_SPEC, spec)
    )


def is_no_list(entries: Any) -> bool:
    """Whether it is neither a list of objects nor left out, whatever might be in them; null may be left out, too."""
    if not isinstance(entries, list):
        return entries is not None
    return any(not isinstance(entry, dict | None) for entry in entries)


def has_whole_entries(entries: Any) -> bool:
    """Whether it is a list of warnings, or none at all."""
    return entries is None or not schemas().problems(_SPEC, {_BEHAVIOR: entries})


def is_unambiguous(entries: list[dict[str, Any]]) -> bool:
    """Whether each type stands there once, and entries have no members of their own."""
    types = [entry["type"] for entry in entries]
    return len(types) == len(set(types)) and all(entry.keys() <= {"type", "ignored"} for entry in entries)


def has_known_types(entries: list[dict[str, Any]]) -> bool:
    """Whether the documents name the type of every entry."""
    return {entry["type"] for entry in entries} <= known_warning_types()


def known_warning_types() -> frozenset[str]:
    """The warnings that the documents name; the list is open."""
    return frozenset(load(Dialect.API)["components"]["schemas"]["WarningType"]["x-known-values"])
