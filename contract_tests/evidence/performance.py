"""One scenario being played: what it is given, what it exchanges, how it ends."""

from __future__ import annotations

import threading
from contextvars import copy_context
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from contract_tests.evidence.judge import Judge, ScenarioMistake
from contract_tests.evidence.records import Record
from contract_tests.target import Inconclusive, NotTested
from contract_tests.target.files import push

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from contract_tests.contract import Cell, Clause
    from contract_tests.exchange import Exchange
    from contract_tests.target import Clock, Door, Session, Settings, Target, Workspace

_WARNING = "UNTRUSTED_CERTIFICATE"
"""The warning that the mock is told to raise; any of the documented types would do."""


@dataclass
class Stage:
    """What a scenario may ask for by name: one stage for each test and cell."""

    target: Target
    cell: Cell
    cited: Sequence[Clause]
    seed: int
    judge: Judge = field(init=False)

    def __post_init__(self) -> None:
        self.judge = Judge(self.cell, self.cited)

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
        if self.settings.subscribed_item is not None:
            return self.settings.subscribed_item
        if self.target.control is None:
            raise NotTested("this takes an item of a subscribed library; name one in the profile (subscribed_item)")
        return self.target.control.subscribed_item()

    def open_session_with_warning(self) -> tuple[Session, str]:
        """A new update session whose preview has raised a warning, and the WarningType.

        Raises:
            NotTested: the target is not our mock, and the profile names no content that raises one.
        """
        if self.target.control is not None:
            session = self.open_session()
            self.target.control.raise_warning(session, _WARNING)
            return session, _WARNING
        if not self.settings.warning_files:
            raise NotTested(
                "this takes content whose preview raises a warning; name it in the profile (warning_content)"
            )
        session = self.workspace.open_session(self.cell, item=self.workspace.new_item(self.cell.dialect, "ovf"))
        for path in self.settings.warning_files:
            push(session, path.name, path.read_bytes())
        return session, self.settings.warning_kind

    def second_door(self) -> Door:
        """The door of a user without any Content Library privilege, in this cell's dialect.

        Raises:
            Inconclusive: the run has no second user.
        """
        door = self.target.access.second.get(self.cell.dialect)
        if door is None:
            raise Inconclusive(
                "this takes a second user without Content Library privileges; name one in the profile (second_user)"
            )
        return door

    @property
    def anonymous(self) -> Door:
        """A door that sends no token."""
        return self.target.access.anonymous

    def open_session(self, spec: Mapping[str, Any] | None = None) -> Session:
        """A new ACTIVE session of this cell."""
        return self.target.workspace.open_session(self.cell, spec)

    def unknown_session(self) -> Session:
        """A handle on an id that no session of this cell has."""
        return self.target.workspace.unknown_session(self.cell)


@dataclass(frozen=True)
class Performance:
    """A scenario that has been played: what it found, and the defect of the suite that ended it, if any."""

    record: Record
    mistake: BaseException | None


def perform(body: Callable[[], object], stage: Stage) -> Performance:
    """Play one scenario and keep what it exchanged."""
    mistake: BaseException | None = None
    with stage.target.recorder.recording() as exchanges:
        try:
            with stage.judge.watching():
                body()
            _require_traffic(exchanges)
        except Exception as problem:  # noqa: BLE001 - whatever it is, the plugin raises it in its own test
            mistake = problem
    return Performance(Record.of(stage.judge, exchanges), mistake)


def _require_traffic(exchanges: Sequence[Exchange]) -> None:
    if not exchanges:
        raise ScenarioMistake("the test sent no request, so it has proved nothing")


def perform_together(plays: Mapping[str, tuple[Callable[[], object], Stage]]) -> dict[str, Performance]:
    """Play scenarios at the same time, each in a thread, so that their waits overlap; by name."""
    done: dict[str, Performance] = {}

    def play(name: str) -> None:
        done[name] = perform(*plays[name])

    threads = [threading.Thread(target=copy_context().run, args=(play, name), name=name, daemon=True) for name in plays]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return done
