from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from contract_tests.contract import CELLS, Cell
from contract_tests.driver import UNSET, Body, Session
from contract_tests.problems import NoSuchOperation

from .servers import Server

if TYPE_CHECKING:
    from collections.abc import Callable

API = "/api/content/library/item"
REST = "/rest/com/vmware/content/library/item"

each_cell = pytest.mark.parametrize("place", [str(cell) for cell in CELLS])


def one(place: str) -> str:
    dialect, service = place.split("-")
    return f"{API}/{service}-session/a:b" if dialect == "api" else f"{REST}/{service}-session/id:a:b"


def action(place: str, name: str) -> str:
    return f"POST {one(place)}?{'action' if place.startswith('api') else '~action'}={name}"


def session(server: Server, place: str, id_: str = "a:b") -> Session:
    return Session(server.door(vmware_api_session_id="t"), Cell.parse(place), id_, "item-1")


@each_cell
@pytest.mark.parametrize(
    ("ask", "asked", "body"),
    [
        (Session.read, lambda place: f"GET {one(place)}", None),
        (Session.delete, lambda place: f"DELETE {one(place)}", None),
        (Session.keep_alive, lambda place: action(place, "keep-alive"), None),
        (Session.cancel, lambda place: action(place, "cancel"), None),
        (lambda it: it.fail("why"), lambda place: action(place, "fail"), {"client_error_message": "why"}),
        (Session.listed, lambda place: f"GET {one(place).rpartition('/')[0]}", None),
        (
            lambda it: it.listed("i/1"),
            lambda place: f"GET {one(place).rpartition('/')[0]}?library_item_id=i%2F1",
            None,
        ),
        (lambda it: it.keep_alive_with(Body.json([])), lambda place: action(place, "keep-alive"), []),
    ],
)
def test_each_operation_is_on_the_wire(
    place: str, ask: Callable[[Session], Any], asked: Callable[[str], str], body: Any
) -> None:
    server = Server()
    exchange = ask(session(server, place))
    assert server.asked == [asked(place)]
    assert server.sent() == body
    assert exchange.cell == place
    assert server.requests[0].headers["vmware-api-session-id"] == "t"


@pytest.mark.parametrize(("place", "member"), [("api-update", "client_progress"), ("rest-download", "progress")])
@pytest.mark.parametrize("progress", [0, 100, None, "10", True])
def test_progress_goes_in_the_member_of_its_service(place: str, member: str, progress: Any) -> None:
    server = Server()
    session(server, place).keep_alive(progress)
    assert server.sent() == {member: progress}


def test_unset_is_no_body() -> None:
    server = Server()
    session(server, "api-update").keep_alive(UNSET)
    assert server.requests[0].content == b""


@pytest.mark.parametrize(("place", "wrapper"), [("api-update", None), ("rest-update", "update_spec")])
def test_update_and_complete(place: str, wrapper: str | None) -> None:
    server = Server()
    session(server, place).update({"a": 1})
    assert server.sent() == ({wrapper: {"a": 1}} if wrapper else {"a": 1})
    session(server, place).complete()
    assert server.asked == [f"PATCH {one(place)}", action(place, "complete")]


@pytest.mark.parametrize("service", ["update", "download"])
def test_the_id_may_stand_in_the_body(service: str) -> None:
    server = Server()
    session(server, f"rest-{service}").keep_alive_by_body_with(Body(b"<a/>", "application/xml"))
    assert server.asked == [f"POST {REST}/{service}-session?~action=keep-alive"]
    assert server.requests[0].content == b"<a/>"


@pytest.mark.parametrize(
    ("place", "ask"),
    [
        ("api-download", Session.complete),
        ("rest-download", lambda it: it.update({})),
        ("api-update", lambda it: it.keep_alive_by_body_with(Body(b""))),
    ],
)
def test_what_a_service_does_not_have_is_not_sent(place: str, ask: Callable[[Session], Any]) -> None:
    server = Server()
    with pytest.raises(NoSuchOperation, match=place):
        ask(session(server, place))
    assert server.requests == []


@pytest.mark.parametrize(
    ("id_", "path"),
    [
        ("a%3Ab", "a%253Ab"),
        ("a__action=keep-alive", "a__action=keep-alive"),
        ("a?b#c/../d", "a%3Fb%23c%2F..%2Fd"),
        ("ü b\r\nx", "%C3%BC%20b%0D%0Ax"),
        ("{0.__class__}", "%7B0.__class__%7D"),
    ],
)
def test_an_odd_id_does_not_leave_its_place(id_: str, path: str) -> None:
    server = Server()
    session(server, "api-update").renamed(id_).read()
    assert server.asked == [f"GET {API}/update-session/{path}"]


def test_other_headers_and_other_doors_replace_the_token() -> None:
    server, other = Server(), Server()
    mine = session(server, "api-update")
    mine.with_headers({"x": "y"}).read()
    mine.with_door(other.door(vmware_api_session_id="second")).read()
    assert "vmware-api-session-id" not in server.requests[0].headers
    assert other.requests[0].headers["vmware-api-session-id"] == "second"
