"""Runs of the suite as a user starts them, in this process or in one of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from contract_tests import cli
from contract_tests.mock.domain.world import DEFAULT_USER

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pytest

_PROGRAM = """\
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)
from contract_tests.cli import main
sys.exit(main())
"""
COMMAND = (sys.executable, "-c", _PROGRAM, "run")
"""As started on a terminal: a process that a script starts in the background is born deaf to Ctrl-C."""

PATIENCE = 900
"""Seconds that a process is waited for; it takes some of them, and all only where it hangs."""

SCENARIO = """\
from contract_tests.problems import Inconclusive, PremiseFailed
from contract_tests.rules.checks import Flaw, succeeds
from contract_tests.scenarios import clause

"""
"""How a scenario of a test begins."""


@dataclass(frozen=True)
class Run:
    """A run that has ended; `reports` is its folder."""

    code: int
    out: str
    err: str
    reports: Path

    @property
    def total_line(self) -> str:
        (line,) = [line for line in self.out.splitlines() if " cells = " in line]
        return line

    @property
    def cases(self) -> list[ET.Element]:
        return list(ET.parse(self.reports / "junit.xml").iter("testcase"))

    @property
    def results(self) -> Counter[str]:
        """Test cases of junit.xml by result."""
        kinds = {"failure": "failed", "error": "failed", "skipped": "skipped"}
        return Counter(next((kinds[one.tag] for one in case if one.tag in kinds), "passed") for case in self.cases)

    @property
    def verdicts(self) -> Mapping[str, list[tuple[str, str]]]:
        """What each test case says of its cell and clauses, by its name."""
        return {f"{case.get('classname')}::{case.get('name')}": facts(case) for case in self.cases}


def facts(case: ET.Element) -> list[tuple[str, str]]:
    """The facts of a test case in junit.xml: its cell, its clauses with their verdicts."""
    pairs = (line.partition(": ") for line in case.findtext("system-out", "").splitlines())
    return [(name, value) for name, _, value in pairs]


class Runner:
    """Starts runs; those in this process are faster, and can't be interrupted or play on several workers."""

    def __init__(self, reports: Path, capture: pytest.CaptureFixture[str]) -> None:
        self.reports = reports
        self._capture = capture

    def __call__(self, *arguments: str) -> Run:
        self._capture.readouterr()
        code = cli.main(["run", "--reports", str(self.reports), *arguments])
        out, err = self._capture.readouterr()
        return Run(code, out, err, self.reports)

    def apart(self, *arguments: str) -> Run:
        """In a process of its own."""
        with self.started(*arguments) as process:
            out, err = process.communicate(timeout=PATIENCE)
        return Run(process.returncode, out, err, self.reports)

    def started(self, *arguments: str, start_new_session: bool = False) -> subprocess.Popen[str]:
        command = [*COMMAND, "--reports", str(self.reports), *arguments]
        return subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=start_new_session,
        )

    def probe(self, scenario: str, *arguments: str) -> Run:
        """Run a scenario that is written for the test, in api-update only."""
        path = self.reports.parent / f"test_probe_{self.reports.parent.name}.py"
        path.write_text(SCENARIO + scenario)
        return self(str(path), "-k", "api-update", *arguments)


def credentials(
    patch: pytest.MonkeyPatch, name: str = DEFAULT_USER.name, password: str = DEFAULT_USER.password
) -> None:
    patch.setenv("CONTRACT_USERNAME", name)
    patch.setenv("CONTRACT_PASSWORD", password)
    # What the developer set for the outer pytest is not meant for the inner one.
    patch.delenv("PYTEST_ADDOPTS", raising=False)


def files(folder: Path) -> Sequence[Path]:
    """All files below a folder but the journals of runs that could not clean up."""
    found = (Path(root) / name for root, _, names in os.walk(folder) for name in names)
    return [path for path in found if not path.name.startswith("journal-")]
