"""The file services beside the sessions: what an update session receives and a download session hands out."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from contract_tests.contract.words import Service
from contract_tests.mock.domain import errors
from contract_tests.mock.domain.arrivals import Arrivals
from contract_tests.mock.domain.content import Arrival, Content
from contract_tests.mock.domain.descriptors import problem_of, referenced
from contract_tests.mock.domain.errors import ApiError, ErrorType, Message
from contract_tests.mock.domain.model import Download, SessionRecord, SourceType, State, Transfer, Upload
from contract_tests.mock.domain.previews import METADATA, OVF
from contract_tests.mock.domain.pulls import Fetch, Pull, endpoint_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from contract_tests.mock.domain.content import Store
    from contract_tests.mock.domain.sessions import Sessions


class Uploads(Arrivals):
    """Files of update sessions."""

    def __init__(self, sessions: Sessions, store: Store | None = None) -> None:
        super().__init__(sessions, store)
        self.fetch: Fetch = lambda _pull: None
        """What fetches content; the world puts it here."""
        self._sessions_by_key: dict[str, tuple[str, str]] = {}
        sessions.when_forgotten.append(self.forget_session)

    def add(self, session_id: str, spec: Any) -> Upload:
        """Announce a file; its content comes by `receive`, or is fetched. A name announced again begins anew.

        Raises:
            ApiError: NOT_FOUND; NOT_ALLOWED_IN_CURRENT_STATE; INVALID_ARGUMENT; UNSUPPORTED for a source on a
                datastore.
        """
        session = self._active(session_id, "add")
        given = self.sessions.specs.check("UpdateFileAddSpec", spec)
        if given["source_type"] == SourceType.NONE:
            raise errors.invalid_argument(
                "A file that is added has a source, PUSH or PULL.", argument="file_spec.source_type"
            )
        pulled = given["source_type"] == SourceType.PULL
        endpoint = endpoint_of(given["source_endpoint"]) if pulled else None
        self.sessions.check_changeable(session)
        self.check_order(session, given["name"])
        size = given.get("size")
        upload = Upload(
            name=given["name"],
            key=secrets.token_urlsafe(16),
            size=None if size is None or size < 0 else int(size),
            checksum=given.get("checksum_info"),
            source=SourceType(given["source_type"]),
            endpoint=_without_nulls(given["source_endpoint"]) if pulled else None,
            keep_in_storage=not self.is_metadata(session, given["name"]),
        )
        self._forget(session.uploads.get(upload.name))
        session.uploads[upload.name] = upload
        if endpoint is None:
            self._sessions_by_key[upload.key] = (session.id, upload.name)
        else:
            self.fetch(Pull(session, upload, endpoint))
        return upload

    def list_files(self, session_id: str) -> list[Upload]:
        """The files that the item is to have: what the session brings, and what it leaves as it is.

        Raises:
            ApiError: NOT_FOUND.
        """
        session = self.sessions.find(Service.UPDATE, session_id)
        return [*session.uploads.values(), *self.unchanged(session).values()]

    def get(self, session_id: str, name: str) -> Upload:
        """One file of a session in any state.

        Raises:
            ApiError: NOT_FOUND (session or file).
        """
        session = self.sessions.find(Service.UPDATE, session_id)
        file = session.uploads.get(name) or self.unchanged(session).get(name)
        if file is None:
            raise errors.not_found("file", name)
        return file

    def unchanged(self, session: SessionRecord) -> dict[str, Upload]:
        """The item's files that a session leaves as they are, by name."""
        return {
            name: Upload(name, "", None, file.checksum, SourceType.NONE, status=Transfer.READY, content=file.content)
            for name, file in self.sessions.libraries.item(session.item_id).files.items()
            if name not in session.uploads and name not in session.removals
        }

    def remove(self, session_id: str, name: str) -> None:
        """Take a file out of the session, or, if the item has it, out of the item when the session completes.

        Raises:
            ApiError: NOT_FOUND; NOT_ALLOWED_IN_CURRENT_STATE.
        """
        session = self._active(session_id, "remove")
        self.sessions.check_changeable(session)
        announced = session.uploads.pop(name, None)
        if announced is not None:
            self._forget(announced)
            return
        if name not in self.sessions.libraries.item(session.item_id).files:
            raise errors.not_found("file", name)
        session.removals.add(name)

    def validate(self, session_id: str) -> tuple[set[str], dict[str, Message]]:
        """The files that descriptors speak of and nobody has added, and those that are no descriptors, with why.

        Raises:
            ApiError: NOT_FOUND; NOT_ALLOWED_IN_CURRENT_STATE (also if files were not received).
        """
        session = self._active(session_id, "validate")
        unfinished = self.sessions.unfinished_files(session)
        if unfinished:
            raise ApiError(ErrorType.NOT_ALLOWED_IN_CURRENT_STATE, *unfinished)
        there = {*self.sessions.libraries.item(session.item_id).files} - session.removals | {*session.uploads}
        missing: set[str] = set()
        wrong: dict[str, Message] = {}
        for one in self.sessions.descriptors_of(session):
            problem = problem_of(one)
            if problem is None:
                missing |= referenced(one) - there
            else:
                wrong[one.name] = problem
        return missing, wrong

    def check_order(self, session: SessionRecord, name: str) -> None:
        """Refuse a file that says something of a descriptor and comes after it.

        Raises:
            ApiError: NOT_ALLOWED_IN_CURRENT_STATE.
        """
        if self.is_metadata(session, name) and self.sessions.descriptors_of(session):
            raise errors.refused(
                ErrorType.NOT_ALLOWED_IN_CURRENT_STATE,
                "metadata_after_descriptor",
                f"{name} has to be added before the OVF descriptor.",
                name,
            )

    def is_metadata(self, session: SessionRecord, name: str) -> bool:
        """Whether it is a manifest or a certificate: looked at, and not kept in an OVF item."""
        kind = self.sessions.libraries.item(session.item_id).type.lower()
        return kind == OVF and name.lower().endswith(METADATA)

    # Content that the client sends

    def arrival(self, key: str, name: str) -> Arrival:
        """What takes the content that is sent to an address. Where nothing is expected, nothing of it is kept."""
        session_id, _ = self._sessions_by_key.get(key, ("", ""))
        session = self.sessions.by_id.get(session_id)
        upload = None if session is None else session.uploads.get(name)
        if session is None or upload is None or self.sessions.state_of(session) is not State.ACTIVE:
            return Arrival((), keep=False)
        return self.begin(upload)

    def abandon(self, key: str, name: str, arrival: Arrival) -> None:
        """The client has gone away in the middle: half a file is no file, and what was there before stays."""
        session_id, _ = self._sessions_by_key.get(key, ("", ""))
        session = self.sessions.by_id.get(session_id)
        upload = None if session is None else session.uploads.get(name)
        if upload is not None and upload.arrival is arrival:
            upload.arrival = None
            upload.status = Transfer.WAITING_FOR_TRANSFER if upload.received is None else Transfer.READY

    def receive(self, key: str, name: str, content: Content) -> None:
        """Content for an announced file.

        Raises:
            ApiError: NOT_FOUND (no such address); NOT_ALLOWED_IN_CURRENT_STATE.
        """
        session_id, announced = self._sessions_by_key.get(key, ("", ""))
        if announced != name:
            raise errors.not_found("upload address", name)
        session = self._active(session_id, "upload")
        upload = session.uploads.get(name)
        if upload is None or upload.key != key:
            raise errors.not_found("upload address", name)
        self.accept(session, upload, content)

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


