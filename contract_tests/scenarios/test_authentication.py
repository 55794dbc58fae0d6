"""Authentication: no operation is served without a valid session token of the API, and none needs more than that."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from contract_tests.contract import Capability, Service
from contract_tests.contract.dialects import SESSIONS, TOKEN_HEADER, Op
from contract_tests.driver import Door, Session, Workspace
from contract_tests.driver.transport.login import Login
from contract_tests.problems import PremiseFailed
from contract_tests.rules.checks import read, refused, unchanged
from contract_tests.rules.checks.authentication import (
    UNAUTHENTICATED,
    UNAUTHORIZED,
    let_in,
    not_busy,
    not_forbidden,
    tells_the_same,
    unauthenticated_body,
    yields_token,
)
from contract_tests.rules.checks.flaw import Flaws, shown
from contract_tests.scenarios import clause
from contract_tests.scenarios.steps import none_new_on, said

if TYPE_CHECKING:
    from contract_tests.contract import Cell
    from contract_tests.judging import Judge
    from contract_tests.rules.checks import Refusal
    from contract_tests.traffic.exchange import Exchange

Ask = Callable[[Session], "Exchange"]
Tell = Callable[["Flaws"], object]
LogIn = Callable[..., AbstractContextManager[Login]]
OpenSession = Callable[[], Session]

READING: tuple[Ask, ...] = (Session.read, Session.listed, lambda session: session.listed(session.item))
KEEPING: dict[Op, Ask] = {
    Op.KEEP_ALIVE: lambda session: session.keep_alive(50),
    Op.UPDATE: lambda session: session.update({"warning_behavior": []}),
}
ENDING: dict[Op, Ask] = {
    Op.COMPLETE: Session.complete,
    Op.CANCEL: Session.cancel,
    Op.FAIL: Session.fail,
    Op.DELETE: Session.delete,
}

NEVER_ISSUED = "0123456789abcdef0123456789abcdef"


def of(cell: Cell, operations: dict[Op, Ask]) -> dict[Op, Ask]:
    """Those of the operations that the cell's service has."""
    return {op: ask for op, ask in operations.items() if op in SESSIONS[cell]}


def on_one_session(cell: Cell) -> tuple[Ask, ...]:
    """Every operation on a session that is there; those that end it come last."""
    return (*READING, *of(cell, KEEPING).values(), *of(cell, ENDING).values())


@clause("authentication.token-required")
def test_without_a_token_nothing_is_served(cell: Cell, open_rich_session: OpenSession, judge: Judge) -> None:
    # That each call is refused, the oracle sees to.
    session = open_rich_session()
    before = session.read()
    for ask in on_one_session(cell):
        ask(session.with_headers({}))
    judge("authentication.token-required", unchanged(before, session.read(), "expiration_time"))


@clause("authentication.token-required")
def test_without_a_token_nothing_is_created(cell: Cell, workspace: Workspace, anonymous: Door, judge: Judge) -> None:
    _creates_nothing(anonymous, workspace, cell, partial(judge, "authentication.token-required"), None)


@clause("authentication.unknown-token")
def test_a_token_that_was_never_issued_opens_nothing(cell: Cell, open_rich_session: OpenSession, judge: Judge) -> None:
    _refused_to(
        lambda session: session.with_headers({TOKEN_HEADER: NEVER_ISSUED}),
        *(open_rich_session(), cell, partial(judge, "authentication.unknown-token")),
    )


@clause("authentication.unknown-token")
def test_a_token_that_was_never_issued_creates_nothing(
    cell: Cell, workspace: Workspace, anonymous: Door, judge: Judge
) -> None:
    door = anonymous.with_headers({TOKEN_HEADER: NEVER_ISSUED})
    _creates_nothing(door, workspace, cell, partial(judge, "authentication.unknown-token"), UNAUTHENTICATED)


@clause("authentication.unknown-token")
def test_what_looks_like_a_token_is_none(open_session: OpenSession, log_in: LogIn, judge: Judge) -> None:
    session = open_session()
    before = session.read()
    with log_in() as login:
        token = _token_of(login)
        # One server took the id of an update session for a token; a lazy one compares the beginning only.
        lookalikes = {
            "the id of the session": session.id,
            "nothing": "",
            "a token without its end": token[:-1],
            "a token with something behind it": f"{token}0",
            "null": "null",
        }
        for name, lookalike in lookalikes.items():
            if not (lookalike.isascii() and lookalike.isprintable()):
                continue  # no header carries it
            answer = session.with_headers({TOKEN_HEADER: lookalike}).keep_alive(50)
            # The report hides what was sent as a token, so the flaw has to say it.
            flaws = [replace(flaw, expected=f"{flaw.expected} to {name}") for flaw in refused(answer, UNAUTHENTICATED)]
            judge("authentication.unknown-token", flaws)
    judge("authentication.unknown-token", unchanged(before, session.read(), "expiration_time"))


