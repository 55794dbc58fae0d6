"""Servers whose update sets too little, too much, or on the wrong session; and whose warnings have no say."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from contract_tests.contract import Service
from contract_tests.faults.fault import Decision, door, fault, overriding, sessions
from contract_tests.faults.keep_alive import API_CELLS, UPDATE_CELLS
from contract_tests.mock import ApiError, ErrorType, Parts
from contract_tests.mock.domain import errors
from contract_tests.mock.domain.clock import as_text
from contract_tests.mock.domain.model import SessionRecord, State
from contract_tests.mock.domain.sessions import Sessions
from contract_tests.mock.domain.specs import Specs
from contract_tests.mock.http.door import Dispatcher
from contract_tests.mock.http.wire import Reply

if TYPE_CHECKING:
    from contract_tests.mock.http.door import Incoming
    from contract_tests.mock.http.operations import Operation

LIST = "warning_behavior"
TAKES_EFFECT, REPLACED = "update.warning-behavior-takes-effect", "update.list-replaced"
STAYS, RAISED = "update.missing-is-unchanged", "update.raised-warning-fails-complete"
OTHERS, INVALID = "update.other-members-unchanged", "update.invalid-specification"
NO_LIST = "update.list-of-a-wrong-type"


def answering(change: Decision) -> Parts:
    """A server whose replies to a successful update are changed."""

    def perform(self: Dispatcher, operation: Operation, incoming: Incoming) -> Reply:
        reply = Dispatcher.perform(self, operation, incoming)
        return change(reply) if operation.method == "PATCH" else reply

    return door(perform=perform)


def applying(also: Decision) -> Parts:
    """A server whose update does what is right, and something else behind it."""

    def apply_update(self: Sessions, session: SessionRecord, given: dict[str, Any]) -> None:
        Sessions.apply_update(self, session, given)
        also(self, session, given)

    return sessions(apply_update=apply_update)


def listing(change: Decision) -> Parts:
    """A server that makes the new list out of the former one and the given one."""

    def apply_update(_: Sessions, session: SessionRecord, given: dict[str, Any]) -> None:
        if given.get(LIST) is not None:
            session.warning_behavior = change(session.warning_behavior or [], given[LIST])

    return sessions(apply_update=apply_update)


def set_to(name: str, member: str) -> Decision:
    """Sets an attribute of the session to what the specification says of a member."""

    def also(_: Sessions, session: SessionRecord, given: dict[str, Any]) -> None:
        if given.get(member) is not None:
            setattr(session, name, given[member])

    return also


def added(former: list[Any], given: list[Any]) -> list[Any]:
    return [*former, *(one for one in given if one not in former)]


def by_type(former: list[Any], given: list[Any]) -> list[Any]:
    return list({one["type"]: one for one in [*former, *given]}.values())


def set_expiration(self: Sessions, session: SessionRecord, given: dict[str, Any]) -> None:
    if str(given.get("expiration_time", "")).startswith("2099"):
        session.expiration_time = self.clock.now().replace(year=2099, month=1, day=1, hour=0, minute=0, second=0)
        session.expiration_time = session.expiration_time.replace(microsecond=0)
        assert as_text(session.expiration_time) == given["expiration_time"]


def set_message(_: Sessions, session: SessionRecord, given: dict[str, Any]) -> None:
    if given.get("error_message"):
        session.error_message = errors.Message("contract.test", given["error_message"]["default_message"])


def clamp_progress(_: Sessions, session: SessionRecord, given: dict[str, Any]) -> None:
    if isinstance(given.get("client_progress"), int):
        session.client_progress = max(0, min(100, given["client_progress"]))


def clear_if_null(_: Sessions, session: SessionRecord, given: dict[str, Any]) -> None:
    if given.get(LIST, 0) is None:
        session.warning_behavior = None


def clear_if_missing(_: Sessions, session: SessionRecord, given: dict[str, Any]) -> None:
    if LIST not in given:
        session.warning_behavior = []


def shorten(self: Sessions, session: SessionRecord, _: dict[str, Any]) -> None:
    session.expiration_time = self.clock.now() + timedelta(seconds=60)


class FollowsTheId(Sessions):
    """Updates the session that the specification names."""

    def update(self, session_id: str, spec: Any) -> None:
        named = spec.get("id") if isinstance(spec, dict) else None
        super().update(str(named) if named in self.by_id else session_id, spec)


class KnowsEverySession(Sessions):
    """Updates nothing, and says nothing, where there is no session."""

    def update(self, session_id: str, spec: Any) -> None:
        if session_id in self.by_id:
            super().update(session_id, spec)


class UpdatesDownloads(Sessions):
    """Takes the id of any session."""

    def update(self, session_id: str, spec: Any) -> None:
        session = self.by_id.get(session_id)
        if session is None or session.service is Service.UPDATE:
            super().update(session_id, spec)


class AppliesTheRightHalf(Sessions):
    """Takes what is right of a list, and then refuses the rest."""

    def update(self, session_id: str, spec: Any) -> None:
        try:
            super().update(session_id, spec)
        except ApiError as refusal:
            first: Any = next(iter(spec[LIST]), None) if isinstance(spec.get(LIST), list) else None
            if refusal.error_type == ErrorType.INVALID_ARGUMENT and not self.specs.problems("WarningBehavior", first):
                self.by_id[session_id].warning_behavior = [first]
            raise


class RefusesCompletion(Sessions):
    """Refuses to complete a session with a warning, and leaves it ACTIVE."""

    def complete(self, session_id: str) -> None:
        session = self.find(Service.UPDATE, session_id)
        if self.state_of(session) is State.ACTIVE and self.failure_at_completion(session) is not None:
            raise errors.refused(ErrorType.NOT_ALLOWED_IN_CURRENT_STATE, "warning", "There is a warning.")
        super().complete(session_id)


def when_over(*states: State) -> Decision:
    """A `require_active` that lets sessions in these states be updated."""

    def require_active(self: Sessions, session: SessionRecord, operation: str) -> None:
        if operation != "update" or session.state not in states:
            Sessions.require_active(self, session, operation)

    return require_active


def when_expired(self: Sessions, session: SessionRecord, operation: str) -> None:
    """Lets a session be updated whose time is over."""
    if operation != "update" or not self.has_expired(session):
        Sessions.require_active(self, session, operation)


def refused_as(error_type: ErrorType) -> Decision:
    def require_active(self: Sessions, session: SessionRecord, operation: str) -> None:
        try:
            Sessions.require_active(self, session, operation)
        except ApiError as refusal:
            raise ApiError(error_type if operation == "update" else refusal.error_type, *refusal.messages) from None

    return require_active


def lenient(*members: str) -> Parts:
    """A server that drops entries of the list that lack what is needed, or have it of a wrong type."""

    def check(self: Specs, name: str, spec: Any) -> dict[str, Any]:
        if name == "UpdateSessionUpdateSpec" and isinstance(spec, dict) and isinstance(spec.get(LIST), list):
            right = [one for one in spec[LIST] if not self.problems("WarningBehavior", one)]
            dropped = [one for one in spec[LIST] if one not in right]
            if all(isinstance(one, dict) and set(one) <= set(members) for one in dropped):
                spec = spec | {LIST: right}
        return Specs.check(self, name, spec)

    return Parts(specs=overriding(Specs, check=check))


def none_if_no_list(self: Specs, name: str, spec: Any) -> dict[str, Any]:
    if name == "UpdateSessionUpdateSpec" and isinstance(spec, dict) and not isinstance(spec.get(LIST), list):
        spec = {member: value for member, value in spec.items() if member != LIST}
    return Specs.check(self, name, spec)


def objects_alone(self: Specs, name: str, spec: Any) -> dict[str, Any]:
    if name == "UpdateSessionUpdateSpec" and isinstance(spec, dict) and isinstance(spec.get(LIST), list):
        spec = spec | {LIST: [one for one in spec[LIST] if one is None or isinstance(one, dict)]}
    return Specs.check(self, name, spec)


def refuse_if_empty(self: Specs, name: str, spec: Any) -> dict[str, Any]:
    if name == "UpdateSessionUpdateSpec" and spec == {}:
        raise errors.invalid_argument("There is nothing to update.")
    return Specs.check(self, name, spec)


def crash_if_unknown(_: Sessions, name: str) -> bool:
    return {"SELF_SIGNED_CERTIFICATE": True, "EXPIRED_CERTIFICATE": True, "UNTRUSTED_CERTIFICATE": True}[name]


FAULTS: Final = [
    # What an update answers
    fault(
        "an update answers with the session",
        answering(lambda reply: replace(reply, body=b"{}", status=200)),
        "update.success",
        plays=("update.success",),
        tolerated=("update.empty-object",),
        only="api-update",
    ),
    fault(
        "an update under /api succeeds with 200",
        answering(lambda _: Reply(200)),
        "update.success",
        "update.empty-object",
        cells=tuple(cell for cell in API_CELLS if cell in UPDATE_CELLS),
        plays=("update.success", "update.empty-object"),
    ),
    # What an update sets
    fault(
        "an update does nothing",
        sessions(apply_update=lambda *_: None),
        TAKES_EFFECT,
        REPLACED,
        RAISED,
        plays=(TAKES_EFFECT, RAISED),
    ),
    fault("an update adds to the list", listing(added), REPLACED),
    fault(
        "an update merges by type",
        listing(by_type),
        REPLACED,
    ),
    fault("an update sets the first entry only", listing(lambda _, given: given[:1]), TAKES_EFFECT),
    fault(
        "an update takes an empty list for none",
        listing(lambda former, given: given or former),
        REPLACED,
    ),
    fault("an update clears the list if it is null", applying(clear_if_null), STAYS),
    fault("an update clears the list if it is missing", applying(clear_if_missing), STAYS, "update.empty-object"),
    fault(
        "an empty update is refused",
        Parts(specs=overriding(Specs, check=refuse_if_empty)),
        "update.empty-object",
        "update.success",
        plays=("update.empty-object",),
    ),
    # What an update does not set
    fault("an update sets the item", applying(set_to("item_id", "library_item_id")), "update.item-unchanged"),
    fault("an update sets the progress", applying(clamp_progress), OTHERS),
    fault("an update sets the version", applying(set_to("content_version", "library_item_content_version")), OTHERS),
    fault("an update sets the message", applying(set_message), OTHERS),
    fault("an update sets the expiration", applying(set_expiration), OTHERS),
    fault("an update follows the id in its specification", Parts(sessions=FollowsTheId), OTHERS),
    fault(
        "an update shortens the life",
        applying(shorten),
        "update.lifetime",
        "expiry.never-moves-back",
        cells=UPDATE_CELLS,
        plays=("update.lifetime",),
    ),
    # What an update is refused for
    fault(
        "an expired session is updated",
        sessions(require_active=when_expired),
        "update.only-active",
        cells=UPDATE_CELLS,
        only="expired",
    ),
    *(
        fault(f"a session in state {state} is updated", sessions(require_active=when_over(state)), "update.only-active")
        for state in (State.DONE, State.CANCELED, State.ERROR)
    ),
    fault(
        "an update of a session that ended is INVALID_ARGUMENT",
        sessions(require_active=refused_as(ErrorType.INVALID_ARGUMENT)),
        "update.only-active",
    ),
    fault("an update of an unknown session succeeds", Parts(sessions=KnowsEverySession), "update.unknown-id"),
    fault("an update of a download session succeeds", Parts(sessions=UpdatesDownloads), "update.unknown-id"),
    fault("entries without ignored are dropped", lenient("type"), INVALID),
    fault("entries of wrong types are dropped", lenient("type", "ignored"), INVALID),
    fault("the right half of a list is taken", Parts(sessions=AppliesTheRightHalf), INVALID),
    fault(
        "a list is not looked at",
        Parts(specs=overriding(Specs, check=lambda _, __, spec: spec)),
        INVALID,
        NO_LIST,
        "errors.no-server-error",
        cells=UPDATE_CELLS,
        plays=(INVALID, NO_LIST),
    ),
    fault("what is no list is taken for none", Parts(specs=overriding(Specs, check=none_if_no_list)), NO_LIST),
    fault("what is no object is dropped from the list", Parts(specs=overriding(Specs, check=objects_alone)), NO_LIST),
    fault(
        "an unknown type of warning crashes the server",
        sessions(is_warning_type=crash_if_unknown),
        "update.unknown-warning-type",
        "errors.no-server-error",
        cells=UPDATE_CELLS,
        plays=("update.unknown-warning-type",),
    ),
    # What becomes of a warning
    fault("warnings have no say", sessions(failure_at_completion=lambda *_: None), RAISED),
    fault("warnings can't be ignored", sessions(is_ignored=lambda *_: False), RAISED, STAYS, plays=(RAISED, STAYS)),
    fault(
        "a warning is ignored if it is spoken of",
        sessions(
            is_ignored=lambda _, session, kind: any(one["type"] == kind for one in session.warning_behavior or ())
        ),
        RAISED,
    ),
    fault(
        "one ignored warning ignores all",
        sessions(is_ignored=lambda _, session, __: any(one["ignored"] for one in session.warning_behavior or ())),
        RAISED,
        REPLACED,
        plays=(RAISED, REPLACED),
    ),
    fault(
        "a warning keeps a session from being completed, and open",
        Parts(sessions=RefusesCompletion),
        RAISED,
        tolerated=(REPLACED,),
    ),
]