def _without_nulls(given: Mapping[str, str | None]) -> dict[str, str]:
    return {name: value for name, value in given.items() if value is not None}


class Downloads:
    """Files of download sessions. The session is a lease: its links work while it is ACTIVE."""

    def __init__(self, sessions: Sessions) -> None:
        self.sessions = sessions
        self._sessions_by_key: dict[str, tuple[str, str]] = {}
        sessions.when_forgotten.append(self.forget_session)

    def prepare(self, session_id: str, spec: Any) -> Download:
        """Give a file an address; at once, as nothing has to be fetched.

        Raises:
            ApiError: NOT_FOUND; NOT_ALLOWED_IN_CURRENT_STATE; INVALID_ARGUMENT; UNAUTHORIZED for a place on the
                storage, which this server does not have.
        """
        session = self.sessions.find(Service.DOWNLOAD, session_id)
        self.sessions.require_active(session, "prepare")
        given = self.sessions.specs.check("FileName", spec)
        download = self._file(session, given["file_name"])
        if given.get("endpoint_type") == "DIRECT":
            raise errors.unauthorized("ContentLibrary.ReadStorage")
        download.error = self.loss_of(download)
        if download.key is None and download.error is None:
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

    def send(self, key: str, name: str) -> Content:
        """The content behind a download address.

        Raises:
            ApiError: NOT_FOUND, also when the lease is over.
        """
        download = self.find(key, name)
        download.sent = download.file.content.size
        return download.file.content

    def find(self, key: str, name: str) -> Download:
        """The file behind a download address.

        Raises:
            ApiError: NOT_FOUND, also when the lease is over.
        """
        session_id, prepared = self._sessions_by_key.get(key, ("", ""))
        if prepared != name:
            raise errors.not_found("download address", name)
        session = self.sessions.find(Service.DOWNLOAD, session_id)
        if not self.is_leased(session):
            raise errors.not_found("download address", name)
        return session.downloads[name]

    def loss_of(self, download: Download) -> Message | None:
        """Why the content of a file can't be had any more."""
        if download.file.content.is_kept:
            return None
        text = (
            f"The content of {download.file.name} is too large for memory and was not kept; start the server with "
            "--store DIR to download it again."
        )
        return Message("com.vmware.vdcs.cls-main.file_not_kept", text, (download.file.name,))

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
