"""Every operation, said in either dialect."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from contract_tests.contract.dialects import SESSIONS, SUPPORT
from contract_tests.contract.words import Dialect, Service
from contract_tests.mock.http.idioms import API
from contract_tests.mock.http.routes import operations

from .speaker import BACKING, Speaker, sessions

if TYPE_CHECKING:
    import httpx

    from contract_tests.contract.dialects import Route


def void(speaker: Speaker, answer: httpx.Response) -> None:
    """Nothing was said, in the dialect's way."""
    assert answer.status_code == (200 if speaker.wraps else 204)
    assert answer.content == b""
    assert "content-type" not in answer.headers
    assert answer.headers.get("content-length") == ("0" if speaker.wraps else None)


def test_every_route_of_the_contract_is_there() -> None:
    ours = {
        (one.method, one.path.replace("{name:path}", "{name}"), one.idiom.action if one.action else None, one.action)
        for one in operations()
    }
    routes: list[Route] = [route for table in SUPPORT.values() for route in table.values()]
    routes += [route for table in SESSIONS.values() for route in table.values()]
    for route in routes:
        name = next((name for name, _ in route.query if name in {"action", "~action"}), None)
        action = dict(route.query)[name] if name else None
        assert (route.method, route.path, name, action) in ours


# Login


def test_log_in_who_am_i_log_out(speaker: Speaker) -> None:
    path = "/rest/com/vmware/cis/session" if speaker.wraps else "/api/session"
    answer = speaker.http.post(path, auth=("user", "pass"))
    assert answer.status_code == (200 if speaker.wraps else 201)
    speaker.clock.advance(5)
    asked = speaker.http.post(f"{path}?~action=get") if speaker.wraps else speaker.http.get(path)
    assert speaker.value(asked) == {
        "user": "user",
        "created_time": "2026-01-02T03:04:05.678Z",
        "last_accessed_time": "2026-01-02T03:04:10.678Z",
    }
    void(speaker, speaker.http.delete(path))
    speaker.refused(speaker.http.delete(path), 401, "UNAUTHENTICATED")


@pytest.mark.parametrize("value", [None, "Basic", "Basic !", "Basic dXNlcg==", "Bearer dXNlcjpwYXNz", "Basic /w=="])
def test_a_login_needs_basic_credentials(speaker: Speaker, value: str | None) -> None:
    path = "/rest/com/vmware/cis/session" if speaker.wraps else "/api/session"
    headers = {} if value is None else {"authorization": value}
    answer = speaker.http.post(path, headers=headers)
    speaker.refused(answer, 401, "UNAUTHENTICATED")
    assert answer.headers["www-authenticate"].startswith("Basic")


# Libraries


def test_datastores(speaker: Speaker) -> None:
    path, names = ("/rest/vcenter/datastore", "filter.names") if speaker.wraps else ("/api/vcenter/datastore", "names")
    assert speaker.value(speaker.http.get(path))[0]["datastore"] == "datastore-11"
    many = speaker.http.get(f"{path}?{names}=x&{names}=mock-datastore")
    assert len(speaker.value(many)) == 1
    assert speaker.value(speaker.http.get(f"{path}?{names}=x")) == []


def test_libraries_and_items(speaker: Speaker) -> None:
    library = speaker.library()
    item = speaker.item(library)
    libraries, items = "/content/local-library", "/content/library/item"
    http = speaker.http
    assert speaker.value(http.get(speaker.path(libraries))) == [library]
    assert speaker.value(http.get(speaker.path(libraries, library)))["storage_backings"] == [BACKING]
    assert speaker.value(http.get(speaker.path(items), params={"library_id": library})) == [item]
    assert speaker.value(http.get(speaker.path(items, item)))["library_id"] == library
    speaker.refused(http.get(speaker.path(items)), 400, "INVALID_ARGUMENT")
    void(speaker, http.delete(speaker.path(items, item)))
    speaker.refused(http.get(speaker.path(items, item)), 404, "NOT_FOUND")
    void(speaker, http.delete(speaker.path(libraries, library)))
    speaker.refused(http.get(speaker.path(libraries, library)), 404, "NOT_FOUND")


# Sessions


def test_the_life_of_a_session(speaker: Speaker, service: Service) -> None:
    item = speaker.item()
    answer = speaker.http.post(speaker.path(sessions(service)), json=speaker.wrapped({"library_item_id": item}))
    assert answer.status_code == (200 if speaker.wraps else 201)
    session = speaker.value(answer)
    assert speaker.read(service, session)["state"] == "ACTIVE"
    listed = speaker.http.get(speaker.path(sessions(service)), params={"library_item_id": item})
    assert speaker.value(listed) == [session]
    speaker.clock.advance(10)
    member = "client_progress" if service is Service.UPDATE else "progress"
    void(speaker, speaker.act(service, session, "keep-alive", json={member: 30}))
    read = speaker.read(service, session)
    assert (read["client_progress"], read["expiration_time"]) == (30, "2026-01-02T03:09:15.678Z")
    void(speaker, speaker.act(service, session, "keep-alive"))
    void(speaker, speaker.act(service, session, "cancel"))
    assert speaker.read(service, session)["state"] == "CANCELED"
    speaker.refused(speaker.act(service, session, "keep-alive"), 400, "NOT_ALLOWED_IN_CURRENT_STATE")
    void(speaker, speaker.http.delete(speaker.path(sessions(service), session)))
    speaker.refused(speaker.act(service, session, "keep-alive"), 404, "NOT_FOUND")