@clause("authentication.ended-token")
def test_an_ended_token_opens_nothing(cell: Cell, open_rich_session: OpenSession, log_in: LogIn, judge: Judge) -> None:
    session = open_rich_session()
    with log_in() as login:
        _ended(login, session)
        _refused_to(lambda one: one.with_door(login.door), session, cell, partial(judge, "authentication.ended-token"))


@clause("authentication.ended-token")
def test_an_ended_token_creates_nothing(
    cell: Cell, workspace: Workspace, open_session: OpenSession, log_in: LogIn, judge: Judge
) -> None:
    with log_in() as login:
        _ended(login, open_session())
        _creates_nothing(login.door, workspace, cell, partial(judge, "authentication.ended-token"), UNAUTHENTICATED)


@clause("authentication.error-body")
def test_a_401_says_that_somebody_is_unknown_and_no_more(open_session: OpenSession, judge: Judge) -> None:
    session = open_session()
    for headers in ({}, {TOKEN_HEADER: NEVER_ISSUED}):
        answer = session.with_headers(headers).keep_alive()
        judge("authentication.error-body", unauthenticated_body(answer))


@clause("authentication.error-body")
def test_a_refused_login_is_answered_in_the_same_way(log_in: LogIn, judge: Judge) -> None:
    with log_in("cl-contract-nobody", "no-such-password") as stranger:
        judge("authentication.error-body", unauthenticated_body(stranger.answer))


@clause("authentication.error-body")
def test_a_refused_login_does_not_say_what_was_wrong(
    log_in: LogIn, takes: Callable[[Capability], None], judge: Judge
) -> None:
    takes(Capability.WRONG_PASSWORDS)
    name, wrong = "cl-contract-nobody", "no-such-password"
    with log_in(name, wrong) as stranger, log_in(password=wrong) as user:
        judge("authentication.error-body", unauthenticated_body(user.answer))
        judge("authentication.error-body", tells_the_same(stranger.answer, user.answer, name))


@clause("authentication.token-header")
def test_the_token_in_its_header_is_enough(cell: Cell, workspace: Workspace, judge: Judge) -> None:
    def create() -> Exchange:
        return workspace.create_session(cell, {"library_item_id": workspace.new_item(cell.dialect)})

    answers = [create()]
    session = _session(workspace, answers[0])
    answers += [ask(session) for ask in (*READING, *of(cell, KEEPING).values())]
    for op, ask in of(cell, ENDING).items():
        # An update session is deleted when it is over, and only then.
        if op is Op.DELETE and cell.service is Service.UPDATE:
            session.cancel()
        answers.append(ask(session if op is Op.DELETE else _session(workspace, create())))
    judge("authentication.token-header", *map(_with_the_token_alone, answers))


def in_a_cookie(token: str) -> tuple[dict[str, str], tuple[tuple[str, str], ...]]:
    return {"cookie": f"{TOKEN_HEADER}={token}"}, ()


def in_the_query(token: str) -> tuple[dict[str, str], tuple[tuple[str, str], ...]]:
    return {}, ((TOKEN_HEADER, token),)


def in_authorization(token: str) -> tuple[dict[str, str], tuple[tuple[str, str], ...]]:
    return {"authorization": token}, ()


def as_a_bearer(token: str) -> tuple[dict[str, str], tuple[tuple[str, str], ...]]:
    return {"authorization": f"Bearer {token}"}, ()


@clause("authentication.token-header")
def test_a_token_in_another_place_is_observed(open_session: OpenSession, log_in: LogIn, judge: Judge) -> None:
    session = open_session()
    with log_in() as login:
        token = _token_of(login)
        judge("authentication.token-header", let_in(session.with_door(login.door).read()))
        for place in (in_a_cookie, in_the_query, in_authorization, as_a_bearer):
            headers, query = place(token)
            answer = session.with_headers(headers).call(Op.READ, query=query)
            words = place.__name__.replace("_", " ")
            judge.observe("authentication.token-header", f"the token {words} alone: {said(answer)}", answer)


