"""What is used of pytest beyond its public interface, in one place: as seen in version 9.1.1."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from _pytest.junitxml import xml_key
from _pytest.main import resolve_collection_argument
from _pytest.mark import _parse_expression

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


def require_selection(config: pytest.Config) -> None:
    """Raise UsageError where what is named can't be selected from; pytest itself looks when a run has begun.

    Under pytest-xdist it never does: its workers look, each for itself.
    """
    for number, argument in enumerate(config.args):
        resolve_collection_argument(config.invocation_params.dir, argument, number, as_pypath=config.option.pyargs)
    for option, given in (("-k", config.option.keyword), ("-m", config.option.markexpr)):
        if given:
            _parse_expression(given, f"{option} {given!r} is no expression that selects tests")


def option_names(parser: pytest.Parser) -> list[str]:
    """All options that pytest and its plugins have."""
    groups = [parser._anonymous, *parser._groups]  # noqa: SLF001
    return [name for group in groups for option in group.options for name in option.names()]


def option_destinations(config: pytest.Config) -> dict[str, str]:
    """All options by name, with the name that the value of each is kept by."""
    return dict(config._parser._opt2dest)  # noqa: SLF001


def begin_line(reporter: pytest.TerminalReporter) -> str:
    """What ends the line that pytest's terminal is in, if it is in one; pytest takes it for ended then."""
    end = "\n" if reporter._tw.width_of_current_line else ""  # noqa: SLF001
    reporter._tw._current_line = ""  # noqa: SLF001
    reporter.currentfspath = None
    return end


def leave_out_junit(config: pytest.Config) -> None:
    """Have no junit.xml written, and none told of."""
    if (junit := config.stash.get(xml_key, None)) is not None:
        del config.stash[xml_key]
        config.pluginmanager.unregister(junit)


def leave_out_what_has_no_line(excinfo: pytest.ExceptionInfo[BaseException]) -> None:
    """Take out of a traceback where Python was interrupted between two lines: the number of such a line is None."""
    excinfo.traceback = excinfo.traceback.filter(lambda entry: entry._rawentry.tb_lineno is not None)  # noqa: SLF001


def leave_out_stats_line(reporter: Any) -> None:
    """Have pytest's terminal end without its line of counts: the result of the run is the last line."""
    reporter.summary_stats = lambda: None


def leave_out_interruption(reporter: Any) -> None:
    """Have pytest not say once more, behind the result, that the run was interrupted, and at which line of ours."""
    reporter._report_keyboardinterrupt = lambda: None  # noqa: SLF001


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
