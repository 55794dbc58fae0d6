"""One scenario being played: what it is given, what it exchanges, how it ends."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from contextvars import copy_context
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from contract_tests.contract import Capability, Cell, Service
from contract_tests.contract.dialects import TOKEN_HEADER, FileOp
from contract_tests.driver.content import lacks_file_service, push, push_own
from contract_tests.driver.removal import login_left
from contract_tests.driver.target import LOST
from contract_tests.driver.transport.login import Login, is_left, log_in
from contract_tests.judging.judge import Judge
from contract_tests.judging.outcomes import Outcome
from contract_tests.judging.records import Record
from contract_tests.judging.registered import Registered
from contract_tests.judging.rich import PROGRESS, RAISED, open_rich_session
from contract_tests.problems import NotTested, PremiseFailed, ScenarioMistake
from contract_tests.rules import refusals
from contract_tests.rules.checks.responses import is_of_a_gateway

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from contract_tests.contract import Clause
    from contract_tests.driver import Clock, Door, Session, Settings, Target, Workspace
    from contract_tests.traffic.archive import KeptPlay
    from contract_tests.traffic.exchange import Exchange

_DECIDED = (Outcome.HELD, Outcome.BROKEN, Outcome.EXCUSED)
_TROUBLED = (Outcome.BROKEN, Outcome.BLOCKED, Outcome.INCONCLUSIVE)
AGAIN = ", played again"
"""How the name of a test's second play ends, under which its exchanges are kept; that of the third has it twice."""
PLAYS = 3
"""How often a test is played at most, where the server's word is missing: one in a hundred requests that breaks by
chance leaves a test that sends twenty of them undecided in one play of five."""


@dataclass
class Stage:
    """What a scenario may ask for by name: one stage for each test and cell."""

    target: Target
    cell: Cell
    cited: Sequence[Clause]
    seed: int
    name: str = "a test"
    """The id of the test: what it sends is kept under it."""
    judge: Judge = field(init=False)

    def __post_init__(self) -> None:
        settings = self.target.settings
        known = {number: one for number, one in enumerate(settings.deviations) if one.holds(settings.today)}
        self.judge = Judge(
            self.cell,
            self.cited,
            api_version=self.target.facts.api_version,
            registered=Registered(known),
            session_timeout=settings.session_timeout,
            is_strict=settings.target is None,
            name=self.name,
            gateways=self.target.recorder.gateways,
        )

    @property
    def clock(self) -> Clock:
        return self.target.clock

    @property
    def workspace(self) -> Workspace:
        return self.target.workspace

    @property
    def settings(self) -> Settings:
        return self.target.settings

    def subscribed_item(self) -> str:
        """The id of an item of a subscribed library.

        Raises:
            NotTested: the target is not our mock, and the profile names none.
        """
        self.takes(Capability.SUBSCRIBED_ITEM)
        if self.target.control is None or self.settings.subscribed_item is not None:
            return str(self.settings.subscribed_item)
        return self.target.control.subscribed_item()

    def open_session_with_warning(self, *, ignored: bool | None = None) -> tuple[Session, str]:
        """A new update session whose preview has raised a warning, and the WarningType.

        With `ignored`, the session is created with a `warning_behavior` that says so of this warning.

        Raises:
            NotTested: the target is not our mock, and the profile names no content that raises one.
        """
        self.takes(Capability.WARNING_CONTENT)
        kind = self.settings.warning_kind if self.target.control is None else RAISED
        spec = None if ignored is None else {"warning_behavior": [{"type": kind, "ignored": ignored}]}
        if self.target.control is not None:
            session = self.open_session(spec)
            # Whether a session without a file can be completed, no document says.
            push(session, "contract.txt", b"contract")
            self.target.control.raise_warning(session, kind)
            return session, kind
        session = self.workspace.open_session(self.cell, spec, self.workspace.new_item(self.cell.dialect, "ovf"))
        for file in self.settings.warning_files:
            push_own(session, file)
        return session, kind

    def second_door(self) -> Door:
        """The door of a user without any Content Library privilege, in this cell's dialect.

        Raises:
            NotTested: the run has no second user.
        """
        self.takes(Capability.SECOND_USER)
        return self.target.access.second[self.cell.dialect]

    @property
    def anonymous(self) -> Door:
        """A door that sends no token."""
        return self.target.access.anonymous

    @contextmanager
    def log_in(self, username: str | None = None, password: str | None = None) -> Iterator[Login]:
        """Log in once more in this cell's dialect, as the run's user or somebody else; logged out again at the end.

        Raises:
            NotTested: the server gives one token to all logins, so that to end this one would end the run's.
        """
        names = (username or self.settings.username, password or self.settings.password)
        login = log_in(self.anonymous, self.cell.dialect, *names, cell=str(self.cell), kind="other-token")
        if login.token is not None and login.token == self.target.access.doors[login.dialect].headers[TOKEN_HEADER]:
            raise NotTested("this takes a second login of the same user, and this server gives both the same token")
        try:
            yield login
        finally:
            if login.token is not None and not login.ended and is_left(answer := login.log_out()):
                self.target.left.append(login_left(answer))

    def takes(self, capability: Capability) -> None:
        """Go on only if the target has this.

        Raises:
            NotTested: it has not.
        """
        if capability in self.settings.lacks or self._lacks(capability):
            raise NotTested(capability.lacking)

    def _lacks(self, capability: Capability) -> bool:
        target, settings = self.target, self.settings
        lacking = {
            Capability.SECOND_USER: self.cell.dialect not in target.access.second,
            Capability.SUBSCRIBED_ITEM: target.control is None and settings.subscribed_item is None,
            Capability.WARNING_CONTENT: target.control is None and not settings.warning_files,
            Capability.UNDECLARED_METHODS: target.control is None,
            Capability.WRONG_PASSWORDS: target.control is None,
            Capability.MOVABLE_CLOCK: target.clock.is_real,
        }
        return lacking.get(capability, False)

    def look_behind(self, ended: PremiseFailed | NotTested) -> None:
        """Ask whether a test that ended at a file did so as the server has no files; once for each dialect.

        It is asked with a session of its own: one that is not what it should be any more may refuse a file, too.

        Raises:
            NotTested: it has none.
        """
        shown = ended.exchange
        if shown is None or shown.operation != FileOp.ADD or shown.status not in refusals.NO_SUCH_SERVICE:
            return
        self.takes(Capability.FILE_SERVICE)
        cell = Cell(self.cell.dialect, Service.UPDATE)
        ask = f"whether there are files under /{cell.dialect}"
        if self.target.once(ask, lambda: lacks_file_service(self.workspace.open_session(cell))):
            raise NotTested(Capability.FILE_SERVICE.lacking) from None

    def open_session(self, spec: Mapping[str, Any] | None = None) -> Session:
        """A new ACTIVE session of this cell."""
        return self.target.workspace.open_session(self.cell, spec)

    def open_rich_session(
        self, cell: Cell | None = None, item: str | None = None, progress: int | None = PROGRESS
    ) -> Session:
        """A new ACTIVE session of this cell, or of another one, of which each member holds something."""
        return open_rich_session(self.target, cell or self.cell, item, progress)

    def unknown_session(self) -> Session:
        """A handle on an id that no session of this cell has."""
        return self.target.workspace.unknown_session(self.cell)


