"""The running server, over real sockets."""

from __future__ import annotations

import http.client
import io
import json
import os
import signal
import socket
import subprocess
import sys
from typing import TYPE_CHECKING, Any
from unittest.mock import ANY

import httpx
import pytest

from contract_tests.contract.schemas import schemas
from contract_tests.contract.words import Service
from contract_tests.mock import CONTROL_HEADER, CONTROL_KEY, CannotListen, MockServer, Parts, PortTaken, User, run
from contract_tests.mock.http.wire import Reply, Wire

from .speaker import BACKING, sessions

if TYPE_CHECKING:
    from collections.abc import Callable


def session_on(url: str) -> tuple[str, str]:
    """A token, and the path of a new update session."""
    with httpx.Client(base_url=url) as client:
        token = client.post("/api/session", auth=("user", "pass")).json()
        client.headers["vmware-api-session-id"] = token
        spec: dict[str, Any] = {"name": "l", "storage_backings": [BACKING]}
        library = client.post("/api/content/local-library", json=spec).json()
        item = client.post("/api/content/library/item", json={"library_id": library, "name": "i"}).json()
        every = f"/api{sessions(Service.UPDATE)}"
        session = client.post(every, json={"library_item_id": item}).json()
        return token, f"{every}/{session}"


def raw(mock: MockServer, path: str, token: str) -> bytes:
    """Everything that comes back for a keep-alive, to the end of the connection."""
    request = (
        f"POST {path}?action=keep-alive HTTP/1.1\r\nHost: x\r\nvmware-api-session-id: {token}\r\n"
        "Content-Length: 0\r\nConnection: close\r\n\r\n"
    )
    with socket.create_connection((mock.host, mock.port), timeout=120) as connection:
        connection.sendall(request.encode())
        received = b""
        while chunk := connection.recv(65536):
            received += chunk
        return received


def test_a_void_answer_ends_with_its_header() -> None:
    with MockServer() as mock:
        token, path = session_on(mock.url)
        answer = raw(mock, path, token)
    header, _, after = answer.partition(b"\r\n\r\n")
    assert after == b""
    status, *fields = header.lower().split(b"\r\n")
    assert status == b"http/1.1 204 no content"
    assert sorted(field.partition(b":")[0] for field in fields) == [b"connection", b"date", b"server"]


@pytest.mark.parametrize("request_line", [b"GET / x HTTP/1.1", b"GET /\xff HTTP/1.1", b"GET /" + b"x" * 70_000])
def test_what_is_no_http_gets_an_error_body_too(request_line: bytes) -> None:
    with MockServer() as mock, socket.create_connection((mock.host, mock.port), timeout=120) as connection:
        connection.sendall(request_line + b"\r\nHost: x\r\n\r\n")
        answer = http.client.HTTPResponse(connection)
        answer.begin()
        assert (answer.status, answer.headers["content-type"]) == (400, "application/json")
        assert schemas().problems("StandardError", json.loads(answer.read())) == []


def test_two_servers_know_nothing_of_each_other() -> None:
    with MockServer(username="a", password="b") as first, MockServer(other_users=[User("c", "d")]) as second:
        assert first.port != second.port
        assert httpx.post(f"{first.url}/api/session", auth=("user", "pass")).status_code == 401
        assert httpx.post(f"{first.url}/api/session", auth=("a", "b")).status_code == 201
        assert httpx.post(f"{second.url}/api/session", auth=("c", "d")).status_code == 201
        assert httpx.get(f"{second.url}/_control/clock").status_code == 404


def test_a_server_ends_when_it_is_told_to_and_its_port_is_free_again() -> None:
    with MockServer(control=True) as mock:
        assert httpx.post(
            f"{mock.url}/_control/clock/advance", json={"seconds": 5}, headers={CONTROL_HEADER: CONTROL_KEY}
        ).json() == {"now": ANY, "shift": 5}
        assert mock.clock.shift == 5
    with pytest.raises(httpx.ConnectError):
        httpx.get(mock.url)
    with MockServer(port=mock.port) as again:
        assert httpx.get(again.url).status_code == 404
    again.stop()


def test_a_server_that_was_never_started_leaves_its_port() -> None:
    mock = MockServer()
    mock.stop()
    MockServer(port=mock.port).stop()


def test_a_taken_port_is_one_sentence() -> None:
    mock = MockServer()
    with pytest.raises(PortTaken, match=rf"^Port {mock.port} on 127.0.0.1 is in use; .*\.$"):
        MockServer(port=mock.port)
    mock.stop()


@pytest.mark.parametrize("host", ["no-such-host.invalid", "192.0.2.1"])
def test_an_address_of_somebody_else_is_one_sentence(host: str) -> None:
    with pytest.raises(CannotListen, match=r"^[A-Za-z].*\.$"):
        MockServer(host=host)


def test_an_address_of_the_sixth_version_has_brackets() -> None:
    try:
        mock = MockServer(host="::1")
    except CannotListen:
        pytest.skip("this machine has no IPv6")
    with mock:
        assert mock.url == f"http://[::1]:{mock.port}"
        assert httpx.get(mock.url).status_code == 404


