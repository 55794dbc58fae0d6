"""Data types: how a JSON value of the domain is written as a vAPI data value, and read from one.

Texts, numbers and booleans stand as they are, and so do dates, ids and members of enumerations, which are texts here.
All else is tagged: ``{"OPTIONAL": …}``, ``{"STRUCTURE": {name: {member: …}}}``, ``{"SECRET": …}``. A map is a list of
structures called `map-entry`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, Final

from contract_tests.mock.domain import errors
from contract_tests.mock.jsonrpc.structures import STRUCTURES

if TYPE_CHECKING:
    from collections.abc import Mapping

_MAP_ENTRY: Final = "map-entry"
OPERATION_INPUT: Final = "operation-input"
_ANONYMOUS: Final = frozenset({_MAP_ENTRY, OPERATION_INPUT})
"""Structures that may be called otherwise, since old clients do."""


class DataType(ABC):
    """One type of data values. `place` says in messages where a value stands."""

    name: str

    @abstractmethod
    def encode(self, value: Any) -> Any:
        """The data value for what the domain shows."""

    @abstractmethod
    def decode(self, data: Any, place: str) -> Any:
        """What a data value stands for.

        Raises:
            ApiError: INVALID_ARGUMENT, if it is of another type; UNEXPECTED_INPUT.
        """

    def mismatch(self, data: Any, place: str) -> errors.ApiError:
        text = f"{place} is of type {self.name}, and was sent as {kind_of(data)}."
        return errors.invalid_argument(text, argument=place)


class Scalar(DataType):
    """What stands as it is."""

    def __init__(self, name: str, kind: type) -> None:
        self.name = name
        self.kind = kind

    def encode(self, value: Any) -> Any:
        return value

    def decode(self, data: Any, place: str) -> Any:
        if type(data) is not self.kind or (type(data) is int and not -(2**63) <= data < 2**63):
            raise self.mismatch(data, place)
        return data


class SecretText(DataType):
    name = "secret"

    def encode(self, value: Any) -> Any:
        return {"SECRET": value}

    def decode(self, data: Any, place: str) -> Any:
        if not (isinstance(data, dict) and isinstance(data.get("SECRET"), str)):
            raise self.mismatch(data, place)
        return data["SECRET"]


class VoidOutput(DataType):
    """What an operation without a result gives."""

    name = "void"

    def encode(self, value: Any) -> Any:  # noqa: ARG002 - there is nothing to show
        return None

    def decode(self, data: Any, place: str) -> Any:
        if data is not None:
            raise self.mismatch(data, place)


@dataclass(frozen=True)
class Unsettable(DataType):
    """What may be unset: None in the domain."""

    inner: DataType

    @property
    def name(self) -> str:  # type: ignore[override]
        return f"optional {self.inner.name}"

    def encode(self, value: Any) -> Any:
        return {"OPTIONAL": None if value is None else self.inner.encode(value)}

    def decode(self, data: Any, place: str) -> Any:
        if not (isinstance(data, dict) and "OPTIONAL" in data):
            raise self.mismatch(data, place)
        return None if data["OPTIONAL"] is None else self.inner.decode(data["OPTIONAL"], place)


@dataclass(frozen=True)
class ListOf(DataType):
    element: DataType

    @property
    def name(self) -> str:  # type: ignore[override]
        return f"list of {self.element.name}"

    def encode(self, value: Any) -> Any:
        return [self.element.encode(one) for one in value]

    def decode(self, data: Any, place: str) -> Any:
        if not isinstance(data, list):
            raise self.mismatch(data, place)
        return [self.element.decode(one, place) for one in data]


@dataclass(frozen=True)
class MapOf(DataType):
    """A map from texts."""

    entry: StructureType
    name = "map"

    def encode(self, value: Any) -> Any:
        return [self.entry.encode({"key": key, "value": inner}) for key, inner in value.items()]

    def decode(self, data: Any, place: str) -> Any:
        entries = ListOf(self.entry).decode(data, place)
        found = {entry["key"]: entry["value"] for entry in entries}
        if len(found) != len(entries):
            raise errors.invalid_argument(f"{place} has a key twice.", argument=place)
        return found


class StructureType(DataType):
    """A structure with its members, which are looked up when they are needed: structures may hold each other."""

    def __init__(self, name: str, notations: Mapping[str, str]) -> None:
        self.name = name
        self._notations = notations

    @cached_property
    def members(self) -> dict[str, DataType]:
        return {name: type_of(notation) for name, notation in self._notations.items()}

    def encode(self, value: Any) -> Any:
        return {"STRUCTURE": {self.name: self.encoded_members(value)}}

    def encoded_members(self, value: Mapping[str, Any]) -> dict[str, Any]:
        """The members that are there, and all that are unset; others have no place in this dialect."""
        return {
            name: kind.encode(value.get(name))
            for name, kind in self.members.items()
            if name in value or isinstance(kind, Unsettable)
        }

    def decode(self, data: Any, place: str) -> Any:
        structure = data.get("STRUCTURE") if isinstance(data, dict) else None
        if structure is None:
            raise self.mismatch(data, place)
        [(name, members)] = structure.items()
        if name != self.name and self.name not in _ANONYMOUS:
            raise errors.invalid_argument(f"{place} is a {self.name}, and was sent as a {name}.", argument=place)
        where = "" if self.name == OPERATION_INPUT else f"{place}."
        known = self.members
        for stranger, value in members.items():
            if stranger not in known and value != {"OPTIONAL": None}:
                raise errors.unexpected_input(where + stranger)
        found = {}
        for member, kind in known.items():
            if member in members:
                value = kind.decode(members[member], where + member)
                if value is not None:
                    found[member] = value
            elif not isinstance(kind, Unsettable):
                raise errors.invalid_argument(f"{where}{member} is required.", argument=where + member)
        return found


SCALARS: Final = {
    one.name: one
    for one in (
        Scalar("text", str),
        Scalar("integer", int),
        Scalar("boolean", bool),
        Scalar("double", float),
        SecretText(),
        VoidOutput(),
    )
}


@cache
def type_of(notation: str) -> DataType:
    """The type that a notation of the tables names.

    ``text``, ``integer``, ``boolean``, ``double``, ``secret``, ``void`` or the name of a structure; ``[x]`` is a list,
    ``{x}`` a map from texts, ``x?`` may be unset.
    """
    if notation.endswith("?"):
        return Unsettable(type_of(notation[:-1]))
    if notation.startswith("["):
        return ListOf(type_of(notation[1:-1]))
    if notation.startswith("{"):
        return MapOf(StructureType(_MAP_ENTRY, {"key": "text", "value": notation[1:-1]}))
    return SCALARS.get(notation) or StructureType(notation, STRUCTURES[notation])


def is_readable(data: Any) -> bool:
    """Whether something is a data value of any type, nested no deeper than anybody needs."""
    try:
        return _is_readable(data)
    except RecursionError:
        return False


def _is_readable(data: Any) -> bool:
    if isinstance(data, list):
        return all(_is_readable(one) for one in data)
    if not isinstance(data, dict):
        return True
    if len(data) != 1:
        return False
    [(tag, inner)] = data.items()
    if tag in {"SECRET", "BINARY"}:
        return isinstance(inner, str)
    if tag == "OPTIONAL":
        return _is_readable(inner)
    return (
        tag in {"STRUCTURE", "ERROR"}
        and isinstance(inner, dict)
        and len(inner) == 1
        and _has_readable_members(*inner.values())
    )


def _has_readable_members(members: Any) -> bool:
    return isinstance(members, dict) and all(_is_readable(one) for one in members.values())


def kind_of(data: Any) -> str:
    """What a data value is, for a message."""
    if isinstance(data, dict):
        return str(next(iter(data), "nothing")).lower()
    kinds = {type(None): "void", bool: "boolean", str: "text", int: "integer", float: "double", list: "list"}
    return kinds[type(data)]
