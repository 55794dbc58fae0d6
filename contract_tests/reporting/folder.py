"""A reports folder: the five files of one run, and the lock that keeps two runs from writing them at once.

Each of the files names the run that it is of, by an id that is drawn at random. So a folder where files of several
runs lie is noticed by looking for the id of conformance.json in the others.
"""

from __future__ import annotations

import os
import secrets
import socket
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from contract_tests.problems import UsageProblem
from contract_tests.reporting.views.markup import visible
from contract_tests.traffic import archive as recording
from contract_tests.traffic.inputs import read_unpacked

try:
    import fcntl
except ImportError:  # pragma: no cover - not on this system; two runs in one folder are not noticed there
    fcntl = None  # type: ignore[assignment]

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CONFORMANCE: Final = "conformance.json"
PAGE: Final = "conformance.html"
FILES: Final = (CONFORMANCE, PAGE, "report.html", "junit.xml", recording.FILE)
"""What a run writes: the report itself, and what lies beside it."""

POSSIBLE: Final = (*FILES, recording.PACKED)
"""All names that a run may write to: the last one in the place of the one before it."""

LOCK: Final = ".cl-contract.lock"
"""Lies in the folder while somebody writes there."""

_MERGED: Final = "+"
"""Stands between the ids of the shards in the id of a merged report."""


def new_id() -> str:
    """The id of a run: 32 hexadecimal digits."""
    return secrets.token_hex(16)


def merged_id(ids: list[str]) -> str:
    """The id of a report that was merged from those of these runs."""
    return _MERGED.join(filter(None, ids))


def runs_of(name: str) -> set[str]:
    """The runs that an id names: one, those of the shards of a merged report, or none (an old report)."""
    return set(filter(None, name.split(_MERGED)))


def strangers(folder: Path, name: str) -> list[str]:
    """The files in a folder that are not of the run whose id is `name`; none where that is empty (an old report).

    A merged report has a page of its own. What else lies there is of a run before it, and nobody's concern.
    """
    if not name:
        return []
    names = POSSIBLE[1:] if len(runs_of(name)) == 1 else (PAGE,)
    found = [one for one in names if (folder / one).is_file()]
    return [one for one in found if name.encode() not in read_unpacked(folder / one)]


@contextmanager
def locked(folder: Path, name: str) -> Iterator[None]:
    """Have the folder for oneself, in the name of a run. The lock is the operating system's: it ends with the process.

    The file is only where it is taken, and may lie there from a run that was killed. Where the file system knows no
    locks, there is none.

    Raises:
        UsageProblem: somebody else has it; the sentence says who.
        OSError: the lock can't be made.
    """
    held = _held(folder / LOCK)
    try:
        told = f"{name}, process {os.getpid()} on {socket.gethostname()}, since {datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
        try:
            os.truncate(held, 0)
            os.pwrite(held, told.encode(), 0)
        except OSError:
            pass  # a full disk: others see that it is locked, and not by whom
        yield
    finally:
        # Before it is let go: who waits for it looks whether the file is still there.
        if _is_there(held, folder / LOCK):
            (folder / LOCK).unlink(missing_ok=True)
        os.close(held)


def _held(path: Path) -> int:
    """The lock, taken: a descriptor, which no child process inherits."""
    while True:
        held = os.open(path, os.O_CREAT | os.O_RDWR | getattr(os, "O_NOFOLLOW", 0), 0o666)
        try:
            _take(held, path)
            if _is_there(held, path):
                return held
        except BaseException:
            os.close(held)
            raise
        os.close(held)  # its holder has just removed it: who comes now makes another one


def _take(held: int, path: Path) -> None:
    try:
        if fcntl is not None:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        told = visible(" ".join(os.pread(held, 300, 0).decode(errors="replace").split()))
        holder = told or "of which nothing is known yet"
        raise UsageProblem(
            f"another run writes to {path.parent}: {holder}; wait until it has ended, or name another folder"
        ) from None
    except OSError:
        pass  # no locks here


def _is_there(held: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(held), path.lstat())
    except FileNotFoundError:
        return False
