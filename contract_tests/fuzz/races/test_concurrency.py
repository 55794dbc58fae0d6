"""Several clients at once: what they are told can be explained by some order in which they came, one by one.

On a live server there are three clients and one round; a session's expiry is raced on a virtual clock only. A race that
shows something wrong is run again with fewer clients, and the smallest that shows it is what a reader sees.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from contract_tests.contract import Capability, Service
from contract_tests.contract.dialects import Op
from contract_tests.contract.tolerances import RACE_AHEAD, ends_within
from contract_tests.driver import Session
from contract_tests.fuzz.histories.known import Known
from contract_tests.fuzz.histories.reference import Call, Form
from contract_tests.fuzz.races.clients import (
    Leave,
    Look,
    Meet,
    Round,
    Step,
    Wait,
    exchanges,
    goes_back,
    play,
    takes_down,
    unexplained,
    without_keep_alives,
)
from contract_tests.problems import Inconclusive, NotTested, PremiseFailed
from contract_tests.rules.checks import no_server_error, read, still_active
from contract_tests.rules.checks.flaw import shown
from contract_tests.traffic.exchange import in_order

if TYPE_CHECKING:
    from contract_tests.driver import Target
    from contract_tests.judging import Judge
    from contract_tests.rules.checks.flaw import Flaws
    from contract_tests.traffic.exchange import Exchange

OpenSession = Callable[[], Session]

CLIENTS, CLIENTS_LIVE = 6, 3
ROUNDS = 2
TRIES = 3
"""Rounds that are played with each smaller number of clients, where one has shown something wrong."""
MEETINGS, MEETINGS_LIVE, MEETINGS_AGAIN = 12, 3, 2
"""How often the clients report a progress at once, each time a greater one; the last number where fewer try again."""


@pytest.mark.clause(
    "keep-alive.stores-progress",
    "keep-alive.progress-never-goes-down",
    "expiry.never-moves-back",
    "expiry.not-before-expiration-time",
    "errors.no-server-error",
)
def test_of_progress_reported_at_once_the_highest_stays(
    open_session: OpenSession, target: Target, seed: int, judge: Judge
) -> None:
    draw = random.Random(seed)  # noqa: S311 - no secret

    def deeds(clients: int) -> list[list[Step]]:
        meetings = MEETINGS_LIVE if target.clock.is_real else MEETINGS
        if clients < _most_clients(target):
            meetings = MEETINGS_AGAIN
        steps: list[list[Step]] = [[] for _ in range(clients)]
        band = 100 // meetings
        for meeting in range(meetings):
            values = sorted(draw.sample(range(meeting * band + 1, (meeting + 1) * band + 1), clients), reverse=True)
            for number, value in enumerate(values):
                looks: list[Step] = [Look()] if number % 2 else []
                steps[number] += [Meet(), Call(Op.KEEP_ALIVE, Form.NUMBER, value), *looks]
        return steps

    match = Match.played(judge, target, open_session, deeds, rounds=1)
    hidden = match.look_without_progress
    if hidden is None:
        match.holds(
            "keep-alive.stores-progress", lambda one: unexplained(one.events, one.start, match.timeout, Leave.LOWER)
        )
        match.holds(
            "keep-alive.progress-never-goes-down",
            lambda one: (
                goes_back(one.events, lambda seen: seen.progress, "client_progress")
                or takes_down(one.events, one.start, match.timeout)
            ),
        )
    match.holds(
        "expiry.never-moves-back",
        lambda one: goes_back(one.events, lambda seen: seen.expires, "expiration_time (in Unix seconds)"),
    )
    match.holds("expiry.not-before-expiration-time", lambda one: still_active(exchanges(one.events)[-1]))
    match.close()
    if hidden is not None:
        raise PremiseFailed("a session with client_progress", shown(hidden), hidden)


def _need_cancel_that_keeps(target: Target) -> None:
    """Raise NotTested where cancel may delete a session: the model of races knows later servers."""
    version = target.facts.api_version
    if version is not None and version < (6, 7):
        raise NotTested("this takes a server of 6.7 or later, where a session that was cancelled stays")


@pytest.mark.clause("life-cycle.cancel", "keep-alive.only-active", "errors.no-server-error")
def test_keep_alive_races_cancel(open_session: OpenSession, target: Target, judge: Judge) -> None:
    _need_cancel_that_keeps(target)
    match = Match.played(judge, target, open_session, lambda clients: _against(clients, Call(Op.CANCEL)))
    match.is_explained("life-cycle.cancel", "keep-alive.only-active")


@pytest.mark.clause("life-cycle.fail-shows-error", "keep-alive.only-active", "errors.no-server-error")
def test_keep_alive_races_fail(open_session: OpenSession, target: Target, judge: Judge) -> None:
    match = Match.played(judge, target, open_session, lambda clients: _against(clients, Call(Op.FAIL, Form.MESSAGE)))
    match.is_explained("life-cycle.fail-shows-error", "keep-alive.only-active")


@pytest.mark.clause("life-cycle.complete", "keep-alive.only-active", "errors.no-server-error", service=Service.UPDATE)
def test_keep_alive_races_complete(open_session: OpenSession, target: Target, judge: Judge) -> None:
    match = Match.played(judge, target, open_session, lambda clients: _against(clients, Call(Op.COMPLETE)))
    match.is_explained("life-cycle.complete", "keep-alive.only-active")


@pytest.mark.clause(
    "life-cycle.delete-ended", "keep-alive.deleted-id", "errors.no-server-error", service=Service.UPDATE
)
def test_keep_alive_races_cancel_and_delete(open_session: OpenSession, target: Target, judge: Judge) -> None:
    _need_cancel_that_keeps(target)
    ending = Call(Op.CANCEL), Call(Op.DELETE)
    match = Match.played(judge, target, open_session, lambda clients: _against(clients, *ending))
    match.is_explained("life-cycle.delete-ended", "keep-alive.deleted-id")


@pytest.mark.clause(
    "life-cycle.delete-download-session", "keep-alive.deleted-id", "errors.no-server-error", service=Service.DOWNLOAD
)
def test_keep_alive_races_delete(open_session: OpenSession, target: Target, judge: Judge) -> None:
    match = Match.played(judge, target, open_session, lambda clients: _against(clients, Call(Op.DELETE)))
    match.is_explained("life-cycle.delete-download-session", "keep-alive.deleted-id")


@pytest.mark.clause("life-cycle.only-active", "errors.no-server-error")
def test_of_endings_at_once_one_counts(open_session: OpenSession, target: Target, judge: Judge) -> None:
    def endings(clients: int) -> list[list[Step]]:
        ways = [Call(Op.CANCEL), Call(Op.FAIL, Form.MESSAGE)]
        return [[ways[number % len(ways)], Look()] for number in range(clients)]

    match = Match.played(judge, target, open_session, endings)
    match.holds("life-cycle.only-active", lambda one: unexplained(one.events, one.start, match.timeout, Leave.CANCELED))
    match.close()


@pytest.mark.clause("expiry.expired-refuses-keep-alive", "errors.no-server-error")
def test_keep_alive_races_expiry(
    open_session: OpenSession, target: Target, takes: Callable[[Capability], None], judge: Judge
) -> None:
    takes(Capability.MOVABLE_CLOCK)

    def about_to_expire() -> Session:
        session = open_session()
        target.clock.advance(max(0.0, read(session.read()).lives_for - RACE_AHEAD))
        return session

    past_any_doubt = Wait(2 * RACE_AHEAD + ends_within(target.settings.session_timeout))
    match = Match.played(
        judge, target, about_to_expire, lambda clients: _against(clients, past_any_doubt), lives=RACE_AHEAD
    )
    match.holds(
        "expiry.expired-refuses-keep-alive",
        lambda one: unexplained(one.events, one.start, match.timeout, Leave.PROGRESS),
    )
    match.close()


def _most_clients(target: Target) -> int:
    return CLIENTS_LIVE if target.clock.is_real else CLIENTS


def _against(clients: int, *ending: Step) -> list[list[Step]]:
    """Clients that keep the session alive, twice each, and one that ends it in the meantime."""
    keepers: list[list[Step]] = [[Call(Op.KEEP_ALIVE), Call(Op.KEEP_ALIVE)] for _ in range(clients - 1)]
    middle = len(keepers) // 2
    return [*keepers[:middle], [*ending], *keepers[middle:]]


@dataclass(frozen=True)
class Played:
    """One round: the session as it was at its start, second 0, what was done and told, and all that was exchanged."""

    start: Known
    events: Round
    exchanged: list[Exchange]


@dataclass
class Match:
    """Rounds of one race, each on a new session, and what the judge says of them."""

    judge: Judge
    target: Target
    rounds: list[Played]
    again: Callable[[int], Played]
    """Plays a round of so many clients."""
    flawed: Played | None = None

    @classmethod
    def played(
        cls,
        judge: Judge,
        target: Target,
        open_session: OpenSession,
        deeds: Callable[[int], list[list[Step]]],
        lives: float | None = None,
        rounds: int = ROUNDS,
    ) -> Match:
        """Play the rounds; `deeds` gives those of so many clients, `lives` the seconds that the session has left."""
        lives = target.settings.session_timeout if lives is None else lives

        def play_round(clients: int) -> Played:
            with target.recorder.recording() as exchanged:
                session = open_session()
                events = play(session, target.clock, deeds(clients))
            return Played(Known(session.cell.service, lives_until=lives, over_by=lives), events, in_order(exchanged))

        played = [play_round(_most_clients(target)) for _ in range(1 if target.clock.is_real else rounds)]
        return cls(judge, target, played, play_round)

    @property
    def timeout(self) -> float:
        return self.target.settings.session_timeout

    @property
    def look_without_progress(self) -> Exchange | None:
        """The last look of a round that found a session and no progress, so that what is about it can't be decided."""
        lasts = (one.events[-1].what for one in self.rounds)
        return next((one.exchange for one in lasts if one.seen is not None and one.seen.progress is None), None)

    def holds(self, slug: str, check: Callable[[Played], Flaws]) -> bool:
        """Judge a clause by all rounds, and say whether it held; where it is broken the smallest of them is shown."""
        for one in self.rounds:
            if flaws := check(one):
                shown_one, flaws = self._smaller(check) or (one, flaws)
                self.flawed = self.flawed or shown_one
                return self.judge(slug, flaws)
        return self.judge(slug, [])

    def _smaller(self, check: Callable[[Played], Flaws]) -> tuple[Played, Flaws] | None:
        """A round with as few clients as show the same again, and what is wrong in it; None if fewer never do."""
        with suppress(PremiseFailed, Inconclusive):  # what was seen counts, whatever comes now
            for clients in range(2, _most_clients(self.target)):
                for _ in range(TRIES):
                    one = self.again(clients)
                    self.rounds.append(one)
                    if flaws := check(one):
                        return one, flaws
        return None

    def is_explained(self, ended: str, answered: str) -> None:
        """What ended the session has happened, by the last look; and each keep-alive was answered accordingly.

        Raises:
            NotTested: nothing is left of the session, where it should have ended; that is no fault of the answers.
        """
        explained = self.holds(ended, lambda one: unexplained(without_keep_alives(one.events), one.start, self.timeout))
        gone = not explained and any(one.events[-1].what.seen is None for one in self.rounds)
        if not gone:
            self.holds(answered, lambda one: unexplained(one.events, one.start, self.timeout, Leave.PROGRESS))
        self.close()
        if gone:
            raise NotTested("this takes a session that can be read when it has ended, and on this server it is gone")

    def close(self) -> None:
        """Judge each answer by itself, that nothing crashed, and keep what was exchanged in one round."""
        self.holds("errors.no-server-error", lambda one: [f for e in exchanges(one.events) for f in no_server_error(e)])
        wrong = self.judge.watch_answers(exchange for one in self.rounds for exchange in one.exchanged)
        for exchange in dict.fromkeys([*(self.flawed or self.rounds[-1]).exchanged, *wrong]):
            self.target.recorder.show(exchange)
