from __future__ import annotations

import threading
from contextvars import copy_context
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from contract_tests.driver import Door, Recorder
from contract_tests.driver.recordings.replay import Replay
from contract_tests.driver.transport.door import Body
from contract_tests.driver.transport.recorder import BESIDE, Play
from contract_tests.driver.transport.wire import request_bytes, send_bytes
from contract_tests.problems import Inconclusive
from contract_tests.traffic.redaction import Redactor

from .recordings import BASE, recording, sent
from .servers import Server

if TYPE_CHECKING:
    from contract_tests.traffic.exchange import Exchange


def nameless(exchange: Exchange) -> Exchange:
    return replace(exchange, id=None)


def test_an_id_is_given_when_an_exchange_is_kept_and_is_the_same_in_every_run() -> None:
    def ids() -> list[str | None]:
        recorder = Recorder(Redactor())
        given = [recorder.keep(nameless(sent())).id]
        for name in ("one", "two"):
            with recorder.recording(name):
                given += [recorder.keep(nameless(sent())).id for _ in range(2)]
        return given

    first = ids()
    assert len(set(first)) == 5
    assert None not in first
    assert ids() == first


def test_an_exchange_that_has_an_id_keeps_it() -> None:
    assert Recorder(Redactor()).keep(sent(second=7)).id == "at-7"


def test_times_are_kept_in_microseconds() -> None:
    assert Recorder(Redactor()).keep(replace(nameless(sent()), seconds=0.1234567)).seconds == 0.123457


def test_what_is_sent_belongs_to_the_play_under_way() -> None:
    recorder = Recorder(Redactor())
    recorder.keep(sent(second=0))
    with recorder.recording("test"):
        recorder.keep(sent(second=1))
        with recorder.recording("campaign"):
            recorder.keep(sent(second=2))
        with recorder.recording():
            recorder.keep(sent(second=3))
    with recorder.recording("other"):
        recorder.keep(sent(second=4))
    plays = {name: [one.id for one in play.exchanges] for name, play in recorder.plays.items()}
    assert plays == {BESIDE: ["at-0"], "test": ["at-1", "at-3"], "campaign": ["at-2"], "other": ["at-4"]}
    assert set(recorder.taken("test")) == {"test", "campaign"}
    assert set(recorder.plays) == {BESIDE, "other"}
    (kept,) = recorder.plays["other"].kept().exchanges
    assert replace(kept, sequence=None, began=None) == sent(second=4)
    assert kept.sequence == 4


def test_what_is_shown_again_stands_in_the_context_and_is_kept_once() -> None:
    recorder = Recorder(Redactor())
    with recorder.recording("test") as outer:
        with recorder.recording() as inner:
            kept = recorder.keep(sent())
        assert outer == []
        recorder.show(kept)
    assert (outer, inner) == ([kept], [kept])
    assert recorder.plays["test"].exchanges == [kept]
    recorder.show(kept)  # outside any: nobody looks


def test_threads_play_each_for_itself() -> None:
    recorder = Recorder(Redactor())
    barrier = threading.Barrier(2)

    def play(name: str, second: float) -> None:
        with recorder.recording(name):
            barrier.wait()
            recorder.keep(sent(second=second))
            barrier.wait()

    threads = [
        threading.Thread(target=copy_context().run, args=(play, name, number)) for number, name in enumerate("ab")
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {name: [one.id for one in play.exchanges] for name, play in recorder.plays.items()} == {
        "a": ["at-0"],
        "b": ["at-1"],
    }


def test_a_recording_answers_in_the_place_of_the_server() -> None:
    server = Server()
    with server.door(vmware_api_session_id="0123456789").recorder.recording("test"):
        asked = server.door(vmware_api_session_id="0123456789").send("POST", "/api/x", body=Body.json({"a": 1}))
    told = replace(asked, id="kept", cell="api-update")
    recorder = Recorder(Redactor(), Replay(recording(test=[told]), ""))
    door = Door(BASE, recorder, headers={"vmware-api-session-id": "abcdefghij"})
    learnt: list[Exchange] = []
    with recorder.recording("test"):
        given = door.send("POST", "/api/x", body=Body.json({"a": 1}), cell="api-update", learn=learnt.append)
        with pytest.raises(Inconclusive):
            door.send("POST", "/api/x", body=Body.json({"a": 1}), cell="api-update")
    assert given == told
    assert learnt == [told]
    assert recorder.plays["test"].exchanges == [told]


def test_bytes_on_the_wire_are_answered_by_a_recording_too() -> None:
    door = Door("http://127.0.0.1:1", Recorder(Redactor()))
    wire = request_bytes(door, "POST", "/api/x", b"{", {"vmware-api-session-id": "0123456789"})
    refused = send_bytes(door, wire, cell="api-update")
    told = replace(refused, failure="the connection was closed unanswered", id="kept")
    recorder = Recorder(Redactor(), Replay(recording(test=[told]), ""))
    with recorder.recording("test"):
        assert send_bytes(Door("http://127.0.0.1:1", recorder), wire, cell="api-update") == told


def test_an_address_that_can_not_be_sent_is_no_request_of_the_recording_either() -> None:
    recorder = Recorder(Redactor(), Replay(recording(), ""))
    assert "InvalidURL" in str(Door(BASE, recorder).send("PUT", "http://h:port/").failure)


def test_another_thread_may_begin_a_play_while_those_of_a_test_are_taken() -> None:
    recorder = Recorder(Redactor())

    class Elsewhere(str):
        """A name; when it is looked at, somebody begins a play."""

        __slots__ = ()
        __hash__ = str.__hash__

        def __eq__(self, _: object) -> bool:
            recorder.plays["of another thread"] = Play()
            return False

    recorder.plays |= {"test": Play(), "other": Play(within=Elsewhere("x"))}
    assert set(recorder.taken("test")) == {"test"}
    assert set(recorder.plays) == {"other", "of another thread"}
