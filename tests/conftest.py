"""The order of the project's own tests, what takes long first, so that no worker ends with it alone; and their heap."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import pytest

_LONG: Final = (
    "tests/independent/test_right.py",
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
    """Leave what stays to the end out of each later search for garbage.

    Every run of pytest inside a test ends with such a search, which took half a second for thousands of tests.
    """
    gc.collect()
    gc.freeze()
