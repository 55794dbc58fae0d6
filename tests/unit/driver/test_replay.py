from __future__ import annotations

import json
import threading
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract_tests.driver.recordings.replay import Replay
from contract_tests.driver.transport.recorder import BESIDE
from contract_tests.problems import Inconclusive
from contract_tests.traffic.archive import KeptPlay, Recording

from .recordings import BASE, exchanges, recording, sent

if TYPE_CHECKING:
    from contract_tests.traffic.exchange import Exchange
    from contract_tests.traffic.messages import Request

ONE, TWO, THREE = (str(UUID(int=number, version=4)) for number in (1, 2, 3))


def asked(replay: Replay, exchange: Exchange, play: str = "one", request: Request | None = None) -> Exchange:
    return replay.answer(play, request or exchange.request, exchange.cell, exchange.operation)


@settings(deadline=None)
@given(st.lists(exchanges(), max_size=5, unique_by=lambda one: one.started))
def test_everything_is_found_again_once_and_the_earliest_first(drawn: list[Exchange]) -> None:
    replay = Replay(recording(one=drawn), "")
    given = [asked(replay, exchange) for exchange in drawn]
    assert sorted(map(id, given)) == sorted(map(id, drawn))
    for earlier, later in pairwise(given):
        if replay._key(earlier.request) == replay._key(later.request):
            assert earlier.started < later.started
    for exchange in drawn:
        with pytest.raises(Inconclusive):
            asked(replay, replace(exchange, cell="api-update"))


def test_equal_requests_are_answered_in_their_order_then_not_at_all() -> None:
    first, second = sent(answer=b"1", second=1), sent(answer=b"2", second=2)
    replay = Replay(recording(one=[second, first]), "")
    assert [asked(replay, first), asked(replay, first)] == [first, second]
    with pytest.raises(Inconclusive, match="no \\(further\\) answer to this request: read in api-update"):
        asked(replay, replace(first, operation="read"))
    with pytest.raises(Inconclusive, match=f"GET {BASE}/api/x$"):
        asked(replay, replace(first, operation=None))


@pytest.mark.parametrize(
    "other",
    [
        sent("POST"),
        sent(path="/api/y"),
        sent(path="/api/x?action=cancel"),
        sent(body=b"{}"),
        sent(headers=(("accept", "*/*"),)),
    ],
)
def test_another_request_is_another(other: Exchange) -> None:
    with pytest.raises(Inconclusive):
        asked(Replay(recording(one=[sent()]), ""), other)


def test_what_the_client_writes_by_itself_does_not_matter() -> None:
    told = sent(headers=(("User-Agent", "cl-contract/1"), ("Accept", "*/*"), ("content-length", "3")))
    now = sent(headers=(("accept", "*/*"), ("user-agent", "cl-contract/2"), ("Connection", "close")))
    assert asked(Replay(recording(one=[told]), ""), now) is told


def test_an_id_that_the_suite_made_up_may_be_another() -> None:
    told = sent("POST", f"/api/x/{ONE}:{TWO}", b'{"client_token": "%s"}' % ONE.encode())
    now = sent("POST", f"/api/x/{THREE}:{ONE}", b'{"client_token": "%s"}' % THREE.encode())
    assert asked(Replay(recording(one=[told]), ""), now) is told


def test_an_id_that_the_server_gave_may_not() -> None:
    made = sent("POST", answer=json.dumps(ONE).encode(), second=1)
    other = sent("POST", answer=json.dumps(TWO).encode(), second=2)
    reads = [sent(path=f"/api/x/{ONE}", second=3), sent(path=f"/api/x/{TWO}", second=4)]
    replay = Replay(recording(one=[made, other, *reads]), "")
    assert asked(replay, reads[1]) is reads[1]
    with pytest.raises(Inconclusive):
        asked(replay, reads[1])
    assert asked(replay, reads[0]) is reads[0]


def test_an_id_that_the_server_only_repeats_is_the_suites_own() -> None:
    told = sent(path=f"/api/x/{ONE}", answer=f"no session {ONE}".encode())
    assert asked(Replay(recording(one=[told]), ""), sent(path=f"/api/x/{TWO}")) is told


