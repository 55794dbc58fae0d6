"""What makes random tests the same again for the same seed."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING
from unittest import mock

from hypothesis.internal.conjecture import providers
from hypothesis.internal.constants_ast import Constants

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def without_constants_of_this_project() -> Iterator[None]:
    """Keep Hypothesis from drawing what stands as a constant in whatever modules happen to be loaded.

    With them the same seed would make other cases when other tests are selected.
    """
    with mock.patch.object(providers, "_get_local_constants", Constants):
        providers.CONSTANTS_CACHE.cache.clear()  # what was drawn from before holds them
        try:
            yield
        finally:
            providers.CONSTANTS_CACHE.cache.clear()
