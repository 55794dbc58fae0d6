"""What clients are shown of the domain: its records as JSON values. Each method is one decision."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from contract_tests.contract.words import Service
from contract_tests.mock.domain.clock import as_text
from contract_tests.mock.domain.model import LibraryType, SourceType, State, Transfer

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from contract_tests.mock.domain.access import ApiSession
    from contract_tests.mock.domain.errors import Message
    from contract_tests.mock.domain.model import Datastore, Download, Item, ItemFile, Library, SessionRecord, Upload
    from contract_tests.mock.domain.sessions import Sessions

SERVER_GUID: Final = "f9a2b1c4-6d53-4e8a-9c07-2b1d8e5f4a30"
"""What this server calls itself; the SOAP side shows it too."""


class Views:
    """`origin` is the address that the client used, such as ``http://127.0.0.1:8080``; links begin so."""

    def __init__(self, sessions: Sessions) -> None:
        self.sessions = sessions

    def time(self, moment: datetime) -> str:
        return as_text(moment)

    def message(self, message: Message) -> dict[str, Any]:
        return {
            "id": message.id,
            "default_message": message.default_message,
            "args": list(message.args),
        }

    def login(self, login: ApiSession) -> dict[str, Any]:
        return {
            "user": login.user,
            "created_time": self.time(login.created),
            "last_accessed_time": self.time(login.last_accessed),
        }

    def datastore(self, store: Datastore) -> dict[str, Any]:
        return {
            "datastore": store.datastore,
            "name": store.name,
            "type": store.type,
            "free_space": store.free_space,
            "capacity": store.capacity,
        }

    def session(self, session: SessionRecord) -> dict[str, Any]:
        """An `UpdateSessionModel` or a `DownloadSessionModel`; `id` is in neither."""
        view: dict[str, Any] = {
            "library_item_id": session.item_id,
            "library_item_content_version": session.content_version,
            "client_progress": self.client_progress(session),
            "state": self.state(session),
            "expiration_time": self.expiration_time(session),
        }
        error = self.sessions.error_message_of(session)
        if error is not None:
            view["error_message"] = self.message(error)
        if session.service is Service.UPDATE:
            if self.shows_preview(session):
                view["preview_info"] = self.sessions.preview_of(session)
            if session.warning_behavior is not None:
                view["warning_behavior"] = session.warning_behavior
        return view

    def client_progress(self, session: SessionRecord) -> int:
        return session.client_progress

    def state(self, session: SessionRecord) -> str:
        return self.sessions.state_of(session)

    def expiration_time(self, session: SessionRecord) -> str:
        return self.time(session.expiration_time)

    def shows_preview(self, session: SessionRecord) -> bool:
        """The preview is only there while the session is ACTIVE."""
        return self.sessions.state_of(session) is State.ACTIVE

    def library(self, library: Library) -> dict[str, Any]:
        """A `LibraryModel`. The documents leave out `id`; clients and real servers do not."""
        view: dict[str, Any] = {
            "id": library.id,
            "name": library.name,
            "description": library.description,
            "type": library.type,
            "version": str(library.version),
            "creation_time": self.time(library.created),
            "last_modified_time": self.time(library.modified),
            "storage_backings": [self.storage_backing(library)],
            "server_guid": SERVER_GUID,
            "state_info": {"state": "ACTIVE"},
            "configuration_info": {"apply_library_usage_to_items": False},
        }
        if library.type is LibraryType.LOCAL:
            # Nothing here publishes one.
            view["publish_info"] = {
                "authentication_method": "NONE",
                "published": False,
                "persist_json_enabled": False,
            }
        return view

    def storage_backing(self, library: Library) -> dict[str, Any]:
        return {"type": "DATASTORE", "datastore_id": library.datastore_id}

    def item(self, item: Item) -> dict[str, Any]:
        """An `ItemModel`, with `id` as in `library`."""
        view = {
            "id": item.id,
            "library_id": item.library_id,
            "name": item.name,
            "description": item.description,
            "type": item.type,
            "version": str(item.version),
            "content_version": str(item.content_version),
            "metadata_version": str(item.metadata_version),
            "creation_time": self.time(item.created),
            "last_modified_time": self.time(item.modified),
            "size": sum(file.content.size for file in item.files.values()),
            "cached": True,
            "security_compliance": True,
        }
        return view if item.source_id is None else view | {"source_id": item.source_id}

    def item_file(self, file: ItemFile) -> dict[str, Any]:
        view = {"name": file.name, "size": file.content.size, "version": str(file.version), "cached": True}
        return view if file.checksum is None else view | {"checksum_info": dict(file.checksum)}

    def item_storage(self, library: Library, item: Item, file: ItemFile) -> dict[str, Any]:
        """A file with the place where it is stored."""
        path = f"/vmfs/volumes/{library.datastore_id}/contentlib-{library.id}/{item.id}/{quote(file.name, safe='')}"
        return self.item_file(file) | {
            "storage_backing": self.storage_backing(library),
            "storage_uris": [f"ds://{path}"],
        }

    def upload(self, file: Upload, origin: str) -> dict[str, Any]:
        view: dict[str, Any] = {
            "name": file.name,
            "source_type": file.source,
            "status": file.status,
            "bytes_transferred": file.content.size if file.arrival is None else file.arrival.size,
            "keep_in_storage": file.keep_in_storage,
        }
        if file.source is SourceType.PUSH:
            view["upload_endpoint"] = {"uri": self.address(origin, "upload", file.key, file.name)}
        if file.endpoint is not None:
            view["source_endpoint"] = dict(file.endpoint)
        if file.status is Transfer.READY:
            view["size"] = file.content.size
        if file.checksum is not None:
            view["checksum_info"] = dict(file.checksum)
        if file.error is not None:
            view["error_message"] = self.message(file.error)
        return view

    def download(self, file: Download, origin: str) -> dict[str, Any]:
        view: dict[str, Any] = {
            "name": file.file.name,
            "status": self.preparation(file),
            "bytes_transferred": file.sent,
            "size": file.file.content.size,
        }
        if file.error is not None:
            view["error_message"] = self.message(file.error)
        if file.key is not None:
            view["download_endpoint"] = {"uri": self.address(origin, "download", file.key, file.file.name)}
        if file.file.checksum is not None:
            view["checksum_info"] = dict(file.file.checksum)
        return view

    def preparation(self, file: Download) -> str:
        """The `PrepareStatus` of a file."""
        if file.error is not None:
            return "ERROR"
        return "UNPREPARED" if file.key is None else "PREPARED"

    def validation(self, missing: Iterable[str], wrong: Mapping[str, Message]) -> dict[str, Any]:
        """A `ValidationResult`."""
        lacking = sorted(missing)
        invalid = [{"name": name, "error_message": self.message(why)} for name, why in wrong.items()]
        return {"has_errors": bool(lacking or invalid), "missing_files": lacking, "invalid_files": invalid}

    def address(self, origin: str, direction: str, key: str, name: str) -> str:
        return f"{origin}/cls/{direction}/{key}/{quote(name, safe='')}"
