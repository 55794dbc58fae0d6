"""Logging in, who am I, logging out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from contract_tests.mock.http.idioms import API, REST
from contract_tests.mock.http.operations import CREATED, VALUE, VOID, Invocation, Operation

if TYPE_CHECKING:
    from collections.abc import Iterator


def log_in(call: Invocation) -> str:
    name, password = call.reader.credentials(call.headers)
    return call.world.access.log_in(name, password)


def who_am_i(call: Invocation) -> dict[str, Any] | None:
    return None if call.login is None else call.world.views.login(call.login)


def log_out(call: Invocation) -> None:
    call.world.access.log_out(call.token)


def operations() -> Iterator[Operation]:
    api = "/api/session"
    yield Operation(API, "POST", api, log_in, CREATED, needs_token=False, sets_cookie=True)
    yield Operation(API, "GET", api, who_am_i, VALUE)
    yield Operation(API, "DELETE", api, log_out, VOID, sets_cookie=True)
    rest = "/rest/com/vmware/cis/session"
    yield Operation(REST, "POST", rest, log_in, CREATED, needs_token=False, sets_cookie=True)
    yield Operation(REST, "POST", rest, who_am_i, VALUE, action="get")
    yield Operation(REST, "DELETE", rest, log_out, VOID, sets_cookie=True)
