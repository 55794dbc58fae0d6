"""What an update may do to a session."""

from __future__ import annotations

from typing import Any

import pytest

from contract_tests.problems import PremiseFailed
from contract_tests.rules.checks.patches import (
    behavior_has_no_more,
    behavior_holds,
    behavior_is,
    does_not_expire_at,
    in_state,
    keeps,
    not_set_to,
    nothing_left_of,
    shown_behavior,
)

from .exchanges import NO_SESSIONS, session

A: dict[str, Any] = {"type": "A", "ignored": True}
B: dict[str, Any] = {"type": "B", "ignored": False}
GONE = NO_SESSIONS[1]


def listing(*entries: Any) -> Any:
    return session(warning_behavior=list(entries))


def test_a_list_is_shown_or_none() -> None:
    assert shown_behavior(listing(A)) == [A]
    assert shown_behavior(session()) is None
    with pytest.raises(PremiseFailed, match="as a list"):
        shown_behavior(session(warning_behavior={}))


@pytest.mark.parametrize(
    ("after", "given", "holds"),
    [
        (listing(A, B), [B, A], True),
        (listing(A | {"since": 1}), [A], True),
        (listing(), [], True),
        (session(), [A], True),
        (listing(A), [A | {"ignored": False}], False),
        (listing(A, B), [A], False),
        (listing(A), [A, B], False),
        (listing("A"), [A], False),
        (listing({"type": "A"}), [A], False),
        (session(warning_behavior="A"), [A], False),
        (GONE, [A], False),
    ],
)
def test_a_list_that_is_shown_is_the_one_given(after: Any, given: list[Any], *, holds: bool) -> None:
    assert (not behavior_is(after, given)) is holds


@pytest.mark.parametrize(
    ("after", "given", "holds", "has_no_more"),
    [
        (listing(B, A), [A, B], True, True),
        (session(), [A], True, True),
        (listing(), [], True, True),
        (listing(A, B), [A], True, False),
        (listing(A), [], True, False),
        (listing(A | {"ignored": False}, A), [A], True, False),
        (listing(A), [A, B], False, True),
        (listing(A | {"ignored": False}), [A], False, False),
        (listing("A"), [A], False, False),
        (session(warning_behavior="A"), [A], False, True),
        (GONE, [A], False, True),
    ],
)
def test_each_entry_is_there_and_no_other_one(after: Any, given: list[Any], *, holds: bool, has_no_more: bool) -> None:
    assert (not behavior_holds(after, given)) is holds
    assert (not behavior_has_no_more(after, given)) is has_no_more


@pytest.mark.parametrize(
    ("after", "given", "over"),
    [
        (listing(A), [A], 0),
        (listing(B), [B], 0),
        (session(), [B], 0),
        (listing(A, B), [B], 1),
        (listing(A), [A | {"ignored": False}], 1),
        (listing(A, B), [], 2),
        (session(warning_behavior=1), [], 1),
        (GONE, [], 1),
    ],
)
def test_nothing_of_the_former_list_is_left(after: Any, given: list[Any], over: int) -> None:
    assert len(nothing_left_of(after, [A, B], given)) == over


@pytest.mark.parametrize(
    ("before", "after", "changed"),
    [
        (session(), session(), 0),
        (session(), session(client_progress=31), 1),
        (session(), session(client_progress=31, state="DONE"), 2),
        (session(), session(library_item_id="other"), 0),
        (session(), listing(), 0),
        (listing(A, B), listing(B, A), 0),
        (listing(A), session(), 1),
        (session(), listing(A), 1),
        (session(), session(warning_behavior="A"), 1),
        (session(), GONE, 1),
    ],
)
def test_the_members_named_are_kept(before: Any, after: Any, changed: int) -> None:
    assert len(keeps(before, after, "client_progress", "state", "warning_behavior")) == changed


@pytest.mark.parametrize(
    ("value", "tried", "holds"),
    [
        ("a", "b", True),
        ("a", "a", False),
        (None, "a", True),
        (1, True, True),
        (1, 1, False),
        ({"x": 1}, {"x": 1}, False),
    ],
)
def test_a_member_is_not_set(value: Any, tried: Any, *, holds: bool) -> None:
    assert (not not_set_to(session(error_message=value), "error_message", tried)) is holds


def test_of_a_session_that_is_gone_nothing_can_be_said() -> None:
    assert not_set_to(GONE, "state", "DONE")
    assert in_state(GONE, "DONE")
    assert does_not_expire_at(GONE, "2099-01-01T00:00:00Z")


@pytest.mark.parametrize(
    ("moment", "holds"),
    [("2099-01-01T00:00:00.000Z", True), ("2026-03-01T12:05:00Z", False), ("2026-03-01T14:05:00.500+02:00", False)],
)
def test_an_expiration_is_another_one(moment: str, *, holds: bool) -> None:
    assert (not does_not_expire_at(session(), moment)) is holds


def test_a_state_is_named() -> None:
    assert not in_state(session(), "ACTIVE")
    (flaw,) = in_state(session(state="DONE"), "ERROR")
    assert (flaw.expected, flaw.observed) == ("state ERROR", "state DONE")
