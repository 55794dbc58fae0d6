"""What several clients were told at once, and whether an order explains it."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from contract_tests.contract import Service
from contract_tests.contract.dialects import Op
from contract_tests.fuzz.histories.known import ACTIVE, CANCELED, Known, Seen
from contract_tests.fuzz.histories.reference import Answer, Call, Form
from contract_tests.fuzz.races import clients
from contract_tests.fuzz.races.clients import (
    Deed,
    Leave,
    Look,
    Told,
    Wait,
    exchanges,
    goes_back,
    takes_down,
    together,
    unexplained,
    without_keep_alives,
)
from contract_tests.fuzz.races.linearizability import Event
from contract_tests.fuzz.races.test_concurrency import Match
from contract_tests.problems import PremiseFailed
from contract_tests.traffic.exchange import Exchange
from contract_tests.traffic.messages import Request, Response

if TYPE_CHECKING:
    from collections.abc import Callable

TIMEOUT = 300.0
START = Known(Service.UPDATE, lives_until=TIMEOUT, over_by=TIMEOUT)
EXCHANGE = Exchange(Request("GET", "http://x/"), Response(200), datetime(2026, 1, 1, tzinfo=UTC), 0.001)


def did(deed: Deed, status: int, started: float = 0, ended: float = 10) -> Event[Told]:
    answer = Answer(success=status in (200, 204), status=status)
    return Event(Told(deed, EXCHANGE, answer), started, ended)


def report(progress: int, status: int = 204, started: float = 0, ended: float = 10) -> Event[Told]:
    return did(Call(Op.KEEP_ALIVE, Form.NUMBER, progress), status, started, ended)


def look(seen: Seen | None, started: float = 20, ended: float = 21) -> Event[Told]:
    return Event(Told(Look(), EXCHANGE, seen=seen), started, ended)


def active(progress: int, expires: float = 300.0) -> Seen:
    return Seen(ACTIVE, progress, expires=expires)


def is_explained(*events: Event[Told], start: Known = START, leave: tuple[Leave, ...] = ()) -> bool:
    return not unexplained(list(events), start, TIMEOUT, *leave)


def test_the_highest_of_what_was_accepted_at_once_stays() -> None:
    assert is_explained(report(10), report(50), report(30), look(active(50)))
    assert not is_explained(report(10), report(50), report(30), look(active(30)))


def test_that_a_lower_value_is_stored_is_another_clause() -> None:
    lower = [report(50, 204, 0, 1), report(30, 204, 2, 3), look(active(30))]
    assert is_explained(*lower, leave=(Leave.LOWER,))
    assert takes_down(lower, START, TIMEOUT)
    lost = [report(50, 204, 0, 1), report(30, 204, 2, 3), look(active(0))]
    assert not is_explained(*lost, leave=(Leave.LOWER,))
    assert not is_explained(report(50), report(30), look(active(40)), leave=(Leave.LOWER,))
    assert takes_down(lost, START, TIMEOUT) == []
    assert takes_down([report(50), report(30), look(active(50))], START, TIMEOUT) == []


def test_where_cancel_deletes_the_other_endings_find_nothing() -> None:
    cancel, late = did(Call(Op.CANCEL), 204, 0, 5), did(Call(Op.FAIL, Form.MESSAGE), 404, 1, 6)
    assert is_explained(cancel, late, look(None), leave=(Leave.CANCELED,))
    assert not is_explained(cancel, late, look(None))
    both = cancel, did(Call(Op.FAIL, Form.MESSAGE), 204, 1, 6)
    assert not is_explained(*both, look(None), leave=(Leave.CANCELED,))
    failed = did(Call(Op.FAIL, Form.MESSAGE), 204, 0, 1), did(Call(Op.CANCEL), 404, 2, 3)
    assert not is_explained(*failed, look(None), leave=(Leave.CANCELED,))


def test_a_lower_value_may_be_refused_if_it_can_have_come_later() -> None:
    assert is_explained(report(50), report(30, 400), look(active(50)))
    assert not is_explained(report(30, 400, 0, 1), report(50, 204, 2, 3), look(active(50)))


def test_the_highest_value_can_not_be_refused() -> None:
    assert not is_explained(report(50, 400), report(30), look(active(30)))


def test_a_conflict_has_no_effect() -> None:
    assert is_explained(report(50, 409), report(30), look(active(30)))
    assert not is_explained(report(50, 409), look(active(50)))


def test_a_crash_may_have_had_an_effect_or_not() -> None:
    assert is_explained(report(50, 500), look(active(50)))
    assert is_explained(report(50, 500), look(active(0)))
    assert not is_explained(report(50, 500), look(active(20)))


def test_a_keep_alive_comes_before_the_end_or_is_refused() -> None:
    cancel, over = did(Call(Op.CANCEL), 204, 0, 5), look(Seen(CANCELED, 0))
    assert is_explained(cancel, did(Call(Op.KEEP_ALIVE), 204, 0, 5), over)
    assert is_explained(cancel, did(Call(Op.KEEP_ALIVE), 400, 0, 5), over)
    assert not is_explained(cancel, did(Call(Op.KEEP_ALIVE), 204, 6, 7), over)
    assert not is_explained(did(Call(Op.KEEP_ALIVE), 400, 0, 1), did(Call(Op.CANCEL), 204, 2, 3), over)


def test_what_was_cancelled_stays_so() -> None:
    events = [did(Call(Op.CANCEL), 204), did(Call(Op.KEEP_ALIVE), 204), look(active(0))]
    assert not is_explained(*events)
    assert not is_explained(*without_keep_alives(events))


def test_without_progress_a_wrong_one_is_left_aside() -> None:
    assert not is_explained(report(50), look(active(10)))
    assert is_explained(report(50), look(active(10)), leave=(Leave.PROGRESS,))


def test_a_session_is_kept_alive_before_its_time_is_over_or_not_at_all() -> None:
    late = Known(Service.UPDATE, lives_until=5.0, over_by=5.0)
    passes = Event(Told(Wait(10.0 + 60 + 6 * TIMEOUT), EXCHANGE), 0, 5)
    assert is_explained(passes, did(Call(Op.KEEP_ALIVE), 204, 0, 5), look(active(0)), start=late)
    assert is_explained(passes, did(Call(Op.KEEP_ALIVE), 400, 0, 5), look(Seen("ERROR", 0)), start=late)
    assert is_explained(passes, did(Call(Op.KEEP_ALIVE), 404, 0, 5), look(None), start=late)
    assert not is_explained(passes, did(Call(Op.KEEP_ALIVE), 204, 6, 7), look(active(0)), start=late)
    assert not is_explained(passes, did(Call(Op.KEEP_ALIVE), 400, 0, 5), look(active(0)), start=late)


def test_a_flaw_tells_what_happened_when() -> None:
    (flaw,) = unexplained([report(50, started=1, ended=2), look(active(10), 3, 4)], START, TIMEOUT)
    assert "keep-alive 50: 204" in flaw.observed
    assert "read: ACTIVE at 10" in flaw.observed
    assert "0.0-1000.0 ms" in flaw.observed


def test_what_is_shown_later_is_no_less() -> None:
    looks = [look(active(10), 0, 1), look(active(50), 2, 3), look(active(30), 4, 5)]
    (flaw,) = goes_back(looks, lambda seen: seen.progress, "client_progress")
    assert (flaw.expected, flaw.observed) == ("client_progress 50 or more", "client_progress 30")
    assert goes_back(looks, lambda seen: seen.expires, "expiration_time") == []


def test_looks_at_the_same_time_may_differ() -> None:
    looks = [look(active(50), 0, 5), look(active(10), 1, 6), look(Seen(CANCELED, 0), 8, 9), look(None, 9, 10)]
    assert goes_back(looks, lambda seen: seen.progress, "client_progress") == []


def test_what_is_said_to_the_clock_is_not_about_the_session() -> None:
    assert exchanges([Event(Told(Wait(3.0), EXCHANGE), 0, 1), look(None)]) == [EXCHANGE]
    assert str(Told(Wait(3.0), EXCHANGE)) == "3 s pass"
    assert str(Told(Look(), EXCHANGE)) == "read: no session"


def test_calls_are_made_at_once_and_told_in_the_order_in_which_they_were_begun() -> None:
    under_way = threading.Barrier(3, timeout=120)
    over = [threading.Event() for _ in range(3)]

    def call(place: int) -> Exchange:
        under_way.wait()
        if place < 2:
            over[place + 1].wait(120)  # the last one is answered first
        over[place].set()
        return replace(EXCHANGE, sequence=place)

    told = together([lambda: call(1), lambda: call(0), lambda: call(2)])
    assert [exchange.sequence for exchange in told] == [0, 1, 2]


def test_what_was_done_stands_in_the_order_in_which_it_was_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    def timed(_session: object, _clock: object, deed: Deed) -> Event[Told]:
        place = int(deed.seconds) if isinstance(deed, Wait) else 9
        return Event(Told(deed, replace(EXCHANGE, sequence=place)), 0, 1)

    monkeypatch.setattr(clients, "_timed", timed)
    nobody: Any = None
    events = clients.play(nobody, nobody, [[Wait(3), Wait(1), Wait(2)]])
    assert [event.what.exchange.sequence for event in events] == [1, 2, 3, 9]


def test_the_problem_of_one_call_is_everybodys() -> None:
    def call() -> Exchange:
        raise PremiseFailed("an item", "none")

    with pytest.raises(PremiseFailed):
        together([lambda: EXCHANGE, call])


def match(again: Callable[[int], Any]) -> tuple[Match, list[list[str]]]:
    """A race that was lost with six clients, and what is said of it; a round is its number of clients here."""
    said: list[list[str]] = []
    judge: Any = lambda _slug, flaws: said.append(flaws)  # noqa: E731
    target: Any = SimpleNamespace(clock=SimpleNamespace(is_real=False))
    six: Any = 6
    return Match(judge, target, [six], again), said


def lost_from(least: int) -> Callable[[Any], Any]:
    return lambda clients: [f"flaw of {clients}"] if clients >= least else []


@pytest.mark.parametrize(
    ("least", "played", "shown"),
    [(2, [2], 2), (4, [2, 2, 2, 3, 3, 3, 4], 4), (6, [2, 2, 2, 3, 3, 3, 4, 4, 4, 5, 5, 5], 6)],
)
def test_of_a_race_that_was_lost_the_smallest_is_shown(least: int, played: list[int], shown: int) -> None:
    tried: list[int] = []

    def again(clients: int) -> Any:
        tried.append(clients)
        return clients

    race, said = match(again)
    race.holds("a.clause", lost_from(least))
    assert tried == played
    assert said == [[f"flaw of {shown}"]]
    flawed: Any = race.flawed
    assert flawed == shown


def test_a_race_that_can_not_be_run_again_stays_lost() -> None:
    def again(_: int) -> Any:
        raise PremiseFailed("a new session", "none", None)

    race, said = match(again)
    race.holds("a.clause", lost_from(2))
    assert said == [["flaw of 6"]]


def test_a_race_that_was_won_is_not_run_again() -> None:
    race, said = match(lambda clients: pytest.fail(f"{clients} clients play again"))
    race.holds("a.clause", lost_from(7))
    assert said == [[]]
