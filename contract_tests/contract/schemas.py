"""The schemas of the contract, compiled: is this value what the documents describe, and if not, why not."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from contract_tests.contract.documents import load
from contract_tests.contract.words import Dialect
from contract_tests.problems import NoSuchSchema

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from jsonschema.exceptions import ValidationError

_INT64 = range(-(2**63), 2**63)
_REMARKS: Final = ("x-", "description", "title", "example", "deprecated", "readOnly", "writeOnly")
"""How keywords begin that judge nothing."""
_OF_ONE: Final = frozenset({"items", "additionalProperties", "not", "propertyNames"})
_OF_SEVERAL: Final = frozenset({"anyOf", "oneOf", "allOf", "prefixItems"})
_BY_NAME: Final = frozenset({"properties", "patternProperties"})
"""Keywords that hold a schema, a list of them, or some by name."""
_LONGEST_VALUE = 60
"""Characters of a value that a problem quotes: it stands in a table cell and in a terminal."""
_REMEMBERED = 1000
"""Answers that are remembered: most sessions and errors of a run are read as they were before, and a lookup takes a
hundredth of the time."""


@dataclass(frozen=True)
class Schemas:
    """The component schemas of both documents, ready to judge values (JSON as Python's `json` reads it)."""

    validators: Mapping[Dialect, Mapping[str, Draft202012Validator]]
    _answered: dict[tuple[Dialect, str, str], tuple[str, ...]] = field(default_factory=dict, init=False, compare=False)

    def problems(self, name: str, instance: Any) -> list[str]:
        """What is wrong with `instance` by the schema `name` of api.yaml; empty if nothing is.

        One sentence a problem, the JSON pointer of the place first: ``/messages/0: args is missing``.

        Raises:
            NoSuchSchema: api.yaml has no schema of this name.
        """
        return self.problems_in(Dialect.API, name, instance)

    def problems_in(self, dialect: Dialect, name: str, instance: Any) -> list[str]:
        """As `problems`, for a schema of the document of `dialect` or of those that both dialects share.

        Raises:
            NoSuchSchema: neither that document nor api.yaml has a schema of this name.
        """
        validator = self._validator(dialect, name)
        asked = dialect, name, json.dumps(instance)
        if asked not in self._answered:
            if len(self._answered) == _REMEMBERED:
                self._answered.clear()
            problems = {
                _place_and_keyword(error): _sentence(error) for error in _telling(validator.iter_errors(instance))
            }
            self._answered[asked] = tuple(problems[key] for key in sorted(problems))
        return list(self._answered[asked])

    def _validator(self, dialect: Dialect, name: str) -> Draft202012Validator:
        for document in (dialect, Dialect.API):
            if name in self.validators[document]:
                return self.validators[document][name]
        known = sorted({*self.validators[dialect], *self.validators[Dialect.API]})
        raise NoSuchSchema(f"The contract has no schema {name!r}; it has {', '.join(known)}.")


@cache
def schemas() -> Schemas:
    """The schemas of this contract, compiled once.

    Raises:
        ContractNotFound: the documents are missing.
    """
    return compile_schemas({dialect: load(dialect) for dialect in Dialect})


def compile_schemas(documents: Mapping[Dialect, Mapping[str, Any]]) -> Schemas:
    """Compile every component schema; references reach from one document into the other by its file name."""
    registry: Registry[Any] = Registry().with_resources(
        (f"{dialect}.yaml", DRAFT202012.create_resource(document)) for dialect, document in documents.items()
    )
    formats = _formats()
    named = {
        f"{dialect}.yaml#/components/schemas/{name}": schema
        for dialect, document in documents.items()
        for name, schema in document["components"]["schemas"].items()
    }
    return Schemas(
        {
            dialect: {
                name: Draft202012Validator(
                    _written_out({"$ref": f"{dialect}.yaml#/components/schemas/{name}"}, dialect, named),
                    registry=registry,
                    format_checker=formats,
                )
                for name in document["components"]["schemas"]
            }
            for dialect, document in documents.items()
        }
    )


def _written_out(schema: Any, home: str, named: Mapping[str, Any], within: tuple[str, ...] = ()) -> Any:
    """A schema with those that it refers to in the place of the references, and without remarks.

    To follow a reference takes longer than to judge by most of them. A reference that leads back, or has another
    keyword beside it, stays. `home` is the document that the schema stands in, by its dialect.
    """
    if not isinstance(schema, dict):
        return schema
    told = {keyword: value for keyword, value in schema.items() if not keyword.startswith(_REMARKS)}
    if "$ref" in told:
        target = told["$ref"] if not told["$ref"].startswith("#") else f"{home}.yaml{told['$ref']}"
        if len(told) > 1 or target in within or target not in named:
            return {**told, "$ref": target}
        return _written_out(named[target], target.partition(".")[0], named, (*within, target))

    def inner(one: Any) -> Any:
        return _written_out(one, home, named, within)

    for keyword, value in told.items():
        if keyword in _OF_ONE:
            told[keyword] = inner(value)
        elif keyword in _OF_SEVERAL:
            told[keyword] = [inner(one) for one in value]
        elif keyword in _BY_NAME:
            told[keyword] = {name: inner(one) for name, one in value.items()}
    return told


def _formats() -> FormatChecker:
    """The formats that the contract checks; all others are remarks for the reader, as JSON Schema has it."""
    checker = FormatChecker(formats=("date-time",))
    checker.checks("int64")(_fits_int64)
    checker.checks("uuid", raises=ValueError)(_is_uuid)
    return checker


def _fits_int64(value: object) -> bool:
    """Whether a number that `type: integer` has let through, 480.0 included, is a signed 64-bit integer."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return True  # another keyword's business
    if isinstance(value, float) and not value.is_integer():
        return True
    return int(value) in _INT64


def _is_uuid(value: object) -> bool:
    """Whether a text is a UUID in the usual form; `UUID` alone would also take braces and no hyphens."""
    return not isinstance(value, str) or str(UUID(value)) == value.lower()


def _telling(errors: Iterable[ValidationError]) -> Iterator[ValidationError]:
    """The errors that tell a reader something: those of the alternative that was meant, not "none fits"."""
    for error in errors:
        if error.validator != "anyOf":
            yield error
            continue
        meant = [branch for branch in _branches(error) if not _is_of_another_type(branch)]
        if meant:
            nearest: list[ValidationError] = min(meant, key=len)
            yield from _telling(nearest)
        else:
            yield error


def _branches(error: ValidationError) -> list[list[ValidationError]]:
    """The errors of each alternative by itself."""
    branches: dict[Any, list[ValidationError]] = {}
    for reason in error.context or ():
        branches.setdefault(reason.schema_path[0], []).append(reason)
    return list(branches.values())


def _is_of_another_type(branch: Iterable[ValidationError]) -> bool:
    """Whether an alternative was not meant: the instance as a whole has another type."""
    return any(error.validator == "type" and not error.path for error in branch)


def _place_and_keyword(error: ValidationError) -> tuple[str, str, str]:
    """What makes a problem one problem: a place may break a keyword in two schemas that are combined."""
    detail = error.message if error.validator == "required" else ""
    return _pointer(error), str(error.validator), detail


def _sentence(error: ValidationError) -> str:
    return f"{_pointer(error) or 'the whole'}: {_complaint(error)}"


def _pointer(error: ValidationError) -> str:
    """The place as a JSON pointer (RFC 6901); empty for the instance itself."""
    parts = (str(part).replace("~", "~0").replace("/", "~1") for part in error.absolute_path)
    return "".join(f"/{part}" for part in parts)


def _complaint(error: ValidationError) -> str:
    wanted: Any = error.validator_value
    if error.validator == "required":
        # One error a missing name; which one it is about stands in the message only.
        return next(f"{name} is missing" for name in wanted if error.message.startswith(repr(name)))
    if error.validator == "anyOf":
        wanted = [str(reason.validator_value) for reason in error.context or () if reason.validator == "type"]
    say = _COMPLAINTS.get(str(error.validator))
    value = _shown(error.instance)
    return say(value, wanted) if say else f"{value} breaks {error.validator}: {_shown(wanted)}"


def _either(types: str | list[str]) -> str:
    return types if isinstance(types, str) else " or ".join(types)


_COMPLAINTS: Final[Mapping[str, Callable[[str, Any], str]]] = MappingProxyType(
    {
        "type": lambda value, types: f"{value} is not of type {_either(types)}",
        "anyOf": lambda value, types: f"{value} is not of type {_either(types)}",
        "format": lambda value, name: f"{value} is no {name}",
        "minimum": lambda value, least: f"{value} is below {least}",
        "maximum": lambda value, most: f"{value} is above {most}",
        "minItems": lambda value, least: f"{value} has fewer than {least} entries",
        "minLength": lambda value, least: f"{value} has fewer than {least} characters",
    }
)


def _shown(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _LONGEST_VALUE else f"{text[: _LONGEST_VALUE - 1]}…"
