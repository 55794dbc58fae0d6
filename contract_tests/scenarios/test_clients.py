"""Clients: how widespread ones word what they ask, beside what the documents print; none of it is a mistake."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from contract_tests.contract import Cell, Service
from contract_tests.contract.dialects import PROGRESS_MEMBER, Op
from contract_tests.driver import Body, Clock, Session, Workspace
from contract_tests.driver.content import push
from contract_tests.rules.checks import succeeds
from contract_tests.rules.checks.patches import in_state
from contract_tests.scenarios import clause, waits
from contract_tests.scenarios.content import TEXT, update_session
from contract_tests.scenarios.steps import DELETES, end, raw, settled

if TYPE_CHECKING:
    from contract_tests.judging import Judge

OpenSession = Callable[[], Session]

NOTHING_AS_JSON = Body(b"", "application/json")
"""A client that is much used says `application/json` of every request, also of one without a body."""


@clause("keep-alive.no-body")
def test_a_client_may_accept_whatever_comes(open_session: OpenSession) -> None:
    session = open_session()
    # As curl says it, with which the documents print their examples.
    door = session.door.with_headers({**session.door.headers, "accept": "*/*"})
    session.read()
    session.with_door(door).keep_alive()
    session.read()


@clause("keep-alive.no-body")
def test_keep_alive_may_have_a_content_type_and_no_body(open_session: OpenSession) -> None:
    session = open_session()
    session.read()
    session.keep_alive_with(NOTHING_AS_JSON)
    session.read()


@clause("life-cycle.cancel")
def test_cancel_may_have_a_content_type_and_no_body(open_session: OpenSession) -> None:
    session = open_session()
    session.read()
    session.call(Op.CANCEL, NOTHING_AS_JSON)
    session.read()


@waits
@clause("life-cycle.complete", service=Service.UPDATE)
def test_complete_may_have_a_content_type_and_no_body(
    cell: Cell, workspace: Workspace, clock: Clock, judge: Judge
) -> None:
    session = update_session(workspace, cell)
    push(session, "notes.txt", TEXT)
    answer = session.call(Op.COMPLETE, NOTHING_AS_JSON)
    judge("life-cycle.complete", succeeds(answer), in_state(settled(session, clock), "DONE"))


@clause(*DELETES.values())
def test_delete_may_have_a_content_type_and_no_body(open_session: OpenSession) -> None:
    session = open_session()
    end(session, "CANCELED")
    session.call(Op.DELETE, NOTHING_AS_JSON)
    session.read()


@pytest.mark.parametrize("media", ["application/json; charset=UTF-8", "application/json;charset=utf-8"])
@clause("keep-alive.stores-progress")
def test_json_may_name_its_charset(media: str, cell: Cell, open_session: OpenSession) -> None:
    # The type has no such parameter, and one has no effect (RFC 8259, section 11); clients in Java and C# send it.
    session = open_session()
    session.read()
    session.keep_alive_with(raw(f'{{"{PROGRESS_MEMBER[cell.service]}": 40}}', media))
    session.read()


@pytest.mark.parametrize(
    "spelling",
    ['{"@":40}', ' \r\n{\r\n\t"@" : 40\r\n}\r\n', '{ "\\u0040": 40 }'],
    ids=["without-spaces", "in-lines", "with-escapes"],
)
@clause("keep-alive.stores-progress")
def test_json_may_be_written_in_every_way(spelling: str, cell: Cell, open_session: OpenSession) -> None:
    member = PROGRESS_MEMBER[cell.service]
    text = spelling.replace("@", member).replace("\\u0040", f"\\u{ord(member[0]):04x}{member[1:]}")
    session = open_session()
    session.read()
    session.keep_alive_with(raw(text))
    session.read()
