from __future__ import annotations

import threading
from contextvars import copy_context
from typing import TYPE_CHECKING

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract_tests.driver import Body, Door, Recorder
from contract_tests.traffic.redaction import Redactor

from .servers import BASE, Server, says

if TYPE_CHECKING:
    from contract_tests.traffic.exchange import Exchange


def test_of_a_body_with_a_mark_the_mark_is_kept_also_where_the_answer_repeats_it() -> None:
    repeats = httpx.Response(200, content=b"thanks for what is private!")
    server = Server({"PUT /a": repeats})
    kept = server.door().send("PUT", "/a", body=Body(b"what is private", None, b"<15 bytes>"))
    assert server.requests[-1].content == b"what is private"
    assert kept.request.body == b"<15 bytes>"
    assert kept.response is not None
    assert kept.response.body == b"thanks for <15 bytes>!"
    assert "private" not in repr(Body(b"what is private"))
    short = server.door().send("PUT", "/a", body=Body(b"is", None, b"<2 bytes>")).response
    assert short is not None
    assert short.body == b"thanks for what is private!"


def test_the_query_is_on_the_wire() -> None:
    server = Server()
    server.door().send("POST", "/rest/x/id:a:b", query=(("~action", "keep-alive"), ("q", "a b&c=d~/ü")))
    assert server.asked == ["POST /rest/x/id:a:b?~action=keep-alive&q=a%20b%26c%3Dd~%2F%C3%BC"]


def test_a_whole_address_is_not_put_behind_the_base() -> None:
    server = Server()
    server.door(f"{BASE}/").send("PUT", "https://other.example:444/x?y=z")
    server.door(f"{BASE}/").send("GET", "/x")
    assert [str(request.url) for request in server.requests] == ["https://other.example:444/x?y=z", f"{BASE}/x"]


def test_standing_headers_go_with_every_request_and_may_be_replaced() -> None:
    server = Server()
    door = server.door(vmware_api_session_id="token-1")
    door.send("GET", "/a")
    door.send("GET", "/b", headers={"vmware-api-session-id": "token-2", "accept": "*/*"})
    door.with_headers({}).send("GET", "/c")
    door.with_headers({"x": "y"}).send("GET", "/d")
    assert [request.headers.get("vmware-api-session-id") for request in server.requests] == [
        "token-1",
        "token-2",
        None,
        None,
    ]
    assert [request.headers["accept"] for request in server.requests][:2] == ["application/json", "*/*"]
    assert server.requests[-1].headers["x"] == "y"
    assert server.requests[0].headers["user-agent"].startswith("cl-contract/")


def test_a_cookie_is_not_replayed() -> None:
    server = Server({"GET /a": says(200, set_cookie="vmware-api-session-id=abc; Path=/")})
    door = server.door()
    door.send("GET", "/a")
    door.send("GET", "/b")
    door.with_headers({}).send("GET", "/c")
    assert ["cookie" in request.headers for request in server.requests] == [False, False, False]


@pytest.mark.parametrize("location", ["/b", "https://elsewhere.example/", "http://[", "x://\x01"])
def test_a_redirection_is_an_answer_like_any_other(location: str) -> None:
    server = Server({"GET /a": says(302, location=location)})
    exchange = server.door().send("GET", "/a")
    assert (exchange.status, exchange.failure) == (302, None)
    assert server.asked == ["GET /a"]


@pytest.mark.parametrize(
    ("body", "content", "content_type"),
    [
        (None, b"", None),
        (Body.json({"a": 1}), b'{"a": 1}', "application/json"),
        (Body(b"<a/>", "application/xml"), b"<a/>", "application/xml"),
        (Body(b"\x00", None), b"\x00", None),
    ],
)
def test_a_body_goes_as_it_is(body: Body | None, content: bytes, content_type: str | None) -> None:
    server = Server()
    exchange = server.door().send("POST", "/a", body=body)
    assert server.requests[0].content == content
    assert server.requests[0].headers.get("content-type") == content_type
    assert exchange.request.body == content


def test_an_exchange_has_everything() -> None:
    server = Server({"POST /a": httpx.Response(201, headers=[(b"X", b"1"), (b"X", b"\xe9")], content=b"\xff")})
    exchange = server.door().send("POST", "/a", cell="api-update", operation="create")
    assert (exchange.cell, exchange.operation, exchange.failure) == ("api-update", "create", None)
    assert exchange.request.url == f"{BASE}/a"
    assert exchange.request.header("host") == "vc.example"
    assert exchange.response is not None
    assert (exchange.response.status, exchange.response.body) == (201, b"\xff")
    assert [value for name, value in exchange.response.headers if name == "X"] == ["1", "é"]
    assert exchange.started.utcoffset() is not None
    assert exchange.seconds >= 0


@pytest.mark.parametrize(
    "problem",
    [
        httpx.ConnectError("refused"),
        httpx.ReadTimeout("timed out"),
        httpx.RemoteProtocolError("illegal status line"),
        httpx.DecodingError("not gzip"),
    ],
)
def test_no_answer_is_an_exchange_too(problem: Exception) -> None:
    exchange = Server({"GET": problem}).door().send("GET", "/a", cell="api-update", operation="read")
    assert (exchange.status, exchange.response) == (None, None)
    assert exchange.failure == f"{type(problem).__name__}: {problem}"
    assert exchange.request.url == f"{BASE}/a"


