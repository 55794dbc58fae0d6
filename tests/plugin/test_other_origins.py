"""A server whose addresses for content are elsewhere: who is asked, what is kept of the answers, and what is told."""

from __future__ import annotations

import hashlib
import http.client
import json
import socket
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from contract_tests.judging.verdicts import Verdict
from contract_tests.mock import MockServer, Parts
from contract_tests.mock.domain.views import Views
from contract_tests.reporting.reading import load
from contract_tests.traffic.exchange import DIGEST, LENGTH

from .runs import files
from .test_verify import assert_verified

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .runs import Runner

CANARY = "AKIA-a-key-of-the-metadata-service"
CHOSEN = ("-k", "(api-update and pushed_files_are_seen) or (api-download and download_link)")


def naming(origin: str) -> Parts:
    """A mock whose addresses for content begin with that origin."""

    class Elsewhere(Views):
        def address(self, _origin: str, direction: str, key: str, name: str) -> str:
            return super().address(origin, direction, key, name)

    return Parts(views=Elsewhere)


class Relay(ThreadingHTTPServer):
    """Another origin, which hands on what it is asked to `home`, and says more than that in its answers."""

    daemon_threads = True
    home = ("127.0.0.1", 0)

    def __init__(self) -> None:
        super().__init__(("127.0.0.2", 0), _Relaying)
        self.said: list[bytes] = []

    @property
    def origin(self) -> str:
        return f"http://127.0.0.2:{self.server_port}"


class _Relaying(BaseHTTPRequestHandler):
    server: Relay

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        home = http.client.HTTPConnection(*self.server.home)
        home.request(self.command, self.path, body)
        answer = home.getresponse()
        content = CANARY.encode() if self.command == "PUT" else answer.read()
        home.close()
        self.server.said.append(content)
        self.send_response(200 if answer.status == 204 else answer.status)
        for name, value in (("x-canary", CANARY), ("content-length", str(len(content)))):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    do_PUT = do_GET  # noqa: N815 - as http.server has it

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextmanager
def relay() -> Iterator[Relay]:
    with Relay() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def test_another_origin_of_the_kind_of_the_target_is_asked_and_its_answers_are_kept_as_digests(run: Runner) -> None:
    with relay() as elsewhere:
        with MockServer(control=True, parts=naming(elsewhere.origin)) as server:
            elsewhere.home = (server.host, server.port)
            finished = run("--target", server.url, *CHOSEN)
        said = set(elsewhere.said)
    assert finished.code == 0, finished.out[-3000:]
    report = load(run.reports)
    (told,) = report.origins
    assert (told.origin, told.refused) == (elsewhere.origin, 0)
    assert told.asked >= 2
    assert f"{elsewhere.origin}: {told.asked} requests sent" in finished.out
    assert elsewhere.origin in (run.reports / "conformance.html").read_text()
    answers = [
        entry["response"]
        for entry in json.loads((run.reports / "evidence.har").read_text())["log"]["entries"]
        if entry["request"]["url"].startswith(elsewhere.origin)
    ]
    assert len(answers) == told.asked
    for answer in answers:
        headers = {one["name"]: one["value"] for one in answer["headers"]}
        assert set(headers) == {DIGEST, LENGTH}
        assert answer["content"].get("text", "") == ""
        assert headers[DIGEST] in {hashlib.sha256(content).hexdigest() for content in said}
    for place in files(run.reports):
        assert CANARY not in place.read_text()
    assert CANARY not in finished.out + finished.err
    assert_verified(run)


@pytest.mark.parametrize(
    ("origin", "kind"),
    [
        ("http://169.254.169.254", "link-local"),
        ("http://10.0.0.1", "private"),
        ("http://[fd00::1]:8443", "private"),
        ("http://[::ffff:169.254.169.254]", "link-local"),
    ],
)
def test_an_address_that_only_this_machine_reaches_is_not_connected_to(
    run: Runner, monkeypatch: pytest.MonkeyPatch, origin: str, kind: str
) -> None:
    real, connected = socket.socket.connect, set[str]()

    def connect(self: socket.socket, address: Any) -> None:
        connected.add(str(address[0]))
        if address[0] != "127.0.0.1":
            raise ConnectionRefusedError("nobody is asked in a test")
        real(self, address)

    monkeypatch.setattr(socket.socket, "connect", connect)
    with MockServer(control=True, parts=naming(origin)) as server:
        finished = run("--target", server.url, *CHOSEN)
    assert connected == {"127.0.0.1"}
    report = load(run.reports)
    verdicts = {cell.verdict for clause in report.clauses for cell in clause.cells}
    assert Verdict.VIOLATES not in verdicts
    assert verdicts & {Verdict.BLOCKED, Verdict.INCONCLUSIVE}
    (told,) = report.origins
    assert (told.origin, told.asked) == (origin, 0)
    assert told.refused
    sentence = f"which is {kind} as the target is not; where that is right, name the origin in the profile"
    assert sentence in (run.reports / "conformance.json").read_text()
    assert sentence in finished.out
    assert_verified(run)
