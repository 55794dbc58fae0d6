"""Checks that compare sessions as they were read before and after."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, TypeVar

from contract_tests.contract import Cell
from contract_tests.contract.dialects import unwrapped
from contract_tests.contract.tolerances import LIFETIME
from contract_tests.problems import Inconclusive, PremiseFailed
from contract_tests.rules.checks.changes import changed
from contract_tests.rules.checks.flaw import Flaw, Flaws, check, shown
from contract_tests.rules.checks.members import differs, documented_members
from contract_tests.rules.checks.memo import by_exchange
from contract_tests.rules.checks.responses import UNKNOWN, refused, succeeds
from contract_tests.rules.checks.times import Span, clock_during, date_of, instant, shown_moment, tells_the_time

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from contract_tests.traffic.exchange import Exchange

T = TypeVar("T")


@dataclass(frozen=True)
class Reading:
    """A session as one GET showed it."""

    exchange: Exchange
    model: dict[str, Any]

    @property
    def state(self) -> str:
        return str(self._member("state", str))

    @property
    def progress(self) -> int:
        value = self._member("client_progress", (int, float))
        if isinstance(value, bool) or (isinstance(value, float) and not value.is_integer()):
            raise PremiseFailed("an integer client_progress", repr(value), self.exchange)
        return int(value)  # 10.0 is an integer to JSON Schema

    @property
    def shown_progress(self) -> int | None:
        """The progress; None if none is shown, or none that is an integer, which is a rule of its own."""
        try:
            return self.progress
        except PremiseFailed:
            return None

    @property
    def hides_progress(self) -> bool:
        """Whether `client_progress` is there and no integer, so that nothing can be said of its value."""
        return self.model.get("client_progress") is not None and self.shown_progress is None

    @property
    def expiration(self) -> datetime:
        return self._expiration(instant)

    @property
    def expires(self) -> Span:
        """When it expires, as exactly as the digits tell."""
        return self._expiration(shown_moment)

    @property
    def server_time(self) -> datetime:
        """The server's clock when it answered, by its Date header (whole seconds); ours where it sends none."""
        return date_of(self.exchange)

    @property
    def lives_for(self) -> float:
        """Seconds until `expiration_time` at least, and at least 0, by the server's own clock."""
        return max(0.0, clock_during(self.exchange).until(self.expires)[0])

    @property
    def over_in(self) -> float:
        """Seconds until `expiration_time` at most, and at least 0, by the server's own clock."""
        return max(0.0, clock_during(self.exchange).until(self.expires)[1])

    def _expiration(self, reads: Callable[[str], T]) -> T:
        text = self._member("expiration_time", str)
        try:
            return reads(text)
        except (ValueError, OverflowError):
            raise PremiseFailed("an RFC 3339 expiration_time", repr(text), self.exchange) from None

    def _member(self, name: str, kind: type | tuple[type, ...]) -> Any:
        value = self.model.get(name)
        if not isinstance(value, kind):
            observed = f"no {name}: {shown(self.exchange)}" if value is None else f"{name} {value!r}"
            raise PremiseFailed(f"a session with {name}", observed, self.exchange)
        return value


@by_exchange
def read(exchange: Exchange) -> Reading:
    """Read the session out of a successful GET.

    Raises:
        PremiseFailed: the answer is not a session.
    """
    model: Any = None
    if exchange.status == 200 and exchange.response is not None and exchange.cell is not None:
        try:
            model = unwrapped(Cell.parse(exchange.cell).dialect, exchange.response.json)
        except ValueError:
            model = None
    if not isinstance(model, dict):
        raise PremiseFailed("a session that can be read", shown(exchange), exchange)
    return Reading(exchange, model)


def listed_ids(exchange: Exchange) -> list[str]:
    """The ids of a successful list.

    Raises:
        PremiseFailed: the answer is not a list of ids.
    """
    ids: Any = None
    if exchange.status == 200 and exchange.response is not None and exchange.cell is not None:
        try:
            ids = unwrapped(Cell.parse(exchange.cell).dialect, exchange.response.json)
        except ValueError:
            ids = None
    if not isinstance(ids, list) or not all(isinstance(id_, str) for id_ in ids):
        raise PremiseFailed("a list of session ids", shown(exchange), exchange)
    return ids


@check("expiration_time")
def expires_later(before: Exchange, after: Exchange) -> Flaws:
    """`expiration_time` moved to a later time."""
    then = read(before).expiration
    return _after(after, lambda now: now.expiration > then, f"expiration_time after {then}", _expiration)


@check("expiration_time")
def expires_no_earlier(before: Exchange, after: Exchange) -> Flaws:
    """`expiration_time` did not move back."""
    earlier = read(before)  # one that can't be read is a failed premise, and not a session that has ended
    if still_active(before) or not no_longer_active(after):
        return []  # only while the session is ACTIVE its time can't be taken back
    then = earlier.expiration
    return _after(after, lambda now: now.expiration >= then, f"expiration_time {then} or later", _expiration)


