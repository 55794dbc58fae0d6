"""Content that comes in, sent by a client or fetched by the server, and what becomes of its file and session."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contract_tests.mock.domain.content import DEFAULT_ALGORITHM, Arrival, Content
from contract_tests.mock.domain.errors import Message
from contract_tests.mock.domain.model import SessionRecord, State, Transfer, Upload
from contract_tests.mock.domain.pulls import Pull, failure

if TYPE_CHECKING:
    from collections.abc import Mapping

    from contract_tests.mock.domain.content import Store
    from contract_tests.mock.domain.sessions import Sessions


class Arrivals:
    """The decisions about content that arrives; each method is one."""

    def __init__(self, sessions: Sessions, store: Store | None = None) -> None:
        self.sessions = sessions
        self.store = store

    def begin(self, upload: Upload) -> Arrival:
        """Content begins to come in."""
        algorithm = (upload.checksum or {}).get("algorithm") or DEFAULT_ALGORITHM
        upload.arrival = Arrival([algorithm], self.store)
        upload.status = Transfer.TRANSFERRING
        return upload.arrival

    def accept(self, session: SessionRecord, upload: Upload, content: Content) -> None:
        """The content of a file is there; if it is not what was announced, the file fails, and the session with it."""
        upload.content, upload.arrival, upload.received = content, None, self.sessions.clock.now()
        upload.status = Transfer.READY
        defect = self.defect(upload)
        if defect is not None:
            self.sessions.fail_by_file(session, upload, defect)

    def defect(self, upload: Upload) -> Message | None:
        """What is wrong with the content, by what was announced of it."""
        if upload.content.lost is not None:
            text = f"{upload.name} could not be stored: {upload.content.lost}."
            return Message("com.vmware.vdcs.cls-main.file_not_stored", text, (upload.name, upload.content.lost))
        if upload.size is not None and upload.size != upload.content.size:
            sizes = (str(upload.size), str(upload.content.size))
            text = f"{upload.name} was announced with {sizes[0]} bytes and came with {sizes[1]}."
            return Message("com.vmware.vdcs.cls-main.file_size_mismatch", text, (upload.name, *sizes))
        if upload.checksum is not None and not self.matches(upload.content, upload.checksum):
            text = f"{upload.name} does not have the checksum that was announced."
            return Message("com.vmware.vdcs.cls-main.file_checksum_mismatch", text, (upload.name,))
        return None

    def matches(self, content: Content, checksum: Mapping[str, str]) -> bool:
        algorithm = checksum.get("algorithm") or DEFAULT_ALGORITHM
        return content.digests[algorithm] == checksum["checksum"].lower()

    # Content that the server fetches

    def is_wanted(self, pull: Pull) -> bool:
        """Whether there is still a session that waits for it."""
        session = self.sessions.by_id.get(pull.session.id)
        return (
            session is pull.session
            and self.sessions.state_of(session) is State.ACTIVE
            and session.uploads.get(pull.upload.name) is pull.upload
        )

    def advance(self, pull: Pull, piece: bytes) -> None:
        """Take what was fetched. A session that the server works for lives on."""
        if pull.upload.arrival is not None:
            pull.upload.arrival.write(piece)
            pull.session.expiration_time = self.sessions.extended_expiration(pull.session)

    def fetched(self, pull: Pull) -> None:
        """All of it is there, as far as anybody still waits for it."""
        if pull.upload.arrival is not None and self.is_wanted(pull):
            self.accept(pull.session, pull.upload, pull.upload.arrival.finish())
            self.finish(pull.session)

    def not_fetched(self, pull: Pull, reason: str) -> None:
        """It can't be had; `reason` is the end of a sentence."""
        pull.upload.arrival = None
        self.sessions.fail_by_file(pull.session, pull.upload, failure(pull, reason))

    def finish(self, session: SessionRecord) -> None:
        """End the session if it has only waited for this."""
        if session.completing and self.sessions.state_of(session) is State.ACTIVE:
            self.sessions.finish(session)
