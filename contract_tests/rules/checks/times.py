"""Moments as they can be read from an exchange: not points, but spans that follow from the resolution of what is shown.

The server's clock when it answered lies within the whole second that its `Date` names, widened by the time that the
exchange took; an `expiration_time` is as exact as its digits. What is wrong for one moment of a span and right for
another is not wrong.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from contract_tests.contract.tolerances import DATE_RESOLUTION
from contract_tests.rules.checks.memo import by_exchange

if TYPE_CHECKING:
    from contract_tests.traffic.exchange import Exchange

_RFC3339 = re.compile(
    r"(\d{4}-\d\d-\d\d[Tt]\d\d:\d\d):(\d\d)((?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d))",
    re.ASCII,
)


@dataclass(frozen=True)
class Span:
    """From when to when a moment may have been, in UTC."""

    earliest: datetime
    latest: datetime

    @classmethod
    def around(cls, moment: datetime, before: float, after: float) -> Span:
        """So many seconds before and after a moment; at the ends of the calendar, less."""
        return cls(_moved(moment, -before), _moved(moment, after))

    def until(self, other: Span) -> tuple[float, float]:
        """Seconds from this moment to the other one: at least, and at most."""
        return (
            (other.earliest - self.latest).total_seconds(),
            (other.latest - self.earliest).total_seconds(),
        )


def date_of(exchange: Exchange) -> datetime:
    """The `Date` of the answer (whole seconds); when it was asked for by our clock, where it has none that is one."""
    text = exchange.response.header("date") if exchange.response is not None else None
    try:
        date = parsedate_to_datetime(text) if text is not None else exchange.started
        # A zone that says nothing (-0000) is UTC too, and not that of this machine.
        return (date.replace(tzinfo=UTC) if date.tzinfo is None else date).astimezone(UTC)
    except (ValueError, OverflowError):
        return exchange.started


def tells_the_time(exchange: Exchange) -> bool:
    """Whether the answer has a `Date`, so that the server's clock is known, however far it is off."""
    return exchange.response is not None and exchange.response.header("date") is not None


@by_exchange
def clock_during(exchange: Exchange) -> Span:
    """Where the server's clock stood, from the beginning of the exchange to its end."""
    return Span.around(date_of(exchange), exchange.seconds, DATE_RESOLUTION + exchange.seconds)


def instant(text: str) -> datetime:
    """An RFC 3339 date-time; a leap second is taken for the second after it.

    Raises:
        ValueError: it is none.
        OverflowError: it is none of this calendar.
    """
    parts = _RFC3339.fullmatch(text)
    if parts is None:
        raise ValueError(text)
    minute, second, rest = parts.groups()
    leaps = second == "60"
    moment = datetime.fromisoformat(f"{minute}:{'59' if leaps else second}{rest}".upper())
    return moment + timedelta(seconds=1) if leaps else moment


def shown_moment(text: str) -> Span:
    """The moment that an RFC 3339 date-time shows: whether its last digit was cut or rounded, nobody knows.

    Raises:
        ValueError, OverflowError: as `instant`.
    """
    digits = re.search(r"\.(\d+)", text)
    resolution = 10.0 ** -min(len(digits[1]), 9) if digits else 1.0
    return Span.around(instant(text), resolution, resolution)


def _moved(moment: datetime, seconds: float) -> datetime:
    try:
        return (moment + timedelta(seconds=seconds)).astimezone(UTC)
    except OverflowError:
        return moment
