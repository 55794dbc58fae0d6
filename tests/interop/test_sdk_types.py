"""The tables of the JSON-RPC dialect beside the types of the official bindings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from contract_tests.mock.jsonrpc.operations import OPERATIONS
from contract_tests.mock.jsonrpc.structures import STRUCTURES

from .conftest import NEEDS_SDK

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import SimpleNamespace

pytestmark = NEEDS_SDK


SCALARS = {"Boolean": "boolean", "Double": "double", "Integer": "integer", "Secret": "secret", "Void": "void"}
"""What is no text; ids, addresses, times and members of enumerations are."""


def notation(kind: Any) -> str:
    """A type of the bindings in the notation of our tables."""
    match type(kind).__name__.removesuffix("Type"):
        case "Optional":
            return f"{notation(kind.element_type)}?"
        case "List" | "Set":
            return f"[{notation(kind.element_type)}]"
        case "Map":
            return f"{{{notation(kind.value_type)}}}"
        case "Reference":
            return notation(kind.resolved_type)
        case "Struct":
            return str(kind.name)
        case other:
            return SCALARS.get(other, "text")


def structures(kind: Any) -> Iterator[Any]:
    """The structures that a type of the bindings is made of."""
    kind = getattr(kind, "resolved_type", kind)
    if hasattr(kind, "get_field_names"):
        yield kind
    for inner in (getattr(kind, name, None) for name in ("element_type", "key_type", "value_type")):
        if inner is not None:
            yield from structures(inner)


def members(kind: Any) -> dict[str, str]:
    return {name: notation(kind.get_field(name)) for name in kind.get_field_names()}


def test_our_tables_say_what_the_bindings_say(sdk: SimpleNamespace, client: Any) -> None:
    content = client.content
    services = (
        client.session_svc,
        content.LocalLibrary,
        content.Library,
        content.library.Item,
        content.library.item.File,
        content.library.item.Storage,
        content.library.item.UpdateSession,
        content.library.item.DownloadSession,
        content.library.item.updatesession.File,
        content.library.item.downloadsession.File,
    )
    stubs = {one._api_interface._iface_id.get_name(): one._api_interface for one in services}
    assert {service for service, _ in OPERATIONS} == stubs.keys()
    waiting = [sdk.errors.ArgumentLocations.get_binding_type()]
    for (service, operation), row in OPERATIONS.items():
        known = stubs[service]._operations[operation]
        given = known["input_type"]
        assert {name: one.notation for name, one in row.members.items()} == members(given)
        assert row.output == notation(known["output_type"])
        waiting += [known["output_type"], *(given.get_field(name) for name in given.get_field_names())]
    found: dict[str, dict[str, str]] = {}
    while waiting:
        for one in structures(waiting.pop()):
            if one.name not in found:
                found[one.name] = members(one)
                waiting += [one.get_field(name) for name in one.get_field_names()]
    assert found == {name: dict(kinds) for name, kinds in STRUCTURES.items()}
