from __future__ import annotations

import sys
from types import TracebackType

import pytest

from contract_tests.plugin.signals import pytest_keyboard_interrupt


def test_an_interruption_between_two_lines_can_be_shown() -> None:
    def nowhere() -> KeyboardInterrupt:
        here = sys._getframe()
        between = TracebackType(None, here, 10**6, -1)
        return KeyboardInterrupt().with_traceback(TracebackType(between, here, here.f_lasti, here.f_lineno))

    def seen() -> pytest.ExceptionInfo[BaseException]:
        return pytest.ExceptionInfo.from_exception(nowhere())

    with pytest.raises((TypeError, RuntimeError)):  # which of the two is a matter of what it looks at first
        seen().getrepr(funcargs=True)
    told = seen()
    pytest_keyboard_interrupt(told)
    assert told.getrepr(funcargs=True).reprcrash is not None
