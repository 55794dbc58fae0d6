"""The Pythons of this machine that the suite supports, wherever they lie."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

OLDEST = (3, 11)
"""What `requires-python` says."""

_ASK = "import sys; print(*sys.version_info[:2], sys.implementation.name)"


def supported() -> Mapping[tuple[int, int], str]:
    """The executables, by version."""
    found: dict[tuple[int, int], str] = {}
    for place in _candidates():
        if (version := _version(place)) is not None and version >= OLDEST:
            found.setdefault(version, place)
    return found


def _candidates() -> Iterator[str]:
    yield sys.executable
    yield from filter(None, (shutil.which(f"python3.{minor}") for minor in range(OLDEST[1], 30)))
    if root := os.environ.get("PYENV_ROOT") or _pyenv_root():
        yield from map(str, sorted(Path(root, "versions").glob("3.*/bin/python")))


def _pyenv_root() -> str:
    pyenv = shutil.which("pyenv")
    if pyenv is None:
        return ""
    return subprocess.run([pyenv, "root"], capture_output=True, text=True, check=False).stdout.strip()


def _version(python: str) -> tuple[int, int] | None:
    """That of a CPython; None of what does not run, as a shim of pyenv for a version that is not chosen."""
    asked = subprocess.run([python, "-I", "-c", _ASK], capture_output=True, text=True, check=False)
    words = asked.stdout.split()
    return (int(words[0]), int(words[1])) if asked.returncode == 0 and words[2:] == ["cpython"] else None
