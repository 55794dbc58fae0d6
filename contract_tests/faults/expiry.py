"""Servers whose sessions end too early, too late, or not at all."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from contract_tests.faults.fault import fault, overriding, sessions, views
from contract_tests.mock import ApiError, Parts
from contract_tests.mock.domain import errors
from contract_tests.mock.domain.lifetime import Lifetime
from contract_tests.mock.domain.model import SessionRecord, State
from contract_tests.mock.domain.sessions import Sessions

if TYPE_CHECKING:
    from contract_tests.contract import Service

HALF_A_MINUTE = timedelta(seconds=30)
HOUR = timedelta(hours=1)


class ListsTheDeleted(Sessions):
    """Forgets a session, and not its id."""

    def forget(self, session: SessionRecord) -> None:
        self.__dict__.setdefault("forgotten", {})[session.id] = session
        super().forget(session)

    def list_ids(self, service: Service, user: str, item_id: str | None = None) -> list[str]:
        forgotten = self.__dict__.get("forgotten", {})
        old = [id_ for id_, one in forgotten.items() if one.service is service]
        return super().list_ids(service, user, item_id) + old


def revived(self: Sessions, session: SessionRecord, operation: str) -> None:
    if session.state is not State.ACTIVE:
        Sessions.require_active(self, session, operation)


def refused_oddly(self: Sessions, session: SessionRecord, operation: str) -> None:
    if self.has_expired(session):
        raise ApiError("UNAUTHORIZED", errors.Message("x.y", "Too late."))
    Sessions.require_active(self, session, operation)


def read_backwards(self: Sessions, service: Service, session_id: str) -> SessionRecord:
    session = self.find(service, session_id)
    session.expiration_time -= timedelta(seconds=1)
    return session


def given_up(self: Sessions, service: Service, session_id: str) -> SessionRecord:
    """A session of which nothing was heard for half of its life fails, though nothing is on its way."""
    session = Sessions.find(self, service, session_id)
    quiet = self.clock.now() > session.expiration_time - self.timeout / 2
    if quiet and self.state_of(session) is State.ACTIVE:
        self.end(session, State.ERROR, errors.Message("x.y", "The client is gone."))
    return session


FAULTS: Final = [
    fault(
        "sessions live an hour by default",
        sessions(initial_expiration=lambda self: self.clock.now() + HOUR),
        "expiry.default-five-minutes",
    ),
    fault(
        "a configured timeout is not heeded",
        sessions(initial_expiration=lambda self: self.clock.now() + timedelta(seconds=300)),
        "expiry.timeout-configurable",
        timeout=60.0,
    ),
    fault(
        "a configured timeout is halved",
        sessions(initial_expiration=lambda self: self.clock.now() + self.timeout / 2),
        "expiry.timeout-configurable",
        timeout=60.0,
    ),
    fault(
        "sessions live four minutes by default",
        sessions(initial_expiration=lambda self: self.clock.now() + timedelta(seconds=240)),
        "expiry.default-five-minutes",
    ),
    fault(
        "a session without content fails before its time",
        sessions(find=given_up),
        "expiry.not-before-expiration-time",
    ),
    fault(
        "a session is deleted before its time",
        sessions(is_overdue=lambda self, session: self.clock.now() > session.expiration_time - HALF_A_MINUTE),
        "expiry.not-before-expiration-time",
    ),
    fault(
        "a session ends before its time",
        sessions(
            has_expired=lambda self, session: (
                session.state is State.ACTIVE and self.clock.now() > session.expiration_time - HALF_A_MINUTE
            )
        ),
        "expiry.not-before-expiration-time",
    ),
    fault(
        "a session is shown to live longer than it does",
        views(
            expiration_time=lambda self, session: self.time(session.expiration_time + HALF_A_MINUTE),
        ),
        "expiry.not-before-expiration-time",
        "expiry.default-five-minutes",
        plays=("expiry.not-before-expiration-time", "expiry.default-five-minutes"),
    ),
    fault(
        "sessions end five minutes late",
        sessions(
            has_expired=lambda self, session: (
                session.state is State.ACTIVE and self.clock.now() > session.expiration_time + 10 * HALF_A_MINUTE
            ),
            is_overdue=lambda self, session: self.clock.now() > session.expiration_time + 20 * HALF_A_MINUTE,
        ),
        "expiry.ends-promptly",
    ),
    fault(
        "an expired session is revived by keep-alive",
        sessions(require_active=revived),
        "expiry.expired-refuses-keep-alive",
    ),
    fault(
        "an expired session is refused with 403",
        sessions(require_active=refused_oddly),
        "expiry.expired-refuses-keep-alive",
    ),
    fault(
        "no session ever expires",
        sessions(has_expired=lambda *_: False, is_overdue=lambda *_: False),
        "expiry.ends-promptly",
        "expiry.download-session-ends",
        "expiry.update-session-deleted",
        "expiry.ended-session-deleted",
        "expiry.download-session-deleted",
        blocked=("expiry.deleted-in-no-list", "expiry.expired-refuses-keep-alive"),
    ),
    fault(
        "an expired session is shown as ACTIVE",
        replace(
            views(state=lambda _, session: session.state), sessions=overriding(Sessions, is_overdue=lambda *_: False)
        ),
        "expiry.ends-promptly",
        "expiry.download-session-ends",
        "expiry.update-session-deleted",
        "expiry.download-session-deleted",
        blocked=("expiry.deleted-in-no-list",),
    ),
    fault(
        "no session is ever deleted",
        sessions(is_overdue=lambda *_: False),
        "expiry.update-session-deleted",
        "expiry.ended-session-deleted",
        "expiry.download-session-deleted",
        blocked=("expiry.deleted-in-no-list",),
        tolerated=("expiry.deleted-in-no-list",),
    ),
    fault(
        "a completed session is never deleted",
        sessions(
            is_overdue=lambda self, session: session.state is not State.DONE and Lifetime.is_overdue(self, session)
        ),
        "expiry.ended-session-deleted",
    ),
    fault("deleted sessions are listed", Parts(sessions=ListsTheDeleted), "expiry.deleted-in-no-list"),
    fault(
        "reading a session shortens its life",
        sessions(get=read_backwards),
        "expiry.never-moves-back",
        "expiry.other-activity",
        plays=("expiry.other-activity",),
    ),
]
