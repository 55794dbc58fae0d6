from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from contract_tests.problems import PremiseFailed
from contract_tests.rules.checks import Flaw
from contract_tests.rules.checks.flaw import Flaws, Judged, check, shown
from contract_tests.texts import printable

from .exchanges import answered

if TYPE_CHECKING:
    from contract_tests.traffic.exchange import Exchange

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


FIRST, SECOND = answered(200), answered(204)


@check("state", "id")
def fixed(before: Exchange, limit: int, *, after: Exchange) -> Flaws:
    """Says something."""
    return [Flaw(str(limit), "observed", after)] if before.status == 200 else []


@check()
def of_one(exchange: Exchange, member: str) -> Flaws:
    return [Flaw(member, "observed", exchange)]


@check("id")
def of_several(*members: str, exchange: Exchange | None = None) -> Flaws:
    return [] if exchange is None else [Flaw(str(members), "observed", exchange)]


def test_a_check_says_what_it_looked_at() -> None:
    said = fixed(FIRST, 7, after=SECOND)
    assert isinstance(said, Judged)
    assert list(said) == [Flaw("7", "observed", SECOND)]
    assert (said.exchanges, said.members) == ((FIRST, SECOND), ("state", "id"))
    nothing = fixed(SECOND, 7, after=FIRST)
    assert list(nothing) == []
    assert (nothing.exchanges, nothing.members) == ((SECOND, FIRST), ("state", "id"))
    assert fixed.__doc__ == "Says something."


def test_a_member_that_the_caller_names_is_said_too() -> None:
    assert of_one(FIRST, "progress").members == ("progress",)
    assert of_several("a", "b", exchange=FIRST).members == ("id", "a", "b")
    assert of_several("a").exchanges == ()
