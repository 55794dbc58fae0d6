"""The control door: the clock. Only there if the server was started with it, and meant for loopback."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from contract_tests.mock import errors
from contract_tests.mock.clock import ShiftedClock, as_text
from contract_tests.mock.idioms import API
from contract_tests.mock.operations import VALUE, Body, Call, Operation

if TYPE_CHECKING:
    from collections.abc import Iterator


def read_clock(clock: ShiftedClock, _call: Call) -> dict[str, Any]:
    return {"now": as_text(clock.now()), "shift": clock.shift}


def advance_clock(clock: ShiftedClock, call: Call) -> dict[str, Any]:
    seconds = call.body.get("seconds") if isinstance(call.body, dict) else None
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        raise errors.invalid_argument("The body is an object with a number called seconds.", argument="seconds")
    try:
        clock.advance(seconds)
    except ValueError as problem:
        raise errors.invalid_argument(str(problem), argument="seconds") from None
    return read_clock(clock, call)


def operations(clock: ShiftedClock) -> Iterator[Operation]:
    path = "/_control/clock"
    yield Operation(API, "GET", path, partial(read_clock, clock), VALUE, needs_token=False)
    yield Operation(
        API,
        "POST",
        f"{path}/advance",
        partial(advance_clock, clock),
        VALUE,
        body=Body.VALUE,
        needs_token=False,
    )
