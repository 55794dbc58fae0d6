"""Libraries, items, sessions and tokens, in memory; everything happens under one lock."""

from __future__ import annotations

import hashlib
import itertools
import json
import threading
import time
import uuid
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.independent.problems import Refusal, invalid, not_found, not_now

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.independent.freedoms import Freedoms

ACTIVE = "ACTIVE"
CERTIFICATE = {"issuer": "CN=nobody", "subject": "CN=nobody", "self_signed": True, "x509": "bm9ib2R5"}


@dataclass
class File:
    """A file of a session: content goes up, or comes down."""

    name: str
    source: str = "PUSH"
    size: int | None = None
    checksum: Mapping[str, str] | None = None
    content: bytes | None = None
    failed: bool = False
    asked: int = 0
    key: str = field(default_factory=lambda: uuid.uuid4().hex)

    def is_other(self, content: bytes) -> bool:
        """Whether content is another than its announced checksum promises."""
        if self.checksum is None:
            return False
        digest = hashlib.new(self.checksum.get("algorithm", "SHA1"), content, usedforsecurity=False)
        return digest.hexdigest() != self.checksum["checksum"].lower()


@dataclass
class Item:
    id: str
    library: str
    name: str
    kind: str
    description: str = ""
    subscribed: bool = False
    version: int = 1
    files: dict[str, bytes] = field(default_factory=dict)


@dataclass
class Session:
    id: str
    service: str
    item: str
    version: str
    owner: str
    expires: float
    state: str = ACTIVE
    progress: int = 0
    error: tuple[str, str] | None = None
    warnings: list[dict[str, Any]] | None = None
    raised: list[str] = field(default_factory=list)
    files: dict[str, File] = field(default_factory=dict)
    removed: set[str] = field(default_factory=set)
    done_at: float | None = None
    ended: float | None = None
    has_expired: bool = False
    hidden: bool = False


