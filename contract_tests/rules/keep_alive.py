"""What the contract says of one keep-alive, whatever it carried."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from contract_tests.checks import (
    NOT_ACTIVE,
    UNKNOWN,
    Flaw,
    accepted_or_refused,
    expires_no_earlier,
    progress_is,
    read,
    refused,
    refused_somehow,
    returns_nothing,
    succeeds,
    unchanged,
)
from contract_tests.checks.flaw import shown
from contract_tests.contract import Dialect
from contract_tests.contract.dialects import ID_MEMBER, PROGRESS_MEMBER, Op
from contract_tests.rules.requests import UNREADABLE, Action, Kind, ParsedRequest, kind_of
from contract_tests.rules.steps import Standing, Step

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contract_tests.checks.flaw import Flaws

_ANY_REFUSAL: Final = tuple(range(400, 500))
LEGACY: Final = (400, 404, 415)
"""How a later server may refuse what only the pages of 6.0 have."""


def of_keep_alive(sent: Step) -> Iterator[tuple[str, Flaws]]:
    """Keep-alive with the id in the path, or (6.0) in the body."""
    given = ParsedRequest.of(sent.exchange)
    yield from _effects(sent)
    action = given.action("keep-alive")
    if action is Action.MISSING and sent.op is Op.KEEP_ALIVE:
        yield "addressing.missing-action", no_success(sent)
    elif action is Action.UNKNOWN and sent.op is Op.KEEP_ALIVE:
        yield "addressing.unknown-action", refused_somehow(sent.exchange, 400, 404)
    if action is not Action.RIGHT:
        return
    if sent.standing is Standing.ACTIVE and sent.before is not None and sent.after is not None:
        yield from _of_active(sent, given, read(sent.before).shown_progress)
    elif sent.standing is Standing.ENDED:
        plain = _is_plain(sent, given)
        yield "keep-alive.only-active", refused(sent.exchange, NOT_ACTIVE) if plain else refused_somehow(sent.exchange)
    elif sent.standing is Standing.UNKNOWN:
        plain = _is_plain(sent, given)
        yield "keep-alive.unknown-id", refused(sent.exchange, UNKNOWN) if plain else refused_somehow(sent.exchange)


def no_success(sent: Step) -> Flaws:
    """It is not answered with success."""
    return [Flaw("no success", shown(sent.exchange), sent.exchange)] if sent.succeeded else []


def _effects(sent: Step) -> Iterator[tuple[str, Flaws]]:
    """What holds whatever was sent: no answer, nothing lost, nothing moved that may not move."""
    if sent.succeeded and ParsedRequest.of(sent.exchange).action("keep-alive") is Action.RIGHT:
        yield "keep-alive.returns-nothing", returns_nothing(sent.exchange)
    if sent.standing is not Standing.ACTIVE or sent.before is None or sent.after is None:
        return
    current = read(sent.before).shown_progress
    if current is not None:
        yield "keep-alive.progress-never-goes-down", progress_is(sent.after, *range(current, 101))
    yield "expiry.never-moves-back", expires_no_earlier(sent.before, sent.after)
    if sent.succeeded:
        free = ("expiration_time", "client_progress")
        yield "keep-alive.changes-nothing-else", unchanged(sent.before, sent.after, *free)
    elif sent.exchange.status is not None and sent.exchange.status < 500:
        yield "keep-alive.refused-changes-nothing", unchanged(sent.before, sent.after, "expiration_time")


def _of_active(sent: Step, given: ParsedRequest, current: int | None) -> Iterator[tuple[str, Flaws]]:
    exchange, media, stays = sent.exchange, given.media, _stays(sent, current)
    member = PROGRESS_MEMBER[sent.cell.service]
    by_body = sent.op is Op.KEEP_ALIVE_BY_BODY
    if by_body:
        yield "addressing.id-in-body", _may_be_refused(sent, given)
    if media == "":
        yield "keep-alive.no-body", succeeds(exchange)
        yield from _unspecified(stays, current)
    elif media == "json" and given.value is UNREADABLE:
        yield "keep-alive.malformed-json", [*refused_somehow(exchange, 400, 415), *stays]
    elif media == "json" and isinstance(given.value, dict):
        known = {member, ID_MEMBER[sent.cell.service]} if by_body else {member}
        # A member that keep-alive does not know: nothing is said, so it may be ignored or refused.
        strict = given.value.keys() <= known and not by_body
        yield from _of_object(sent, given.value, member, current, strict=strict)
    elif media == "json" and given.value is None:
        yield "keep-alive.not-an-object", [*accepted_or_refused(exchange, 400), *stays]
    elif media == "json":
        yield "keep-alive.not-an-object", [*refused_somehow(exchange, 400, 415, 422), *stays]
    elif media in {"xml", "form"} and given.dialect is Dialect.REST:
        if not by_body:
            yield "keep-alive.legacy-representations", _may_be_refused(sent, given)
        progress = given.legacy_number(member)
        if sent.succeeded and progress is not None and current is not None and current < progress <= 100:
            assert sent.after is not None
            yield "keep-alive.stores-progress", progress_is(sent.after, progress)


def _stays(sent: Step, current: int | None) -> Flaws:
    """The progress is what it was, where the read before the request showed one."""
    assert sent.after is not None
    return [] if current is None else progress_is(sent.after, current)


def _unspecified(stays: Flaws, current: int | None) -> Iterator[tuple[str, Flaws]]:
    if current is not None:
        yield "keep-alive.unspecified-progress-unchanged", stays


def _may_be_refused(sent: Step, given: ParsedRequest) -> Flaws:
    """A form of the 6.0 pages only: it is honoured, or refused in one of three ways; a wrong one in any."""
    if sent.wrong or not _is_plain(sent, given):
        return [] if sent.succeeded else refused_somehow(sent.exchange)
    return accepted_or_refused(sent.exchange, *LEGACY)


def _of_object(
    sent: Step, body: dict[str, Any], member: str, current: int | None, *, strict: bool
) -> Iterator[tuple[str, Flaws]]:
    """A JSON object: by what its progress member holds. `strict` says that nothing else is in the body."""
    exchange, stays = sent.exchange, _stays(sent, current)
    if member not in body:
        yield from _unspecified(stays, current)
        if not body:
            yield "keep-alive.empty-object", succeeds(exchange)
        elif body.keys() <= {*PROGRESS_MEMBER.values()}:
            yield "keep-alive.other-service-member", [*accepted_or_refused(exchange, 400), *stays]
        return
    kind, value = kind_of(body[member]), body[member]
    if kind is Kind.NULL:
        yield "keep-alive.null-progress", [*(succeeds(exchange) if strict else ()), *stays]
    elif kind is Kind.WRONG:
        yield "keep-alive.progress-not-an-integer", [*refused_somehow(exchange), *stays]
    elif kind is Kind.BEYOND:
        yield "keep-alive.progress-beyond-int64", [*refused_somehow(exchange), *stays]
    elif kind is Kind.INTEGER and current is not None:
        yield from _of_integer(sent, value, current, strict=strict)


def _of_integer(sent: Step, value: int, current: int, *, strict: bool) -> Iterator[tuple[str, Flaws]]:
    exchange, after = sent.exchange, sent.after
    assert after is not None
    stays = progress_is(after, current)
    if value < 0:
        # It is lower than the current one, too, and that may be refused with any 4xx.
        yield "keep-alive.negative-progress", [*accepted_or_refused(exchange, *_ANY_REFUSAL), *stays]
    elif value > 100:
        kept = range(current, 101) if sent.succeeded else (current,)
        yield "keep-alive.above-100", [*accepted_or_refused(exchange, 400), *progress_is(after, *kept)]
    elif value < current:
        # That a lower value does not show is the clause of progress that never goes down.
        still = (current, value) if sent.succeeded else (current,)
        yield "keep-alive.lower-progress", [*accepted_or_refused(exchange, *_ANY_REFUSAL), *progress_is(after, *still)]
    elif value == current:
        yield "keep-alive.equal-progress", [*accepted_or_refused(exchange, *_ANY_REFUSAL), *stays]
    else:
        if not strict and not sent.succeeded:
            return  # refused for what stands beside it
        stored = [*succeeds(exchange), *(progress_is(after, value) if sent.succeeded else ())]
        yield "keep-alive.stores-progress", stored
        if value == 100:
            yield "keep-alive.accepts-100", stored


def _is_plain(sent: Step, given: ParsedRequest) -> bool:
    """Whether nothing about the body could be a reason of its own to refuse the call."""
    if sent.op is not Op.KEEP_ALIVE:
        return False  # the address may be one that the server does not know
    if given.media == "":
        return True
    if given.media != "json" or not isinstance(given.value, dict):
        return False
    member = PROGRESS_MEMBER[sent.cell.service]
    value = given.value.get(member, 0)
    return given.value.keys() <= {member} and kind_of(value) is Kind.INTEGER and 0 <= value <= 100
