"""Mistakes of the suite itself, outside of tests: they are told redacted, and keep no report from being written.

Python's own way to show an exception knows of no secret, so it is replaced while there is one to keep.
"""

from __future__ import annotations

import sys
import threading
import traceback
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import pytest

from contract_tests.plugin.redaction import clean

if TYPE_CHECKING:
    from collections.abc import Iterator

CRASHES: Final = pytest.StashKey[list[str]]()
"""A sentence for each mistake that was survived."""


def crashes(config: pytest.Config) -> list[str]:
    """What has gone wrong until now, by sentences."""
    return config.stash.setdefault(CRASHES, [])


@contextmanager
def surviving(config: pytest.Config) -> Iterator[None]:
    """Go on after whatever fails: it is noted, and its traceback shown, both redacted."""
    try:
        yield
    except pytest.exit.Exception:
        raise
    except Exception as problem:  # noqa: BLE001 - whatever it is, the reports are worth more
        note(config, problem)


def note(config: pytest.Config, problem: BaseException) -> None:
    """Keep a mistake in mind, and show it."""
    crashes(config).append(clean(config, f"{type(problem).__name__}: {problem}"))
    _show(config, problem)


def _show(config: pytest.Config, problem: BaseException | None, before: str = "") -> None:
    told = "".join(traceback.format_exception(problem)) if problem is not None else ""
    if sys.stderr is not None:
        sys.stderr.write(clean(config, before + told))


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Before pytest puts its own in their place, and puts them back."""
    if not config.option.contract and not hasattr(config, "workerinput"):
        return

    def uncaught(_kind: Any, problem: BaseException, _traceback: Any) -> None:
        _show(config, problem)

    def in_a_thread(told: Any) -> None:
        if told.exc_type is not SystemExit:
            name = "" if told.thread is None else f" {told.thread.name}"
            _show(config, told.exc_value, f"Exception in thread{name}:\n")

    def unraisable(told: Any) -> None:
        _show(config, told.exc_value, f"{told.err_msg or 'Exception ignored in'}: {told.object!r}\n")

    for module, name, hook in (
        (sys, "excepthook", uncaught),
        (threading, "excepthook", in_a_thread),
        (sys, "unraisablehook", unraisable),
    ):
        former = getattr(module, name)
        if former is not getattr(module, f"__{name}__"):
            config.add_cleanup(partial(setattr, module, name, former))
        # Else it stays: threads outlive a run, and this process has nothing else to do.
        setattr(module, name, hook)
