"""What the contract says of one update (PATCH), whatever it carried."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from contract_tests.checks import (
    NOT_ACTIVE,
    UNKNOWN,
    Refusal,
    accepted_or_refused,
    expires_no_earlier,
    refused,
    refused_somehow,
    returns_nothing,
    succeeds,
    unchanged,
)
from contract_tests.checks.model import shows
from contract_tests.checks.updates import behavior_is, keeps
from contract_tests.contract import Dialect
from contract_tests.contract.documents import load
from contract_tests.contract.schemas import schemas
from contract_tests.rules.requests import UNREADABLE, ParsedRequest
from contract_tests.rules.steps import Standing, Step

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contract_tests.checks.flaw import Flaws

INVALID: Final = Refusal(400, "INVALID_ARGUMENT")
_BEHAVIOR: Final = "warning_behavior"
_OTHERS: Final = ("id", "library_item_content_version", "error_message", "client_progress", "preview_info")
_SPEC: Final = "UpdateSessionUpdateSpec"


def of_update(sent: Step) -> Iterator[tuple[str, Flaws]]:
    """An update: what was asked for, and that nothing else came of it."""
    given = ParsedRequest.of(sent.exchange)
    if sent.succeeded:
        yield "update.success", returns_nothing(sent.exchange)
    if sent.standing is Standing.ENDED:
        plain = _is_plain(given)
        yield "update.only-active", refused(sent.exchange, NOT_ACTIVE) if plain else refused_somehow(sent.exchange)
    elif sent.standing is Standing.UNKNOWN:
        plain = _is_plain(given)
        yield "update.unknown-id", refused(sent.exchange, UNKNOWN) if plain else refused_somehow(sent.exchange)
    elif sent.standing is Standing.ACTIVE and sent.before is not None and sent.after is not None:
        yield "update.state-unchanged", keeps(sent.before, sent.after, "state")
        yield "update.item-unchanged", keeps(sent.before, sent.after, "library_item_id")
        yield "update.other-members-unchanged", keeps(sent.before, sent.after, *_OTHERS)
        yield "expiry.never-moves-back", expires_no_earlier(sent.before, sent.after)
        if not sent.succeeded:
            # A refusal that has an effect is none.
            yield "update.invalid-specification", unchanged(sent.before, sent.after, "expiration_time", "preview_info")
        if given.only_asks():
            yield from _of_body(sent, given)


def _of_body(sent: Step, given: ParsedRequest) -> Iterator[tuple[str, Flaws]]:
    """What may be answered to this body, on a session that is ACTIVE."""
    exchange, before, after = sent.exchange, sent.before, sent.after
    assert before is not None
    assert after is not None
    if given.media == "":
        yield "update.no-body", [*accepted_or_refused(exchange, 400), *keeps(before, after, _BEHAVIOR)]
        return
    if given.media != "json" or given.value is UNREADABLE:
        return
    spec = _specification(given)
    if spec is UNREADABLE:
        return
    if spec is None:
        yield "update.not-an-object", [*accepted_or_refused(exchange, 400), *keeps(before, after, _BEHAVIOR)]
    elif not isinstance(spec, dict):
        yield "update.not-an-object", [*refused_somehow(exchange), *keeps(before, after, _BEHAVIOR)]
    elif is_invalid(spec):
        yield "update.invalid-specification", refused(exchange, INVALID)
    elif not schemas().problems(_SPEC, spec):
        yield from _of_specification(sent, spec)


def _of_specification(sent: Step, spec: dict[str, Any]) -> Iterator[tuple[str, Flaws]]:
    """A specification that fits the schema; members that update does not use may be a reason to refuse it."""
    exchange, before, after = sent.exchange, sent.before, sent.after
    assert before is not None
    assert after is not None
    entries = spec.get(_BEHAVIOR)
    if not _has_known_types(entries or []):
        yield "update.unknown-warning-type", accepted_or_refused(exchange, 400)
        return
    if not spec:
        yield "update.empty-object", [*succeeds(exchange), *unchanged(before, after, "expiration_time")]
    elif spec.keys() <= {_BEHAVIOR} and _is_unambiguous(entries or []):
        yield "update.success", succeeds(exchange)
    elif not sent.succeeded:
        yield "update.other-members-unchanged", refused_somehow(exchange, 400)
    # A server need not show the list; what a read of it does not show, it does not decide.
    shown = after.status != 200 or shows(after, _BEHAVIOR)
    if not sent.succeeded:
        return
    if entries is None and (shown or shows(before, _BEHAVIOR)):
        yield "update.missing-is-unchanged", keeps(before, after, _BEHAVIOR)
    elif entries is not None and shown and _is_unambiguous(entries):
        yield "update.warning-behavior-takes-effect", behavior_is(after, entries)


def _specification(given: ParsedRequest) -> Any:
    """The specification out of the body; UNREADABLE if a wrapped body has none."""
    if given.dialect is Dialect.API:
        return given.value
    if not isinstance(given.value, dict) or given.value.keys() != {"update_spec"}:
        return UNREADABLE
    return given.value["update_spec"]


def is_invalid(spec: dict[str, Any]) -> bool:
    """Whether a member has a wrong JSON type, or an entry of the list is not whole.

    What is wrong deeper inside a member that update does not use, or only out of its bounds, may be ignored.
    """
    for problem in schemas().problems(_SPEC, spec):
        place, _, complaint = problem.partition(": ")
        names = place.split("/")[1:]
        if names[:1] == [_BEHAVIOR] and len(names) <= 3:
            return True
        if len(names) == 1 and "is not of type" in complaint:
            return True
    return False


def _is_plain(given: ParsedRequest) -> bool:
    """Whether nothing about the request could be a reason of its own to refuse it."""
    spec = _specification(given) if given.media == "json" else UNREADABLE
    if not isinstance(spec, dict) or not spec.keys() <= {_BEHAVIOR} or not given.only_asks():
        return False
    entries = spec.get(_BEHAVIOR) or []
    return not schemas().problems(_SPEC, spec) and _has_known_types(entries) and _is_unambiguous(entries)


def _has_known_types(entries: list[dict[str, Any]]) -> bool:
    return {entry["type"] for entry in entries} <= known_warning_types()


def _is_unambiguous(entries: list[dict[str, Any]]) -> bool:
    """Whether each type stands there once, and entries have no members of their own."""
    types = [entry["type"] for entry in entries]
    return len(types) == len(set(types)) and all(entry.keys() <= {"type", "ignored"} for entry in entries)


def known_warning_types() -> frozenset[str]:
    """The warnings that the documents name; the list is open."""
    return frozenset(load(Dialect.API)["components"]["schemas"]["WarningType"]["x-known-values"])
