"""Servers that delete sessions wrongly."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from contract_tests.faults.fault import fault, sessions
from contract_tests.faults.keep_alive import API_CELLS
from contract_tests.faults.life_cycle import voids
from contract_tests.mock import Parts
from contract_tests.mock.domain.model import SessionRecord, State
from contract_tests.mock.domain.sessions import Sessions

if TYPE_CHECKING:
    from contract_tests.contract import Service
DELETE_ACTIVE: Final = "life-cycle.delete-active-refused"
DELETE_ENDED: Final = "life-cycle.delete-ended"
DELETE_DOWNLOAD: Final = "life-cycle.delete-download-session"


class CancelsBeforeDeleting(Sessions):
    """Refuses to delete an ACTIVE session, and cancels it."""

    def is_deletable(self, session: SessionRecord) -> bool:
        deletable = super().is_deletable(session)
        if not deletable:
            self.end(session, State.CANCELED)
        return deletable


class EmptiesBeforeDeleting(Sessions):
    """Refuses to delete an ACTIVE session, and deletes its files."""

    def is_deletable(self, session: SessionRecord) -> bool:
        deletable = super().is_deletable(session)
        if not deletable:
            session.uploads.clear()
        return deletable


class DeletesEverySession(Sessions):
    """Deletes all sessions of the user with the one that it was asked to."""

    def delete(self, service: Service, session_id: str) -> None:
        super().delete(service, session_id)
        for session in [one for one in self.by_id.values() if one.service is service]:
            self.forget(session)


class KeepsTheDeleted(Sessions):
    """Deletes nothing."""

    def delete(self, service: Service, session_id: str) -> None:
        if not self.is_deletable(self.find(service, session_id)):
            super().delete(service, session_id)


class DeletesTheContent(Sessions):
    """Deletes with a session what it brought."""

    def delete(self, service: Service, session_id: str) -> None:
        session = self.find(service, session_id)
        super().delete(service, session_id)
        self.libraries.item(session.item_id).files.clear()


FAULTS: Final = [
    fault("an ACTIVE update session is deleted", sessions(is_deletable=lambda *_: True), DELETE_ACTIVE),
    fault("a refused delete cancels", Parts(sessions=CancelsBeforeDeleting), DELETE_ACTIVE),
    fault("a refused delete takes the files", Parts(sessions=EmptiesBeforeDeleting), DELETE_ACTIVE),
    fault(
        "delete of an ACTIVE session is refused with another type",
        sessions(
            delete=lambda self, service, id_: (
                Sessions.delete(self, service, id_)
                if self.is_deletable(self.find(service, id_))
                else self.specs.check("Fail", {})
            )
        ),
        DELETE_ACTIVE,
    ),
    fault(
        "delete succeeds with 200 under /api",
        voids(None, status=200, method="DELETE"),
        DELETE_ENDED,
        DELETE_DOWNLOAD,
        cells=API_CELLS,
    ),
    fault("delete leaves the session", Parts(sessions=KeepsTheDeleted), DELETE_ENDED, DELETE_DOWNLOAD),
    fault("delete takes every session", Parts(sessions=DeletesEverySession), DELETE_ENDED, DELETE_DOWNLOAD),
    fault(
        "a session in ERROR can not be deleted",
        sessions(
            is_deletable=lambda self, session: Sessions.is_deletable(self, session) and session.state is not State.ERROR
        ),
        DELETE_ENDED,
        DELETE_DOWNLOAD,
    ),
    fault(
        "an expired session can not be deleted",
        sessions(
            is_deletable=lambda self, session: Sessions.is_deletable(self, session) and not self.has_expired(session)
        ),
        DELETE_ENDED,
        DELETE_DOWNLOAD,
    ),
    fault(
        "an ACTIVE download session can not be deleted",
        sessions(is_deletable=lambda self, session: self.state_of(session) is not State.ACTIVE),
        DELETE_DOWNLOAD,
    ),
    fault(
        "delete takes the content along",
        Parts(sessions=DeletesTheContent),
        "create.visible-once-completed",
        plays=(DELETE_ENDED,),
    ),
]
