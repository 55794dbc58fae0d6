"""Programs in Go that tests are played with, built once for all workers of a run."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
from pathlib import Path
from typing import Final

import pytest

from tests.plugin.runs import PATIENCE

ANSWER: Final = 60
"""Seconds that a client is waited for. govc walks in circles where the inventory makes no sense to it."""
HERE: Final = Path(__file__).parent

needs_go = pytest.mark.skipif(
    shutil.which("go") is None and "CI" not in os.environ, reason="the program is built by Go, which is not here"
)
"""Where there is no Go, such a test is skipped; in CI it fails."""


def built(factory: pytest.TempPathFactory, module: str) -> Path:
    """The folder with the programs of a module in `tests/interop`."""
    go = shutil.which("go")
    assert go is not None, f"{module} takes Go, which is not here"
    base = factory.getbasetemp()
    # A worker of xdist has a folder of its own in that of the run.
    programs = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / f"go-{module}"
    programs.mkdir(exist_ok=True)
    with (programs / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (programs / ".built").exists():
            words = [go, "build", "-o", str(programs), "./..."]
            ended = subprocess.run(
                words, check=False, cwd=HERE / module, capture_output=True, text=True, timeout=PATIENCE
            )
            assert ended.returncode == 0, f"{module} can't be built:\n{ended.stderr}"
            (programs / ".built").touch()
    return programs


def ran(words: list[str | Path], folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """A program that has ended; it was called in a folder, with further variables."""
    environment = os.environ | variables
    return subprocess.run(
        words, check=False, cwd=folder, env=environment, capture_output=True, text=True, timeout=ANSWER
    )
