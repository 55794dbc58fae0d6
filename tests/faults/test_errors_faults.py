"""Servers whose error bodies are wrong in one clause are caught."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from . import error_clause_faults, error_form_faults
from . import test_wrong_servers as harness

if TYPE_CHECKING:
    from pathlib import Path

    from .miniatures import Fault


@pytest.mark.parametrize(
    "wrong", [*error_clause_faults.FAULTS, *error_form_faults.FAULTS], ids=lambda wrong: wrong.name
)
def test_a_wrong_server_is_caught(wrong: Fault, tmp_path: Path) -> None:
    harness.test_a_wrong_server_is_caught(wrong, tmp_path)
