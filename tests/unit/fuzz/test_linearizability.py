"""The search for an order: histories of a register, and of a counter, that one explains and that none does."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import hypothesis
import pytest
from hypothesis import strategies as st

from contract_tests.fuzz.races.linearizability import Event, order

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Told = tuple[str, int]


def register(state: int, told: Told) -> Iterator[int]:
    """`write n`, and `read` which was answered with n."""
    what, value = told
    if what == "write":
        yield value
    elif state == value:
        yield state


def event(what: str, value: int, started: float, ended: float) -> Event[Told]:
    return Event((what, value), started, ended)


def test_nothing_needs_no_explanation() -> None:
    assert order([], 0, register) == []


def test_calls_one_after_the_other_stay_in_order() -> None:
    history = [event("write", 1, 0, 1), event("read", 1, 2, 3), event("write", 2, 4, 5), event("read", 2, 6, 7)]
    assert order(history, 0, register) == history


def test_a_read_of_an_old_value_is_not_explained() -> None:
    history = [event("write", 1, 0, 1), event("write", 2, 2, 3), event("read", 1, 4, 5)]
    assert order(history, 0, register) is None


def test_a_call_under_way_may_have_happened_or_not() -> None:
    writing = event("write", 1, 0, 10)
    assert order([writing, event("read", 0, 1, 2), event("read", 1, 3, 4)], 0, register) is not None
    assert order([writing, event("read", 1, 1, 2), event("read", 0, 3, 4)], 0, register) is None


def test_the_order_that_explains_is_not_always_the_first_one() -> None:
    history = [event("write", 1, 0, 10), event("write", 2, 0, 10), event("read", 1, 11, 12)]
    explained = order(history, 0, register)
    assert explained is not None
    assert [one.what for one in explained] == [("write", 2), ("write", 1), ("read", 1)]


def test_calls_that_touch_in_time_are_at_once() -> None:
    assert order([event("write", 1, 0, 5), event("read", 0, 5, 6)], 0, register) is not None


def test_a_step_may_lead_to_several_states() -> None:
    def either(state: int, told: Told) -> Iterator[int]:
        if told[0] == "guess":
            yield from (1, 2)
        else:
            yield from register(state, told)

    guess = event("guess", 0, 0, 1)
    assert order([guess, event("read", 2, 2, 3)], 0, either) is not None
    assert order([guess, event("read", 3, 2, 3)], 0, either) is None


def test_a_lost_update_is_not_explained() -> None:
    def counter(state: int, told: Told) -> Iterator[int]:
        if told[0] == "add":
            yield state + 1
        elif state == told[1]:
            yield state

    adds = [event("add", 0, 0, 10) for _ in range(12)]
    assert order([*adds, event("read", 12, 11, 12)], 0, counter) is not None
    assert order([*adds, event("read", 11, 11, 12)], 0, counter) is None


@hypothesis.settings(database=None, deadline=None, max_examples=200, derandomize=True)
@hypothesis.given(
    st.lists(
        st.tuples(st.sampled_from(["write", "read"]), st.integers(0, 2), st.integers(0, 9), st.integers(0, 9)),
        max_size=5,
    )
)
def test_it_agrees_with_trying_all_orders(drawn: list[tuple[str, int, int, int]]) -> None:
    history = [event(what, value, min(a, b), max(a, b)) for what, value, a, b in drawn]
    assert (order(history, 0, register) is not None) == any(_explains(one) for one in itertools.permutations(history))


def _explains(history: Sequence[Event[Told]]) -> bool:
    if any(later.ended < earlier.started for earlier, later in itertools.combinations(history, 2)):
        return False
    state = 0
    for one in history:
        after = list(register(state, one.what))
        if not after:
            return False
        state = after[0]
    return True


def test_an_order_that_is_found_keeps_to_time() -> None:
    history = [event("write", 1, 0, 3), event("read", 1, 1, 2), event("write", 2, 4, 5)]
    found = order(history, 0, register)
    assert found is not None
    assert found[-1] == history[-1]


@pytest.mark.parametrize("count", [12])
def test_it_remembers_what_was_tried(count: int) -> None:
    history = [event("write", 1, 0, 10) for _ in range(count)]
    assert order([*history, event("read", 2, 11, 12)], 0, register) is None
