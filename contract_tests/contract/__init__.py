"""Reads the contract: the OpenAPI documents and the ledger of clauses. Knows no server."""

from contract_tests.contract.capabilities import Capability
from contract_tests.contract.documents import load, openapi_dir, sha256
from contract_tests.contract.ledger import Basis, Clause, Ledger, Level, load_ledger
from contract_tests.contract.words import CELLS, DEFAULT_TIMEOUT, Cell, Dialect, Service

__all__ = [
    "CELLS",
    "DEFAULT_TIMEOUT",
    "Basis",
    "Capability",
    "Cell",
    "Clause",
    "Dialect",
    "Ledger",
    "Level",
    "Service",
    "load",
    "load_ledger",
    "openapi_dir",
    "sha256",
]
