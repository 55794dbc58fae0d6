"""Python's collector of garbage during a run: what lasts as long as the run is not looked at again and again.

A run keeps its traffic until its reports are written, and the collector would go through all of it, and through the
modules and the tests, each time that they have grown by a quarter: a twelfth of the time of a run.

Where garbage is looked for as seldom already, somebody else looks after the process, and where something is frozen
already, an earlier run did: all is left as it is.
"""

from __future__ import annotations

import gc
from functools import partial
from typing import Final

import pytest

from contract_tests.plugin.options import is_contract_run

NEW: Final = 20_000
"""New objects after which garbage is looked for among them; Python's own number is 700."""


class Collector:
    """The hooks of a run that has the collector to itself."""

    @pytest.hookimpl(trylast=True)
    def pytest_collection_finish(self) -> None:
        """Leave out what is there before the first test, and look less often."""
        gc.freeze()
        gc.set_threshold(NEW, *gc.get_threshold()[1:])

    @pytest.hookimpl(tryfirst=True)
    def pytest_unconfigure(self) -> None:
        """Leave out what the run has kept, too: pytest collects garbage twice now, and Python when the process ends.

        Nearly all of it lives, and with the process it is gone.
        """
        gc.freeze()


def pytest_configure(config: pytest.Config) -> None:
    """Take charge of the collector, until the run is over, if nobody else has."""
    thresholds = gc.get_threshold()
    if is_contract_run(config) and thresholds[0] < NEW and not gc.get_freeze_count():
        config.add_cleanup(partial(gc.set_threshold, *thresholds))
        config.pluginmanager.register(Collector(), "contract-collector")
