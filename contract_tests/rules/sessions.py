"""The rules of one create, read, list or delete, whatever it carried."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from contract_tests.contract import Cell, Service
from contract_tests.contract.dialects import CLIENT_TOKEN_HEADER, Op
from contract_tests.contract.schemas import schemas
from contract_tests.problems import PremiseFailed
from contract_tests.rules import defects
from contract_tests.rules.checks import (
    expires_no_earlier,
    gone,
    progress_is,
    read,
    returns_nothing,
    still_active,
    succeeds,
    unchanged,
)
from contract_tests.rules.checks.creation import has_id_of_its_own, yields_id
from contract_tests.rules.checks.endings import says_why
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
from contract_tests.rules.checks.patches import behavior_is, in_state
from contract_tests.rules.checks.times import clock_during
from contract_tests.rules.defects import Defect, judged
from contract_tests.rules.monotonic import progress_never_goes_down, time_never_moves_back
from contract_tests.rules.requests import UNREADABLE, Action, ParsedRequest, is_uuid
from contract_tests.rules.steps import Standing, Step
from contract_tests.rules.updates import has_known_types, is_unambiguous

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from contract_tests.rules.checks.flaw import Flaws
    from contract_tests.traffic.exchange import Exchange

_USED: Final = {
    Service.UPDATE: frozenset({"library_item_id", "warning_behavior"}),
    Service.DOWNLOAD: frozenset({"library_item_id"}),
}
"""The members of a specification that creation uses."""


def of_create(step: Step) -> Iterator[tuple[str, Flaws]]:
    """A creation. Whether members that it does not use may be a reason to refuse it, nobody says."""
    request, exchange = ParsedRequest.of(step.exchange), step.exchange
    if not _asks_to_create(request):
        return
    if request.is_spelled_as_in_6_0 and not step.succeeded:
        return  # a later server need not know `~action=create`: no clause has it
    found = tuple(_defects_of_creation(step, request))
    yield from judged(step, found)
    if step.succeeded or not found:
        yield "create.returns-id", yields_id(exchange)
    spec, _ = _specification(request)
    if not found and spec.get("warning_behavior") is not None:
        yield "create.warning-behavior", yields_id(exchange)
    if step.succeeded and isinstance(spec, dict) and isinstance(spec.get("id"), str):
        yield "create.ignored-members", has_id_of_its_own(exchange, spec["id"])
    if step.before is not None:
        # What was read is the session that has the item.
        yield from _of_holder(step)
    elif step.after is not None:
        item = spec.get("library_item_id") if isinstance(spec, dict) else None
        yield from _of_created(step.after, item, spec, plain=_is_plain(step.cell.service, spec))


def _of_holder(step: Step) -> Iterator[tuple[str, Flaws]]:
    """The session of an item that another one was asked for: nothing becomes of it."""
    if step.standing is not Standing.BUSY or step.before is None or step.after is None or step.may_have_ended:
        return
    yield "create.second-active-session", unchanged(step.before, step.after, "expiration_time")
    yield "expiry.never-moves-back", expires_no_earlier(step.before, step.after)


def _defects_of_creation(step: Step, request: ParsedRequest) -> Iterator[Defect]:
    yield from defects.general(step)
    spec, token = _specification(request)
    item = spec.get("library_item_id") if isinstance(spec, dict) else None
    if not isinstance(item, str):
        yield defects.NO_ITEM
        if not isinstance(spec, dict) or item is not None:
            yield defects.ODD_SPECIFICATION  # whatever it is, it is more than an item that is missing
    elif step.standing is Standing.UNKNOWN:
        yield defects.UNKNOWN_ITEM
    elif step.standing is Standing.NONE:
        yield defects.UNKNOWN_ITEM
        yield defects.ODD_ITEM
    elif step.standing is Standing.BUSY:
        yield defects.BUSY_ITEM.as_excuse if step.may_have_ended else defects.BUSY_ITEM
    if isinstance(spec, dict) and not _is_plain(step.cell.service, spec | {"library_item_id": "x"}):
        yield defects.ODD_SPECIFICATION
    if token is not None and not is_uuid(token):
        yield defects.NO_UUID
    if request.request.header(CLIENT_TOKEN_HEADER) == "":
        yield defects.EMPTY_CLIENT_TOKEN


def _of_created(after: Exchange, item: Any, spec: Any, *, plain: bool) -> Iterator[tuple[str, Flaws]]:
    """The session that came of it."""
    yield "create.returns-id", still_active(after)
    with suppress(PremiseFailed):  # a progress that is no integer is another rule
        yield "create.ignored-members", [*still_active(after), *_begins(after)]
        yield "model.initial-progress", progress_is(after, 0)
    if isinstance(item, str):
        yield "model.library-item-id", shows_string(after, "library_item_id", item)
    if plain and spec.get("warning_behavior") is not None:
        yield "create.warning-behavior", behavior_is(after, spec["warning_behavior"])


def _begins(after: Exchange) -> Flaws:
    """The progress is the one that sessions begin with; that one is shown is another rule."""
    return [] if after.status == 200 and not shows(after, "client_progress") else progress_is(after, 0)


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


def of_delete(step: Step) -> Iterator[tuple[str, Flaws]]:
    """A deletion: an ACTIVE update session is safe from it, everything else goes."""
    if not ParsedRequest.of(step.exchange).only_asks():
        return
    exchange, service = step.exchange, step.cell.service
    if step.standing in (Standing.UNKNOWN, Standing.DELETED):
        yield from judged(step, [*defects.general(step), defects.UNKNOWN_ID.under("life-cycle.unknown-id")])
    elif service is Service.UPDATE and step.is_on_an_active_session:
        assert step.before is not None
        assert step.after is not None
        yield from judged(step, [*defects.general(step), defects.ACTIVE_UPDATE])
        yield defects.ACTIVE_UPDATE.clause or "", unchanged(step.before, step.after, "expiration_time")
    elif step.after is not None and _goes_when_deleted(step):
        # A session whose time is over may be gone already: the documents do not say when it is deleted.
        was_gone = step.standing is Standing.EXPIRED and not gone(exchange)
        deleted = [] if was_gone else [*succeeds(exchange), *(returns_nothing(exchange) if step.succeeded else ())]
        clause = f"life-cycle.delete-{'ended' if service is Service.UPDATE else 'download-session'}"
        yield clause, [*deleted, *gone(step.after)]


def _goes_when_deleted(step: Step) -> bool:
    if step.standing is Standing.ACTIVE:
        return step.cell.service is Service.DOWNLOAD and not step.may_have_ended
    return step.standing in {Standing.ENDED, Standing.EXPIRED}


def of_end(step: Step) -> Iterator[tuple[str, Flaws]]:
    """Complete, cancel or fail: of a session that is ACTIVE; whether it has what it takes, the scenarios see to."""
    found = [*defects.general(step), *_defects_of_end(step)]
    yield from judged(step, found)
    before, after = step.before, step.after
    if before is None or after is None:
        return
    is_active = step.is_on_an_active_session
    if not step.succeeded and len(found) == 1 and found[0].clause and (is_active or step.standing is Standing.ENDED):
        # A refusal that has an effect is none.
        yield found[0].clause, unchanged(before, after, "expiration_time")
    if step.op in _ENDS and is_active and (not found or (step.succeeded and found == [defects.EMPTY_MESSAGE])):
        state, slug = _ENDS[step.op]
        told = says_why(after) if step.op is Op.FAIL and not found else []
        yield slug, [*succeeds(step.exchange), *in_state(after, state), *told]


_ENDS: Final = {Op.CANCEL: ("CANCELED", "life-cycle.cancel"), Op.FAIL: ("ERROR", "life-cycle.fail")}


def _defects_of_end(step: Step) -> Iterator[Defect]:
    yield from defects.of_session(step, ended="life-cycle.only-active", unknown="life-cycle.unknown-id")
    if step.op is Op.FAIL:
        yield from _defects_of_message(ParsedRequest.of(step.exchange))


def _defects_of_message(request: ParsedRequest) -> Iterator[Defect]:
    said = request.value.get("client_error_message") if isinstance(request.value, dict) else None
    if said is None:
        yield defects.NO_MESSAGE
    elif said == "":
        yield defects.EMPTY_MESSAGE
    if request.media == "":
        return
    if (
        request.media != "json"
        or not isinstance(request.value, dict)
        or (said is not None and not isinstance(said, str))
    ):
        yield defects.ODD_SPECIFICATION


def _asks_to_create(request: ParsedRequest) -> bool:
    if request.media not in {"", "json"} or request.value is UNREADABLE:
        return False
    if not request.query:
        return True
    return request.conventions.acts_on_collection and request.action("create") is Action.RIGHT


def item_named_by(request: ParsedRequest) -> str:
    """The item that a creation is for; empty if it names none."""
    spec, _ = _specification(request)
    item = spec.get("library_item_id") if isinstance(spec, dict) else None
    return item if isinstance(item, str) else ""


def client_token_in(request: ParsedRequest) -> str:
    """The client token of a creation; empty if it has none."""
    _, token = _specification(request)
    return token if isinstance(token, str) else ""


def _specification(request: ParsedRequest) -> tuple[Any, Any]:
    """Specification and client token."""
    here, body = request.conventions, request.value
    spec, token = body, None
    if here.create_spec is not None and isinstance(body, dict):
        spec = body.get(here.create_spec)
    if here.client_token_member is None:
        # To many servers a header without a value is no header.
        token = request.request.header(CLIENT_TOKEN_HEADER) or None
    elif isinstance(body, dict):
        token = body.get(here.client_token_member)
    return spec, token


def _is_plain(service: Service, spec: Any) -> bool:
    """Whether a specification is valid, and has nothing that creation does not use."""
    if not isinstance(spec, dict) or not spec.keys() <= _USED[service]:
        return False
    if schemas().problems(f"{service.capitalize()}SessionCreateSpec", spec):
        return False
    entries = spec.get("warning_behavior") or []
    return has_known_types(entries) and is_unambiguous(entries)
