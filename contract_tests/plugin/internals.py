"""What is used of pytest beyond its public interface, in one place: as seen in version 9.1.1."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pytest

OF_THE_SERVER: Final = "is_of_the_server"
"""The attribute of a pytest report that says that a flaw of the server made the test fail, and no mistake of ours."""


def argument_names(item: pytest.Function) -> Sequence[str]:
    """The names of a test's arguments; pytest's own way to call a test reads them here, too."""
    return item._fixtureinfo.argnames  # noqa: SLF001


def wrap_session_finishers(config: pytest.Config, wrap: Callable[[Callable[..., object], object], Any]) -> None:
    """Have each plugin's hook for the end of the session be what `wrap` makes of it: they leave no other way in."""
    for hook in config.hook.pytest_sessionfinish.get_hookimpls():
        if not (hook.wrapper or hook.hookwrapper):
            hook.function = wrap(hook.function, hook.plugin)  # type: ignore[misc]


def leave_out_what_has_no_line(excinfo: pytest.ExceptionInfo[BaseException]) -> None:
    """Take out of a traceback where Python was interrupted between two lines: the number of such a line is None."""
    excinfo.traceback = excinfo.traceback.filter(lambda entry: entry._rawentry.tb_lineno is not None)  # noqa: SLF001


def leave_out_stats_line(reporter: Any) -> None:
    """Have pytest's terminal end without its line of counts: the result of the run is the last line."""
    reporter.summary_stats = lambda: None


def leave_out_file_lines(config: pytest.Config) -> None:
    """Have JUnit's plugin and pytest-html not say where their files are."""
    hook = config.hook.pytest_terminal_summary
    for one in hook.get_hookimpls():
        if any(hasattr(one.plugin, place) for place in ("logfile", "_report_path")):
            hook._remove_plugin(one.plugin)  # noqa: SLF001 - they leave no other way in


def leave_out_dots(reporter: Any) -> None:
    """Have pytest print neither the names of files nor how far it is with them."""
    reporter.showfspath = False
    reporter._show_progress_info = False  # noqa: SLF001 - there is no option for it
