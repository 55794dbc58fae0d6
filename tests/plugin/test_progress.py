"""How far a run is, as it is told on a terminal and in a pipe."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial

import pytest

from contract_tests.plugin.progress import EVERY, EVERY_CLEANING, SILENCE, ProgressLine
from contract_tests.plugin.status import Status, StatusFile, StatusFolder, cleaned
from contract_tests.plugin.waits import Countdown, Waits, wait_sentence


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


def sentence(*processes: Waits) -> str:
    return wait_sentence(one for waits in processes if (one := waits.current()) is not None)


@dataclass
class Watch:
    """A clock that is set by hand, and what a run is at."""

    now: float = 100.0
    cleaning: tuple[int, int] | None = None
    is_ending: bool = False

    def progress(self, paper: Paper) -> tuple[ProgressLine, Waits]:
        waits = Waits(lambda: self.now)
        waits.sessions = lambda: 12
        progress = ProgressLine(
            paper, lambda: sentence(waits), lambda: self.cleaning, lambda: self.now, lambda: self.is_ending
        )
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
    assert sentence(waits) == ""
    waits.begin(100)
    watch.now += 42
    waits.begin(100)
    waits.begin(10)
    assert sentence(waits) == "waiting for expiry: 42 of 142 s, 12 sessions"
    watch.now += 100
    assert sentence(waits) == ""
    waits.begin(1)
    assert sentence(waits) == "waiting for expiry: 0 of 1 s, 12 sessions"


def test_of_waits_of_several_processes_that_is_told_which_is_over_last() -> None:
    watch = Watch()
    (_, one), (_, other) = (watch.progress(Paper(is_live=True)) for _ in range(2))
    one.begin(100)
    watch.now += 50
    other.begin(60)
    assert sentence(one, other) == "waiting for expiry: 0 of 60 s, 24 sessions"
    watch.now += 55
    assert sentence(one, other) == "waiting for expiry: 55 of 60 s, 12 sessions"


@pytest.mark.parametrize("is_ending", [True, False])
def test_in_a_pipe_cleaning_up_is_told_at_once_and_then_every_other_second_to_who_waits(is_ending: bool) -> None:  # noqa: FBT001
    watch, paper = Watch(is_ending=is_ending), Paper(is_live=False)
    progress, _ = watch.progress(paper)
    watch.cleaning = (120, 745)
    progress.tick()
    progress.tick()
    watch.now, watch.cleaning = watch.now + EVERY_CLEANING, (300, 745)
    progress.tick()
    progress.tick()
    assert paper.written == ["cleaning up, 120 of 745 objects", *["cleaning up, 300 of 745 objects"] * is_ending]


def test_on_a_terminal_cleaning_up_is_drawn_at_once() -> None:
    watch, paper = Watch(), Paper(is_live=True)
    progress, _ = watch.progress(paper)
    watch.cleaning = (1, 745)
    progress.tick()
    assert paper.written == ["drawn: cleaning up, 1 of 745 objects"]


def test_nothing_is_told_before_it_is_known_how_many_tests_there_are() -> None:
    watch, paper = Watch(), Paper(is_live=True)
    progress, _ = watch.progress(paper)
    progress.total = 0
    watch.now += SILENCE
    progress.tick()
    assert paper.written == []


def test_workers_tell_what_they_are_at_by_a_file_each() -> None:
    folder, at = StatusFolder(), {"gw0": Status(), "gw1": Status()}
    workers = {name: StatusFile(folder.of(name), partial(at.__getitem__, name)) for name in at}

    def told() -> list[Status]:
        for one in workers.values():
            one.tell()
        return folder.read()

    assert told() == []
    at["gw0"] = waiting = Status(Countdown(1.0, 320.0, 12))
    assert told() == [waiting]
    at["gw0"], at["gw1"] = Status(cleaning=(10, 100)), Status(cleaning=(5, 50))
    assert cleaned(told()) == (15, 150)
    at["gw1"] = Status()
    assert cleaned(told()) == (60, 150)  # the one that is done counts until the others are
    at["gw0"] = Status()
    assert cleaned(told()) is None
    folder.of("gw2").write_text("{")  # half of it
    assert len(folder.read()) == 2
    place = folder.of("gw0").parent
    folder.close()
    assert not place.exists()
    workers["gw0"].tell()
