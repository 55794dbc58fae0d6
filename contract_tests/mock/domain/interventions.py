"""Interventions: what a test may do to a server, and no operation of the API can bring about; and what it may see.

A client has to bear what happens on a server: a session that fails or expires, a transfer that breaks, a token that
ends. Here it happens when a test wants it to.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from contract_tests.contract.words import Service
from contract_tests.mock.domain import errors
from contract_tests.mock.domain.clock import as_text
from contract_tests.mock.domain.errors import Message
from contract_tests.mock.domain.model import LibraryType, SessionRecord, State, Transfer, WarningType

if TYPE_CHECKING:
    from contract_tests.mock.domain.clock import ShiftedClock
    from contract_tests.mock.domain.model import Item
    from contract_tests.mock.domain.world import World

_MAIN = "com.vmware.vdcs.cls-main"


class Interventions:
    """The hand of a test in one server's state."""

    def __init__(self, clock: ShiftedClock, world: World) -> None:
        self.clock = clock
        self._world = world

    def session(self, session_id: str) -> SessionRecord:
        """A session of either service.

        Raises:
            ApiError: NOT_FOUND.
        """
        known = self._world.sessions.by_id.get(session_id)
        return self._world.sessions.find(Service.UPDATE if known is None else known.service, session_id)

    def fail_session(self, session_id: str, reason: str) -> None:
        """End an ACTIVE session in ERROR, as if the server could not go on with it.

        Raises:
            ApiError: NOT_FOUND; NOT_ALLOWED_IN_CURRENT_STATE.
        """
        session = self.session(session_id)
        self._world.sessions.require_active(session, "fail")
        self._world.sessions.end(session, State.ERROR, Message(f"{_MAIN}.session_failed", reason))

    def expire_session(self, session_id: str) -> None:
        """Let the time of an ACTIVE session be over now, with all that follows from that.

        Raises:
            ApiError: NOT_FOUND; NOT_ALLOWED_IN_CURRENT_STATE.
        """
        session = self.session(session_id)
        self._world.sessions.require_active(session, "expire")
        now = self.clock.now()
        session.expiration_time = now - timedelta(microseconds=now.microsecond % 1000 + 1000)
        self._world.sessions.by_id.watch(session.id, session.expiration_time)

    def fail_transfer(self, session_id: str, name: str, reason: str) -> None:
        """Let the transfer of a file of an ACTIVE update session be broken: it is in ERROR until it is sent again.

        Raises:
            ApiError: NOT_FOUND (session or file); NOT_ALLOWED_IN_CURRENT_STATE.
        """
        session = self._world.sessions.find(Service.UPDATE, session_id)
        if name not in session.uploads:
            raise errors.not_found("file", name)
        self._world.sessions.require_active(session, "upload")
        file = session.uploads[name]
        file.status = Transfer.ERROR
        file.error = Message(f"{_MAIN}.transfer_failed", reason, (name,))

    def raise_warning(self, session_id: str, kind: str) -> None:
        """Let the preview of an update session's content find something.

        Raises:
            ApiError: NOT_FOUND.
        """
        session = self._world.sessions.find(Service.UPDATE, session_id)
        self._world.sessions.raise_warning(session, WarningType(kind))

    def end_tokens(self, token: str | None = None) -> int:
        """Log out whoever has this token, or everybody; how many that were."""
        return self._world.access.end(token)

    def subscribed_item(self) -> Item:
        """An item of a new subscribed library."""
        library = self._world.libraries.add_library("subscribed", "", LibraryType.SUBSCRIBED)
        return self._world.libraries.add_item(library.id, "item")

    def reset(self) -> None:
        """Make everything as it was at the start, the time too."""
        self.clock.reset()
        self._world.reset()

    def snapshot(self, origin: str = "") -> dict[str, Any]:
        """All that is there, as JSON: what a test of a client asserts on. No token is in it."""
        world = self._world
        lasting = [one for one in list(world.sessions.by_id.values()) if not world.sessions.is_overdue(one)]
        return {
            "clock": {"now": as_text(self.clock.now()), "shift": self.clock.shift},
            "logins": [world.views.login(login) for login in world.access.current()],
            "libraries": [world.views.library(one) for one in world.libraries.everything()],
            "items": [
                world.views.item(item) | {"files": [world.views.item_file(file) for file in item.files.values()]}
                for library in world.libraries.everything()
                for item in library.items.values()
            ],
            "update_sessions": [self._shown(one, origin) for one in lasting if one.service is Service.UPDATE],
            "download_sessions": [self._shown(one, origin) for one in lasting if one.service is Service.DOWNLOAD],
        }

    def _shown(self, session: SessionRecord, origin: str) -> dict[str, Any]:
        views = self._world.views
        files = [views.upload(one, origin) for one in session.uploads.values()]
        files += [
            views.download(one, origin) for one in session.downloads.values() if session.service is Service.DOWNLOAD
        ]
        return {"id": session.id, "user": session.user, **views.session(session), "files": files}
