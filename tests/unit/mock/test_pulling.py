"""Content that the mock fetches itself, from sources of this machine."""

from __future__ import annotations

import hashlib
import socket
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
import trustme

from contract_tests.mock import MockServer

from .pushing import Pusher, wait_for
from .sources import CONTENT, origin

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .sources import Origin

LATER = 60.0  # seconds; far longer than any of it takes


@pytest.fixture
def server() -> Iterator[MockServer]:
    with MockServer(control=True) as running:
        yield running


@pytest.fixture
def client(server: MockServer) -> Iterator[Pusher]:
    with Pusher(server.url) as one:
        yield one


@pytest.fixture
def plain() -> Iterator[Origin]:
    with origin() as one:
        yield one


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def safe(authority: trustme.CA) -> Iterator[Origin]:
    with origin(authority.issue_cert("127.0.0.1")) as one:
        yield one


def pull(client: Pusher, uri: str, session: str | None = None, **spec: Any) -> str:
    """The session that pulls a file."""
    session = session or client.begin()
    endpoint = {"uri": uri} | spec.pop("endpoint", {})
    client.add(session, source_type="PULL", source_endpoint=endpoint, **spec)
    return session


def ended(client: Pusher, session: str) -> Any:
    """The session when it is over."""
    return wait_for(lambda: model if (model := client.read(session))["state"] != "ACTIVE" else None)


def reason(client: Pusher, session: str) -> str:
    """Why a session failed; its file failed for the same."""
    model = ended(client, session)
    file = client.read(f"{session}/file/a")
    assert (model["state"], file["status"]) == ("ERROR", "ERROR")
    assert file["error_message"] == model["error_message"]
    return str(model["error_message"]["default_message"])


@pytest.mark.parametrize("path", ["whole", "chunked", "to?/whole", "to?/to?/chunked"])
def test_what_is_pulled_is_in_the_item(client: Pusher, plain: Origin, path: str) -> None:
    digest = hashlib.md5(CONTENT).hexdigest()
    session = pull(client, plain.url(path), size=len(CONTENT), checksum_info={"algorithm": "MD5", "checksum": digest})
    assert client.complete(session).status_code == 204
    assert ended(client, session)["state"] == "DONE"
    assert client.http.get(client.link()).content == CONTENT


def test_complete_returns_before_a_slow_source_is_done(client: Pusher, plain: Origin) -> None:
    session = client.begin()
    added = client.add(session, source_type="PULL", source_endpoint={"uri": plain.url("slow")}, size=-1)
    assert added["status"] == "WAITING_FOR_TRANSFER"
    assert added["source_endpoint"] == {"uri": plain.url("slow")}
    assert "upload_endpoint" not in added
    wait_for(lambda: client.read(f"{session}/file/a")["bytes_transferred"] == 1000)
    assert client.read(f"{session}/file/a")["status"] == "TRANSFERRING"
    assert client.complete(session).status_code == 204
    assert client.complete(session).status_code == 204
    model = client.read(session)
    assert (model["state"], model["preview_info"]) == ("ACTIVE", {"state": "NOT_APPLICABLE"})
    late = client.http.post(f"{session}/file", json={"name": "b", "source_type": "PUSH"})
    assert (late.status_code, late.json()["error_type"]) == (400, "NOT_ALLOWED_IN_CURRENT_STATE")
    assert client.http.delete(f"{session}/file/a").status_code == 400
    plain.release.set()
    assert ended(client, session)["state"] == "DONE"
    assert client.read(f"{session}/file/a")["size"] == len(CONTENT)
    assert client.http.get(client.link()).content == CONTENT


def test_a_session_that_is_not_completed_waits_for_its_client(client: Pusher, plain: Origin) -> None:
    session = pull(client, plain.url("whole"))
    client.push(session, b"pushed", "b")
    wait_for(lambda: client.read(f"{session}/file/a")["status"] == "READY")
    assert client.read(session)["state"] == "ACTIVE"
    assert client.complete(session).status_code == 204
    assert client.read(session)["state"] == "DONE"


