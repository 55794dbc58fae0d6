"""The order of the project's own tests, what takes long first, so that no worker ends with it alone; and their heap."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING, Final

from hypothesis import settings

from contract_tests.plugin.garbage import NEW

if TYPE_CHECKING:
    import pytest

# A busy machine takes seconds for what takes milliseconds: no test is about that.
settings.register_profile("patient", parent=settings.get_profile(settings.get_current_profile_name()), deadline=None)
settings.load_profile("patient")

_LONG: Final = (
    "tests/independent/test_right.py",
    "tests/installed/",
    "tests/documents/",
    "tests/faults/test_fuzz_faults",
    "tests/plugin/",
    "tests/between/",
    "tests/browser/",
    "tests/faults/",
)
"""Where the tests of several seconds are, the longest first; elsewhere there are none."""


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
