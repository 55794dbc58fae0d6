"""The end of a run on the terminal: one screen unless more is asked for (-v: clauses and choices, -vv: exchanges)."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import pytest

from contract_tests.judging.verdicts import Verdict
from contract_tests.plugin.internals import (
    OF_THE_SERVER,
    leave_out_dots,
    leave_out_file_lines,
    leave_out_interruption,
    leave_out_stats_line,
)
from contract_tests.plugin.options import is_contract_run
from contract_tests.plugin.run import TALLY, header_lines
from contract_tests.plugin.writing import LOST, WRITTEN
from contract_tests.reporting.views.annotations import error_lines
from contract_tests.reporting.views.headline import headline
from contract_tests.reporting.views.screen import screen
from contract_tests.reporting.views.terminal import clause_lines, observation_lines, total_line, undecided_lines
from contract_tests.texts import printable

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

Status = tuple[str, str, str | tuple[str, Mapping[str, bool]]]
"""What pytest calls the status of a test: category, letter, word."""

_COLOURS: Final = {
    Verdict.VIOLATES: "red",
    Verdict.BLOCKED: "red",
    Verdict.CONFORMS: "green",
    Verdict.DEVIATES: "yellow",
}
_WIDE: Final = 400
_TOLD_IN_SHORT: Final = ("skipped", "xfailed", "passed")


class Closing:
    """Prints the end of a run, instead of pytest's own summary of what failed."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config

    @property
    def _depth(self) -> int:
        return int(self._config.option.verbose)

    @pytest.hookimpl(wrapper=True)
    def pytest_sessionstart(self) -> Generator[None]:
        yield
        reporter = self._config.pluginmanager.get_plugin("terminalreporter")
        if reporter is not None and self._depth <= 0:
            leave_out_dots(reporter)
            leave_out_file_lines(self._config)
            if self._depth == 0:
                for line in header_lines(self._config):
                    reporter.write_line(line)

    @pytest.hookimpl(wrapper=True)
    def pytest_report_teststatus(self) -> Generator[None, Status, Status]:
        """Have no letter stand for a test: thousands of them tell nobody how far the run is."""
        category, letter, word = yield
        return (category, letter if self._depth > 0 else "", word)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> Generator[None]:
        if TALLY not in self._config.stash or WRITTEN not in self._config.stash:
            yield
            return
        if self._depth <= 0:
            leave_out_stats_line(terminalreporter)
            if not self._config.option.fulltrace:
                leave_out_interruption(terminalreporter)
        with self._of_the_server_left_out(terminalreporter):
            yield
        if self._depth > 0:
            self._tell_clauses(terminalreporter)
        self._tell_result(terminalreporter)

    @contextmanager
    def _of_the_server_left_out(self, reporter: pytest.TerminalReporter) -> Iterator[None]:
        """Hide from pytest's summary what the last screen tells; mistakes of the suite stay, with tracebacks."""
        kept = dict(reporter.stats)
        if self._depth <= 1 and "failed" in kept:
            ours = [one for one in kept["failed"] if not getattr(one, OF_THE_SERVER, False)]
            reporter.stats["failed"] = ours
        if self._depth <= 0:
            for name in _TOLD_IN_SHORT:
                reporter.stats.pop(name, None)
        try:
            yield
        finally:
            reporter.stats.clear()
            reporter.stats.update(kept)

    def _tell_clauses(self, reporter: pytest.TerminalReporter) -> None:
        tally, report = self._config.stash[TALLY], self._config.stash[WRITTEN].report
        for title, lines in (
            ("clauses by cell", clause_lines(tally) if tally.found else ()),
            ("not conforming", undecided_lines(tally)),
            ("where the documents leave room, this server", observation_lines(tally)),
            ("left on the target: cl-contract sweep tries again", report.leftovers),
        ):
            if written := list(lines):
                reporter.section(title)
                for line in written:
                    reporter.write_line(printable(line))

    def _tell_result(self, reporter: pytest.TerminalReporter) -> None:
        tally, written = self._config.stash[TALLY], self._config.stash[WRITTEN]
        reporter.section("contract")
        for worker in self._config.stash.get(LOST, []):
            reporter.write_line(f"incomplete: worker {worker} ended before it had told what it did: was it killed?")
        for problem in written.problems:
            reporter.write_line(f"a report is missing: {printable(problem)}", red=True)
        # A log is as wide as need be.
        width = reporter._tw.fullwidth if reporter.isatty else _WIDE  # noqa: SLF001 - nobody else tells it
        for line in screen(written.report, self._config.option.contract_reports, total_line(tally), width):
            reporter.write_line(line)
        if os.environ.get("GITHUB_ACTIONS") == "true":
            for line in error_lines(written.report):
                reporter.write_line(line)
        said = headline(written.report)
        colour = _COLOURS.get(said.tone, "yellow")
        reporter.write_line(f"{said.tone.sign.strip()} {printable(said.sentence)}", bold=True, **{colour: True})


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    if is_contract_run(config) and not hasattr(config, "workerinput") and not config.option.collectonly:
        if config.option.verbose <= 0:
            config.option.no_header = True  # the lines about the contract are printed all the same
        config.pluginmanager.register(Closing(config), "contract-closing")
