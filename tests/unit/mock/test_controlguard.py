"""Who comes in at the control door, and what a page in a browser can send: requests without its header, mostly."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from contract_tests.contract.words import Dialect
from contract_tests.mock import CONTROL_HEADER, CONTROL_KEY, App, MockServer

from .speaker import InMemory, ManualClock, Speaker

EVERY = [
    ("GET", "/_control/clock", None),
    ("POST", "/_control/clock/advance", {"seconds": 1}),
    ("POST", "/_control/warnings", {"session": "x", "type": "EXPIRED_CERTIFICATE"}),
    ("POST", "/_control/subscribed-items", {}),
]
OWN = {CONTROL_HEADER: CONTROL_KEY}

PAGES: list[tuple[str, dict[str, str], bytes]] = [
    ("a blob without a type", {}, b'{"seconds": 1}'),
    ("a form", {"content-type": "text/plain"}, b'{"seconds": 1}'),
    ("an address in an image", {}, b""),
    ("a page that guesses the key", OWN | {"origin": "http://evil.example"}, b'{"seconds": 1}'),
    ("a page in a sandbox", OWN | {"origin": "null"}, b'{"seconds": 1}'),
    ("a page of the same machine", OWN | {"origin": "http://localhost:3000"}, b'{"seconds": 1}'),
    ("a name that points here", OWN | {"host": "evil.example:8080"}, b'{"seconds": 1}'),
    ("a name that begins as the machine's", OWN | {"host": "localhost.evil.example"}, b'{"seconds": 1}'),
    ("a name that begins as an address", OWN | {"host": "127.0.0.1.evil.example"}, b'{"seconds": 1}'),
    ("an address of somebody else", OWN | {"host": "192.0.2.1"}, b'{"seconds": 1}'),
    ("the address that means all", OWN | {"host": "0.0.0.0:8080"}, b'{"seconds": 1}'),
    ("a user in front of the name", OWN | {"host": "localhost@evil.example"}, b'{"seconds": 1}'),
    ("no host", OWN | {"host": ""}, b'{"seconds": 1}'),
    ("another key", {CONTROL_HEADER: "2"}, b'{"seconds": 1}'),
    ("an empty key", {CONTROL_HEADER: ""}, b'{"seconds": 1}'),
    ("a key that is no ASCII", {CONTROL_HEADER: "\xe9"}, b'{"seconds": 1}'),
]


def client(clock: ManualClock, *, control: bool | str = True, names: tuple[str, ...] = ("127.0.0.1",)) -> httpx.Client:
    app = App(clock, control=control, names=names)
    return httpx.Client(transport=InMemory(app), base_url="http://127.0.0.1:8080")


@pytest.mark.parametrize(("method", "path", "_"), EVERY)
@pytest.mark.parametrize(("headers", "content"), [page[1:] for page in PAGES], ids=[page[0] for page in PAGES])
def test_a_page_does_not_come_in(
    clock: ManualClock,
    method: str,
    path: str,
    _: Any,
    headers: dict[str, str],
    content: bytes,
) -> None:
    if CONTROL_HEADER in headers:
        headers = {"content-type": "application/json"} | headers
    given = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    answer = client(clock).request(method, path, headers=given, content=content)
    assert answer.status_code == 403
    assert answer.json()["messages"][0]["default_message"].endswith(".")
    assert [name for name in answer.headers if name.startswith("access-control")] == []
    assert clock.shift == 0


@pytest.mark.parametrize("media", [None, "text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
@pytest.mark.parametrize(("path", "body"), [(path, body) for method, path, body in EVERY if method == "POST"])
def test_a_body_is_said_to_be_json(clock: ManualClock, path: str, body: Any, media: str | None) -> None:
    request = httpx.Request("POST", f"http://127.0.0.1:8080{path}", json=body, headers=OWN)
    del request.headers["content-type"]
    if media is not None:
        request.headers["content-type"] = media
    assert client(clock).send(request).status_code == 415
    assert clock.shift == 0


@pytest.mark.parametrize(("_method", "path", "_body"), EVERY)
def test_a_browser_that_asks_first_gets_no_permission(clock: ManualClock, _method: str, path: str, _body: Any) -> None:
    asked = {
        "origin": "http://evil.example",
        "access-control-request-method": "POST",
        "access-control-request-headers": f"content-type,{CONTROL_HEADER}",
    }
    answer = client(clock).options(path, headers=asked)
    assert answer.status_code == 403
    assert [name for name in answer.headers if name.startswith("access-control")] == []


@pytest.mark.parametrize(
    ("host", "names", "comes_in"),
    [
        ("localhost", ("127.0.0.1",), True),
        ("LOCALHOST:8080", ("127.0.0.1",), True),
        ("127.0.0.1:8080", ("127.0.0.1",), True),
        ("127.0.0.2", ("127.0.0.1",), True),
        ("[::1]:8080", ("::1",), True),
        ("[fe80::1]:8080", ("::1",), False),
        ("mock", ("mock", "10.0.0.5"), True),
        ("10.0.0.5:80", ("mock", "10.0.0.5"), True),
        ("10.0.0.6:80", ("mock", "10.0.0.5"), False),
        ("10.0.0.6:80", ("0.0.0.0",), True),
        ("[fe80::1]", ("::",), True),
        ("mock", ("0.0.0.0",), False),
        ("localhost:x", ("127.0.0.1",), False),
        ("[::1", ("::1",), False),
        ("2130706433", ("127.0.0.1",), False),
    ],
)
def test_the_host_is_one_where_the_server_listens(
    clock: ManualClock, host: str, names: tuple[str, ...], *, comes_in: bool
) -> None:
    answer = client(clock, names=names).get("/_control/clock", headers=OWN | {"host": host})
    assert answer.status_code == (200 if comes_in else 403)


def test_a_secret_is_the_only_key(clock: ManualClock) -> None:
    guarded = client(clock, control="s3cr3t-of-this-run")
    refused = guarded.get("/_control/clock", headers=OWN)
    assert refused.status_code == 403
    assert "s3cr3t-of-this-run" not in refused.text
    assert guarded.get("/_control/clock", headers={CONTROL_HEADER: "s3cr3t-of-this-run"}).status_code == 200


@pytest.mark.parametrize("path", ["/%5Fcontrol/clock", "/_control%2Fclock", "//_control/clock", "/x/../_control/clock"])
def test_no_spelling_of_the_path_leads_round_the_guard(path: str) -> None:
    with MockServer(control=True) as server:
        assert httpx.get(httpx.URL(server.url, raw_path=path.encode())).status_code in (403, 404)


def test_the_api_beside_it_asks_for_nothing_of_the_kind() -> None:
    speaker = Speaker(Dialect.API, control=True)
    del speaker.http.headers[CONTROL_HEADER]
    answer = speaker.http.get("/api/session", headers={"host": "any.example", "origin": "http://any.example"})
    assert answer.status_code == 200


def test_an_embedded_server_listens_to_its_own_names() -> None:
    with MockServer(control="s") as server:
        for host in ("127.0.0.1", "localhost"):
            answer = httpx.get(f"{server.url}/_control/clock", headers={CONTROL_HEADER: "s", "host": host})
            assert answer.status_code == 200
        assert httpx.get(f"{server.url}/_control/clock", headers=OWN).status_code == 403
