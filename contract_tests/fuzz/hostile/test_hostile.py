"""Hostile input: whatever is sent, the server answers in time, stores nothing that it refused, and serves the next.

A live server is sent no request above 16 kB, and none that breaks HTTP itself.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import pytest

from contract_tests.contract.dialects import Op
from contract_tests.driver import Session
from contract_tests.driver.sessions import in_path
from contract_tests.driver.transport.wire import request_bytes
from contract_tests.fuzz.hostile.framing import address, odd_requests
from contract_tests.fuzz.hostile.requests import BODIES, ODD_QUERIES, is_honoured_with, odd_ids, odd_types
from contract_tests.fuzz.hostile.siege import Raid, Siege

if TYPE_CHECKING:
    from contract_tests.driver import Target
    from contract_tests.judging import Judge

OpenSession = Callable[[], Session]

ALWAYS: Final = ("errors.no-server-error", "keep-alive.refused-changes-nothing", "keep-alive.no-body")


@pytest.mark.clause(
    *ALWAYS,
    "keep-alive.malformed-json",
    "keep-alive.progress-not-an-integer",
    "keep-alive.progress-beyond-int64",
)
def test_hostile_bodies(open_session: OpenSession, target: Target, judge: Judge) -> None:
    with Siege.of(open_session(), target, judge) as siege:
        for row in BODIES:
            siege.send_body(row)


@pytest.mark.clause(*ALWAYS, "keep-alive.stores-progress")
def test_wrong_and_missing_content_types(open_session: OpenSession, target: Target, judge: Judge) -> None:
    with Siege.of(open_session(), target, judge) as siege:
        for row in odd_types():
            siege.send_body(row)


@pytest.mark.clause(*ALWAYS, "keep-alive.unknown-id")
def test_hostile_ids(open_session: OpenSession, target: Target, judge: Judge) -> None:
    with Siege.of(open_session(), target, judge) as siege:
        path = address(siege.session)
        written = in_path(siege.session.id)
        for name, id_ in odd_ids(written).items():
            sent = request_bytes(siege.session.door, "POST", path.replace(written, id_))
            siege.refuses(f"an id {name}", siege.on_the_wire(sent), "keep-alive.unknown-id")


@pytest.mark.clause(*ALWAYS)
def test_hostile_queries(open_session: OpenSession, target: Target, judge: Judge) -> None:
    with Siege.of(open_session(), target, judge) as siege:
        for name, more in ODD_QUERIES.items():
            sent = request_bytes(siege.session.door, "POST", address(siege.session) + more)
            # Nobody says where else a progress may stand, nor that it may not.
            siege.expects(f"in the query, {name}", siege.on_the_wire(sent), is_honoured_with(None, 77))


@pytest.mark.clause(*ALWAYS)
def test_hostile_headers_and_framing(open_session: OpenSession, target: Target, judge: Judge) -> None:
    with Siege.of(open_session(), target, judge) as siege:
        for row in odd_requests(siege.session):
            if target.clock.is_real and not row.is_http:
                continue
            siege.expects(row.name, siege.on_the_wire(row.sent), row.expect, unanswered=not row.is_http)


@pytest.mark.clause("update.invalid-specification")
def test_hostile_bodies_of_an_update(open_session: OpenSession, target: Target, judge: Judge) -> None:
    Raid(Op.UPDATE, "warning_behavior", "update.invalid-specification", open_session, target, judge).play()


@pytest.mark.clause("life-cycle.fail-needs-message")
def test_hostile_bodies_of_fail(open_session: OpenSession, target: Target, judge: Judge) -> None:
    Raid(Op.FAIL, "client_error_message", "life-cycle.fail-needs-message", open_session, target, judge).play()


@pytest.mark.clause("create.missing-item-id")
def test_hostile_bodies_of_create(open_session: OpenSession, target: Target, judge: Judge) -> None:
    Raid(Op.CREATE, "library_item_id", "create.missing-item-id", open_session, target, judge).play()
