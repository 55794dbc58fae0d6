"""The rows of hostile input are what they are called, and expect what the contract says."""

from __future__ import annotations

import json

import pytest

from contract_tests.contract import Cell, Dialect, Service
from contract_tests.driver import Door, Recorder, Session
from contract_tests.fuzz.histories.known import Known
from contract_tests.fuzz.histories.reference import Answer, Form
from contract_tests.fuzz.hostile.framing import address, odd_requests
from contract_tests.fuzz.hostile.requests import (
    BODIES,
    IS_SERVED,
    ODD_QUERIES,
    OddBody,
    is_honoured_with,
    is_refused,
    odd_ids,
    odd_types,
)
from contract_tests.rules.refusals import way
from contract_tests.traffic.redaction import Redactor

KNOWN = Known(Service.UPDATE, progress=30)
YES = Answer(success=True, status=204)
NO = Answer(success=False, status=413)


@pytest.fixture
def session() -> Session:
    door = Door("http://x:1", Recorder(Redactor()), headers={"vmware-api-session-id": "token"})
    return Session(door, Cell(Dialect.REST, Service.DOWNLOAD), "a:b", "item")


@pytest.mark.parametrize("row", BODIES, ids=lambda row: row.name)
def test_what_must_be_refused_as_no_json_is_none(row: OddBody) -> None:
    promise = row.expect(KNOWN)
    content = row.content(Service.DOWNLOAD)
    assert b"@" not in content
    if promise.clause == "keep-alive.malformed-json":
        with pytest.raises((ValueError, RecursionError)):
            json.loads(content, parse_constant=int)
    assert promise.refusals.ways


def test_names_are_not_used_twice() -> None:
    names = [row.name for row in (*BODIES, *odd_types())]
    assert sorted(set(names)) == sorted(names)


def test_what_is_honoured_is_stored() -> None:
    assert {one.progress for one in is_honoured_with(60)(KNOWN).after(YES)} == {60}
    assert {one.progress for one in is_honoured_with(None)(KNOWN).after(YES)} == {30}
    assert {one.progress for one in is_honoured_with(None, 60, 70)(KNOWN).after(YES)} == {30, 60, 70}
    assert {one.progress for one in is_honoured_with(60)(KNOWN).after(NO)} == {30}


def test_what_is_served_can_not_be_refused() -> None:
    assert IS_SERVED(KNOWN).after(YES)
    assert not IS_SERVED(KNOWN).after(NO)


def test_what_is_refused_is_refused_in_its_way() -> None:
    assert not is_refused(Form.MALFORMED)(KNOWN).after(NO)
    assert is_refused(Form.MALFORMED, way(413))(KNOWN).after(NO)
    assert not is_refused(Form.MALFORMED, way(413))(KNOWN).after(YES)


def test_odd_ids_are_not_the_id() -> None:
    assert all(id_ != "a:b" and id_.isascii() for id_ in odd_ids("a:b").values())


def test_odd_queries_continue_a_query() -> None:
    assert all(more.startswith("&") and more.isascii() for more in ODD_QUERIES.values())


def test_a_request_goes_to_the_keep_alive_of_the_session(session: Session) -> None:
    path = "/rest/com/vmware/content/library/item/download-session/id:a:b?~action=keep-alive"
    assert address(session) == path
    for row in odd_requests(session):
        assert row.sent.startswith(f"POST {path} HTTP/1.1\r\n".encode())
        assert b"token" in row.sent[: row.sent.index(b"\r\n\r\n")]
