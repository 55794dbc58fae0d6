"""What a request has to be before anybody looks at what it says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from contract_tests import __version__
from contract_tests.contract.schemas import schemas
from contract_tests.contract.words import Dialect, Service
from contract_tests.mock import MockSettings, Parts
from contract_tests.mock.domain.access import User
from contract_tests.mock.domain.sessions import Sessions

from .speaker import Speaker, sessions

if TYPE_CHECKING:
    from collections.abc import Mapping

UPDATES = sessions(Service.UPDATE)


def test_without_a_token_nobody_is_answered(speaker: Speaker) -> None:
    session = speaker.session(Service.UPDATE)
    del speaker.http.headers["vmware-api-session-id"]
    answer = speaker.act(Service.UPDATE, session, "keep-alive")
    speaker.refused(answer, 401, "UNAUTHENTICATED")
    error = speaker.error(answer)
    assert error["messages"][0]["id"] == "com.vmware.vapi.endpoint.method.authentication.required"
    assert error["challenge"] == answer.headers["www-authenticate"]
    assert "data" not in error


def test_a_session_id_is_no_token(speaker: Speaker) -> None:
    speaker.http.headers["vmware-api-session-id"] = speaker.session(Service.UPDATE)
    speaker.refused(speaker.http.get(speaker.path(UPDATES)), 401, "UNAUTHENTICATED")


@pytest.mark.parametrize("path", ["/nothing", "/content/library/item/update-session/", "", "/"])
def test_an_unknown_path_is_not_found_even_without_a_token(speaker: Speaker, path: str) -> None:
    del speaker.http.headers["vmware-api-session-id"]
    answer = speaker.http.get(speaker.path(path))
    speaker.refused(answer, 404, "NOT_FOUND")
    message = speaker.error(answer)["messages"][0]
    last = "operationsForUrlNotFound" if speaker.wraps else "httpNotFound"
    assert message["id"] == f"com.vmware.vapi.rest.{last}"
    assert speaker.path(path) in message["args"]


@pytest.mark.parametrize("path", ["/", "/restful", "/favicon.ico"])
def test_paths_of_no_dialect_are_answered_bare(path: str) -> None:
    answer = Speaker(Dialect.API).http.get(path)
    assert (answer.status_code, answer.json()["error_type"]) == (404, "NOT_FOUND")


def test_rest_itself_is_answered_wrapped() -> None:
    assert "value" in Speaker(Dialect.API).http.get("/rest").json()


@pytest.mark.parametrize("action", [None, "nothing", "", "keep-alive,", "KEEP-ALIVE"])
def test_an_unknown_action_is_not_found(speaker: Speaker, action: str | None) -> None:
    session = speaker.session(Service.UPDATE)
    answer = (
        speaker.act(Service.UPDATE, session, action)
        if action is not None
        else speaker.http.post(speaker.path(UPDATES, session))
    )
    speaker.refused(answer, 404, "OPERATION_NOT_FOUND")


def test_the_other_dialects_action_is_none(speaker: Speaker) -> None:
    path = speaker.path(UPDATES, speaker.session(Service.UPDATE))
    other = "action" if speaker.wraps else "~action"
    speaker.refused(speaker.http.post(f"{path}?{other}=keep-alive"), 404, "OPERATION_NOT_FOUND")


def test_download_sessions_do_not_complete(speaker: Speaker) -> None:
    session = speaker.session(Service.DOWNLOAD)
    speaker.refused(speaker.act(Service.DOWNLOAD, session, "complete"), 404, "OPERATION_NOT_FOUND")


@pytest.mark.parametrize("service", list(Service))
@pytest.mark.parametrize("method", ["PUT", "OPTIONS", "TRACE", "HEAD"])
def test_a_method_that_is_not_there_is_told_which_are(speaker: Speaker, service: Service, method: str) -> None:
    answer = speaker.http.request(method, speaker.path(sessions(service), "x"))
    assert answer.status_code == 405
    allowed = "DELETE, GET, PATCH, POST" if service is Service.UPDATE else "DELETE, GET, POST"
    assert answer.headers["allow"] == allowed


def test_there_is_no_patch_of_download_sessions(speaker: Speaker) -> None:
    answer = speaker.http.patch(speaker.path(sessions(Service.DOWNLOAD), "x"), json={})
    speaker.refused(answer, 405, "ERROR")


@pytest.mark.parametrize("query", ["action", "other"])
def test_a_parameter_is_there_once(speaker: Speaker, query: str) -> None:
    path = speaker.path(UPDATES, speaker.session(Service.UPDATE), "keep-alive")
    if query == "action":
        again = path.partition("?")[2]
        speaker.refused(speaker.http.post(f"{path}&{again}"), 400, "INVALID_REQUEST")
    else:
        every = speaker.path(UPDATES)
        answer = speaker.http.get(f"{every}?library_item_id=a&library_item_id=a")
        speaker.refused(answer, 400, "INVALID_ARGUMENT")


def test_an_unknown_parameter_is_refused(speaker: Speaker) -> None:
    path = speaker.path(UPDATES, speaker.session(Service.UPDATE), "keep-alive")
    answer = speaker.http.post(f"{path}&colour=red")
    speaker.refused(answer, 400, "INVALID_ARGUMENT")
    assert speaker.error(answer)["messages"][0] == {
        "id": "com.vmware.vapi.rest.unsupportedProperty",
        "default_message": "Unsupported property with name: colour.",
        "args": ["colour"],
    }


# Bodies


@pytest.mark.parametrize(
    "content",
    [
        b"{",
        b'{"client_progress": 1}x',
        b'{"client_progress": NaN}',
        b'{"client_progress": Infinity}',
        b'{"client_progress": -Infinity}',
        b'{"client_progress": 1e400}',
        b'{"client_progress": 1, "client_progress": 2}',
        b'{"client_progress": 01}',
        b'{"client_progress": "\xff"}',
        b'{"client_progress": "\\ud800"}',
        b"\xef\xbb\xbf{}",
        b"[" * 100_000,
        b'{"client_progress": ' + b"9" * 5000 + b"}",
        b" ",
    ],
)
def test_what_is_no_json_is_refused_and_extends_nothing(speaker: Speaker, content: bytes) -> None:
    session = speaker.session(Service.UPDATE)
    before = speaker.read(Service.UPDATE, session)
    speaker.clock.advance(2)
    answer = speaker.act(Service.UPDATE, session, "keep-alive", content=content)
    speaker.refused(answer, 400, "INVALID_REQUEST")
    assert speaker.read(Service.UPDATE, session) == before


@pytest.mark.parametrize("content", [b"", b"null", b"{}", b' {"client_progress": null}\n', b'{"client_progress":1e1}'])
def test_bodies_that_are_right(speaker: Speaker, content: bytes) -> None:
    session = speaker.session(Service.UPDATE)
    assert speaker.act(Service.UPDATE, session, "keep-alive", content=content).is_success


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        (None, 0),
        ("application/json", 0),
        ("Application/JSON; charset=UTF-8", 0),
        ('application/json; x=y; charset="utf-8"', 0),
        ("application/json; charset=utf-16", 415),
        ("text/plain", 415),
        ("application/octet-stream", 415),
        ("application/json-patch+json", 415),
        ("", 415),
    ],
)
def test_json_is_what_a_body_is(speaker: Speaker, content_type: str | None, status: int) -> None:
    session = speaker.session(Service.UPDATE)
    headers = {} if content_type is None else {"content-type": content_type}
    answer = speaker.act(Service.UPDATE, session, "keep-alive", content=b"{}", headers=headers)
    if status == 0:
        assert answer.is_success
    else:
        speaker.refused(answer, status, "ERROR")


def test_without_a_body_its_type_does_not_matter(speaker: Speaker) -> None:
    session = speaker.session(Service.UPDATE)
    answer = speaker.act(Service.UPDATE, session, "keep-alive", headers={"content-type": "text/plain"})
    assert answer.is_success


@pytest.mark.parametrize("size", [2**20, 2**20 + 1, 2**22, 2**27])
def test_a_body_has_a_limit(speaker: Speaker, size: int) -> None:
    session = speaker.session(Service.UPDATE)
    answer = speaker.act(Service.UPDATE, session, "keep-alive", content=b"{}".ljust(size))
    if size > 2**20:
        speaker.refused(answer, 413, "ERROR")
    else:
        assert answer.is_success


def test_content_has_a_limit_of_its_own() -> None:
    settings = MockSettings(users=(User("user", "pass"),), json_limit=500, content_limit=1000)
    speaker = Speaker(Dialect.API, settings=settings)
    path = speaker.path(UPDATES, speaker.session(Service.UPDATE)) + "/file"
    uri = speaker.value(speaker.http.post(path, json={"name": "a", "source_type": "PUSH"}))["upload_endpoint"]["uri"]
    assert speaker.http.put(uri, content=bytes(1001)).status_code == 413
    assert speaker.http.put(uri, content=bytes(1000)).status_code == 200


# Every reply


def test_a_reply_is_dated_by_the_servers_clock(speaker: Speaker) -> None:
    speaker.clock.advance(10)
    headers = speaker.http.get(speaker.path(UPDATES)).headers
    assert headers["date"] == "Fri, 02 Jan 2026 03:04:15 GMT"
    assert headers["server"] == f"cl-contract-mock/{__version__}"
    assert "set-cookie" not in headers


@pytest.mark.parametrize("host", ["mock.example:8080", "[::1]:80", "x/y@evil", ""])
def test_links_begin_with_the_address_that_the_client_used(host: str) -> None:
    speaker = Speaker(Dialect.API)
    path = speaker.path(UPDATES, speaker.session(Service.UPDATE)) + "/file"
    answer = speaker.http.post(path, json={"name": "a", "source_type": "PUSH"}, headers={"host": host})
    known = host if host in {"mock.example:8080", "[::1]:80"} else "mock.example:8080"
    assert speaker.value(answer)["upload_endpoint"]["uri"].startswith(f"http://{known}/cls/upload/")


def test_a_user_without_privileges_creates_nothing_and_lists_no_item(speaker: Speaker, service: Service) -> None:
    item = speaker.item()
    session = speaker.session(service, item)
    limited = Speaker(speaker.dialect, settings=MockSettings(users=(User("user", "pass", frozenset({"other"})),)))
    spec = limited.wrapped({"library_item_id": "x"})
    limited.refused(limited.http.post(limited.path(sessions(service)), json=spec), 403, "UNAUTHORIZED")
    listing = limited.path(sessions(service))
    limited.refused(limited.http.get(listing, params={"library_item_id": "x"}), 403, "UNAUTHORIZED")
    assert limited.value(limited.http.get(listing)) == []
    limited.refused(limited.act(service, session, "keep-alive"), 404, "NOT_FOUND")


def test_named_arguments_are_a_map_and_pairs_in_rest(speaker: Speaker, service: Service) -> None:
    session = speaker.session(service)
    speaker.act(service, session, "cancel")
    message = speaker.error(speaker.act(service, session, "keep-alive"))["messages"][0]
    named = {"session": {"s": session}, "state": {"s": "CANCELED"}, "operation": {"s": "keep-alive"}}
    assert message["args"] == []
    assert message["params"] == ([{"key": key, "value": one} for key, one in named.items()] if speaker.wraps else named)


def test_a_client_that_asks_for_a_language_is_told_in_one(speaker: Speaker, service: Service) -> None:
    path = speaker.path(sessions(service), "unknown")
    assert "localized" not in speaker.error(speaker.http.get(path))["messages"][0]
    message = speaker.error(speaker.http.get(path, headers={"accept-language": "de"}))["messages"][0]
    assert message["localized"] == message["default_message"]


def test_a_bug_is_answered_and_told(speaker: Speaker, capsys: pytest.CaptureFixture[str]) -> None:
    class Broken(Sessions):
        def extended_expiration(self, session: Any) -> Any:
            raise ZeroDivisionError(session.id)

    broken = Speaker(speaker.dialect, Parts(sessions=Broken))
    session = broken.session(Service.UPDATE)
    broken.refused(broken.act(Service.UPDATE, session, "keep-alive"), 500, "INTERNAL_SERVER_ERROR")
    assert "ZeroDivisionError" in capsys.readouterr().err


@pytest.mark.parametrize(
    "request_of",
    [
        {"method": "POST", "url": "/api/content/library/item/update-session", "content": b"{}"},
        {"method": "POST", "url": "/api/content/library/item/update-session", "content": b"{"},
        {"method": "GET", "url": "/api/content/library/item/update-session/x"},
        {"method": "PUT", "url": "/api/content/library/item/update-session/x"},
        {"method": "GET", "url": "/api/content/library/item/update-session?x=y"},
        {"method": "GET", "url": "/api/nothing"},
    ],
)
def test_errors_are_as_the_contract_has_them(request_of: Mapping[str, Any]) -> None:
    answer = Speaker(Dialect.API).http.request(**request_of)
    assert answer.is_error
    assert answer.headers["content-type"] == "application/json"
    assert schemas().problems("StandardError", answer.json()) == []
