"""Update (PATCH) of an update session: it sets the warning behaviour, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from contract_tests.contract import Cell, Service
from contract_tests.contract.tolerances import APART
from contract_tests.driver import Clock, Session, Workspace
from contract_tests.driver.content import list_files
from contract_tests.problems import NotTested
from contract_tests.rules.checks import expires_no_earlier, read, succeeds, unchanged
from contract_tests.rules.checks.contents import keeps_files
from contract_tests.rules.checks.patches import in_state, shown_behavior
from contract_tests.scenarios import clause, waits
from contract_tests.scenarios.specifications import (
    FORMER,
    SELF_SIGNED,
    TYPES,
    UNTRUSTED,
    VALID,
    behavior,
    described,
    ignoring,
)
from contract_tests.scenarios.steps import need_quiet_reads, refuses, said, settled, succeeded, with_progress

if TYPE_CHECKING:
    from contract_tests.judging import Judge

OpenSession = Callable[..., Session]
OpenRichSession = Callable[..., Session]
OpenSessionWithWarning = Callable[[], tuple[Session, str]]


@pytest.mark.parametrize(
    "given",
    [
        ignoring(**{UNTRUSTED: True}),
        ignoring(**{SELF_SIGNED: False}),
        ignoring(**dict.fromkeys(reversed(TYPES), True)),
        [],
    ],
    ids=["another-type", "the-same-type-not-ignored", "all-types", "an-empty-list"],
)
@clause("update.success", "update.warning-behavior-takes-effect", "update.list-replaced")
def test_a_list_takes_the_place_of_the_former_one(given: list[dict[str, Any]], open_session: OpenSession) -> None:
    session = open_session(FORMER)
    former = shown_behavior(session.read())
    session.update(behavior(given))
    after = session.read()
    if shown_behavior(after) is None and (former is None or given):
        raise NotTested("this server does not show warning_behavior, so a read can't tell what an update did to it")


@pytest.mark.parametrize(
    "spec",
    [{}, behavior(None), dict.fromkeys(("warning_behavior", "state", "client_progress", "library_item_id"))],
    ids=["missing", "null", "all-null"],
)
@clause("update.missing-is-unchanged", "update.success")
def test_what_is_missing_or_null_stays(spec: Any, open_session: OpenSession) -> None:
    session = open_session(FORMER)
    before = session.read()
    answer = session.update(spec)
    after = session.read()
    if refuses(answer) and spec:
        raise NotTested(f"this takes a server that takes null for what is missing, and this one {said(answer)}")
    if shown_behavior(before) is None and shown_behavior(after) is None:
        raise NotTested("this server does not show warning_behavior, so a read can't tell whether it stayed")


@clause("update.empty-object", "update.success")
def test_an_empty_specification_changes_nothing(open_rich_session: OpenRichSession) -> None:
    session = open_rich_session()
    with_progress(session, 5)
    session.update({})
    session.read()


@pytest.mark.parametrize("spec", [VALID, behavior([]), {}], ids=["a-list", "an-empty-list", "missing"])
@clause("update.changes-nothing-else")
def test_nothing_but_the_list_changes(spec: Any, open_rich_session: OpenRichSession, judge: Judge) -> None:
    session = open_rich_session()
    files = list_files(session)
    with_progress(session, 60)
    succeeded(session.update(spec))
    session.read()
    judge("update.changes-nothing-else", keeps_files(files, list_files(session)))


@clause("update.item-unchanged")
def test_the_item_can_not_be_set(
    cell: Cell, workspace: Workspace, open_rich_session: OpenRichSession, judge: Judge
) -> None:
    session = open_rich_session()
    others: tuple[Any, ...] = (workspace.new_item(cell.dialect), "no-such-item", "", 7, [])
    session.read()
    for other in others:
        answer = session.update({"library_item_id": other})
        session.read()
        judge.observe("update.item-unchanged", f"{described(other)} as library_item_id: {said(answer)}", answer)


@pytest.mark.parametrize(
    "states",
    [["DONE"], ["CANCELED"], ["ERROR"], ["ACTIVE", "NO_SUCH_STATE", "", 1, []]],
    ids=["DONE", "CANCELED", "ERROR", "others"],
)
@clause("update.state-unchanged")
def test_the_state_can_not_be_set(states: list[Any], open_rich_session: OpenRichSession, judge: Judge) -> None:
    session = open_rich_session()
    session.read()
    for state in states:
        answer = session.update({"state": state})
        session.read()
        judge.observe("update.state-unchanged", f"{described(state)} as state: {said(answer)}", answer)


MESSAGE = {"id": "contract.test", "default_message": "Set by an update.", "args": []}

UNUSED: dict[str, tuple[Any, ...]] = {
    "id": ("3f2504e0-4f89-41d3-9a0c-0305e82c3301", 5),
    "library_item_content_version": ("999", 999),
    "error_message": (MESSAGE, "Set by an update.", []),
    "client_progress": (50, 0, 101, -1, "60", True),
    "preview_info": ({"state": "AVAILABLE", "warnings": []}, {"state": "NOT_APPLICABLE"}, "AVAILABLE", []),
}
"""The members that update does not use, but for those that have a clause of their own: values to try."""


@pytest.mark.parametrize("member", UNUSED)
@clause("update.other-members-unchanged")
def test_no_other_member_can_be_set(member: str, open_rich_session: OpenRichSession, judge: Judge) -> None:
    session = open_rich_session()
    with_progress(session, 5)
    for value in UNUSED[member]:
        answer = session.update({member: value})
        session.read()
        judge.observe("update.other-members-unchanged", f"{described(value)} as {member}: {said(answer)}", answer)


@clause("update.other-members-unchanged")
def test_the_expiration_can_not_be_set(open_rich_session: OpenRichSession, judge: Judge) -> None:
    session = open_rich_session()
    session.read()
    for value in ("2099-01-01T00:00:00.000Z", "2001-01-01T00:00:00.000Z", "tomorrow", 0):
        answer = session.update({"expiration_time": value})
        session.read()
        judge.observe(
            "update.other-members-unchanged", f"{described(value)} as expiration_time: {said(answer)}", answer
        )


@clause("update.other-members-unchanged")
def test_an_id_in_the_specification_leads_nowhere_else(open_session: OpenSession, judge: Judge) -> None:
    session, other = open_session(FORMER), open_session(FORMER)
    elsewhere = other.read()
    session.read()
    session.update({"id": other.id, "library_item_id": other.item, **VALID})
    session.read()
    # What comes of it in the session of the address, the oracle sees to.
    judge("update.other-members-unchanged", unchanged(elsewhere, other.read(), "expiration_time"))


@waits
@clause("update.lifetime", "expiry.never-moves-back", service=Service.UPDATE)
def test_an_update_extends_the_life_or_leaves_it(open_session: OpenSession, clock: Clock, judge: Judge) -> None:
    session = open_session()
    before = session.read()
    answer = session.update(VALID)
    after = session.read()
    judge("update.lifetime", succeeds(answer), expires_no_earlier(before, after))
    # That it extends the life takes a while to be seen; a run that may not wait has judged all there is to judge.
    need_quiet_reads(session, clock)
    clock.advance(APART)
    session.update(VALID)
    later = session.read()
    moved = read(later).expiration > read(after).expiration
    judge.observe("update.lifetime", f"an update {'extends' if moved else 'does not extend'} the life", later)


def of_others(kind: str) -> dict[str, Any]:
    """A specification that ignores all warnings but one, of which it says nothing."""
    return behavior(ignoring(**{other: True for other in TYPES if other != kind}))


UPDATES: dict[str, tuple[Callable[[str], Any], str]] = {
    "ignored": (lambda kind: behavior(ignoring(**{kind: True})), "DONE"),
    "not-ignored": (lambda kind: behavior(ignoring(**{kind: False})), "ERROR"),
    "all-others-ignored": (of_others, "ERROR"),
    "all-ignored": (lambda _: behavior(ignoring(**dict.fromkeys(TYPES, True))), "DONE"),
}
"""What is said of a warning that was raised, and how the session ends."""


@waits
@clause("update.raised-warning-fails-complete")
def test_a_raised_warning_fails_complete(
    open_session_with_warning: OpenSessionWithWarning, clock: Clock, judge: Judge
) -> None:
    session, _ = open_session_with_warning()
    session.complete()
    judge("update.raised-warning-fails-complete", in_state(settled(session, clock), "ERROR"))


@waits
@pytest.mark.parametrize("case", UPDATES)
@clause("update.raised-warning-fails-complete")
def test_a_raised_warning_fails_complete_unless_an_update_ignores_it(
    case: str, open_session_with_warning: OpenSessionWithWarning, clock: Clock, judge: Judge
) -> None:
    update, state = UPDATES[case]
    session, kind = open_session_with_warning()
    answer = session.update(update(kind))
    session.complete()
    ended = settled(session, clock)
    judge("update.raised-warning-fails-complete", succeeds(answer), in_state(ended, state))


@waits
@pytest.mark.parametrize("last", [[], None], ids=["empty-list", "other-types"])
@clause("update.list-replaced")
def test_a_warning_counts_again_when_the_list_no_longer_ignores_it(
    last: Any, open_session_with_warning: OpenSessionWithWarning, clock: Clock, judge: Judge
) -> None:
    session, kind = open_session_with_warning()
    session.update(behavior(ignoring(**{kind: True})))
    answer = session.update(of_others(kind) if last is None else behavior(last))
    session.complete()
    judge("update.list-replaced", succeeds(answer), in_state(settled(session, clock), "ERROR"))


@waits
@pytest.mark.parametrize("spec", [{}, behavior(None)], ids=["missing", "null"])
@clause("update.missing-is-unchanged")
def test_a_warning_stays_ignored_when_an_update_says_nothing_of_it(
    spec: Any, open_session_with_warning: OpenSessionWithWarning, clock: Clock, judge: Judge
) -> None:
    session, kind = open_session_with_warning()
    session.update(behavior(ignoring(**{kind: True})))
    answer = session.update(spec)
    session.complete()
    judge("update.missing-is-unchanged", succeeds(answer), in_state(settled(session, clock), "DONE"))
