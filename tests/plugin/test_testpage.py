"""report.html and junit.xml say of the machine what this suite has put there, and nothing else."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from html import unescape
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest
from pytest_metadata.plugin import CONTINUOUS_INTEGRATION

from contract_tests.mock import MockServer

from .runs import PATIENCE, Run, files

if TYPE_CHECKING:
    from pathlib import Path

    from .runs import Runner

NAMES = sorted({name for provider in CONTINUOUS_INTEGRATION for name in provider})
SECRET = "https://ci:glpat-of-a-pipeline@git.example/me.git"

TOLD = {
    "Target",
    "Target says it is",
    "TLS",
    "Dialects",
    "Session timeout",
    "Clock",
    "Gate",
    "Seed",
    "Suite",
    "Contract",
}
CHOSEN = ("-k", "without_a_body_it_succeeds", "-v")


@pytest.fixture(autouse=True)
def pipeline(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine where every variable that pytest-metadata knows of is set."""
    assert {"GIT_URL", "CIRCLE_REPOSITORY_URL", "GITLAB_USER_EMAIL"} <= set(NAMES)
    for name in NAMES:
        monkeypatch.setenv(name, SECRET)


def environment(page: str) -> dict[str, str]:
    """The environment table of a page of pytest-html."""
    (blob,) = re.findall(r'data-jsonblob="([^"]*)"', page)
    table: dict[str, str] = json.loads(unescape(blob))["environment"]
    return table


def assert_told(finished: Run) -> None:
    assert finished.code == 0, finished.err
    page = (finished.reports / "report.html").read_text()
    assert set(environment(page)) == TOLD | {"Run", "Ledger", "Left on the target", "Complete"}
    (suite,) = ET.parse(finished.reports / "junit.xml").iter("testsuite")
    assert {one.get("name") for one in suite.findall("properties/property")} == TOLD | {"run"}
    texts = {path.name: path.read_text() for path in files(finished.reports)} | {"out": finished.out + finished.err}
    assert [name for name, text in texts.items() if SECRET in text or "glpat" in text] == []


def test_a_run(run: Runner) -> None:
    assert_told(run(*CHOSEN))


def test_a_run_of_two_workers(run: Runner) -> None:
    assert_told(run.apart(*CHOSEN, "-n", "2"))


def test_plain_pytest(run: Runner, pytestconfig: pytest.Config) -> None:
    command = [sys.executable, "-m", "pytest", "contract_tests/scenarios", "--reports", str(run.reports), *CHOSEN]
    plain = [*command, "-p", "no:cacheprovider", "-W", "default"]
    ended = subprocess.run(
        plain, check=False, capture_output=True, text=True, cwd=pytestconfig.rootpath, timeout=PATIENCE
    )
    assert_told(Run(ended.returncode, ended.stdout, ended.stderr, run.reports))


def test_a_page_of_ones_own_place_is_whole_and_closed_too(run: Runner, tmp_path: Path) -> None:
    place = tmp_path / "elsewhere" / "page.html"
    assert run(*CHOSEN, "--html", str(place)).code == 0
    page = place.read_text()
    assert "default-src 'none'; style-src 'sha256-" in page
    assert "<style" in page
    assert "<link" not in page
    assert set(environment(page)) > TOLD


def test_header_page_and_properties_say_that_nobody_speaks_tls(run: Runner) -> None:
    with MockServer() as server:
        finished = run(*CHOSEN, "--target", server.url, "--insecure")
    assert ", no TLS" in next(line for line in finished.out.splitlines() if line.startswith("contract: http://"))
    assert environment((finished.reports / "report.html").read_text())["TLS"] == "no TLS"
