"""Update and download sessions: what may be done to them, in which state, with which effect.

Every operation decides in one order: is there such a session (NOT_FOUND), is it in the right state
(NOT_ALLOWED_IN_CURRENT_STATE), is the request right (INVALID_ARGUMENT); and changes nothing before all three.
The documents name the errors and not their order; this one tells a client the most lasting reason first.

Each small method is one decision, so that a subclass can be wrong in one thing and right in all others.
"""

from __future__ import annotations

import uuid
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from contract_tests.contract.words import Service
from contract_tests.mock.domain import errors
from contract_tests.mock.domain.endings import Endings
from contract_tests.mock.domain.errors import ApiError, ErrorType, Message
from contract_tests.mock.domain.lifetime import Lifetime
from contract_tests.mock.domain.model import RULES, Download, Item, PreviewState, SessionRecord, State
from contract_tests.mock.domain.progress import Progress
from contract_tests.mock.domain.sessiontable import SessionTable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from contract_tests.mock.domain.clienttokens import ClientTokens
    from contract_tests.mock.domain.clock import TimeSource
    from contract_tests.mock.domain.libraries import Libraries
    from contract_tests.mock.domain.specs import Specs


FORGOTTEN_AT_ONCE: Final = 500
"""Sessions whose time is over that one call removes at most: it takes milliseconds, however many have ended at once."""


