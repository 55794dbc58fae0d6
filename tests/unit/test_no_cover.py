"""A test that is marked `no_cover` is not measured: not by a worker of pytest-xdist either."""

from __future__ import annotations

import sys
import threading

import pytest


@pytest.mark.no_cover
def test_no_measurement_goes_on_below_one_that_pauses() -> None:
    assert (sys.gettrace(), threading.gettrace()) == (None, None)
