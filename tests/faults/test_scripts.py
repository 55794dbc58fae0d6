"""A script shows a flaw again on a server that is wrong in the same way, and not on the right one."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING
from unittest import mock

import pytest

from contract_tests import cli
from contract_tests.contract import DEFAULT_TIMEOUT
from contract_tests.faults import FAULTS
from contract_tests.mock import MockServer
from contract_tests.mock.domain.world import DEFAULT_USER

from .play import BRISKLY, SECOND, scenarios_citing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from contract_tests.faults.fault import Fault

SAMPLE = (
    "a refused keep-alive cancels the session",
    "keep-alive refuses an empty object",
    "an update sets the state",
    "keep-alive in rest-update is not there",
    "keep-alive cancels as well",
    "update needs no token",
    "create answers 201 under /rest",
    "client tokens are forgotten when the session is used",
    "the content version of the item grows with each upload",
    "cancel deletes the session",
    "a refused delete takes the files",
    "the cause of an error has numbers for args",
    "wrapped errors have no type",
    "a 404 has its message as an object",
    "sessions live four minutes by default",
    "fail publishes",
    "XML in UTF-16 crashes the server",
    "an empty list is null",
    "an update beyond the half loses the files",
    "state is left out",
    "a preview says of every warning that it is ignored",
    "a lower progress is stored",
    "a null progress resets it",
    "malformed JSON is refused and extends the life",
    "an update takes an empty list for none",
)
"""Faults of all subjects: of statuses, bodies, times, ids, content, tokens, and of what a request left behind."""

USERS = {
    "CONTRACT_USERNAME": DEFAULT_USER.name,
    "CONTRACT_PASSWORD": DEFAULT_USER.password,
    "CONTRACT_SECOND_USERNAME": SECOND.name,
    "CONTRACT_SECOND_PASSWORD": SECOND.password,
}

pytestmark = pytest.mark.skipif(
    not (shutil.which("sh") and shutil.which("curl")), reason="a script takes a POSIX shell and curl"
)


@contextmanager
def serving(wrong: Fault | None) -> Iterator[str]:
    server = MockServer(
        control=True,
        parts=None if wrong is None else wrong.parts,
        other_users=[SECOND],
        session_timeout=DEFAULT_TIMEOUT if wrong is None else wrong.timeout,
    )
    with server:
        yield server.url


def recorded(wrong: Fault, reports: Path) -> None:
    """Run the scenarios that find a fault, in the first cell where they are played."""
    (reports / "profile.toml").write_text("[second_user]\n")
    within = f"{wrong.cells[0] if wrong.cells[0] in wrong.played_in else wrong.played_in[0]}"
    chosen = ["-k", f"{within} and ({wrong.only})" if wrong.only else within]
    with (
        serving(wrong) as url,
        mock.patch("contract_tests.reporting.files.page", lambda report, _scripts: report.run.id),
        mock.patch.dict(os.environ, USERS),
    ):
        os.environ.pop("PYTEST_ADDOPTS", None)
        given = ["--target", url, "--reports", str(reports), "--profile", str(reports / "profile.toml")]
        cli.main(["run", *given, "--seed", "20261120", *BRISKLY, "--tb=line", *scenarios_citing(wrong.plays), *chosen])


def played(script: Path, target: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CONTRACT_")} | USERS
    command = ["sh", str(script), target]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)


@pytest.mark.no_cover
@pytest.mark.parametrize("wrong", [one for one in FAULTS if one.name in SAMPLE], ids=lambda wrong: wrong.name)
def test_a_script_shows_a_flaw_again(wrong: Fault, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    recorded(wrong, tmp_path)
    capfdbinary.readouterr()
    slug = min(wrong.found)
    assert cli.main(["repro", slug, "--reports", str(tmp_path)]) == 0
    script = tmp_path / "script.sh"
    script.write_bytes(capfdbinary.readouterr().out)
    with serving(wrong) as url:
        again = played(script, url)
    with serving(None) as url:
        otherwise = played(script, url)
    assert (again.returncode, again.stderr) == (1, ""), again.stdout
    assert re.search(r"\Aexpected: .+\nin the run: .+\nnow: .+\nseen again: ", again.stdout)
    assert (otherwise.returncode, otherwise.stderr) == (0, ""), otherwise.stdout
    assert "not seen again: " in otherwise.stdout


def test_the_sample_names_faults_that_there_are() -> None:
    assert set(SAMPLE) <= {one.name for one in FAULTS}
