from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import httpx
import pytest

from contract_tests.driver.transport.courtesy import IN_ALL, LONGEST, Courtesy
from contract_tests.driver.transport.ending import ENDING
from contract_tests.traffic.exchange import Exchange
from contract_tests.traffic.messages import Request, Response

from .servers import Server

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from contract_tests.driver import Door


def _door(answers: Sequence[httpx.Response], slept: list[float]) -> Door:
    """A door to a server that gives these answers in turn, and the last one from then on."""

    def turns() -> Iterator[httpx.Response]:
        yield from answers
        while True:
            yield httpx.Response(answers[-1].status_code, headers=answers[-1].headers)

    each = turns()
    door = Server({"GET": lambda _: next(each)}).door()
    door.recorder.courtesy = Courtesy(slept.append)
    return door


BUSY = httpx.Response(429)


@pytest.mark.parametrize(
    ("busy", "pause"),
    [
        (BUSY, 1.0),
        (httpx.Response(429, headers={"retry-after": "3"}), 3.0),
        (httpx.Response(429, headers={"retry-after": "0"}), 0.1),
        (httpx.Response(503, headers={"Retry-After": "Thu, 26 Nov 2026 11:50:00 GMT"}), 1.0),
    ],
)
def test_a_request_is_sent_again_where_the_server_asks_for_that(busy: httpx.Response, pause: float) -> None:
    slept: list[float] = []
    door = _door([busy, busy, httpx.Response(200)], slept)
    with door.recorder.recording() as kept:
        assert door.send("GET", "/x").status == 200
    assert slept == [pause, pause]
    assert [one.status for one in kept] == [busy.status_code, busy.status_code, 200]


@pytest.mark.parametrize("status", [200, 400, 500, 503])
def test_any_other_answer_is_taken(status: int) -> None:
    slept: list[float] = []
    assert _door([httpx.Response(status)], slept).send("GET", "/x").status == status
    assert slept == []


def test_nobody_waits_for_ever_and_nobody_in_vain_twice() -> None:
    slept: list[float] = []
    door = _door([*[BUSY] * (int(LONGEST) + 1), httpx.Response(204), BUSY, httpx.Response(200)], slept)
    assert door.send("GET", "/x").status == 429
    waited = sum(slept)
    assert waited == LONGEST - 1  # the answers take a moment, too
    assert door.send("GET", "/x").status == 429
    assert sum(slept) == waited
    assert door.send("GET", "/x").status == 204
    assert door.send("GET", "/x").status == 200
    assert sum(slept) == waited + 1


def test_a_server_that_needs_long_to_ask_for_later_is_not_asked_for_hours() -> None:
    slow = Exchange(Request("GET", "http://x/"), Response(429, (("retry-after", "0"),)), datetime.now(UTC), 8.0)
    asked: list[Exchange] = []

    def send() -> Exchange:
        asked.append(slow)
        return slow

    courtesy = Courtesy(lambda _: None)
    courtesy.repeat(send, is_live=True)
    assert 8.0 * len(asked) <= LONGEST + 8.0


def test_a_server_that_is_busy_now_and_then_is_waited_for_only_so_long_in_all() -> None:
    slept: list[float] = []
    late = httpx.Response(429, headers={"retry-after": "29"})
    door = _door([late, httpx.Response(200)] * 40 + [late], slept)
    statuses = [door.send("GET", "/x").status for _ in range(50)]
    assert IN_ALL - 29 < sum(slept) <= IN_ALL
    assert statuses[:10] == [200] * 10
    assert statuses[10:14] == [429, 200, 429, 200]


def test_nobody_waits_for_a_server_when_the_run_is_being_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    door = _door([BUSY, httpx.Response(200)], slept)
    monkeypatch.setattr(ENDING, "reason", "somebody wants it")
    assert door.send("GET", "/x").status == 429
    assert slept == []
