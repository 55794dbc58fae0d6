"""Datastores, local libraries, items and the files that an item has."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from contract_tests.mock.domain import errors
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
)

if TYPE_CHECKING:
    from collections.abc import Iterator

_SPEC = MappingProxyType({"body": RequestBody.VALUE, "spec": "create_spec"})


def list_datastores(call: Invocation) -> list[Any]:
    # In /rest the filters are members of a structure called filter.
    filters = {name.removeprefix("filter."): values for name, values in call.query.items()}
    return [call.world.views.datastore(store) for store in call.world.libraries.datastores(filters)]


def create_library(call: Invocation) -> str:
    return call.world.libraries.create_library(call.user, call.body, call.client_token)


def list_libraries(call: Invocation) -> list[str]:
    return call.world.libraries.library_ids()


def get_library(call: Invocation) -> dict[str, Any]:
    return call.world.views.library(call.world.libraries.local_library(call.path["id"]))


def delete_library(call: Invocation) -> None:
    call.world.delete_library(call.path["id"])


def create_item(call: Invocation) -> str:
    return call.world.libraries.create_item(call.user, call.body, call.client_token)


def list_items(call: Invocation) -> list[str]:
    return call.world.libraries.item_ids(required(call, "library_id"))


def get_item(call: Invocation) -> dict[str, Any]:
    return call.world.views.item(call.world.libraries.item(call.path["id"]))


def delete_item(call: Invocation) -> None:
    call.world.delete_item(call.path["id"])


def item_files(call: Invocation, item_id: str) -> list[Any]:
    return [call.world.views.item_file(file) for file in call.world.libraries.item(item_id).files.values()]


def required(call: Invocation, name: str) -> str:
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
        SharedOperation("POST", library, create_library, CREATED, _SPEC),
        SharedOperation("GET", library, list_libraries, VALUE),
        SharedOperation("GET", f"{library}/{{id}}", get_library, VALUE),
        SharedOperation("DELETE", f"{library}/{{id}}", delete_library, VOID),
        SharedOperation("POST", item, create_item, CREATED, _SPEC),
        SharedOperation("GET", item, list_items, VALUE, {"query": frozenset({"library_id"})}),
        SharedOperation("GET", f"{item}/{{id}}", get_item, VALUE),
        SharedOperation("DELETE", f"{item}/{{id}}", delete_item, VOID),
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
