"""The journal of a run: what it is about to make on a target, written down before it asks for it.

A run that is killed cleans nothing up. Its journal lies beside its reports then, and `cl-contract sweep` goes by it.
"""

from __future__ import annotations

import json
import os
import socket
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from contract_tests.problems import UsageProblem

try:
    import fcntl
except ImportError:  # pragma: no cover - not on this system; a run that still goes on is not noticed there
    fcntl = None  # type: ignore[assignment]

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_NAME: Final = "journal-{run}.jsonl"


class Journal:
    """A file of JSON lines: the run and its target, then what is made, and its id once that is known.

    It is locked as long as the process lives, and removed when it is closed after a clean end. Where the disk is full,
    lines are missing: the first one, which is written before anything is made, names the library that holds all the
    rest.
    """

    def __init__(self, path: Path, target: str, run: str) -> None:
        """Begin it.

        Raises:
            UsageProblem: it can't be written, so that nobody could clean up after a run that is killed.
        """
        self._path = path
        began = {
            "run": run,
            "target": target,
            "process": os.getpid(),
            "host": socket.gethostname(),
            "began": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        }
        try:
            self._file = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND | os.O_EXCL, 0o666)
            if fcntl is not None:
                with suppress(OSError):  # no locks here
                    fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.write(self._file, json.dumps(began).encode() + b"\n")
        except OSError as problem:
            raise UsageProblem(f"{path} can't be written: {problem.strerror}") from None

    @classmethod
    def beside(cls, reports: Path, target: str, run: str) -> Journal:
        """Begin the journal of a run whose reports go to this folder.

        Raises:
            UsageProblem: as for the journal.
        """
        return cls(reports / _NAME.format(run=run), target, run)

    def note(self, **facts: Any) -> None:
        """Write a line, such as `item="…"`; it is with the operating system when this returns."""
        with suppress(OSError):
            os.write(self._file, json.dumps(facts).encode() + b"\n")

    def close(self, *, clean: bool) -> None:
        """End it; it is removed if the run was cleaned up."""
        os.close(self._file)
        if clean:
            self._path.unlink(missing_ok=True)


@dataclass(frozen=True)
class Entry:
    """What the journal of a run says that has ended: the target, the name of the library, ids of items and sessions.

    `items` are ids; `sessions` pairs of service and id.
    """

    path: Path
    run: str
    target: str
    began: str
    items: frozenset[str] = field(default=frozenset(), repr=False)
    sessions: frozenset[tuple[str, str]] = field(default=frozenset(), repr=False)


def left_in(reports: Path) -> list[Entry]:
    """The journals of runs that have ended and were not cleaned up, the oldest first."""
    found = (_entry(path) for path in sorted(reports.glob(_NAME.format(run="*"))) if not _is_in_use(path))
    return sorted((one for one in found if one is not None), key=lambda one: one.began)


def _is_in_use(path: Path) -> bool:
    """Whether the process that writes it lives."""
    if fcntl is None:
        return False
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def _entry(path: Path) -> Entry | None:
    """What a journal says; None where it says nothing that can be read, as its first line was never written."""
    lines = list(_lines(path))
    if not lines or not all(isinstance(lines[0].get(name), str) for name in ("run", "target", "began")):
        return None
    items = frozenset(str(line["item"]) for line in lines if "item" in line)
    sessions = frozenset((str(line["service"]), str(line["session"])) for line in lines if "session" in line)
    return Entry(path, lines[0]["run"], lines[0]["target"], lines[0]["began"], items, sessions)


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    try:
        written = path.read_bytes()
    except OSError:
        return
    for line in written.splitlines():
        with suppress(ValueError):  # the last one, cut off
            read = json.loads(line)
            if isinstance(read, dict):
                yield read
