"""No right server is accused for what it takes in an update, for an address, or as a token."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from . import test_right_servers as harness
from .right_doors import DIFFERENCES

if TYPE_CHECKING:
    from pathlib import Path

    from .miniatures import Difference


@pytest.mark.parametrize("right", DIFFERENCES, ids=lambda right: right.name)
def test_a_right_server_that_differs_passes(right: Difference, tmp_path: Path) -> None:
    harness.test_a_right_server_that_differs_passes(right, tmp_path)
