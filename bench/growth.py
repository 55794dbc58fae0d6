"""How the time of a run grows with what it meets: sessions of others, examples, cells, exchanges to report.

    python -m bench.growth [--rounds 1]

Each table doubles, or multiplies, one number and leaves all else; `growth` is how much longer it took than the row
before, divided by how much more there was: 1 is linear, less is better. Seconds are those of processors, of the run
and its server together.

- strangers: scenarios of progress in one cell against the mock on a real clock, which holds so many ACTIVE sessions
  of the same user, so that they are in every list.
- examples: campaigns with so many examples for an operation, under /api.
- cells: scenarios of progress in one, two and four cells.
- reports: writing evidence.har, conformance.json and conformance.html of so many tests, and of all exchanges of each.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from contract_tests.contract import CELLS
from contract_tests.contract.words import Service
from contract_tests.mock import MockServer, Parts
from contract_tests.mock.domain.model import LibraryType
from contract_tests.mock.domain.sessions import Sessions
from contract_tests.mock.domain.world import DEFAULT_USER
from contract_tests.reporting.views.page import page
from contract_tests.traffic.archive import FILE, Recording, read_recording, write_recording
from tests.unit.reporting.sample import sample

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_RUN = "import sys; from contract_tests.cli import main; sys.exit(main())"
_PROGRESS = "test_progress and not fuzz"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=1, help="of each row the least of so many is taken")
    rounds = parser.parse_args().rounds
    _table("strangers", [1, 1_000, 10_000], rounds, _among_strangers)
    _table("examples", [25, 50, 100, 200], rounds, _with_examples)
    _table("cells", [1, 2, 4], rounds, _in_cells)
    with tempfile.TemporaryDirectory() as folder:
        _run("", "-k", f"{_PROGRESS} and {CELLS[0]}", reports=Path(folder))
        recording = read_recording(Path(folder) / FILE)
        _table("reports", [1, 2, 4, 8], rounds, lambda number: _written(recording, number))
    return 0


def _table(name: str, sizes: Iterable[int], rounds: int, measure: Callable[[int], float]) -> None:
    measured = {size: min(measure(size) for _ in range(rounds)) for size in sizes}
    print(f"{name:>12}{'seconds':>10}{'growth':>9}")
    before = None
    for size, seconds in measured.items():
        growth = f"{seconds / measured[before] / (size / before):.2f}" if before else ""
        print(f"{size:12,}{seconds:10.2f}{growth:>9}  {'#' * round(40 * seconds / max(measured.values()))}")
        before = size
    print(flush=True)


def _among_strangers(number: int) -> float:
    class Crowded(Sessions):
        def __init__(self, *parts: Any, **named: Any) -> None:
            super().__init__(*parts, **named)
            home = self.libraries.add_library("of others", "", LibraryType.LOCAL).id
            for count in range(number):
                item = self.libraries.add_item(home, f"item {count}").id
                self.create(Service.UPDATE, DEFAULT_USER.name, {"library_item_id": item})

    before = os.times()
    with MockServer(parts=Parts(sessions=Crowded)) as server:
        began = _busy(before)  # the making of the crowd is not counted
        return _run(server.url, "-k", f"{_PROGRESS} and {CELLS[0]}", "--max-wait", "0") + _busy(before) - began


def _with_examples(number: int) -> float:
    return _run("", "contract_tests/fuzz/campaigns", "-k", "api", "--fuzz-examples", str(number))


def _in_cells(number: int) -> float:
    return _run("", "-k", f"{_PROGRESS} and ({' or '.join(map(str, CELLS[:number]))})")


def _written(recording: Recording, number: int) -> float:
    """Seconds to write a run of so many times the plays, and a page with so many exchanges for each test."""
    plays = {f"{name} {count}": play for name, play in recording.plays.items() for count in range(number)}
    report = sample(steps=number)
    began = time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        write_recording(Path(folder) / FILE, Recording(recording.settings, plays))
        (Path(folder) / "conformance.json").write_text(report.model_dump_json(indent=1), encoding="utf-8")
        (Path(folder) / "conformance.html").write_text(page(report), encoding="utf-8")
    return time.process_time() - began


def _run(url: str, *words: str, reports: Path | None = None) -> float:
    """Seconds of the run's processors.

    Raises:
        SystemExit: the run does not succeed; the text is its output.
    """
    before = os.times()
    who = {"CONTRACT_USERNAME": DEFAULT_USER.name, "CONTRACT_PASSWORD": DEFAULT_USER.password} if url else {}
    target = ["--target", url] if url else []
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-c", _RUN, "run", "--seed", "1", "--reports", str(reports or folder)]
        done = subprocess.run(  # noqa: S603 - of this interpreter
            [*command, *target, *words], env=os.environ | who, capture_output=True, check=False, text=True
        )
    if done.returncode:
        sys.exit(f"{' '.join(words)} ended with {done.returncode}:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return _children(before)


def _busy(before: os.times_result) -> float:
    now = os.times()
    return now.user - before.user + now.system - before.system


def _children(before: os.times_result) -> float:
    now = os.times()
    return now.children_user - before.children_user + now.children_system - before.children_system


if __name__ == "__main__":
    sys.exit(main())
