"""The whole domain, put together from its parts."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from contract_tests.mock.domain.access import Logins, User
from contract_tests.mock.domain.clienttokens import ClientTokens
from contract_tests.mock.domain.libraries import Libraries
from contract_tests.mock.domain.model import PreviewState
from contract_tests.mock.domain.sessions import Sessions
from contract_tests.mock.domain.specs import Specs
from contract_tests.mock.domain.transfers import Downloads, Uploads
from contract_tests.mock.domain.views import Views

if TYPE_CHECKING:
    from contract_tests.mock.domain.clock import TimeSource
    from contract_tests.mock.domain.content import Store
    from contract_tests.mock.domain.pulls import Fetch, Pull

DEFAULT_USER = User("user", "pass")
"""Who may log in if nobody else is named; the pair that other simulators of this API use too."""


@dataclass(frozen=True)
class MockSettings:
    """How a server is configured. Times in seconds; `linger` is how long a session outlives its end."""

    session_timeout: float = 300.0
    linger: float = 5.0
    users: tuple[User, ...] = (DEFAULT_USER,)
    login_timeout: float | None = None
    """After how many seconds without a request a login ends; None: never."""
    login_lifetime: float | None = None
    """After how many seconds a login ends, however much it is used; None: never."""
    json_limit: int = 2**20
    """The most bytes of a body that is read as a value."""
    content_limit: int = 10 * 2**30
    """The most bytes of one file, sent or fetched."""
    preview_seconds: float = 0.5
    """How long it takes from the last byte of an OVF descriptor to its preview."""
    other_previews: PreviewState | str = PreviewState.UNAVAILABLE
    """What the preview is of files that nobody looks into."""

    def __post_init__(self) -> None:
        """Refuse what no server could live by.

        Raises:
            ValueError: it names the setting, and what it may be.
        """
        for name in _LIFETIMES:
            self._check(name, int | float, least=0, is_above=True, may_lack=name.startswith("login"))
        for name in ("linger", "preview_seconds"):
            self._check(name, int | float, least=0)
        for name in ("json_limit", "content_limit"):
            self._check(name, int, least=0)
        if self.other_previews not in (PreviewState.UNAVAILABLE, PreviewState.NOT_APPLICABLE):
            raise ValueError(f"other_previews is UNAVAILABLE or NOT_APPLICABLE, not {self.other_previews!r}")

    def _check(self, name: str, kind: Any, *, least: int, is_above: bool = False, may_lack: bool = False) -> None:
        value = getattr(self, name)
        if value is None and may_lack:
            return
        fits = isinstance(value, kind) and not isinstance(value, bool) and least <= value < math.inf
        if not fits or (is_above and value == least):
            number = "whole number" if kind is int else "number"
            raise ValueError(f"{name} is a {number} {'above' if is_above else 'of at least'} {least}, not {value!r}")


_LIFETIMES: Final = ("session_timeout", "login_timeout", "login_lifetime")


@dataclass(frozen=True)
class DomainParts:
    """The classes that a domain is made of; a fault is a subclass of one of them, put in its place."""

    specs: type[Specs] = Specs
    tokens: type[ClientTokens] = ClientTokens
    access: type[Logins] = Logins
    libraries: type[Libraries] = Libraries
    sessions: type[Sessions] = Sessions
    uploads: type[Uploads] = Uploads
    downloads: type[Downloads] = Downloads
    views: type[Views] = Views


class World:
    """One server's state. Not safe for several threads: whoever serves it stays on one."""

    def __init__(
        self,
        clock: TimeSource,
        settings: MockSettings | None = None,
        parts: DomainParts | None = None,
        store: Store | None = None,
    ) -> None:
        """Without a `store`, what is too large for memory is dropped to its digests."""
        self.clock = clock
        self.settings = settings or MockSettings()
        self._parts = parts or DomainParts()
        self._store = store
        self.fetch: Fetch = lambda _pull: None
        """What fetches content; whoever serves this domain puts it here."""
        self.reset()

    def reset(self) -> None:
        """Begin anew, with nothing there and nobody logged in. Who has a part of the former world has nothing."""
        clock, settings, parts = self.clock, self.settings, self._parts
        self.specs = parts.specs()
        self.tokens = parts.tokens()
        self.access = parts.access(clock, settings.users, settings.login_timeout, settings.login_lifetime)
        self.libraries = parts.libraries(clock, self.specs, self.tokens)
        self.sessions = parts.sessions(
            clock,
            self.specs,
            self.tokens,
            self.libraries,
            timeout=settings.session_timeout,
            linger=settings.linger,
            preview_seconds=settings.preview_seconds,
            other_previews=PreviewState(settings.other_previews),
        )
        self.uploads = parts.uploads(self.sessions, self._store)
        self.uploads.fetch = self.begin_fetching
        self.downloads = parts.downloads(self.sessions)
        self.views = parts.views(self.sessions)

    def begin_fetching(self, pull: Pull) -> None:
        self.fetch(pull)

    def delete_item(self, item_id: str) -> None:
        """Delete an item and its sessions, active ones too: nobody could end them otherwise."""
        self.libraries.delete_item(item_id)
        self.sessions.forget_items([item_id])

    def delete_local_library(self, library_id: str) -> None:
        """Delete a local library as `delete_library` does."""
        self.libraries.local_library(library_id)
        self.delete_library(library_id)

    def delete_library(self, library_id: str) -> None:
        """Delete a library of any kind, its items and their sessions."""
        self.sessions.forget_items(self.libraries.delete_library(library_id))
