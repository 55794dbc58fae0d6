from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from contract_tests.problems import PremiseFailed
from contract_tests.rules.checks import (
    Flaw,
    accepts_progress,
    expires_about,
    expires_later,
    expires_no_earlier,
    gone,
    listed_ids,
    no_longer_active,
    progress_is,
    read,
    still_active,
    unchanged,
)
from contract_tests.rules.checks.model import shows_progress
from contract_tests.traffic.exchange import Exchange

from .exchanges import NO_SESSIONS, NOW, answered, error, session

Check = Callable[[Exchange], Sequence[Flaw]]

EARLIER, THEN, LATER = (f"2026-03-01T12:0{minute}:00.000Z" for minute in (4, 5, 6))
BEFORE = session()


def raw_session(members: str, **headers: str | None) -> Exchange:
    return answered(200, f"{{{members}}}".encode(), operation="read", **headers)


# Reading


@pytest.mark.parametrize("cell", ["api-update", "api-download", "rest-update", "rest-download"])
def test_a_session_is_read_in_each_cell(cell: str) -> None:
    reading = read(session(cell=cell))
    assert (reading.state, reading.progress) == ("ACTIVE", 30)
    assert reading.expiration == datetime(2026, 3, 1, 12, 5, tzinfo=UTC)
    assert reading.server_time == NOW
    assert reading.lives_for == pytest.approx(300 - 1 - 0.25 - 0.001)
    assert reading.over_in == pytest.approx(300 + 0.25 + 0.001)


@pytest.mark.parametrize("exchange", NO_SESSIONS)
def test_what_shows_no_session_fails_a_premise(exchange: Exchange) -> None:
    with pytest.raises(PremiseFailed) as failed:
        read(exchange)
    assert failed.value.exchange is exchange


@pytest.mark.parametrize(
    ("written", "value"), [("10", 10), ("10.0", 10), ("1e1", 10), ("-5", -5), ("1" * 30, int("1" * 30))]
)
def test_progress_is_an_integer_however_it_is_written(written: str, value: int) -> None:
    assert read(raw_session(f'"client_progress": {written}')).progress == value


@pytest.mark.parametrize("written", ["null", "true", "false", '"10"', "10.5", "1e400", "-1e400", "[]", "{}"])
def test_what_is_no_integer_is_no_progress(written: str) -> None:
    reading = read(raw_session(f'"client_progress": {written}'))
    with pytest.raises(PremiseFailed):
        _ = reading.progress


@pytest.mark.parametrize(
    ("written", "instant"),
    [
        ("2026-03-01T12:05:00Z", datetime(2026, 3, 1, 12, 5, tzinfo=UTC)),
        ("2026-03-01t12:05:00z", datetime(2026, 3, 1, 12, 5, tzinfo=UTC)),
        ("2026-03-01T12:05:00.5Z", datetime(2026, 3, 1, 12, 5, 0, 500000, tzinfo=UTC)),
        ("2026-03-01T12:05:00.123456789Z", datetime(2026, 3, 1, 12, 5, 0, 123456, tzinfo=UTC)),
        ("2026-03-01T14:35:00+02:30", datetime(2026, 3, 1, 12, 5, tzinfo=UTC)),
        ("2026-02-28T23:59:00-12:06", datetime(2026, 3, 1, 12, 5, tzinfo=UTC)),
        ("2026-06-30T23:59:60Z", datetime(2026, 7, 1, tzinfo=UTC)),
        ("2026-06-30T23:59:60.25z", datetime(2026, 7, 1, 0, 0, 0, 250000, tzinfo=UTC)),
    ],
)
def test_every_rfc_3339_time_is_read(written: str, instant: datetime) -> None:
    assert read(session(expiration_time=written)).expiration == instant


@pytest.mark.parametrize(
    "written",
    [
        "",
        "tomorrow",
        "2026-03-01T12:05:00",
        "2026-03-01 12:05:00Z",
        "2026-03-01T12:05Z",
        "2026-03-01T12:05:00+0200",
        "2026-03-01T12:05:00,5Z",
        "2026-02-30T12:05:00Z",
        "2026-03-01T24:00:00Z",
        "2026-03-01T12:05:61Z",
        "2026-03-01T12:05:00+24:00",
        "0000-01-01T00:00:00Z",
        "9999-12-31T23:59:60Z",
        "٢٠٢٦-03-01T12:05:00Z",
        " 2026-03-01T12:05:00Z\n",
        1772366700,
        True,
        [],
    ],
)
def test_what_is_no_time_fails_a_premise(written: Any) -> None:
    with pytest.raises(PremiseFailed):
        _ = read(session(expiration_time=written)).expiration


@pytest.mark.parametrize("state", [7, [], True, None])
def test_what_is_no_text_is_no_state(state: Any) -> None:
    with pytest.raises(PremiseFailed):
        _ = read(session(state=state)).state