def test_a_server_that_does_not_come_up_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    mock = MockServer()
    monkeypatch.setattr(mock._server, "run", lambda sockets: sockets.clear())
    with pytest.raises(RuntimeError, match="did not start"):
        mock.start()
    mock.stop()


def test_a_wire_can_do_what_http_forbids() -> None:
    """The way for a fault past the HTTP library: a body behind a 204."""

    class Talkative(Wire):
        async def send(self, reply: Reply, scope: Any, receive: Any, send: Any) -> None:
            if reply.status != 204:
                await super().send(reply, scope, receive, send)
                return
            connection = scope["extensions"]["connection"]
            connection.write(b"HTTP/1.1 204 No Content\r\nContent-Length: 4\r\n\r\nnull")
            connection.close()
            while (await receive())["type"] != "http.disconnect":
                pass

    with MockServer(parts=Parts(wire=Talkative)) as mock:
        token, path = session_on(mock.url)
        assert raw(mock, path, token).endswith(b"\r\n\r\nnull")


def test_run_serves_until_it_is_told_to_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """In this process; whoever reads the address sends the signal."""
    before = signal.getsignal(signal.SIGTERM)
    written: list[str] = []

    class Reader(io.StringIO):
        def write(self, text: str) -> int:
            written.append(text)
            return len(text)

        def flush(self) -> None:
            assert httpx.get("".join(written).strip()).status_code == 404
            os.kill(os.getpid(), signal.SIGTERM)

    with monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", Reader())
        assert run() == 0
    assert "".join(written).startswith("http://127.0.0.1:")
    assert signal.getsignal(signal.SIGTERM) is before


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_process_ends_cleanly_on_a_signal(number: signal.Signals) -> None:
    program = "import sys; from contract_tests.mock import run; sys.exit(run())"
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        url = process.stdout.readline().strip()
        assert httpx.get(url).status_code == 404
        process.send_signal(number)
        assert process.wait(timeout=120) == 0
        assert process.stderr.read() == ""


def half_a_file(url: str) -> bytes:
    _, path = session_on(url)
    return f"PUT {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nabc".encode()


def half_a_body(url: str) -> bytes:
    _, path = session_on(url)
    return f"POST {path}?action=keep-alive HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{{".encode()


def half_a_chunk(url: str) -> bytes:
    _, path = session_on(url)
    return f"PUT {path} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n400\r\nabc".encode()


def half_a_header(_url: str) -> bytes:
    return b"GET / HTTP/1.1\r\nHost: "


def a_file_that_nobody_reads(url: str) -> bytes:
    return f"GET {address_of(url, b'x' * 30_000_000)} HTTP/1.1\r\nHost: x\r\n\r\n".encode()


def address_of(url: str, content: bytes) -> str:
    """The path of a file to download."""
    token, path = session_on(url)
    with httpx.Client(base_url=url, headers={"vmware-api-session-id": token}, timeout=60) as client:
        item = client.get(path).json()["library_item_id"]
        file = client.post(f"{path}/file", json={"name": "a", "source_type": "PUSH"}).json()
        client.put(file["upload_endpoint"]["uri"], content=content)
        client.post(f"{path}?action=complete")
        every = f"/api{sessions(Service.DOWNLOAD)}"
        download = client.post(every, json={"library_item_id": item}).json()
        prepared = client.post(f"{every}/{download}/file?action=prepare", json={"file_name": "a"}).json()
        return str(prepared["download_endpoint"]["uri"]).removeprefix(url)


@pytest.mark.parametrize(
    "request_of", [half_a_file, half_a_body, half_a_chunk, half_a_header, a_file_that_nobody_reads]
)
def test_a_process_ends_cleanly_in_the_middle_of_a_request(request_of: Callable[[str], bytes]) -> None:
    program = "import sys; from contract_tests.mock import run; sys.exit(run())"
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        url = process.stdout.readline().strip()
        with socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2])), timeout=120) as connection:
            connection.sendall(request_of(url))
            # Whoever is answered now has been waited for: the request above is with the server.
            assert httpx.get(url).status_code == 404
            process.send_signal(signal.SIGINT)
            assert process.wait(timeout=120) == 0
        assert process.stderr.read() == ""


def test_half_a_file_is_no_file() -> None:
    """A connection that breaks in the middle of an upload leaves the file as it was."""
    with MockServer() as mock:
        token, path = session_on(mock.url)
        with httpx.Client(base_url=mock.url, headers={"vmware-api-session-id": token}) as client:
            file = client.post(f"{path}/file", json={"name": "a", "source_type": "PUSH"}).json()
            address = file["upload_endpoint"]["uri"].removeprefix(mock.url)
            with socket.create_connection((mock.host, mock.port), timeout=120) as connection:
                connection.sendall(f"PUT {address} HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf".encode())
            seen = [client.get(f"{path}/file/a").json()["status"] for _ in range(20)]
            assert set(seen) <= {"WAITING_FOR_TRANSFER", "TRANSFERRING"}
            assert seen[-1] == "WAITING_FOR_TRANSFER"
