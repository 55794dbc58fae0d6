"""The control door, by HTTP and in Python: what it does to the server, and what it shows of it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from contract_tests.contract.words import Dialect, Service
from contract_tests.mock import ApiError, MockServer, Spell

from .speaker import Speaker

if TYPE_CHECKING:
    from collections.abc import Iterator


def told(speaker: Speaker, path: str, body: Any = None, status: int = 200) -> Any:
    answer = speaker.http.post(f"/_control/{path}", json=body)
    assert answer.status_code == status, answer.text
    return answer.json()


def state(speaker: Speaker) -> Any:
    return speaker.http.get("/_control/state").json()


def upload(speaker: Speaker, session: str, name: str = "f") -> str:
    spec = {"name": name, "source_type": "PUSH"}
    if speaker.wraps:
        path = f"/rest/com/vmware/content/library/item/updatesession/file/id:{session}?~action=add"
        answer = speaker.http.post(path, json={"file_spec": spec})
    else:
        answer = speaker.http.post(f"/api/content/library/item/update-session/{session}/file", json=spec)
    return str(speaker.value(answer)["upload_endpoint"]["uri"])


@pytest.mark.parametrize("service", list(Service))
def test_a_session_fails_with_a_reason(speaker: Speaker, service: Service) -> None:
    session = speaker.session(service)
    assert told(speaker, "sessions/fail", {"session": session, "reason": "The disk is full."}) == {}
    shown = speaker.read(service, session)
    assert (shown["state"], shown["error_message"]["default_message"]) == ("ERROR", "The disk is full.")
    speaker.refused(speaker.act(service, session, "keep-alive"), 400, "NOT_ALLOWED_IN_CURRENT_STATE")
    assert told(speaker, "sessions/fail", {"session": session}, 400)["error_type"] == "NOT_ALLOWED_IN_CURRENT_STATE"


@pytest.mark.parametrize("service", list(Service))
def test_a_session_expires_now_and_is_gone_as_if_by_itself(speaker: Speaker, service: Service) -> None:
    session = speaker.session(service)
    told(speaker, "sessions/expire", {"session": session})
    shown = speaker.read(service, session)
    assert (shown["state"], shown["error_message"]["id"][-7:]) == ("ERROR", "expired")
    assert state(speaker)[f"{service}_sessions"][0]["state"] == "ERROR"
    speaker.clock.advance(6)
    assert state(speaker)[f"{service}_sessions"] == []
    path = speaker.path(f"/content/library/item/{service}-session", session)
    speaker.refused(speaker.http.get(path), 404, "NOT_FOUND")


def test_an_expired_session_makes_room_for_another(speaker: Speaker) -> None:
    item = speaker.item()
    told(speaker, "sessions/expire", {"session": speaker.session(Service.UPDATE, item)})
    assert speaker.session(Service.UPDATE, item)


def test_a_transfer_fails_until_it_is_sent_again(speaker: Speaker) -> None:
    session = speaker.session(Service.UPDATE)
    uri = upload(speaker, session)
    assert speaker.http.put(uri, content=b"abc").status_code == 200
    told(speaker, "transfers/fail", {"session": session, "file": "f", "reason": "The wire broke."})
    (file,) = state(speaker)["update_sessions"][0]["files"]
    assert (file["status"], file["error_message"]["default_message"]) == ("ERROR", "The wire broke.")
    speaker.refused(speaker.act(Service.UPDATE, session, "complete"), 400, "NOT_ALLOWED_IN_CURRENT_STATE")
    assert speaker.http.put(uri, content=b"abc").status_code == 200
    assert speaker.act(Service.UPDATE, session, "complete").is_success


@pytest.mark.parametrize("path", ["sessions/fail", "sessions/expire"])
def test_what_is_not_there_is_not_found(speaker: Speaker, path: str) -> None:
    assert told(speaker, path, {"session": "x"}, 404)["error_type"] == "NOT_FOUND"


def test_a_file_that_is_not_there_is_not_found(speaker: Speaker) -> None:
    session = speaker.session(Service.UPDATE)
    assert told(speaker, "transfers/fail", {"session": session, "file": "f"}, 404)["error_type"] == "NOT_FOUND"
    upload(speaker, session)
    speaker.act(Service.UPDATE, session, "cancel")
    refused = told(speaker, "transfers/fail", {"session": session, "file": "f"}, 400)
    assert refused["error_type"] == "NOT_ALLOWED_IN_CURRENT_STATE"


def test_one_token_ends_or_all(speaker: Speaker) -> None:
    first = speaker.http.headers["vmware-api-session-id"]
    speaker.log_in("other")
    assert told(speaker, "tokens/end", {"token": first}) == {"ended": 1}
    assert told(speaker, "tokens/end", {"token": first}) == {"ended": 0}
    assert [one["user"] for one in state(speaker)["logins"]] == ["other"]
    assert speaker.http.get(speaker.path("/content/local-library")).status_code == 200
    speaker.log_in("user")
    assert told(speaker, "tokens/end") == {"ended": 2}
    speaker.refused(speaker.http.get(speaker.path("/content/local-library")), 401, "UNAUTHENTICATED")


def test_the_state_is_all_that_there_is_and_no_token(speaker: Speaker) -> None:
    library = speaker.library()
    item = speaker.item(library)
    update, download = speaker.session(Service.UPDATE, item), speaker.session(Service.DOWNLOAD, item)
    upload(speaker, update, "a.ovf")
    told(speaker, "weather", {"status": 503, "target": "/x"})
    shown = state(speaker)
    assert [one["id"] for one in shown["libraries"]] == [library]
    assert [(one["id"], one["library_id"], one["files"]) for one in shown["items"]] == [(item, library, [])]
    assert [(one["id"], one["user"], one["state"]) for one in shown["update_sessions"]] == [(update, "user", "ACTIVE")]
    assert [one["name"] for one in shown["update_sessions"][0]["files"]] == ["a.ovf"]
    assert [(one["id"], one["files"]) for one in shown["download_sessions"]] == [(download, [])]
    assert [one["user"] for one in shown["logins"]] == ["user"]
    assert shown["weather"] == [{"requests": 1, "seconds": 0, "status": 503, "target": "/x"}]
    assert shown["clock"]["shift"] == 0
    assert speaker.http.headers["vmware-api-session-id"] not in str(shown)


def test_a_reset_makes_everything_as_it_was(speaker: Speaker) -> None:
    at_first = state(Speaker(speaker.dialect, control=True)) | {"logins": []}
    speaker.session(Service.UPDATE)
    speaker.session(Service.DOWNLOAD)
    told(speaker, "clock/advance", {"seconds": 100})
    told(speaker, "weather", {"status": 503})
    assert told(speaker, "reset")["shift"] == 0
    assert state(speaker) == at_first
    assert speaker.http.get(speaker.path("/content/local-library")).status_code == 401
    speaker.log_in("user")
    assert speaker.session(Service.UPDATE)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("sessions/fail", {"session": 1}),
        ("sessions/fail", {"session": "x", "reason": None}),
        ("sessions/fail", {"session": "x", "more": 1}),
        ("sessions/expire", {}),
        ("transfers/fail", {"session": "x"}),
        ("tokens/end", {"token": 1}),
        ("reset", []),
        ("weather", {}),
        ("weather", {"requests": 1}),
        ("weather", {"status": 500}),
        ("weather", {"status": 503, "cut": "before"}),
        ("weather", {"cut": "x"}),
        ("weather", {"status": 503, "requests": 0}),
        ("weather", {"seconds": -1}),
        ("weather", {"seconds": 601}),
        ("weather", {"cut": "amid", "retry_after": 1}),
        ("weather", {"status": 503, "method": "get"}),
    ],
)
def test_what_the_document_does_not_allow_is_refused(path: str, body: Any) -> None:
    assert told(Speaker(Dialect.API, control=True), path, body, 400)["error_type"] == "INVALID_ARGUMENT"


def test_a_refusal_names_the_member(speaker: Speaker) -> None:
    refused = told(speaker, "clock/advance", {"seconds": "x"}, 400)
    text = "The member seconds of the body is not as documented: 'x' is not of type 'number'."
    assert (refused["messages"][0]["default_message"], refused["data"]["primary"]) == (text, "seconds")


@pytest.fixture
def mock() -> Iterator[MockServer]:
    with MockServer() as server:  # without the door: tests in Python need none
        yield server


def session_on(mock: MockServer, client: httpx.Client, kind: str = "update") -> str:
    token = client.post("/api/session", auth=(mock.username, mock.password)).json()
    client.headers = httpx.Headers({"vmware-api-session-id": token})
    item = mock.control.create_item().item
    answer = client.post(f"/api/content/library/item/{kind}-session", json={"library_item_id": item})
    return str(answer.json())


def test_a_test_in_python_does_the_same(mock: MockServer) -> None:
    with httpx.Client(base_url=mock.url) as client:
        session = session_on(mock, client)
        mock.control.raise_warning(session, "EXPIRED_CERTIFICATE")
        mock.control.fail_session(session, "No more.")
        (shown,) = mock.control.state()["update_sessions"]
        assert (shown["id"], shown["error_message"]["default_message"]) == (session, "No more.")
        leased = session_on(mock, client, "download")
        mock.control.expire_session(leased)
        assert mock.control.state()["download_sessions"][0]["state"] == "ERROR"
        mock.clock.advance(10)
        assert mock.control.state()["download_sessions"] == []
        assert mock.control.end_tokens() == 2
        assert client.get("/api/session").status_code == 401
        made = mock.control.create_subscribed_item()
        assert {one["id"]: one["type"] for one in mock.control.state()["libraries"]}[made.library] == "SUBSCRIBED"
        mock.control.brew(Spell(status=503))
        assert client.get("/api/session").status_code == 503
        mock.control.brew(Spell(status=503))
        mock.control.clear_weather()
        assert client.get("/api/session").status_code == 401
        mock.control.reset()
        assert (mock.control.state()["libraries"], mock.clock.shift) == ([], 0)


def test_a_transfer_fails_in_python_too(mock: MockServer) -> None:
    with httpx.Client(base_url=mock.url) as client:
        session = session_on(mock, client)
        files = f"/api/content/library/item/update-session/{session}/file"
        client.post(files, json={"name": "f", "source_type": "PUSH"})
        mock.control.fail_transfer(session, "f")
        assert client.get(files).json()[0]["status"] == "ERROR"


def test_what_is_refused_is_raised(mock: MockServer) -> None:
    with pytest.raises(ApiError) as refused:
        mock.control.fail_session("x")
    assert refused.value.error_type == "NOT_FOUND"


def test_all_is_done_on_the_thread_of_the_server(mock: MockServer) -> None:
    threads = {mock.on_its_thread(threading.current_thread), threading.current_thread()}
    assert len(threads) == 2
    assert mock.on_its_thread(lambda: mock.on_its_thread(threading.current_thread)) in threads


def test_before_it_runs_it_can_be_furnished_and_after_that_it_is_gone() -> None:
    mock = MockServer()
    library = mock.control.create_library("before")
    with mock:
        assert mock.control.create_item(library=library).library == library
        assert [one["name"] for one in mock.control.state()["libraries"]] == ["before"]
    with pytest.raises(RuntimeError, match="has been stopped"):
        mock.control.state()


def test_a_file_that_a_session_only_leaves_as_it_is_has_no_transfer(speaker: Speaker) -> None:
    item = speaker.item()
    session = speaker.session(Service.UPDATE, item)
    assert speaker.http.put(upload(speaker, session), content=b"abc").status_code == 200
    assert speaker.act(Service.UPDATE, session, "complete").is_success
    later = speaker.session(Service.UPDATE, item)
    assert told(speaker, "transfers/fail", {"session": later, "file": "f"}, 404)["error_type"] == "NOT_FOUND"
