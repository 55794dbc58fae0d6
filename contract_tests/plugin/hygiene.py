"""What pytest tells of a test, without secrets and without anything that moves a terminal's cursor.

Exchanges are redacted when they are kept; tracebacks, values of variables, logs and internal errors are not exchanges.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from contract_tests.plugin.redaction import clean

if TYPE_CHECKING:
    from collections.abc import Generator

    from contract_tests.judging import Record


def cleaned(config: pytest.Config, record: Record) -> Record:
    """The record with its own words clean; its exchanges are redacted since they were kept."""
    decisions = [
        replace(
            one,
            reason=clean(config, one.reason),
            flaws=tuple(
                replace(flaw, expected=clean(config, flaw.expected), observed=clean(config, flaw.observed))
                for flaw in one.flaws
            ),
        )
        for one in record.decisions
    ]
    observations = [replace(one, choice=clean(config, one.choice)) for one in record.observations]
    return replace(record, decisions=tuple(decisions), observations=tuple(observations))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if isinstance(report.longrepr, tuple):
        path, line, reason = report.longrepr
        report.longrepr = (path, line, clean(item.config, reason))
    elif report.longrepr is not None:
        told = str(report.longrepr)
        if (cleaned := clean(item.config, told)) != told:
            report.longrepr = cleaned
    report.sections = [(name, clean(item.config, text)) for name, text in report.sections]
    if hasattr(report, "wasxfail"):
        report.wasxfail = clean(item.config, report.wasxfail)
    return report


class InternalErrors:
    """Cleans what pytest is about to print of a crash of its own, in this process or on its way from a worker."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config

    @pytest.hookimpl(tryfirst=True)
    def pytest_internalerror(self, excrepr: Any) -> None:
        # Its text is made of these parts each time that it is asked for.
        chain = getattr(excrepr, "chain", None) or [(getattr(excrepr, "reprtraceback", None), None, None)]
        for traceback, crash, _ in chain:
            for entry in getattr(traceback, "reprentries", ()):
                for part in (entry, getattr(entry, "reprlocals", None)):
                    if part is not None and hasattr(part, "lines"):
                        part.lines = [clean(self._config, line) for line in part.lines]
            if crash is not None:
                crash.message = clean(self._config, crash.message)


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(InternalErrors(config), "contract-internal-errors")
