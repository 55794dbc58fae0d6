"""At the end of a run: every report is written whole or not at all, and one that fails keeps no other from it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from contract_tests.evidence.files import INCOMPLETE, Written, noting, whole_or_none, write_reports
from contract_tests.plugin.run import OCCASION, TALLY

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

WRITTEN = pytest.StashKey[Written]()


def is_whole(session: pytest.Session, exitstatus: int) -> bool:
    """Whether all tests of the run have had their turn."""
    ended = exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED)
    return ended and not session.shouldfail and not session.shouldstop


class Writer:
    """Writes what pytest-html and JUnit do not, and has these two write whole files."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._problems: list[str] = []

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> Generator[None]:
        # Around the hooks that write, and inside of the one that prints the summary: it says what was written.
        config = self._config
        if OCCASION not in config.stash:
            yield
            return
        for hook in config.hook.pytest_sessionfinish.get_hookimpls():
            for place in ("logfile", "_report_path"):  # of JUnit, of pytest-html
                if hasattr(hook.plugin, place):
                    guarded = self._guarded(hook.function, hook.plugin, place)
                    hook.function = guarded  # type: ignore[misc]  # these plugins leave no other way in
        yield
        code = int(session.exitstatus) or (INCOMPLETE if self._problems else 0)
        written = write_reports(
            config.stash[TALLY],
            config.stash[OCCASION],
            config.option.reports,
            exit_code=code,
            complete=is_whole(session, exitstatus),
            summary=config.option.summary,
        )
        written.problems[:0] = self._problems
        session.exitstatus = written.report.run.exit_code
        config.stash[WRITTEN] = written

    def _guarded(self, write: Callable[..., object], plugin: object, place: str) -> Callable[..., None]:
        """Have a hook write through a draft; what it raises would end all that comes behind it."""

        def guarded(*args: object) -> None:
            name = getattr(plugin, place)
            with noting(self._problems, Path(name)), whole_or_none(Path(name)) as draft:
                setattr(plugin, place, type(name)(draft))
                if place == "logfile":
                    # A test that was interrupted has a nameless element there, which readers take for one that passed.
                    cases = vars(plugin)["node_reporters_ordered"]
                    cases[:] = [case for case in cases if getattr(case, "attrs", "ended")]
                try:
                    write(*args)
                finally:
                    setattr(plugin, place, name)

        return guarded


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Writer(config), "contract-writer")
