"""What the contract says of one create, read, list or delete, whatever it carried."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from contract_tests.checks import (
    NOT_ACTIVE,
    UNKNOWN,
    PremiseFailed,
    Refusal,
    gone,
    progress_is,
    refused,
    refused_somehow,
    returns_nothing,
    still_active,
    succeeds,
    unchanged,
)
from contract_tests.checks.creation import names_type, yields_id
from contract_tests.checks.lists import lists_ids
from contract_tests.checks.model import (
    error_message_fits_state,
    expires_in_utc,
    member_fits,
    preview_fits,
    preview_only_while_active,
    progress_stays_in_range,
    shows,
    shows_progress,
    shows_string,
)
from contract_tests.checks.updates import behavior_is
from contract_tests.contract import Dialect, Service
from contract_tests.contract.schemas import schemas
from contract_tests.rules.requests import UNREADABLE, Action, ParsedRequest, is_uuid
from contract_tests.rules.steps import Standing, Step
from contract_tests.rules.updates import INVALID, known_warning_types

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from contract_tests.checks.flaw import Flaws
    from contract_tests.exchange import Exchange

_BUSY: Final = (Refusal(400, "RESOURCE_BUSY"), Refusal(500, "RESOURCE_BUSY"))
_USED: Final = {
    Service.UPDATE: frozenset({"library_item_id", "warning_behavior"}),
    Service.DOWNLOAD: frozenset({"library_item_id"}),
}
"""The members of a specification that creation uses."""


def of_create(sent: Step) -> Iterator[tuple[str, Flaws]]:
    """A creation. Whether members that it does not use may be a reason to refuse it, nobody says."""
    given, exchange = ParsedRequest.of(sent.exchange), sent.exchange
    if not _asks_to_create(given):
        return
    if given.is_spelled_as_in_6_0 and not sent.succeeded:
        return  # a later server need not know `~action=create`: no clause has it
    if sent.succeeded:
        yield "create.returns-id", yields_id(exchange)
    spec, token = _specification(given)
    item = spec.get("library_item_id") if isinstance(spec, dict) else None
    plain = _is_plain(sent.cell.service, spec) and exchange.request.header("client-token") != ""
    if not isinstance(item, str):
        alone = isinstance(spec, dict) and not spec.keys() - {"library_item_id"} and (token is None or is_uuid(token))
        only = alone and item is None
        yield "create.missing-item-id", refused(exchange, INVALID) if only else refused_somehow(exchange)
    elif token is not None and not is_uuid(token):
        fits = plain and sent.standing is Standing.FREE
        yield "create.client-token-no-uuid", refused(exchange, INVALID) if fits else refused_somehow(exchange)
    else:
        yield from _of_named_item(sent, plain=plain)
    if sent.after is not None:
        yield from _of_created(sent.after, item, spec, plain=plain)


def _of_named_item(sent: Step, *, plain: bool) -> Iterator[tuple[str, Flaws]]:
    """A creation that names an item, and whose token is fine: by how the item stands."""
    exchange = sent.exchange
    if sent.standing is Standing.UNKNOWN:
        yield "create.unknown-item", refused(exchange, UNKNOWN) if plain else refused_somehow(exchange, 400, 404)
    elif sent.standing is Standing.NONE:
        yield "create.unknown-item", refused_somehow(exchange, 400, 404)
    elif sent.standing is Standing.BUSY:
        told = names_type(exchange, "RESOURCE_BUSY") if plain else ()
        busy = [*refused(exchange, *_BUSY), *told] if plain else refused_somehow(exchange, 400, 500)
        yield "create.second-active-session", busy
    elif plain:
        yield "create.returns-id", yields_id(exchange)


def _of_created(after: Exchange, item: Any, spec: Any, *, plain: bool) -> Iterator[tuple[str, Flaws]]:
    """The session that came of it."""
    yield "create.returns-id", still_active(after)
    yield "create.ignored-members", [*still_active(after), *_begins(after)]
    yield "model.initial-progress", progress_is(after, 0)
    if isinstance(item, str):
        yield "model.library-item-id", shows_string(after, "library_item_id", item)
    if plain and spec.get("warning_behavior") is not None:
        yield "create.warning-behavior", behavior_is(after, spec["warning_behavior"])


def _begins(after: Exchange) -> Flaws:
    """The progress is the one that sessions begin with; that one is shown is another rule."""
    return [] if after.status == 200 and not shows(after, "client_progress") else progress_is(after, 0)


def of_list(sent: Step) -> Iterator[tuple[str, Flaws]]:
    """A list of all sessions, or of those of one item."""
    given = ParsedRequest.of(sent.exchange)
    if sent.succeeded:
        yield "model.list", lists_ids(sent.exchange)
    if not given.only_asks("library_item_id"):
        return
    if sent.standing is Standing.UNKNOWN:
        yield "model.list-filter", refused(sent.exchange, UNKNOWN)
    elif sent.standing in (Standing.FREE, Standing.BUSY):
        yield "model.list-filter", lists_ids(sent.exchange)
    elif not given.query:
        yield "model.list", lists_ids(sent.exchange)


def of_read(sent: Step) -> Iterator[tuple[str, Flaws]]:
    """A read of one session."""
    if not ParsedRequest.of(sent.exchange).only_asks():
        return
    if sent.standing is Standing.UNKNOWN:
        yield "model.unknown-id", refused(sent.exchange, UNKNOWN)
    elif sent.standing in (Standing.ACTIVE, Standing.ENDED):
        yield "model.state", succeeds(sent.exchange)
        if not succeeds(sent.exchange):
            yield from of_reading(sent.exchange, sent.item)


def of_reading(reading: Exchange, item: str) -> Iterator[tuple[str, Flaws]]:
    """The session that a successful read shows, member by member."""
    checks: dict[str, Callable[[], Flaws]] = {
        "model.state": lambda: member_fits(reading, "state"),
        "model.content-version": lambda: member_fits(reading, "library_item_content_version"),
        "model.library-item-id": lambda: shows_string(reading, "library_item_id", item),
        "model.progress-present": lambda: shows_progress(reading),
        "model.progress-range": lambda: progress_stays_in_range(reading),
        "model.expiration-time": lambda: expires_in_utc(reading),
        "model.error-message": lambda: error_message_fits_state(reading),
    }
    if reading.cell is not None and reading.cell.endswith(Service.UPDATE):
        checks |= {
            "model.preview-info": lambda: preview_fits(reading, has_files=False),
            "model.preview-only-while-active": lambda: preview_only_while_active(reading),
            "model.warning-behavior": lambda: (
                member_fits(reading, "warning_behavior") if shows(reading, "warning_behavior") else []
            ),
        }
    for slug, check in checks.items():
        try:
            yield slug, check()
        except PremiseFailed:  # no session at all: the caller has said so, or `model.state` will
            if slug == "model.state":
                yield slug, still_active(reading)


def of_delete(sent: Step) -> Iterator[tuple[str, Flaws]]:
    """A deletion: an ACTIVE update session is safe from it, everything else goes."""
    if not ParsedRequest.of(sent.exchange).only_asks():
        return
    exchange, service = sent.exchange, sent.cell.service
    if sent.standing is Standing.UNKNOWN:
        yield "life-cycle.unknown-id", refused(exchange, UNKNOWN)
    elif sent.after is None:
        return
    elif service is Service.UPDATE and sent.standing is Standing.ACTIVE:
        assert sent.before is not None
        kept = unchanged(sent.before, sent.after, "expiration_time")
        yield "life-cycle.delete-active-refused", [*refused(exchange, NOT_ACTIVE), *kept]
    elif sent.standing in (Standing.ACTIVE, Standing.ENDED):
        deleted = [*succeeds(exchange), *(returns_nothing(exchange) if sent.succeeded else ()), *gone(sent.after)]
        yield f"life-cycle.delete-{'ended' if service is Service.UPDATE else 'download-session'}", deleted


def _asks_to_create(given: ParsedRequest) -> bool:
    if given.media not in {"", "json"} or given.value is UNREADABLE:
        return False
    if given.dialect is Dialect.API:
        return given.only_asks()
    return not given.query or given.action("create") is Action.RIGHT


def _specification(given: ParsedRequest) -> tuple[Any, Any]:
    """Specification and client token."""
    if given.dialect is Dialect.API:
        # To many servers a header without a value is no header.
        return given.value, given.request.header("client-token") or None
    if not isinstance(given.value, dict):
        return given.value, None
    return given.value.get("create_spec"), given.value.get("client_token")


def _is_plain(service: Service, spec: Any) -> bool:
    """Whether a specification is valid, and has nothing that creation does not use."""
    if not isinstance(spec, dict) or not spec.keys() <= _USED[service]:
        return False
    if schemas().problems(f"{service.capitalize()}SessionCreateSpec", spec):
        return False
    entries = spec.get("warning_behavior") or []
    types = [entry["type"] for entry in entries]
    return (
        set(types) <= known_warning_types()
        and len(types) == len(set(types))
        and all(entry.keys() <= {"type", "ignored"} for entry in entries)
    )
