"""A campaign: one run of schemathesis' engine over one document, on sessions that are really there.

The engine makes the cases (examples of the document, its boundaries, random ones; right ones and ones that are made
wrong on purpose) and sends them. Hooks give each case the id of a live session before it is sent, and read the
session when it was answered; `judging` says which clauses that decides. Nothing stops at the first failure, so
nothing is shrunk: of all requests against a clause the smallest is shown.

What is decided on purpose:

- `480.0` is an integer by JSON Schema, and the engine sends every fifth one so. Right cases get `480`; what a server
  does with the other spelling is observed by a scenario.
- A path of `/rest` with two operations gets the action that its body belongs to, by `x-actions`, in right cases.
- Client tokens are made anew, since a creation with an old one is none.
- No method is sent that the document does not have, and no answer steers what is generated: the seed alone does.
- The checks of schemathesis that need to know the session's state are replaced by the rules here; the others object
  beside them, and an objection that no clause accounts for fails the run.

On a server that is not our mock a campaign is gentle: a fifth of the examples.
"""

from __future__ import annotations

import json
import threading
import time
from contextvars import copy_context
from dataclasses import dataclass, field, replace
from functools import partial
from random import Random
from typing import TYPE_CHECKING, Any, Final

from contract_tests.contract.dialects import SESSIONS, Op, wrapped
from contract_tests.driver.sessions import in_path
from contract_tests.driver.transport.wire import request_bytes, send_bytes
from contract_tests.fuzz.campaigns.drawing import Drawing
from contract_tests.fuzz.campaigns.engine import Size, events_of, load_schema
from contract_tests.fuzz.campaigns.findings import Findings
from contract_tests.fuzz.campaigns.internals import GLOBAL_HOOK_DISPATCHER, events
from contract_tests.fuzz.campaigns.live_ids import LiveIds
from contract_tests.fuzz.campaigns.operations import operations
from contract_tests.fuzz.campaigns.rejudging import judge_again, notes_of
from contract_tests.fuzz.campaigns.shaping import is_deep, wrong_parts
from contract_tests.fuzz.campaigns.supplying import Pending, Supplier
from contract_tests.problems import PremiseFailed
from contract_tests.rules.oracle import VOID
from contract_tests.rules.steps import Step

if TYPE_CHECKING:
    from contract_tests.contract import Dialect
    from contract_tests.driver import Target
    from contract_tests.fuzz.campaigns.internals import Answer, Case, HookContext
    from contract_tests.traffic.exchange import Exchange
    from contract_tests.traffic.messages import Request

__all__ = ["Campaign", "Size", "run_campaign"]

_DEEP: Final = 0.1
"""How many of the cases that are about the inside of a member are sent, at 100 examples."""


@dataclass
class Campaign:
    """What came of it. `premise` is why it ended early, if the server did not give what it needs.

    `mishaps` are cases that the tool could not make or send. `complete` is false if the time was up.
    """

    dialect: Dialect
    findings: Findings = field(default_factory=Findings)
    seconds: float = 0.0
    complete: bool = True
    premise: PremiseFailed | None = None
    mishaps: list[str] = field(default_factory=list)

    @property
    def cases(self) -> int:
        return sum(self.findings.sent.values())


def run_campaign(target: Target, dialect: Dialect, seed: int, size: Size | None = None) -> Campaign:
    """Run one campaign to its end, or until its time is up."""
    size = size or Size.of(target)
    recorder, play = target.recorder, f"campaign over {dialect}.yaml"
    if recorder.answers is not None:
        return judge_again(Campaign(dialect), recorder.answers.play(play))
    with recorder.recording(play):
        campaign, done = _Run(target, dialect, seed, size).execute()
        recorder.plays[play].notes = notes_of(done, campaign, recorder.plays[play].exchanges)
    return campaign


