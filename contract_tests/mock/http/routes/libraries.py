"""Datastores and libraries."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from contract_tests.mock.domain import errors
from contract_tests.mock.domain.model import LibraryType
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

if TYPE_CHECKING:
    from collections.abc import Iterator

CREATE: Final = MappingProxyType({"body": RequestBody.VALUE, "spec": "create_spec"})
UPDATE: Final = MappingProxyType({"body": RequestBody.VALUE, "spec": "update_spec"})
FIND: Final = MappingProxyType({"body": RequestBody.VALUE, "spec": "spec", "action": "find"})
_FORCE: Final = MappingProxyType({"action": "force-delete"})


def list_datastores(call: Invocation) -> list[Any]:
    # In /rest the filters are members of a structure called filter.
    filters = {name.removeprefix("filter."): values for name, values in call.query.items()}
    return [call.world.views.datastore(store) for store in call.world.libraries.datastores(filters)]


def create_library(call: Invocation) -> str:
    return call.world.libraries.create_library(call.user, call.body, call.client_token)


def list_libraries(call: Invocation) -> list[str]:
    return call.world.libraries.library_ids()


def list_local_libraries(call: Invocation) -> list[str]:
    return call.world.libraries.library_ids([LibraryType.LOCAL])


def find_libraries(call: Invocation) -> list[str]:
    return call.world.libraries.find_libraries(call.body)


def get_library(call: Invocation) -> dict[str, Any]:
    return call.world.views.library(call.world.libraries.library(call.path["id"]))


def get_local_library(call: Invocation) -> dict[str, Any]:
    return call.world.views.library(call.world.libraries.local_library(call.path["id"]))


def update_library(call: Invocation) -> None:
    call.world.libraries.update_library(call.path["id"], call.body)


def update_local_library(call: Invocation) -> None:
    call.world.libraries.update_local_library(call.path["id"], call.body)


def delete_library(call: Invocation) -> None:
    """With force or without: that differs only where other resources are said to use the library."""
    call.world.delete_library(call.path["id"])


def delete_local_library(call: Invocation) -> None:
    call.world.delete_local_library(call.path["id"])


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
    local, one_local = "/content/local-library", "/content/local-library/{id}"
    library, one = "/content/library", "/content/library/{id}"
    yield from in_both(
        SharedOperation("POST", local, create_library, CREATED, CREATE),
        SharedOperation("GET", local, list_local_libraries, VALUE),
        SharedOperation("GET", one_local, get_local_library, VALUE),
        SharedOperation("PATCH", one_local, update_local_library, VOID, UPDATE),
        SharedOperation("DELETE", one_local, delete_local_library, VOID),
        SharedOperation("POST", one_local, delete_local_library, VOID, _FORCE),
        SharedOperation("GET", library, list_libraries, VALUE),
        SharedOperation("POST", library, find_libraries, VALUE, FIND),
        SharedOperation("GET", one, get_library, VALUE),
        SharedOperation("PATCH", one, update_library, VOID, UPDATE),
        SharedOperation("DELETE", one, delete_library, VOID),
        SharedOperation("POST", one, delete_library, VOID, _FORCE),
    )
    # The documents have POST; govmomi sends DELETE, with the same action.
    yield from in_idiom(REST, SharedOperation("DELETE", one_local, delete_local_library, VOID, _FORCE))
