"""One history: several sessions, call after call, each answer and each look compared with the reference model."""

from __future__ import annotations

import json
from contextlib import ExitStack, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import hypothesis

from contract_tests.contract import Cell, Level, Service, load_ledger
from contract_tests.contract.dialects import Op
from contract_tests.contract.tolerances import SETTLING
from contract_tests.driver import Session, polls
from contract_tests.fuzz.histories.bench import Actor, Finding
from contract_tests.fuzz.histories.blame import Disagreement, Occasion, disagreements, life_disagreements, stakes
from contract_tests.fuzz.histories.bodies import body_of, entries_of, words
from contract_tests.fuzz.histories.known import ACTIVE, EXPIRED, GONE, Known, Warnings, adopted, possible, shows
from contract_tests.fuzz.histories.looks import or_crash, seen_in, server_time, standing_at
from contract_tests.fuzz.histories.reference import Answer, Call, promises
from contract_tests.judging.rich import takes_lists
from contract_tests.problems import Disagreed, NotTested, PremiseFailed, Unassigned
from contract_tests.rules.answers import is_the_servers_word
from contract_tests.rules.checks import Flaw, listed_ids, no_server_error, still_active, succeeds
from contract_tests.rules.checks.errors import named_types
from contract_tests.rules.checks.flaw import shown
from contract_tests.rules.checks.model import SHOWN
from contract_tests.rules.checks.responses import is_of_a_gateway
from contract_tests.rules.checks.times import tells_the_time
from contract_tests.rules.oracle import of_step
from contract_tests.rules.steps import Standing, Step

if TYPE_CHECKING:
    from collections.abc import Sequence

    from contract_tests.fuzz.histories.bench import Bench
    from contract_tests.rules.checks.flaw import Flaws
    from contract_tests.traffic.exchange import Exchange

MOST: Final = 3
"""Sessions that are there at the same time in one history."""

SAMPLE: Final = 20
"""Exchanges that are kept of a history that agreed."""


WHATEVER_WAS_SENT: Final = frozenset({"keep-alive.progress-never-goes-down"})
"""Clauses that are told of a step only if none is broken that is about what was sent."""


