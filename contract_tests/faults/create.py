"""Servers whose create is wrong: what it yields, refuses and makes of its specification."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from contract_tests.faults.fault import fault, overriding, sessions, views
from contract_tests.faults.keep_alive import API_CELLS, REST_CELLS
from contract_tests.mock import ApiError, Parts
from contract_tests.mock.domain import errors
from contract_tests.mock.domain.libraries import Libraries
from contract_tests.mock.domain.model import RULES, LibraryType, SessionRecord, State
from contract_tests.mock.domain.sessions import Sessions
from contract_tests.mock.domain.views import Views
from contract_tests.mock.http.door import Dispatcher, Incoming
from contract_tests.mock.http.wire import HttpRefusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from contract_tests.contract import Service
    from contract_tests.mock.domain.model import Item
    from contract_tests.mock.http.operations import Operation
    from contract_tests.mock.http.wire import Reply

RETURNS_ID: Final = "create.returns-id"
IGNORED: Final = "create.ignored-members"
BEHAVIOR: Final = "create.warning-behavior"
BUSY: Final = "create.second-active-session"
NOBODY: Final = errors.Message("x.y", "No.")


def answering(change: Callable[[Reply], Reply]) -> Parts:
    """A door that answers a create of a session, and nothing else, in another way."""

    def perform(self: Dispatcher, operation: Operation, incoming: Incoming) -> Reply:
        reply = Dispatcher.perform(self, operation, incoming)
        is_create = operation.method == "POST" and operation.path.endswith("-session") and operation.action is None
        return change(reply) if is_create else reply

    return Parts(door=overriding(Dispatcher, perform=perform))


def with_value(change: Callable[[Any], Any]) -> Parts:
    """A door that puts another value into the answer to create."""
    return answering(lambda reply: replace(reply, body=json.dumps(change(json.loads(reply.body))).encode()))


class Creates(Sessions):
    """Does something to each new session."""

    def create(self, service: Service, user: str, spec: Any, token: str | None = None) -> str:
        known = set(self.by_id)
        created = super().create(service, user, spec, token)
        return created if created in known else self.spoilt(self.by_id[created], spec)

    def spoilt(self, session: SessionRecord, _spec: Any) -> str:
        return session.id


def creating(spoil: Callable[[Sessions, SessionRecord, Any], None]) -> Parts:
    """Sessions that are spoilt as soon as they are there."""

    def spoilt(self: Sessions, session: SessionRecord, spec: Any) -> str:
        spoil(self, session, spec)
        return session.id

    return Parts(sessions=overriding(Creates, spoilt=spoilt))


def using(member: str, assign: Callable[[SessionRecord, Any], None]) -> Parts:
    """Sessions that are created with a member which create does not use."""

    def spoil(_: Sessions, session: SessionRecord, spec: Any) -> None:
        if spec.get(member) is not None:
            assign(session, spec[member])

    return creating(spoil)


class OneForAll(Sessions):
    """Makes one session of a service, and yields it to everybody."""

    def create(self, service: Service, user: str, spec: Any, token: str | None = None) -> str:
        first = next((one.id for one in self.by_id.values() if one.service is service), None)
        return first or super().create(service, user, spec, token)


class TakesTheGivenId(Creates):
    """Gives a session the id that the specification asks for."""

    def spoilt(self, session: SessionRecord, spec: Any) -> str:
        if spec.get("id"):
            del self.by_id[session.id]
            session.id = spec["id"]
            self.by_id[session.id] = session
        return session.id


class CancelsTheFirst(Sessions):
    """Refuses a second session, and ends the first."""

    def check_item(self, service: Service, item: Item) -> None:
        try:
            super().check_item(service, item)
        except ApiError:
            for session in self.by_id.values():
                if session.item_id == item.id:
                    self.end(session, State.CANCELED)
            raise


class ReplacesTheFirst(Sessions):
    """Takes the item from the session that has it."""

    def check_item(self, service: Service, item: Item) -> None:
        for session in self.by_id.values():
            if session.item_id == item.id and RULES[service].one_active_per_item:
                self.end(session, State.CANCELED)
        super().check_item(service, item)


class ListsTheRefused(Sessions):
    """Refuses a second session, and lists it."""

    def check_item(self, service: Service, item: Item) -> None:
        try:
            super().check_item(service, item)
        except ApiError:
            self.__dict__.setdefault("refused", {})[item.id] = self.new_id()
            raise

    def list_ids(self, service: Service, user: str, item_id: str | None = None) -> list[str]:
        refused = self.__dict__.get("refused", {})
        return super().list_ids(service, user, item_id) + ([refused[item_id]] if item_id in refused else [])


def refusing(*, when: str, error_type: str) -> Any:
    """A `check_item` that says another type where it says `when`."""

    def check_item(self: Sessions, service: Service, item: Item) -> None:
        try:
            Sessions.check_item(self, service, item)
        except ApiError as refusal:
            raise ApiError(error_type if refusal.error_type == when else refusal.error_type, NOBODY) from None

    return check_item


def any_item(self: Sessions, service: Service, spec: Any) -> dict[str, Any]:
    """A `checked_creation` for which a client need not name an item."""
    if isinstance(spec, dict) and not spec.get("library_item_id"):
        spec = spec | {"library_item_id": next(reversed(self.libraries._items))}
    return Sessions.checked_creation(self, service, spec)


def item_by_id(self: Sessions, service: Service, spec: Any) -> dict[str, Any]:
    """A `checked_creation` that takes `id` for the id of the item."""
    if isinstance(spec, dict) and "library_item_id" not in spec and spec.get("id"):
        spec = spec | {"library_item_id": spec["id"]}
    return Sessions.checked_creation(self, service, spec)


def crash_without_item(self: Sessions, service: Service, spec: Any) -> dict[str, Any]:
    return Sessions.checked_creation(self, service, spec | {"library_item_id": spec["library_item_id"]})


def not_found_without_item(self: Sessions, service: Service, spec: Any) -> dict[str, Any]:
    if not spec.get("library_item_id"):
        raise errors.not_found("library item", "null")
    return Sessions.checked_creation(self, service, spec)


def unused_in(spec: Any) -> set[str]:
    """The members of a specification that creation does not use."""
    return set(spec) - {"library_item_id", "warning_behavior"}


def used_members_only(self: Sessions, service: Service, spec: Any) -> dict[str, Any]:
    """Takes the members that creation does not use for the item's being in the way."""
    if unused := unused_in(spec):
        raise HttpRefusal(409, "conflict", f"Create does not use {', '.join(sorted(unused))}.")
    return Sessions.checked_creation(self, service, spec)