def test_a_source_that_gives_something_keeps_its_session_alive(
    server: MockServer, client: Pusher, plain: Origin
) -> None:
    session = pull(client, plain.url("slow"))
    wait_for(lambda: client.read(f"{session}/file/a")["bytes_transferred"])
    server.clock.advance(200)
    before = client.read(session)["expiration_time"]
    plain.release.set()
    wait_for(lambda: client.read(f"{session}/file/a")["status"] == "READY")
    assert client.read(session)["expiration_time"] > before


def nobody() -> str:
    """An address where nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{taken.getsockname()[1]}/whole"


@pytest.mark.parametrize("completed", [True, False])
@pytest.mark.parametrize(
    ("path", "spec", "why"),
    [
        ("missing", {}, "it answers 404 Not Found."),
        ("broken", {}, "closed"),
        ("to?/missing", {}, "404"),
        ("to?ftp://x/y", {}, "ftp://"),
        ("whole", {"size": 7}, "a was announced with 7 bytes and came with 256000."),
        ("whole", {"checksum_info": {"checksum": "00"}}, "a does not have the checksum"),
    ],
)
def test_a_bad_source_ends_the_session_with_the_reason(
    client: Pusher, plain: Origin, path: str, spec: dict[str, Any], why: str, *, completed: bool
) -> None:
    session = pull(client, plain.url(path), **spec)
    if completed:
        client.complete(session)
    assert why in reason(client, session)
    assert client.complete(session).json()["error_type"] == "NOT_ALLOWED_IN_CURRENT_STATE"


def test_a_source_that_leads_in_a_circle_is_given_up(client: Pusher, plain: Origin) -> None:
    assert "redirect" in reason(client, pull(client, plain.url("to?" + plain.url("to"))))


def test_a_dead_source_ends_the_session_with_the_reason(client: Pusher) -> None:
    assert "could not be fetched from http://127.0.0.1" in reason(client, pull(client, nobody()))


def test_what_is_over_the_limit_is_not_fetched(plain: Origin) -> None:
    with MockServer(content_limit=1000) as server, Pusher(server.url) as client:
        assert "it is larger than 1000 bytes" in reason(client, pull(client, plain.url("chunked")))


# Who the source is


@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
@pytest.mark.parametrize("form", ["colons", "digits", "small"])
def test_the_thumbprint_is_enough(client: Pusher, safe: Origin, algorithm: str, form: str) -> None:
    digits = safe.thumbprint(algorithm)
    print_ = {"colons": bytes.fromhex(digits).hex(":").upper(), "digits": digits.upper(), "small": digits}[form]
    session = pull(client, safe.url("whole"), endpoint={"ssl_certificate_thumbprint": print_})
    client.complete(session)
    assert ended(client, session)["state"] == "DONE"


def test_another_thumbprint_is_refused_before_anything_is_asked(client: Pusher, safe: Origin) -> None:
    session = pull(client, safe.url("whole"), endpoint={"ssl_certificate_thumbprint": ":".join(["00"] * 20)})
    expected = bytes.fromhex(safe.thumbprint("sha1")).hex(":").upper()
    assert f"its certificate has another thumbprint, {expected}." in reason(client, session)
    assert safe.asked == []


def test_the_certificate_is_enough_and_another_one_is_not(client: Pusher, safe: Origin, authority: trustme.CA) -> None:
    session = pull(client, safe.url("whole"), endpoint={"ssl_certificate": safe.pem})
    client.complete(session)
    assert ended(client, session)["state"] == "DONE"
    other = authority.issue_cert("127.0.0.1").cert_chain_pems[0].bytes().decode()
    session = pull(
        client,
        safe.url("whole"),
        endpoint={"ssl_certificate": other, "ssl_certificate_thumbprint": safe.thumbprint("sha1")},
    )
    assert "its certificate is not the one that was named" in reason(client, session)


def test_without_either_the_usual_trust_decides(
    client: Pusher, safe: Origin, authority: trustme.CA, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "certificate verify failed" in reason(client, pull(client, safe.url("whole"))).lower()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    session = pull(client, safe.url("whole"))
    client.complete(session)
    assert ended(client, session)["state"] == "DONE"


def test_a_safe_source_leads_to_no_unsafe_one(client: Pusher, safe: Origin, plain: Origin) -> None:
    endpoint = {"ssl_certificate_thumbprint": safe.thumbprint("sha1")}
    session = pull(client, safe.url("to?" + plain.url("whole")), endpoint=endpoint)
    assert "it leads away from https" in reason(client, session)
    assert plain.asked == []


@pytest.mark.parametrize(
    ("endpoint", "error_type"),
    [
        (None, "INVALID_ARGUMENT"),
        ({}, "INVALID_ARGUMENT"),
        ({"uri": 7}, "INVALID_ARGUMENT"),
        ({"uri": "no address"}, "INVALID_ARGUMENT"),
        ({"uri": "http://"}, "INVALID_ARGUMENT"),
        ({"uri": "http://[x"}, "INVALID_ARGUMENT"),
        ({"uri": "ftp://x/y"}, "INVALID_ARGUMENT"),
        ({"uri": "http://x:99999/y"}, "INVALID_ARGUMENT"),
        ({"uri": "ds:///vmfs/volumes/1/a.iso"}, "UNSUPPORTED"),
        ({"uri": "file:///a.iso"}, "UNSUPPORTED"),
        ({"uri": "https://x", "ssl_certificate_thumbprint": "AB:CD"}, "INVALID_ARGUMENT"),
        ({"uri": "https://x", "ssl_certificate_thumbprint": "x" * 40}, "INVALID_ARGUMENT"),
        ({"uri": "https://x", "ssl_certificate": "no PEM"}, "INVALID_ARGUMENT"),
    ],
)
def test_what_is_no_source_is_refused(client: Pusher, endpoint: Any, error_type: str) -> None:
    session = client.begin()
    spec = {"name": "a", "source_type": "PULL", "source_endpoint": endpoint}
    answer = client.http.post(f"{session}/file", json=spec)
    assert (answer.status_code, answer.json()["error_type"]) == (400, error_type)
    assert client.read(f"{session}/file") == []


# What ends a transfer


@pytest.mark.parametrize("how", ["cancel", "expire", "add again"])
def test_what_nobody_wants_any_more_is_not_fetched(server: MockServer, client: Pusher, plain: Origin, how: str) -> None:
    session = pull(client, plain.url("slow"))
    wait_for(lambda: client.read(f"{session}/file/a")["bytes_transferred"] == 1000)
    app: Any = server._server.config.app
    tasks = app.fetching._tasks
    assert len(tasks) == 1
    if how == "cancel":
        client.http.post(f"{session}?action=cancel")
    elif how == "expire":
        server.clock.advance(301)
    else:
        client.address(session)
    wait_for(lambda: not tasks)
    plain.release.set()
    if how == "add again":
        assert client.read(session)["state"] == "ACTIVE"
        assert client.read(f"{session}/file/a")["status"] == "WAITING_FOR_TRANSFER"


def test_a_server_that_ends_waits_for_no_source(plain: Origin) -> None:
    before = threading.active_count()
    server = MockServer().start()
    with Pusher(server.url) as client:
        session = pull(client, plain.url("slow"))
        wait_for(lambda: client.read(f"{session}/file/a")["bytes_transferred"] == 1000)
        began = time.monotonic()
        server.stop()
    assert time.monotonic() - began < LATER / 4
    assert threading.active_count() <= before + 1


def test_the_preview_of_an_ova_comes_with_its_content(client: Pusher, plain: Origin) -> None:
    """Which is what a client that pulls one looks at, warnings and all, before it completes."""
    client.item = client.made("/api/content/library/item", {"library_id": client.library, "name": "o", "type": "ovf"})
    session = pull(client, plain.url("slow"), name="a.ova")
    assert client.read(session)["preview_info"] == {"state": "PREPARING"}
    plain.release.set()
    shown = wait_for(lambda: info if (info := client.read(session)["preview_info"])["state"] == "AVAILABLE" else None)
    assert shown["warnings"] == []
