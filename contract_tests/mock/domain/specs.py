"""Whether a specification has the shape that is documented for it."""

from __future__ import annotations

from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from jsonschema import Draft202012Validator

from contract_tests.contract.schemas import schemas
from contract_tests.mock.domain import errors

if TYPE_CHECKING:
    from collections.abc import Mapping

_TEXT: Final = {"type": ["string", "null"]}
_CHECKSUM: Final = {
    "type": ["object", "null"],
    "required": ["checksum"],
    "properties": {
        "algorithm": {"enum": ["SHA1", "MD5", "SHA256", "SHA512", None]},
        "checksum": {"type": "string"},
    },
}
_PUBLICATION: Final = {
    "type": ["object", "null"],
    "properties": {
        "authentication_method": {"enum": ["BASIC", "NONE", None]},
        "published": {"type": ["boolean", "null"]},
    },
}
_COMMON_CHANGES: Final = {
    "name": {"type": ["string", "null"], "minLength": 1, "maxLength": 80},
    "description": {"type": ["string", "null"], "maxLength": 2000},
    "version": _TEXT,
}

SUPPORT: Final[Mapping[str, Mapping[str, Any]]] = MappingProxyType(
    {
        "LibraryModel": {
            "type": "object",
            "required": ["name", "storage_backings"],
            "properties": {
                "name": {"type": "string", "minLength": 1, "maxLength": 80},
                "description": {"type": ["string", "null"], "maxLength": 2000},
                "type": {"enum": ["LOCAL", None]},
                "publish_info": {**_PUBLICATION, "required": ["authentication_method", "published"]},
                "storage_backings": {
                    "type": "array",
                    "minItems": 1,
                    "items": {
                        "type": "object",
                        "required": ["type", "datastore_id"],
                        "properties": {"type": {"enum": ["DATASTORE"]}, "datastore_id": {"type": "string"}},
                    },
                },
            },
        },
        "ItemModel": {
            "type": "object",
            "required": ["library_id", "name"],
            "properties": {
                "library_id": {"type": "string"},
                "name": {"type": "string", "minLength": 1, "maxLength": 80},
                "description": {"type": ["string", "null"], "maxLength": 2000},
                "type": _TEXT,
                "source_id": _TEXT,
            },
        },
        "LibraryUpdate": {"properties": {**_COMMON_CHANGES, "publish_info": _PUBLICATION}},
        "ItemUpdate": {"properties": {**_COMMON_CHANGES, "type": _TEXT}},
        "LibraryFindSpec": {
            "properties": {
                "name": _TEXT,
                "type": {"enum": ["LOCAL", "SUBSCRIBED", None]},
                "storage_backing": {
                    "type": ["object", "null"],
                    "required": ["type"],
                    "properties": {"type": {"enum": ["DATASTORE", "OTHER"]}, "datastore_id": _TEXT},
                },
            },
        },
        "ItemFindSpec": {
            "properties": {
                "name": _TEXT,
                "library_id": _TEXT,
                "source_id": _TEXT,
                "type": _TEXT,
                "cached": {"type": ["boolean", "null"]},
            },
        },
        "ItemFileName": {
            "type": "object",
            "required": ["name"],
            "properties": {"name": {"type": "string"}},
        },
        "UpdateFileAddSpec": {
            "type": "object",
            "required": ["name", "source_type"],
            "properties": {
                "name": {"type": "string", "minLength": 1},
                "source_type": {"enum": ["NONE", "PUSH", "PULL"]},
                "size": {"type": ["integer", "null"]},
                "checksum_info": _CHECKSUM,
            },
            "if": {"properties": {"source_type": {"const": "PULL"}}},
            "then": {
                "required": ["source_endpoint"],
                "properties": {
                    # Clients in Go say -1 of a source that does not tell its length.
                    "size": {"minimum": -1},
                    "source_endpoint": {
                        "type": "object",
                        "required": ["uri"],
                        "properties": {
                            "uri": {"type": "string"},
                            "ssl_certificate_thumbprint": _TEXT,
                            "ssl_certificate": _TEXT,
                        },
                    },
                },
            },
            "else": {"properties": {"size": {"minimum": 0}}},
        },
        "FileName": {
            "type": "object",
            "required": ["file_name"],
            "properties": {
                "file_name": {"type": "string"},
                "endpoint_protocol": {"enum": ["HTTP", "HTTPS", None]},
                "endpoint_type": {"enum": ["HTTPS", "DIRECT", None]},
            },
        },
        "Fail": {
            "type": "object",
            "required": ["client_error_message"],
            "properties": {"client_error_message": {"type": "string"}},
        },
    }
)
"""Shapes of what lies around the operations of the contract, as far as this server looks at them."""


@cache
def _support(name: str) -> Draft202012Validator:
    return Draft202012Validator(SUPPORT[name])


class Specs:
    """Judges specifications by the contract's schemas, and by those of `SUPPORT`."""

    def problems(self, name: str, spec: Any) -> list[str]:
        """What is wrong with `spec` by the schema called `name`: one sentence each, none if it is right."""
        if name not in SUPPORT:
            found = (problem.partition(": ")[::2] for problem in schemas().problems(name, spec))
            return [_sentence(place.removeprefix("the whole"), complaint) for place, complaint in found]
        return [
            _sentence("".join(f"/{part}" for part in error.absolute_path), error.message)
            for error in _support(name).iter_errors(spec)
        ]

    def check(self, name: str, spec: Any) -> dict[str, Any]:
        """`spec`, if it is an object as the schema wants it.

        Raises:
            ApiError: INVALID_ARGUMENT, with a message for each problem.
        """
        if not isinstance(spec, dict):
            raise errors.invalid_argument("The specification is an object, and it is required.")
        problems = self.problems(name, spec)
        if problems:
            raise errors.invalid_argument(*problems)
        return spec


def _sentence(place: str, complaint: str) -> str:
    where = f" at {place}" if place else ""
    return f"What was sent is not as documented{where}: {complaint}."
