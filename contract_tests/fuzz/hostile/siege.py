"""How a server stands up to odd requests: each answer is compared with what may come of it, and so is each read."""

from __future__ import annotations

from collections import defaultdict
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, Self

from contract_tests.contract.dialects import SESSIONS, Op
from contract_tests.contract.tolerances import PROMPT
from contract_tests.driver import Body
from contract_tests.driver.transport.wire import send_bytes
from contract_tests.fuzz.histories.blame import Occasion, disagreements
from contract_tests.fuzz.histories.known import Known, Seen
from contract_tests.fuzz.histories.reference import Answer, Call
from contract_tests.fuzz.hostile.requests import BODIES, GENTLE
from contract_tests.problems import PremiseFailed
from contract_tests.rules.checks import Flaw, no_server_error, read, still_active, succeeds, unchanged
from contract_tests.rules.checks.errors import named_types
from contract_tests.rules.checks.flaw import shown

if TYPE_CHECKING:
    from collections.abc import Callable

    from contract_tests.driver import Session, Target
    from contract_tests.fuzz.hostile.requests import Expect, OddBody
    from contract_tests.judging import Judge
    from contract_tests.traffic.exchange import Exchange

SUCCESS: Final = range(200, 300)

BEGIN: Final = 30
"""The progress of a session before anything is tried on it."""

EVIDENCE: Final = 20
"""Exchanges that are kept of a test that found nothing."""

ABOUT_PROGRESS: Final = frozenset({"keep-alive.stores-progress"})
"""What can't be seen to hold on a server that shows no progress."""


@dataclass
class Siege:
    """One session that all is tried on, what is known of it, and what was found; it is judged at the end."""

    session: Session
    target: Target
    judge: Judge
    known: Known
    begun: Exchange
    """How the session was read at the beginning; where that shows no progress, the rest goes without."""
    flaws: dict[str, list[Flaw]] = field(default_factory=lambda: defaultdict(list))
    exchanges: list[Exchange] = field(default_factory=list)
    heard: list[Exchange] = field(default_factory=list)
    """Answers to proper requests: of an odd id, query, header, framing or size there are none."""
    _recording: ExitStack = field(default_factory=ExitStack)

    @classmethod
    def of(cls, session: Session, target: Target, judge: Judge) -> Siege:
        """Lay siege to a new session.

        Raises:
            PremiseFailed: its progress can't be brought to where it begins.
        """
        session.keep_alive(BEGIN)
        begun = session.read()
        if read(begun).shown_progress not in (None, BEGIN):
            raise PremiseFailed(f"a session with client_progress {BEGIN}", shown(begun), begun)
        return cls(session, target, judge, Known(session.cell.service, progress=BEGIN), begun)

    def __enter__(self) -> Self:
        self._recording.enter_context(self.target.recorder.recording())  # what is kept is chosen at the end
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self.flaws["keep-alive.no-body"] += succeeds(self.session.keep_alive())
        self._recording.close()
        cited = {clause.id for clause in self.judge.cited}
        found = {slug for slug, flaws in self.flaws.items() if flaws}
        blind = read(self.begun).shown_progress is None
        decided = cited - ABOUT_PROGRESS if blind else cited
        for slug in sorted(found if kind else decided | found):
            (self.judge if slug in cited else self.judge.aside)(slug, self.flaws[slug])
        flawed = [flaw.exchange for slug in found for flaw in self.flaws[slug]]
        wrong = self.judge.watch_answers(self.heard)
        for exchange in [*flawed, *wrong] or self.exchanges[:EVIDENCE]:
            self.target.recorder.show(exchange)
        if kind is None and blind and not cited <= decided | found:
            raise PremiseFailed("a session with client_progress", shown(self.begun), self.begun)

    def send_body(self, row: OddBody) -> None:
        """Keep the session alive with this body, and compare what comes of it."""
        content = row.content(self.session.cell.service)
        if (row.is_gentle and len(content) <= GENTLE) or not self.target.clock.is_real:
            answer = self.session.keep_alive_with(Body(content, row.content_type))
            is_proper = row.is_plain and len(content) <= GENTLE
            self.expects(f"a body {row.name}", answer, row.expect, is_proper=is_proper)

    def on_the_wire(self, sent: bytes) -> Exchange:
        """Send a keep-alive as bytes."""
        return send_bytes(self.session.door, sent, cell=str(self.session.cell), operation=Op.KEEP_ALIVE)

    def refuses(self, name: str, answer: Exchange, clause: str) -> None:
        """What was sent names no session: it is not served, and the session is as it was."""
        self._keep(answer)
        if answer.status is not None and answer.status < 300:
            self.flaws[clause].append(Flaw(f"{name} refused", shown(answer), self.exchanges[-1]))
        self._answers(name, answer)
        self._stands(name, [self.known], Occasion(self.known, Call(Op.KEEP_ALIVE)))

    def expects(
        self, name: str, answer: Exchange, expect: Expect, *, unanswered: bool = False, is_proper: bool = False
    ) -> None:
        """What was sent names the session: it is answered as promised, and the session is what that leads to.

        With `unanswered` the connection may also be closed without an answer. What `is_proper` HTTP, and no larger than
        usual, is held to the rules of an answer by itself; what is not, a front end may answer in words of its own.
        """
        self._keep(answer, is_proper=is_proper)
        promise = expect(self.known)
        told = Answer(not succeeds(answer), answer.status, frozenset(named_types(answer).values()))
        states = list(promise.after(told))
        if (answer.response is None and unanswered) or not self._answers(name, answer):
            states = [self.known]
        elif not states:
            self.flaws[promise.clause].append(Flaw(f"{promise} to {name}", shown(answer), self.exchanges[-1]))
        self._stands(name, states, Occasion(self.known, expect.asked, told.success))

    def _answers(self, name: str, answer: Exchange) -> bool:
        """There is an answer, in time, and it tells of no crash."""
        flaws = stumbles(name, answer, self.exchanges[-1])
        self.flaws["errors.no-server-error"] += flaws
        return not flaws

    def _stands(self, name: str, states: list[Known], occasion: Occasion) -> None:
        """The session is one of `states`; without any, its answer was wrong, and whatever is stored is known.

        Raises:
            PremiseFailed: the server does not serve the next call.
        """
        after = self.session.read()
        if no_server_error(after):
            self.flaws["errors.no-server-error"].append(Flaw(f"the next call served after {name}", shown(after), after))
            raise PremiseFailed("a server that goes on", shown(after), after)
        seen = None if after.status == 404 else _seen(after)
        if seen is not None and seen.progress is not None and not states:
            states = [replace(self.known, progress=seen.progress)]
        for wrong in disagreements(states or [self.known], seen, occasion):
            self.flaws[wrong.clause].append(Flaw(f"{wrong.expected} after {name}", wrong.observed, after))
        if seen is not None and seen.progress is not None:
            self.known = replace(self.known, progress=seen.progress)

    def _keep(self, answer: Exchange, *, is_proper: bool = False) -> None:
        self.exchanges.append(answer.shortened)
        if is_proper:
            self.heard.append(answer.shortened)
        else:
            self.judge.left_out.add(answer.id)