def test_fail_and_complete(speaker: Speaker) -> None:
    item = speaker.item()
    first = speaker.session(Service.UPDATE, item)
    void(speaker, speaker.act(Service.UPDATE, first, "fail", json={"client_error_message": "why"}))
    assert speaker.read(Service.UPDATE, first)["error_message"]["args"] == ["why"]
    second = speaker.session(Service.UPDATE, item)
    void(speaker, speaker.act(Service.UPDATE, second, "complete"))
    assert speaker.read(Service.UPDATE, second)["state"] == "DONE"


def test_update(speaker: Speaker) -> None:
    session = speaker.session(Service.UPDATE)
    path = speaker.path(sessions(Service.UPDATE), session)
    behavior = [{"type": "EXPIRED_CERTIFICATE", "ignored": True}]
    void(speaker, speaker.http.patch(path, json=speaker.wrapped({"warning_behavior": behavior}, "update_spec")))
    assert speaker.read(Service.UPDATE, session)["warning_behavior"] == behavior
    void(speaker, speaker.http.patch(path, json=speaker.wrapped({}, "update_spec")))
    for body in (b"", b"null", b"[]"):
        speaker.refused(speaker.http.patch(path, content=body), 400, "INVALID_ARGUMENT")
    assert speaker.read(Service.UPDATE, session)["warning_behavior"] == behavior


def test_a_second_update_session_is_refused_as_documented(speaker: Speaker) -> None:
    item = speaker.item()
    speaker.session(Service.UPDATE, item)
    spec = speaker.wrapped({"library_item_id": item})
    answer = speaker.http.post(speaker.path(sessions(Service.UPDATE)), json=spec)
    speaker.refused(answer, 400 if speaker.wraps else 500, "RESOURCE_BUSY")


def test_the_client_token_travels_in_the_dialects_way(speaker: Speaker, service: Service) -> None:
    item, path = speaker.item(), speaker.path(sessions(service))

    def create(token: str) -> httpx.Response:
        if speaker.wraps:
            return speaker.http.post(path, json={"create_spec": {"library_item_id": item}, "client_token": token})
        return speaker.http.post(path, json={"library_item_id": item}, headers={"Client-Token": token})

    token = str(uuid.uuid4())
    assert speaker.value(create(token)) == speaker.value(create(token))
    speaker.refused(create("no-uuid"), 400, "INVALID_ARGUMENT")


def test_a_stranger_beside_the_specification_is_refused(service: Service) -> None:
    speaker = Speaker(Dialect.REST)
    body = {"create_spec": {"library_item_id": speaker.item()}, "token": "x"}
    answer = speaker.http.post(speaker.path(sessions(service)), json=body)
    speaker.refused(answer, 400, "INVALID_ARGUMENT")


def test_an_id_with_a_colon_may_be_escaped(speaker: Speaker, service: Service) -> None:
    session = speaker.session(service)
    assert ":" in session
    void(speaker, speaker.act(service, quote(session, safe=""), "keep-alive"))


def test_others_may_keep_alive_but_do_not_list(speaker: Speaker, service: Service) -> None:
    session = speaker.session(service)
    speaker.log_in("other")
    assert speaker.value(speaker.http.get(speaker.path(sessions(service)))) == []
    void(speaker, speaker.act(service, session, "keep-alive"))


def test_the_literal_address_of_the_download_page_is_answered() -> None:
    speaker = Speaker(Dialect.API)
    session = speaker.session(Service.DOWNLOAD)
    path = speaker.path(sessions(Service.DOWNLOAD), session) + "__action=keep-alive"
    void(speaker, speaker.http.post(path, json={"progress": 5}))
    assert speaker.read(Service.DOWNLOAD, session)["client_progress"] == 5


def test_the_actions_that_only_the_first_pages_name(service: Service) -> None:
    speaker = Speaker(Dialect.REST)
    spec = {"create_spec": {"library_item_id": speaker.item()}}
    session = speaker.value(speaker.http.post(speaker.path(sessions(service)) + "?~action=create", json=spec))
    assert speaker.value(speaker.act(service, session, "get"))["state"] == "ACTIVE"


# Files


