"""The control door beside the clock: warnings and subscribed libraries."""

from __future__ import annotations

from typing import Any

import pytest

from contract_tests.contract.words import Dialect, Service

from .speaker import Speaker


def test_a_warning_is_raised_and_shown(speaker: Speaker) -> None:
    session = speaker.session(Service.UPDATE)
    raised = {"session": session, "type": "EXPIRED_CERTIFICATE"}
    answer = speaker.http.post("/_control/warnings", json=raised)
    assert (answer.status_code, answer.json()) == (200, raised)
    preview = speaker.read(Service.UPDATE, session)["preview_info"]
    assert [(one["type"], one["ignored"]) for one in preview["warnings"]] == [("EXPIRED_CERTIFICATE", False)]


def test_a_raised_warning_fails_the_session_at_complete(speaker: Speaker) -> None:
    session = speaker.session(Service.UPDATE)
    speaker.http.post("/_control/warnings", json={"session": session, "type": "UNTRUSTED_CERTIFICATE"})
    speaker.act(Service.UPDATE, session, "complete")
    assert speaker.read(Service.UPDATE, session)["state"] == "ERROR"


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        {},
        {"type": "EXPIRED_CERTIFICATE"},
        {"session": 1, "type": "EXPIRED_CERTIFICATE"},
        {"session": "x"},
        {"session": "x", "type": "NO_SUCH_WARNING"},
        {"session": "x", "type": None},
        {"session": "x", "type": ["EXPIRED_CERTIFICATE"]},
    ],
)
def test_a_warning_is_of_a_session_and_a_type(speaker: Speaker, body: Any) -> None:
    answer = speaker.http.post("/_control/warnings", json=body)
    assert (answer.status_code, answer.json()["error_type"]) == (400, "INVALID_ARGUMENT")


def test_only_update_sessions_have_warnings(speaker: Speaker) -> None:
    session = speaker.session(Service.DOWNLOAD)
    answer = speaker.http.post("/_control/warnings", json={"session": session, "type": "EXPIRED_CERTIFICATE"})
    assert (answer.status_code, answer.json()["error_type"]) == (404, "NOT_FOUND")


@pytest.mark.parametrize("service", list(Service))
def test_a_subscribed_item_takes_no_update_session(speaker: Speaker, service: Service) -> None:
    made = speaker.http.post("/_control/subscribed-items", json={})
    assert made.status_code == 200
    spec = speaker.wrapped({"library_item_id": made.json()["item"]})
    answer = speaker.http.post(speaker.path(f"/content/library/item/{service}-session"), json=spec)
    if service is Service.UPDATE:
        speaker.refused(answer, 400, "INVALID_ELEMENT_TYPE")
    else:
        assert speaker.value(answer)


def test_every_subscribed_item_is_a_new_one(speaker: Speaker) -> None:
    items = {speaker.http.post("/_control/subscribed-items").json()["item"] for _ in range(2)}
    assert len(items) == 2


def test_a_subscribed_library_is_in_no_list_of_local_ones(speaker: Speaker) -> None:
    speaker.http.post("/_control/subscribed-items", json={})
    assert speaker.value(speaker.http.get(speaker.path("/content/local-library"))) == []


@pytest.mark.parametrize("path", ["warnings", "subscribed-items"])
def test_the_control_door_is_shut_unless_opened(path: str) -> None:
    closed = Speaker(Dialect.API)
    assert closed.http.post(f"/_control/{path}", json={}).status_code == 404
