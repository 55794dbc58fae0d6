"""Exchanges a second of the scenarios beside those of a bare loop of httpx: the same mock server, in one run.

    python bench/scenario_speed.py [--requests 5000]

The bare loop reads one session again and again by one client, and looks at no answer. The scenarios are
`cl-contract run contract_tests/scenarios` in one process, from its start to its end: imports, collection, judging and
all reports are in its time. Beside the time on the clock stands that of the processors, which what else runs on the
machine changes less.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx

from contract_tests.contract import CELLS
from contract_tests.driver import Settings, open_target

_RUN = "import sys; from contract_tests.cli import main; sys.exit(main())"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=5000, help="of the bare loop")
    options = parser.parse_args()
    bare = _told("bare loop", options.requests, *_bare_loop(options.requests))
    scenarios = _told("scenarios", *_scenarios())
    by_clock, by_processors = (ours / theirs for ours, theirs in zip(scenarios, bare, strict=True))
    print(f"scenarios / bare loop: {by_clock:.2f} by the clock, {by_processors:.2f} by processors")
    return 0


def _told(name: str, exchanges: int, seconds: float, processors: float) -> tuple[float, float]:
    rates = exchanges / seconds, exchanges / processors
    print(
        f"{name}: {exchanges} exchanges in {seconds:.1f} s ({rates[0]:.0f} a second), "
        f"{processors:.1f} s of processors ({rates[1]:.0f} a second)",
        flush=True,
    )
    return rates


def _bare_loop(requests: int) -> tuple[float, float]:
    with open_target(Settings(), lambda _seconds: None) as target:
        session = target.workspace.open_session(CELLS[0])
        address, headers = session.read().request.url, session.door.headers
        with httpx.Client(headers=headers) as client:
            began, busy = time.monotonic(), time.process_time()
            for _ in range(requests):
                client.get(address).raise_for_status()
            return time.monotonic() - began, time.process_time() - busy


def _scenarios() -> tuple[int, float, float]:
    with tempfile.TemporaryDirectory() as folder:
        began, before = time.monotonic(), os.times()
        subprocess.run(  # noqa: S603 - our own words
            [sys.executable, "-c", _RUN, "run", "contract_tests/scenarios", "--reports", folder],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        seconds, after = time.monotonic() - began, os.times()
        told = json.loads((Path(folder) / "conformance.json").read_text(encoding="utf-8"))
    busy = after.children_user - before.children_user + after.children_system - before.children_system
    return told["run"]["requests"], seconds, busy


if __name__ == "__main__":
    sys.exit(main())
