"""The rules of one creation, whatever it carried: what is wrong with it, and what comes of it."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from contract_tests.contract import Service
from contract_tests.contract.dialects import CLIENT_TOKEN_HEADER
from contract_tests.contract.schemas import schemas
from contract_tests.problems import PremiseFailed
from contract_tests.rules import defects
from contract_tests.rules.checks import (
    expires_no_earlier,
    progress_is,
    still_active,
    unchanged,
)
from contract_tests.rules.checks.creation import has_id_of_its_own, yields_id
from contract_tests.rules.checks.model import (
    shows,
    shows_string,
)
from contract_tests.rules.checks.patches import behavior_is
from contract_tests.rules.defects import Defect, judged
from contract_tests.rules.requests import UNREADABLE, Action, ParsedRequest, is_uuid
from contract_tests.rules.steps import Standing, Step
from contract_tests.rules.updates import has_known_types, is_unambiguous

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contract_tests.rules.checks.flaw import Flaws
    from contract_tests.traffic.exchange import Exchange

_USED: Final = {
    Service.UPDATE: frozenset({"library_item_id", "warning_behavior"}),
    Service.DOWNLOAD: frozenset({"library_item_id"}),
}
"""The members of a specification that creation uses."""
_UNUSED: Final = frozenset(
    {"id", "library_item_content_version", "error_message", "client_progress", "state", "expiration_time"}
)
"""Those that are said not to be used: they may stand there, or be refused."""


def of_create(step: Step) -> Iterator[tuple[str, Flaws]]:
    """A creation: what it yields, what may be refused, and that no more comes of it than was asked for."""
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
    if isinstance(spec, dict):
        yield from _defects_of_members(step.cell.service, spec | {"library_item_id": "x"})
    if token is not None and not is_uuid(token):
        yield defects.NO_UUID
    if request.request.header(CLIENT_TOKEN_HEADER) == "":
        yield defects.EMPTY_CLIENT_TOKEN


def _defects_of_members(service: Service, spec: dict[str, Any]) -> Iterator[Defect]:
    if spec.keys() & _UNUSED:
        yield defects.UNUSED_BY_CREATE
    used = {name: value for name, value in spec.items() if name not in _UNUSED}
    if not _is_plain(service, used) or _problems(service, spec):
        yield defects.ODD_SPECIFICATION


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
    if _problems(service, spec):
        return False
    entries = spec.get("warning_behavior") or []
    return has_known_types(entries) and is_unambiguous(entries)


def _problems(service: Service, spec: dict[str, Any]) -> list[str]:
    return schemas().problems(f"{service.capitalize()}SessionCreateSpec", spec)
