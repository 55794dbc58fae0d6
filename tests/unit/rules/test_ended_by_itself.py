"""A step says nothing of a session that may have ended by its own clock before the last answer of the step."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from contract_tests.contract import Cell, Dialect, Service
from contract_tests.contract.dialects import Op
from contract_tests.rules.steps import Standing, Step

from .steps import broken, error, exchange, keep_alive, reading, update

if TYPE_CHECKING:
    from collections.abc import Callable

NEAR, FAR = "2026-01-01T00:00:00.900Z", "2026-01-01T00:00:03.000Z"
GONE = exchange(Op.READ, 404, error("NOT_FOUND"), method="GET")
DOWNLOAD = Cell(Dialect.API, Service.DOWNLOAD)


def until(expiration: str) -> dict[str, Any]:
    """The reads around a request to a session that was ACTIVE, and is gone afterwards."""
    return {"before": reading(expiration_time=expiration), "after": GONE}


def ended(op: Op, expiration: str, cell: Cell) -> Step:
    sent = exchange(op, 404, error("NOT_FOUND"), cell=cell, method="DELETE" if op is Op.DELETE else "POST")
    about = {name: replace(one, cell=str(cell)) for name, one in until(expiration).items()}
    return Step(sent, cell, op, op, standing=Standing.ACTIVE, **about)


STEPS: dict[str, Callable[[str], Step]] = {
    "keep-alive": lambda at: keep_alive(None, 404, error("NOT_FOUND"), **until(at)),
    "keep-alive, told by the state": lambda at: keep_alive(
        {"client_progress": 40}, 400, error("NOT_ALLOWED_IN_CURRENT_STATE"), **until(at)
    ),
    "malformed keep-alive": lambda at: keep_alive(raw=b"{", status=404, answer=error("NOT_FOUND"), **until(at)),
    "update": lambda at: update({}, 404, error("NOT_FOUND"), **until(at)),
    "invalid update": lambda at: update({"warning_behavior": 1}, 404, error("NOT_FOUND"), **until(at)),
    "cancel": lambda at: ended(Op.CANCEL, at, DOWNLOAD),
    "delete": lambda at: ended(Op.DELETE, at, DOWNLOAD),
}


@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS.keys())
def test_nobody_is_accused_once_the_time_may_have_been_up(step: Callable[[str], Step]) -> None:
    assert broken(step(NEAR)) == set()


@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS.keys())
def test_a_session_that_was_certainly_alive_is_judged(step: Callable[[str], Step]) -> None:
    assert broken(step(FAR)) != set()


def test_the_end_of_the_last_exchange_counts() -> None:
    late = keep_alive(None, 404, error("NOT_FOUND"), **until(FAR))
    assert late.after is not None
    assert broken(replace(late, after=replace(late.after, seconds=4.0))) == set()
