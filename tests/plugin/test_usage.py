"""What the user has to mend first: one sentence, exit code 4, no test run."""

from __future__ import annotations

import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

from contract_tests.mock import MockServer

from .runs import Run, Runner, credentials

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


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
    ],
)
def test_what_is_wrong_with_an_option_is_told_in_the_name_of_the_command(
    run: Runner, options: list[str], sentence: str
) -> None:
    finished = run(*options)
    assert finished.code == 4
    assert sentence in finished.err
    assert "<" not in finished.err  # the names of classes


def test_what_lies_around_is_not_loaded(run: Runner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("conftest.py", "tests/conftest.py", "test_of_somebody/conftest.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("raise RuntimeError('loaded')\n")
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = --no-such-option\n")
    monkeypatch.chdir(tmp_path)
    assert run("-k", "test_keep_alive and no-body and api-update and not fuzz").code == 0
