"""Legacy representations (6.0): keep-alive in XML and as a form, and with the id in the body, under `/rest`.

Later servers may refuse all of it. One that accepts has to do what was asked: a success without effect assures a
client of something that never happened.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

from contract_tests.contract import Cell, Service
from contract_tests.contract.dialects import ID_MEMBER, PROGRESS_MEMBER, Op
from contract_tests.contract.tolerances import APART, UNHURRIED
from contract_tests.driver import Body, Clock, Session, Workspace
from contract_tests.problems import NotTested
from contract_tests.rules import refusals
from contract_tests.rules.checks import (
    accepted_or_refused,
    expires_later,
    listed_ids,
    progress_is,
    read,
    refused_somehow,
    succeeds,
    unchanged,
)
from contract_tests.rules.checks.flaw import Flaw, Flaws, shown
from contract_tests.scenarios import clause, waits
from contract_tests.scenarios.legacy_bodies import (
    BROKEN,
    ENTITIES,
    NO_INTEGERS,
    OPEN,
    REPRESENTATIONS,
    SAME_FORMS,
    SAME_XML,
    Case,
    Members,
)
from contract_tests.scenarios.steps import end, refuses, said

if TYPE_CHECKING:
    from contract_tests.judging import Judge
    from contract_tests.traffic.exchange import Exchange

OpenSession = Callable[[], Session]
OpenRichSession = Callable[..., Session]

LATER = tuple(refusals.LEGACY.ways)
"""How a later server may refuse what only the 6.0 pages have."""


@waits
@pytest.mark.parametrize("id_in", ["path", "path and body"])
@pytest.mark.parametrize("kind", ["xml", "form", "printed-form"])
@clause("keep-alive.legacy-representations")
def test_xml_and_forms_are_honoured_or_refused(
    kind: str, id_in: str, cell: Cell, open_session: OpenSession, clock: Clock, judge: Judge
) -> None:
    session = open_session()
    members: Members = {PROGRESS_MEMBER[cell.service]: 10}
    if id_in != "path":
        members |= {ID_MEMBER[cell.service]: session.id}
    before = session.read()
    clock.advance(APART)
    answer = session.keep_alive_with(REPRESENTATIONS[kind](cell, members))
    after = session.read()
    judge.observe("keep-alive.legacy-representations", f"{kind}, id in the {id_in}: {said(answer)}", answer)
    # What the other clauses say of a keep-alive that succeeds; these do fail a run.
    judge.by_the_way |= {"keep-alive.stores-progress", "keep-alive.returns-nothing"}
    if not refuses(answer):
        judge("keep-alive.legacy-representations", expires_later(before, after))
        judge.aside("keep-alive.extends-expiration", expires_later(before, after))


@waits
@pytest.mark.parametrize("progress", [10, None], ids=["with-progress", "id-alone"])
@pytest.mark.parametrize("kind", REPRESENTATIONS)
@clause("addressing.id-in-body")
def test_an_id_in_the_body_names_the_session_or_is_refused(
    kind: str, progress: int | None, cell: Cell, open_rich_session: OpenRichSession, clock: Clock, judge: Judge
) -> None:
    session = open_rich_session(progress=None)
    members: Members = {} if progress is None else {PROGRESS_MEMBER[cell.service]: progress}
    members |= {ID_MEMBER[cell.service]: session.id}
    before = session.read()
    clock.advance(APART)
    answer = session.keep_alive_by_body_with(REPRESENTATIONS[kind](cell, members))
    after = session.read()
    judge.observe("addressing.id-in-body", f"{kind}, id in the body: {said(answer)}", answer)
    # What comes of it belongs to this clause alone: each form that is documented today may do all that it should.
    if not refuses(answer):
        same = unchanged(before, after, "client_progress", "expiration_time")
        judge("addressing.id-in-body", expires_later(before, after), same)


@waits
@clause("addressing.id-in-body-understood")
def test_up_to_6_5_an_id_in_a_json_body_is_understood(open_session: OpenSession, clock: Clock, judge: Judge) -> None:
    judge("addressing.id-in-body-understood", _understood(["json"], open_session, clock, judge))


@waits
@pytest.mark.parametrize("kinds", [["xml"], ["form", "printed-form", "query"]], ids=["xml", "form"])
@clause("keep-alive.legacy-representations-understood")
def test_up_to_6_5_xml_and_forms_are_understood(
    kinds: list[str], open_session: OpenSession, clock: Clock, judge: Judge
) -> None:
    judge("keep-alive.legacy-representations-understood", _understood(kinds, open_session, clock, judge))


def _understood(kinds: list[str], open_session: OpenSession, clock: Clock, judge: Judge) -> Flaws:
    """Keep a session alive without an id in the path, in the first of these forms that the server takes.

    Raises:
        NotTested: the server is a later one, or may be.
    """
    if why := next(filter(None, map(judge.other_version, judge.cited)), ""):
        raise NotTested(why)
    session = open_session()
    service = session.cell.service
    members: Members = {PROGRESS_MEMBER[service]: 10, ID_MEMBER[service]: session.id}
    before = session.read()
    clock.advance(APART)
    for kind in kinds:
        if kind == "query":
            told = tuple((name, str(value)) for name, value in members.items())
            answer = session.call(Op.KEEP_ALIVE_BY_BODY, query=told)
        else:
            answer = session.keep_alive_by_body_with(REPRESENTATIONS[kind](session.cell, members))
        if not refuses(answer):
            break
    after = session.read()
    return [*succeeds(answer), *expires_later(before, after), *progress_is(after, 10)]


@pytest.mark.parametrize("kind", REPRESENTATIONS)
@clause("addressing.id-in-body")
def test_no_session_is_kept_alive_by_an_id_that_names_none(
    kind: str, cell: Cell, unknown_session: Callable[[], Session], workspace: Workspace, judge: Judge
) -> None:
    (service,) = set(Service) - {cell.service}
    unknown, theirs = unknown_session(), workspace.open_session(Cell(cell.dialect, service))
    before = theirs.read()
    for id_ in (unknown.id, theirs.id, ""):
        members = {PROGRESS_MEMBER[cell.service]: 10, ID_MEMBER[cell.service]: id_}
        unknown.keep_alive_by_body_with(REPRESENTATIONS[kind](cell, members))
    judge("addressing.id-in-body", unchanged(before, theirs.read(), "expiration_time"))


@pytest.mark.parametrize("kind", REPRESENTATIONS)
@clause("addressing.id-in-body")
def test_a_body_that_names_no_session_keeps_none_alive_and_creates_none(
    kind: str, cell: Cell, open_session: OpenSession, judge: Judge
) -> None:
    session = open_session()
    before, listed = session.read(), listed_ids(session.listed(session.item))
    represent = REPRESENTATIONS[kind]
    for members in ({}, {PROGRESS_MEMBER[cell.service]: 10}, {"library_item_id": session.item}):
        answer = session.keep_alive_by_body_with(represent(cell, members))
        judge("addressing.id-in-body", refused_somehow(answer, *LATER))
    now = session.listed(session.item)
    more = [Flaw("no new session", f"{id_} is listed", now) for id_ in listed_ids(now) if id_ not in listed]
    judge("addressing.id-in-body", unchanged(before, session.read(), "expiration_time"), more)


@pytest.mark.parametrize("state", ["CANCELED", "ERROR"])
@clause("addressing.id-in-body")
def test_a_session_that_ended_is_not_kept_alive_by_its_id_in_the_body(
    state: str, cell: Cell, open_session: OpenSession, judge: Judge
) -> None:
    session = open_session()
    before = end(session, state)
    for represent in REPRESENTATIONS.values():
        session.keep_alive_by_body_with(represent(cell, {ID_MEMBER[cell.service]: session.id}))
        session.read()
    judge("addressing.id-in-body", unchanged(before, session.read(), "expiration_time"))


@pytest.mark.parametrize("kind", REPRESENTATIONS)
@clause("keep-alive.legacy-representations")
def test_two_ids_that_differ_are_observed(kind: str, cell: Cell, open_session: OpenSession, judge: Judge) -> None:
    in_path, in_body = open_session(), open_session()
    members = {PROGRESS_MEMBER[cell.service]: 10, ID_MEMBER[cell.service]: in_body.id}
    answer = in_path.keep_alive_with(REPRESENTATIONS[kind](cell, members))
    flaws = [progress_is(one.read(), *((0,) if refuses(answer) else (0, 10))) for one in (in_path, in_body)]
    judge("keep-alive.legacy-representations", accepted_or_refused(answer, *LATER), *flaws)
    judge.observe("keep-alive.legacy-representations", f"{kind}, another id in the body: {said(answer)}", answer)


@pytest.mark.parametrize("cases", [*SAME_XML.values(), SAME_FORMS], ids=[*SAME_XML, "form"])
@clause("keep-alive.legacy-representations")
def test_the_same_in_another_spelling_is_the_same(
    cases: dict[str, Case], open_session: OpenSession, judge: Judge
) -> None:
    kind = "form" if cases is SAME_FORMS else "XML"
    for _, answer, after, progress in _sent(judge, open_session(), cases):
        if not refuses(answer):
            judge.aside("keep-alive.stores-progress", progress_is(after, progress))
        judge.observe("keep-alive.legacy-representations", f"{kind} in another spelling: {said(answer)}", answer)


@pytest.mark.parametrize("group", OPEN)
@clause("keep-alive.legacy-representations")
def test_what_the_pages_leave_open_is_taken_or_refused(group: str, open_session: OpenSession, judge: Judge) -> None:
    kind = group.partition("-")[0]
    for name, answer, _, _ in _sent(judge, open_session(), OPEN[group]):
        judge.observe("keep-alive.legacy-representations", f"{kind}, {name}: {said(answer)}", answer)


@pytest.mark.parametrize("kind", ["xml", "form"])
@clause("keep-alive.legacy-representations")
def test_a_progress_above_100_is_not_stored(kind: str, cell: Cell, open_session: OpenSession, judge: Judge) -> None:
    session = open_session()
    answer = session.keep_alive_with(REPRESENTATIONS[kind](cell, {PROGRESS_MEMBER[cell.service]: 101}))
    session.read()
    judge("keep-alive.legacy-representations", accepted_or_refused(answer, *LATER))
    judge.by_the_way.add("model.progress-range")
    judge.observe("keep-alive.legacy-representations", f"{kind}, above 100: {said(answer)}", answer)


@clause("keep-alive.legacy-representations")
def test_no_entity_is_expanded(open_session: OpenSession, judge: Judge) -> None:
    for _, answer, _, _ in _sent(judge, open_session(), ENTITIES):
        judge("keep-alive.legacy-representations", _answered_soon(answer))
        judge.observe("keep-alive.legacy-representations", f"XML with an entity: {said(answer)}", answer)


@pytest.mark.parametrize("case", BROKEN)
@clause("keep-alive.legacy-representations")
def test_what_is_no_xml_is_refused(case: str, cell: Cell, open_session: OpenSession, judge: Judge) -> None:
    _refused(judge, open_session(), [one.body(cell, 10) for one in BROKEN[case]])


@pytest.mark.parametrize("kind", ["xml", "form"])
@clause("keep-alive.legacy-representations")
def test_a_progress_that_is_no_integer_is_refused(
    kind: str, cell: Cell, open_session: OpenSession, judge: Judge
) -> None:
    member = PROGRESS_MEMBER[cell.service]
    _refused(judge, open_session(), [REPRESENTATIONS[kind](cell, {member: text}) for text in NO_INTEGERS])


def _sent(judge: Judge, session: Session, cases: dict[str, Case]) -> Iterator[tuple[str, Exchange, Exchange, int]]:
    """Keep a session alive by each body, with a higher progress each time: refused, or stored as it may be.

    Gives the name of the case, the answer, the session after it, and the progress that was sent.
    """
    before = session.read()
    for name, case in cases.items():
        current = read(before).progress
        progress = current + 10
        answer = session.keep_alive_with(case.body(session.cell, progress))
        after = session.read()
        if refuses(answer):
            flaws: Flaws = [*refused_somehow(answer, *LATER), *unchanged(before, after, "expiration_time")]
        else:
            readable = {"p": progress, "q": progress + 1, "=": current}
            flaws = [*succeeds(answer), *progress_is(after, *(readable[sign] for sign in case.stored))]
        judge("keep-alive.legacy-representations", flaws)
        yield name, answer, after, progress
        before = after


def _refused(judge: Judge, session: Session, bodies: list[Body]) -> None:
    """Bodies that no server can have understood: each is refused, and none of them changes anything."""
    before = session.read()
    for body in bodies:
        answer = session.keep_alive_with(body)
        # Two things may be wrong: the form, which a later server need not know, and what is in it.
        judge("keep-alive.legacy-representations", refused_somehow(answer))
        after = session.read()
        judge("keep-alive.legacy-representations", unchanged(before, after, "expiration_time"))


def _answered_soon(answer: Exchange) -> Flaws:
    if answer.seconds <= UNHURRIED:
        return []
    return [Flaw(f"an answer within {UNHURRIED:g} s", f"{answer.seconds:.1f} s: {shown(answer)}", answer)]
