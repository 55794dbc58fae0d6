"""At the end of a run: every report is written whole or not at all, and one that fails keeps no other from it.

Nor does a mistake of the suite, or of another plugin: it makes the exit code 3, and what was learnt is written.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from contract_tests.driver.transport.ending import ENDING
from contract_tests.judging.verdicts import NOTHING_DECIDED
from contract_tests.plugin.crashes import crashes, note, surviving
from contract_tests.plugin.internals import leave_out_junit, wrap_session_finishers
from contract_tests.plugin.junit import name_root, shorten
from contract_tests.plugin.options import is_replay
from contract_tests.plugin.redaction import clean
from contract_tests.plugin.run import OCCASION, RUN, TALLY, earlier
from contract_tests.reporting.conformance import unseen
from contract_tests.reporting.drafts import noting, whole_or_none
from contract_tests.reporting.files import INCOMPLETE, Written, incomplete, write_reports
from contract_tests.reporting.folder import POSSIBLE
from contract_tests.reporting.proposals import proposals
from contract_tests.texts import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

WRITTEN = pytest.StashKey[Written]()


LOST = pytest.StashKey[list[str]]()
"""Worker processes that ended before they had told what they did."""


def is_whole(session: pytest.Session, exitstatus: int) -> bool:
    """Whether all tests of the run have had their turn, and are known to have had it."""
    ended = exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED) and not ENDING.reason
    return ended and not session.shouldfail and not session.shouldstop and not session.config.stash.get(LOST, [])


_NOT_MADE = (pytest.ExitCode.USAGE_ERROR, pytest.ExitCode.NO_TESTS_COLLECTED)


class Writer:
    """Writes what pytest-html and JUnit do not, and has these two write whole files."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._problems: list[str] = []
        self._has_begun = False
        self._selected: str | None = None
        """What was selected by a run that was not made, and writes nothing."""

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logstart(self) -> None:
        """Before the first test, remove the reports of an earlier run: however this one ends, they are not its own.

        They stay as they are where there is no test: the run could not be made as it was asked for.
        """
        config = self._config
        if self._has_begun:
            return
        self._has_begun = True
        if OCCASION not in config.stash or is_replay(config.option):  # which may be judging those very files
            return
        for place in (config.option.contract_reports / name for name in POSSIBLE):
            try:
                place.unlink(missing_ok=True)
            except OSError as problem:
                if place.is_file():
                    told = problem.strerror or problem
                    self._problems.append(f"{place} is of an earlier run, and can't be removed: {told}")

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> Generator[None]:
        # Around the hooks that write, and inside of the one that prints the summary: it says what was written.
        config = self._config
        if not self._has_begun and exitstatus in _NOT_MADE:
            self._keep_earlier()
        if OCCASION not in config.stash:
            yield
            return
        wrap_session_finishers(config, self._guarded)
        yield
        self.write(session, exitstatus)

    def _keep_earlier(self) -> None:
        """Have nobody write a report: none was made, and those of an earlier run are worth more than an empty one."""
        config = self._config
        if OCCASION not in config.stash:
            return
        self._selected = config.stash[OCCASION].selected
        del config.stash[OCCASION]
        wrap_session_finishers(config, lambda work, plugin: _nothing if _place_of(plugin) else work)
        # They would tell of their files, too.
        leave_out_junit(config)
        for plugin in list(config.pluginmanager.get_plugins()):
            if hasattr(plugin, "_report_path"):
                config.pluginmanager.unregister(plugin)

    @pytest.hookimpl(tryfirst=True)
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter, exitstatus: int) -> None:
        if self._selected is None:
            return
        told = "no report was written"
        if exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED:
            told = f"no test is selected by {self._selected or 'this'}; {told}"
        terminalreporter.write_line(printable(f"{told}{earlier(self._config.option)}"))

    def write(self, session: pytest.Session, exitstatus: int) -> None:
        """Write what is left to write, and have the run end with the exit code that stands there."""
        config = self._config
        code = _exit_code(session)
        tally, occasion = config.stash[TALLY], config.stash[OCCASION]
        if code == pytest.ExitCode.OK and not tally.has_decided:
            code = NOTHING_DECIDED
        elif code == pytest.ExitCode.OK and occasion.settings.strict_deviations and unseen(tally, occasion.settings):
            code = int(pytest.ExitCode.TESTS_FAILED)
        session.exitstatus = incomplete(code) if self._problems else code
        with surviving(config):
            written = write_reports(
                tally,
                occasion,
                config.option.contract_reports,
                exit_code=int(session.exitstatus),
                complete=is_whole(session, exitstatus),
                summary=None if WRITTEN in config.stash else config.option.contract_summary,
                packed=config.option.contract_compress_evidence,
            )
            if (proposed := config.option.contract_write_deviations) is not None and WRITTEN not in config.stash:
                with noting(self._problems, proposed), whole_or_none(proposed) as draft:
                    draft.write_text(proposals(written.report, tally, occasion.settings.today), encoding="utf-8")
            written.problems[:] = [clean(config, line) for line in (*self._problems, *written.problems)]
            session.exitstatus = written.report.run.exit_code
            config.stash[WRITTEN] = written
        session.exitstatus = _exit_code(session)

    def _guarded(self, work: Callable[..., object], plugin: object) -> Callable[..., None]:
        """Survive a hook; have one that writes a file (JUnit's, pytest-html's) do it through a draft."""
        place = _place_of(plugin)

        def guarded(*args: object) -> None:
            with surviving(self._config):
                if place is None:
                    work(*args)
                else:
                    self._write_whole(work, plugin, place, args)

        return guarded

    def _write_whole(self, work: Callable[..., object], plugin: object, place: str, args: tuple[object, ...]) -> None:
        name = getattr(plugin, place)
        with noting(self._problems, Path(name)), whole_or_none(Path(name), drops_old=True) as draft:
            setattr(plugin, place, type(name)(draft))
            if place == "logfile":
                # A test that was interrupted has a nameless element there, which readers take for one that passed.
                cases = vars(plugin)["node_reporters_ordered"]
                cases[:] = [case for case in cases if getattr(case, "attrs", "ended")]
                vars(plugin)["global_properties"].append(("run", self._config.stash[RUN]))
                shorten(plugin)
            try:
                work(*args)
            finally:
                setattr(plugin, place, name)
            if place == "logfile":
                name_root(draft)


