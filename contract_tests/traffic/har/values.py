"""Values of an archive that anybody may have written: each is what it should be, or refused."""

from __future__ import annotations

import reprlib
from datetime import MAXYEAR, datetime
from math import isfinite
from typing import Any, Final

from contract_tests.traffic.messages import STATUSES

_LONGEST_RUN: Final = 366 * 86_400.0
"""Seconds that an answer may have taken: a year."""


def text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{reprlib.repr(value)} is no text")
    return value


def text_or_none(value: Any) -> str | None:
    return None if value is None else text(value)


def number(value: Any) -> Any:
    """What an exchange is put in order by; nothing, in recordings of before it was kept."""
    if value is not None and (isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value)):
        raise ValueError(f"{reprlib.repr(value)} is no number of an exchange")
    return value


def place(value: Any, table: list[Any]) -> Any:
    """What stands at this place of a table."""
    if type(value) is not int or not 0 <= value < len(table):
        raise ValueError(f"{reprlib.repr(value)} is no place in a table of {len(table)}")
    return table[value]


def status(value: Any) -> int:
    if type(value) is not int or value not in STATUSES:
        raise ValueError(f"{reprlib.repr(value)} is no status")
    return value


def seconds(value: Any) -> float:
    if type(value) not in (int, float) or not 0 <= value <= _LONGEST_RUN:
        raise ValueError(f"{reprlib.repr(value)} is no duration in seconds")
    return float(value)


def started(value: Any) -> datetime:
    moment = datetime.fromisoformat(value)
    # A year that is neither the first nor the last: what is computed with it must be a time, too.
    if moment.tzinfo is None or not 1 < moment.year < MAXYEAR:
        raise ValueError(f"{moment} has no time zone, or is in no year in which a run can be")
    return moment