@pytest.mark.parametrize("name", ["cl-contract-00000000-3", "cl-contract-12345678-14", "cl-contract-12345678"])
def test_names_that_the_suite_counts_may_be_others(name: str) -> None:
    told = sent("POST", body=b'{"name": "cl-contract-0a1b2c3d-2"}')
    assert asked(Replay(recording(one=[told]), ""), sent("POST", body=b'{"name": "%s"}' % name.encode())) is told


def test_a_mark_in_an_address_may_be_percent_encoded() -> None:
    told = sent(path="/api/x/<token>?y=<other-token-2>")
    assert asked(Replay(recording(one=[told]), ""), sent(path="/api/x/%3Ctoken%3E?y=%3Cother-token-2%3E")) is told


def test_what_a_session_is_asked_is_looked_for_in_its_play_alone() -> None:
    told = sent(cell="api-update")
    replay = Replay(recording(one=[told]), "")
    with pytest.raises(Inconclusive):
        asked(replay, told, "two")
    assert asked(replay, told, "one") is told


def test_what_one_test_made_for_others_is_found_wherever_it_stands() -> None:
    made, own = sent("POST", cell=None, second=1), sent("POST", cell=None, second=2)
    replay = Replay(recording(one=[made], two=[own]), "")
    assert asked(replay, made, "two") is own
    assert asked(replay, made, "two") is made
    with pytest.raises(Inconclusive):
        asked(replay, made, "three")


def test_log_in_and_clean_up_are_one_play_whatever_their_lane_is_called() -> None:
    login = sent("POST", cell=None)
    plays = {
        "a login of a test": KeptPlay((sent("POST", second=1),), (), "gw1"),
        f"{BESIDE} gw1": KeptPlay((login,), (), "gw1"),
        "one": KeptPlay((sent(),), (), "gw0"),
    }
    whole = Recording({}, plays)
    assert asked(Replay(whole, "gw1"), login, BESIDE) is login
    with pytest.raises(Inconclusive):
        asked(Replay(whole, "gw0"), login, BESIDE)
    assert list(Replay(whole, "gw0").plays) == ["one"]
    assert Replay(whole, "gw0").play("one") is whole.plays["one"]
    assert Replay(whole, "gw1").play("one") is None


def test_threads_are_given_each_answer_once() -> None:
    told = [sent(answer=str(number).encode(), second=number) for number in range(200)]
    replay = Replay(recording(one=told), "")
    given: list[str | None] = []
    barrier = threading.Barrier(4)

    def ask() -> None:
        barrier.wait()
        given.extend(asked(replay, told[0]).id for _ in range(50))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(str, given)) == sorted(str(one.id) for one in told)


def test_a_clock_that_was_set_back_changes_no_order() -> None:
    numbered = [
        replace(sent(answer=f"{number}".encode(), second=-number), sequence=number, began=number / 4)
        for number in range(3)
    ]
    replay = Replay(recording(one=numbered), "")
    answers = [asked(replay, numbered[0]).response for _ in numbered]
    assert [answer and answer.body for answer in answers] == [b"0", b"1", b"2"]


def test_ids_that_the_server_gave_are_known_though_its_clock_was_set_back() -> None:
    """Else the id would be one that the suite made up: any other request would be answered in its place."""
    first = replace(sent(answer=ONE.encode()), sequence=0)
    then = replace(sent("GET", f"/api/x/{ONE}", second=-60), sequence=1)
    replay = Replay(recording(one=[first, then]), "")
    with pytest.raises(Inconclusive):
        asked(replay, sent("GET", f"/api/x/{TWO}"))


def test_a_recording_without_numbers_is_in_the_order_of_its_times() -> None:
    old = [sent(answer=b"late", second=2), sent(answer=b"early", second=1)]
    answer = asked(Replay(recording(one=old), ""), old[0]).response
    assert answer is not None
    assert answer.body == b"early"