@clause("authentication.login")
def test_a_login_yields_a_token(cell: Cell, open_session: OpenSession, log_in: LogIn, judge: Judge) -> None:
    session = open_session()
    with log_in() as login:
        judge("authentication.login", yields_token(login.answer, cell.dialect))
        if login.token is not None:
            judge("authentication.login", let_in(session.with_door(login.door).read()))


@clause("authentication.no-privilege-needed")
def test_somebody_without_privileges_reads_and_keeps_alive(
    cell: Cell, open_session: OpenSession, second_door: Callable[[], Door], judge: Judge
) -> None:
    theirs = open_session().with_door(second_door())
    for op, ask in {Op.READ: Session.read, **of(cell, KEEPING)}.items():
        _not_forbidden(op, ask(theirs), judge)


@clause("authentication.no-privilege-needed")
def test_somebody_without_privileges_ends_and_deletes(
    cell: Cell, open_session: OpenSession, second_door: Callable[[], Door], judge: Judge
) -> None:
    door = second_door()
    for op, ask in of(cell, ENDING).items():
        session = open_session()
        if op is Op.DELETE and cell.service is Service.UPDATE:
            session.cancel()
        _not_forbidden(op, ask(session.with_door(door)), judge)


@clause("authentication.missing-privilege")
def test_somebody_without_privileges_creates_nothing(
    cell: Cell, workspace: Workspace, second_door: Callable[[], Door], judge: Judge
) -> None:
    tell = partial(judge, "authentication.missing-privilege")
    _creates_nothing(second_door(), workspace, cell, tell, UNAUTHORIZED)


@clause("authentication.missing-privilege")
def test_somebody_without_privileges_lists_no_sessions_of_an_item(
    open_session: OpenSession, second_door: Callable[[], Door], judge: Judge
) -> None:
    session = open_session()
    theirs = session.with_door(second_door())
    answer = theirs.listed(session.item)
    judge("authentication.missing-privilege", refused(answer, UNAUTHORIZED))
    everything = theirs.listed()
    judge.observe("authentication.missing-privilege", f"a list that names no item: {said(everything)}", everything)


def _refused_to(stranger: Callable[[Session], Session], session: Session, cell: Cell, tell: Tell) -> None:
    """Every operation on a session that is there is refused to a stranger, and none of them does anything."""
    before = session.read()
    for ask in on_one_session(cell):
        tell(refused(ask(stranger(session)), UNAUTHENTICATED))
    tell(unchanged(before, session.read(), "expiration_time"))


def _creates_nothing(door: Door, workspace: Workspace, cell: Cell, tell: Tell, refusal: Refusal | None) -> None:
    """A session is refused to a stranger, and none is there: an update session would keep its item busy.

    Without a `refusal`, how it is refused is not looked at.
    """
    item = workspace.new_item(cell.dialect)
    before = workspace.unknown_session(cell).listed(item)
    answer = workspace.create_session(cell, {"library_item_id": item}, door=door)
    if refusal is not None:
        tell(refused(answer, refusal))
    ours = workspace.create_session(cell, {"library_item_id": item})
    tell(not_busy(ours))
    session = _session(workspace, ours)
    tell(none_new_on(item, session, before, session.id))


def _not_forbidden(op: Op, answer: Exchange, judge: Judge) -> None:
    judge("authentication.no-privilege-needed", not_forbidden(answer))
    judge.observe("authentication.no-privilege-needed", f"{op} of somebody else's session: {said(answer)}", answer)


def _token_of(login: Login) -> str:
    if login.token is None:
        raise PremiseFailed("a login", shown(login.answer), login.answer)
    return login.token


def _ended(login: Login, session: Session) -> None:
    """Log out, once it is sure that the token was good.

    Raises:
        PremiseFailed: it was not, or the server does not end it.
    """
    _token_of(login)
    read(session.with_door(login.door).read())
    ended = login.log_out()
    if ended.status not in (200, 204):
        raise PremiseFailed("the API session to be ended", shown(ended), ended)


def _session(workspace: Workspace, created: Exchange) -> Session:
    session = workspace.session_from(created, "")
    if session is None:
        raise PremiseFailed("a new session", shown(created), created)
    return session


def _with_the_token_alone(answer: Exchange) -> Flaws:
    """The caller is let in, and nothing else than the token can be the reason.

    Raises:
        PremiseFailed: the suite has sent another credential.
    """
    request = answer.request
    if request.header(TOKEN_HEADER) is None or request.header("cookie") or request.header("authorization"):
        raise PremiseFailed("a request with the token and no other credential", str(request.headers), answer)
    return let_in(answer)
