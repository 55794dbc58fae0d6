"""Hostile input: whatever is sent, the server answers in time, stores nothing that it refused, and serves the next.

A live server is sent no request above 16 kB, and none that breaks HTTP itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, Self

import pytest

from contract_tests.checks import Flaw, PremiseFailed, no_server_error, read, succeeds
from contract_tests.checks.errors import named_types
from contract_tests.checks.flaw import shown
from contract_tests.contract.dialects import Op
from contract_tests.fuzz.blame import Occasion, disagreements
from contract_tests.fuzz.hostile import (
    BODIES,
    GENTLE,
    ODD_QUERIES,
    Expect,
    OddBody,
    address,
    is_honoured_with,
    odd_ids,
    odd_requests,
    odd_types,
)
from contract_tests.fuzz.known import Known, Seen
from contract_tests.fuzz.reference import Answer, Call, Form
from contract_tests.target import Body, Session
from contract_tests.target.wire import request_bytes, send_bytes

if TYPE_CHECKING:
    from contract_tests.evidence import Judge
    from contract_tests.exchange import Exchange
    from contract_tests.target import Target

OpenSession = Callable[[], Session]

PATIENCE: Final = 5.0
"""Seconds within which anything is answered; what takes longer keeps others waiting."""

BEGIN: Final = 30
"""The progress of a session before anything is tried on it."""

EVIDENCE: Final = 20
"""Exchanges that are kept of a test that found nothing."""

LONGEST: Final = 2000
"""Bytes of a request that are kept."""

ALWAYS: Final = ("errors.no-server-error", "keep-alive.refused-changes-nothing", "keep-alive.no-body")


@pytest.mark.clause(
    *ALWAYS,
    "keep-alive.malformed-json",
    "keep-alive.progress-not-an-integer",
    "keep-alive.progress-beyond-int64",
)
def test_hostile_bodies(open_session: OpenSession, target: Target, judge: Judge) -> None:
    with Siege.of(open_session(), target, judge) as siege:
        for row in BODIES:
            siege.send_body(row)


@pytest.mark.clause(*ALWAYS, "keep-alive.stores-progress")
def test_wrong_and_missing_content_types(open_session: OpenSession, target: Target, judge: Judge) -> None:
    with Siege.of(open_session(), target, judge) as siege:
        for row in odd_types():
            siege.send_body(row)


@pytest.mark.clause(*ALWAYS, "keep-alive.unknown-id")
def test_hostile_ids(open_session: OpenSession, target: Target, judge: Judge) -> None:
    with Siege.of(open_session(), target, judge) as siege:
        path = address(siege.session)
        for name, id_ in odd_ids(siege.session.id).items():
            sent = request_bytes(siege.session.door, "POST", path.replace(siege.session.id, id_))
            siege.refuses(f"an id {name}", siege.on_the_wire(sent), "keep-alive.unknown-id")


@pytest.mark.clause(*ALWAYS)
def test_hostile_queries(open_session: OpenSession, target: Target, judge: Judge) -> None:
    with Siege.of(open_session(), target, judge) as siege:
        for name, more in ODD_QUERIES.items():
            sent = request_bytes(siege.session.door, "POST", address(siege.session) + more)
            # Nobody says where else a progress may stand, nor that it may not.
            siege.expects(f"in the query, {name}", siege.on_the_wire(sent), is_honoured_with(None, 77))


@pytest.mark.clause(*ALWAYS)
def test_hostile_headers_and_framing(open_session: OpenSession, target: Target, judge: Judge) -> None:
    with Siege.of(open_session(), target, judge) as siege:
        for row in odd_requests(siege.session):
            if target.clock.is_real and not row.is_http:
                continue
            siege.expects(row.name, siege.on_the_wire(row.sent), row.expect, unanswered=not row.is_http)


@dataclass
class Siege:
    """One session that all is tried on, what is known of it, and what was found; it is judged at the end."""

    session: Session
    target: Target
    judge: Judge
    known: Known
    flaws: dict[str, list[Flaw]] = field(default_factory=lambda: defaultdict(list))
    exchanges: list[Exchange] = field(default_factory=list)
    _recording: ExitStack = field(default_factory=ExitStack)

    @classmethod
    def of(cls, session: Session, target: Target, judge: Judge) -> Siege:
        """Lay siege to a new session.

        Raises:
            PremiseFailed: its progress can't be brought to where it begins.
        """
        session.keep_alive(BEGIN)
        begun = session.read()
        if read(begun).progress != BEGIN:
            raise PremiseFailed(f"a session with client_progress {BEGIN}", shown(begun), begun)
        return cls(session, target, judge, Known(session.cell.service, progress=BEGIN))

    def __enter__(self) -> Self:
        self._recording.enter_context(self.target.recorder.recording())  # what is kept is chosen at the end
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self.flaws["keep-alive.no-body"] += succeeds(self.session.keep_alive())
        self._recording.close()
        cited = {clause.id for clause in self.judge.cited}
        found = {slug for slug, flaws in self.flaws.items() if flaws}
        for slug in sorted(found if kind else cited | found):
            (self.judge if slug in cited else self.judge.aside)(slug, self.flaws[slug])
        flawed = [flaw.exchange for slug in found for flaw in self.flaws[slug]]
        for exchange in flawed or self.exchanges[:EVIDENCE]:
            self.target.recorder.show(exchange)

    def send_body(self, row: OddBody) -> None:
        """Keep the session alive with this body, and compare what comes of it."""
        content = row.content(self.session.cell.service)
        if (row.is_gentle and len(content) <= GENTLE) or not self.target.clock.is_real:
            answer = self.session.keep_alive_with(Body(content, row.content_type))
            self.expects(f"a body {row.name}", answer, row.expect)

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

    def expects(self, name: str, answer: Exchange, expect: Expect, *, unanswered: bool = False) -> None:
        """What was sent names the session: it is answered as promised, and the session is what that leads to.

        With `unanswered` the connection may also be closed without an answer.
        """
        self._keep(answer)
        promise = expect(self.known)
        told = Answer(not succeeds(answer), answer.status, frozenset(named_types(answer).values()))
        states = list(promise.after(told))
        if (answer.response is None and unanswered) or not self._answers(name, answer):
            states = [self.known]
        elif not states:
            self.flaws[promise.clause].append(Flaw(f"{promise} to {name}", shown(answer), self.exchanges[-1]))
        more = [state.progress for state in states if state.progress > self.known.progress]
        call = Call(Op.KEEP_ALIVE, Form.STRANGER, more[0]) if more else Call(Op.KEEP_ALIVE)
        self._stands(name, states, Occasion(self.known, call, told.success))

    def _answers(self, name: str, answer: Exchange) -> bool:
        """There is an answer, in time, and it tells of no crash."""
        flaws = [
            Flaw(f"{flaw.expected} to {name}", flaw.observed, self.exchanges[-1]) for flaw in no_server_error(answer)
        ]
        if answer.seconds > PATIENCE:
            late = f"one after {answer.seconds:.1f} s"
            flaws.append(Flaw(f"an answer to {name} within {PATIENCE:g} s", late, self.exchanges[-1]))
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

    def _keep(self, answer: Exchange) -> None:
        """Keep an exchange as evidence: a request of megabytes says no more than its beginning."""
        request = answer.request
        if len(request.url) + len(request.body) + sum(len(value) for _, value in request.headers) > LONGEST:
            request = replace(
                request,
                url=request.url[:LONGEST],
                headers=tuple((name, value[:100]) for name, value in request.headers[:40]),
                body=request.body[:LONGEST],
            )
        self.exchanges.append(replace(answer, request=request))


def _seen(after: Exchange) -> Seen:
    reading = read(after)
    return Seen(reading.state, reading.progress)
