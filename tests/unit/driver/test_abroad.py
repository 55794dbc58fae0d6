"""Other origins: which addresses are asked, by what is connected to, and what is kept of their answers."""

from __future__ import annotations

import hashlib
import socket
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, Any

import httpcore
import httpx
import pytest

from contract_tests.contract import Cell
from contract_tests.contract.dialects import TOKEN_HEADER
from contract_tests.driver import Door, Recorder, Session, Settings
from contract_tests.driver.content import add_file, pushed, transfer, upload, upload_address
from contract_tests.driver.transport.abroad import Guard, guarded_transport, kind_of
from contract_tests.driver.transport.way import Way
from contract_tests.problems import PremiseFailed, UsageProblem
from contract_tests.rules.checks.contents import gives_content
from contract_tests.traffic.exchange import DIGEST, LENGTH
from contract_tests.traffic.redaction import Redactor

if TYPE_CHECKING:
    from collections.abc import Iterator

CONTENT = b"a metadata service says: AKIA-this-is-a-key"


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("127.0.0.1", "loopback"),
        ("127.255.1.2", "loopback"),
        ("0.0.0.0", "loopback"),
        ("0.1.2.3", "loopback"),
        ("::1", "loopback"),
        ("::", "loopback"),
        ("::ffff:127.0.0.1", "loopback"),
        ("::127.0.0.1", "loopback"),
        ("64:ff9b::7f00:1", "loopback"),
        ("2002:7f00:1::", "loopback"),
        ("169.254.169.254", "link-local"),
        ("168.63.129.16", "link-local"),
        ("::ffff:169.254.169.254", "link-local"),
        ("fe80::1%eth0", "link-local"),
        ("10.0.0.1", "private"),
        ("172.16.0.1", "private"),
        ("192.168.1.1", "private"),
        ("100.64.0.1", "private"),
        ("fc00::1", "private"),
        ("fd12::1", "private"),
        ("::ffff:10.0.0.1", "private"),
        ("198.18.0.1", "private"),
        ("240.0.0.1", "private"),
        ("255.255.255.255", "private"),
        ("224.0.0.1", "reserved"),
        ("ff02::1", "reserved"),
        ("8.8.8.8", "public"),
        ("2606:4700::1111", "public"),
    ],
)
def test_kinds_of_addresses(address: str, kind: str) -> None:
    assert kind_of(address) == kind


class Connections(httpcore.NetworkBackend):
    """Opens none, and remembers where to."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def connect_tcp(self, host: str, port: int, *_: Any, **__: Any) -> httpcore.NetworkStream:
        del port
        self.asked.append(host)
        raise httpcore.ConnectError("nobody is there")


def resolving(monkeypatch: pytest.MonkeyPatch, **names: list[str]) -> None:
    real = socket.getaddrinfo

    def resolve(host: str, port: int, *args: Any, **kwargs: Any) -> Any:
        known = names.get(host.partition(".")[0])
        return real(host, port, *args, **kwargs) if known is None else [(0, 0, 0, "", (one, port)) for one in known]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)


@pytest.mark.parametrize(
    ("home", "host", "asked"),
    [
        ("vc.example", "files.example", True),
        ("vc.example", "inside.example", False),
        ("vc.example", "both.example", False),
        ("vc.example", "2130706433", False),
        ("vc.example", "0x7f.1", False),
        ("vc.example", "::1", False),
        ("vc.example", "::ffff:7f00:1", False),
        ("lab.example", "inside.example", True),
        ("lab.example", "169.254.169.254", False),
        ("lab.example", "127.0.0.1", False),
        ("127.0.0.1", "127.0.0.2", True),
        ("127.0.0.1", "10.0.0.1", False),
    ],
)
def test_what_only_this_machine_reaches_is_asked_where_the_target_is_so(
    home: str,
    host: str,
    asked: bool,  # noqa: FBT001 - a column of a table
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    resolving(
        monkeypatch,
        vc=["8.8.8.8"],
        lab=["10.1.1.1"],
        files=["8.8.4.4"],
        inside=["10.2.2.2"],
        both=["8.8.4.4", "10.0.0.1"],
    )
    made = Connections()
    with pytest.raises(httpcore.ConnectError if asked else httpx.TransportError):
        Guard(made, f"https://{home}", ()).connect_tcp(host, 443)
    # Who is asked is the address that was looked at, whatever its name gives the next time.
    assert [kind_of(one) for one in made.asked] == ([kind_of(made.asked[0])] if asked else [])


def test_an_allowed_origin_is_asked_wherever_it_is() -> None:
    made = Connections()
    with pytest.raises(httpcore.ConnectError):
        Guard(made, "https://8.8.8.8", ("http://127.0.0.1:9",)).connect_tcp("127.0.0.1", 9)
    assert made.asked == ["127.0.0.1"]
    with pytest.raises(httpx.TransportError, match="allowed_origins"):
        Guard(made, "https://8.8.8.8", ("http://127.0.0.1:9",)).connect_tcp("127.0.0.1", 10)


@contextmanager
def somebody() -> Iterator[tuple[str, list[str]]]:
    """A server that answers all it is asked with a secret and a redirection; what it was asked."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200 if self.path != "/moved" else 302)
            self.send_header("content-length", str(len(CONTENT)))
            self.send_header("location", "/elsewhere")
            self.send_header("x-secret", "AKIA")
            self.end_headers()
            self.wfile.write(CONTENT)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", asked
        finally:
            server.shutdown()
            thread.join()


