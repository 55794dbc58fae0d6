"""On GitHub Actions, a run annotates what fails it."""

from __future__ import annotations

import os

import pytest

from contract_tests.plugin.writing import WRITTEN
from contract_tests.reporting.views.annotations import annotation_lines


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print workflow commands, where somebody reads them; each has a line of its own."""
    written = config.stash.get(WRITTEN, None)
    if written is not None and os.environ.get("GITHUB_ACTIONS"):
        for line in annotation_lines(written.report):
            terminalreporter.write_line(line)