def test_an_answer_that_can_not_be_decoded_is_a_failure() -> None:
    def gzipped(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, headers={"content-encoding": "gzip"}, stream=httpx.ByteStream(b"no gzip"))

    exchange = Server({"GET": gzipped}).door().send("GET", "/a")
    assert exchange.response is None
    assert (exchange.failure or "").startswith("DecodingError")


@pytest.mark.parametrize("address", ["http://h:port/", "http://xn--/", "https://vc.example/\x00", "x" * 70_000])
def test_an_address_that_can_not_be_sent_is_a_failure(address: str) -> None:
    server = Server()
    exchange = server.door().send("PUT", address, headers={"a": "b"}, body=Body(b"c"))
    assert exchange.failure
    assert (exchange.request.url, exchange.request.body) == (address, b"c")
    assert server.requests == []


def test_a_token_that_can_not_be_sent_is_a_failure_and_not_told() -> None:
    exchange = Server().door(vmware_api_session_id="tökèn-0123456789").send("GET", "/a")
    assert (exchange.failure or "").startswith("UnicodeEncodeError")
    assert exchange.request.headers == (("vmware-api-session-id", "<redacted>"),)


def test_what_is_kept_is_redacted_and_what_learns_sees_more() -> None:
    server = Server({"POST /login": says(201, "0123456789abcdef"), "GET /echo": says(200, b"you are 0123456789abcdef")})
    door = server.door()
    seen: list[bytes] = []

    def learn(raw: Exchange) -> None:
        assert raw.response is not None
        seen.append(raw.response.body)
        door.recorder.redact.learn("token", "0123456789abcdef")

    with door.recorder.recording() as kept:
        given = [door.send("POST", "/login", learn=learn), door.send("GET", "/echo")]
    assert seen == [b'"0123456789abcdef"']
    assert [one.response.body for one in given if one.response] == [b'"<token>"', b"you are <token>"]
    assert kept == given


def test_only_the_test_under_way_records() -> None:
    door = Server().door()
    door.send("GET", "/before")
    with door.recorder.recording() as outer:
        door.send("GET", "/a")
        with door.recorder.recording() as inner:
            door.with_headers({}).send("GET", "/b")
        door.send("GET", "/c")
    door.send("GET", "/after")
    assert [one.request.url for one in outer] == [f"{BASE}/a", f"{BASE}/c"]
    assert [one.request.url for one in inner] == [f"{BASE}/b"]


def test_threads_record_each_for_itself() -> None:
    door = Server().door()
    kept: dict[str, list[Exchange]] = {}

    def play(name: str) -> None:
        with door.recorder.recording() as kept[name]:
            barrier.wait()
            door.send("GET", f"/{name}")

    barrier = threading.Barrier(2)
    threads = [threading.Thread(target=copy_context().run, args=(play, name)) for name in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {name: [one.request.url for one in kept[name]] for name in "ab"} == {"a": [f"{BASE}/a"], "b": [f"{BASE}/b"]}


def test_closing_closes_the_transport() -> None:
    closed = []

    class Transport(httpx.BaseTransport):
        def close(self) -> None:
            closed.append(True)

    Door(BASE, Recorder(Redactor()), inner=Transport()).with_headers({}).close()
    assert closed == [True]


def test_without_a_transport_there_is_a_real_one() -> None:
    door = Door("http://127.0.0.1:1", Recorder(Redactor()))
    assert (door.send("GET", "/a").failure or "").startswith("ConnectError")
    door.close()


TEXTS = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=8)


@given(
    st.sampled_from(("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")),
    st.sampled_from(("/a", "/a?b=c", "/a%2fb?~action=x", "/ü x", "https://other.example:444/x", "http://[::1]:80/")),
    st.dictionaries(st.sampled_from(("accept", "Host", "host", "content-length", "x-a", "Transfer-Encoding")), TEXTS),
    st.sampled_from((None, Body(b"", None), Body(b"{}"), Body(b"\xff" * 3, None), Body.json([1]))),
)
def test_a_request_has_the_address_and_headers_that_httpx_gives_it(
    method: str, path: str, headers: dict[str, str], body: Body | None
) -> None:
    server = Server()
    door = server.door()
    for _ in range(2):  # what is remembered of the first is for the second
        door.send(method, path, headers=headers, body=body)
    content = b"" if body is None else body.content
    typed = {} if body is None or body.content_type is None else {"content-type": body.content_type}
    standing = {name: server.requests[0].headers[name] for name in ("accept", "accept-encoding", "user-agent")}
    address = BASE + path if path.startswith("/") else path
    usual = httpx.Request(method, address, headers={**standing, **headers, **typed}, content=content)
    for sent in server.requests:
        assert (sent.method, str(sent.url), sent.content) == (usual.method, str(usual.url), content)
        assert sent.headers.raw == usual.headers.raw
