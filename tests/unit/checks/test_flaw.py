from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from contract_tests.checks import Flaw, PremiseFailed
from contract_tests.checks.flaw import printable, shown

from .exchanges import answered

if TYPE_CHECKING:
    from contract_tests.exchange import Exchange

HOSTILE = "a\x1b[2Jb\r\nc\u202ed\ud800e"
TAMED = "a\\x1b[2Jb\\r\\nc\\u202ed\\ud800e"


def test_what_a_server_says_moves_no_cursor() -> None:
    assert printable(HOSTILE) == TAMED
    assert printable("größe 日本 😀 \\") == "größe 日本 😀 \\"


def test_flaws_and_premises_are_printable() -> None:
    flaw = Flaw(HOSTILE, HOSTILE, answered(204))
    premise = PremiseFailed(HOSTILE, HOSTILE)
    assert (flaw.expected, flaw.observed) == (TAMED, TAMED)
    assert (premise.expected, premise.observed, premise.exchange) == (TAMED, TAMED, None)
    assert str(premise) == f"expected {TAMED}; observed {TAMED}"


@pytest.mark.parametrize(
    ("exchange", "text"),
    [
        (answered(None), "no answer (ConnectError: refused)"),
        (answered(204), "204 with an empty body"),
        (answered(200, b"abcd"), "200 with abcd"),
        (answered(200, b"abcdef"), "200 with abcd…"),
        (answered(200, b"a\n\xff\x1b"), "200 with a\\n\ufffd\\x1b"),
    ],
)
def test_an_answer_is_shown_in_a_few_words(exchange: Exchange, text: str) -> None:
    assert shown(exchange, limit=4) == text
