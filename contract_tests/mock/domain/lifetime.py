"""How long a session lives, and what it is when its time is over."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from contract_tests.mock.domain import errors
from contract_tests.mock.domain.clock import as_text, next_millisecond
from contract_tests.mock.domain.errors import Message
from contract_tests.mock.domain.model import SessionRecord, State

if TYPE_CHECKING:
    from datetime import datetime

    from contract_tests.mock.domain.clock import TimeSource


class Lifetime:
    """The clockwork of sessions; each method is one decision.

    An ACTIVE session whose `expiration_time` has passed *is* expired: nothing has to run for that, its state
    is worked out when it is asked for. The documents know no state EXPIRED; ERROR with a message that says so
    is what is left of the enumeration. After a while longer (`linger`) it is deleted, as are sessions that
    ended in another way.
    """

    def __init__(self, clock: TimeSource, timeout: float, linger: float) -> None:
        self.clock = clock
        self.timeout = timedelta(seconds=timeout)
        self.linger = timedelta(seconds=linger)

    def initial_expiration(self) -> datetime:
        return next_millisecond(self.clock.now() + self.timeout)

    def extended_expiration(self, session: SessionRecord) -> datetime:
        """The end of a session that was just kept alive: one lifetime from now.

        Never earlier than promised, even if somebody set the system's clock back meanwhile.
        """
        return max(session.expiration_time, next_millisecond(self.clock.now() + self.timeout))

    def has_expired(self, session: SessionRecord) -> bool:
        return session.state is State.ACTIVE and self.clock.now() > session.expiration_time

    def is_overdue(self, session: SessionRecord) -> bool:
        """Whether it is time to forget the session, however it ended."""
        return self.clock.now() > session.expiration_time + self.linger

    def state_of(self, session: SessionRecord) -> State:
        return State.ERROR if self.has_expired(session) else session.state

    def error_message_of(self, session: SessionRecord) -> Message | None:
        """What a client is told about a session in state ERROR; None in every other state."""
        if not self.has_expired(session):
            return session.error_message
        ended = as_text(session.expiration_time)
        return Message(
            "com.vmware.vdcs.cls-main.session_expired",
            f"The session {session.id} expired at {ended}: it was not kept alive.",
            (session.id, ended),
        )

    def require_active(self, session: SessionRecord, operation: str) -> None:
        """Refuse what only an ACTIVE session may do; `operation` is its name in the documents.

        Raises:
            ApiError: NOT_ALLOWED_IN_CURRENT_STATE.
        """
        state = self.state_of(session)
        if state is not State.ACTIVE:
            raise errors.not_active(session.rules.kind, session.id, state, operation)
