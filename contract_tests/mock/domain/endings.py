"""How an update session comes to its end: what it waits for, what fails it, what everybody sees then."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contract_tests.mock.domain import errors
from contract_tests.mock.domain.model import SessionRecord, State, Transfer
from contract_tests.mock.domain.previews import Previews

if TYPE_CHECKING:
    from contract_tests.mock.domain.errors import Message
    from contract_tests.mock.domain.model import Upload


class Endings(Previews):
    """The decisions about the end of a session; each method is one. A preview may have found what fails it."""

    def unfinished_files(self, session: SessionRecord) -> list[Message]:
        """One message for each file that keeps the session from being completed.

        What the server fetches itself does not: that is waited for once the client is done.
        """
        return [
            errors.file_not_received(file.name, file.status.removesuffix("_FOR_TRANSFER"))
            for file in session.uploads.values()
            if file.status is not Transfer.READY and not file.is_under_way
        ]

    def finish(self, session: SessionRecord) -> None:
        """End a session that is to be completed, if all that was to come is there."""
        if any(file.is_under_way for file in session.uploads.values()):
            return
        failure = self.failure_at_completion(session)
        if failure is not None:
            self.end(session, State.ERROR, failure)
            return
        kept = [file for file in session.uploads.values() if file.keep_in_storage]
        self.libraries.publish(session.item_id, kept, session.removals)
        self.end(session, State.DONE)

    def fail_by_file(self, session: SessionRecord, file: Upload, reason: Message) -> None:
        """A file did not come as it should: it fails, and its session with it."""
        file.status, file.error = Transfer.ERROR, reason
        self.end(session, State.ERROR, reason)

    def end(self, session: SessionRecord, state: State, error: Message | None = None) -> None:
        """Bring a session into a state that it does not leave."""
        session.state = state
        session.error_message = error

    def check_changeable(self, session: SessionRecord) -> None:
        """Refuse to change the files of a session whose client has said that it is done.

        Raises:
            ApiError: NOT_ALLOWED_IN_CURRENT_STATE.
        """
        if session.completing:
            raise errors.refused(
                errors.ErrorType.NOT_ALLOWED_IN_CURRENT_STATE,
                "session_completing",
                f"The update session {session.id} is being completed; its files do not change any more.",
                session.id,
            )
