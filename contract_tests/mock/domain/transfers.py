"""The file services beside the sessions: what an update session receives and a download session hands out."""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING, Any

from contract_tests.contract.words import Service
from contract_tests.mock.domain import errors
from contract_tests.mock.domain.errors import ErrorType, Message
from contract_tests.mock.domain.model import Download, SessionRecord, State, Transfer, Upload

if TYPE_CHECKING:
    from collections.abc import Mapping

    from contract_tests.mock.domain.sessions import Sessions


class Uploads:
    """Files of update sessions."""

    def __init__(self, sessions: Sessions) -> None:
        self.sessions = sessions
        self._sessions_by_key: dict[str, tuple[str, str]] = {}
        sessions.when_forgotten.append(self.forget_session)

    def add(self, session_id: str, spec: Any) -> Upload:
        """Announce a file; its content comes by `receive`. A name announced again begins anew.

        Raises:
            ApiError: NOT_FOUND; NOT_ALLOWED_IN_CURRENT_STATE; INVALID_ARGUMENT; UNSUPPORTED for content that
                the server should fetch itself: this one opens no connections.
        """
        session = self._active(session_id, "add")
        given = self.sessions.specs.check("UpdateFileAddSpec", spec)
        if given["source_type"] != "PUSH":
            raise errors.refused(
                ErrorType.UNSUPPORTED,
                "source_type",
                f"The source type {given['source_type']} is not supported.",
            )
        size = given.get("size")
        upload = Upload(
            name=given["name"],
            key=secrets.token_urlsafe(16),
            size=None if size is None else int(size),
            checksum=given.get("checksum_info"),
        )
        self._forget(session.uploads.get(upload.name))
        session.uploads[upload.name] = upload
        self._sessions_by_key[upload.key] = (session.id, upload.name)
        return upload

    def list_files(self, session_id: str) -> list[Upload]:
        return list(self.sessions.find(Service.UPDATE, session_id).uploads.values())

    def get(self, session_id: str, name: str) -> Upload:
        """One file of a session in any state.

        Raises:
            ApiError: NOT_FOUND (session or file).
        """
        uploads = self.sessions.find(Service.UPDATE, session_id).uploads
        if name not in uploads:
            raise errors.not_found("file", name)
        return uploads[name]

    def remove(self, session_id: str, name: str) -> None:
        """Take a file out of the session, or, if the item has it, out of the item when the session completes.

        Raises:
            ApiError: NOT_FOUND; NOT_ALLOWED_IN_CURRENT_STATE.
        """
        session = self._active(session_id, "remove")
        announced = session.uploads.pop(name, None)
        if announced is not None:
            self._forget(announced)
            return
        if name not in self.sessions.libraries.item(session.item_id).files:
            raise errors.not_found("file", name)
        session.removals.add(name)

    def validate(self, session_id: str) -> list[Upload]:
        """The files that were received and are wrong.

        Raises:
            ApiError: NOT_FOUND; NOT_ALLOWED_IN_CURRENT_STATE.
        """
        return [one for one in self._active(session_id, "validate").uploads.values() if one.status is Transfer.ERROR]

    def receive(self, key: str, name: str, content: bytes) -> None:
        """Content for an announced file.

        Raises:
            ApiError: NOT_FOUND (no such address); NOT_ALLOWED_IN_CURRENT_STATE.
        """
        session_id, announced = self._sessions_by_key.get(key, ("", ""))
        if announced != name:
            raise errors.not_found("upload address", name)
        upload = self._active(session_id, "upload").uploads.get(name)
        if upload is None or upload.key != key:
            raise errors.not_found("upload address", name)
        upload.content = content
        upload.error = self.defect(upload)
        upload.status = Transfer.READY if upload.error is None else Transfer.ERROR

    def defect(self, upload: Upload) -> Message | None:
        """What is wrong with the content, by what was announced of it."""
        if upload.size is not None and upload.size != len(upload.content):
            sizes = (str(upload.size), str(len(upload.content)))
            text = f"{upload.name} was announced with {sizes[0]} bytes and came with {sizes[1]}."
            return Message("com.vmware.vdcs.cls-main.file_size_mismatch", text, (upload.name, *sizes))
        if upload.checksum is not None and not self.matches(upload.content, upload.checksum):
            text = f"{upload.name} does not have the checksum that was announced."
            return Message("com.vmware.vdcs.cls-main.file_checksum_mismatch", text, (upload.name,))
        return None

    def matches(self, content: bytes, checksum: Mapping[str, str]) -> bool:
        algorithm = checksum.get("algorithm") or "SHA1"
        digest = hashlib.new(algorithm.lower(), content, usedforsecurity=False).hexdigest()
        return digest == checksum["checksum"].lower()

    def forget_session(self, session: SessionRecord) -> None:
        """The addresses of a session that is gone lead nowhere."""
        for upload in session.uploads.values():
            self._forget(upload)

    def _forget(self, upload: Upload | None) -> None:
        if upload is not None:
            self._sessions_by_key.pop(upload.key, None)

    def _active(self, session_id: str, operation: str) -> SessionRecord:
        session = self.sessions.find(Service.UPDATE, session_id)
        self.sessions.require_active(session, operation)
        return session


class Downloads:
    """Files of download sessions. The session is a lease: its links work while it is ACTIVE."""

    def __init__(self, sessions: Sessions) -> None:
        self.sessions = sessions
        self._sessions_by_key: dict[str, tuple[str, str]] = {}
        sessions.when_forgotten.append(self.forget_session)

    def prepare(self, session_id: str, spec: Any) -> Download:
        """Give a file an address; at once, as nothing has to be fetched.

        Raises:
            ApiError: NOT_FOUND; NOT_ALLOWED_IN_CURRENT_STATE; INVALID_ARGUMENT.
        """
        session = self.sessions.find(Service.DOWNLOAD, session_id)
        self.sessions.require_active(session, "prepare")
        download = self._file(session, self.sessions.specs.check("FileName", spec)["file_name"])
        if download.key is None:
            download.key = secrets.token_urlsafe(16)
            self._sessions_by_key[download.key] = (session.id, download.file.name)
        return download

    def list_files(self, session_id: str) -> list[Download]:
        return list(self.sessions.find(Service.DOWNLOAD, session_id).downloads.values())

    def get(self, session_id: str, name: str) -> Download:
        """One file of a session in any state.

        Raises:
            ApiError: NOT_FOUND (session or file).
        """
        return self._file(self.sessions.find(Service.DOWNLOAD, session_id), name)

    def send(self, key: str, name: str) -> bytes:
        """The content behind a download address.

        Raises:
            ApiError: NOT_FOUND, also when the lease is over.
        """
        session_id, prepared = self._sessions_by_key.get(key, ("", ""))
        if prepared != name:
            raise errors.not_found("download address", name)
        session = self.sessions.find(Service.DOWNLOAD, session_id)
        if not self.is_leased(session):
            raise errors.not_found("download address", name)
        download = session.downloads[name]
        download.sent = len(download.file.content)
        return download.file.content

    def forget_session(self, session: SessionRecord) -> None:
        """The addresses of a session that is gone lead nowhere."""
        for download in session.downloads.values():
            self._sessions_by_key.pop(download.key or "", None)

    def is_leased(self, session: SessionRecord) -> bool:
        return self.sessions.state_of(session) is State.ACTIVE

    def _file(self, session: SessionRecord, name: str) -> Download:
        if name not in session.downloads:
            raise errors.not_found("file", name)
        return session.downloads[name]
