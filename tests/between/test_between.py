"""What stands between the suite and a right server accuses nobody; what a wrong server does is caught all the same."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

import pytest

from contract_tests import cli
from contract_tests.contract import Level, load_ledger
from contract_tests.mock import MockServer, User

from tests.plugin.runs import credentials

from .proxy import HTML_502, Passing, between

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from .proxy import Meddle

SCENARIOS: Final = (
    "contract_tests/scenarios/test_keep_alive.py",
    "contract_tests/scenarios/test_expiry.py",
    "contract_tests/scenarios/test_authentication.py",
)
ROOT: Final = __import__("pathlib").Path(__file__).parents[2]


class Ran:
    """What a run said."""

    def __init__(self, code: int, folder: Path, server: MockServer) -> None:
        self.code = code
        self.report: Any = json.loads((folder / "conformance.json").read_text())
        self.server = server

    def slugs(self, verdict: str) -> set[str]:
        return {one["id"] for one in self.report["clauses"] for cell in one["cells"] if cell["verdict"] == verdict}

    @property
    def unheard(self) -> dict[str, int]:
        found: dict[str, int] = self.report["run"]["unheard"]
        return found
