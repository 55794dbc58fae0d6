"""The cookie of a login: set, read before the header, and taken away again."""

from __future__ import annotations

from http.cookies import SimpleCookie
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from contract_tests.mock import MockServer

if TYPE_CHECKING:
    from .speaker import Speaker

NAME = "vmware-api-session-id"


def place(speaker: Speaker) -> str:
    return "/rest/com/vmware/cis/session" if speaker.wraps else "/api/session"


def logged_in(speaker: Speaker, **headers: str) -> httpx.Response:
    return speaker.http.post(place(speaker), auth=("user", "pass"), headers=headers)


def asked(speaker: Speaker, **headers: str) -> int:
    """The status of a request that anybody who is logged in may send, with these headers and no others of a login."""
    speaker.http.headers.pop(NAME, None)
    return speaker.http.get(speaker.path("/content/local-library"), headers=headers).status_code


def test_a_login_sets_its_token_as_a_cookie(speaker: Speaker) -> None:
    answer = logged_in(speaker)
    cookie = SimpleCookie(answer.headers["set-cookie"])[NAME]
    assert cookie.value == speaker.value(answer)
    told: dict[str, Any] = {name: value for name, value in cookie.items() if value}
    assert told == {"path": "/rest" if speaker.wraps else "/api", "httponly": True}


def test_a_client_that_sends_the_header_may_do_without(speaker: Speaker) -> None:
    assert "set-cookie" not in logged_in(speaker, **{"vmware-use-header-authn": "true"}).headers


def test_a_refused_login_sets_none(speaker: Speaker) -> None:
    assert "set-cookie" not in speaker.http.post(place(speaker), auth=("user", "x")).headers


@pytest.mark.parametrize("form", ["{name}={token}", "a=b; {name}={token}; c=d", '{name}="{token}"', "a;{name}={token}"])
def test_a_cookie_alone_is_a_token(speaker: Speaker, form: str) -> None:
    token = speaker.value(logged_in(speaker))
    assert asked(speaker, cookie=form.format(name=NAME, token=token)) == 200


@pytest.mark.parametrize("form", ["", "a=b", "x{name}={token}", "{name}", "{token}"])
def test_other_cookies_are_none(speaker: Speaker, form: str) -> None:
    token = speaker.value(logged_in(speaker))
    assert asked(speaker, cookie=form.format(name=NAME, token=token)) == 401


def test_the_cookie_counts_before_the_header(speaker: Speaker) -> None:
    token = speaker.value(logged_in(speaker))
    assert asked(speaker, cookie=f"{NAME}=wrong", **{NAME: token}) == 401
    assert asked(speaker, cookie=f"{NAME}={token}", **{NAME: "wrong"}) == 200


def test_a_cookie_without_a_value_leaves_the_header_alone(speaker: Speaker) -> None:
    token = speaker.value(logged_in(speaker))
    assert asked(speaker, cookie=f"{NAME}=", **{NAME: token}) == 200


def test_a_logout_by_the_cookie_ends_it_and_takes_it_away(speaker: Speaker) -> None:
    token = speaker.value(logged_in(speaker))
    speaker.http.headers.pop(NAME, None)
    answer = speaker.http.delete(place(speaker), headers={"cookie": f"{NAME}={token}"})
    cookie = SimpleCookie(answer.headers["set-cookie"])[NAME]
    assert (cookie.value, cookie["max-age"]) == ("", "0")
    assert cookie["path"] == ("/rest" if speaker.wraps else "/api")
    assert speaker.http.get(speaker.path("/content/local-library"), headers={NAME: token}).status_code == 401


def test_a_client_with_a_jar_needs_nothing_else_and_over_tls_only() -> None:
    with MockServer(tls=True) as mock, httpx.Client(base_url=mock.url, verify=mock.trust) as client:
        answer = client.post("/api/session", auth=("user", "pass"))
        assert "; Secure" in answer.headers["set-cookie"]
        assert client.get("/api/session").json()["user"] == "user"
        assert client.get("/rest/com/vmware/content/local-library").status_code == 401  # the cookie is of /api
        assert client.delete("/api/session").status_code == 204
        assert (dict(client.cookies), client.get("/api/session").status_code) == ({}, 401)
