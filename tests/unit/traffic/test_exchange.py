from __future__ import annotations

import base64
import json
import shlex
from datetime import UTC, datetime

import pytest

from contract_tests.traffic.exchange import Exchange
from contract_tests.traffic.messages import Request, Response

URL = "https://vc.example/api/session?a=b"


def exchange(
    *, url: str = URL, headers: tuple[tuple[str, str], ...] = (), body: bytes = b"", response: Response | None = None
) -> Exchange:
    request = Request("POST", url, headers, body)
    return Exchange(request, response, datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC), 0.25, cell="api-update")


def whole(redacted: Exchange) -> str:
    return json.dumps(redacted.as_data()) + redacted.request.as_curl()


# Values


def test_headers_are_found_whatever_their_case() -> None:
    assert Request("GET", URL, (("Content-Type", "a"), ("content-type", "b"))).header("CONTENT-TYPE") == "a"
    assert Response(200, (("Date", "d"),)).header("etag") is None


def test_the_status_is_that_of_the_answer_if_there_is_one() -> None:
    assert exchange(response=Response(204)).status == 204
    assert exchange().status is None


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"\xff\xfe",
        b"NaN",
        b'{"client_progress": -Infinity}',
        b"[" * 100_000 + b"]" * 100_000,
        b"[" * 40 + b"]" * 40,
        b'{"a":' * 40 + b"1" + b"}" * 40,
        b"1" * 5000,
        rb'"\ud800"',
        rb'{"\udfff": 1}',
    ],
    ids=lambda body: repr(body[:12]),
)
def test_odd_json_is_a_value_error_and_no_crash(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        _ = Response(200, body=body).json


@pytest.mark.parametrize(
    ("body", "value"), [(b"null", None), ('"\u00e9"'.encode(), "é"), (rb'"\ud83d\ude00"', "😀"), (b"1e400", 1e400)]
)
def test_ordinary_json_is_read(body: bytes, value: object) -> None:
    assert Response(200, body=body).json == value


@pytest.mark.parametrize("body", [b"", b"text", "größe".encode(), b"\x00\x01", b"\xff", "\u2028".encode()])
@pytest.mark.parametrize("response", [None, Response(200, (("a", "\xe9"), ("a", "2")), b"\x80binary")])
def test_an_exchange_survives_as_json(body: bytes, response: Response | None) -> None:
    kept = exchange(headers=(("accept", "*/*"),), body=body, response=response)
    assert Exchange.from_data(json.loads(json.dumps(kept.as_data()))) == kept


def test_a_failure_survives_as_json() -> None:
    failed = Exchange(Request("GET", URL), None, datetime.now(UTC), 0.5, "ConnectError: refused", "rest-update", "read")
    assert Exchange.from_data(failed.as_data()) == failed


def test_headers_that_many_exchanges_have_are_kept_once() -> None:
    """A run holds all its exchanges, and most headers are equal in all of them."""
    headers = (("a", "b"),)
    data = json.dumps(exchange(headers=headers, response=Response(200, headers)).as_data())
    one, other = (Exchange.from_data(json.loads(data)) for _ in range(2))
    assert one.request.headers[0] is other.request.headers[0]
    assert one.response is not None
    assert one.response.headers[0] is one.request.headers[0]


# curl


def words(request: Request) -> list[str]:
    return shlex.split(request.as_curl())


def after(words: list[str], option: str) -> list[str]:
    return [words[place + 1] for place, word in enumerate(words) if word == option]


@pytest.mark.parametrize("body", ['{"a": "it\'s $HOME `x` \\"q\\""}', "@/etc/passwd", "two\nlines", "größe"])
def test_curl_sends_the_same_text(body: str) -> None:
    sent = words(Request("PATCH", URL, (("content-type", "application/json"),), body.encode()))
    assert sent[0] == "curl"
    assert sent[-1] == URL
    assert after(sent, "-X") == ["PATCH"]
    assert after(sent, "-H") == ["content-type: application/json"]
    assert after(sent, "--data-raw") == [body]


@pytest.mark.parametrize("body", [b"\x00\x01", b"\xff\xfe"])
def test_curl_sends_the_same_bytes(body: bytes) -> None:
    sent = words(Request("PUT", URL, (("content-type", "application/octet-stream"),), body))
    assert sent[:2] == ["printf", "%s"]
    assert base64.b64decode(sent[2]) == body
    assert sent[3:8] == ["|", "base64", "-d", "|", "curl"]
    assert after(sent, "--data-binary") == ["@-"]


def test_curl_leaves_out_what_it_sets_itself() -> None:
    headers = tuple(
        (name, "x") for name in ("Host", "Content-Length", "Connection", "Accept-Encoding", "User-Agent", "Accept")
    )
    assert after(words(Request("GET", URL, headers)), "-H") == ["Accept: x"]


def test_curl_invents_no_content_type() -> None:
    assert after(words(Request("POST", URL, (), b"x")), "-H") == ["content-type:"]


def test_curl_sends_an_empty_header() -> None:
    assert after(words(Request("GET", URL, (("x", ""),))), "-H") == ["x;"]


def test_curl_has_variables_for_the_token_and_the_password() -> None:
    headers = (("vmware-api-session-id", "<token>"), ("Authorization", "<redacted>"))
    command = Request("GET", URL, headers).as_curl()
    assert '-H "vmware-api-session-id: $TOKEN"' in command
    assert '-u "$USERNAME:$PASSWORD"' in command


def test_curl_has_no_variable_for_a_token_that_was_never_given() -> None:
    command = Request("GET", URL, (("vmware-api-session-id", "<redacted>"),)).as_curl()
    assert "$TOKEN" not in command
    assert after(shlex.split(command), "-H") == ["vmware-api-session-id: <redacted>"]


def test_a_body_that_looks_like_a_header_stays_a_body() -> None:
    body = "x'vmware-api-session-id: <token>'y -H 'authorization: <redacted>'"
    assert after(words(Request("POST", URL, (), body.encode())), "--data-raw") == [body]


def test_a_hostile_address_or_method_runs_nothing() -> None:
    url = "https://vc.example/$(reboot);`reboot`' \"&[1-9]{a,b}"
    sent = words(Request("GET;reboot", url))
    assert (after(sent, "-X"), sent[-1]) == (["GET;reboot"], url)
    assert "-g" in sent
