"""Each command and each exit code, from a wheel in a fresh environment, called in an empty folder."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from contract_tests import __version__, cli
from contract_tests.mock import MockServer
from contract_tests.mock.domain.world import DEFAULT_USER
from tests.plugin.test_closing import CHOSEN, wrong

from .pythons import OLDEST, supported

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(cli.__file__).parents[2]
PATIENCE = 300
QUICK = ("-k", "test_without_a_body_it_succeeds")
FOUND = supported()
WANTED = sorted({OLDEST, max(FOUND)})
"""The oldest that is supported, and the newest that is here."""


@dataclass(frozen=True)
class Call:
    """A command line, the exit code that it ends with, and words that it prints."""

    line: tuple[str, ...]
    code: int
    says: str

    @classmethod
    def of(cls, line: str, *more: str, code: int = 0, says: str) -> Call:
        return cls((*line.split(), *more), code, says)


def calls(right: str, wrong_server: str) -> tuple[Call, ...]:
    """What is called, in this order: the later ones read what the earlier ones have written."""
    return (
        Call.of("--version", says=f"cl-contract {__version__}"),
        Call.of("rum", code=4, says="did you mean run?"),
        Call.of("run --version", says=f"cl-contract {__version__} (pytest "),
        Call.of("run --help", says="--session-timeout S"),
        Call.of("run", *QUICK, says="✓ Conforms"),
        Call.of("run contract_tests/fuzz --reports fuzz -k", "hostile and api-update", says="✓ Conforms"),
        Call.of("run -n 2 --reports two -k", "test_lists and api", says="✓ Conforms"),
        Call.of(f"run --reports right --target {right}", *CHOSEN, says=f"contract: {right} (cl-contract-mock/"),
        Call.of(f"run --reports red --target {wrong_server}", *CHOSEN, code=1, says="✗ Violates: "),
        Call.of("run --reports late --time-limit 3", code=2, says="its time limit of 3 s is reached"),
        Call.of("run --reports odd", *QUICK, code=3, says="a report is missing: odd/conformance.html"),
        Call.of("run --max-wait x", code=4, says="argument --max-wait: invalid float value"),
        Call.of("run -k nosuchtest", code=5, says="no test is selected by -k nosuchtest"),
        Call.of(f"run --reports idle --clause expiry.ends-promptly --target {right}", code=5, says="· Nothing decided"),
        Call.of("diff reports reports", says="No regression"),
        Call.of("diff right red", code=1, says="Regressed: "),
        Call.of("merge reports fuzz --reports merged", says="reports: merged"),
        Call.of("verify reports", says="the same verdicts come out"),
        Call.of("summary red", says="✗ Contract: Violates"),
        Call.of("badge reports", says="<svg"),
        Call.of("schema", says='"$schema"'),
        Call.of("explain keep-alive.no-body --reports reports", says="conforms"),
        Call.of("clauses --level must --subject keep-alive", says="keep-alive.no-body"),
        Call.of("faults --clause create.idempotent", says="client tokens are not remembered"),
        Call.of("repro errors.body --reports red", says="#!/bin/sh"),
        Call.of("sweep", says="no journal in reports tells of a run"),
    )


def done(*command: str | Path, cwd: Path, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*map(str, command)], cwd=cwd, env=env, capture_output=True, text=True, check=False, timeout=PATIENCE
    )


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    installing(done(sys.executable, "-m", "pip", "wheel", "--no-deps", "--wheel-dir", folder, ROOT, cwd=folder))
    (path,) = folder.glob("*.whl")
    return path


def installing(ended: subprocess.CompletedProcess[str]) -> None:
    """What pip can't reach no wheel can be installed from: that is no test then, except in CI."""
    if ended.returncode and "connection" in ended.stderr.lower() and not os.environ.get("CI"):
        pytest.skip(f"pip can reach no package index: {ended.stderr.strip().splitlines()[-1]}")
    assert ended.returncode == 0, ended.stderr


def installed(wheel: Path, version: tuple[int, int], folder: Path) -> Path:
    """The folder of programs of a fresh environment that holds the wheel, and what it needs as it is pinned."""
    environment = folder / "environment"
    made = done(FOUND[version], "-m", "venv", "--without-pip", environment, cwd=folder)
    assert made.returncode == 0, made.stderr
    programs = environment / "bin"
    pip: list[str | Path] = [
        sys.executable,
        "-m",
        "pip",
        "--python",
        programs / "python",
        "install",
        "--quiet",
        "--no-compile",
    ]
    installing(done(*pip, "--constraint", ROOT / "constraints.txt", wheel, cwd=folder))
    return programs


def wrong_about(call: Call, programs: Path, here: Path, environment: dict[str, str]) -> Iterator[str]:
    ended = done(programs / "cl-contract", *call.line, cwd=here, env=environment)
    told = ended.stdout + ended.stderr
    if (ended.returncode, call.says in told, "Traceback" in told) != (call.code, True, False):
        yield f"{' '.join(call.line)}: exit code {ended.returncode}\n{told}"


@pytest.mark.no_cover
@pytest.mark.parametrize("version", WANTED, ids=lambda version: "{}.{}".format(*version))
def test_every_command_and_exit_code(version: tuple[int, int], wheel: Path, tmp_path: Path) -> None:
    if version not in FOUND:
        assert not os.environ.get("CI"), f"CI needs Python {version}: found {FOUND}"
        pytest.skip("there is no Python {}.{} on this machine".format(*version))
    programs, here = installed(wheel, version, tmp_path), tmp_path / "here"
    (here / "odd" / "conformance.html" / "in the way").mkdir(parents=True)
    left_out = ("PYTHON", "PYTEST", "CONTRACT_")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(left_out)}
    environment |= {"CONTRACT_USERNAME": DEFAULT_USER.name, "CONTRACT_PASSWORD": DEFAULT_USER.password}
    where = "import contract_tests; print(contract_tests.__file__)"
    asked = done(programs / "python", "-c", where, cwd=here, env=environment)
    assert Path(asked.stdout.strip()).is_relative_to(programs.parent)
    command = [str(programs / "cl-contract"), "mock", "--session-timeout", "300"]
    with (
        MockServer(control=True, parts=wrong()) as server,
        subprocess.Popen(command, cwd=here, stdout=subprocess.PIPE, text=True, env=environment) as process,
    ):
        assert process.stdout is not None
        try:
            url = process.stdout.readline().strip()
            otherwise = [
                told for call in calls(url, server.url) for told in wrong_about(call, programs, here, environment)
            ]
            process.send_signal(signal.SIGINT)
            assert process.wait(timeout=PATIENCE) == 0
        finally:
            process.kill()
    assert "\n".join(otherwise) == ""
    lies = {path.name for path in (here / "reports").iterdir()}
    assert lies == {"conformance.html", "conformance.json", "evidence.har", "junit.xml", "report.html"}


def test_no_command_is_forgotten() -> None:
    called = {call.line[0] for call in calls("", "")}
    assert called - {"--version", "rum"} == {*cli._COMMANDS} - {"mock"}


def test_no_exit_code_is_forgotten() -> None:
    assert {call.code for call in calls("", "")} == {*range(6)}
