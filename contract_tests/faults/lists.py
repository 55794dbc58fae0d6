"""Servers that list the wrong sessions, or list them wrongly."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from contract_tests.contract import Dialect, Service
from contract_tests.faults.fault import Decision, fault, overriding, sessions, wire
from contract_tests.faults.keep_alive import API_CELLS
from contract_tests.mock import ApiError, Parts
from contract_tests.mock.domain import errors
from contract_tests.mock.domain.sessions import Sessions
from contract_tests.mock.http.wire import Wire

if TYPE_CHECKING:
    from collections.abc import Iterable

    from contract_tests.mock.domain.model import SessionRecord
    from contract_tests.mock.http.idioms import Idiom


class ListsForUnknownItems(Sessions):
    """Takes an item that it does not know for one without sessions."""

    def list_ids(self, service: Service, user: str, item_id: str | None = None) -> list[str]:
        try:
            return super().list_ids(service, user, item_id)
        except ApiError:
            return []


class RefusesUnknownItems(Sessions):
    """Takes an item that it does not know for a wrong argument."""

    def list_ids(self, service: Service, user: str, item_id: str | None = None) -> list[str]:
        try:
            return super().list_ids(service, user, item_id)
        except ApiError:
            raise errors.invalid_argument("There is no such item.", argument="library_item_id") from None


class ListsOnlyWithFilter(Sessions):
    """Lists nothing unless it is asked for an item."""

    def list_ids(self, service: Service, user: str, item_id: str | None = None) -> list[str]:
        return [] if item_id is None else super().list_ids(service, user, item_id)


class NullWhenEmpty(Wire):
    """Says null where a list has nothing."""

    def value_reply(self, idiom: Idiom, value: Any) -> Any:
        return super().value_reply(idiom, None if value == [] else value)


def everywhere(self: Sessions, _user: str, _item_id: str | None) -> Iterable[SessionRecord]:
    """Looks in all sessions that there are."""
    return self.by_id.values()


def listing(change: Decision, *dialects: Dialect) -> Parts:
    """Lists of ids go over the wire as `change` makes them; only in `dialects`, if any are given."""

    def value_reply(self: Wire, idiom: Idiom, value: Any) -> Any:
        # Lists of other things are left alone: the run needs a datastore to begin with.
        is_of_ids = isinstance(value, list) and all(isinstance(one, str) for one in value)
        if is_of_ids and (not dialects or idiom.dialect in dialects):
            value = change(value)
        return Wire.value_reply(self, idiom, value)

    return wire(value_reply=value_reply)


FAULTS: Final = [
    fault(
        "an empty list is null",
        listing(lambda ids: ids or None),
        "model.list",
        blocked=("model.list-filter",),
    ),
    fault(
        "a list is of objects",
        listing(lambda ids: [{"id": one} for one in ids]),
        "model.list",
        only="array or hold",
        blocked=("model.list-filter",),
    ),
    fault(
        "a list has each session twice",
        listing(lambda ids: ids * 2),
        "model.list",
        "model.list-filter",
        plays=("model.list-filter",),
    ),
    fault(
        "lists under /api are wrapped",
        listing(lambda ids: {"value": ids}, Dialect.API),
        "model.list",
        cells=API_CELLS,
        blocked=("model.list-filter",),
    ),
    fault("lists have the sessions of both services", sessions(is_of=lambda *_: True), "model.list", only="array"),
    fault("a list without a filter is empty", Parts(sessions=ListsOnlyWithFilter), "model.list"),
    fault(
        "lists are not filtered",
        sessions(is_listed_under=lambda *_: True, listed_among=everywhere),
        "model.list-filter",
        plays=(
            "model.list-filter",
            "authentication.token-required",
            "create.missing-item-id",
            "create.client-token-no-uuid",
            "create.idempotent",
            "create.second-active-session",
        ),
    ),
    fault(
        "lists are not filtered, and are null when empty",
        Parts(
            sessions=overriding(Sessions, is_listed_under=lambda *_: True, listed_among=everywhere), wire=NullWhenEmpty
        ),
        "model.list-filter",
        plays=("model.list-filter", "authentication.unknown-token", "create.client-token-no-uuid"),
        tolerated=("model.list",),
    ),
    fault("a list of an unknown item is empty", Parts(sessions=ListsForUnknownItems), "model.list-filter"),
    fault("a list of an unknown item is a wrong argument", Parts(sessions=RefusesUnknownItems), "model.list-filter"),
    fault(
        "lists have everybody's sessions",
        sessions(is_listed_for=lambda *_: True, listed_among=everywhere),
        "model.list-own-sessions",
    ),
]
