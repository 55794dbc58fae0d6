"""Python's collector of garbage during a run: what lasts as long as the run is not looked at again and again.

A run keeps its traffic until its reports are written, and the collector would go through all of it, and through the
modules and the tests, each time that they have grown by a quarter: a twelfth of the time of a run.
"""

from __future__ import annotations

import gc
from functools import partial
from typing import Final

import pytest

from contract_tests.plugin.options import is_contract_run

_NEW: Final = 20_000
"""New objects after which garbage is looked for among them; Python's own number is 700."""


def pytest_configure(config: pytest.Config) -> None:
    """Let go of what an earlier run of this process has left; have the collector as it was when this one is over."""
    if is_contract_run(config):
        gc.unfreeze()
        config.add_cleanup(partial(gc.set_threshold, *gc.get_threshold()))


@pytest.hookimpl(trylast=True)
def pytest_collection_finish(session: pytest.Session) -> None:
    """Leave out what is there before the first test, and look less often."""
    if is_contract_run(session.config):
        gc.freeze()
        gc.set_threshold(_NEW, *gc.get_threshold()[1:])


@pytest.hookimpl(tryfirst=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    """Leave out what the run has kept, too: pytest collects garbage twice now, and Python when the process ends.

    Nearly all of it lives, and with the process it is gone.
    """
    if is_contract_run(config):
        gc.freeze()
