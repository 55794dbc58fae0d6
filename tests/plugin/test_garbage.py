"""A run that has the process to itself spares the collector of garbage; one within another program leaves it alone."""

from __future__ import annotations

import gc
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .runs import Runner

_PROGRAM = """\
import gc, sys
from contract_tests.cli import main
before = gc.get_threshold()
for folder in sys.argv[1:]:
    main(["run", "-q", "-k", "test_keep_alive and no-body and api-update and not fuzz", "--reports", folder])
    print("frozen", gc.get_freeze_count(), gc.get_threshold() == before)
"""


def test_a_run_in_a_process_of_its_own_leaves_out_what_lasts(run: Runner) -> None:
    folders = [str(run.reports / name) for name in ("first", "second")]
    done = subprocess.run([sys.executable, "-c", _PROGRAM, *folders], capture_output=True, text=True, check=True)
    told = [line.split() for line in done.stdout.splitlines() if line.startswith("frozen")]
    assert [line[2] for line in told] == ["True", "True"]
    first, second = (int(line[1]) for line in told)
    assert first > 10_000
    # What is frozen is only ever freed with the process: a second run adds nothing to it.
    assert second <= first


def test_a_run_within_another_program_leaves_the_collector_alone(run: Runner) -> None:
    """This program is another one: its conftest.py has taken charge."""
    gc.freeze()
    frozen, thresholds = gc.get_freeze_count(), gc.get_threshold()
    run("-k", "test_keep_alive and no-body and api-update and not fuzz")
    # Some of what is frozen may be freed, as its last reference goes; nothing is added.
    assert 0 < gc.get_freeze_count() <= frozen
    assert gc.get_threshold() == thresholds
