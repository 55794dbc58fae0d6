"""One history: several sessions, call after call, each answer and each look compared with the reference model."""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import hypothesis

from contract_tests.checks import Flaw, PremiseFailed, Reading, listed_ids, no_server_error, read, succeeds
from contract_tests.checks.answers import is_of_a_gateway
from contract_tests.checks.errors import named_types
from contract_tests.checks.flaw import shown
from contract_tests.contract import Cell, Dialect, Service, load_ledger
from contract_tests.contract.dialects import Op
from contract_tests.fuzz.blame import Disagreement, Occasion, disagreements, life_disagreements, stakes
from contract_tests.fuzz.bodies import body_of, words
from contract_tests.fuzz.known import ACTIVE, EXPIRED, GONE, Known, Seen, Warnings, adopted, possible, shows
from contract_tests.fuzz.reference import Answer, Call, promises
from contract_tests.target import Session

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from contract_tests.exchange import Exchange
    from contract_tests.target import Target

MOST: Final = 3
"""Sessions that are there at the same time in one history."""

SAMPLE: Final = 20
"""Exchanges that are kept of a history that agreed."""


@dataclass(frozen=True)
class Finding:
    """A disagreement in a cell, with the history that shows it: as a script, and as what was exchanged."""

    clause: str
    cell: Cell
    flaw: Flaw
    script: tuple[str, ...]
    exchanges: tuple[Exchange, ...]


class Disagreed(AssertionError):
    """A history has come to a disagreement that was not known."""


class Unassigned(Exception):
    """A disagreement belongs to no clause of its cell; a defect of the suite, which must not be lost."""


@dataclass
class Bench:
    """What the histories of one run share. `found` are the disagreements that are known, so that they end nothing."""

    target: Target
    dialects: tuple[Dialect, ...]
    found: dict[tuple[str, Cell], Finding] = field(default_factory=dict)
    latest: Finding | None = None
    executions: int = 0
    tried: Counter[tuple[str, Cell]] = field(default_factory=Counter)
    samples: dict[Cell, tuple[Exchange, ...]] = field(default_factory=dict)
    scripts: list[tuple[str, ...]] = field(default_factory=list)
    free_items: list[str] = field(default_factory=list)

    @property
    def timeout(self) -> float:
        return self.target.settings.session_timeout

    def cell(self, which: int, service: Service) -> Cell:
        return Cell(self.dialects[which % len(self.dialects)], service)


@dataclass
class Actor:
    """A session in a history: its name there, its handle in the dialect that made it, what is known of it.

    `disturbed` is the cell in which another session was kept alive since this one was last looked at.
    """

    name: str
    session: Session
    known: Known
    disturbed: Cell | None = None

    @property
    def service(self) -> Service:
        return self.known.service


