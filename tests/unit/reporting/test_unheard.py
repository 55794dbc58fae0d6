from __future__ import annotations

from dataclasses import replace

import pytest

from contract_tests.reporting.unheard import unheard, unheard_lines
from contract_tests.traffic.exchange import Unheard
from contract_tests.traffic.messages import Response
from tests.unit.judging.findings import SENT


def test_what_is_not_the_servers_word_is_counted_by_reason() -> None:
    """What was sent again is; and what was not, as it would have come to nothing."""
    exchanges = [
        SENT,
        *[replace(SENT, unheard=Unheard.TOKEN_ENDED, response=Response(401))] * 2,
        replace(SENT, unheard=Unheard.GATEWAY, response=Response(502)),
        replace(SENT, response=Response(502)),
        replace(SENT, response=Response(401)),
        replace(SENT, response=Response(429)),
        replace(SENT, unheard=Unheard.CONNECTION_CLOSED, response=None, failure="ReusedConnectionClosed: x"),
    ]
    counted = unheard(exchanges)
    assert counted == {"asked for later": 1, "connection closed": 1, "gateway": 2, "token ended": 2}
    reasons = "asked for later 1, connection closed 1, gateway 2, token ended 2"
    assert list(unheard_lines(counted, 60)) == [
        f"the server's word was missing 6 times, 1 in 10 requests: {reasons}",
    ]


@pytest.mark.parametrize(("requests", "share"), [(150, "1 in 150 requests"), (0, "of nobody knows how many requests")])
def test_one_is_told_in_the_singular_with_its_share(requests: int, share: str) -> None:
    assert list(unheard_lines({"gateway": 1}, requests)) == [
        f"the server's word was missing 1 time, {share}: gateway 1"
    ]


def test_nothing_is_told_of_nothing() -> None:
    assert unheard([SENT]) == {}
    assert list(unheard_lines({}, 10)) == []
