"""How far a run is: a line that is rewritten on a terminal, and a plain line now and then in a pipe.

It goes where pytest writes its dots, between them and into no report. Under pytest-xdist the process that gathers the
results writes it, and its workers tell it what they wait for and clean up.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol, TextIO

import pytest

from contract_tests.driver.transport.ending import ENDING
from contract_tests.plugin.internals import begin_line
from contract_tests.plugin.options import is_contract_run
from contract_tests.plugin.run import TARGET, WAITS
from contract_tests.plugin.status import Status, StatusFile, StatusFolder, cleaned
from contract_tests.plugin.waits import wait_sentence

if TYPE_CHECKING:
    from collections.abc import Callable

EVERY: Final = 30.0
"""Seconds between two plain lines."""

EVERY_CLEANING: Final = 2.0
"""Those while it is cleaned up early: who has pressed Ctrl-C looks on."""

SILENCE: Final = 2.0
"""Seconds without a result after which a terminal says what is waited for."""

_TICK: Final = 0.5
_CLEAR: Final = "\r\x1b[2K"


class Screen(Protocol):
    """Where progress is shown."""

    is_live: bool
    """Whether a line can be rewritten."""

    def write_line(self, text: str) -> None: ...
    def draw(self, text: str) -> None: ...
    def erase(self) -> None: ...


class _Terminal:
    """The terminal that pytest writes to, by a way of its own: while a test runs, pytest captures what goes its way."""

    def __init__(self, reporter: pytest.TerminalReporter, output: TextIO) -> None:
        self._reporter, self._output = reporter, output
        self.is_live = output.isatty()

    def write_line(self, text: str) -> None:
        self._write(f"{begin_line(self._reporter)}{text}\n")

    def draw(self, text: str) -> None:
        self._write(f"{begin_line(self._reporter)}{_CLEAR}{text}")

    def erase(self) -> None:
        self._write(_CLEAR)

    def _write(self, text: str) -> None:
        with suppress(OSError):  # nobody reads any more, and the run goes on
            self._output.write(text)
            self._output.flush()


def _own_output() -> TextIO | None:
    """Standard output as it is when nothing is captured; None if it is no file."""
    try:
        return os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    except (OSError, ValueError):
        return None


class ProgressLine:
    """What a run has done until now; `tick` shows it when it is time to."""

    def __init__(
        self,
        screen: Screen,
        waiting: Callable[[], str],
        cleaning: Callable[[], tuple[int, int] | None],
        now: Callable[[], float] = time.monotonic,
        is_ending: Callable[[], bool] = lambda: bool(ENDING.reason),
    ) -> None:
        self.total = 0
        self._is_ending = is_ending
        self._screen, self._waiting, self._cleaning, self._now = screen, waiting, cleaning, now
        self._done = 0
        self._began = self._told = self._heard = now()
        self._is_drawn = self._is_cleaning = self._is_over = False
        self._lock = threading.Lock()

    def sentence(self) -> str:
        """What is being done, in one line."""
        if (cleaning := self._cleaning()) is not None:
            return "cleaning up, {} of {} objects".format(*cleaning)
        told = f"{self._done} of {self.total} tests, {self._now() - self._began:.0f} s"
        return "; ".join(filter(None, (told, self._waiting())))

    def done(self) -> None:
        """A test is over."""
        self._done += 1

    def clear(self) -> None:
        """Somebody else is about to write."""
        with self._lock:
            self._heard = self._now()
            if self._is_drawn:
                self._screen.erase()
                self._is_drawn = False

    def end(self) -> None:
        """Nothing is shown any more: what comes of the run is about to be."""
        self.clear()
        with self._lock:
            self._is_over = True

    def tick(self) -> None:
        """Show how far the run is, if it is time to."""
        with self._lock:
            if self._is_over or not self.total:
                return
            now, is_cleaning = self._now(), self._cleaning() is not None
            begins_to_clean, self._is_cleaning = is_cleaning > self._is_cleaning, is_cleaning
            if self._screen.is_live:
                if is_cleaning or now - self._heard >= SILENCE:
                    self._screen.draw(self.sentence())
                    self._is_drawn = True
            elif begins_to_clean or now - self._told >= (
                EVERY_CLEANING if is_cleaning and self._is_ending() else EVERY
            ):
                self._told = now
                self._screen.write_line(self.sentence())


class _Hooks:
    """Feeds the progress of a run with what pytest tells."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._output = _own_output()
        self._over = threading.Event()
        self._progress: ProgressLine | None = None
        self._workers: StatusFolder | None = None

    def _statuses(self) -> list[Status]:
        return [status_of(self._config), *(self._workers.read() if self._workers is not None else [])]

    def _waiting(self) -> str:
        return wait_sentence(one.wait for one in self._statuses() if one.wait is not None)

    def _cleaning(self) -> tuple[int, int] | None:
        return cleaned(self._statuses())

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        with suppress(OSError):  # there is no place for it, and the run goes on
            self._workers = self._workers or StatusFolder()
            node.workerinput["status"] = str(self._workers.of(node.gateway.id))

    @pytest.hookimpl(tryfirst=True)  # pytest-xdist's own takes the place of those behind it
    def pytest_runtestloop(self, session: pytest.Session) -> None:
        reporter = self._config.pluginmanager.get_plugin("terminalreporter")
        if reporter is None or self._output is None or TARGET not in self._config.stash:
            return
        self._progress = ProgressLine(_Terminal(reporter, self._output), self._waiting, self._cleaning)
        self._progress.total = session.testscollected
        threading.Thread(target=self._tick, args=(self._progress,), name="progress", daemon=True).start()

    def _tick(self, progress: ProgressLine) -> None:
        while not self._over.wait(_TICK):
            progress.tick()

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: list[str]) -> None:
        if self._progress is not None:
            self._progress.total = len(ids)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logstart(self) -> None:
        self._clear()

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self) -> None:
        self._clear()

    def pytest_runtest_logfinish(self) -> None:
        if self._progress is not None:
            self._progress.done()

    @pytest.hookimpl(tryfirst=True)
    def pytest_terminal_summary(self) -> None:
        self._end()

    @pytest.hookimpl(tryfirst=True)
    def pytest_unconfigure(self) -> None:
        self._end()

    def _end(self) -> None:
        self._over.set()
        if self._progress is not None:
            self._progress.end()
        if self._output is not None:
            with suppress(OSError):
                self._output.close()
            self._output = None
        if self._workers is not None:
            self._workers.close()
            self._workers = None

    def _clear(self) -> None:
        if self._progress is not None:
            self._progress.clear()


class _Worker:
    """Tells the process that shows progress what this worker is at."""

    def __init__(self, config: pytest.Config) -> None:
        self._file = StatusFile(Path(config.workerinput["status"]), partial(status_of, config))  # type: ignore[attr-defined]

    def pytest_sessionstart(self) -> None:
        self._file.begin()

    @pytest.hookimpl(tryfirst=True)
    def pytest_unconfigure(self) -> None:
        self._file.end()


def status_of(config: pytest.Config) -> Status:
    """What this process is at."""
    waits, target = config.stash.get(WAITS, None), config.stash.get(TARGET, None)
    return Status(
        None if waits is None else waits.current(),
        None if target is None else target.workspace.removal.progress,
    )


def pytest_configure(config: pytest.Config) -> None:
    if not is_contract_run(config):
        return
    if not hasattr(config, "workerinput"):
        if config.option.verbose >= 0:
            config.pluginmanager.register(_Hooks(config), "contract-progress")
    elif "status" in config.workerinput:
        config.pluginmanager.register(_Worker(config), "contract-status")