class _Run:
    """One campaign under way: the hooks, and what they remember between the two calls for each case."""

    def __init__(self, target: Target, dialect: Dialect, seed: int, size: Size) -> None:
        self._target, self._dialect, self._size = target, dialect, size
        self._ids = LiveIds(target, dialect)
        self._campaign = Campaign(dialect)
        self._pending: dict[str, Pending] = {}
        self._sent: dict[str, Step] = {}
        self._done: list[Step] = []
        self._stop, self._ends, self._is_interrupted = threading.Event(), False, False
        self._deadline = time.monotonic() + size.seconds
        self._draw = Drawing(Random(f"{seed} {dialect}"))  # noqa: S311 - which cases are sent is no secret
        self._supplier = Supplier(dialect, self._ids, self._draw)
        self._schema = load_schema(target, dialect, seed, size)
        self._door = target.access.doors[dialect]
        self._silence = self._door.silence
        self._exchanges: dict[str, Exchange] = {}
        """What became of each case that is not judged yet, by its id."""
        self._context = copy_context()  # the engine calls the hooks in a thread of its own, which has no play

    def execute(self) -> tuple[Campaign, list[Step]]:
        started = time.monotonic()
        try:
            self._ids.open_all()
            self._see_the_wire()
        except PremiseFailed as problem:
            self._campaign.premise = problem
            return self._campaign, []
        self._schema.hooks.register_hook_with_name(self.filter_case, "filter_case")
        self._schema.hooks.register_hook_with_name(self.after_call, "after_call")
        # The one hook that the tool knows for all schemas together only; it leaves those of others alone.
        GLOBAL_HOOK_DISPATCHER.register_hook_with_name(self.before_call, "before_call")
        try:
            for event in events_of(self._schema, self._stop, self._send):
                self._take(event)
        finally:
            GLOBAL_HOOK_DISPATCHER.unregister(self.before_call)
        if self._is_interrupted:
            raise KeyboardInterrupt
        if self._silence.reason:
            # What it was asked last is not to blame for its silence.
            while self._done and self._done[-1].exchange.response is None:
                self._done.pop()
        # Not while requests are under way: a thread that computes makes each of them wait 5 ms for the interpreter.
        for sent in self._done:
            self._campaign.findings.add(sent)
        self._campaign.seconds = time.monotonic() - started
        return self._campaign, self._done

    def _take(self, event: events.EngineEvent) -> None:
        """Collect the cases of one operation in one phase; schemathesis' checks have spoken of them by then."""
        # The engine swallows Ctrl-C, and says the same where it was told to stop.
        self._is_interrupted |= isinstance(event, events.Interrupted) and not self._ends
        if isinstance(event, events.NonFatalError) and self._campaign.premise is None:
            self._campaign.mishaps.append(f"{event.label}: {event.info.title}: {event.info.message}")
        if not isinstance(event, events.ScenarioFinished):
            return
        for case_id in event.recorder.interactions:
            complaints = tuple(
                check.name for check in event.recorder.checks.get(case_id, ()) if check.failure_info is not None
            )
            sent = self._sent.pop(case_id, None)
            exchange = self._exchanges.pop(case_id, None)
            if sent is None and exchange is not None and exchange.response is not None:
                sent = self._probe(event, case_id, exchange)
            if sent is not None:
                self._done.append(replace(sent, complaints=complaints))

    def _probe(self, event: events.ScenarioFinished, case_id: str, exchange: Exchange) -> Step:
        """A request that one of schemathesis' own checks has sent, without a token or with a wrong one."""
        case = event.recorder.cases[case_id].value
        operation = self._supplier.operation_of(case)
        op = operation.op(case.query)
        return Step(exchange, operation.cell, operation.id, op, wrong=frozenset({"header"}))

    # Hooks

    def filter_case(self, context: HookContext, case: Case[Any]) -> bool:
        """Leave out most of the cases that are about the inside of a member."""
        del context
        return not is_deep(case) or self._draw.happens(_DEEP * self._size.examples / 100)

    def before_call(self, context: HookContext, case: Case[Any], kwargs: dict[str, Any]) -> None:
        """Give a case something to work on."""
        del context, kwargs
        if case.operation.schema is not self._schema:
            return
        if time.monotonic() > self._deadline:
            self._campaign.complete = False
            self._end()
        try:
            self._require_answers()
            self._pending[case.id] = self._context.run(self._supplier.supply, case)
        except PremiseFailed as problem:
            self._campaign.premise = self._campaign.premise or problem
            self._end()
            raise

    def after_call(self, context: HookContext, case: Case[Any], response: Answer) -> None:
        del context, response
        self._context.run(self._keep, case)

    # What they do

    def _end(self) -> None:
        self._ends = True
        self._stop.set()

    def _require_answers(self) -> None:
        if self._silence.reason:
            raise PremiseFailed("answers", self._silence.reason)

    def _send(self, case: Case[Any], request: Request) -> Exchange:
        """Send a case, or a request that a check of schemathesis makes out of one; gives what came, not redacted."""
        pending = self._pending.get(case.id)
        operation = self._supplier.operation_of(case) if pending is None else pending.operation
        op = operation.op(case.query) if pending is None else pending.op
        seen: list[Exchange] = []
        send = partial(self._door.send_as_it_is, request, cell=str(operation.cell), operation=op, learn=seen.append)
        self._exchanges[case.id] = self._context.run(send)
        return seen[-1]

    def _keep(self, case: Case[Any]) -> None:
        """Turn a case that was sent into what is judged later; see at once what it did to its session."""
        pending = self._pending.pop(case.id)
        exchange = self._exchanges.pop(case.id)
        after = None
        try:
            if pending.held is not None:
                after = self._ids.settle(pending.held, pending.op)
            elif pending.op is Op.CREATE:
                after = self._ids.created(exchange, pending.operation.cell.service, pending.item)
        except PremiseFailed as problem:
            self._campaign.premise = self._campaign.premise or problem
            self._end()
        self._sent[case.id] = Step(
            exchange,
            pending.operation.cell,
            pending.operation.id,
            pending.op,
            pending.standing,
            wrong_parts(case),
            pending.item,
            pending.before,
            after,
        )

    def _see_the_wire(self) -> None:
        """Ask once as bytes for what answers nothing: a client library hides what follows a 204, or stumbles over it.

        That is why it comes first.
        """
        door = self._target.access.doors[self._dialect]
        for operation in operations(self._dialect).values():
            for op in set(operation.ops) & VOID.keys():
                held = self._ids.session(operation.cell.service, op, valid=False)
                route = SESSIONS[operation.cell][op]
                path = route.path.format(id=in_path(held.session.id))
                path += "".join(f"?{name}={value}" for name, value in route.query)
                body = json.dumps(wrapped(route, {})).encode()
                content = request_bytes(door, route.method, path, body, {"Content-Type": "application/json"})
                seen = send_bytes(door, content, cell=str(operation.cell), operation=op)
                held.look()
                if seen.status in (200, 204):
                    self._done.append(Step(seen, operation.cell, operation.id, op, on_the_wire=True))
