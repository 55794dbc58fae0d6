"""What ends a run from outside ends it as Ctrl-C does: what was learnt is written, and the server is cleaned up.

A pipeline that cancels a job or has waited long enough sends SIGTERM, a terminal that is closed SIGHUP.
"""

from __future__ import annotations

import signal
import threading
from functools import partial
from typing import TYPE_CHECKING, Final, NoReturn

import pytest

from contract_tests.plugin.run import is_contract_run

if TYPE_CHECKING:
    from collections.abc import Generator
    from types import FrameType

_ENDING: Final = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]


def pytest_configure(config: pytest.Config) -> None:
    if not is_contract_run(config) or threading.current_thread() is not threading.main_thread():
        return
    for number in _ENDING:
        if signal.getsignal(number) is signal.SIG_DFL:  # else somebody wants it otherwise, as nohup does
            signal.signal(number, _interrupt)
            config.add_cleanup(partial(_restore, number))


def _restore(number: int) -> None:
    signal.signal(number, signal.SIG_DFL)


def _interrupt(number: int, _frame: FrameType | None) -> NoReturn:
    # Some send it twice, to the process and to its group; the second must not end the cleaning up.
    signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt(signal.Signals(number).name)


@pytest.hookimpl(tryfirst=True)
def pytest_keyboard_interrupt(excinfo: pytest.ExceptionInfo[BaseException]) -> None:
    """Leave out what pytest stumbles over when it shows where the run was interrupted, and then calls it complete.

    Python may be interrupted between two lines: the number of such a line is None.
    """
    excinfo.traceback = excinfo.traceback.filter(lambda entry: entry._rawentry.tb_lineno is not None)  # noqa: SLF001


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> Generator[None]:
    del session
    for number in _ENDING:
        if signal.getsignal(number) is _interrupt:
            signal.signal(number, signal.SIG_IGN)  # it is ending, and the reports are yet to be written
    yield