def upload(speaker: Speaker, item: str) -> None:
    """Give an item the file ``dir/a b.iso``, by the way of the dialect."""
    session = speaker.session(Service.UPDATE, item)
    spec = {"name": "dir/a b.iso", "source_type": "PUSH", "size": 5}
    http = speaker.http
    if speaker.wraps:
        every = speaker.path("/content/library/item/updatesession/file")
        one = f"{every}/id:{session}"
        added = http.post(f"{one}?~action=add", json={"file_spec": spec})
        listed = http.get(every, params={"update_session_id": session})
        got = http.post(f"{one}?~action=get", json={"file_name": spec["name"]})
        validate = f"{one}?~action=validate"
    else:
        one = speaker.path(sessions(Service.UPDATE), session) + "/file"
        added = http.post(one, json=spec)
        listed = http.get(one)
        got = http.get(f"{one}/{quote('dir/a b.iso', safe='')}")
        validate = f"{one}?action=validate"
    assert added.status_code == (200 if speaker.wraps else 201)
    info = speaker.value(added)
    assert info["status"] == "WAITING_FOR_TRANSFER"
    assert speaker.value(listed) == [info]
    assert speaker.value(got) == info
    uri = info["upload_endpoint"]["uri"]
    assert uri.startswith("http://mock.example:8080/cls/upload/")
    sent = http.put(uri, content=b"hello", headers={"vmware-api-session-id": ""})
    assert (sent.status_code, sent.content) == (200, b"")
    assert speaker.value(http.post(validate))["has_errors"] is False
    void(speaker, speaker.act(Service.UPDATE, session, "complete"))


def test_a_file_goes_up(speaker: Speaker) -> None:
    item = speaker.item()
    upload(speaker, item)
    if speaker.wraps:
        path, query = speaker.path("/content/library/item/file"), {"library_item_id": item}
    else:
        path, query = speaker.path("/content/library/item", item) + "/file", {}
    files = speaker.value(speaker.http.get(path, params=query))
    assert files == [{"name": "dir/a b.iso", "size": 5, "version": "2", "cached": True}]


def test_a_file_comes_down_while_the_lease_lives(speaker: Speaker) -> None:
    item = speaker.item()
    upload(speaker, item)
    lease = speaker.session(Service.DOWNLOAD, item)
    wanted = {"file_name": "dir/a b.iso"}
    http = speaker.http
    if speaker.wraps:
        every = speaker.path("/content/library/item/downloadsession/file")
        prepared = http.post(f"{every}/id:{lease}?~action=prepare", json=wanted)
        got = http.post(f"{every}/id:{lease}?~action=get", json=wanted)
        listed = http.get(every, params={"download_session_id": lease})
    else:
        one = speaker.path(sessions(Service.DOWNLOAD), lease) + "/file"
        prepared = http.post(f"{one}?action=prepare", json=wanted)
        got = http.get(one, params=wanted)
        listed = http.get(one)
    assert speaker.value(prepared)["status"] == "PREPARED"
    assert speaker.value(listed) == [speaker.value(got)]
    link = speaker.value(prepared)["download_endpoint"]["uri"]
    assert http.get(link).content == b"hello"
    void(speaker, speaker.act(Service.DOWNLOAD, lease, "cancel"))
    assert http.get(link).status_code == 404


def test_a_file_is_removed(speaker: Speaker) -> None:
    session = speaker.session(Service.UPDATE)
    spec = {"name": "a", "source_type": "PUSH"}
    if speaker.wraps:
        one = speaker.path("/content/library/item/updatesession/file", session)
        speaker.value(speaker.http.post(f"{one}?~action=add", json={"file_spec": spec}))
        void(speaker, speaker.http.post(f"{one}?~action=remove", json={"file_name": "a"}))
    else:
        one = speaker.path(sessions(Service.UPDATE), session) + "/file"
        speaker.value(speaker.http.post(one, json=spec))
        void(speaker, speaker.http.delete(f"{one}/a"))
    void(speaker, speaker.act(Service.UPDATE, session, "complete"))


# Control


def test_the_clock_is_read_and_advanced_without_a_token(speaker: Speaker) -> None:
    del speaker.http.headers["vmware-api-session-id"]
    assert speaker.http.get("/_control/clock").json() == {"now": "2026-01-02T03:04:05.678Z", "shift": 0.0}
    answer = speaker.http.post("/_control/clock/advance", json={"seconds": 1.5})
    assert answer.json() == {"now": "2026-01-02T03:04:07.178Z", "shift": 1.5}


@pytest.mark.parametrize("body", ["", "[]", "{}", '{"seconds": "1"}', '{"seconds": true}', '{"seconds": -1}'])
def test_the_clock_does_not_do_everything(speaker: Speaker, body: str) -> None:
    answer = speaker.http.post("/_control/clock/advance", content=body, headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()["error_type"]) == (400, "INVALID_ARGUMENT")
    assert speaker.clock.shift == 0


def test_the_control_door_is_shut_unless_opened() -> None:
    closed = Speaker(API.dialect)
    assert closed.http.get("/_control/clock").json()["error_type"] == "NOT_FOUND"
    assert closed.http.post("/_control/clock/advance", json={"seconds": 1}).status_code == 404
