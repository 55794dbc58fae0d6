"""What was read of a moment is a span; nothing is wrong that is right for one moment of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract_tests.contract.tolerances import LIFETIME
from contract_tests.rules.checks.readings import expires_about, read
from contract_tests.rules.checks.times import Span, clock_during, shown_moment

from .exchanges import NOW, answered, session

NOON = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
SECONDS = st.floats(0, 3)


@given(clock=st.floats(0, 100_000), took=SECONDS, part=st.floats(0, 1))
def test_the_servers_clock_lies_in_the_span(clock: float, took: float, part: float) -> None:
    begun = NOON + timedelta(seconds=clock)
    answered_at = begun + timedelta(seconds=took * part)  # when the server wrote its Date
    date = answered_at.replace(microsecond=0).strftime("%a, %d %b %Y %H:%M:%S GMT")
    seen = replace(answered(200, date=date), seconds=took)
    span = clock_during(seen)
    assert span.earliest <= begun + timedelta(milliseconds=1)
    assert span.latest >= begun + timedelta(seconds=took) - timedelta(milliseconds=1)


@given(moment=st.floats(0, 100_000), digits=st.integers(0, 6), up=st.booleans())
def test_what_is_shown_of_a_moment_spans_it(moment: float, digits: int, *, up: bool) -> None:
    real = NOON + timedelta(seconds=moment)
    unit = timedelta(microseconds=10 ** (6 - digits))
    cut = NOON + (real - NOON) // unit * unit
    shown = cut + unit if up else cut
    text = shown.strftime("%Y-%m-%dT%H:%M:%S.%f")[: 20 + digits if digits else 19] + "Z"
    span = shown_moment(text)
    assert span.earliest <= real <= span.latest


@pytest.mark.parametrize(("text", "seconds"), [("2026-03-01T12:00:00Z", 1), ("2026-03-01T12:00:00.25Z", 0.01)])
def test_the_digits_tell_how_exact_it_is(text: str, seconds: float) -> None:
    span = shown_moment(text)
    assert (span.latest - span.earliest).total_seconds() == pytest.approx(2 * seconds)


def test_at_the_ends_of_the_calendar_a_span_is_shorter() -> None:
    first = datetime(1, 1, 1, tzinfo=UTC)
    assert Span.around(first, 5, 0).earliest == first


@given(timeout=st.integers(4, 3600), handled=st.floats(0, 2), late=st.floats(0, 30), reads=st.booleans())
def test_a_slow_read_accuses_no_lifetime(timeout: int, handled: float, late: float, *, reads: bool) -> None:
    """However long after the creation the session is read, and whether or not the read extends its life."""
    created = replace(answered(201), seconds=2.0)
    looked = NOW + timedelta(seconds=2 + late)
    begins = looked if reads else NOW + timedelta(seconds=handled)
    expires = (begins + timedelta(seconds=timeout)).isoformat(timespec="microseconds")
    seen = session(expiration_time=expires)
    assert seen.response is not None
    seen = replace(
        seen,
        response=replace(seen.response, headers=(("date", looked.strftime("%a, %d %b %Y %H:%M:%S GMT")),)),
    )
    assert expires_about(seen, timeout, created) == []


@pytest.mark.parametrize("off", [-LIFETIME - 2, LIFETIME + 2])
def test_a_lifetime_that_is_wrong_for_every_moment_is_told(off: float) -> None:
    expires = (NOW + timedelta(seconds=300 + off)).isoformat(timespec="milliseconds")
    assert len(expires_about(session(expiration_time=expires), 300)) == 1


def test_a_wait_until_it_is_over_is_never_too_short() -> None:
    seen = read(session(expiration_time="2026-03-01T12:00:04Z"))
    assert seen.lives_for <= 3
    assert seen.over_in >= 4