def _place_of(plugin: object) -> str | None:
    """Where JUnit's plugin and pytest-html keep the name of the file that they write; None of all others."""
    return next((one for one in ("logfile", "_report_path") if hasattr(plugin, one)), None)


def _nothing(*_: object) -> None:
    pass


def _exit_code(session: pytest.Session) -> int:
    """That of the session; 3 where the suite made a mistake or lost a worker, and nobody ended the run on purpose.

    pytest-xdist calls it an interruption, too, when as many tests have failed as `--maxfail` says, or when a worker
    stopped by itself.
    """
    code, lost = int(session.exitstatus), session.config.stash.get(LOST, [])
    if ENDING.reason and code in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        code = int(pytest.ExitCode.INTERRUPTED)  # a second signal at once makes pytest forget the first
    if code == pytest.ExitCode.INTERRUPTED and not ENDING.reason:
        if lost:
            return INCOMPLETE
        if session.shouldfail:
            code = int(pytest.ExitCode.TESTS_FAILED)
    return incomplete(code) if lost or crashes(session.config) else code


class LastResort:
    """The outermost hook at the end of a run: what fails in all others ends here, and not in a traceback."""

    def __init__(self, config: pytest.Config, writer: Writer) -> None:
        self._config = config
        self._writer = writer

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> Generator[None]:
        config = self._config
        try:
            yield
        except pytest.exit.Exception:
            raise
        except Exception as problem:
            if OCCASION not in config.stash:
                raise
            note(config, problem)
        if OCCASION not in config.stash or not crashes(config):
            return
        written = config.stash.get(WRITTEN, None)
        if written is None or written.report.run.exit_code != _exit_code(session):
            self._writer.write(session, exitstatus)
        for line in crashes(config):
            sys.stderr.write(f"cl-contract: the suite itself failed: {line}\n")


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        writer = Writer(config)
        config.pluginmanager.register(writer, "contract-writer")
        # Registered last of all, it is the outermost.
        config.pluginmanager.register(LastResort(config, writer), "contract-last-resort")
