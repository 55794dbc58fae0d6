"""Numbers that decide verdicts, each with its reason: tolerances, margins and how long something is waited for.

Seconds, where nothing else is said. What follows from the resolution of what was read (the whole seconds of `Date`,
the digits of `expiration_time`, how long an exchange took) is no number here: `rules/checks/times.py` computes it.
"""

from __future__ import annotations

from typing import Final

DATE_RESOLUTION: Final = 1.0
"""What `Date` hides of the server's clock: the format has whole seconds (RFC 9110, section 5.6.7), and
servers cut the rest off."""

LIFETIME: Final = 4.0
"""By how much an expiration may differ from what was computed, beyond what the readings leave open: no document says
that a server counts to the second; one that counts in other units (minutes, half the time) is ten times as far off."""

OVERDUE: Final = 2.0
"""How long after `expiration_time` a session is looked at first: a server that looks at all its own each second is up
to a second late, and `Date` hides another."""

NOTICED: Final = 60.0
"""How long after `expiration_time` a server should have ended a session: the time is the earliest one that is promised,
and one that looks at all its sessions every half a minute is half a minute late."""

IN_TIME: Final = 2.0
"""How long before `expiration_time` a session that must still live is asked for the last time: `Date` hides one second,
and the call itself may take most of another on a busy machine."""

CLEARED: Final = 2.0
"""How long after its end a server still shows a session at least that it may then clean up: no document names a
number, and the next look comes within a second."""

SHORT_ID: Final = 16
"""Signs under which an id may be a number, written in one way or another, so that a server may have given it."""

IDS_APART: Final = 8
"""Different signs from which on no id can be guessed from another: counted ones, and those of a time and a number,
differ in fewer."""

FORGOTTEN: Final = 6
"""Timeouts, beyond NOTICED, after which a session must have ended, and again after which an expired update session must
have been deleted; the documents say of neither when."""


def ends_within(timeout: float) -> float:
    """Seconds after `expiration_time` by which a session must have ended, on a server with this session timeout."""
    return NOTICED + FORGOTTEN * timeout


APART: Final = 1.5
"""How far a keep-alive lies behind the read that it is compared with: half a second more than an `expiration_time` of
whole seconds needs to show a later time."""

DATES_APART: Final = 2
"""The same by two `Date` headers, in whole seconds: two between them are more than one."""

SETTLING: Final = 60.0
"""How long a server may take to end a session whose content it has to look into, or to show the files that it brought:
a real one does it behind the answer."""

PREPARING: Final = 30.0
"""How long a server may take to prepare a download; a live server may have to fetch it from its store."""

PROMPT: Final = 5.0
"""Within how many seconds anything hostile is answered; what takes longer keeps others waiting."""

UNHURRIED: Final = 15.0
"""Within how many seconds a document of a kilobyte is answered that would grow without end if it were expanded: far
more than PROMPT, since a server that does expand it is at it for minutes."""

RACE_AHEAD: Final = 5.0
"""How much life a session has left when its expiry is raced, and by how much the clock then goes past it: the calls of
a round have to fit in between, also on a busy machine."""
