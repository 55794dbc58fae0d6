from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from _pytest._code import Traceback, TracebackEntry

from contract_tests.plugin.signals import pytest_keyboard_interrupt


def test_an_interruption_between_two_lines_can_be_shown() -> None:
    nowhere: Any = SimpleNamespace(tb_lineno=None)
    with pytest.raises(KeyboardInterrupt) as caught:
        raise KeyboardInterrupt
    told: pytest.ExceptionInfo[BaseException] = caught
    told.traceback = Traceback([*told.traceback, TracebackEntry(nowhere)])
    with pytest.raises(TypeError):
        _ = told.traceback[-1].lineno
    pytest_keyboard_interrupt(told)
    assert told.getrepr(funcargs=True).reprcrash is not None