class World:
    """All that the server remembers. Methods raise Refusal."""

    def __init__(self, free: Freedoms, timeout: float, users: dict[str, tuple[str, bool]]) -> None:
        self.free = free
        self.timeout = timeout
        self.users = users
        self.lock = threading.RLock()
        self.offset = 0.0
        self.tokens: dict[str, str] = {}
        self.libraries: dict[str, dict[str, Any]] = {}
        self.items: dict[str, Item] = {}
        self.sessions: dict[tuple[str, str], Session] = {}
        """By service and id: where ids are counted, each service counts its own."""
        self.given: dict[tuple[str, str, str], tuple[str, str]] = {}
        self._numbers: dict[str, Iterator[int]] = defaultdict(lambda: itertools.count(1))

    def now(self) -> float:
        return time.time() + self.offset

    def sweep(self) -> None:
        """Let end what has had its time."""
        now, free = self.now(), self.free
        for one in list(self.sessions.values()):
            if one.state == ACTIVE and one.done_at is not None:
                if now >= one.done_at:
                    one.state, one.ended = "DONE", one.done_at
            elif one.state == ACTIVE and now >= one.expires + float(free.lag):
                one.state = {"gone": "ERROR"}.get(free.expired_as, free.expired_as)
                one.error = ("expired", "The session has expired.") if one.state == "ERROR" else None
                one.ended, one.has_expired = one.expires, True
            if one.ended is None:
                continue
            kept = float(free.expired_kept if one.has_expired else free.ended_kept) * self.timeout
            if (one.has_expired and free.expired_as == "gone") or now >= one.ended + kept:
                del self.sessions[one.service, one.id]

    def _counted(self, kind: str) -> str:
        return str(next(self._numbers[kind]))

    def new_id(self, service: str) -> str:
        style = self.free.ids
        if style == "counted":
            return self._counted(service)
        if style == "short":
            return f"obj-{self._counted('session')}"
        if style == "pchars":
            return f"s~{uuid.uuid4().hex}!$'()*,;=:@x.y_z"
        if style == "long":
            return ":".join(str(uuid.uuid4()) for _ in range(6))
        return str(uuid.uuid4()) if style == "uuid" else f"{uuid.uuid4()}:{uuid.uuid4()}"

    # Libraries and items

    def add_library(self, spec: Any) -> str:
        if not isinstance(spec, dict) or not isinstance(spec.get("name"), str) or not spec["name"]:
            raise invalid("A library needs a name.")
        id_ = self._counted("library") if self.free.ids == "counted" else str(uuid.uuid4())
        self.libraries[id_] = {
            "id": id_,
            "name": spec["name"],
            "type": "LOCAL",
            "description": str(spec.get("description") or ""),
            "storage_backings": spec.get("storage_backings") or [],
        }
        return id_

    def library(self, id_: str) -> dict[str, Any]:
        if id_ not in self.libraries:
            raise not_found("library", id_)
        return self.libraries[id_]

    def delete_library(self, id_: str) -> None:
        self.library(id_)
        del self.libraries[id_]
        for one in [item.id for item in self.items.values() if item.library == id_]:
            self.delete_item(one)

    def add_item(self, spec: Any, *, subscribed: bool = False) -> str:
        if not isinstance(spec, dict) or not isinstance(name := spec.get("name"), str) or not 0 < len(name) <= 80:
            raise invalid("An item needs a name of 1 to 80 characters.")
        if not subscribed:
            self.library(str(spec.get("library_id")))
        id_ = self._counted("item") if self.free.ids == "counted" else str(uuid.uuid4())
        item = Item(id_, str(spec.get("library_id")), name, str(spec.get("type") or ""), subscribed=subscribed)
        self.items[item.id] = item
        return item.id

    def item(self, id_: str) -> Item:
        if id_ not in self.items:
            raise not_found("item", id_)
        return self.items[id_]

    def delete_item(self, id_: str) -> None:
        self.item(id_)
        del self.items[id_]
        for one in [one for one in self.sessions.values() if one.item == id_]:
            del self.sessions[one.service, one.id]

    def item_version(self, item: Item) -> str:
        return str(item.version) if self.free.version_form == "number" else f"v{item.version}.0-é"

    # Sessions

    def open(self, service: str, user: str, spec: dict[str, Any], token: str | None, warned: Any) -> str:
        """A new session, or the one that the same token has made."""
        same = json.dumps([spec["library_item_id"], warned], sort_keys=True)
        key = (user, service, token or "")
        if token and key in self.given and self._is_remembered(service, self.given[key][0]):
            id_, before = self.given[key]
            if before != same and self.free.token_reuse == "refused":
                raise invalid("The client token was used for another specification.")
            return id_
        item = self.item(spec["library_item_id"])
        if service == "update":
            if item.subscribed:
                raise Refusal(400, "INVALID_ELEMENT_TYPE", "The item belongs to a subscribed library.")
            if any(
                one.item == item.id and one.service == service and one.state == ACTIVE for one in self.sessions.values()
            ):
                raise Refusal(int(self.free.busy_status), "RESOURCE_BUSY", "The item has an active update session.")
        ends = self.now() + self.timeout
        made = Session(self.new_id(service), service, item.id, self.item_version(item), user, ends, warnings=warned)
        self.sessions[service, made.id] = made
        if token:
            self.given[key] = (made.id, same)
        return made.id

    def _is_remembered(self, service: str, id_: str) -> bool:
        if self.free.token_memory == "for-ever":
            return True
        one = self.sessions.get((service, id_))
        return one is not None and (self.free.token_memory == "exists" or one.state == ACTIVE)

    def session(self, service: str, id_: str, user: str) -> Session:
        one = self.sessions.get((service, id_))
        if one is None or (self.free.foreign == "hidden" and one.owner != user):
            raise not_found(f"{service} session", id_)
        return one

    def extend(self, one: Session) -> None:
        if one.state == ACTIVE:
            one.expires = self.now() + self.timeout

    def keep_alive(self, one: Session, progress: int | None) -> None:
        free = self.free
        if progress is not None:
            wrong = {
                progress > 100: free.above,
                progress < 0: free.negative,
                0 <= progress < one.progress: free.lower,
                progress == one.progress: free.equal,
            }.get(True, "accepted")
            if wrong == "refused":
                raise invalid(
                    "The progress is not greater than the one before, or out of range.", int(free.progress_status)
                )
            if wrong == "clamped":
                one.progress = 100
            elif wrong == "accepted":
                one.progress = progress
        self.extend(one)

    def end(self, one: Session, state: str, error: tuple[str, str] | None = None) -> None:
        one.state, one.error, one.ended = state, error, self.now()

    def complete(self, one: Session) -> None:
        if one.done_at is not None:
            raise not_now("The session is being completed.")
        waiting = [file.name for file in one.files.values() if file.content is None and file.source != "NONE"]
        if waiting:
            raise not_now(f"File {waiting[0]} has not been fully received yet (status: WAITING).")
        if self.free.empty_complete == "refused" and not one.files and not one.removed:
            raise not_now("The session has no files.")
        ignored = {entry["type"] for entry in one.warnings or [] if entry["ignored"]}
        if unheard := [kind for kind in one.raised if kind not in ignored]:
            self.end(one, "ERROR", ("warning", f"The preview warns: {unheard[0]}."))
            if self.free.warned_complete == "refused":
                raise not_now(f"The preview warns: {unheard[0]}.")
            return
        item = self.items[one.item]
        if one.files or one.removed:
            item.version += 1
        for name in one.removed:
            item.files.pop(name, None)
        item.files.update({file.name: file.content or b"" for file in one.files.values()})
        one.done_at = self.now() + float(self.free.done_after)
        self.sweep()

    def delete(self, one: Session) -> None:
        if one.service == "update" and one.state == ACTIVE:
            raise not_now("The session is active; cancel it first.")
        del self.sessions[one.service, one.id]

    def listed(self, service: str, user: str, item: str | None) -> list[str]:
        found = [
            one.id
            for one in self.sessions.values()
            if one.service == service
            and one.owner == user
            and (item is None or one.item == item)
            and (self.free.expired_listed == "yes" or not one.has_expired)
        ]
        return found if self.free.list_order == "old-first" else found[::-1]
