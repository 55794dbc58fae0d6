"""Reads of a session in a history: what one shows in the model's words, and how the session stood before it."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from contract_tests.fuzz.histories.blame import Disagreement
from contract_tests.fuzz.histories.known import ACTIVE, EXPIRED, GONE, Known, Seen, Warnings
from contract_tests.problems import PremiseFailed
from contract_tests.rules.checks import Reading, no_server_error, read
from contract_tests.rules.checks.errors import named_types
from contract_tests.rules.checks.flaw import shown
from contract_tests.rules.steps import Standing

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from contract_tests.fuzz.histories.reference import Promise
    from contract_tests.traffic.exchange import Exchange


def standing_at(made: Sequence[Promise], looked: Exchange) -> Standing | None:
    """How the session stood at a call; None if nobody knows."""
    states = {promise.known.state for promise in made}
    if states == {EXPIRED, GONE}:
        return Standing.EXPIRED
    if len(states) == 1:
        (state,) = states
        return _STANDINGS.get(state, Standing.ENDED)
    with suppress(PremiseFailed):
        if ACTIVE in states and read(looked).state == ACTIVE:
            return Standing.ACTIVE  # what is over comes never back
    return None


_STANDINGS: Final = {ACTIVE: Standing.ACTIVE, EXPIRED: Standing.EXPIRED, GONE: Standing.DELETED}


def seen_in(looked: Exchange, candidates: Sequence[Known]) -> Seen | Disagreement | None:
    """What a read shows: a session, none (404), or what it never may."""
    if looked.status == 404:
        named = set(named_types(looked).values())
        if named <= {"NOT_FOUND"}:
            return None
        return Disagreement("model.unknown-id", "404 NOT_FOUND", shown(looked))
    clause = "model.unknown-id" if all(one.state == GONE for one in candidates) else "model.state"
    try:
        reading = read(looked)
        state, clause = reading.state, "model.expiration-time"
        return Seen(state, reading.shown_progress, _warnings(reading.model), reading.expiration.timestamp())
    except PremiseFailed as lost:
        return Disagreement(or_crash(clause, looked), lost.expected, lost.observed)


def server_time(exchange: Exchange) -> float:
    """The server's clock when it answered, in seconds."""
    return Reading(exchange, {}).server_time.timestamp()


def or_crash(clause: str, exchange: Exchange) -> str:
    """The clause that a wrong answer breaks: one of its own if it is the server's failure rather than its choice."""
    return "errors.no-server-error" if no_server_error(exchange) else clause


def _warnings(model: dict[str, Any]) -> Warnings | None:
    shown_list = model.get("warning_behavior")
    if not isinstance(shown_list, list):
        return None
    entries: Iterable[Any] = (entry for entry in shown_list if isinstance(entry, dict))
    return tuple(sorted((str(entry.get("type")), bool(entry.get("ignored"))) for entry in entries))