class History:
    """Plays calls, and raises Disagreed at the first one that the model does not allow."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.actors: list[Actor] = []
        self.script: list[str] = []
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

    def create(self, cell: Cell) -> None:
        """Make a session."""
        workspace, name = self.bench.target.workspace, f"s{len(self.actors) + 1}"
        item = self._item(cell)
        created = workspace.create_session(cell, {"library_item_id": item})
        session, clause = workspace.session_from(created, item), "create.returns-id"
        self._step(f"{name} = create a session of {cell.service} under /{cell.dialect}", created)
        self._try(cell, clause)
        if (wrong := succeeds(created)) or session is None:
            expected = wrong[0].expected if wrong else "the id of a session"
            self._disagree(Disagreement(_or_crash(clause, created), expected, shown(created)), cell, created)
            return
        at = _time(created)
        actor = Actor(name, session, Known(cell.service, touched=at))
        self.actors.append(actor)
        self._look(actor, cell, [actor.known], Occasion(actor.known, Call(Op.CREATE), accepted=True), at)

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
        at = _time(answered)
        made = promises(was, call, at, self.bench.timeout)
        answer = Answer(not succeeds(answered), answered.status, frozenset(named_types(answered).values()))
        after = [state for promise in made for state in promise.after(answer)]
        self._try(cell, made[0].clause)
        if not after:
            clause = _or_crash(made[0].clause, answered)
            self._disagree(Disagreement(clause, str(made[0]), shown(answered)), cell, answered)
            after = [state for promise in made for state in (promise.known, *promise.success)]
        occasion = Occasion(was, call, answer.success)
        self._look(actor, cell, after, occasion, at)
        if occasion.keeps_alive and answer.success:
            for other in self.actors:
                if other is not actor:
                    other.disturbed = cell

    def misname(self, actor: Actor, cell: Cell, call: Call) -> None:
        """Name a session as if it were one of the other service, which has none of this id."""
        answered = self._handle(actor, cell).call(call.op, body_of(call, cell, actor.session.id))
        self._step(f"{words(call, cell, actor.name)} as a session of {cell.service}", answered)
        clause = "addressing.other-services-id" if call.op is Op.KEEP_ALIVE else "life-cycle.unknown-id"
        self._try(cell, clause)
        if answered.status != 404:
            self._disagree(Disagreement(_or_crash(clause, answered), "status 404", shown(answered)), cell, answered)
        own = Cell(cell.dialect, actor.service)
        self._look(actor, own, [actor.known], Occasion(actor.known), _time(answered))

    def list(self, cell: Cell) -> None:
        """List the sessions of a service: those that are there, and none that was deleted."""
        answered = self._any_handle(cell).call(Op.LIST)
        self._step(f"list the sessions of {cell.service} under /{cell.dialect}", answered)
        self._try(cell, "model.list")
        try:
            ids = listed_ids(answered)
        except PremiseFailed as lost:
            self._disagree(
                Disagreement(_or_crash("model.list", answered), lost.expected, lost.observed), cell, answered
            )
            return
        for actor in self.actors:
            if actor.service is not cell.service:
                continue
            states = {one.state for one in possible(actor.known, _time(answered), self.bench.timeout)}
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
        self.bench.scripts.append(tuple(self.script))
        if not self.actors:
            return
        for cell in {Cell.parse(exchange.cell) for exchange in self.exchanges if exchange.cell}:
            self.bench.samples[cell] = tuple(self.exchanges[:SAMPLE])
        held = {one.session.item for one in self.actors if not self.bench.target.workspace.dismiss(one.session)}
        self.bench.free_items += dict.fromkeys(one.session.item for one in self.actors if one.session.item not in held)

    def _look(self, actor: Actor, cell: Cell, candidates: Sequence[Known], occasion: Occasion, at: float) -> None:
        """Read a session and compare it; `cell` is to blame, `at` is when the call was answered."""
        looked = self._handle(actor, Cell(cell.dialect, actor.service)).read()
        self._require_word(looked)
        seen = _seen(looked, candidates)
        if isinstance(seen, Disagreement):
            self._disagree(seen, cell, looked)
            return
        if seen is not None and seen.progress is None:
            missing = Disagreement("model.progress-present", "an integer client_progress", shown(looked))
            self._disagree(missing, cell, looked)
        now, timeout = _time(looked), self.bench.timeout
        here = [state for one in candidates for state in possible(one, now, timeout)]
        for clause in stakes(occasion, seen, at):
            self._try(cell, clause)
        wrong = [*disagreements(here, seen, occasion), *life_disagreements(occasion, seen, at, timeout)]
        for one in wrong:
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


def _seen(looked: Exchange, candidates: Sequence[Known]) -> Seen | Disagreement | None:
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
        return Disagreement(_or_crash(clause, looked), lost.expected, lost.observed)


def _time(exchange: Exchange) -> float:
    """The server's clock when it answered, in seconds."""
    return Reading(exchange, {}).server_time.timestamp()


def _or_crash(clause: str, exchange: Exchange) -> str:
    """The clause that a wrong answer breaks: one of its own if it is the server's failure rather than its choice."""
    return "errors.no-server-error" if no_server_error(exchange) else clause


def _warnings(model: dict[str, Any]) -> Warnings | None:
    shown_list = model.get("warning_behavior")
    if not isinstance(shown_list, list):
        return None
    entries: Iterable[Any] = (entry for entry in shown_list if isinstance(entry, dict))
    return tuple(sorted((str(entry.get("type")), bool(entry.get("ignored"))) for entry in entries))
