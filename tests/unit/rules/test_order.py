"""What the oracle reads from the order of calls: beginnings, two reads of one session, lists, ends, strangers."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

import pytest

from contract_tests.contract.dialects import SESSIONS, Op
from contract_tests.rules.oracle import watched

from .steps import API, ITEM, error, exchange, reading

if TYPE_CHECKING:
    from contract_tests.traffic.exchange import Exchange

START = datetime(2026, 1, 1, tzinfo=UTC)
ID, OTHER = "a-session-that-nobody-can-guess", "another-session-of-the-kind"
NOT_FOUND = error("NOT_FOUND")


def at(second: float, sent: Exchange, id_: str = "") -> Exchange:
    """The exchange so many seconds after the first one, on the documented address of its operation."""
    moment, query = START + timedelta(seconds=second), sent.request.url.partition("?")[2]
    route = SESSIONS[API][Op(sent.operation or "")]
    url = f"http://host{route.path.format(id=id_)}" + (f"?{query}" if query else "")
    assert sent.response is not None
    dated = (*sent.response.headers, ("date", format_datetime(moment, usegmt=True)))
    return replace(
        sent, request=replace(sent.request, url=url), response=replace(sent.response, headers=dated), started=moment
    )


def created(id_: str = ID) -> Exchange:
    return at(0, exchange(Op.CREATE, 201, id_, body=b'{"library_item_id": "%s"}' % ITEM.encode()))


def read(second: float, progress: Any = 0, id_: str = ID, **members: Any) -> Exchange:
    return at(second, reading(progress, **members), id_)


def unread(second: float, id_: str = ID) -> Exchange:
    return at(second, exchange(Op.READ, 404, NOT_FOUND, method="GET"), id_)


def kept(second: float, body: bytes = b"", status: int = 204, **options: Any) -> Exchange:
    answer = None if status < 400 else error("UNAUTHENTICATED" if status == 401 else "NOT_FOUND")
    return at(second, exchange(Op.KEEP_ALIVE, status, answer, query="?action=keep-alive", body=body, **options), ID)


def listed(second: float, status: int = 200, answer: Any = (), item: str = "") -> Exchange:
    query = f"?library_item_id={item}" if item else ""
    return at(second, exchange(Op.LIST, status, answer, method="GET", query=query))


def moved(second: float) -> Exchange:
    """The mock's clock is moved on."""
    sent = exchange(Op.CREATE, 200, {})
    url = "http://host/_control/clock/advance"
    return replace(at(second, sent), cell=None, operation=None, request=replace(sent.request, url=url))


def said(*traffic: Exchange, slug: str) -> str:
    """What traffic says of a clause."""
    found = [flaws for clause, _, flaws in watched(traffic) if clause == slug]
    return "nothing" if not found else "broken" if any(found) else "held"


EARLIER = "2026-01-01T00:04:59.000Z"
BEGINNING, STATE = "model.initial-progress", "model.state"
DOWN, BACK = "keep-alive.progress-never-goes-down", "expiry.never-moves-back"
EXPIRED, NOBODY, FILTER = "expiry.expired-refuses-keep-alive", "model.unknown-id", "model.list-filter"


