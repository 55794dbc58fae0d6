"""report.html by pytest-html, with what this suite says of a run and nothing else, and closed to what others say.

pytest-html (seen in 4.2.0) puts the environment table and the cells of its rows into the page as HTML, and
pytest-metadata (3.1.1) fills the table with variables of CI servers, addresses with passwords among them. Of private
names the first one's `BaseReport._generate_report`, `_generate_environment`, `_write_report` and `_report` are used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from pytest_html.basereport import BaseReport

from contract_tests.judging.messages import in_short
from contract_tests.plugin.internals import OF_THE_SERVER
from contract_tests.plugin.options import is_contract_run
from contract_tests.reporting.views.rows import environment, header_cells, message_line, name_cell, row_cells, sealed

if TYPE_CHECKING:
    from collections.abc import MutableMapping


@pytest.hookimpl(optionalhook=True, trylast=True)
def pytest_metadata(metadata: MutableMapping[str, Any], config: pytest.Config) -> None:
    """Forget what was gathered of this machine and its CI; a run adds its own facts later, in one process."""
    if is_contract_run(config):
        metadata.clear()


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    if is_contract_run(config):
        for plugin in config.pluginmanager.get_plugins():
            if isinstance(plugin, BaseReport):
                _close(plugin)


def _close(page: Any) -> None:
    """Have the page escape its environment, and carry a policy."""
    generate, write = page._generate_report, page._write_report  # noqa: SLF001 - it leaves no other way in

    def generated(*args: Any, **options: Any) -> None:
        page._report.set_data("environment", environment(page._generate_environment()))  # noqa: SLF001
        generate(*args, **options)

    page._report.set_data("renderCollapsed", ["all"])  # noqa: SLF001 - a row is opened by who wants to read it
    page._generate_report = generated  # noqa: SLF001
    page._write_report = lambda rendered: write(sealed(rendered))  # noqa: SLF001


@pytest.hookimpl(optionalhook=True)
def pytest_html_report_title(report: Any) -> None:
    report.title = "Contract of the Content Library session API"


@pytest.hookimpl(optionalhook=True)
def pytest_html_results_table_header(cells: list[str]) -> None:
    cells[2:] = [*header_cells(), cells[2]]  # without the last one: no test has links of its own


@pytest.hookimpl(optionalhook=True)
def pytest_html_results_table_row(report: Any, cells: list[str]) -> None:
    step = "" if report.when == "call" else f"::{report.when}"
    cells[1:] = [name_cell(f"{report.nodeid}{step}"), *row_cells(getattr(report, "clauses", [])), cells[2]]


@pytest.hookimpl(optionalhook=True)
def pytest_html_results_table_html(report: Any, data: list[str]) -> None:
    """Tell a flaw of the server in a line: what proves it stands in conformance.html, which the row links to."""
    if getattr(report, OF_THE_SERVER, False):
        data[:] = [message_line(in_short(str(report.longrepr)))]
    elif report.passed and not report.sections:
        data.clear()  # of the worker that ran it
    data += [report.trace] if hasattr(report, "trace") else []