@dataclass
class Raid:
    """Odd bodies for another operation than keep-alive, `op`, whose `member` they are about.

    Each is refused and changes nothing, or is honoured where that is legal; what is announced as JSON and is none is
    no specification, so `clause` wants it refused.
    """

    op: Op
    member: str
    clause: str
    open_session: Callable[[], Session]
    target: Target
    judge: Judge

    def play(self) -> None:
        """Try all of it, on one session as long as it lasts.

        Raises:
            PremiseFailed: the server does not serve the next call.
        """
        flaws: dict[str, list[Flaw]] = {"errors.no-server-error": [], self.clause: []}
        kept: list[Exchange] = []
        heard: list[Exchange] = []
        session, before = self._begin()
        with self.target.recorder.recording():
            for row in (row for row in BODIES if row.is_gentle):
                content = row.about(self.member, SESSIONS[session.cell][self.op].spec)
                if len(content) > GENTLE:
                    continue
                answer = session.call(self.op, Body(content, row.content_type))
                kept.append(answer.shortened)
                if row.is_plain:
                    heard.append(answer.shortened)
                else:
                    self.judge.left_out.add(answer.id)
                name = f"{self.op} with a body {row.name}"
                flaws["errors.no-server-error"] += stumbles(name, answer, kept[-1])
                if row.is_malformed and answer.status in SUCCESS:
                    flaws[self.clause].append(Flaw(f"{name} refused", shown(answer), kept[-1]))
                after = session.read()
                if no_server_error(after):
                    raise PremiseFailed(f"a server that goes on after {name}", shown(after), after)
                flaws[self.clause] += self._effects(name, before, answer, after)
                if answer.status in SUCCESS and self._is_spent(answer):
                    session, before = self._begin()
                else:
                    before = after
        self.judge(self.clause, flaws[self.clause])
        self.judge.aside("errors.no-server-error", flaws["errors.no-server-error"])
        wrong = self.judge.watch_answers(heard)
        for exchange in [*(flaw.exchange for found in flaws.values() for flaw in found), *wrong] or kept[:EVIDENCE]:
            self.target.recorder.show(exchange)

    def _begin(self) -> tuple[Session, Exchange]:
        session = self.open_session()
        before = session.read()
        read(before)
        return session, before

    def _effects(self, name: str, before: Exchange, answer: Exchange, after: Exchange) -> list[Flaw]:
        """What the session shows that it may not: only what was honoured changes it, and only in the one member."""
        if answer.status in SUCCESS and self.op is Op.FAIL:
            # What the client said may be shown in a form that nobody can read: that is the client's doing.
            return [] if still_active(after) else [Flaw(f"a session that {name} ended", shown(after), after)]
        free = ("warning_behavior",) if answer.status in SUCCESS and self.op is Op.UPDATE else ()
        wrong = unchanged(before, after, "expiration_time", *free)
        return [Flaw(f"{flaw.expected}, after {name}", flaw.observed, after) for flaw in wrong]

    def _is_spent(self, answer: Exchange) -> bool:
        """Whether another session is needed; one that was created goes at once."""
        if self.op is Op.CREATE and (made := self.target.workspace.session_from(answer, "")) is not None:
            self.target.workspace.adopt(made)
            self.target.workspace.dismiss(made)
        return self.op is Op.FAIL


def stumbles(name: str, answer: Exchange, kept: Exchange) -> list[Flaw]:
    """What is wrong with an answer to anything: there is none, or it comes late, or tells of a crash."""
    flaws = [Flaw(f"{flaw.expected} to {name}", flaw.observed, kept) for flaw in no_server_error(answer)]
    if answer.seconds > PROMPT:
        flaws.append(Flaw(f"an answer to {name} within {PROMPT:g} s", f"one after {answer.seconds:.1f} s", kept))
    return flaws


def _seen(after: Exchange) -> Seen:
    reading = read(after)
    return Seen(reading.state, reading.shown_progress)
