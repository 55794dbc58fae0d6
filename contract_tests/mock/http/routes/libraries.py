"""Datastores, local libraries, items and the files that an item has."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from contract_tests.mock.domain import errors
from contract_tests.mock.http.idioms import API, REST
from contract_tests.mock.http.operations import CREATED, VALUE, VOID, Body, Call, Operation, Row, in_both

if TYPE_CHECKING:
    from collections.abc import Iterator

_SPEC = MappingProxyType({"body": Body.VALUE, "spec": "create_spec"})


def list_datastores(call: Call) -> list[Any]:
    # In /rest the filters are members of a structure called filter.
    filters = {name.removeprefix("filter."): values for name, values in call.query.items()}
    return [call.world.views.datastore(store) for store in call.world.libraries.datastores(filters)]


def create_library(call: Call) -> str:
    return call.world.libraries.create_library(call.user, call.body, call.client_token)


def list_libraries(call: Call) -> list[str]:
    return call.world.libraries.library_ids()


def get_library(call: Call) -> dict[str, Any]:
    return call.world.views.library(call.world.libraries.local_library(call.path["id"]))


def delete_library(call: Call) -> None:
    call.world.delete_library(call.path["id"])


def create_item(call: Call) -> str:
    return call.world.libraries.create_item(call.user, call.body, call.client_token)


def list_items(call: Call) -> list[str]:
    return call.world.libraries.item_ids(required(call, "library_id"))


def get_item(call: Call) -> dict[str, Any]:
    return call.world.views.item(call.world.libraries.item(call.path["id"]))


def delete_item(call: Call) -> None:
    call.world.delete_item(call.path["id"])


def item_files(call: Call, item_id: str) -> list[Any]:
    return [call.world.views.item_file(file) for file in call.world.libraries.item(item_id).files.values()]


def required(call: Call, name: str) -> str:
    """The value of a query parameter that has to be there.

    Raises:
        ApiError: INVALID_ARGUMENT.
    """
    value = call.first(name)
    if value is None:
        raise errors.invalid_argument(f"The parameter {name} is required.", argument=name)
    return value


def operations() -> Iterator[Operation]:
    filters = ("datastores", "names", "types")
    yield Operation(API, "GET", "/api/vcenter/datastore", list_datastores, VALUE, lists=frozenset(filters))
    yield Operation(
        REST,
        "GET",
        "/rest/vcenter/datastore",
        list_datastores,
        VALUE,
        lists=frozenset(f"filter.{name}" for name in filters),
    )
    library, item = "/content/local-library", "/content/library/item"
    yield from in_both(
        Row("POST", library, create_library, CREATED, _SPEC),
        Row("GET", library, list_libraries, VALUE),
        Row("GET", f"{library}/{{id}}", get_library, VALUE),
        Row("DELETE", f"{library}/{{id}}", delete_library, VOID),
        Row("POST", item, create_item, CREATED, _SPEC),
        Row("GET", item, list_items, VALUE, {"query": frozenset({"library_id"})}),
        Row("GET", f"{item}/{{id}}", get_item, VALUE),
        Row("DELETE", f"{item}/{{id}}", delete_item, VOID),
    )
    yield Operation(
        API,
        "GET",
        f"/api{item}/{{id}}/file",
        lambda call: item_files(call, call.path["id"]),
        VALUE,
    )
    yield Operation(
        REST,
        "GET",
        f"{REST.root}{item}/file",
        lambda call: item_files(call, required(call, "library_item_id")),
        VALUE,
        query=frozenset({"library_item_id"}),
    )