@pytest.mark.parametrize(
    ("traffic", "slug", "expected"),
    [
        # beginnings
        ([created(), read(1)], BEGINNING, "held"),
        ([created(), read(1, 1)], BEGINNING, "broken"),
        ([created(), kept(1), kept(2, b'{"client_progress": null}'), read(3, 1)], BEGINNING, "broken"),
        ([created(), kept(1, b'{"client_progress": 60}'), read(2, 60)], BEGINNING, "nothing"),
        ([created(), kept(1, b'{"progress": 60}'), read(2, 60)], BEGINNING, "nothing"),
        ([listed(0, answer=[ID]), read(1, 60)], BEGINNING, "nothing"),
        ([created(), read(1, state="PREPARING")], STATE, "broken"),
        ([created(), read(1), read(2, state="CANCELED")], STATE, "held"),
        ([created(), read(400, state="ERROR")], STATE, "held"),
        # two reads, whatever lies between
        ([read(0, 30), read(1, 29)], DOWN, "broken"),
        ([read(0, 30), kept(1), kept(2), read(3, 29)], DOWN, "broken"),
        ([read(0, 30), kept(1), kept(2), read(3, 31)], DOWN, "held"),
        ([read(0, 30), read(1, 0, state="CANCELED")], DOWN, "nothing"),
        ([read(0, 30), read(1, 29, OTHER)], DOWN, "nothing"),
        ([read(0, 30), read(1, "29")], DOWN, "nothing"),
        ([read(0), read(1, expiration_time=EARLIER)], BACK, "broken"),
        ([read(0), kept(1), kept(2), read(3, expiration_time=EARLIER)], BACK, "broken"),
        ([read(0), kept(1), read(2, expiration_time=EARLIER)], BACK, "broken"),
        ([read(0), read(1, expiration_time=EARLIER, state="CANCELED")], BACK, "nothing"),
        # ends by its own clock
        ([created(), read(1), read(305, state="ERROR"), kept(310)], EXPIRED, "broken"),
        ([created(), read(1), unread(305), kept(310)], EXPIRED, "broken"),
        ([created(), read(1), moved(100), unread(305), kept(310)], EXPIRED, "broken"),
        ([created(), read(1), unread(305), kept(310, status=404)], EXPIRED, "held"),
        # its time is the earliest end, and the server need not have noticed
        ([created(), read(1), kept(310)], EXPIRED, "nothing"),
        ([created(), read(1), read(305), kept(310)], EXPIRED, "nothing"),
        ([created(), read(1), kept(2), kept(310)], EXPIRED, "nothing"),
        # nobody's ids
        ([unread(0)], NOBODY, "held"),
        ([read(0)], NOBODY, "broken"),
        ([created(), read(1)], NOBODY, "nothing"),
        ([created(), unread(1)], NOBODY, "nothing"),
        ([created(), unread(1), unread(2)], NOBODY, "held"),
        # lists
        ([listed(0, answer=[])], "model.list", "held"),
        ([listed(0, answer={})], "model.list", "broken"),
        ([listed(0, 500)], "model.list", "broken"),
        ([listed(0, answer=[], item="the-item-that-nobody-has")], FILTER, "broken"),
        ([listed(0, 404, NOT_FOUND, item="the-item-that-nobody-has")], FILTER, "held"),
        ([created(), listed(1, answer=[], item=ITEM)], FILTER, "nothing"),
        # strangers
        ([created(), kept(1, token=None)], "authentication.token-required", "broken"),
        ([created(), kept(1, status=401, token=None)], "authentication.token-required", "held"),
    ],
)
def test_traffic_says(traffic: list[Exchange], slug: str, expected: str) -> None:
    assert said(*traffic, slug=slug) == expected


def test_what_a_server_asks_for_later_is_no_call() -> None:
    """Neither the call that comes between, nor the read that does, keeps the step from being seen."""
    busy = at(3, exchange(Op.READ, 429, method="GET"), ID)
    refused = at(1.5, exchange(Op.KEEP_ALIVE, 429, query="?action=keep-alive"), ID)
    told = b'{"client_progress": 60}'
    assert said(created(), read(1), kept(2, told), busy, read(4, 50), slug="keep-alive.stores-progress") == "broken"
    assert said(created(), read(1), refused, kept(2, told), read(4, 50), slug="keep-alive.stores-progress") == "broken"


def test_of_a_session_that_ended_no_progress_is_too_low() -> None:
    """A server may show that all is done, whatever was reported: then every progress is lower, and that is not why."""
    sent = exchange(Op.COMPLETE, 204, query="?action=complete")
    ended = [created(), read(1), at(2, sent, ID), read(3, 100, state="DONE")]
    refused = exchange(Op.KEEP_ALIVE, 404, NOT_FOUND, query="?action=keep-alive", body=b'{"client_progress": 10}')
    assert said(*ended, at(4, refused, ID), slug="keep-alive.lower-progress") == "nothing"


def test_calls_are_looked_at_in_the_order_in_which_they_were_begun() -> None:
    """Threads tell of simultaneous ones in any order, and in a replay in another one."""
    traffic = [read(0, 30), read(1, 29)]
    assert {said(*told, slug=DOWN) for told in (traffic, traffic[::-1])} == {"broken"}
