"""The order of the project's own tests, what takes long first, so that no worker ends with it alone; their heap; and
that what is played without coverage is.
"""

from __future__ import annotations

import gc
from typing import Final

import pytest
from hypothesis import settings

from contract_tests.plugin.garbage import NEW

# A busy machine takes seconds for what takes milliseconds: no test is about that.
settings.register_profile("patient", parent=settings.get_profile(settings.get_current_profile_name()), deadline=None)
settings.load_profile("patient")

_LONG: Final = (
    "tests/independent/test_right.py",
    "tests/installed/",
    "tests/interop/",
    "tests/documents/",
    "tests/faults/test_fuzz_faults",
    "tests/plugin/",
    "tests/between/",
    "tests/browser/",
    "tests/faults/",
)
"""Where the tests of several seconds are, the longest first; elsewhere there are none."""


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """End the measurement that pytest-cov began in a worker before it knew that it is one (seen in 7.1).

    It lies below the worker's own, which saves what is measured, and goes on whenever that one pauses: a test marked
    `no_cover` was measured for nobody, and took two to three times as long.
    """
    measuring = session.config.pluginmanager.getplugin("_cov")
    if measuring is not None and hasattr(session.config, "workerinput"):
        measuring.cov_controller.cov.stop()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Sort by how long a test takes, roughly; what follows from a file's place stays together."""
    items.sort(key=lambda item: next((place for place, start in enumerate(_LONG) if item.nodeid.startswith(start)), 99))


def pytest_collection_finish() -> None:
    """Take charge of the collector of garbage: a run of pytest inside a test leaves it alone then."""
    gc.set_threshold(NEW, *gc.get_threshold()[1:])
    _leave_out()


def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """Whenever another file begins, leave out what the one before has imported and kept."""
    if nextitem is not None and nextitem.path != item.path:
        _leave_out()


def _leave_out() -> None:
    """Leave what is there out of each later search for garbage.

    Every run of pytest inside a test ends with ten such searches, which took seconds for all that a process holds.
    """
    gc.collect()
    gc.freeze()
