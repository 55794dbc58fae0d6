"""What each process of a run is at, for the one that shows it: pytest-xdist's workers write it to a file each.

Their channel takes no message that pytest-xdist does not know. A worker of another machine has no such file: of its
waits nothing is told then.
"""

from __future__ import annotations

import json
import tempfile
import threading
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from contract_tests.plugin.waits import Countdown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_TICK: Final = 0.5


@dataclass(frozen=True)
class Status:
    """What a process is at: the wait that it is in, and of how many objects how many are removed."""

    wait: Countdown | None = None
    cleaning: tuple[int, int] | None = None

    def as_text(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_text(cls, text: str) -> Status:
        data: dict[str, Any] = json.loads(text)
        wait, cleaning = data["wait"], data["cleaning"]
        return cls(wait and Countdown(**wait), cleaning and (cleaning[0], cleaning[1]))


def cleaned(statuses: Iterable[Status]) -> tuple[int, int] | None:
    """How many objects are removed of how many, by all who do; None if nobody is at it."""
    told = [one.cleaning for one in statuses if one.cleaning is not None]
    if all(done == total for done, total in told):
        return None
    return sum(done for done, _ in told), sum(total for _, total in told)


class StatusFile:
    """Where a worker writes its status, again and again until it ends."""

    def __init__(self, path: Path, status: Callable[[], Status]) -> None:
        self._path, self._status = path, status
        self._told = Status()
        self._over = threading.Event()

    def begin(self) -> None:
        threading.Thread(target=self._go_on, name="status", daemon=True).start()

    def end(self) -> None:
        self._over.set()

    def _go_on(self) -> None:
        while not self._over.wait(_TICK):
            self.tell()

    def tell(self) -> None:
        """Write the status if it is another one."""
        status = self._status()
        if status.cleaning is None and self._told.cleaning is not None:
            status = Status(status.wait, (self._told.cleaning[1],) * 2)  # it is done
        if status == self._told:
            return
        draft = self._path.with_suffix(".part")
        with suppress(OSError):  # the run goes on without
            draft.write_text(status.as_text(), encoding="utf-8")
            draft.replace(self._path)
            self._told = status


class StatusFolder:
    """Where the status of each worker lies."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="cl-contract-", ignore_cleanup_errors=True)

    def of(self, worker: str) -> Path:
        return Path(self._folder.name, f"{worker}.json")

    def read(self) -> list[Status]:
        """What all workers have told last."""
        told = []
        for path in Path(self._folder.name).glob("*.json"):
            with suppress(OSError, ValueError, LookupError, TypeError):
                told.append(Status.from_text(path.read_text(encoding="utf-8")))
        return told

    def close(self) -> None:
        self._folder.cleanup()
