"""What the domain is made of: libraries, items, files, sessions. Values and records without rules."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from contract_tests.contract.words import Service
from contract_tests.mock.domain.content import NOTHING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from contract_tests.mock.domain.content import Arrival, Content
    from contract_tests.mock.domain.errors import Message


class State(StrEnum):
    """The states of both session models; a download session is never DONE."""

    ACTIVE = "ACTIVE"
    DONE = "DONE"
    ERROR = "ERROR"
    CANCELED = "CANCELED"


class WarningType(StrEnum):
    """The four `WarningType`s of a preview."""

    SELF_SIGNED_CERTIFICATE = "SELF_SIGNED_CERTIFICATE"
    EXPIRED_CERTIFICATE = "EXPIRED_CERTIFICATE"
    NOT_YET_VALID_CERTIFICATE = "NOT_YET_VALID_CERTIFICATE"
    UNTRUSTED_CERTIFICATE = "UNTRUSTED_CERTIFICATE"


class Transfer(StrEnum):
    """The statuses of a file in an update session that this server comes through."""

    WAITING_FOR_TRANSFER = "WAITING_FOR_TRANSFER"
    TRANSFERRING = "TRANSFERRING"
    READY = "READY"
    ERROR = "ERROR"


class SourceType(StrEnum):
    """Where the content of a file in an update session comes from: the `SourceType`s."""

    NONE = "NONE"
    PUSH = "PUSH"
    PULL = "PULL"


class PreviewState(StrEnum):
    """The states of a preview."""

    UNAVAILABLE = "UNAVAILABLE"
    NOT_APPLICABLE = "NOT_APPLICABLE"
    PREPARING = "PREPARING"
    AVAILABLE = "AVAILABLE"


class LibraryType(StrEnum):
    LOCAL = "LOCAL"
    SUBSCRIBED = "SUBSCRIBED"


@dataclass(frozen=True)
class ServiceRules:
    """In what the two session services differ."""

    kind: str
    """What one of its sessions is called in messages."""
    progress_member: str
    """The member of a keep-alive body that carries the progress; the model says `client_progress` in both."""
    id_member: str
    """The member of a 6.0 body that names the session."""
    one_active_per_item: bool
    deletable_while_active: bool
    privilege: str
    """What create and list need; everything else needs System.Anonymous, which everybody has."""
    keep_alive_schema: str
    create_schema: str
    xml_namespace: str


RULES: Final[Mapping[Service, ServiceRules]] = MappingProxyType(
    {
        Service.UPDATE: ServiceRules(
            kind="update session",
            progress_member="client_progress",
            id_member="update_session_id",
            one_active_per_item=True,
            deletable_while_active=False,
            privilege="ContentLibrary.UpdateSession",
            keep_alive_schema="UpdateSessionKeepAlive",
            create_schema="UpdateSessionCreateSpec",
            xml_namespace="http://vmware.com/content/library/item/update_session",
        ),
        Service.DOWNLOAD: ServiceRules(
            kind="download session",
            progress_member="progress",
            id_member="download_session_id",
            one_active_per_item=False,
            deletable_while_active=True,
            privilege="ContentLibrary.DownloadSession",
            keep_alive_schema="DownloadSessionKeepAlive",
            create_schema="DownloadSessionCreateSpec",
            xml_namespace="http://vmware.com/content/library/item/download_session",
        ),
    }
)


@dataclass(frozen=True)
class Datastore:
    datastore: str = "datastore-11"
    name: str = "mock-datastore"
    type: str = "VMFS"
    free_space: int = 900 * 2**30
    capacity: int = 1000 * 2**30


@dataclass
class Library:
    id: str
    name: str
    description: str
    type: LibraryType
    datastore_id: str
    created: datetime
    modified: datetime
    version: int = 1
    items: dict[str, Item] = field(default_factory=dict)
    """Its items by id."""
    names: Counter[str] = field(default_factory=Counter)
    """The names of its items: more than one of a name only on a server that is wrong on purpose."""


@dataclass(frozen=True)
class ItemFile:
    """A file as other clients see it."""

    name: str
    content: Content
    version: int
    checksum: Mapping[str, str] | None = None


@dataclass
class Item:
    id: str
    library_id: str
    name: str
    description: str
    type: str
    created: datetime
    modified: datetime
    version: int = 1
    content_version: int = 1
    metadata_version: int = 1
    source_id: str | None = None
    """The item that this one was copied from, or what its creator said it is the same as."""
    files: dict[str, ItemFile] = field(default_factory=dict)


@dataclass
class Upload:
    """A file of an update session; not seen by anybody else until the session is completed."""

    name: str
    key: str
    """The part of its upload address that nobody can guess."""
    size: int | None
    checksum: Mapping[str, str] | None
    source: SourceType = SourceType.PUSH
    endpoint: Mapping[str, str] | None = None
    """Where the server fetches it, if it does."""
    keep_in_storage: bool = True
    """Whether it goes into the item: what only says something of the other files does not."""
    status: Transfer = Transfer.WAITING_FOR_TRANSFER
    arrival: Arrival | None = None
    """What is coming in just now."""
    content: Content = NOTHING
    received: datetime | None = None
    """When its content was there."""
    error: Message | None = None

    @property
    def is_under_way(self) -> bool:
        """Whether the server is still to fetch it, or about to."""
        return self.source is SourceType.PULL and self.status in (Transfer.WAITING_FOR_TRANSFER, Transfer.TRANSFERRING)


@dataclass
class Download:
    """A file of a download session, as it was when the session was created."""

    file: ItemFile
    key: str | None = None
    """The part of its download address that nobody can guess; None until it is prepared."""
    sent: int = 0
    error: Message | None = None
    """Why it can't be prepared."""


@dataclass
class SessionRecord:
    """Either kind of session. `state` is what was last decided; whether it expired is asked of `Lifetime`."""

    id: str
    service: Service
    user: str
    item_id: str
    content_version: str
    expiration_time: datetime
    state: State = State.ACTIVE
    completing: bool = False
    """Whether it becomes DONE as soon as the server has fetched what it was told to."""
    client_progress: int = 0
    error_message: Message | None = None
    warning_behavior: list[dict[str, Any]] | None = None
    raised: list[WarningType] = field(default_factory=list)
    uploads: dict[str, Upload] = field(default_factory=dict)
    removals: set[str] = field(default_factory=set)
    downloads: dict[str, Download] = field(default_factory=dict)

    @property
    def rules(self) -> ServiceRules:
        return RULES[self.service]
