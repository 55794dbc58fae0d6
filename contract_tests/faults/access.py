"""Servers that let everybody in, or an update set what it must not."""

from __future__ import annotations

from typing import Any, Final

from contract_tests.faults.fault import access, fault, sessions
from contract_tests.faults.keep_alive import UPDATE_CELLS
from contract_tests.mock.domain.access import ApiSession, Logins
from contract_tests.mock.domain.model import SessionRecord, State
from contract_tests.mock.domain.sessions import Sessions


def anybody(self: Logins, token: str | None) -> ApiSession:
    known = Logins.recognise(self, token)
    return known or ApiSession("user", self.clock.now(), self.clock.now())


def anybody_with_some_token(self: Logins, token: str | None) -> ApiSession | None:
    return None if token is None else anybody(self, token)


def nobody_in_particular(self: Logins, token: str | None) -> ApiSession | None:
    return anybody(self, token) if token is None else Logins.recognise(self, token)


def set_state(self: Sessions, session: SessionRecord, given: Any) -> None:
    Sessions.apply_update(self, session, given)
    if given.get("state") in set(State):
        session.state = State(given["state"])


FAULTS: Final = [
    fault(
        "no token is checked",
        access(recognise=anybody),
        "authentication.token-required",
        "authentication.unknown-token",
    ),
    fault("no token is needed", access(recognise=nobody_in_particular), "authentication.token-required"),
    fault("any token will do", access(recognise=anybody_with_some_token), "authentication.unknown-token"),
    fault(
        "an update sets the state",
        sessions(apply_update=set_state),
        "update.state-unchanged",
        cells=UPDATE_CELLS,
    ),
]