@pytest.mark.parametrize(
    "date", ["Sun, 01 Mar 2026 12:00:07 GMT", "Sun, 01 Mar 2026 12:00:07 -0000", "Sun, 01 Mar 2026 14:00:07 +0200"]
)
def test_the_servers_clock_is_its_date(date: str) -> None:
    assert read(raw_session("", date=date)).server_time == datetime(2026, 3, 1, 12, 0, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    "date",
    [
        None,
        "",
        "now",
        "\xff",
        "Sun, 99 Mar 2026 12:00:00 GMT",
        "Sun, 01 Mar 2026 12:00:60 GMT",
        "Sun, 01 Mar 99999999999999999999 12:00:00 GMT",
        "Sun, 01 Mar 2026 12:00:00 +9999",
        "Sun, 01 Mar 2026 12:00:00 +99999999999999",
        "Fri, 31 Dec 9999 23:59:59 -0100",
    ],
)
def test_without_a_date_ours_counts(date: str | None) -> None:
    assert read(raw_session("", date=date)).server_time == NOW


def test_a_time_in_the_past_leaves_nothing() -> None:
    over = read(session(expiration_time="2026-03-01T11:59:00Z"))
    assert (over.lives_for, over.over_in) == (0, 0)


def test_a_reading_without_an_answer_has_our_time() -> None:
    reading = replace(read(BEFORE), exchange=answered(None))
    assert reading.server_time == NOW


@pytest.mark.parametrize(("cell", "body"), [("api-update", ["a", "b"]), ("rest-update", {"value": ["a", "b"]})])
def test_ids_are_listed(cell: str, body: Any) -> None:
    assert listed_ids(answered(200, body, cell=cell, operation="list")) == ["a", "b"]


@pytest.mark.parametrize(
    "exchange",
    [
        *NO_SESSIONS[:5],
        answered(200, {"a": 1}),
        answered(200, [{"id": "a"}]),
        answered(200, ["a", 1]),
        answered(200, b"null"),
        answered(200, {"value": None}, cell="rest-update"),
        answered(200, ["a"], cell=None),
    ],
)
def test_what_is_no_list_of_ids_fails_a_premise(exchange: Exchange) -> None:
    with pytest.raises(PremiseFailed):
        listed_ids(exchange)


# Checks


@pytest.mark.parametrize("after", NO_SESSIONS)
def test_a_session_that_is_lost_has_moved_back_unless_it_has_ended(after: Exchange) -> None:
    assert len(expires_no_earlier(BEFORE, after)) == (0 if after.status == 404 else 1)


@pytest.mark.parametrize(("then", "now"), [("DONE", "DONE"), ("ACTIVE", "CANCELED"), ("CANCELED", "ACTIVE")])
def test_a_session_that_has_ended_has_no_time_to_keep(then: str, now: str) -> None:
    assert expires_no_earlier(session(state=then), session(state=now, expiration_time=EARLIER)) == []


@pytest.mark.parametrize(
    ("check", "held"),
    [
        (lambda after: expires_later(BEFORE, after), [LATER]),
        (lambda after: expires_no_earlier(BEFORE, after), [THEN, LATER, "2026-03-01T14:05:00+02:00"]),
        (lambda after: expires_about(after, 300), [THEN, "2026-03-01T12:05:05.250Z", "2026-03-01T12:04:55.750Z"]),
    ],
)
def test_the_expiration_is_where_it_should_be(check: Check, held: list[str]) -> None:
    assert [check(session(expiration_time=time)) for time in held] == [[]] * len(held)


@pytest.mark.parametrize(
    ("check", "broken", "expected"),
    [
        (
            lambda after: expires_later(BEFORE, after),
            [THEN, EARLIER],
            "expiration_time after 2026-03-01 12:05:00+00:00",
        ),
        (
            lambda after: expires_no_earlier(BEFORE, after),
            [EARLIER],
            "expiration_time 2026-03-01 12:05:00+00:00 or later",
        ),
        (
            lambda after: expires_about(after, 300),
            ["2026-03-01T12:05:05.253Z", "2026-03-01T12:04:55.747Z", "2026-03-01T11:55:00Z"],
            "expiration_time 300 s (± 4 s) from the server's now",
        ),
    ],
)
def test_the_expiration_is_elsewhere(check: Check, broken: list[str], expected: str) -> None:
    for time in broken:
        (flaw,) = check(session(expiration_time=time))
        assert flaw.expected == expected
        assert "2026-03-01" in flaw.observed


@pytest.mark.parametrize(
    "check",
    [
        lambda after: expires_later(BEFORE, after),
        lambda after: expires_about(after, 300),
        lambda after: progress_is(after, 30),
        still_active,
        lambda after: unchanged(BEFORE, after),
    ],
)
@pytest.mark.parametrize("after", NO_SESSIONS)
def test_a_session_that_is_lost_is_a_flaw(check: Check, after: Exchange) -> None:
    (flaw,) = check(after)
    assert flaw.exchange is after


