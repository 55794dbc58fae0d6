"""What the user has to mend first: one sentence, exit code 4, no test run."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from contract_tests import __version__, cli
from contract_tests.mock import MockServer

from .runs import Run, Runner, credentials

if TYPE_CHECKING:
    from collections.abc import Iterator

CHECKOUT = Path(cli.__file__).parents[2]


class Page(BaseHTTPRequestHandler):
    """Answers everything with a web page."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("content-length", 0)))
        page = b"<!doctype html><title>Welcome</title>"
        self.send_response(200)
        self.send_header("content-type", "text/html")
        self.send_header("content-length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)

    do_GET = do_POST  # noqa: N815 - the base class wants these names

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def web_server() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def said(finished: Run) -> str:
    """The one sentence that a run ended with."""
    assert finished.code == 4
    (sentence,) = finished.err.strip().splitlines()
    text = finished.out + finished.err
    for word in ("Traceback", "passed", "failed", "collected", "INTERNALERROR"):
        assert word not in text
    return sentence


def test_nothing_listens(run: Runner) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"http://127.0.0.1:{taken.getsockname()[1]}"
    assert f"{address} can't be reached" in said(run("--target", address))


def test_a_web_server(run: Runner, web_server: str) -> None:
    sentence = said(run("--target", web_server))
    assert f"{web_server} does not speak the API under test" in sentence
    assert "HTML" in sentence


def test_a_wrong_password(run: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    credentials(monkeypatch, password="a wrong password")
    with MockServer() as server:
        sentence = said(run("--target", server.url))
    assert "refuses the user name and password" in sentence
    assert "a wrong password" not in sentence


def test_no_password(run: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CONTRACT_PASSWORD")
    assert "CONTRACT_PASSWORD" in said(run("--target", "http://127.0.0.1:9"))


@pytest.mark.parametrize(
    ("options", "word"),
    [
        (["--target", "vc.example"], "https://vc.example"),
        (["--target", "https://vc.example/api"], "has a path"),
        (["--target", "https://me:secret@vc.example"], "CONTRACT_PASSWORD"),
        (["--max-wait", "-1"], "--max-wait"),
        (["--session-timeout", "0"], "--session-timeout"),
        (["--session-timeout", "2"], "--session-timeout 2 can't be judged"),
        (["--session-timeout", "1e300"], "a year at most"),
        (["--session-timeout", "nan"], "--session-timeout nan"),
        (["--insecure", "--ca-bundle", "ca.pem"], "contradict"),
        (["--target", "https://127.0.0.1:9", "--ca-bundle", "no-such-file.pem"], "no-such-file.pem"),
    ],
)
def test_options_that_can_not_be(run: Runner, options: list[str], word: str) -> None:
    assert word in said(run(*options))


def test_reports_of_an_earlier_run_are_not_taken_for_those_of_this_one(run: Runner) -> None:
    run.reports.mkdir()
    assert "earlier" not in said(run("--target", "vc.example"))
    (run.reports / "conformance.json").write_text("{}")
    assert f"; {run.reports / 'conformance.json'} is that of an earlier run" in said(run("--target", "vc.example"))


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--max-wait", "x"], "cl-contract run: error: argument --max-wait: invalid float value: 'x'"),
        (["--dialect", "soap"], "argument --dialect: invalid choice: 'soap'"),
        (["--gate", "x"], "argument --gate: invalid choice: 'x'"),
        (["--seed", "x"], "argument --seed: 'x' is no seed; give a whole number, or random"),
        (["--max-wat", "3"], "there is no option --max-wat; did you mean --max-wait?"),
        (["--sumary=x"], "there is no option --sumary; did you mean --summary?"),
    ],
)
def test_what_is_wrong_with_an_option_is_told_in_the_name_of_the_command(
    run: Runner, options: list[str], sentence: str
) -> None:
    finished = run(*options)
    assert finished.code == 4
    assert finished.err.startswith("cl-contract run: error: ")
    assert len(finished.err.splitlines()) == 1
    assert sentence in finished.err
    assert "<" not in finished.err  # the names of classes


@pytest.mark.parametrize("workers", [[], ["-n", "1"]])
def test_what_lies_around_is_not_loaded(
    run: Runner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, workers: list[str]
) -> None:
    here = tmp_path / "work"
    for name in ("../conftest.py", "conftest.py", "tests/conftest.py", "test_of_somebody/conftest.py"):
        (here / name).parent.mkdir(parents=True, exist_ok=True)
        (here / name).write_text("raise RuntimeError('loaded')\n")
    for name, section in (("pytest.ini", "pytest"), ("tox.ini", "pytest"), ("setup.cfg", "tool:pytest")):
        (here / name).write_text(f"[{section}]\naddopts = --no-such-option\n")
    (here / "pyproject.toml").write_text("[tool.pytest.ini_options]\naddopts = '--no-such-option'\n")
    (here / "schemathesis.toml").write_text("nonsense = true\n")
    around = {
        "PYTEST_ADDOPTS": "--no-such-option",
        "PYTEST_PLUGINS": "no_such_module",
        "PYTEST_THEME": "no-such-theme",
        "PYTEST_THEME_MODE": "no-such-mode",
    }
    for name, value in around.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(here)
    finished = run("contract_tests/scenarios/test_lists.py", "-k", "api-update and hold_new", *workers)
    assert (finished.code, finished.err) == (0, "")
    assert {name: os.environ[name] for name in around} == around  # they are the user's


def test_version_and_help_are_ours(run: Runner, capfd: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["run", "--version"]) == 0
    assert capfd.readouterr().out.startswith(f"cl-contract {__version__} (pytest ")
    assert cli.main(["run", "--help"]) == 0
    shown = capfd.readouterr().out
    assert len(shown.splitlines()) <= 40
    assert max(map(len, shown.splitlines())) <= 120
    for option in ("--target URL", "--clause SLUG", "--seed N", "--time-limit S", "--pytest-help"):
        assert option in shown
    assert "--pdb" not in shown
    finished = run("--pytest-help")
    assert finished.code == 0
    assert "--pdb" in finished.out
    assert "--clause" in finished.out


OURS = (
    "--ca-bundle",
    "--clause",
    "--client-cert",
    "--compress-evidence",
    "--datastore",
    "--dialect",
    "--fuzz-examples",
    "--gate",
    "--insecure",
    "--max-wait",
    "--profile",
    "--reports",
    "--seed",
    "--session-timeout",
    "--strict-deviations",
    "--summary",
    "--target",
    "--time-limit",
    "--write-deviations",
)
TAKEN = f"""
THEIRS = {OURS}

def pytest_addoption(parser):
    for name in THEIRS:
        parser.getgroup("theirs").addoption(name, default="theirs", help="something else")

def pytest_configure(config):
    assert {{config.getoption(name) for name in THEIRS}} == {{"theirs", "7"}}
    assert config.option.seed == "7"
"""
QUICK = ("contract_tests/scenarios/test_lists.py", "-k", "api-update and hold_new")


@pytest.mark.parametrize("workers", [(), ("-n", "1")], ids=["alone", "a worker"])
def test_plain_pytest_beside_a_plugin_that_has_all_options_of_the_same_names(
    tmp_path: Path, workers: tuple[str, ...]
) -> None:
    (tmp_path / "their_plugin.py").write_text(TAKEN)
    reports, summary = tmp_path / "ours", tmp_path / "summary.md"
    command = [sys.executable, "-m", "pytest", "-p", "their_plugin", *QUICK, "-p", "no:cacheprovider", *workers]
    command += ["--seed", "7", "--contract-seed", "8", "--contract-session-timeout", "50"]
    command += ["--contract-reports", str(reports), "--contract-summary", str(summary), "--contract-clause", "model.*"]
    environment = {**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{CHECKOUT}", "PYTEST_ADDOPTS": ""}
    ended = subprocess.run(command, cwd=CHECKOUT, env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "session timeout 50 s" in ended.stdout
    assert "seed 8" in ended.stdout
    (told,) = [line for line in ended.stdout.splitlines() if line.startswith("contract: other plugins have ")]
    names, _, rest = told.removeprefix("contract: other plugins have ").partition(" here; ")
    assert sorted(names.split(", ")) == sorted(OURS)
    assert rest == "the suite's begin with --contract-"
    assert (reports / "conformance.json").exists()
    assert summary.exists()


def test_no_option_of_the_suite_is_left_out_of_that(run: Runner) -> None:
    lines = run("--help").out.splitlines()
    assert {line.split()[0].rstrip(",") for line in lines if line.startswith("  --")} == set(OURS)


def test_both_spellings_are_one_option(run: Runner) -> None:
    for spelling in ("--session-timeout", "--contract-session-timeout"):
        finished = run(*QUICK, spelling, "50", "-v")
        assert "session timeout 50 s" in finished.out
        assert "other plugins" not in finished.out


def test_a_plugin_that_can_not_stand_beside_the_suite_is_refused(
    run: Runner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "their_plugin_2.py").write_text(TAKEN)
    monkeypatch.syspath_prepend(tmp_path)
    sentence = said(run("-p", "their_plugin_2"))
    assert any(name in sentence for name in OURS)
    assert "leave out the -p that brings it in" in sentence
    assert "no_such_plugin" in said(run("-p", "no_such_plugin"))
