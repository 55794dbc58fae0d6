"""The control door: the clock, and what no operation of the API can bring about.

Only there if the server was started with it. It asks for no token; `ControlGuard` says who may come in.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from contract_tests.contract.words import Service
from contract_tests.mock.domain import errors
from contract_tests.mock.domain.clock import ShiftedClock, as_text
from contract_tests.mock.domain.model import LibraryType, WarningType
from contract_tests.mock.http.idioms import API
from contract_tests.mock.http.operations import VALUE, Invocation, Operation, RequestBody

if TYPE_CHECKING:
    from collections.abc import Iterator


ROOT: Final = "/_control"


def read_clock(clock: ShiftedClock, _call: Invocation) -> dict[str, Any]:
    return {"now": as_text(clock.now()), "shift": clock.shift}


def advance_clock(clock: ShiftedClock, call: Invocation) -> dict[str, Any]:
    seconds = call.body.get("seconds") if isinstance(call.body, dict) else None
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        raise errors.invalid_argument("The body is an object with a number called seconds.", argument="seconds")
    try:
        clock.advance(seconds)
    except ValueError as problem:
        raise errors.invalid_argument(str(problem), argument="seconds") from None
    return read_clock(clock, call)


def raise_warning(call: Invocation) -> dict[str, str]:
    """Let the preview of an update session's content find something."""
    given = call.body if isinstance(call.body, dict) else {}
    named, kind = given.get("session"), given.get("type")
    if not isinstance(named, str):
        raise errors.invalid_argument("The body names an update session in session.", argument="session")
    if kind not in tuple(WarningType):
        known = ", ".join(WarningType)
        raise errors.invalid_argument(f"The body names one of {known} in type.", argument="type")
    session = call.world.sessions.find(Service.UPDATE, named)
    call.world.sessions.raise_warning(session, WarningType(kind))
    return {"session": session.id, "type": kind}


def make_subscribed_item(call: Invocation) -> dict[str, str]:
    """A new subscribed library with an item in it; no operation of this server makes one."""
    library = call.world.libraries.add_library("subscribed", "", LibraryType.SUBSCRIBED)
    return {"library": library.id, "item": call.world.libraries.add_item(library.id, "item").id}


def operations(clock: ShiftedClock) -> Iterator[Operation]:
    yield Operation(API, "GET", f"{ROOT}/clock", partial(read_clock, clock), VALUE, needs_token=False)
    for path, handler in (
        (f"{ROOT}/clock/advance", partial(advance_clock, clock)),
        (f"{ROOT}/warnings", raise_warning),
        (f"{ROOT}/subscribed-items", make_subscribed_item),
    ):
        yield Operation(API, "POST", path, handler, VALUE, body=RequestBody.VALUE, needs_token=False)
