"""Servers where content comes too early, elsewhere or not at all, and links that end with the wrong session."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, cast
from urllib.parse import quote, unquote

from contract_tests.contract import Service
from contract_tests.faults.fault import fault, overriding, sessions
from contract_tests.mock import ApiError, Parts
from contract_tests.mock.domain import errors
from contract_tests.mock.domain.content import Content
from contract_tests.mock.domain.libraries import Libraries
from contract_tests.mock.domain.model import Download, ItemFile, SessionRecord, State, Transfer, Upload
from contract_tests.mock.domain.sessions import Sessions
from contract_tests.mock.domain.transfers import Downloads, Uploads
from contract_tests.mock.domain.views import Views

if TYPE_CHECKING:
    from collections.abc import Iterable

    from contract_tests.mock.domain.model import Item

INVISIBLE: Final = "create.invisible-until-complete"
VISIBLE: Final = "create.visible-once-completed"
BOUND: Final = "create.bound-to-item"
LEASE: Final = "create.lease"
ENDS: Final = "create.lease-ends"


def shown_at_once(uploads: Uploads, session_id: str, upload: Upload) -> None:
    """Let everybody see an upload, without a new version of the item."""
    item = uploads.sessions.libraries.item(uploads.sessions.find(Service.UPDATE, session_id).item_id)
    item.files = {**item.files, upload.name: ItemFile(upload.name, upload.content, item.content_version)}


class ShowsTheAdded(Uploads):
    """Lists a file of the item as soon as it is announced."""

    def add(self, session_id: str, spec: Any) -> Upload:
        upload = super().add(session_id, spec)
        shown_at_once(self, session_id, upload)
        return upload


class ShowsTheReceived(Uploads):
    """Lists a file of the item as soon as its content is there."""

    def receive(self, key: str, name: str, content: Content) -> None:
        super().receive(key, name, content)
        session_id, _ = self._sessions_by_key[key]
        shown_at_once(self, session_id, self.get(session_id, name))


class ReplacesInPlace(Uploads):
    """Writes new content of a file over the old, unseen by those who list."""

    def receive(self, key: str, name: str, content: Content) -> None:
        super().receive(key, name, content)
        session = self.sessions.find(Service.UPDATE, self._sessions_by_key[key][0])
        item = self.sessions.libraries.item(session.item_id)
        if name in item.files:
            # The list goes on showing the old size: its view is made from here.
            item.files = {**item.files, name: Stale(name, content, item.files[name].version)}


class Stale(ItemFile):
    """New content under the old name and version."""


class RemovesAtOnce(Uploads):
    def remove(self, session_id: str, name: str) -> None:
        super().remove(session_id, name)
        item = self.sessions.libraries.item(self.sessions.find(Service.UPDATE, session_id).item_id)
        item.files = {key: file for key, file in item.files.items() if key != name}


def published_at(*states: State) -> Any:
    """An `end` that publishes what a session brought when it ends in one of these states."""

    def end(self: Sessions, session: SessionRecord, state: State, error: errors.Message | None = None) -> None:
        if state in states and session.service is Service.UPDATE:
            self.libraries.publish(session.item_id, session.uploads.values(), session.removals)
        Sessions.end(self, session, state, error)

    return end


class PublishesTheExpired(Sessions):
    """Completes a session in its own way when its time is over."""

    def state_of(self, session: SessionRecord) -> State:
        if self.has_expired(session) and session.service is Service.UPDATE:
            self.libraries.publish(session.item_id, session.uploads.values(), session.removals)
        return super().state_of(session)


def publishing(
    *, uploads: Any = lambda files: files, removals: Any = lambda names: names, everywhere: bool = False
) -> Parts:
    """Libraries that publish something else than what a session brought."""

    def publish(self: Libraries, item_id: str, brought: Iterable[Upload], removed: Iterable[str]) -> None:
        brought, removed = list(brought), list(removed)
        for one in self._items if everywhere else [item_id]:
            Libraries.publish(self, one, uploads(brought), removals(removed))

    return Parts(libraries=overriding(Libraries, publish=publish))


class PublishesLater(Libraries):
    """Takes some seconds until everybody sees what a session brought, though complete has returned."""

    def publish(self, item_id: str, uploads: Iterable[Upload], removals: Iterable[str]) -> None:
        due = self.clock.now() + timedelta(seconds=3)
        self.__dict__.setdefault("pending", []).append((due, item_id, list(uploads), list(removals)))

    def item(self, item_id: str) -> Item:
        pending = self.__dict__.get("pending", [])
        for one in [one for one in pending if self.clock.now() >= one[0] and one[1] == item_id]:
            pending.remove(one)
            super().publish(*one[1:])
        return super().item(item_id)


class PublishesElsewhere(Libraries):
    """Puts files into the item that was made last."""

    def publish(self, _: str, uploads: Iterable[Upload], removals: Iterable[str]) -> None:
        super().publish(next(reversed(self._items)), uploads, removals)


class ReplacesAll(Libraries):
    """Puts the files of a session in place of all that the item had."""

    def publish(self, item_id: str, uploads: Iterable[Upload], removals: Iterable[str]) -> None:
        super().publish(item_id, uploads, [*self.item(item_id).files, *removals])


def cut(files: list[Upload]) -> list[Upload]:
    """Uploads without their last byte."""
    for one in files:
        one.content = Content.of(bytes(one.content)[:-1])
    return files


def as_text(files: list[Upload]) -> list[Upload]:
    """Uploads whose content was taken for text on the way; its length stays."""
    for one in files:
        one.content = Content.of(bytes(byte if byte < 128 else 63 for byte in bytes(one.content)))
    return files


def with_decoded_names(files: list[Upload]) -> list[Upload]:
    """Uploads whose names were decoded twice."""
    for one in files:
        one.name = unquote(one.name)
    return files


class ListsEverybodysFiles(Uploads):
    def list_files(self, session_id: str) -> list[Upload]:
        self.sessions.find(Service.UPDATE, session_id)
        return [upload for session in self.sessions.by_id.values() for upload in session.uploads.values()]


class ListsOnlyWhatIsLate(Uploads):
    def list_files(self, session_id: str) -> list[Upload]:
        return [one for one in super().list_files(session_id) if one.status is not Transfer.READY]


def sending(change: Any) -> Parts:
    """Downloads that send something else than the content."""

    def send(self: Downloads, key: str, name: str) -> Any:
        return change(self, key, name)

    return Parts(downloads=overriding(Downloads, send=send))


def once(self: Downloads, key: str, name: str) -> Content:
    content = Downloads.send(self, key, name)
    del self._sessions_by_key[key]
    return content


def nothing_if_empty(self: Downloads, key: str, name: str) -> Content:
    content = Downloads.send(self, key, name)
    if not content.size:
        raise errors.not_found("download address", name)
    return content


def first_file(self: Downloads, key: str, name: str) -> Content:
    Downloads.send(self, key, name)
    session = self.sessions.find(Service.DOWNLOAD, self._sessions_by_key[key][0])
    return next(iter(session.downloads.values())).file.content


def by_decoded_name(self: Downloads, key: str, name: str) -> Content:
    return Downloads.send(self, key, unquote(name))


class LeasesOnce(Downloads):
    """A link lives as long as its session was to live when the link was made."""

    def prepare(self, session_id: str, spec: Any) -> Download:
        download = super().prepare(session_id, spec)
        session = self.sessions.find(Service.DOWNLOAD, session_id)
        self.__dict__.setdefault("ends", {})[session.id] = session.expiration_time
        return download

    def is_leased(self, session: SessionRecord) -> bool:
        return super().is_leased(session) and self.sessions.clock.now() <= self.__dict__["ends"][session.id]


class LeasesHalf(Downloads):
    """A link lives half as long as its session."""

    def is_leased(self, session: SessionRecord) -> bool:
        left = session.expiration_time - self.sessions.clock.now()
        return super().is_leased(session) and left > self.sessions.timeout / 2


class LeasesTogether(Downloads):
    """The links of an item end with the first session on it that does."""

    def is_leased(self, session: SessionRecord) -> bool:
        return super().is_leased(session) and not any(
            other.item_id == session.item_id
            and other.service is Service.DOWNLOAD
            and self.sessions.state_of(other) is not State.ACTIVE
            for other in self.sessions.by_id.values()
        )


class LeasesForEver(Downloads):
    """Keeps what was prepared, whatever becomes of the session."""

    def prepare(self, session_id: str, spec: Any) -> Download:
        download = super().prepare(session_id, spec)
        self.__dict__.setdefault("kept", {})[download.key] = download.file.content
        return download

    def send(self, key: str, name: str) -> Content:
        try:
            return super().send(key, name)
        except ApiError:
            kept = self.__dict__.get("kept", {})
            if key not in kept:
                raise
            return cast("Content", kept[key])


def address_encoded_twice(self: Views, origin: str, direction: str, key: str, name: str) -> str:
    return Views.address(self, origin, direction, key, quote(name, safe="") if direction == "download" else name)


FAULTS: Final = [
    # Nobody sees it before the session is complete
    fault("a file is seen when it is added", Parts(uploads=ShowsTheAdded), INVISIBLE, tolerated=(BOUND,)),
    fault("a file is seen when it is received", Parts(uploads=ShowsTheReceived), INVISIBLE, tolerated=(BOUND,)),
    fault("new content is written over the old", Parts(uploads=ReplacesInPlace), INVISIBLE),
    fault("a file is removed at once", Parts(uploads=RemovesAtOnce), INVISIBLE, blocked=(VISIBLE,)),
    fault("cancel publishes", sessions(end=published_at(State.CANCELED)), INVISIBLE),
    fault("fail publishes", sessions(end=published_at(State.ERROR)), INVISIBLE),
    fault("an expired session publishes", Parts(sessions=PublishesTheExpired), INVISIBLE),
    # Everybody sees it afterwards
    fault(
        "complete publishes nothing",
        publishing(uploads=lambda _: []),
        VISIBLE,
        BOUND,
        plays=(VISIBLE,),
        blocked=(INVISIBLE, VISIBLE),
    ),
    fault(
        "complete returns before the files are seen",
        Parts(libraries=PublishesLater),
        VISIBLE,
        tolerated=(BOUND,),
    ),
    fault("complete removes nothing", publishing(removals=lambda _: []), VISIBLE),
    fault("complete loses the last byte", publishing(uploads=cut), VISIBLE, BOUND, tolerated=(INVISIBLE,)),
    fault("complete takes content for text", publishing(uploads=as_text), VISIBLE),
    fault(
        "complete decodes names", publishing(uploads=with_decoded_names), VISIBLE, BOUND, blocked=(INVISIBLE, VISIBLE)
    ),
    fault("complete replaces all files", Parts(libraries=ReplacesAll), VISIBLE),
    fault(
        "files go into every item",
        publishing(everywhere=True),
        BOUND,
        only="text",
    ),
    fault("files go into another item", Parts(libraries=PublishesElsewhere), VISIBLE, BOUND, only="text"),
    fault("a session lists the files of all", Parts(uploads=ListsEverybodysFiles), BOUND),
    fault("a session does not list what it received", Parts(uploads=ListsOnlyWhatIsLate), BOUND),
    # The lease
    fault("a link works once", sending(once), LEASE),
    fault("an empty file can not be downloaded", sending(nothing_if_empty), LEASE, only="empty"),
    fault("every link leads to the first file", sending(first_file), LEASE, only="binary"),
    fault("a link is decoded twice", sending(by_decoded_name), LEASE, only="percent"),
    fault(
        "a link is encoded twice",
        Parts(views=overriding(Views, address=address_encoded_twice)),
        LEASE,
        only="percent or spaces or umlauts",
    ),
    fault("a link ends with the first expiration", Parts(downloads=LeasesOnce), LEASE),
    fault("a link ends before its session", Parts(downloads=LeasesHalf), LEASE),
    fault("a link ends with another session", Parts(downloads=LeasesTogether), LEASE),
    fault("a link never ends", Parts(downloads=LeasesForEver), ENDS),
]
