from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

from contract_tests.driver.transport.ending import ENDING
from contract_tests.driver.transport.recorder import BESIDE
from contract_tests.driver.transport.repeating import SILENCES
from contract_tests.driver.transport.silence import ENOUGH, Silence
from contract_tests.driver.transport.wire import request_bytes, send_bytes
from contract_tests.problems import NotAsked

from .servers import Server, says

if TYPE_CHECKING:
    from contract_tests.driver import Door

LATE = httpx.ReadTimeout("timed out")


def ask(door: Door, times: int, path: str = "/slow") -> None:
    for _ in range(times):
        door.send("GET", path)


def test_a_server_that_answers_nothing_is_asked_no_more() -> None:
    server = Server({"GET": LATE})
    door = server.door()
    ask(door, ENOUGH + 5)
    assert server.asked == ["GET /slow"] * ENOUGH + ["GET /api/session"]
    last = door.send("GET", "/slow")
    assert last.never_sent == door.silence.reason
    assert "the server has stopped answering: 3 requests in a row" in last.never_sent
    assert (last.response, last.timed_out, last.never_connected) == (None, False, False)


def test_all_doors_to_a_server_know_it_and_so_does_who_sends_bytes() -> None:
    server = Server({"GET": LATE})
    door = server.door()
    ask(door, ENOUGH)
    assert door.with_headers({"x": "y"}).send("GET", "/a").never_sent
    assert send_bytes(door, request_bytes(door, "GET", "/a")).never_sent


def test_a_server_that_hangs_for_one_kind_of_request_is_asked_on() -> None:
    server = Server({"GET /slow": LATE, "GET /api/session": says(401)})
    door = server.door()
    ask(door, ENOUGH)  # and the plain request is heard, so that the next one is asked again
    ask(door, 1)
    ask(door, ENOUGH)
    assert SILENCES == ENOUGH
    assert server.asked == [*["GET /slow"] * ENOUGH, "GET /api/session"] * 3


def test_an_answer_in_between_breaks_the_silence_and_what_fails_at_once_does_not_count() -> None:
    server = Server({"GET /slow": LATE, "GET /broken": httpx.ReadError("reset"), "GET": says(500)})
    door = server.door()
    ask(door, 1, "/quick")
    ask(door, 1)  # is asked again, and none after it
    begun = len(server.asked)
    for _ in range(4):
        ask(door, ENOUGH - 1)
        ask(door, 2, "/broken")
        ask(door, 1, "/quick")
    assert "GET /api/session" not in server.asked[begun:]
    assert not door.silence.reason


def test_the_plain_request_stands_beside_the_tests() -> None:
    door = Server({"GET": LATE}).door(vmware_api_session_id="token")
    with door.recorder.recording("a test") as seen:
        ask(door, ENOUGH)
    assert len(seen) == len(door.recorder.plays["a test"].exchanges) == ENOUGH
    (plain,) = door.recorder.plays[BESIDE].exchanges
    assert plain.request.header("vmware-api-session-id") is None


def test_once_more_is_once_more() -> None:
    server = Server({"GET": LATE})
    door = server.door()
    ask(door, ENOUGH)
    door.silence.once_more()
    ask(door, 5)
    assert server.asked[ENOUGH + 1 :] == ["GET /slow", "GET /api/session"]
    server.answers["GET"] = says(200)
    door.silence.once_more()
    ask(door, 5)
    assert server.asked[ENOUGH + 3 :] == ["GET /slow"] * 5


def test_once_more_means_nothing_to_a_server_that_answers() -> None:
    silence = Silence(lambda: False)
    silence.once_more()
    silence.goes_on()
    silence.let_pass()


def test_it_says_why() -> None:
    silence = Silence(lambda: False)
    for _ in range(ENOUGH):
        silence.goes_on()
    with pytest.raises(NotAsked, match="so nothing more was sent"):
        silence.let_pass()


def test_what_is_cut_short_as_the_run_is_being_ended_is_no_silence_of_the_server() -> None:
    server = Server({"GET": LATE})
    door = server.door()
    ENDING.begin("it was told to", 60)
    try:
        ask(door, ENOUGH + 1)
    finally:
        ENDING.forget()
    assert server.asked == ["GET /slow"] * (ENOUGH + 1)
    assert not door.silence.reason
