"""How far a run is, as it is told on a terminal and in a pipe."""

from __future__ import annotations

from dataclasses import dataclass, field

from contract_tests.plugin.progress import EVERY, SILENCE, ProgressLine
from contract_tests.plugin.waits import Waits


@dataclass
class Paper:
    """Keeps what it is shown."""

    is_live: bool
    written: list[str] = field(default_factory=list)

    def write_line(self, text: str) -> None:
        self.written.append(text)

    def draw(self, text: str) -> None:
        self.written.append(f"drawn: {text}")

    def erase(self) -> None:
        self.written.append("erased")


@dataclass
class Watch:
    """A clock that is set by hand, and what a run is at."""

    now: float = 100.0
    cleaning: tuple[int, int] | None = None

    def progress(self, paper: Paper) -> tuple[ProgressLine, Waits]:
        waits = Waits(lambda: self.now)
        waits.sessions = lambda: 12
        progress = ProgressLine(paper, waits.sentence, lambda: self.cleaning, lambda: self.now)
        progress.total = 400
        return progress, waits


def test_in_a_pipe_a_plain_line_every_half_minute() -> None:
    watch, paper = Watch(), Paper(is_live=False)
    progress, waits = watch.progress(paper)
    waits.begin(320)
    progress.done()
    for _ in range(122):
        progress.tick()
        watch.now += 0.5
    assert EVERY == 30
    assert paper.written == [
        "1 of 400 tests, 30 s; waiting for expiry: 30 of 320 s, 12 sessions",
        "1 of 400 tests, 60 s; waiting for expiry: 60 of 320 s, 12 sessions",
    ]


def test_on_a_terminal_a_line_that_is_rewritten_and_erased_before_anybody_else_writes() -> None:
    watch, paper = Watch(), Paper(is_live=True)
    progress, _ = watch.progress(paper)
    progress.tick()
    assert paper.written == []
    watch.now += SILENCE
    progress.tick()
    progress.tick()
    progress.clear()
    progress.clear()
    progress.tick()
    progress.end()
    watch.now += SILENCE
    progress.tick()
    assert paper.written == ["drawn: 0 of 400 tests, 2 s", "drawn: 0 of 400 tests, 2 s", "erased"]


def test_waits_that_overlap_are_one_and_one_that_is_over_is_none() -> None:
    watch = Watch()
    _, waits = watch.progress(Paper(is_live=True))
    assert waits.sentence() == ""
    waits.begin(100)
    watch.now += 42
    waits.begin(100)
    waits.begin(10)
    assert waits.sentence() == "waiting for expiry: 42 of 142 s, 12 sessions"
    watch.now += 100
    assert waits.sentence() == ""
    waits.begin(1)
    assert waits.sentence() == "waiting for expiry: 0 of 1 s, 12 sessions"


def test_cleaning_up_is_told_at_once_and_once_in_a_pipe() -> None:
    watch, paper = Watch(), Paper(is_live=False)
    progress, _ = watch.progress(paper)
    watch.cleaning = (120, 745)
    progress.tick()
    progress.tick()
    assert paper.written == ["cleaning up, 120 of 745 objects"]