class History:
    """Plays calls, and raises Disagreed at the first one that the rules or the model do not allow.

    A call and the reads around it are a step, which the rules of one step judge; what none of them says (several
    sessions, time that passed, what may have ended by now) is compared with the model. Where an answer is not the
    server's word the history `is_over`: what the sessions are from here, nobody knows.
    """

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.actors: list[Actor] = []
        self.script: list[str] = []
        self.is_over = False
        self._recording = ExitStack()
        self.exchanges = self._recording.enter_context(bench.target.recorder.recording())

    @property
    def has_room(self) -> bool:
        return len(self._present) < MOST

    @property
    def _present(self) -> list[Actor]:
        return [actor for actor in self.actors if actor.known.state != GONE]

    def actor(self, who: int) -> Actor:
        """One of the sessions; for most numbers one that is ACTIVE, or is there, if there is any."""
        active = [actor for actor in self.actors if actor.known.state == ACTIVE]
        among = (active or self._present if who % 4 < 3 else self._present) or self.actors
        return among[who % len(among)]

    def create(self, cell: Cell, warnings: Warnings = ()) -> None:
        """Make a session; with `warnings`, one that holds what can get lost, where the server may take them."""
        workspace, name = self.bench.target.workspace, f"s{len(self.actors) + 1}"
        item = self._item(cell)
        warnings = warnings if takes_lists(self.bench.target, cell) else ()
        spec: dict[str, Any] = {"library_item_id": item}
        if warnings:
            spec["warning_behavior"] = entries_of(warnings)
        created = workspace.create_session(cell, spec)
        session, clause = workspace.session_from(created, item), "create.returns-id"
        told = f" with {json.dumps(spec['warning_behavior'])}" if warnings else ""
        self._step(f"{name} = create a session of {cell.service} under /{cell.dialect}{told}", created)
        self._try(cell, clause)
        if not self._is_heard(created):
            return
        if (wrong := succeeds(created)) or session is None:
            expected = wrong[0].expected if wrong else "the id of a session"
            self._disagree(Disagreement(or_crash(clause, created), expected, shown(created)), cell, created)
            return
        at = server_time(created)
        actor = Actor(name, session, Known(cell.service, touched=at, warnings=warnings or None))
        self.actors.append(actor)
        looked = self._read(actor, cell)
        if not self._is_heard(looked):
            return
        step = Step(created, cell, str(Op.CREATE), Op.CREATE, Standing.FREE, item=item, after=looked)
        occasion = Occasion(actor.known, Call(Op.CREATE), accepted=True)
        self._compare(actor, cell, looked, [actor.known], occasion, at, told=self._judge(step))

    def _item(self, cell: Cell) -> str:
        """An item for a new session: download sessions have one for all of them, each update session one of its own."""
        shared = [actor.session.item for actor in self.actors if actor.service is cell.service is Service.DOWNLOAD]
        if shared:
            return shared[0]
        return (
            self.bench.free_items.pop() if self.bench.free_items else self.bench.target.workspace.new_item(cell.dialect)
        )

    def call(self, actor: Actor, cell: Cell, call: Call) -> None:
        """Make a call that names a session, and look at it before, if another one was kept alive, and after."""
        if actor.disturbed is not None:
            untouched = Occasion(actor.known, elsewhere=True)
            self._look(actor, actor.disturbed, [actor.known], untouched, actor.known.touched)
        was = actor.known
        answered = self._handle(actor, cell).call(call.op, body_of(call, cell, actor.session.id))
        self._step(words(call, cell, actor.name), answered)
        answer = Answer(not succeeds(answered), answered.status, frozenset(named_types(answered).values()))
        completes = call.op is Op.COMPLETE and answer.success
        looked = self._read_settled(actor, cell) if completes else self._read(actor, cell)
        if not (self._is_heard(answered) and self._is_heard(looked)):
            return
        at = server_time(answered)
        made = promises(was, call, at, self.bench.timeout)
        after = [state for promise in made for state in promise.after(answer) if not state.is_completing]
        self._try(cell, made[0].clause)
        told = False
        if no_server_error(answered):
            self._disagree(Disagreement("errors.no-server-error", str(made[0]), shown(answered)), cell, answered)
        elif (standing := standing_at(made, looked)) is not None:
            step = Step(answered, cell, str(call.op), call.op, standing, before=actor.looked, after=looked)
            told = self._judge(replace(step, item=actor.session.item))
        if not after:
            if not told:
                self._disagree(Disagreement(made[0].clause, str(made[0]), shown(answered)), cell, answered)
            after = [state for promise in made for state in (promise.known, *promise.success)]
        occasion = Occasion(was, call, answer.success)
        self._compare(actor, cell, looked, after, occasion, at, told=told)
        if occasion.keeps_alive and answer.success:
            for other in self.actors:
                if other is not actor:
                    other.disturbed = cell

    def misname(self, actor: Actor, cell: Cell, call: Call) -> None:
        """Name a session as if it were one of the other service, which has none of this id."""
        try:
            misnamed = self.bench.target.workspace.borrowing_session(cell, actor.session.id)
        except NotTested:
            return
        answered = misnamed.call(call.op, body_of(call, cell, actor.session.id))
        self._step(f"{words(call, cell, actor.name)} as a session of {cell.service}", answered)
        clause = "addressing.other-services-id" if call.op is Op.KEEP_ALIVE else "life-cycle.unknown-id"
        self._try(cell, clause)
        if not self._is_heard(answered):
            return
        if answered.status != 404:
            self._disagree(Disagreement(or_crash(clause, answered), "status 404", shown(answered)), cell, answered)
        own = Cell(cell.dialect, actor.service)
        self._look(actor, own, [actor.known], Occasion(actor.known), server_time(answered))

    def list(self, cell: Cell) -> None:
        """List the sessions of a service: those that are there, and none that was deleted."""
        answered = self._any_handle(cell).call(Op.LIST)
        self._step(f"list the sessions of {cell.service} under /{cell.dialect}", answered)
        self._try(cell, "model.list")
        if not self._is_heard(answered):
            return
        try:
            ids = listed_ids(answered)
        except PremiseFailed as lost:
            self._disagree(Disagreement(or_crash("model.list", answered), lost.expected, lost.observed), cell, answered)
            return
        for actor in self.actors:
            if actor.service is not cell.service:
                continue
            states = {one.state for one in possible(actor.known, server_time(answered), self.bench.timeout)}
            listed = actor.session.id in ids
            if states == {GONE} and listed:
                wrong = Disagreement("expiry.deleted-in-no-list", f"a list without {actor.name}", "it is listed")
                self._disagree(wrong, cell, answered)
            if not states & {GONE, EXPIRED} and not listed:
                wrong = Disagreement("model.list", f"{actor.name} listed: it is {actor.known.state}", "it is not")
                self._disagree(wrong, cell, answered)

    def wait(self, seconds: float) -> None:
        """Let time pass on the server; nobody looks."""
        self.script.append(f"wait {seconds:g} s")
        self.bench.target.clock.advance(seconds)

    def close(self) -> None:
        """Remove the sessions; nobody needs to see that."""
        self._recording.close()
        self.bench.hear(self.exchanges)
        self.bench.scripts.append(tuple(self.script))
        if not self.actors:
            return
        for cell in {Cell.parse(exchange.cell) for exchange in self.exchanges if exchange.cell}:
            self.bench.samples[cell] = tuple(self.exchanges[:SAMPLE])
        held = {one.session.item for one in self.actors if not self.bench.target.workspace.dismiss(one.session)}
        self.bench.free_items += dict.fromkeys(one.session.item for one in self.actors if one.session.item not in held)

    def _look(self, actor: Actor, cell: Cell, candidates: Sequence[Known], occasion: Occasion, at: float) -> None:
        """Read a session and compare it; `cell` is to blame, `at` is when the call was answered."""
        looked = self._read(actor, cell)
        if self._is_heard(looked):
            self._compare(actor, cell, looked, candidates, occasion, at)

    def _read(self, actor: Actor, cell: Cell) -> Exchange:
        return self._handle(actor, Cell(cell.dialect, actor.service)).read()

    def _read_settled(self, actor: Actor, cell: Cell) -> Exchange:
        """Read a session until it is not ACTIVE, or should be; a server may complete it behind the answer."""
        looked = self._read(actor, cell)
        for _ in polls(self.bench.target.clock, 1.0, SETTLING):
            if still_active(looked):
                break
            looked = self._read(actor, cell)
        return looked

    def _is_heard(self, answered: Exchange) -> bool:
        """Whether the answer is the server's word; if not, the history is over."""
        self.is_over |= not is_the_servers_word(answered)
        return not self.is_over

    def _judge(self, step: Step) -> bool:
        """Judge a step by the rules; whether one of its clauses is broken, of which the first one is told."""
        broken: dict[str, Flaws] = {}
        with suppress(PremiseFailed):  # the reads are no sessions, which the comparison says
            for slug, flaws in of_step(step):
                clause = load_ledger()[slug]
                if slug in SHOWN and clause.level is Level.ADVISORY:
                    # A session that is shown in a form which is advised against is none the less what it is.
                    self.bench.take(slug, step.cell, flaws)
                elif flaws and step.cell in clause.cells:
                    broken.setdefault(slug, flaws)
        for slug in sorted(broken, key=lambda slug: slug in WHATEVER_WAS_SENT)[:1]:
            flaw = broken[slug][0]
            self._disagree(Disagreement(slug, flaw.expected, flaw.observed), step.cell, flaw.exchange)
        return bool(broken)

    def _compare(  # noqa: PLR0913, PLR0917 - what a read is compared with
        self,
        actor: Actor,
        cell: Cell,
        looked: Exchange,
        candidates: Sequence[Known],
        occasion: Occasion,
        at: float,
        *,
        told: bool = False,
    ) -> None:
        """Compare a read of a session with what it may be; where a disagreement is `told`, it is only taken in."""
        actor.looked = looked
        seen = seen_in(looked, candidates)
        if isinstance(seen, Disagreement):
            if not told:
                self._disagree(seen, cell, looked)
            return
        if seen is not None and seen.progress is None and not told:
            missing = Disagreement("model.progress-present", "an integer client_progress", shown(looked))
            self._disagree(missing, cell, looked)
        now, timeout = server_time(looked), self.bench.timeout
        here = [state for one in candidates for state in possible(one, now, timeout)]
        for clause in stakes(occasion, seen, at):
            self._try(cell, clause)
        wrong = [
            *disagreements(here, seen, occasion),
            *life_disagreements(occasion, seen, at, timeout, has_clock=tells_the_time(looked)),
        ]
        for one in () if told else wrong:
            self._disagree(one, cell, looked)
        actor.disturbed = None
        fitting = next((one for one in here if shows(one, seen)), here[0])
        actor.known = adopted(fitting, seen, now, timeout)

    def _disagree(self, what: Disagreement, cell: Cell, exchange: Exchange) -> None:
        """End the history with what was found, unless it is known."""
        if (what.clause, cell) in self.bench.found:
            return
        if any(one.in_doubt for one in self.exchanges):
            hypothesis.reject()  # it may have come of a request that was done twice
        if cell not in load_ledger()[what.clause].cells:
            raise Unassigned(f"{what} in {cell}: the clause says nothing about it")
        story = "; ".join(f"{number}. {line}" for number, line in enumerate(self.script, 1))
        flaw = Flaw(what.expected, f"{what.observed} — the script: {story}", exchange)
        found, known = Finding(what.clause, cell, flaw, tuple(self.script), tuple(self.exchanges)), self.bench.latest
        if known is None or len(found.exchanges) <= len(known.exchanges):
            self.bench.latest = found
        raise Disagreed(str(what))

    def _step(self, line: str, answered: Exchange) -> None:
        self._require_word(answered)
        self.script.append(f"{line} → {answered.status or answered.failure}")

    @staticmethod
    def _require_word(answered: Exchange) -> None:
        """Give the history up where a gateway does not let through, however often it is asked."""
        if is_of_a_gateway(answered):
            hypothesis.reject()

    def _try(self, cell: Cell, clause: str) -> None:
        self.bench.tried[clause, cell] += 1

    def _handle(self, actor: Actor, cell: Cell) -> Session:
        """The session, spoken to in the dialect of `cell`."""
        door = self.bench.target.access.doors[cell.dialect]
        return Session(door, cell, actor.session.id, actor.session.item)

    def _any_handle(self, cell: Cell) -> Session:
        return Session(self.bench.target.access.doors[cell.dialect], cell, "", "")
