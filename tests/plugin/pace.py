"""How long processes take where nobody competes with them: the time that they wait, and the time that they compute.

What they could do and don't, as others have the processor, is a matter of the machine. Linux tells the three apart.
"""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

_PAUSE = 0.05
_TICKS = os.sysconf("SC_CLK_TCK")
_BUSY = frozenset("RD")  # running or runnable; at a disk


class Pace:
    """Watches the processes of a session (as `setsid` has it) from when it is entered until it is left.

    Attributes:
        waited: Seconds in which no thread of theirs could have done anything.
        computed: Seconds of the processor that the first of them had. The others compute beside it.
    """

    def __init__(self, session: int) -> None:
        self._session = session
        self._left = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self.waited = 0.0
        self.computed = 0.0

    @property
    def seconds(self) -> float:
        return self.waited + self.computed

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._left.set()
        self._thread.join()

    def _watch(self) -> None:
        began, last = _computed(self._session), time.monotonic()
        while not self._left.wait(_PAUSE):
            states = [*_states(self._session)]
            now = time.monotonic()
            if states and not _BUSY.intersection(states):
                self.waited += now - last
            last = now
            self.computed = max(self.computed, _computed(self._session) - began)


def _states(session: int) -> Iterator[str]:
    for process in Path("/proc").glob("[0-9]*"):
        fields = _fields(process)
        if fields and fields[3] == str(session):
            for task in (process / "task").glob("*"):
                yield from (_fields(task) or ["Z"])[0]


def _computed(process: int) -> float:
    fields = _fields(Path(f"/proc/{process}"))
    return (int(fields[11]) + int(fields[12])) / _TICKS if fields else 0.0


def _fields(place: Path) -> list[str]:
    """What the kernel tells of a process or thread, from its state on; nothing if it is gone."""
    try:
        return (place / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []
