"""Random histories of several sessions against the reference model; Hypothesis makes them, and finds the shortest.

One round ends with the shortest history of one disagreement. The next round takes that one as known, goes on where it
comes up, and finds another; so each clause that is broken in a cell has a history of its own.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final, TypeVar

import hypothesis
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from contract_tests.contract import Service
from contract_tests.contract.dialects import SESSIONS, Op
from contract_tests.contract.tolerances import NOTICED
from contract_tests.fuzz.histories.bench import Actor, Bench
from contract_tests.fuzz.histories.history import History
from contract_tests.fuzz.histories.reference import LEGACY, Call, Form
from contract_tests.problems import Disagreed
from contract_tests.seeding import without_constants_of_this_project

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from contract_tests.contract import Cell, Dialect
    from contract_tests.driver import Target
    from contract_tests.fuzz.histories.bench import Finding
    from contract_tests.fuzz.histories.known import Warnings
    from contract_tests.rules.checks.flaw import Flaws
    from contract_tests.traffic.exchange import Exchange

T = TypeVar("T")

MOST: Final = 8
"""Disagreements that are looked for, each with a history of its own: it takes a few seconds to find the shortest."""


BATCH: Final = 9
"""Histories that Hypothesis makes in one go. From ten on it varies those that it has: of fifty it would make eight
and vary them, and never come to try most calls."""


@dataclass(frozen=True)
class Sizes:
    """How many batches of histories a run plays, how many steps each history has, and whether the clock may run.

    `executions` is how often a history that disagrees may be played again, to find the shortest.
    """

    batches: int
    steps: int
    waits: bool
    executions: int


def sizes(examples: int, *, real: bool) -> Sizes:
    """The sizes that go with `--fuzz-examples`: on a live server one history of eight calls for ten examples.

    There, no time passes in a history.
    """
    if real:
        return Sizes(batches=max(1, examples // 100), steps=8, waits=False, executions=30)
    return Sizes(batches=max(1, round(examples / 30)), steps=16, waits=True, executions=100)


@dataclass(frozen=True)
class Exploration:
    """What the histories showed. `tried` are the clauses that one put to the test, by cell.

    `answers` are what each answer decided by itself, by clause and cell, with its flaws.
    `samples` holds exchanges that agreed, for each cell; `scripts` are all histories, line by line. `complete` is
    false if there may be disagreements that nobody has looked for.
    """

    findings: tuple[Finding, ...]
    tried: frozenset[tuple[str, Cell]]
    answers: Mapping[tuple[str, Cell], Sequence[Flaws]]
    samples: Mapping[Cell, tuple[Exchange, ...]]
    scripts: Sequence[tuple[str, ...]]
    complete: bool


def explore(
    target: Target, dialects: tuple[Dialect, ...], seed: int, examples: int, *, most: int = MOST
) -> Exploration:
    """Play random histories in these dialects against the target; the same ones for the same seed.

    After `most` disagreements nobody looks for more.
    """
    bench = Bench(target, dialects)
    size = sizes(examples, real=target.clock.is_real)
    with target.recorder.recording(f"histories {' and '.join(dialects)}") as cleaned_up:
        complete = all(_batch_is_done(bench, size, seed + number, most) for number in range(size.batches))
    bench.hear(cleaned_up)
    found, tried = tuple(bench.found.values()), frozenset(bench.tried)
    return Exploration(found, tried, bench.answers, bench.samples, bench.scripts, complete)


def _batch_is_done(bench: Bench, size: Sizes, seed: int, most: int) -> bool:
    """Play a batch until it has no disagreement that is not known; false if there are too many."""
    while len(bench.found) < most:
        bench.latest, bench.executions = None, 0
        _play(bench, size, seed)
        if bench.latest is None:
            return True
        bench.found[bench.latest.clause, bench.latest.cell] = bench.latest
    return False


def _play(bench: Bench, size: Sizes, seed: int) -> None:
    """Play a batch; `bench.latest` is the shortest history that disagrees, if one does."""

    class Machine(SessionMachine):
        def __init__(self) -> None:
            super().__init__(bench, size)

    settings = hypothesis.settings(
        max_examples=BATCH,
        stateful_step_count=size.steps,
        derandomize=False,  # or every run in a CI pipeline would play the same histories, whatever the seed
        database=None,
        deadline=None,
        print_blob=False,
        report_multiple_bugs=False,
        verbosity=hypothesis.Verbosity.quiet,
        phases=(hypothesis.Phase.generate, hypothesis.Phase.shrink),
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    # A server that is wrong only now and then, or remembers an item from the history before, makes the replay of a
    # history flaky, which is no excuse.
    with suppress(Disagreed, hypothesis.errors.Flaky), without_constants_of_this_project():
        run_state_machine_as_test(hypothesis.seed(seed)(Machine), settings=settings)


_PROGRESS: Final = (50, 100, 10, 30, 60, 70, 99, 100, 0, 101, -1, 2**53 + 1, 2**63 - 1, -(2**63))
"""Values that matter: ordinary ones, the limits, and what lies beyond them."""

_ODD_FORMS: Final = (
    Form.EMPTY,
    Form.NULL_MEMBER,
    Form.NO_INTEGER,
    Form.BEYOND_INT64,
    Form.OTHER_SERVICES,
    Form.STRANGER,
    Form.MALFORMED,
    Form.WITH_FRACTION,
    Form.DIGITS,
    Form.NULL,
    Form.NO_OBJECT,
    Form.BY_BODY,
    Form.XML,
    Form.FORM,
)
_LISTS: Final[tuple[Warnings, ...]] = (
    (("SELF_SIGNED_CERTIFICATE", True),),
    (("EXPIRED_CERTIFICATE", True), ("SELF_SIGNED_CERTIFICATE", False)),
    (("UNTRUSTED_CERTIFICATE", False),),
    (),
)
"""Lists for an update; the last one takes back all that was said."""

_GIVEN: Final[tuple[Warnings, ...]] = ((), *_LISTS[:-1])
"""What a new session is told of warnings: most have something that can get lost."""

_UPDATES: Final = (
    Form.WARNINGS,
    Form.HALF_VALID,
    Form.WARNINGS,
    Form.HALF_VALID,
    Form.EMPTY,
    Form.NULL_LIST,
    Form.OTHERS,
    Form.UNKNOWN_TYPE,
    Form.WRONG_TYPE,
)
_ENDS: Final = (
    Call(Op.CANCEL),
    Call(Op.DELETE),
    Call(Op.FAIL, Form.MESSAGE),
    Call(Op.COMPLETE),
    Call(Op.FAIL),
    Call(Op.FAIL, Form.EMPTY),
)
_MISNAMED: Final = (Call(Op.KEEP_ALIVE), Call(Op.DELETE), Call(Op.CANCEL))


class StepKind(StrEnum):
    """What a step of a history does."""

    KEEP_ALIVE = "keep a session alive"
    REPORT_MORE = "report a greater progress"
    REPORT = "report any progress"
    SEND_ODDLY = "keep a session alive in an odd way"
    UPDATE = "update a session"
    END = "end a session"
    CREATE = "make a session"
    LIST = "list the sessions"
    WAIT = "let time pass"
    MISNAME = "name a session as one of the other service"


_WEIGHTS: Final = {
    StepKind.KEEP_ALIVE: 2,
    StepKind.REPORT_MORE: 4,
    StepKind.REPORT: 4,
    StepKind.SEND_ODDLY: 4,
    StepKind.UPDATE: 3,
    StepKind.END: 3,
    StepKind.CREATE: 5,
    StepKind.LIST: 3,
    StepKind.WAIT: 3,
    StepKind.MISNAME: 1,
}
"""How often each action is taken, of 32."""
_ACTIONS: Final = tuple(action for action, weight in _WEIGHTS.items() for _ in range(weight))


class SessionMachine(RuleBasedStateMachine):
    """Whatever a client may do, at any time, in any of the run's dialects.

    It is one rule, and one number says all of a step. With a rule for each action Hypothesis leaves half of the
    actions out of each history, which finds more in ten thousand of them and less in thirty; and of a history whose
    steps take several draws each, it drops no step to make it shorter.
    """

    def __init__(self, bench: Bench, size: Sizes) -> None:
        super().__init__()
        self.bench = bench
        self.size = size
        self.history = History(bench)
        self.bench.executions += bench.latest is not None

    def teardown(self) -> None:
        self.history.close()

    @rule(code=st.integers(0, 2**16 - 1))
    def step(self, code: int) -> None:
        """Do something to one of the sessions, in one of the dialects; small numbers are simple steps."""
        if self.bench.executions > self.size.executions or self.history.is_over:
            return
        which, who, value = code >> 5 & 1, code >> 6 & 7, code >> 9
        action = _ACTIONS[code & 31]
        history, bench = self.history, self.bench
        if action is StepKind.WAIT:
            self._wait(value)
        elif not history.actors or (action is StepKind.CREATE and history.has_room):
            services = tuple(Service)
            cell = bench.cell(which, _picked(services, value))
            history.create(cell, _picked(_GIVEN, value // len(services)))
        else:
            actor = history.actor(who)
            cell = bench.cell(which, actor.service)
            if action is StepKind.LIST:
                history.list(cell)
            elif action is StepKind.MISNAME:
                (other,) = set(Service) - {actor.service}
                history.misname(actor, bench.cell(which, other), _picked(_MISNAMED, value))
            else:
                history.call(actor, cell, _call(action, value, actor, cell))

    def _wait(self, value: int) -> None:
        timeout = self.bench.timeout
        if self.size.waits:
            within, over = (3, 0.6 * timeout, 3), (timeout + 4, timeout + 4, 7.5 * timeout + 2 * NOTICED)
            self.history.wait(_picked((*within, *over, *within), value))


def _call(action: StepKind, value: int, actor: Actor, cell: Cell) -> Call:
    """The call of an action that names a session."""
    is_update = actor.service is Service.UPDATE
    if action is StepKind.REPORT_MORE:
        return Call(Op.KEEP_ALIVE, Form.NUMBER, min(100, actor.known.progress + 1 + value % 40))
    if action is StepKind.REPORT:
        return Call(Op.KEEP_ALIVE, Form.NUMBER, _picked(_PROGRESS, value))
    if action is StepKind.SEND_ODDLY:
        form = _picked(_ODD_FORMS, value)
        if form in LEGACY and Op.KEEP_ALIVE_BY_BODY not in SESSIONS[cell]:
            form = Form.EMPTY
        # Not by the same number, or each form would only ever report one progress.
        progress = _picked(_PROGRESS, value // len(_ODD_FORMS))
        return Call(Op.KEEP_ALIVE_BY_BODY if form is Form.BY_BODY else Op.KEEP_ALIVE, form, progress)
    if action is StepKind.UPDATE and is_update:
        form = _picked(_UPDATES, value)
        lists = _LISTS if form is Form.WARNINGS else _LISTS[:-1]
        return Call(Op.UPDATE, form, warnings=_picked(lists, value // len(_UPDATES)))
    if action is StepKind.END:
        end = _picked(_ENDS, value)
        return end if is_update or end.op is not Op.COMPLETE else Call(Op.CANCEL)
    return Call(Op.KEEP_ALIVE)


def _picked(values: Sequence[T], value: int) -> T:
    return values[value % len(values)]
