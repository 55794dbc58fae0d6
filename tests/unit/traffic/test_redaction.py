from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

import pytest

from contract_tests.traffic.exchange import Exchange
from contract_tests.traffic.messages import Request, Response
from contract_tests.traffic.redaction import Redactor

if TYPE_CHECKING:
    from collections.abc import Callable

URL = "https://vc.example/api/session?a=b"


def exchange(
    *, url: str = URL, headers: tuple[tuple[str, str], ...] = (), body: bytes = b"", response: Response | None = None
) -> Exchange:
    request = Request("POST", url, headers, body)
    return Exchange(request, response, datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC), 0.25, cell="api-update")


def whole(redacted: Exchange) -> str:
    return json.dumps(redacted.as_data()) + redacted.request.as_curl()


SECRETS = [
    "0123456789abcdef",
    'quo"te\\back/sl%ash ü+=?&',
    "<b>&amp;'secret",
    "größe-größe",
    "日本語の秘密です",
    "a/b+c==d",
]


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize(
    "written",
    [
        str,
        lambda secret: quote(secret, safe=""),
        lambda secret: quote(secret, safe="").lower(),
        quote,
        quote_plus,
        lambda secret: json.dumps(secret)[1:-1],
        lambda secret: json.dumps(secret, ensure_ascii=False)[1:-1],
        lambda secret: json.dumps(secret)[1:-1].replace("/", "\\/"),
        lambda secret: base64.b64encode(secret.encode()).decode(),
        lambda secret: base64.urlsafe_b64encode(secret.encode()).decode().rstrip("="),
    ],
)
def test_a_learnt_secret_is_kept_nowhere(secret: str, written: Callable[[str], str]) -> None:
    form = written(secret)
    redact = Redactor()
    redact.learn("token", secret)
    in_header = form.encode().decode("latin-1")
    kept = redact(
        exchange(
            url=f"https://vc.example/x?t={form}",
            headers=(("x-echo", in_header),),
            body=f"before {form} after".encode(),
            response=Response(200, (("location", f"/{in_header}"),), b"\xff " + form.encode()),
        )
    )
    assert kept.request.url == "https://vc.example/x?t=<token>"
    assert kept.request.headers == (("x-echo", "<token>"),)
    assert kept.request.body == b"before <token> after"
    assert kept.response == Response(200, (("location", "/<token>"),), b"\xff <token>")


def test_a_failure_is_redacted() -> None:
    redact = Redactor()
    redact.learn("password", "correct horse")
    failed = Exchange(Request("GET", URL), None, datetime.now(UTC), 0.0, "no such user: correct horse")
    assert redact(failed).failure == "no such user: <password>"


@pytest.mark.parametrize("name", ["Authorization", "cookie", "SET-COOKIE", "vmware-api-session-id"])
def test_credentials_are_hidden_by_the_name_of_their_header(name: str) -> None:
    redacted = Redactor()(exchange(headers=((name, "Basic dTpw"),), response=Response(200, ((name, "t"),))))
    assert redacted.request.headers == ((name, "<redacted>"),)
    assert redacted.response is not None
    assert redacted.response.headers == ((name, "<redacted>"),)


@pytest.mark.parametrize("token", ["0123456789", "t1"])
def test_a_known_token_in_its_header_is_told_from_an_unknown_one(token: str) -> None:
    redact = Redactor()
    redact.learn("token", token)
    assert redact(exchange(headers=(("vmware-api-session-id", token),))).request.headers == (
        ("vmware-api-session-id", "<token>"),
    )


@pytest.mark.parametrize("body", [b'"t1"', b'{"value":"t1"}'])
def test_a_short_secret_is_hidden_as_a_whole_string_only(body: bytes) -> None:
    redact = Redactor()
    redact.learn("token", "t1")
    response = redact(exchange(response=Response(201, (), body + b' {"state1": 1}'))).response
    assert response is not None
    assert response.body == body.replace(b"t1", b"<token>") + b' {"state1": 1}'


def test_a_text_that_is_too_long_for_a_header_is_hidden_and_takes_no_time() -> None:
    redact, text = Redactor(), "[" * 100_000
    redact.learn("token", text)
    encoded = base64.b64encode(text.encode())
    assert redact(exchange(body=f'"{text}"'.encode() + encoded)).request.body == b'"<token>"<token>'


def test_an_empty_secret_changes_nothing() -> None:
    redact = Redactor()
    redact.learn("password", "")
    one = exchange(body=b'{"a": ""}', response=Response(200, (), b'""'))
    assert redact(one) == one


def test_a_secret_inside_another_does_not_cut_it() -> None:
    redact = Redactor()
    redact.learn("inner", "12345678")
    redact.learn("outer", "12345678-abc")
    assert redact(exchange(body=b"12345678-abc 12345678")).request.body == b"<outer> <inner>"


def test_what_stands_for_a_secret_is_not_searched_again() -> None:
    redact = Redactor()
    redact.learn("password", "password")
    redact.learn("token", "token-of-password")
    assert redact(exchange(body=b"token-of-password password")).request.body == b"<token> <password>"


def test_nothing_of_a_secret_is_in_data_or_command() -> None:
    redact = Redactor()
    redact.learn("token", "0123456789abcdef")
    redact.learn("password", "hunter2!hunter2!")
    kept = redact(
        exchange(
            headers=(("vmware-api-session-id", "0123456789abcdef"), ("authorization", "Basic aHVudGVyMg==")),
            body=b'{"password": "hunter2!hunter2!"}',
            response=Response(201, (("set-cookie", "vmware-api-session-id=0123456789abcdef"),), b'"0123456789abcdef"'),
        )
    )
    for secret in ("0123456789abcdef", "hunter2", "aHVudGVyMg"):
        assert secret not in whole(kept)
