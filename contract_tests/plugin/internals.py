"""What is used of pytest beyond its public interface, in one place: as seen in version 9.1.1."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pytest


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
