"""Servers that are wrong in what a single request can show, if it is one that nobody would write by hand."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from contract_tests.contract import Dialect, Service
from contract_tests.faults.fault import door, sessions, views, wire
from contract_tests.mock import Parts
from contract_tests.mock.domain.model import RULES, SessionRecord, State
from contract_tests.mock.domain.sessions import Sessions
from contract_tests.mock.domain.views import Views
from contract_tests.mock.http.door import Dispatcher
from contract_tests.mock.http.wire import JSON_TYPE, Reply, Wire

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.types import Receive, Scope, Send

    from contract_tests.mock.domain.errors import ApiError
    from contract_tests.mock.http.idioms import Idiom
    from contract_tests.mock.http.operations import Operation


@dataclass(frozen=True)
class CampaignFault:
    """A wrong server; `found` are pairs of operation and slug that a campaign over `dialect` has to find broken.

    `also` are slugs that may be found broken beside them; nothing else may be said of the server.
    """

    name: str
    parts: Parts
    found: frozenset[tuple[str, str]]
    also: frozenset[str] = frozenset()
    dialect: Dialect = Dialect.API


def campaign_fault(name: str, parts: Parts, *found: tuple[str, str], also: tuple[str, ...] = ()) -> CampaignFault:
    return CampaignFault(name, parts, frozenset(found), frozenset(also))


def in_rest(wrong: CampaignFault) -> CampaignFault:
    return replace(wrong, dialect=Dialect.REST)


def breaks_beyond_doubles(self: Sessions, session: SessionRecord, body: Any) -> int | None:
    value = body.get(session.rules.progress_member) if isinstance(body, dict) else None
    if isinstance(value, int) and abs(value) > 2**53:
        raise OverflowError(value)
    return Sessions.requested_progress(self, session, body)


def ignores_texts(self: Sessions, session: SessionRecord, body: Any) -> int | None:
    member = session.rules.progress_member
    if isinstance(body, dict) and isinstance(body.get(member), str):
        body = {}
    return Sessions.requested_progress(self, session, body)


def takes_any_action(self: Dispatcher, action: str | None, of_method: Sequence[Operation]) -> Operation:
    named = [one for one in of_method if one.action == "keep-alive"]
    return named[0] if named and action is not None else Dispatcher.unknown_action(self, action, of_method)


def stores_before_it_refuses(self: Sessions, service: Service, session_id: str, body: Any = None) -> None:
    session = self.find(service, session_id)
    value = body.get(RULES[service].progress_member) if isinstance(body, dict) else None
    if type(value) is int and session.client_progress < value <= 100:
        session.client_progress = value
    Sessions.keep_alive(self, service, session_id, body)


def stores_what_it_refuses(self: Sessions, session: SessionRecord, value: int) -> None:
    if 0 <= value <= 100:
        former, session.client_progress = session.client_progress, value
        if value < former:
            Sessions.check_progress(self, replace(session, client_progress=former), value)
    Sessions.check_progress(self, session, value)


def applies_entry_by_entry(self: Sessions, session_id: str, spec: Any) -> None:
    session = self.find(Service.UPDATE, session_id)
    self.require_active(session, "update")
    entries = spec.get("warning_behavior") if isinstance(spec, dict) else None
    applied = []
    for entry in entries if isinstance(entries, list) else ():
        if not isinstance(entry, dict) or "ignored" not in entry or not self.is_warning_type(str(entry.get("type"))):
            break
        applied.append(entry)
        session.warning_behavior = list(applied)
    Sessions.update(self, session_id, spec)


def update_ends_it(self: Sessions, session: SessionRecord, given: Any) -> None:
    Sessions.apply_update(self, session, given)
    if given.get("warning_behavior"):
        session.state = State.DONE


class BodyBehind204(Wire):
    """Writes a body behind a 204, and says nothing of it in the headers.

    The connection ends with it: else the body would now and then be read as the beginning of the next answer.
    """

    async def send(self, reply: Reply, scope: Scope, receive: Receive, send: Send) -> None:
        if reply.status == 204:
            reply = replace(reply, headers=(*reply.headers, ("connection", "close")))

        async def sending(event: Any) -> None:
            await send(event)
            if event["type"] == "http.response.start" and reply.status == 204:
                scope["extensions"]["connection"].write(b"null")

        await super().send(reply, scope, receive, sending)


class Announced204(Wire):
    def framing_headers(self, reply: Reply) -> Any:
        return (("content-length", "2"),) if reply.status == 204 else super().framing_headers(reply)


def other_error_type(self: Wire, error: ApiError) -> Any:
    return Wire.error_fields(self, error) | {"error_type": "NO_SUCH_TYPE"}


def huge_precision(self: Wire, error: ApiError) -> Any:
    fields = Wire.error_fields(self, error)
    for message in fields["messages"]:
        message["params"] = {"size": {"i": 2**63}}
    return fields


def without_content_type(self: Wire, idiom: Idiom, error: ApiError) -> Reply:
    reply = Wire.error_reply(self, idiom, error)
    return replace(reply, headers=tuple(pair for pair in reply.headers if pair != JSON_TYPE))


def huge_progress(self: Views, session: SessionRecord) -> Any:
    return Views.session(self, session) | {"client_progress": 2**63 if session.client_progress else 0}


def lists_objects(self: Wire, idiom: Idiom, value: Any) -> Reply:
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        value = [{"id": one} for one in value]
    return Wire.value_reply(self, idiom, value)


UP: Final = "updateSession"
DOWN: Final = "downloadSession"
ALIVE: Final = f"{UP}.keepAlive"

CAMPAIGN_FAULTS: Final = [
    campaign_fault(
        "500 for a progress that no double holds",
        sessions(requested_progress=breaks_beyond_doubles),
        (ALIVE, "errors.no-server-error"),
        (f"{DOWN}.keepAlive", "errors.no-server-error"),
        also=(
            "keep-alive.above-100",
            "keep-alive.negative-progress",
            "keep-alive.progress-beyond-int64",
            "keep-alive.only-active",
            "keep-alive.unknown-id",
            "errors.unlisted-status",
            "errors.default-response",
        ),
    ),
    campaign_fault(
        "a progress that is a text is accepted",
        sessions(requested_progress=ignores_texts),
        (ALIVE, "keep-alive.progress-not-an-integer"),
        (f"{DOWN}.keepAlive", "keep-alive.progress-not-an-integer"),
    ),
    campaign_fault(
        "a body follows a 204",
        Parts(wire=BodyBehind204),
        (ALIVE, "keep-alive.returns-nothing"),
        (f"{UP}.update", "update.success"),
    ),
    campaign_fault(
        "a 204 announces a body",
        Parts(wire=Announced204),
        (ALIVE, "keep-alive.returns-nothing"),
        (f"{UP}.update", "update.success"),
        also=("life-cycle.delete-ended", "life-cycle.delete-download-session"),
    ),
    campaign_fault(
        "an action that nobody knows keeps alive",
        door(unknown_action=takes_any_action),
        (ALIVE, "addressing.unknown-action"),
        (f"{DOWN}.keepAlive", "addressing.unknown-action"),
        also=("errors.no-server-error", "addressing.missing-action"),
    ),
    campaign_fault(
        "a refused progress is stored",
        sessions(check_progress=stores_what_it_refuses),
        (ALIVE, "keep-alive.lower-progress"),
        (ALIVE, "keep-alive.refused-changes-nothing"),
        (ALIVE, "keep-alive.progress-never-goes-down"),
    ),
    campaign_fault(
        "a progress is stored before the rest of the body is refused",
        sessions(keep_alive=stores_before_it_refuses),
        (ALIVE, "keep-alive.refused-changes-nothing"),
    ),
    campaign_fault(
        "an update is applied up to its mistake",
        sessions(update=applies_entry_by_entry),
        (f"{UP}.update", "update.invalid-specification"),
        also=("update.list-of-a-wrong-type",),
    ),
    campaign_fault(
        "an update ends the session",
        sessions(apply_update=update_ends_it),
        (f"{UP}.update", "update.state-unchanged"),
        also=(
            "update.changes-nothing-else",
            "update.other-members-unchanged",
            "update.success",
            "update.warning-behavior-takes-effect",
        ),
    ),
    campaign_fault(
        "errors are of a type that no document has",
        wire(error_fields=other_error_type),
        (ALIVE, "errors.known-type"),
        (f"{UP}.create", "errors.known-type"),
        (ALIVE, "keep-alive.only-active"),
        also=(
            "authentication.token-required",
            "keep-alive.unknown-id",
            "create.missing-item-id",
            "create.second-active-session",
            "create.client-token-no-uuid",
            "create.unknown-item",
            "errors.no-server-error",
            "life-cycle.delete-active-refused",
            "life-cycle.delete-download-session",
            "life-cycle.delete-ended",
            "life-cycle.unknown-id",
            "model.list-filter",
            "model.unknown-id",
            "update.invalid-specification",
            "update.list-of-a-wrong-type",
            "update.only-active",
            "update.unknown-id",
        ),
    ),
    campaign_fault(
        "void operations succeed with 200 under /api",
        wire(void_reply=lambda _, __: Reply(200)),
        (ALIVE, "keep-alive.empty-object"),
        (f"{UP}.update", "update.success"),
        also=(
            "keep-alive.above-100",
            "keep-alive.equal-progress",
            "keep-alive.lower-progress",
            "keep-alive.negative-progress",
            "keep-alive.no-body",
            "keep-alive.not-an-object",
            "keep-alive.null-progress",
            "keep-alive.other-service-member",
            "keep-alive.stores-progress",
            "keep-alive.accepts-100",
            "update.empty-object",
            "update.not-an-object",
            "life-cycle.delete-ended",
            "life-cycle.delete-download-session",
        ),
    ),
    campaign_fault(
        "errors have no content type",
        wire(error_reply=without_content_type),
        (ALIVE, "errors.body"),
        (f"{DOWN}.list", "errors.body"),
        also=("errors.unlisted-status", "errors.default-response"),
    ),
    campaign_fault(
        "a read shows a number that 64 bits do not hold",
        views(session=huge_progress),
        (ALIVE, "model.progress-range"),
        also=(
            "model.progress-present",
            "keep-alive.progress-never-goes-down",
            "keep-alive.stores-progress",
            "keep-alive.accepts-100",
            "model.progress-present",
        ),
    ),
    campaign_fault(
        "an argument of a message is a number that 64 bits do not hold",
        wire(error_fields=huge_precision),
        (ALIVE, "errors.params"),
        also=("errors.message-members",),
    ),
    campaign_fault(
        "a list is one of objects",
        wire(value_reply=lists_objects),
        (f"{UP}.list", "model.list"),
        (f"{DOWN}.list", "model.list"),
        also=("model.list-filter",),
    ),
    campaign_fault(
        "creation stores the progress of its specification",
        sessions(initial_progress=lambda _, given: int(given.get("client_progress") or 0)),
        (f"{UP}.create", "create.ignored-members"),
        (f"{UP}.create", "model.initial-progress"),
    ),
    in_rest(
        campaign_fault(
            "a text as progress is accepted under /rest",
            sessions(requested_progress=ignores_texts),
            (ALIVE, "keep-alive.progress-not-an-integer"),
        )
    ),
    in_rest(
        campaign_fault(
            "an action that nobody knows keeps alive under /rest",
            door(unknown_action=takes_any_action),
            (ALIVE, "addressing.unknown-action"),
            also=("errors.no-server-error", "addressing.missing-action"),
        )
    ),
    in_rest(
        campaign_fault(
            "a success under /rest has a body",
            wire(void_reply=lambda _, idiom: Reply(idiom.void, (JSON_TYPE,), b'{"value":null}')),
            (ALIVE, "keep-alive.returns-nothing"),
            (f"{UP}.createOrKeepAlive", "keep-alive.returns-nothing"),
            (f"{UP}.update", "update.success"),
            also=("life-cycle.delete-ended", "life-cycle.delete-download-session", "update.empty-object"),
        )
    ),
    in_rest(
        campaign_fault(
            "an update is applied up to its mistake, under /rest",
            sessions(update=applies_entry_by_entry),
            (f"{UP}.update", "update.invalid-specification"),
            also=("update.list-of-a-wrong-type",),
        )
    ),
]
