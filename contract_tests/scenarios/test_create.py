"""Create: what it yields, what it refuses, and what it makes of its specification."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from contract_tests.contract import Cell, Dialect, Service
from contract_tests.contract.dialects import Op
from contract_tests.driver import Clock, Session, Target, Workspace
from contract_tests.driver.content import list_files
from contract_tests.problems import NotTested, PremiseFailed
from contract_tests.rules.checks import (
    Refusal,
    expires_about,
    expires_no_earlier,
    read,
    refused,
    still_active,
    succeeds,
    unchanged,
)
from contract_tests.rules.checks.contents import keeps_files
from contract_tests.rules.checks.creation import yields_another_id, yields_id, yields_the_same_id
from contract_tests.rules.checks.flaw import shown
from contract_tests.rules.checks.lists import lists_at_least, lists_exactly
from contract_tests.rules.checks.patches import in_state, nothing_left_of
from contract_tests.rules.checks.readings import listed_ids
from contract_tests.rules.oracle import of_step
from contract_tests.rules.steps import Standing, Step
from contract_tests.scenarios import clause, waits
from contract_tests.scenarios.steps import none_new_on, refuses, said, settled, with_progress

if TYPE_CHECKING:
    from contract_tests.judging import Judge
    from contract_tests.rules.checks.flaw import Flaws
    from contract_tests.traffic.exchange import Exchange

OpenSession = Callable[..., Session]

SUBSCRIBED = Refusal(400, "INVALID_ELEMENT_TYPE")


@clause("create.returns-id")
def test_it_yields_the_id_of_an_active_session(cell: Cell, workspace: Workspace, judge: Judge) -> None:
    items = [workspace.new_item(cell.dialect) for _ in range(2)]
    answers = [workspace.create_session(cell, {"library_item_id": item}) for item in items]
    judge("create.returns-id", yields_another_id(*answers))
    for answer, item in zip(answers, items, strict=True):
        if (session := workspace.session_from(answer, item)) is not None:
            session.read()
            judge("create.returns-id", lists_at_least(session.listed(item), session.id))


@clause("create.returns-id")
def test_a_client_token_is_one_of_its_service(cell: Cell, workspace: Workspace, judge: Judge) -> None:
    (service,) = set(Service) - {cell.service}
    spec, token = {"library_item_id": workspace.new_item(cell.dialect)}, str(uuid.uuid4())
    theirs = workspace.create_session(Cell(cell.dialect, service), spec, token)
    if succeeds(theirs):
        raise PremiseFailed("a session of the other service", shown(theirs), theirs)
    answer = workspace.create_session(cell, spec, token)
    if (ours := workspace.session_from(answer, spec["library_item_id"])) is None:
        raise NotTested(f"this server does not take a token that the other service has had: {shown(answer)}")
    judge("create.returns-id", still_active(ours.read()))


@pytest.mark.parametrize(
    "spec",
    [lambda _: {}, lambda _: {"library_item_id": None}, lambda item: {"id": item, "state": "ACTIVE"}],
    ids=["empty", "null", "other-members-only"],
)
@clause("create.missing-item-id")
def test_without_an_item_it_is_refused(
    spec: Callable[[str], dict[str, Any]],
    cell: Cell,
    workspace: Workspace,
    unknown_session: OpenSession,
    judge: Judge,
) -> None:
    item, nobody = workspace.new_item(cell.dialect), unknown_session()
    before = nobody.listed(item)
    workspace.create_session(cell, spec(item))
    judge("create.missing-item-id", none_new_on(item, nobody, before))


@clause("create.unknown-item")
def test_an_item_that_does_not_exist_is_not_found(cell: Cell, workspace: Workspace, judge: Judge) -> None:
    answer = workspace.create_session(cell, {"library_item_id": str(uuid.uuid4())})
    # That nothing has this id is known here alone; what follows from it, the oracle says.
    step = Step(answer, cell, str(Op.CREATE), Op.CREATE, Standing.UNKNOWN)
    judge("create.unknown-item", *(flaws for slug, flaws in of_step(step) if slug == "create.unknown-item"))


@pytest.mark.parametrize(
    "token",
    [
        "retry-1",
        "b8a2a2e3-2314-43cd-a871-6ede0f42975g",
        "b8a2a2e3-2314-43cd-a871",
        "b8a2a2e3-2314-43cd-a871-6ede0f429751-6ede0f429751",
    ],
    ids=["words", "no-hexadecimal", "too-short", "too-long"],
)
@clause("create.client-token-no-uuid")
def test_a_token_that_is_no_uuid_is_refused(
    token: str, cell: Cell, workspace: Workspace, unknown_session: OpenSession, judge: Judge
) -> None:
    item, nobody = workspace.new_item(cell.dialect), unknown_session()
    before = nobody.listed(item)
    workspace.create_session(cell, {"library_item_id": item}, token)
    judge("create.client-token-no-uuid", none_new_on(item, nobody, before))


@clause("create.idempotent")
def test_the_same_token_makes_one_session(cell: Cell, workspace: Workspace, judge: Judge) -> None:
    item, token = workspace.new_item(cell.dialect), str(uuid.uuid4())
    nothing = workspace.unknown_session(cell).listed(item)
    answers = [workspace.create_session(cell, {"library_item_id": item}, token) for _ in range(3)]
    first = _session(workspace, answers[0], item)
    for again in answers[1:]:
        judge("create.idempotent", yields_id(again), yields_the_same_id(answers[0], again))
    judge("create.idempotent", *_is_alone(first, nothing))


@clause("create.idempotent")
def test_the_token_finds_a_session_that_is_in_use(cell: Cell, workspace: Workspace, judge: Judge) -> None:
    item, token = workspace.new_item(cell.dialect), str(uuid.uuid4())

    def create() -> Exchange:
        return workspace.create_session(cell, {"library_item_id": item}, token)

    nothing = workspace.unknown_session(cell).listed(item)
    answer = create()
    session = _session(workspace, answer, item)
    before = with_progress(session, 60)
    again = create()
    after = session.read()
    judge("create.idempotent", yields_id(again), yields_the_same_id(answer, again), *_is_alone(session, nothing))
    judge("create.idempotent", unchanged(before, after, "expiration_time"), expires_no_earlier(before, after))
    # How long a token is remembered is not said.
    session.cancel()
    later = create()
    same = "the session that was" if not refuses(later) and not yields_the_same_id(answer, later) else "a new session"
    judge.observe("create.idempotent", f"token after cancel: {said(later) if refuses(later) else same}", later)


@pytest.mark.parametrize("progress", [40, 100])
@clause("create.second-active-session", "expiry.never-moves-back", service=Service.UPDATE)
def test_an_item_takes_one_active_update_session(
    progress: int, cell: Cell, workspace: Workspace, open_rich_session: OpenSession, judge: Judge
) -> None:
    item = workspace.new_item(cell.dialect)
    nothing = workspace.unknown_session(cell).listed(item)
    session = open_rich_session(item=item)
    files = list_files(session)
    with_progress(session, progress)
    spec = {"library_item_id": session.item}
    for token in (None, str(uuid.uuid4())):
        answer = workspace.create_session(cell, spec, token)
        session.read()
        judge("create.second-active-session", *_is_alone(session, nothing), keeps_files(files, list_files(session)))
        judge.observe("create.second-active-session", said(answer), answer)


@clause("create.second-active-session")
def test_a_session_of_one_dialect_is_active_in_the_other(
    cell: Cell, open_session: OpenSession, target: Target, judge: Judge
) -> None:
    (other,) = set(Dialect) - {cell.dialect}
    if other not in target.access.doors:
        raise NotTested(f"this takes a server that is tested under /{other} too")
    session = open_session()
    before = session.read()
    target.workspace.create_session(Cell(other, cell.service), {"library_item_id": session.item})
    # How it is answered is the other dialect's cell.
    judge("create.second-active-session", unchanged(before, session.read(), "expiration_time"))


_GIVEN_ID = "815994e5-2828-4a88-86ed-4575f9e964e2:9c7e16e9-9b8c-4c5a-a67b-a66a08b7d71c"
_UNUSED: dict[str, dict[str, Any]] = {
    "id": {"id": _GIVEN_ID},
    "content-version": {"library_item_content_version": "99"},
    "error-message": {"error_message": {"id": "contract.test", "default_message": "Not an error.", "args": []}},
    "progress": {"client_progress": 60},
    "ended": {"state": "CANCELED"},
    "failed": {"state": "ERROR"},
    "expires-late": {"expiration_time": "2099-12-31T23:59:59.000Z"},
    "expired": {"expiration_time": "2001-01-01T00:00:00.000Z"},
}
_UNUSED["all"] = {member: value for one in _UNUSED.values() for member, value in one.items()}


@pytest.mark.parametrize("members", _UNUSED.values(), ids=_UNUSED.keys())
@clause("create.ignored-members")
def test_members_that_create_does_not_use_have_no_effect(
    members: dict[str, Any], cell: Cell, workspace: Workspace, unknown_session: OpenSession, judge: Judge
) -> None:
    items, nobody = [workspace.new_item(cell.dialect) for _ in range(2)], unknown_session()
    plain, before = workspace.open_session(cell, item=items[0]).read(), nobody.listed(items[1])
    answer = workspace.create_session(cell, {"library_item_id": items[1], **members})
    judge.observe("create.ignored-members", f"{', '.join(members)}: {said(answer)}", answer)
    if refuses(answer):
        # How, the oracle says; a refusal that has an effect is none.
        judge("create.ignored-members", none_new_on(items[1], nobody, before))
        return
    if not judge("create.ignored-members", yields_id(answer)):
        return
    # What a session is without them, takes a creation without them.
    after = _session(workspace, answer, items[1]).read()
    judge(
        "create.ignored-members",
        unchanged(plain, after, "id", "library_item_id", "expiration_time", "state", "client_progress"),
        expires_about(after, read(plain).over_in, answer),
    )


_SELF_SIGNED, _EXPIRED = "SELF_SIGNED_CERTIFICATE", "EXPIRED_CERTIFICATE"


@pytest.mark.parametrize(
    "behavior",
    [
        [{"type": _SELF_SIGNED, "ignored": True}],
        [{"type": _EXPIRED, "ignored": False}],
        [{"type": _SELF_SIGNED, "ignored": True}, {"type": _EXPIRED, "ignored": False}],
    ],
    ids=["ignored", "not-ignored", "both"],
)
@clause("create.warning-behavior")
def test_a_warning_behavior_is_taken(behavior: list[dict[str, Any]], cell: Cell, workspace: Workspace) -> None:
    item = workspace.new_item(cell.dialect)
    answer = workspace.create_session(cell, {"library_item_id": item, "warning_behavior": behavior})
    if (session := workspace.session_from(answer, item)) is not None:
        session.read()


@clause("create.warning-behavior")
def test_the_next_session_of_an_item_has_not_the_warnings_of_the_former(
    cell: Cell, workspace: Workspace, judge: Judge
) -> None:
    item, former = workspace.new_item(cell.dialect), [{"type": _SELF_SIGNED, "ignored": True}]
    workspace.open_session(cell, {"warning_behavior": former}, item).cancel()
    judge("create.warning-behavior", nothing_left_of(workspace.open_session(cell, item=item).read(), former, []))


@clause("model.initial-progress", service=Service.UPDATE)
def test_the_next_session_of_an_item_has_not_the_progress_of_the_former(cell: Cell, workspace: Workspace) -> None:
    item = workspace.new_item(cell.dialect)
    session = workspace.open_session(cell, item=item)
    session.keep_alive(40)
    session.cancel()
    session.read()
    workspace.open_session(cell, item=item).read()


@waits
@pytest.mark.parametrize(("ignored", "state"), [(True, "DONE"), (False, "ERROR")], ids=["ignored", "not-ignored"])
@clause("create.warning-behavior")
def test_a_warning_behavior_given_at_creation_is_in_force(
    ignored: bool,  # noqa: FBT001 - a parameter of the test
    state: str,
    open_session_with_warning: Callable[..., tuple[Session, str]],
    clock: Clock,
    judge: Judge,
) -> None:
    session, _ = open_session_with_warning(ignored=ignored)
    session.complete()
    judge("create.warning-behavior", in_state(settled(session, clock), state))


@clause("create.subscribed-item")
def test_an_item_of_a_subscribed_library_takes_no_update_session(
    subscribed_item: Callable[[], str],
    cell: Cell,
    workspace: Workspace,
    unknown_session: OpenSession,
    judge: Judge,
) -> None:
    item = subscribed_item()
    before = listed_ids(unknown_session().listed(item))
    answer = workspace.create_session(cell, {"library_item_id": item})
    judge("create.subscribed-item", refused(answer, SUBSCRIBED), lists_exactly(unknown_session().listed(item), *before))


def _session(workspace: Workspace, created: Exchange, item: str) -> Session:
    """The session that an answer names.

    Raises:
        PremiseFailed: it names none.
    """
    session = workspace.session_from(created, item)
    if session is None:
        raise PremiseFailed("a new session", shown(created), created)
    return session


def _is_alone(session: Session, before: Exchange) -> tuple[Flaws, Flaws]:
    """The session is listed, and none beside it has come to be on its item since `before` was listed."""
    return (
        lists_at_least(session.listed(session.item), session.id),
        none_new_on(session.item, session, before, session.id),
    )
