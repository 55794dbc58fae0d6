"""Data values: what the domain shows, written and read again, by the type of each structure."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract_tests.mock import ApiError
from contract_tests.mock.jsonrpc.datatypes import is_readable, type_of
from contract_tests.mock.jsonrpc.operations import OPERATIONS
from contract_tests.mock.jsonrpc.structures import MESSAGE, STRUCTURES, UPDATE_MODEL

from .remote import plain, some, structure


@cache
def values(notation: str, depth: int = 0) -> st.SearchStrategy[Any]:
    """Values of a type as the domain holds them, in which a member that is unset is not there."""
    match notation[0], notation[-1]:
        case _, "?":
            inner = values(notation[:-1], depth + 1) if depth < 6 else st.nothing()
            return st.none() | inner
        case "[", _:
            return st.lists(values(notation[1:-1], depth + 1), max_size=2)
        case "{", _:
            return st.dictionaries(st.text(max_size=3), values(notation[1:-1], depth + 1), max_size=2)
    scalars: dict[str, st.SearchStrategy[Any]] = {
        "text": st.text(),
        "secret": st.text(),
        "integer": st.integers(-(2**63), 2**63 - 1),
        "boolean": st.booleans(),
        "double": st.floats(allow_nan=False, allow_infinity=False),
    }
    if notation in scalars:
        return scalars[notation]
    members = {name: values(kind, depth + 1) for name, kind in STRUCTURES[notation].items()}
    return st.fixed_dictionaries(members).map(
        lambda found: {name: value for name, value in found.items() if value is not None}
    )


@pytest.mark.parametrize("name", STRUCTURES)
@settings(max_examples=20)
@given(data=st.data())
def test_what_is_written_is_read_again(name: str, data: st.DataObject) -> None:
    value = data.draw(values(name))
    written = type_of(name).encode(value)
    assert is_readable(written)
    assert list(written["STRUCTURE"]) == [name]
    assert type_of(name).decode(written, "it") == value


@settings(max_examples=50)
@given(value=values(UPDATE_MODEL))
def test_what_is_written_says_the_same_to_who_knows_no_table(value: dict[str, Any]) -> None:
    # An empty map looks like an empty list to them.
    told = plain(type_of(UPDATE_MODEL).encode(value))
    assert told | {"error_message": 0, "preview_info": 0} == value | {"error_message": 0, "preview_info": 0}


def test_all_that_is_unset_is_there() -> None:
    written = type_of(UPDATE_MODEL).encode({"state": "DONE"})["STRUCTURE"][UPDATE_MODEL]
    assert written.keys() == STRUCTURES[UPDATE_MODEL].keys()
    assert written.pop("state") == {"OPTIONAL": "DONE"}
    assert all(value == {"OPTIONAL": None} for value in written.values())


def test_nothing_is_void() -> None:
    assert type_of("void").decode(type_of("void").encode(None), "it") is None


def test_a_map_is_a_list_of_entries() -> None:
    shown = {"id": "i", "default_message": "d", "args": [], "params": {"x": {"s": "y"}}}
    members = type_of(MESSAGE).encode(shown)["STRUCTURE"][MESSAGE]
    [entry] = members["params"]["OPTIONAL"]
    assert entry["STRUCTURE"]["map-entry"]["key"] == "x"
    twice = {**members, "params": some([entry, entry])}
    with pytest.raises(ApiError, match="INVALID_ARGUMENT"):
        type_of(MESSAGE).decode(structure(MESSAGE, **twice), "it")


def test_the_tables_name_types_that_exist() -> None:
    def seen(notation: str) -> None:
        inner = notation.strip("[]{}?")
        if inner in STRUCTURES and inner not in known:
            known.add(inner)
            for member in STRUCTURES[inner].values():
                type_of(member)
                seen(member)

    known: set[str] = set()
    for row in OPERATIONS.values():
        for notation in (row.output, *(member.notation for member in row.members.values())):
            type_of(notation)
            seen(notation)
    # The rest is said of refusals.
    assert STRUCTURES.keys() - known == {"com.vmware.vapi.std.errors.argument_locations"}


@pytest.mark.parametrize(
    ("notation", "sent", "told"),
    [
        ("text", 5, "it is of type text, and was sent as integer."),
        ("text", None, "it is of type text, and was sent as void."),
        ("text", some("x"), "it is of type text, and was sent as optional."),
        ("text", {"SECRET": "x"}, "it is of type text, and was sent as secret."),
        ("integer", True, "it is of type integer, and was sent as boolean."),
        ("integer", 1.0, "it is of type integer, and was sent as double."),
        ("integer", 2**63, "it is of type integer, and was sent as integer."),
        ("integer?", 5, "it is of type optional integer, and was sent as integer."),
        ("boolean", 1, "it is of type boolean, and was sent as integer."),
        ("secret", "x", "it is of type secret, and was sent as text."),
        ("void", "x", "it is of type void, and was sent as text."),
        ("[text]", "x", "it is of type list of text, and was sent as text."),
        ("[text]", [5], "it is of type text, and was sent as integer."),
        ("{text}", some([]), "it is of type list of map-entry, and was sent as optional."),
        ("{text}?", [], "it is of type optional map, and was sent as list."),
        (MESSAGE, [], f"it is of type {MESSAGE}, and was sent as list."),
        (MESSAGE, {"ERROR": {MESSAGE: {}}}, f"it is of type {MESSAGE}, and was sent as error."),
        (MESSAGE, structure("other"), f"it is a {MESSAGE}, and was sent as a other."),
        (MESSAGE, structure(MESSAGE, id="i"), "it.default_message is required."),
    ],
)
def test_what_is_of_another_type_is_an_invalid_argument(notation: str, sent: Any, told: str) -> None:
    with pytest.raises(ApiError) as refusal:
        type_of(notation).decode(sent, "it")
    assert refusal.value.error_type == "INVALID_ARGUMENT"
    assert [one.default_message for one in refusal.value.messages] == [told]
    assert refusal.value.data is not None


def test_a_member_that_nobody_knows_is_unexpected_unless_it_is_unset() -> None:
    kind = type_of("com.vmware.content.library.source_info")
    assert kind.decode(structure(kind.name, newer=some(None)), "it") == {}
    with pytest.raises(ApiError) as refusal:
        kind.decode(structure(kind.name, newer=some("x")), "it")
    assert (refusal.value.error_type, refusal.value.messages[0].args) == ("UNEXPECTED_INPUT", ("it.newer",))


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"OPTIONAL": None, "SECRET": "x"},
        {"OPTIONAL": {}},
        {"OTHER": "x"},
        {"SECRET": 5},
        {"BINARY": None},
        {"STRUCTURE": "x"},
        {"STRUCTURE": {}},
        {"STRUCTURE": {"a": {}, "b": {}}},
        {"STRUCTURE": {"a": []}},
        {"STRUCTURE": {"a": {"member": {}}}},
        [{}],
    ],
)
def test_what_is_no_data_value_is_not_readable(data: Any) -> None:
    assert not is_readable(data)