class RefusesAndCreates(Sessions):
    """Looks for members that creation does not use when there is a session already."""

    def create(self, service: Service, user: str, spec: Any, token: str | None = None) -> str:
        created = super().create(service, user, spec, token)
        if unused_in(spec):
            raise errors.invalid_argument("Create does not use some of that.")
        return created


def item_otherwise(error_type: str) -> Parts:
    """Libraries that say another type of an item that does not exist."""

    def item(self: Libraries, item_id: str) -> Item:
        try:
            return Libraries.item(self, item_id)
        except ApiError:
            raise ApiError(error_type, NOBODY) from None

    return Parts(libraries=overriding(Libraries, item=item))


def invented_item(self: Libraries, item_id: str) -> Item:
    """An `item` that is made up where there is none."""
    if item_id not in self._items:
        made = self.add_item(self.add_library("invented", "", LibraryType.LOCAL).id, item_id)
        self._items[item_id] = replace(made, id=item_id)
    return Libraries.item(self, item_id)


def reversed_behavior(self: Views, session: SessionRecord) -> dict[str, Any]:
    view = Views.session(self, session)
    if session.warning_behavior:
        view["warning_behavior"] = [one | {"ignored": not one["ignored"]} for one in session.warning_behavior]
    return view


FAULTS: Final = [
    # What create yields
    fault(
        "create answers 200 under /api",
        answering(lambda reply: replace(reply, status=200)),
        RETURNS_ID,
        cells=API_CELLS,
    ),
    fault(
        "create answers 201 under /rest",
        answering(lambda reply: replace(reply, status=201)),
        RETURNS_ID,
        cells=REST_CELLS,
    ),
    fault(
        "create wraps its id under /api",
        with_value(lambda value: value if isinstance(value, dict) else {"value": value}),
        RETURNS_ID,
        cells=API_CELLS,
    ),
    fault(
        "create does not wrap its id under /rest",
        with_value(lambda value: value["value"] if isinstance(value, dict) else value),
        RETURNS_ID,
        cells=REST_CELLS,
    ),
    fault(
        "create yields an object with an id",
        with_value(lambda value: {"value": {"id": value["value"]}} if isinstance(value, dict) else {"id": value}),
        RETURNS_ID,
    ),
    fault(
        "create yields an id that no session has",
        with_value(lambda value: {"value": "x:y"} if isinstance(value, dict) else "x:y"),
        RETURNS_ID,
    ),
    fault("create yields the same session to everybody", Parts(sessions=OneForAll), RETURNS_ID),
    fault(
        "a new session is not ACTIVE",
        creating(lambda self, session, _: self.end(session, State.CANCELED)),
        RETURNS_ID,
    ),
    # The item
    fault("create needs no item", sessions(checked_creation=any_item), "create.missing-item-id"),
    fault(
        "create takes id for the item",
        sessions(checked_creation=item_by_id),
        "create.missing-item-id",
    ),
    fault(
        "create without an item crashes",
        sessions(checked_creation=crash_without_item),
        "create.missing-item-id",
        "errors.no-server-error",
        plays=("create.missing-item-id",),
    ),
    fault(
        "create without an item is answered 404",
        sessions(checked_creation=not_found_without_item),
        "create.missing-item-id",
    ),
    fault(
        "create on an unknown item is refused with 400",
        item_otherwise("INVALID_ARGUMENT"),
        "create.unknown-item",
    ),
    fault(
        "create on an unknown item is refused with OPERATION_NOT_FOUND",
        item_otherwise("OPERATION_NOT_FOUND"),
        "create.unknown-item",
    ),
    fault(
        "create on an unknown item succeeds",
        Parts(libraries=overriding(Libraries, item=invented_item)),
        "create.unknown-item",
    ),
    fault(
        "an item of a subscribed library takes an update session",
        Parts(libraries=overriding(Libraries, is_subscribed=lambda *_: False)),
        "create.subscribed-item",
    ),
    fault(
        "a subscribed item is refused with another type",
        sessions(check_item=refusing(when="INVALID_ELEMENT_TYPE", error_type="UNSUPPORTED")),
        "create.subscribed-item",
    ),
    fault(
        "a subscribed item is not found",
        sessions(check_item=refusing(when="INVALID_ELEMENT_TYPE", error_type="NOT_FOUND")),
        "create.subscribed-item",
    ),
    # One active session
    fault("an item takes two update sessions", sessions(is_busy=lambda *_: False), BUSY),
    fault(
        "a second session is refused with another type",
        sessions(check_item=refusing(when="RESOURCE_BUSY", error_type="ALREADY_EXISTS")),
        BUSY,
    ),
    fault("a refused session ends the first", Parts(sessions=CancelsTheFirst), BUSY),
    fault("a second session replaces the first", Parts(sessions=ReplacesTheFirst), BUSY),
    fault("a refused session is listed", Parts(sessions=ListsTheRefused), BUSY),
    # What create does not use
    fault(
        "create uses the progress",
        sessions(initial_progress=lambda _, given: given.get("client_progress") or 0),
        IGNORED,
        only="progress or all",
    ),
    fault(
        "create uses the state",
        using("state", lambda session, value: setattr(session, "state", State(value))),
        IGNORED,
        only="ended or failed",
    ),
    fault(
        "create uses the expiration time",
        using(
            "expiration_time",
            lambda session, value: setattr(session, "expiration_time", datetime.fromisoformat(value).astimezone(UTC)),
        ),
        IGNORED,
        only="expire",
    ),
    fault(
        "create uses the content version",
        using("library_item_content_version", lambda session, value: setattr(session, "content_version", value)),
        IGNORED,
        only="version",
    ),
    fault(
        "create uses the error message",
        using(
            "error_message",
            lambda session, value: setattr(
                session, "error_message", errors.Message(value["id"], value["default_message"])
            ),
        ),
        IGNORED,
        only="error-message",
    ),
    fault("create uses the id", Parts(sessions=TakesTheGivenId), IGNORED, only="id"),
    fault(
        "create calls what it does not use a conflict",
        sessions(checked_creation=used_members_only),
        IGNORED,
        only="progress",
    ),
    fault(
        "create refuses what it does not use, and creates a session all the same",
        Parts(sessions=RefusesAndCreates),
        IGNORED,
        only="progress",
    ),
    # The warning behaviour
    fault("create drops the warning behaviour", sessions(initial_warning_behavior=lambda *_: None), BEHAVIOR),
    fault(
        "a warning behaviour is kept and not in force",
        sessions(is_ignored=lambda *_: False),
        BEHAVIOR,
    ),
    fault(
        "a warning that was named is ignored, whatever was said of it",
        sessions(is_ignored=lambda _, session, kind: kind in str(session.warning_behavior)),
        BEHAVIOR,
    ),
    fault("a warning behaviour is shown otherwise", views(session=reversed_behavior), BEHAVIOR),
    fault(
        "create refuses a warning behaviour",
        sessions(
            check_warning_behavior=lambda self, given: (
                self.specs.check("Fail", {}) if given.get("warning_behavior") else None
            )
        ),
        BEHAVIOR,
        blocked=(BEHAVIOR,),
    ),
]
