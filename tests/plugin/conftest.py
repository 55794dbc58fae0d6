from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .runs import Runner, credentials

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def run(tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Runner:
    credentials(monkeypatch)
    return Runner(tmp_path / "reports", capfd)