@dataclass(frozen=True)
class Performance:
    """A scenario that has been played: what it found, and the defect of the suite that ended it, if any."""

    record: Record
    mistake: BaseException | None


def perform(body: Callable[[], object], stage: Stage) -> Performance:
    """Play one scenario and keep what it exchanged.

    Where something is held against the server, or could not be decided, and the server's word was missing on the way,
    that may be why: then it is played again, and what comes of that counts.
    """
    plays: dict[str, KeptPlay] = {}
    lost, done = _watched(body, stage, stage.name)
    for number in range(1, PLAYS):
        if not (lost or _may_be_due_to_doubt(done)):
            break
        stage.judge.begin_again()
        plays |= done.record.plays
        lost, done = _watched(body, stage, stage.name + AGAIN * number)
    if plays and (lost or _may_be_due_to_doubt(done)):
        stage.judge.doubt(LOST if lost else "the server's word was missing, also when the test was played again")
    told = Record.of(stage.judge, done.record.exchanges) if plays else done.record
    return Performance(replace(told, plays={**plays, **done.record.plays}), done.mistake)


def _watched(body: Callable[[], object], stage: Stage, name: str) -> tuple[bool, Performance]:
    """Play a test, and say whether it is in trouble and the server has lost everything meanwhile."""
    before, done = stage.workspace.losses, _played(body, stage, name)
    if not _is_in_trouble(done):
        return False, done
    if (recording := stage.target.recorder.answers) is None:
        return stage.target.losses() > before, done
    # A recording shows it by having the next play.
    has_lost = not _may_be_due_to_doubt(done) and recording.play(name + AGAIN) is not None
    if has_lost:
        stage.workspace.forget()
    return has_lost, done


def _is_in_trouble(done: Performance) -> bool:
    return done.mistake is not None or any(one.outcome in _TROUBLED for one in done.record.decisions)


def _may_be_due_to_doubt(done: Performance) -> bool:
    sent = (one for play in done.record.plays.values() for one in play.exchanges)
    return _is_in_trouble(done) and any(one.in_doubt or (is_of_a_gateway(one) and one.unheard is None) for one in sent)


def _played(body: Callable[[], object], stage: Stage, name: str) -> Performance:
    mistake: BaseException | None = None
    with stage.target.recorder.recording(name) as exchanges:
        stage.judge.traffic = exchanges
        try:
            with stage.judge.watching():
                try:
                    body()
                except (PremiseFailed, NotTested) as ended:
                    stage.look_behind(ended)
                    raise
                finally:
                    stage.judge.watch(_own(exchanges, stage, name))
            _require_traffic(exchanges, stage.judge)
        except Exception as problem:  # noqa: BLE001 - whatever it is, the plugin raises it in its own test
            mistake = problem
    return Performance(Record.of(stage.judge, exchanges, stage.target.recorder.taken(name)), mistake)


def _own(exchanges: Sequence[Exchange], stage: Stage, name: str) -> list[Exchange]:
    """What the test has sent itself: of what it shows of others, as of a campaign, the order says nothing."""
    play = stage.target.recorder.plays.get(name)
    ids = set() if play is None else {one.id for one in play.exchanges}
    return [one for one in exchanges if one.id in ids]


def _require_traffic(exchanges: Sequence[Exchange], judge: Judge) -> None:
    decided = [decision for decision in judge.decisions if decision.outcome in _DECIDED]
    if decided and not exchanges:
        judge.withdraw("the test sent no request")
        raise ScenarioMistake("the test sent no request, so it has proved nothing")


def perform_together(plays: Mapping[str, tuple[Callable[[], object], Stage]]) -> dict[str, Performance]:
    """Play scenarios at the same time, each in a thread, so that their waits overlap; by name."""
    done: dict[str, Performance] = {}

    def play(name: str) -> None:
        body, stage = plays[name]
        try:
            done[name] = perform(body, stage)
        except BaseException as ended:  # noqa: BLE001 - pytest.skip, say; the plugin raises it in its own test
            done[name] = Performance(Record.of(stage.judge, ()), ended)

    threads = [threading.Thread(target=copy_context().run, args=(play, name), name=name, daemon=True) for name in plays]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return done
