"""One scenario being played: what it is given, what it exchanges, how it ends."""

from __future__ import annotations

import threading
from contextvars import copy_context
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from contract_tests.evidence.judge import Judge, ScenarioMistake
from contract_tests.evidence.records import Record

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from contract_tests.contract import Cell, Clause
    from contract_tests.exchange import Exchange
    from contract_tests.target import Clock, Session, Settings, Target, Workspace


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
