"""Interim answers come before the answer, on the wire, too."""

from __future__ import annotations

import pytest

from contract_tests.driver.transport.wire import parsed

FINAL = b"HTTP/1.1 204 No Content\r\nDate: x\r\n\r\n"


@pytest.mark.parametrize(
    "before", [b"", b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 103 Early\r\nLink: <x>\r\n\r\nHTTP/1.1 102 P\r\n\r\n"]
)
def test_the_final_answer_is_the_answer(before: bytes) -> None:
    answer = parsed(before + FINAL)
    assert answer is not None
    assert (answer.status, answer.body) == (204, b"")


def test_what_switches_protocols_is_final() -> None:
    answer = parsed(b"HTTP/1.1 101 Switching\r\n\r\nrest")
    assert answer is not None
    assert (answer.status, answer.body) == (101, b"rest")