def session_on(base: str, *allowed: str) -> Session:
    door = Door(
        base, Recorder(Redactor()), way=Way(verify=False), headers={TOKEN_HEADER: "secret-token"}, allowed=allowed
    )
    return Session(door, Cell.parse("api-download"), "abc:def", "item-1")


def test_a_loopback_address_that_a_public_target_names_is_not_asked() -> None:
    with somebody() as (base, asked):
        session = session_on("http://8.8.8.8")
        with session.door.recorder.recording("x") as kept:
            with pytest.raises(PremiseFailed, match="loopback"):
                transfer(session, "GET", f"{base}/f")
            with pytest.raises(PremiseFailed, match="loopback"):
                transfer(session, "GET", f"{base.replace('127.0.0.1', 'localhost')}/f")
    assert asked == []
    assert all(one.never_sent and one.is_elsewhere for one in kept)


@pytest.mark.parametrize("home", ["http://127.0.0.1:1", "http://8.8.8.8"])
def test_of_another_origin_nothing_is_kept_but_what_judging_needs(home: str) -> None:
    with somebody() as (base, asked):
        session = session_on(home, base)
        fetched = transfer(session, "GET", f"{base}/f")
        moved = transfer(session, "GET", f"{base}/moved")
    assert asked == ["/f", "/moved"]
    assert fetched.response is not None
    assert (fetched.status, moved.status, fetched.response.body) == (200, 302, b"")
    assert fetched.response.headers == (
        (LENGTH, str(len(CONTENT))),
        (DIGEST, hashlib.sha256(CONTENT).hexdigest()),
    )
    assert gives_content(fetched, CONTENT) == []
    assert gives_content(fetched, CONTENT + b"x") != []


def test_the_target_can_not_make_believe_that_its_content_is_right() -> None:
    digest = hashlib.sha256(CONTENT).hexdigest()
    answer = httpx.Response(200, headers={DIGEST: digest, LENGTH: "1"}, content=b"x")
    door = Door(
        "https://vc.example",
        Recorder(Redactor()),
        inner=httpx.MockTransport(lambda _: answer),
        headers={TOKEN_HEADER: "t"},
    )
    fetched = transfer(Session(door, Cell.parse("api-download"), "a", "b"), "GET", "https://vc.example/f")
    assert gives_content(fetched, CONTENT) != []


def test_what_goes_wrong_elsewhere_is_told_without_what_was_said() -> None:
    def refuse(_: httpx.Request) -> httpx.Response:
        raise httpx.RemoteProtocolError("illegal status line: SSH-2.0-secret-banner")

    door = Door("https://vc.example", Recorder(Redactor()), inner=httpx.MockTransport(refuse))
    sent = transfer(Session(door, Cell.parse("api-download"), "a", "b"), "GET", "https://esx.example/f")
    assert (sent.failure or "").startswith("RemoteProtocolError: ")
    assert "banner" not in (sent.failure or "")


@pytest.mark.parametrize(
    "origin",
    ["", "files.example", "ftp://files.example", "https://files.example/", "https://a@b", "http://[b", "http://*"],
)
def test_what_is_no_origin_can_not_be_allowed(origin: str) -> None:
    with pytest.raises(UsageProblem, match="is no origin"):
        Settings(allowed_origins=(origin,))


def test_guarded_connections_are_bounded_too() -> None:
    guarded_transport(Way(verify=False), "http://127.0.0.1", ()).close()


# The keys in addresses

KEY = "Zk3v9_Qx7LmN2pRt-aB4cD"


def test_the_key_in_an_address_is_hidden_everywhere_and_used_all_the_same() -> None:
    asked: list[str] = []

    def serve(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        uri = f"https://vc.example/cls/upload/{KEY}/a-name-with-0-to-9.txt?s=abc%3Adef"
        if request.method == "PUT":
            return httpx.Response(204, headers={"x-echo": f"you know {KEY}"})
        return httpx.Response(201, json={"name": "a-name-with-0-to-9.txt", "upload_endpoint": {"uri": uri}})

    door = Door(
        "https://vc.example", Recorder(Redactor()), inner=httpx.MockTransport(serve), headers={TOKEN_HEADER: "t"}
    )
    session = Session(door, Cell.parse("api-update"), "abc:def", "item-1")
    with door.recorder.recording("x") as kept:
        address = upload_address(add_file(session, pushed("a-name-with-0-to-9.txt", b"x")))
        upload(session, address, b"x")
    assert address == "https://vc.example/cls/upload/<upload-1>/a-name-with-0-to-9.txt?s=abc%3Adef"
    assert asked[-1] == f"/cls/upload/{KEY}/a-name-with-0-to-9.txt"
    assert kept[-1].request.url == address
    assert kept[-1].response is not None
    assert ("x-echo", "you know <upload-1>") in kept[-1].response.headers
    assert KEY not in str(kept)
    assert "<upload-1>" in kept[-1].request.as_curl()


def test_an_id_that_was_sent_before_is_no_key() -> None:
    item = "0d3c1f22-8d5e-4f0a-9b1c-5a7e6d4c3b2a"

    def serve(_: httpx.Request) -> httpx.Response:
        return httpx.Response(201, json={"name": "a", "upload_endpoint": {"uri": f"https://vc.example/{item}/{KEY}"}})

    door = Door("https://vc.example", Recorder(Redactor()), inner=httpx.MockTransport(serve))
    door.send("GET", f"/item/{item}")
    added = add_file(Session(door, Cell.parse("api-update"), "abc:def", "item-1"), pushed("a", b""))
    assert upload_address(added) == f"https://vc.example/{item}/<upload-1>"