@pytest.mark.parametrize(
    "check",
    [
        lambda after: expires_later(BEFORE, after),
        lambda after: expires_about(after, 300),
        lambda after: progress_is(after, 30),
        still_active,
        no_longer_active,
    ],
)
def test_a_member_that_is_missing_is_a_flaw(check: Check) -> None:
    after = session(expiration_time=None, client_progress=None, state=None)
    assert len(check(after)) == 1


def test_it_is_said_which_member_is_missing_or_how_it_is_wrong() -> None:
    (missing,) = progress_is(session(client_progress=None), 10)
    (wrong,) = expires_later(BEFORE, session(expiration_time=7))
    assert missing.observed.startswith("no client_progress: 200 with ")
    assert (missing.expected, wrong.observed) == ("client_progress 10", "expiration_time 7")


@pytest.mark.parametrize("odd", ["60", "sixty", True, [60], 0.5])
def test_of_a_progress_that_is_no_integer_only_its_own_rule_says_something(odd: Any) -> None:
    after = session(client_progress=odd)
    with pytest.raises(PremiseFailed):
        progress_is(after, 60)
    assert shows_progress(after)


@pytest.mark.parametrize("check", [expires_later, expires_no_earlier, unchanged])
def test_without_a_reading_before_nothing_is_judged(check: Callable[[Exchange, Exchange], object]) -> None:
    with pytest.raises(PremiseFailed):
        check(NO_SESSIONS[0], BEFORE)


@pytest.mark.parametrize(
    ("value", "allowed", "held"), [(30, (30,), 1), (30, (1, 30), 1), (30, (29, 31), 0), (0, (30,), 0)]
)
def test_progress_is_one_of(value: int, allowed: tuple[int, ...], held: int) -> None:
    flaws = progress_is(session(client_progress=value), *allowed)
    assert (flaws == []) == bool(held)
    assert [flaw.observed for flaw in flaws] == [f"client_progress {value}"] * (1 - held)


@pytest.mark.parametrize(
    ("allowed", "told"),
    [((30,), "30"), ((50, 20), "50 or 20"), (tuple(range(101)), "0 to 100"), ((1, 2, 3, 5), "1 or 2 or 3 or 5")],
    ids=str,
)
def test_progress_that_is_expected_is_told_in_few_words(allowed: tuple[int, ...], told: str) -> None:
    (flaw,) = progress_is(session(client_progress=-1), *allowed)
    assert flaw.expected == f"client_progress {told}"


def test_a_progress_is_accepted_if_it_succeeds_and_is_stored() -> None:
    assert accepts_progress(answered(204), session(client_progress=40), 40) == []
    assert len(accepts_progress(answered(400), session(client_progress=40), 40)) == 1
    assert len(accepts_progress(answered(204), session(client_progress=30), 40)) == 1


@pytest.mark.parametrize("state", ["DONE", "CANCELED", "A_STATE_OF_THE_FUTURE", "active"])
def test_active_or_not(state: str) -> None:
    assert still_active(session()) == []
    assert no_longer_active(session(state=state)) == []
    assert [flaw.observed for flaw in still_active(session(state=state))] == [f"state {state}"]
    assert [flaw.observed for flaw in no_longer_active(session())] == ["state ACTIVE"]


def test_what_is_gone_is_no_longer_active() -> None:
    assert no_longer_active(error(404, "NOT_FOUND")) == []
    assert gone(error(404, "NOT_FOUND")) == []


@pytest.mark.parametrize("after", [answered(500), answered(None), answered(401)])
def test_what_can_not_be_read_is_not_known_to_be_over(after: Exchange) -> None:
    assert len(no_longer_active(after)) == 1
    assert len(gone(after)) == 1


def test_a_session_that_can_be_read_is_not_gone() -> None:
    assert len(gone(session(state="CANCELED"))) == 1


def test_unchanged_looks_at_every_member_that_documents_name() -> None:
    after = session(client_progress=31, state="DONE", expiration_time=None)
    assert [flaw.expected for flaw in unchanged(BEFORE, after)] == [
        "client_progress as before: 30",
        f"expiration_time as before: '{THEN}'",
        "state as before: 'ACTIVE'",
    ]


def test_unchanged_leaves_alone_what_a_server_shows_of_its_own() -> None:
    assert unchanged(session(reads=1), session(reads=2, seen_by=["me"])) == []


def test_unchanged_goes_by_what_members_say() -> None:
    one, other = ({"type": kind, "ignored": True} for kind in ("SELF_SIGNED_CERTIFICATE", "EXPIRED_CERTIFICATE"))
    then = session(warning_behavior=[one, other], error_message=None)
    assert unchanged(then, session(warning_behavior=[other, one | {"since": 1}])) == []
    assert unchanged(session(warning_behavior=[]), session()) == []
    assert len(unchanged(then, session(warning_behavior=[one]))) == 1


def test_unchanged_leaves_free_members_free() -> None:
    after = session(client_progress=31, expiration_time=LATER)
    assert unchanged(BEFORE, after, "client_progress", "expiration_time") == []
    assert unchanged(BEFORE, session()) == []


def test_null_is_the_same_as_missing() -> None:
    assert unchanged(raw_session(""), raw_session('"id": null')) == []
