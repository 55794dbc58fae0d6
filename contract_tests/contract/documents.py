"""Finds and reads the OpenAPI documents; names the exact contract by a hash."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

try:
    # libyaml's parser: PyYAML's own takes a second for the ledger, in every process of a run.
    from yaml import CSafeLoader as SafeLoader
except ImportError:  # a PyYAML that was built without it
    from yaml import SafeLoader  # type: ignore[assignment]

from contract_tests.problems import ContractNotFound

if TYPE_CHECKING:
    from collections.abc import Mapping

    from contract_tests.contract.words import Dialect

__all__ = ["SafeLoader", "find_openapi_dir", "hash_of", "load", "openapi_dir", "read_document", "sha256"]


def openapi_dir() -> Path:
    """The folder that holds the contract.

    Raises:
        ContractNotFound: it is neither in the package (a wheel) nor beside it (a checkout).
    """
    return find_openapi_dir(Path(__file__).resolve().parent.parent)


def find_openapi_dir(package: Path) -> Path:
    """The folder openapi/ that belongs to the package at `package`.

    Raises:
        ContractNotFound: it is neither in the package (a wheel) nor beside it (a checkout).
    """
    places = (package / "openapi", package.parent / "openapi")
    for place in places:
        if place.is_dir():
            return place
    raise ContractNotFound(
        f"The contract is missing: there is no folder {places[0]} and no {places[1]}. "
        "Install cl-contract as a whole, or run it from a complete checkout."
    )


@cache
def load(dialect: Dialect) -> Mapping[str, Any]:
    """The OpenAPI document of `dialect`, parsed, its references unresolved. One object for all callers.

    Raises:
        ContractNotFound: the document does not exist.
    """
    return read_document(openapi_dir() / f"{dialect}.yaml")


def read_document(path: Path) -> Mapping[str, Any]:
    """The YAML document at `path`.

    Raises:
        ContractNotFound: it does not exist.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ContractNotFound(f"The contract is incomplete: there is no {path}.") from None
    document: Mapping[str, Any] = yaml.load(text, Loader=SafeLoader)
    return document


@cache
def sha256() -> str:
    """The hash of the whole contract, documents and ledger, in hexadecimal."""
    return hash_of(openapi_dir())


def hash_of(folder: Path, pattern: str = "*.yaml") -> str:
    """The hash over the names and contents of all files under `folder` that match, whatever the order on disk.

    Lengths go into it too, so that text moved from one file to the next makes another hash.
    """
    digest = hashlib.sha256()
    for name, path in sorted((path.relative_to(folder).as_posix(), path) for path in folder.rglob(pattern)):
        content = path.read_bytes()
        digest.update(f"{name}\n{len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()