@check("expiration_time")
def expires_about(after: Exchange, seconds: float, since: Exchange | None = None) -> Flaws:
    """`expiration_time` is `seconds` from when the life began or was extended, give or take what no document says.

    That was no earlier than `since` (the create, or the keep-alive; None: `after`), and no later than `after`, which
    may count as activity.
    """
    earliest, latest = clock_during(since or after).earliest, clock_during(after).latest

    def fits(now: Reading) -> bool:
        shortest, longest = Span(earliest, latest).until(now.expires)
        return shortest <= seconds + LIFETIME and longest >= seconds - LIFETIME

    def observed(now: Reading) -> str:
        distance = (now.expiration - now.server_time).total_seconds()
        return f"{distance:.3f} s ({now.expiration}, server's now {now.server_time})"

    flaws = _after(after, fits, f"expiration_time {seconds:g} s (± {LIFETIME:g} s) from the server's now", observed)
    if flaws and not (tells_the_time(after) and tells_the_time(since or after)):
        with suppress(PremiseFailed):  # what shows no such time is wrong by any clock
            now = read(after)
            if now.state == "ACTIVE":
                told = "the server sends no Date, so nobody knows its clock; by ours, expiration_time is"
                raise Inconclusive(f"{told} {observed(now)}")
    return flaws


CONFIGURED_OTHERWISE: Final = "the server seems to be configured with"
"""How the words begin that say that the suite may have been told another session timeout than the server has."""

_HIDDEN: Final = 1.5
"""Seconds by which a life may look longer or shorter than it was configured."""


def _life(new: Exchange) -> int:
    """Seconds that a session just made has to live, as somebody would configure them; 0 if it shows none."""
    try:
        seconds = (read(new).expiration - read(new).server_time).total_seconds()
    except PremiseFailed:
        return 0
    # `Date` hides up to a second, and the requests took a moment.
    even = 5 * round(seconds / 5)
    return even if abs(even - seconds) <= _HIDDEN else round(seconds)


@check("expiration_time")
def lives_about(after: Exchange, seconds: float, created: Exchange | None = None) -> Flaws:
    """A new session expires about `seconds` after its creation, as the server is said to be configured.

    Where it shows another life, what is wrong may be what was said: so the flaw tells how to say it.
    """
    flaws = expires_about(after, seconds, created)
    if not flaws or (life := _life(after)) < LIFETIME:  # nobody configures that
        return flaws
    hint = f"{CONFIGURED_OTHERWISE} {life} s; --session-timeout {life} tells the suite"
    return [replace(flaw, observed=f"{flaw.observed}; {hint}") for flaw in flaws]


@check("client_progress")
def progress_is(after: Exchange, *values: int) -> Flaws:
    """`client_progress` as read is (one of) `values`.

    Raises:
        PremiseFailed: it is shown and no integer, which is a rule of its own.
    """
    _require_integer(after)
    return _after(after, lambda now: now.progress in values, f"client_progress {_one_of(values)}", _progress)


@check("client_progress")
def accepts_progress(kept: Exchange, after: Exchange, value: int) -> Flaws:
    """A keep-alive with a valid progress succeeds, and the value is there when it is read."""
    return [*succeeds(kept), *progress_is(after, value)]


@check("state")
def still_active(after: Exchange) -> Flaws:
    """The session is there and ACTIVE."""
    return _after(after, lambda now: now.state == "ACTIVE", "state ACTIVE", lambda now: f"state {now.state}")


@check("state")
def no_longer_active(after: Exchange) -> Flaws:
    """The session is gone (404), or there in another state than ACTIVE."""
    if after.status == 404:
        return []
    expected = "404, or a state other than ACTIVE"
    return _after(after, lambda now: now.state != "ACTIVE", expected, lambda now: f"state {now.state}{_late(now)}")


def _late(now: Reading) -> str:
    """How long ago the session was to end, if it was, by the server's own clock."""
    try:
        past = -clock_during(now.exchange).until(now.expires)[1]
    except PremiseFailed:
        return ""
    return f", {past:.0f} s after its expiration_time" if past > 0 else ""


@check("error_type")
def gone(after: Exchange) -> Flaws:
    """There is no such session any more."""
    return refused(after, UNKNOWN)


@check()
def unchanged(before: Exchange, after: Exchange, *free: str) -> Flaws:
    """Every member that the documents name, but those in `free`, says what it said.

    What a server shows beside them is its own, and may move by itself.
    """
    then = read(before).model
    try:
        now = read(after).model
    except PremiseFailed as lost:
        return [Flaw(lost.expected, lost.observed, after)]
    return [
        changed(name, then.get(name), now.get(name), after)
        for name in sorted(documented_members() - {*free})
        if differs(name, then, now)
    ]


def _require_integer(after: Exchange) -> None:
    try:
        now = read(after)
    except PremiseFailed:
        return  # a session that is lost is a flaw
    if now.hides_progress:
        _ = now.progress  # says what is wrong with it


def _one_of(values: tuple[int, ...]) -> str:
    ordered = sorted(set(values))
    if len(ordered) > 3 and ordered[-1] - ordered[0] == len(ordered) - 1:
        return f"{ordered[0]} to {ordered[-1]}"
    return " or ".join(map(str, values))


def _after(
    after: Exchange, holds: Callable[[Reading], bool], expected: str, observed: Callable[[Reading], str]
) -> Flaws:
    """Judge a reading that must be possible: a session that can't be read any more is a flaw, not a premise."""
    try:
        now = read(after)
        return [] if holds(now) else [Flaw(expected, observed(now), after)]
    except PremiseFailed as lost:
        return [Flaw(expected, lost.observed, after)]


def _expiration(now: Reading) -> str:
    return f"expiration_time {now.expiration}"


def _progress(now: Reading) -> str:
    return f"client_progress {now.progress}"
