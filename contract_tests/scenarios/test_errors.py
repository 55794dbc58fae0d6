"""Errors: whatever is refused, and by whichever operation, is refused with an error as documented."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import pytest

from contract_tests.contract import Capability, Cell, Service
from contract_tests.contract.dialects import ID_MEMBER, SESSIONS, TOKEN_HEADER, Op
from contract_tests.driver import Body, Door, Session, Workspace
from contract_tests.driver.sessions import in_path
from contract_tests.problems import NotTested, PremiseFailed
from contract_tests.rules.checks.error_details import has_localized, has_messages, has_params, listed_statuses
from contract_tests.rules.checks.flaw import shown
from contract_tests.scenarios import clause
from contract_tests.scenarios.steps import raw, refuses

if TYPE_CHECKING:
    from contract_tests.traffic.exchange import Exchange

Ask = Callable[[Session], "Exchange"]
OpenSession = Callable[..., Session]

LISTED, UNLISTED, DEFAULT = "errors.body", "errors.unlisted-status", "errors.default-response"

EVERY_ERROR = (
    "errors.message-members",
    "errors.first-message",
    "errors.data",
    "errors.type-fits-status",
    "errors.undisputed-type-fits-status",
    "errors.disputed-type-fits-status",
    "errors.known-type",
    "errors.type-present",
    "errors.rest-wrapping",
    "errors.no-server-error",
)
"""What every error decides, beside the one of `LISTED`, `UNLISTED` and `DEFAULT` that goes with its status."""

NAMING_A_SESSION: dict[Op, Ask] = {
    Op.READ: Session.read,
    Op.KEEP_ALIVE: Session.keep_alive,
    Op.KEEP_ALIVE_BY_BODY: lambda session: session.keep_alive_by_body_with(_by_body(session)),
    Op.UPDATE: lambda session: session.update({}),
    Op.COMPLETE: Session.complete,
    Op.CANCEL: Session.cancel,
    Op.FAIL: Session.fail,
    Op.DELETE: Session.delete,
}
"""The operations on one session, each asked for as the documents have it."""

WRONG_BODIES: tuple[tuple[Op, object], ...] = (
    (Op.KEEP_ALIVE, {"client_progress": "ten", "progress": "ten"}),
    (Op.KEEP_ALIVE, "{"),
    (Op.KEEP_ALIVE, []),
    (Op.UPDATE, {"warning_behavior": "all", "update_spec": {"warning_behavior": "all"}}),
    (Op.UPDATE, "{"),
    (Op.FAIL, {"client_error_message": {}}),
    (Op.FAIL, {}),
    (Op.FAIL, "{"),
)
"""Bodies that the operation can't take: a JSON value, or text that is no JSON."""


@clause(LISTED, *EVERY_ERROR)
def test_an_unknown_id_is_refused_with_an_error(cell: Cell, unknown_session: OpenSession) -> None:
    session = unknown_session()
    _need_errors(LISTED, (ask(session) for op, ask in NAMING_A_SESSION.items() if op in SESSIONS[cell]))


@clause(LISTED, *EVERY_ERROR)
def test_a_session_that_has_ended_is_refused_with_an_error(cell: Cell, open_session: OpenSession) -> None:
    session = open_session()
    session.cancel()
    asked = [op for op in NAMING_A_SESSION if op in SESSIONS[cell] and op not in (Op.READ, Op.DELETE)]
    _need_errors(LISTED, (NAMING_A_SESSION[op](session) for op in asked))


@clause(LISTED, *EVERY_ERROR, service=Service.UPDATE)
def test_deletion_of_an_active_session_is_refused_with_an_error(open_session: OpenSession) -> None:
    _need_errors(LISTED, [open_session().delete()])


@clause(LISTED, *EVERY_ERROR)
def test_a_wrong_body_is_refused_with_an_error(cell: Cell, open_session: OpenSession) -> None:
    session = open_session()
    _need_errors(
        LISTED,
        (session.call(op, _body(content)) for op, content in WRONG_BODIES if op in SESSIONS[cell]),
    )


