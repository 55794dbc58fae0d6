"""Servers that are wrong beside what they were asked are caught."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from . import test_wrong_servers as harness
from .beside_faults import FAULTS

if TYPE_CHECKING:
    from pathlib import Path

    from .miniatures import Fault


@pytest.mark.parametrize("wrong", FAULTS, ids=lambda wrong: wrong.name)
def test_a_wrong_server_is_caught(wrong: Fault, tmp_path: Path) -> None:
    harness.test_a_wrong_server_is_caught(wrong, tmp_path)
