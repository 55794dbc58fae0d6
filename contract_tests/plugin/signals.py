"""What ends a run from outside ends it as Ctrl-C does: what was learnt is written, and the server is cleaned up.

A pipeline that cancels a job or has waited long enough sends SIGTERM, a terminal that is closed SIGHUP. The time that
the run itself was given (`--time-limit`) comes as a signal, too, so that it ends wherever it waits.
"""

from __future__ import annotations

import math
import signal
import threading
from functools import partial
from typing import TYPE_CHECKING, Final, NoReturn

import pytest

from contract_tests.driver.transport.ending import ENDING
from contract_tests.plugin.internals import leave_out_what_has_no_line
from contract_tests.plugin.options import is_contract_run
from contract_tests.plugin.spellings import add_option

if TYPE_CHECKING:
    from collections.abc import Generator
    from types import FrameType

_DEFAULTS: Final = {
    getattr(signal, name): usual
    for name, usual in (
        ("SIGINT", signal.default_int_handler),
        ("SIGTERM", signal.SIG_DFL),
        ("SIGHUP", signal.SIG_DFL),
        ("SIGALRM", signal.SIG_DFL),
    )
    if hasattr(signal, name)
}
"""The signals that end a run, and how each is handled where nobody wants it otherwise, as nohup does."""

CLEANING: Final = 7.0
"""Seconds that cleaning up may take after a signal: whoever sends one waits for 10 s, and then kills."""

CLEANING_OF_WORKERS: Final = 4.0
"""Those of a worker of pytest-xdist: the process that waits for it has to clean up, too."""

CLEANING_IN_TIME: Final = 60.0
"""Those at the end of the time limit, which nobody else is waiting for."""


def pytest_addoption(parser: pytest.Parser) -> None:
    add_option(
        parser,
        "--time-limit",
        type=float,
        metavar="S",
        help="the most seconds that the run may take; what is left by then is not tested, and it exits 2",
    )


def pytest_configure(config: pytest.Config) -> None:
    if not is_contract_run(config) or threading.current_thread() is not threading.main_thread():
        return
    ENDING.forget()
    for number, usual in _DEFAULTS.items():
        if signal.getsignal(number) is usual:
            handler = partial(_interrupt, config)
            signal.signal(number, handler)
            config.add_cleanup(partial(_restore, number))
    limit = config.option.contract_time_limit
    if limit is None or hasattr(config, "workerinput"):
        return  # the process that waits for the workers ends them all
    if not 0 < limit < math.inf:
        raise pytest.UsageError(f"--time-limit {limit:g} is not possible; give a number of seconds, more than 0")
    if not hasattr(signal, "setitimer"):
        raise pytest.UsageError("--time-limit needs a signal that this system does not have; leave it out")
    signal.setitimer(signal.ITIMER_REAL, limit)
    config.add_cleanup(_stop_the_clock)


def _interrupt(config: pytest.Config, number: int, _frame: FrameType | None) -> NoReturn:
    # Some send it twice, to the process and to its group; the second must not end the cleaning up. A person may.
    for one in _DEFAULTS:
        if _is_ours(one):
            signal.signal(one, _hurry if one == signal.SIGINT else signal.SIG_IGN)
    name = signal.Signals(number).name
    if name == "SIGALRM":
        reason, seconds = f"its time limit of {config.option.contract_time_limit:g} s is reached", CLEANING_IN_TIME
    else:
        is_worker = hasattr(config, "workerinput")
        reason, seconds = f"{name} was sent to it", CLEANING_OF_WORKERS if is_worker else CLEANING
    ENDING.begin(reason, seconds)
    raise KeyboardInterrupt(f"the run is being ended: {reason}")


def _hurry(_number: int, _frame: FrameType | None) -> None:
    """Shorten the cleaning up, and nothing else: the reports are yet to be written."""
    ENDING.hurry(0.0 if ENDING.reason else CLEANING)


def _is_ours(number: int) -> bool:
    handler = signal.getsignal(number)
    return isinstance(handler, partial) and handler.func is _interrupt


def _restore(number: int) -> None:
    signal.signal(number, _DEFAULTS[number])


def _stop_the_clock() -> None:
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_REAL, 0)


@pytest.hookimpl(tryfirst=True)
def pytest_keyboard_interrupt(excinfo: pytest.ExceptionInfo[BaseException]) -> None:
    """Leave out what pytest stumbles over when it shows where the run was interrupted, and then calls it complete."""
    leave_out_what_has_no_line(excinfo)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> Generator[None]:
    if is_contract_run(session.config) and threading.current_thread() is threading.main_thread():
        _stop_the_clock()
        for number in filter(_is_ours, _DEFAULTS):
            signal.signal(number, _hurry if number == signal.SIGINT else signal.SIG_IGN)
    yield


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if ENDING.reason:
        terminalreporter.write_line(f"the run was ended before its tests: {ENDING.reason}")