@clause(LISTED, *EVERY_ERROR)
def test_a_wrong_creation_is_refused_with_an_error(
    cell: Cell, unknown_session: OpenSession, workspace: Workspace
) -> None:
    nowhere = unknown_session()
    bodies: tuple[object, ...] = ("{", [], "")
    specs: tuple[object, ...] = ({}, [], {"library_item_id": 5}, {"library_item_id": str(uuid.uuid4())})
    _need_errors(
        LISTED,
        [
            *(workspace.create_session(cell, spec) for spec in specs),
            workspace.create_session(cell, {"library_item_id": workspace.new_item(cell.dialect)}, "no UUID"),
            *(nowhere.call(Op.CREATE, _body(content)) for content in bodies),
        ],
    )


@clause(LISTED, *EVERY_ERROR)
def test_a_list_of_an_unknown_item_is_refused_with_an_error(unknown_session: OpenSession) -> None:
    _need_errors(LISTED, [unknown_session().listed(str(uuid.uuid4()))])


@clause(LISTED, *EVERY_ERROR, service=Service.UPDATE)
def test_a_second_session_is_refused_with_an_error(cell: Cell, open_session: OpenSession, workspace: Workspace) -> None:
    session = open_session()
    _need_errors(LISTED, [workspace.create_session(cell, {"library_item_id": session.item})])


@clause(LISTED, *EVERY_ERROR, service=Service.UPDATE)
def test_an_item_of_a_subscribed_library_is_refused_with_an_error(
    cell: Cell, subscribed_item: Callable[[], str], workspace: Workspace
) -> None:
    _need_errors(LISTED, [workspace.create_session(cell, {"library_item_id": subscribed_item()})])


@pytest.mark.parametrize("headers", [{}, {TOKEN_HEADER: "0123456789abcdef0123456789abcdef"}], ids=["no", "unknown"])
@clause(UNLISTED, *EVERY_ERROR)
def test_without_a_valid_token_each_operation_is_refused_with_an_error(
    headers: dict[str, str], cell: Cell, open_session: OpenSession
) -> None:
    session = open_session().with_headers(headers)
    _need_errors(
        UNLISTED,
        [
            session.call(Op.CREATE, _body({})),  # names no item, so that nothing is made even where it is served
            session.listed(),
            *(ask(session) for op, ask in NAMING_A_SESSION.items() if op in SESSIONS[cell]),
        ],
    )


@clause(UNLISTED, *EVERY_ERROR)
def test_a_missing_privilege_is_refused_with_an_error(
    cell: Cell, open_session: OpenSession, second_door: Callable[[], Door], workspace: Workspace
) -> None:
    session = open_session()
    theirs = session.with_door(second_door())
    item = workspace.new_item(cell.dialect)
    _need_errors(
        UNLISTED,
        [
            workspace.create_session(cell, {"library_item_id": item}, door=theirs.door),
            theirs.listed(session.item),
        ],
    )


@clause(UNLISTED, *EVERY_ERROR)
def test_an_unknown_content_type_is_refused_with_an_error(open_session: OpenSession) -> None:
    session = open_session()
    table = raw("client_progress,progress\n1,1\n", "text/csv")
    _need_errors(UNLISTED, [session.call(op, table) for op in (Op.KEEP_ALIVE, Op.FAIL, Op.CREATE)])


@clause(DEFAULT, *EVERY_ERROR)
def test_what_a_page_lists_by_default_is_refused_with_an_error(open_session: OpenSession) -> None:
    session = open_session()
    _need_errors(
        DEFAULT,
        [
            session.with_headers({}).keep_alive(),
            session.call(Op.KEEP_ALIVE, raw("progress\n1\n", "text/csv")),
        ],
    )


