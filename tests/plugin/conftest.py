from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from .runs import Runner, credentials

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def run(tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Runner:
    credentials(monkeypatch)
    # A run adds the folder of its probe, and every later one in this process would look for modules and plugins there.
    monkeypatch.setattr(sys, "path", [*sys.path])
    return Runner(tmp_path / "reports", capfd)
