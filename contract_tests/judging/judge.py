"""Where a scenario says what it found: each clause it cites is judged, and nothing learnt is lost."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from contract_tests.contract import Cell, Clause, load_ledger
from contract_tests.contract.clause import numbers_of
from contract_tests.judging.outcomes import Decision, Observation, Outcome, Proof
from contract_tests.judging.registered import Registered
from contract_tests.problems import Inconclusive, NotTested, PremiseFailed, ScenarioMistake
from contract_tests.rules.checks.flaw import Judged, shown
from contract_tests.rules.checks.responses import asks_for_later, is_of_a_gateway
from contract_tests.rules.lifetimes import has_unknown_clock, may_have_ended, may_have_failed, takes_an_active_session
from contract_tests.rules.oracle import BY_THE_WAY, of_answers, watched

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from contract_tests.rules.checks import Flaw
    from contract_tests.traffic.exchange import Exchange


NO_SERVER_ERROR: Final = "errors.no-server-error"
"""The clause that a gateway which never reaches the server breaks, and no other one."""

SAMPLES: Final = 5
"""Results of the oracle that are kept of one clause in one test: a reader learns no more from the next."""


@dataclass
class Judge:
    """Collects what a test finds out about the clauses it cites.

    A flaw does not end the test: later clauses are judged all the same. What was found is raised by the plugin
    when the test is over.
    """

    cell: Cell
    cited: Sequence[Clause]
    decisions: list[Decision] = field(default_factory=list)
    observations: list[Observation] = field(default_factory=list)
    api_version: tuple[int, ...] | None = None
    """That of the server; None if it names none. A clause about other versions is not held against it."""
    traffic: Sequence[Exchange] = ()
    """What the test has exchanged so far."""
    registered: Registered = field(default_factory=Registered)
    """Violations that are known of the target."""
    is_strict: bool = True
    """Whether a clause that nothing decided is a mistake of the test, as it is on the embedded mock."""
    left_out: set[str | None] = field(default_factory=set)
    """Ids of exchanges that the oracle is not asked about: what is no proper request, a front end may answer."""
    session_timeout: float | None = None
    """Seconds that a session of the target lives; None if nobody knows."""
    by_the_way: set[str] = field(default_factory=set)
    """Clauses that the test is not about, and of which it tells what the oracle sees by the way."""
    name: str = ""
    """The id of the test."""
    gateways: dict[Cell, str] = field(default_factory=dict)
    """The test that tells of a gateway which does not reach the server, for each cell: one is enough for a run."""

    def begin_again(self) -> None:
        """Forget what was found: the test is played once more."""
        self.decisions.clear()
        self.observations.clear()
        self.left_out.clear()
        self.by_the_way.clear()
        self.registered.begin_again()

    def __call__(self, slug: str, *checks: Sequence[Flaw]) -> bool:
        """Judge one of the cited clauses by the results of one or more checks; say whether it held."""
        if not checks:
            raise ScenarioMistake(f"{slug} was judged by no check")
        return self._decide(self._clause(slug), checks)

    def aside(self, slug: str, *checks: Sequence[Flaw]) -> bool:
        """Judge a clause that the test sees by the way and is not about, as the body of an error."""
        return self._decide(load_ledger()[slug], checks, aside=True)

    def watch(self, exchanges: Sequence[Exchange]) -> None:
        """Ask the oracle about all that was exchanged: of each answer by itself, and of each step for what is cited."""
        self._take(watched([exchange for exchange in exchanges if exchange.id not in self.left_out]))

    def watch_answers(self, exchanges: Iterable[Exchange]) -> list[Exchange]:
        """Ask the oracle about each answer by itself, of traffic that does not stand in the test's context.

        Gives the exchanges whose answers are wrong, so that they can be shown.
        """
        return self._take(of_answers(exchanges))

    def _take(self, verdicts: Iterable[tuple[str, Cell, Sequence[Flaw]]]) -> list[Exchange]:
        cited, shown = {clause.id for clause in self.cited}, []
        found: dict[tuple[str, Cell], list[Sequence[Flaw]]] = {}
        for slug, cell, flaws in verdicts:
            self.registered.explain(load_ledger()[slug], cell, flaws)
            gateway = slug == NO_SERVER_ERROR and any(is_of_a_gateway(flaw.exchange) for flaw in flaws)
            if gateway and self.gateways.setdefault(cell, self.name) != self.name:
                continue
            if slug in cited or slug in BY_THE_WAY or slug in self.by_the_way:
                found.setdefault((slug, cell), []).append(flaws)
        known = {(one.clause.id, flaw.exchange.id) for one in self.decisions for flaw in one.flaws}
        for (slug, cell), checks in found.items():
            wrong = [flaws for flaws in checks if flaws]
            new = [flaws for flaws in wrong if any((slug, flaw.exchange.id) not in known for flaw in flaws)]
            if new or not wrong:
                told = (new or checks)[:SAMPLES]
                shown += [flaw.exchange for flaws in told for flaw in flaws]
                self._decide(load_ledger()[slug], told, aside=slug not in cited, cell=cell)
        return shown

    def _decide(
        self, clause: Clause, checks: Sequence[Sequence[Flaw]], *, aside: bool = False, cell: Cell | None = None
    ) -> bool:
        flaws, cell = tuple(flaw for check in checks for flaw in check), cell or self.cell
        if cell in clause.cells:
            if other := self.other_version(clause):
                decision = Decision(clause, cell, Outcome.NOT_TESTED, reason=other)
            else:
                found = self._found(clause, cell, flaws)
                decision = replace(found, proofs=tuple(self._proofs(checks)), aside=aside)
            self.decisions.append(decision)
        return not flaws

    def _found(self, clause: Clause, cell: Cell, flaws: tuple[Flaw, ...]) -> Decision:
        """Held; or broken; or that, and every flaw is one that a deviation explains."""
        if not flaws:
            return Decision(clause, cell, Outcome.HELD)
        silent = (_says_nothing(flaw, of_gateways=clause.id != NO_SERVER_ERROR) for flaw in flaws)
        if said_nothing := next(filter(None, silent), None):
            return Decision(clause, cell, Outcome.BLOCKED, flaws, said_nothing)
        if takes_an_active_session(clause.id):
            ended = [self._may_have_ended(flaw.exchange) for flaw in flaws]
            if all(ended):
                return Decision(clause, cell, Outcome.INCONCLUSIVE, flaws, ended[0])
            flaws = tuple(flaw for flaw, excuse in zip(flaws, ended, strict=True) if not excuse)
        explaining = self.registered.explain(clause, cell, flaws)
        numbers = tuple(dict.fromkeys(number for number in explaining if number is not None))
        if None in explaining:
            return Decision(clause, cell, Outcome.BROKEN, flaws, deviations=numbers)
        return Decision(clause, cell, Outcome.EXCUSED, flaws, self.registered.told(numbers), deviations=numbers)

    def _may_have_ended(self, answer: Exchange) -> str:
        """Why an answer is held against nobody: a session may not have been ACTIVE any more; empty if it was."""
        return may_have_ended(answer, self.traffic, self.session_timeout) or may_have_failed(answer, self.traffic)

    def _proofs(self, checks: Sequence[Sequence[Flaw]]) -> Iterator[Proof]:
        """What the checks say that they looked at, each exchange once; or else what was exchanged last."""
        looked: dict[int, tuple[Exchange, dict[str, None]]] = {}
        for check in checks:
            members = check.members if isinstance(check, Judged) else ()
            seen = check.exchanges if isinstance(check, Judged) else [flaw.exchange for flaw in check]
            for exchange in seen:
                looked.setdefault(id(exchange), (exchange, {}))[1].update(dict.fromkeys(members))
        for exchange, named in looked.values():
            yield Proof(exchange, tuple(named))
        if not looked and self.traffic:
            yield Proof(self.traffic[-1])

    def observe(self, slug: str, choice: str, exchange: Exchange) -> None:
        """Record what the server chose where the documents leave room."""
        self.observations.append(Observation(self._clause(slug), self.cell, choice, exchange))

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Turn what ends a test early into outcomes of the clauses that were not judged by then."""
        try:
            yield
        except PremiseFailed as premise:
            silent = "" if premise.exchange is None else premise.exchange.never_sent or _is_no_word(premise.exchange)
            if premise.exchange is not None and (ended := self._may_have_ended(premise.exchange)):
                self._leave(Outcome.INCONCLUSIVE, ended, premise.exchange)
            elif silent:
                self._leave(Outcome.BLOCKED, silent, premise.exchange)
            else:
                self._block(f"its premise failed: {premise}", premise.observed, premise.exchange)
        except Inconclusive as why:
            self._leave(Outcome.INCONCLUSIVE, str(why))
        except NotTested as why:
            self._leave(Outcome.NOT_TESTED, str(why))
        except Exception as mistake:
            self._leave(Outcome.BLOCKED, f"the suite failed: {mistake!r}")
            raise
        else:
            if unjudged := self._unjudged():
                self._leave_undecided(", ".join(clause.id for clause in unjudged))

    def _leave_undecided(self, names: str) -> None:
        """The test came to its end, and nothing has decided these clauses."""
        if unknown := has_unknown_clock(self.traffic):
            self._leave(Outcome.INCONCLUSIVE, unknown, self.traffic[-1])
        elif not self.is_strict:
            told, exchange = self._why_undecided()
            self._block(f"its premise failed: {told}", told, exchange, self.registered.all_that_is_wrong)
        else:
            self._leave(Outcome.BLOCKED, "the test judged nothing about it")
            raise ScenarioMistake(f"the test cites {names} and judged nothing about it")

    def _why_undecided(self) -> tuple[str, Exchange | None]:
        """What kept the test from a clause that it came to the end without deciding, and the exchange that shows it."""
        broken = next((one for one in self.decisions if one.outcome is Outcome.BROKEN), None)
        last = self.traffic[-1] if self.traffic else None
        if broken is not None:
            why = f"{broken.clause.id} is broken in the same test, and no answer was left that decides it"
            return why, broken.flaws[0].exchange
        told = "" if last is None else f"; the last one was {shown(last, limit=80)}"
        return f"no answer of the test decides it{told}", last

    def withdraw(self, reason: str) -> None:
        """Take back what was judged: it rests on nothing."""
        self.decisions[:] = [Decision(old.clause, old.cell, Outcome.BLOCKED, reason=reason) for old in self.decisions]

    def doubt(self, reason: str) -> None:
        """Take back what was held against the server: it may be due to a request that it was sent twice."""
        self.decisions[:] = [
            replace(one, outcome=Outcome.BLOCKED, reason=reason)
            if one.outcome is Outcome.BROKEN and one.clause.id != NO_SERVER_ERROR
            else one
            for one in self.decisions
        ]

    def _block(self, reason: str, observed: str, exchange: Exchange | None, known: tuple[int, ...] = ()) -> None:
        """Leave clauses undecided at a premise that failed; by no more than what is registered, if so."""
        for clause in self._unjudged():
            numbers = self.registered.shadow(clause.id, self.cell, observed, exchange) or known
            if numbers:
                told = f"{self.registered.told(numbers)}; {reason}"
                self._leave(Outcome.SHADOWED, told, exchange, [clause], numbers)
            else:
                self._leave(Outcome.BLOCKED, reason, exchange, [clause])

    def _leave(
        self,
        outcome: Outcome,
        reason: str,
        exchange: Exchange | None = None,
        clauses: Iterable[Clause] | None = None,
        numbers: tuple[int, ...] = (),
    ) -> None:
        """Leave clauses undecided, all that were not judged by default."""
        proofs = () if exchange is None else (Proof(exchange),)
        for clause in self._unjudged() if clauses is None else clauses:
            decision = Decision(clause, self.cell, outcome, reason=reason, proofs=proofs, deviations=numbers)
            if other := self.other_version(clause):
                decision = replace(decision, outcome=Outcome.NOT_TESTED, reason=other, deviations=())
            self.decisions.append(decision)

    def other_version(self, clause: Clause) -> str:
        """Why a clause says nothing about this server; nothing if it does.

        A server that does not say its version is taken for one of today: it is past every `since` and every `until`.
        """
        if self.api_version is None:
            return "" if clause.until is None else f"{_ends(clause.until)} does not say which one it is"
        said = ".".join(map(str, self.api_version))
        if clause.since is not None and self.api_version < numbers_of(clause.since):
            return f"it holds from version {clause.since} on, and the server says that it is {said}"
        # "Until 6.5" is until the last of 6.5.
        if clause.until is not None and self.api_version[: len(numbers_of(clause.until))] > numbers_of(clause.until):
            return f"{_ends(clause.until)} says that it is {said}"
        return ""

    def _unjudged(self) -> list[Clause]:
        judged = {decision.clause.id for decision in self.decisions}
        return [clause for clause in self.cited if clause.id not in judged and self.cell in clause.cells]

    def _clause(self, slug: str) -> Clause:
        for clause in self.cited:
            if clause.id == slug:
                return clause
        raise ScenarioMistake(f"the test judges {slug} without citing it")


def _is_no_word(exchange: Exchange) -> str:
    """Why the answer is not the server's word on this request, although it is the last that came; empty if it is."""
    if is_of_a_gateway(exchange):
        return f"a gateway answered for the server, each time it was asked ({exchange.status}, no error of this API)"
    return (
        "the request had been sent before, without a word of the server's, and may have been done then"
        if exchange.in_doubt
        else ""
    )


def _says_nothing(flaw: Flaw, *, of_gateways: bool) -> str:
    """Why the exchange of a flaw tells nothing of what the server does with such a request; empty if it does."""
    exchange = flaw.exchange
    if (of_gateways or not is_of_a_gateway(exchange)) and (why := _is_no_word(exchange)):
        return why
    if asks_for_later(exchange):
        return f"the server asks for it later ({exchange.status}), and was waited for in vain"
    if exchange.never_connected:
        return f"its premise failed: the server accepts connections; {flaw.observed}"
    return exchange.never_sent or exchange.not_kept


def _ends(until: str) -> str:
    return f"it holds up to version {until}, and the server"