@clause(UNLISTED, *EVERY_ERROR)
def test_an_undeclared_method_is_refused_with_an_error(
    cell: Cell, open_session: OpenSession, takes: Callable[[Capability], None]
) -> None:
    takes(Capability.UNDECLARED_METHODS)
    session = open_session()
    one, every = (SESSIONS[cell][op].path.format(id=in_path(session.id)) for op in (Op.READ, Op.LIST))
    asked = [("PUT", one), ("PUT", every), ("DELETE", every), ("PATCH", every)]
    _need_errors(
        UNLISTED,
        [session.door.send(method, path, body=Body.json({}), cell=str(cell)) for method, path in asked],
    )


@clause("errors.params")
def test_named_arguments_of_messages_are_as_documented(
    cell: Cell, open_session: OpenSession, unknown_session: OpenSession
) -> None:
    telling = [answer for answer in _some_errors(cell, open_session, unknown_session, {}) if has_params(answer)]
    if not telling:
        raise NotTested("this takes a server whose errors have params; none of those provoked here has")


@clause("errors.localized")
def test_the_translation_of_a_message_is_a_text(
    cell: Cell, open_session: OpenSession, unknown_session: OpenSession
) -> None:
    # Without being asked for a language a server need not translate.
    answers = _some_errors(cell, open_session, unknown_session, {"accept-language": "de-DE"})
    telling = [answer for answer in answers if has_localized(answer)]
    if not telling:
        raise NotTested(
            "this takes a server that translates its messages; none of those provoked here has localized, "
            "though German was asked for"
        )


def _need_errors(slug: str, answers: Iterable[Exchange]) -> None:
    """Make sure that there is something to judge: the oracle sees every error, whoever asked for it.

    `slug` is the clause, of `LISTED`, `UNLISTED` and `DEFAULT`, that the test is about; the status decides which one.

    Raises:
        NotTested: there is no error, or none whose status goes with `slug`.
        PremiseFailed: none of the errors has a message.
    """
    refusals = [answer for answer in answers if refuses(answer)]
    if not refusals:
        raise NotTested("this takes a server that refuses such a request, and this one accepts it")
    if not any(has_messages(answer) for answer in refusals):
        raise PremiseFailed("an error with messages", shown(refusals[0]), refusals[0])
    if not any((answer.status in listed_statuses(answer)) == (slug == LISTED) for answer in refusals):
        statuses = ", ".join(sorted({str(answer.status) for answer in refusals}))
        kind = "a status" if slug == LISTED else "no status"
        raise NotTested(
            f"this takes a refusal with {kind} that the documents list for the operation; this server has {statuses}"
        )


def _some_errors(
    cell: Cell, open_session: OpenSession, unknown_session: OpenSession, headers: dict[str, str]
) -> list[Exchange]:
    """Errors of every kind, as a client gets them that sends these headers."""
    ended, active, nobody = open_session(), open_session(), unknown_session()
    ended.cancel()
    asked: list[tuple[Session, Op, Body | None]] = [
        (nobody, Op.READ, None),
        (nobody, Op.DELETE, None),
        (ended, Op.KEEP_ALIVE, None),
        (ended, Op.CANCEL, None),
        (active, Op.KEEP_ALIVE, _body({"client_progress": "ten", "progress": "ten"})),
        (active, Op.KEEP_ALIVE, _body("{")),
        (active, Op.FAIL, _body({})),
        (nobody, Op.CREATE, _body({"create_spec": {}})),
        (nobody.with_headers({}), Op.READ, None),
    ]
    answers = []
    for session, op, body in asked:
        route = SESSIONS[cell][op]
        target = (route.method, route.path.format(id=in_path(session.id)))
        answers.append(
            session.door.send(*target, query=route.query, body=body, headers=headers, cell=str(cell), operation=op)
        )
    return [answer for answer in answers if refuses(answer)]


def _body(content: object) -> Body:
    """Text as it is, and any other value as JSON."""
    return raw(content) if isinstance(content, str) else Body.json(content)


def _by_body(session: Session) -> Body:
    return Body.json({ID_MEMBER[session.cell.service]: session.id})