class Sessions(Lifetime, Progress, Endings):
    """All sessions of both services. Which of them an operation is for is its first argument."""

    def __init__(  # noqa: PLR0913 - the parts it is put together from
        self,
        clock: TimeSource,
        specs: Specs,
        tokens: ClientTokens,
        libraries: Libraries,
        *,
        timeout: float = 300.0,
        linger: float = 5.0,
        preview_seconds: float = 0.5,
        other_previews: PreviewState = PreviewState.UNAVAILABLE,
    ) -> None:
        Lifetime.__init__(self, clock, timeout, linger)
        Progress.__init__(self, specs)
        Endings.__init__(self, clock, libraries, preview_seconds, other_previews)
        self.tokens = tokens
        self.by_id = SessionTable()
        self.when_forgotten: list[Callable[[SessionRecord], None]] = []
        """What is called with every session that is gone: whoever keeps something of it forgets it too."""

    # Operations

    def create(self, service: Service, user: str, spec: Any, token: str | None = None) -> str:
        """A new ACTIVE session on the item that the specification names.

        Raises:
            ApiError: INVALID_ARGUMENT (specification or token); NOT_FOUND (item); of an update session also
                INVALID_ELEMENT_TYPE (subscribed library) and RESOURCE_BUSY (the item has an active one).
        """
        self._forget_overdue()
        self.tokens.check(token)
        known = self.by_id.get(self.tokens.recall(service, user, token) or "")
        if known is not None and not self._is_gone(known):
            return known.id
        given = self.checked_creation(service, spec)
        item = self.libraries.item(given["library_item_id"])
        self.check_item(service, item)
        session = SessionRecord(
            id=self.new_id(),
            service=service,
            user=user,
            item_id=item.id,
            content_version=self.pinned_version(item),
            expiration_time=self.initial_expiration(),
            client_progress=self.initial_progress(given),
            warning_behavior=self.initial_warning_behavior(service, given),
            downloads={name: Download(file) for name, file in item.files.items()},
        )
        self.by_id[session.id] = session
        self.tokens.remember(service, user, token, session.id)
        return session.id

    def get(self, service: Service, session_id: str) -> SessionRecord:
        """Read a session. That is no activity: it lives no longer for it.

        Raises:
            ApiError: NOT_FOUND.
        """
        return self.find(service, session_id)

    def list_ids(self, service: Service, user: str, item_id: str | None = None) -> list[str]:
        """The ids of a user's sessions, of one item or of all.

        Raises:
            ApiError: NOT_FOUND (item).
        """
        if item_id is not None:
            self.libraries.item(item_id)
        self._forget_overdue()
        return [
            session.id
            for session in list(self.listed_among(user, item_id))
            if not self._is_gone(session)
            and self.is_of(session, service)
            and self.is_listed_for(session, user)
            and self.is_listed_under(session, item_id)
        ]

    def keep_alive(self, service: Service, session_id: str, body: Any = None) -> None:
        """Move the session's end to one lifetime from now, and its progress to what the body asks for.

        Raises:
            ApiError: NOT_FOUND; NOT_ALLOWED_IN_CURRENT_STATE; INVALID_ARGUMENT.
        """
        session = self.find(service, session_id)
        self.require_active(session, "keep-alive")
        progress = self.requested_progress(session, body)
        if progress is not None:
            self.check_progress(session, progress)
        session.client_progress = self.stored_progress(session, progress)
        session.expiration_time = self.extended_expiration(session)

    def update(self, session_id: str, spec: Any) -> None:
        """Set the update session's warning behaviour; whatever else is in the specification is not used.

        Raises:
            ApiError: NOT_FOUND; NOT_ALLOWED_IN_CURRENT_STATE; INVALID_ARGUMENT.
        """
        session = self.find(Service.UPDATE, session_id)
        self.require_active(session, "update")
        given = self.specs.check("UpdateSessionUpdateSpec", spec)
        self.check_warning_behavior(given)
        self.apply_update(session, given)

    def complete(self, session_id: str) -> None:
        """End an update session well: everybody sees its files now. A warning not ignored ends it in ERROR.

        What the server fetches itself is waited for behind the answer: the session stays ACTIVE so long.

        Raises:
            ApiError: NOT_FOUND; NOT_ALLOWED_IN_CURRENT_STATE (also if files were not received).
        """
        session = self.find(Service.UPDATE, session_id)
        self.require_active(session, "complete")
        unfinished = self.unfinished_files(session)
        if unfinished:
            raise ApiError(ErrorType.NOT_ALLOWED_IN_CURRENT_STATE, *unfinished)
        session.completing = True
        self.finish(session)

    def cancel(self, service: Service, session_id: str) -> None:
        """End a session in CANCELED, where it stays until it is deleted.

        Raises:
            ApiError: NOT_FOUND; NOT_ALLOWED_IN_CURRENT_STATE.
        """
        session = self.find(service, session_id)
        self.require_active(session, "cancel")
        self.end(session, State.CANCELED)

    def fail(self, service: Service, session_id: str, body: Any) -> None:
        """End a session in ERROR with the client's reason.

        Raises:
            ApiError: NOT_FOUND; NOT_ALLOWED_IN_CURRENT_STATE; INVALID_ARGUMENT.
        """
        session = self.find(service, session_id)
        self.require_active(session, "fail")
        self.end(session, State.ERROR, self.failure_by_client(self.client_reason(body)))

    def delete(self, service: Service, session_id: str) -> None:
        """Remove a session: a download session in any state, an update session only when it is over.

        Raises:
            ApiError: NOT_FOUND; NOT_ALLOWED_IN_CURRENT_STATE.
        """
        session = self.find(service, session_id)
        if not self.is_deletable(session):
            raise errors.still_active(session.rules.kind, session.id)
        self.forget(session)

    def forget_items(self, item_ids: list[str]) -> None:
        """The items are gone, and their sessions with them."""
        for item_id in item_ids:
            for session in list(self.by_id.of_item(item_id)):
                self.forget(session)

    # Decisions

    def find(self, service: Service, session_id: str) -> SessionRecord:
        """The session that an operation is for.

        Raises:
            ApiError: NOT_FOUND, also for a session of the other service and for one whose time is over.
        """
        session = self.by_id.get(session_id)
        if session is None or self._is_gone(session) or not self.is_of(session, service):
            raise errors.not_found(RULES[service].kind, session_id)
        return session

    def is_of(self, session: SessionRecord, service: Service) -> bool:
        return session.service is service

    def listed_among(self, user: str, item_id: str | None) -> Iterable[SessionRecord]:
        """Where a list looks. An override that lists more has to look in all of `by_id`."""
        return self.by_id.of_user(user) if item_id is None else self.by_id.of_item(item_id)

    def is_listed_for(self, session: SessionRecord, user: str) -> bool:
        """Only their creator's list shows sessions; get, keep-alive and the rest are open to everybody."""
        return session.user == user

    def is_listed_under(self, session: SessionRecord, item_id: str | None) -> bool:
        return item_id is None or session.item_id == item_id

    def is_deletable(self, session: SessionRecord) -> bool:
        return session.rules.deletable_while_active or self.state_of(session) is not State.ACTIVE

    def is_busy(self, item: Item) -> bool:
        return any(self.state_of(session) is State.ACTIVE for session in self.by_id.holding(item.id))

    def checked_creation(self, service: Service, spec: Any) -> dict[str, Any]:
        """The specification of a new session; members that creation does not use may be there."""
        given = self.specs.check(RULES[service].create_schema, spec)
        if service is Service.UPDATE:
            self.check_warning_behavior(given)
        return given

    def check_item(self, service: Service, item: Item) -> None:
        """Refuse an item that cannot have a (further) session."""
        if service is Service.UPDATE and self.libraries.is_subscribed(item):
            raise errors.refused(
                ErrorType.INVALID_ELEMENT_TYPE,
                "item_of_subscribed_library",
                f"The library item {item.id} belongs to a subscribed library.",
                item.id,
            )
        if RULES[service].one_active_per_item and self.is_busy(item):
            raise errors.refused(
                ErrorType.RESOURCE_BUSY,
                "item_busy",
                f"The library item {item.id} has an active update session.",
                item.id,
            )

    def pinned_version(self, item: Item) -> str:
        return str(item.content_version)

    def initial_progress(self, _given: dict[str, Any]) -> int:
        """0, whatever the specification says: creation does not use its `client_progress`."""
        return 0

    def client_reason(self, body: Any) -> str:
        """What the client says why it gives up; it has to say something.

        Raises:
            ApiError: INVALID_ARGUMENT.
        """
        return str(self.specs.check("Fail", body)["client_error_message"])

    def failure_by_client(self, reason: str) -> Message:
        text = f"The client ended the session with an error: {reason}"
        return Message("com.vmware.vdcs.cls-main.session_failed_by_client", text, (reason,))

    def forget(self, session: SessionRecord) -> None:
        """Keep nothing of a session, nor of what was kept because of it."""
        if self.by_id.pop(session.id, None) is not None:
            self.tokens.forget(session.id)
            for forget in self.when_forgotten:
                forget(session)

    def new_id(self) -> str:
        """Two UUIDs with a colon between them, as real servers make them."""
        return f"{uuid.uuid4()}:{uuid.uuid4()}"

    def _forget_overdue(self) -> None:
        now = self.clock.now()
        for session in list(islice(self.by_id.ended(now - self.linger), FORGOTTEN_AT_ONCE)):
            if not self._is_gone(session):
                # An override lets it stay for longer: look again a while later.
                self.by_id.watch(session.id, now)

    def _is_gone(self, session: SessionRecord) -> bool:
        """Whether its time is over; if so, it is forgotten."""
        overdue = self.is_overdue(session)
        if overdue:
            self.forget(session)
        return overdue
