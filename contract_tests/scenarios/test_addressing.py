"""Addresses: which request reaches which operation, and that one which is no operation reaches none."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from contract_tests.contract import Capability, Cell, Dialect, Service
from contract_tests.contract.dialects import CONVENTIONS, FILES, PROGRESS_MEMBER, FileOp, Op
from contract_tests.driver import Body, Session, Workspace
from contract_tests.driver.sessions import in_path
from contract_tests.problems import NotTested
from contract_tests.rules.checks import (
    UNKNOWN,
    Flaw,
    accepted_or_refused,
    progress_is,
    refused,
    succeeds,
    unchanged,
)
from contract_tests.rules.checks.honoured import honoured, honoured_or_refused, kept_alive, not_served
from contract_tests.rules.checks.patches import behavior_is, in_state, shown_behavior
from contract_tests.scenarios import clause
from contract_tests.scenarios.steps import refuses, said

if TYPE_CHECKING:
    from contract_tests.judging import Judge
    from contract_tests.rules.checks.flaw import Flaws
    from contract_tests.traffic.exchange import Exchange

OpenSession = Callable[..., Session]

ONE_SESSION = {
    "api-update": "/api/content/library/item/update-session/{id}",
    "api-download": "/api/content/library/item/download-session/{id}",
    "rest-update": "/rest/com/vmware/content/library/item/update-session/id:{id}",
    "rest-download": "/rest/com/vmware/content/library/item/download-session/id:{id}",
}
"""Where one session is, letter by letter: a second opinion on the tables that all other scenarios use."""

KEEP_ALIVE = {Dialect.API: "?action=keep-alive", Dialect.REST: "?~action=keep-alive"}

REACHES_KEEP_ALIVE = (
    "addressing.api-update-keep-alive",
    "addressing.api-download-keep-alive",
    "addressing.rest-update-keep-alive",
    "addressing.rest-download-keep-alive",
)
"""The clauses about the four addresses; each applies in a cell of its own."""


@clause(*REACHES_KEEP_ALIVE)
def test_the_documented_address_keeps_alive(cell: Cell, open_session: OpenSession, judge: Judge) -> None:
    session = open_session()
    before = session.read()
    answer = _post(session, KEEP_ALIVE[cell.dialect], Op.KEEP_ALIVE, _progress(cell, 10))
    after = session.read()
    for slug in REACHES_KEEP_ALIVE:
        judge(
            slug,
            kept_alive(answer, before, after, 10),
            unchanged(before, after, "expiration_time", "client_progress"),
        )


@clause(*REACHES_KEEP_ALIVE)
def test_the_prefix_of_the_other_dialect_is_taken_or_leads_nowhere(
    cell: Cell, open_session: OpenSession, judge: Judge
) -> None:
    if CONVENTIONS[cell.dialect].id_prefix:
        words, change = "no id: before the id", ("/id:", "/")
    else:
        words, change = "id: before the id", ("-session/", "-session/id:")
    session = open_session()
    before = session.read()
    path = (_path(session) + KEEP_ALIVE[cell.dialect]).replace(*change)
    answer = _send(session, "POST", path, Op.KEEP_ALIVE, _progress(cell, 10))
    judge.left_out.add(answer.id)  # how a server answers where no operation is, no document says: it may lead elsewhere
    is_success = answer.status is not None and answer.status // 100 == 2
    for slug in REACHES_KEEP_ALIVE:
        after = session.read()
        judge(slug, honoured(answer, after, 10) if is_success else unchanged(before, after, "expiration_time"))
    own = next(slug for slug in REACHES_KEEP_ALIVE if f".{cell}-" in slug)
    judge.observe(own, f"{words}: {said(answer)}", answer)


@clause("addressing.literal-portal-path")
def test_the_address_that_the_portal_prints_is_an_alias_or_none(open_session: OpenSession, judge: Judge) -> None:
    session = open_session()
    flaws, answer = _alias(session, lambda _: f"{_path(session)}__action=keep-alive")
    judge("addressing.literal-portal-path", flaws)
    judge.observe("addressing.literal-portal-path", f"__action=keep-alive in the path: {said(answer)}", answer)


@clause("addressing.unknown-action")
def test_an_action_that_no_document_names_does_nothing(cell: Cell, open_rich_session: OpenSession) -> None:
    session = open_rich_session()
    session.read()
    unknown = ["revive", "renew", "extend", "ping", "keepalive", "keep_alive", "keep-alive-now", "keep-alive/"]
    unknown += ["keep", "keep-aliv", "cancelled", "null"]
    if cell.service is Service.DOWNLOAD:
        unknown.append("complete")  # only an upload is completed
    for action in unknown:
        _post(session, f"?{_parameter(cell)}={quote(action, safe='')}")
        session.read()


@clause("addressing.unknown-action")
def test_an_unknown_action_on_files_is_observed_beside_one_on_a_session(
    cell: Cell, open_session: OpenSession, judge: Judge
) -> None:
    session = open_session()
    session.read()
    _post(session, f"?{_parameter(cell)}=no-such-action")
    session.read()
    # The file services are not under test: what they do with it is told, and held against nobody.
    op = FileOp.VALIDATE if cell.service is Service.UPDATE else FileOp.PREPARE
    path = FILES[cell][op].path.format(id=in_path(session.id))
    answer = session.door.send("POST", path, query=((_parameter(cell), "no-such-action"),), body=Body.json({}))
    judge.observe("addressing.unknown-action", f"an unknown action on files: {said(answer)}", answer)


@clause("addressing.unknown-action")
def test_an_action_in_capitals_is_taken_or_refused(cell: Cell, open_session: OpenSession, judge: Judge) -> None:
    query = f"?{_parameter(cell)}=Keep-Alive"
    flaws, answer = _alias(open_session(), lambda path: path.partition("?")[0] + query, 400, 404)
    judge("addressing.unknown-action", flaws)
    judge.observe("addressing.unknown-action", f"action Keep-Alive, in capitals: {said(answer)}", answer)


@pytest.mark.parametrize("other", ["keep-alive", "cancel"])
@clause("addressing.unknown-action")
def test_a_doubled_action_is_one_of_the_two_or_none(
    other: str, cell: Cell, open_session: OpenSession, judge: Judge
) -> None:
    second = f"&{_parameter(cell)}={other}"
    session = open_session()
    flaws, answer = _alias(session, lambda path: path + second, 400, 404)
    ended = other == "cancel" and not refuses(answer) and not in_state(session.read(), "CANCELED")
    judge("addressing.unknown-action", [] if ended else flaws)
    words = "refused" if refuses(answer) else "cancels" if ended else "keeps alive"
    judge.observe("addressing.unknown-action", f"keep-alive and {other} as actions: {words}", answer)


BODIES = {"no-body": None, "empty-object": Body.json({}), "members": Body.json({"client_progress": 50, "progress": 50})}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
@clause("addressing.missing-action")
def test_a_post_without_an_action_does_nothing(body: Body | None, open_rich_session: OpenSession) -> None:
    session = open_rich_session()
    session.read()
    for query in ("", "?", f"?{_parameter(session.cell)}=", "?keep-alive"):
        _post(session, query, body=body)
        session.read()


@clause("addressing.missing-action")
def test_the_action_as_the_other_dialect_spells_it_is_taken_or_refused(
    cell: Cell, open_session: OpenSession, judge: Judge
) -> None:
    (other,) = set(KEEP_ALIVE.values()) - {KEEP_ALIVE[cell.dialect]}
    flaws, answer = _alias(open_session(), lambda path: path.partition("?")[0] + other)
    judge("addressing.missing-action", flaws)
    judge.observe("addressing.missing-action", f"{other} under /{cell.dialect}: {said(answer)}", answer)


@clause("addressing.colon-in-id")
def test_a_colon_in_an_id_may_be_encoded(cell: Cell, open_session: OpenSession, judge: Judge) -> None:
    session = open_session()
    if ":" not in session.id:
        raise NotTested(f"this takes an id with a colon, and the ids of this server have none: {session.id}")
    written = in_path(session.id)
    for progress, id_ in ((10, written), (20, written.replace(":", "%3A")), (30, written.replace(":", "%3a"))):
        path = ONE_SESSION[str(cell)].format(id=id_)
        kept = _send(session, "POST", path + KEEP_ALIVE[cell.dialect], Op.KEEP_ALIVE, _progress(cell, progress))
        seen = _send(session, "GET", path, Op.READ)
        judge("addressing.colon-in-id", succeeds(kept), progress_is(seen, progress))
    judge("addressing.colon-in-id", unchanged(seen, session.read(), "expiration_time"))


@pytest.mark.parametrize("ask", [Op.KEEP_ALIVE, Op.READ, Op.CANCEL, Op.DELETE], ids=str)
@clause("addressing.other-services-id")
def test_an_id_of_the_other_service_addresses_no_session(
    ask: Op, cell: Cell, workspace: Workspace, open_rich_session: OpenSession, judge: Judge
) -> None:
    (service,) = set(Service) - {cell.service}
    theirs = open_rich_session(Cell(cell.dialect, service))
    before = theirs.read()
    answer = workspace.borrowing_session(cell, theirs.id).call(ask)
    judge("addressing.other-services-id", refused(answer, UNKNOWN), unchanged(before, theirs.read(), "expiration_time"))


BEHAVIOR: list[dict[str, Any]] = [{"type": "UNTRUSTED_CERTIFICATE", "ignored": True}]


@clause("addressing.update")
def test_the_documented_address_and_form_update_a_session(cell: Cell, open_session: OpenSession, judge: Judge) -> None:
    session = open_session({"warning_behavior": []})
    before = session.read()
    answer = _send(session, "PATCH", _path(session), Op.UPDATE, _specification(cell))
    after = session.read()
    judge("addressing.update", succeeds(answer), behavior_is(after, BEHAVIOR))
    judge("addressing.update", unchanged(before, after, "warning_behavior", "expiration_time", "preview_info"))


@clause("addressing.update")
def test_the_form_of_the_other_dialect_is_observed(cell: Cell, open_session: OpenSession, judge: Judge) -> None:
    (other,) = set(Dialect) - {cell.dialect}
    session = open_session({"warning_behavior": []})
    answer = _send(session, "PATCH", _path(session), Op.UPDATE, _specification(Cell(other, cell.service)))
    after = session.read()
    taken = bool(shown_behavior(after))
    flaws = [Flaw("a refused update without effect", "it has set warning_behavior", after)]
    judge("addressing.update", accepted_or_refused(answer, 400), flaws if taken and refuses(answer) else [])
    form = "the specification in update_spec" if CONVENTIONS[other].update_spec else "the bare specification"
    effect = "" if refuses(answer) else ", with effect" if taken else ", without effect"
    judge.observe("addressing.update", f"{form}: {said(answer)}{effect}", answer)


@pytest.mark.parametrize(
    "body", [None, Body.json({"client_progress": 50, "state": "DONE"})], ids=["no-body", "members"]
)
@clause("addressing.undeclared-methods")
def test_a_method_that_does_not_exist_does_nothing(
    body: Body | None, cell: Cell, open_rich_session: OpenSession, takes: Callable[[Capability], None], judge: Judge
) -> None:
    takes(Capability.UNDECLARED_METHODS)
    session = open_rich_session()
    before = session.read()
    for method in ["PUT"] if cell.service is Service.UPDATE else ["PUT", "PATCH"]:
        answer = _send(session, method, _path(session), None, body)
        judge("addressing.undeclared-methods", not_served(answer))
    judge("addressing.undeclared-methods", unchanged(before, session.read(), "expiration_time"))


def _alias(session: Session, address: Callable[[str], str], *statuses: int) -> tuple[Flaws, Exchange]:
    """Keep a session alive by an address of its own; what is wrong unless it is honoured or refused, and the answer."""
    cell = session.cell
    before = session.read()
    path = address(_path(session) + KEEP_ALIVE[cell.dialect])
    answer = _send(session, "POST", path, Op.KEEP_ALIVE, _progress(cell, 10))
    return honoured_or_refused(answer, before, session.read(), 10, *statuses), answer


def _path(session: Session) -> str:
    return ONE_SESSION[str(session.cell)].format(id=in_path(session.id))


def _parameter(cell: Cell) -> str:
    return KEEP_ALIVE[cell.dialect].strip("?").partition("=")[0]


def _progress(cell: Cell, progress: int) -> Body:
    return Body.json({PROGRESS_MEMBER[cell.service]: progress})


def _specification(cell: Cell) -> Body:
    """The body of an update in the form of the cell's dialect."""
    bare = {"warning_behavior": BEHAVIOR}
    return Body.json({"update_spec": bare} if CONVENTIONS[cell.dialect].update_spec else bare)


def _post(session: Session, query: str, op: Op | None = None, body: Body | None = None) -> Exchange:
    return _send(session, "POST", _path(session) + query, op, body)


def _send(session: Session, method: str, path: str, op: Op | None = None, body: Body | None = None) -> Exchange:
    return session.door.send(method, path, body=body, cell=str(session.cell), operation=op)
