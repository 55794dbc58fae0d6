"""Checks of what an update may do to a session: set `warning_behavior`, and leave all else alone."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from contract_tests.problems import PremiseFailed
from contract_tests.rules.checks.changes import changed
from contract_tests.rules.checks.flaw import Flaw, Flaws, check
from contract_tests.rules.checks.members import BEHAVIOR, PREVIEW, differs, in_order, loses_a_finding
from contract_tests.rules.checks.readings import read

if TYPE_CHECKING:
    from contract_tests.traffic.exchange import Exchange


def shown_behavior(reading: Exchange) -> list[Any] | None:
    """The `warning_behavior` that a read shows; None if it shows none, as it may.

    Raises:
        PremiseFailed: the answer is not a session, or shows something else than a list.
    """
    shown = read(reading).model.get(BEHAVIOR)
    if shown is not None and not isinstance(shown, list):
        raise PremiseFailed("warning_behavior as a list", repr(shown), reading)
    return shown


@check("warning_behavior")
def behavior_is(after: Exchange, given: list[Any]) -> Flaws:
    """A read that shows the member shows the list given, in whatever order; one that does not decides nothing."""
    try:
        shown = shown_behavior(after)
    except PremiseFailed as lost:
        return [Flaw(lost.expected, lost.observed, after)]
    if shown is None or in_order(shown) == in_order(given):
        return []
    return [Flaw(f"warning_behavior {in_order(given)}", f"warning_behavior {in_order(shown)}", after)]


@check("warning_behavior")
def behavior_holds(after: Exchange, given: list[Any]) -> Flaws:
    """A read that shows the member shows every entry given, whatever else; one that does not decides nothing."""
    try:
        shown = shown_behavior(after)
    except PremiseFailed as lost:
        return [Flaw(lost.expected, lost.observed, after)]
    if shown is None or all(entry in in_order(shown) for entry in in_order(given)):
        return []
    return [Flaw(f"warning_behavior with {in_order(given)}", f"warning_behavior {in_order(shown)}", after)]


@check("warning_behavior")
def behavior_has_no_more(after: Exchange, given: list[Any]) -> Flaws:
    """A read that shows the member shows no entry that was not given; whether it shows a list is another rule."""
    try:
        shown = shown_behavior(after) or []
    except PremiseFailed:
        return []
    if all(entry in in_order(given) for entry in in_order(shown)):
        return []
    return [Flaw(f"no entry beside {in_order(given)}", f"warning_behavior {in_order(shown)}", after)]


@check("warning_behavior")
def nothing_left_of(after: Exchange, former: list[Any], given: list[Any]) -> Flaws:
    """A read that shows the member shows no entry of the former list that the new one has not got."""
    try:
        shown = shown_behavior(after)
    except PremiseFailed as lost:
        return [Flaw(lost.expected, lost.observed, after)]
    over = [entry for entry in in_order(former) if entry not in in_order(given)]
    return [
        Flaw(f"no entry {entry}: the new list is {in_order(given)}", f"warning_behavior {in_order(shown or [])}", after)
        for entry in over
        if entry in in_order(shown or [])
    ]


@check()
def keeps(before: Exchange, after: Exchange, *members: str) -> Flaws:
    """These members are as they were. What is null is not there, and an empty list says what no list says."""
    then = read(before).model
    try:
        now = read(after).model
    except PremiseFailed as lost:
        return [Flaw(lost.expected, lost.observed, after)]
    return [changed(name, then.get(name), now.get(name), after) for name in members if differs(name, then, now)]


@check("preview_info")
def keeps_preview(before: Exchange, after: Exchange) -> Flaws:
    """What a preview that was AVAILABLE has found is there as it was, whether it is ignored or not."""
    then = read(before).model
    try:
        now = read(after).model
    except PremiseFailed as lost:
        return [Flaw(lost.expected, lost.observed, after)]
    if not loses_a_finding(then, now, "ignored"):
        return []
    return [changed(PREVIEW, then.get(PREVIEW), now.get(PREVIEW), after)]


@check()
def not_set_to(after: Exchange, member: str, value: Any) -> Flaws:
    """A member is not what somebody tried to set it to; one that a server moves by itself may have changed."""
    try:
        now = read(after).model.get(member)
    except PremiseFailed as lost:
        return [Flaw(lost.expected, lost.observed, after)]
    if now is None or now != value or type(now) is not type(value):
        return []
    return [Flaw(f"another {member} than the one in the specification", f"{member} {now!r}", after)]


@check("expiration_time")
def does_not_expire_at(after: Exchange, moment: str) -> Flaws:
    """`expiration_time` is another one than `moment` (an ISO 8601 date-time), by a second at least."""
    try:
        distance = abs((read(after).expiration - datetime.fromisoformat(moment)).total_seconds())
    except PremiseFailed as lost:
        return [Flaw(lost.expected, lost.observed, after)]
    if distance > 1:
        return []
    return [Flaw("another expiration_time than the one in the specification", f"expiration_time {moment}", after)]


@check("state")
def in_state(after: Exchange, state: str) -> Flaws:
    """The session is there and in this state."""
    try:
        now = read(after).state
    except PremiseFailed as lost:
        return [Flaw(f"state {state}", lost.observed, after)]
    return [] if now == state else [Flaw(f"state {state}", f"state {now}", after)]


@check("state")
def not_done(after: Exchange) -> Flaws:
    """The session has not ended well: it is in another state than DONE, or gone."""
    if not in_state(after, "DONE"):
        return [Flaw("a session that is not DONE", "state DONE", after)]
    return []


def decisions_on(reading: Exchange) -> list[tuple[str, bool, Any]] | None:
    """The warnings of a preview: type, what the list decides of it, and the `ignored` shown.

    None if the read shows no list or no warnings, or if the list says two things of one type.
    """
    model = read(reading).model
    preview, entries = model.get(PREVIEW), model.get(BEHAVIOR)
    warnings = preview.get("warnings") if isinstance(preview, dict) else None
    if not isinstance(entries, list) or not isinstance(warnings, list) or not warnings:
        return None
    if not all(isinstance(one, dict) and {"type", "ignored"} <= one.keys() for one in (*entries, *warnings)):
        return None
    said: dict[str, set[bool]] = {}
    for one in entries:
        said.setdefault(str(one["type"]), set()).add(bool(one["ignored"]))
    if any(len(both) > 1 for both in said.values()):
        return None
    return [(str(one["type"]), True in said.get(str(one["type"]), ()), one["ignored"]) for one in warnings]


@check("preview_info", "warning_behavior")
def ignored_as_decided(reading: Exchange) -> Flaws:
    """Each warning of the preview is ignored if the list says so of its type, and else it is not."""
    return [
        Flaw(f"the warning {kind} with ignored {decided}", f"ignored {shown!r}", reading)
        for kind, decided, shown in decisions_on(reading) or ()
        if shown is not decided
    ]
