"""Members and dates that break whoever computes with them: each is a flaw or a failed premise, and never an error."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from contract_tests.problems import PremiseFailed
from contract_tests.rules.checks import model, readings
from contract_tests.rules.checks import patches as updates
from contract_tests.rules.checks.flaw import Flaw

from .exchanges import answered, session

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from contract_tests.traffic.exchange import Exchange

TIMES = [
    *("0001-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:60Z", "9999-12-31T23:59:59-23:59"),
    *("2026-03-01T24:00:00Z", "2026-03-01T12:00:00+99:99", "2026-03-01T12:00:00+24:00", "0000-01-01T00:00:00Z"),
    *("2026-13-41T00:00:00Z", "2026-02-30T00:00:00Z", f"2026-03-01T12:00:00.{'9' * 5000}Z", "9" * 5001, "\x00"),
    *("\u0662026-03-01T12:00:00Z", "2026-00-00T00:00:00Z", "2026-03-01T12:00:00Z\x1b[2J"),
]
NUMBERS = [
    *("9" * 5001, f"-{'9' * 5001}", "9" * 4300, "1e999", "-1e999", "1e308", "1e99999999999", "NaN", "-Infinity"),
    *(f"1.{'9' * 5001}", "true", '"\\ud800"', "[" * 40 + "]" * 40, "[" * 100_000, '{"a": 1, "a": 2}', '"\\u001b[2J"'),
]
DATES = [
    *("Mon, 01 Jan 0001 00:00:00 GMT", "Mon, 01 Jan 0001 00:00:00 +1400", "Fri, 31 Dec 99999 00:00:00 GMT", "x", ","),
    *("", "9" * 5001, "Fri, 31 Dec 9999 23:59:59 -2359", "Fri, 31 Dec 2026 00:00:00 +999999999", "Mon"),
    *(f"Fri, 31 Dec 2026 00:00:00 +{'9' * 5000}", f"Fri, {'9' * 5000} Dec 2026 00:00:00 GMT"),
    *(f"Fri, 31 Dec 2026 {'9' * 5000}:00:00 GMT", "Fri, 31 Dec 2026 99:99:99 GMT", "\u0661, 1 Jan 2026 00:00:00 GMT"),
]

READS = {
    **{f"time {at}": session(expiration_time=time) for at, time in enumerate(TIMES)},
    **{
        f"number {at}": answered(
            200, json.dumps({"client_progress": "N", "state": "ACTIVE"}).replace('"N"', number).encode()
        )
        for at, number in enumerate(NUMBERS)
    },
    **{f"date {at}": answered(200, {"expiration_time": TIMES[0]}, date=date) for at, date in enumerate(DATES)},
    **{f"state {at}": session(state=value, expiration_time=value) for at, value in enumerate(([], {}, 1, "\x1b[2J"))},
}
GOOD = session()
JUDGES: Mapping[str, Callable[[Exchange], object]] = {
    "expires later": lambda one: readings.expires_later(GOOD, one),
    "expires later than it": lambda one: readings.expires_later(one, GOOD),
    "expires no earlier": lambda one: readings.expires_no_earlier(GOOD, one),
    "expires no earlier than it": lambda one: readings.expires_no_earlier(one, GOOD),
    "expires about": lambda one: readings.expires_about(one, 300),
    "does not expire at": lambda one: updates.does_not_expire_at(one, "2030-01-01T00:00:00Z"),
    "expires in UTC": model.expires_in_utc,
    "progress is": lambda one: readings.progress_is(one, 40),
    "shows progress": model.shows_progress,
    "progress is at most 100": model.progress_is_at_most_100,
    "progress is not negative": model.progress_is_not_negative,
    "unchanged": lambda one: readings.unchanged(GOOD, one),
    "still active": readings.still_active,
    "lives for": lambda one: readings.read(one).lives_for,
    "over in": lambda one: readings.read(one).over_in,
    "times": lambda one: (readings.read(one).expiration.timestamp(), readings.read(one).server_time.timestamp()),
    **{
        f"{member} fits": lambda one, member=member: model.member_fits(one, member)  # type: ignore[misc]
        for member in ("client_progress", "state", "expiration_time")
    },
}


@pytest.mark.parametrize("judge", JUDGES.values(), ids=JUDGES)
@pytest.mark.parametrize("read", READS.values(), ids=READS)
def test_it_is_judged(read: Exchange, judge: Callable[[Exchange], object]) -> None:
    try:
        found = judge(read)
    except PremiseFailed as failed:
        _is_shown([failed.expected, failed.observed])
    else:
        flaws = found if isinstance(found, list) else []
        _is_shown([text for one in flaws if isinstance(one, Flaw) for text in (one.expected, one.observed)])


def _is_shown(texts: Sequence[str]) -> None:
    for text in texts:
        assert text.isprintable()
        assert len(text) <= 2001
