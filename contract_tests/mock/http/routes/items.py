"""Items, the files that they have, and where these are stored."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from contract_tests.mock.http.idioms import API, REST
from contract_tests.mock.http.operations import (
    CREATED,
    VALUE,
    VOID,
    Invocation,
    Operation,
    RequestBody,
    SharedOperation,
    in_both,
    in_idiom,
)
from contract_tests.mock.http.routes.libraries import CREATE, FIND, UPDATE, required

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_COPY = MappingProxyType({"action": "copy", "body": RequestBody.VALUE, "spec": "destination_create_spec"})


def create(call: Invocation) -> str:
    return call.world.libraries.create_item(call.user, call.body, call.client_token)


def copy(call: Invocation) -> str:
    return call.world.libraries.copy_item(call.user, call.path["id"], call.body, call.client_token)


def list_ids(call: Invocation) -> list[str]:
    return call.world.libraries.item_ids(required(call, "library_id"))


def find(call: Invocation) -> list[str]:
    return call.world.libraries.find_items(call.body)


def get(call: Invocation) -> dict[str, Any]:
    return call.world.views.item(call.world.libraries.item(call.path["id"]))


def update(call: Invocation) -> None:
    call.world.libraries.update_item(call.path["id"], call.body)


def delete(call: Invocation) -> None:
    call.world.delete_item(call.path["id"])


def list_files(call: Invocation, item_id: str) -> list[Any]:
    return [call.world.views.item_file(file) for file in call.world.libraries.item(item_id).files.values()]


def get_file(call: Invocation, name: str) -> dict[str, Any]:
    return call.world.views.item_file(call.world.libraries.file(call.path["id"], name))


def list_storage(call: Invocation, item_id: str) -> list[Any]:
    return [_storage(call, item_id, name) for name in call.world.libraries.item(item_id).files]


def get_storage(call: Invocation, name: str) -> list[Any]:
    """A list, as a file may be stored in several places; here it is in one."""
    return [_storage(call, call.path["id"], name)]


def _storage(call: Invocation, item_id: str, name: str) -> dict[str, Any]:
    libraries = call.world.libraries
    item = libraries.item(item_id)
    return call.world.views.item_storage(libraries.library(item.library_id), item, libraries.file(item_id, name))


def list_or_get(place: _Place, call: Invocation) -> Any:
    """In `/api` one address does both: it depends on whether a name is given."""
    name = call.first(place.member)
    return place.list_all(call, call.path["id"]) if name is None else place.get(call, name)


def list_of_named(place: _Place, call: Invocation) -> list[Any]:
    return place.list_all(call, required(call, "library_item_id"))


def get_named(place: _Place, call: Invocation) -> Any:
    return place.get(call, call.world.specs.check(place.schema, call.body)[place.member])


@dataclass(frozen=True)
class _Place:
    """A service that is asked about the files of an item."""

    name: str
    member: str
    """What it calls a file's name."""
    schema: str
    list_all: Callable[[Invocation, str], list[Any]]
    get: Callable[[Invocation, str], Any]


_PLACES: Final = (
    _Place("file", "name", "ItemFileName", list_files, get_file),
    _Place("storage", "file_name", "FileName", list_storage, get_storage),
)


def operations() -> Iterator[Operation]:
    every = "/content/library/item"
    one = f"{every}/{{id}}"
    yield from in_both(
        SharedOperation("POST", every, create, CREATED, CREATE),
        SharedOperation("POST", every, find, VALUE, FIND),
        SharedOperation("GET", every, list_ids, VALUE, {"query": frozenset({"library_id"})}),
        SharedOperation("GET", one, get, VALUE),
        SharedOperation("PATCH", one, update, VOID, UPDATE),
        SharedOperation("DELETE", one, delete, VOID),
        SharedOperation("POST", one, copy, CREATED, _COPY),
    )
    for place in _PLACES:
        named = {"action": "get", "body": RequestBody.VALUE}
        yield from in_idiom(
            API,
            SharedOperation(
                "GET", f"{one}/{place.name}", partial(list_or_get, place), VALUE, {"query": frozenset({place.member})}
            ),
        )
        yield from in_idiom(
            REST,
            SharedOperation(
                "GET",
                f"{every}/{place.name}",
                partial(list_of_named, place),
                VALUE,
                {"query": frozenset({"library_item_id"})},
            ),
            SharedOperation("POST", f"{every}/{place.name}/{{id}}", partial(get_named, place), VALUE, named),
        )
