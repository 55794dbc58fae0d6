"""The whole domain, put together from its parts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from contract_tests.mock.domain.access import Logins, User
from contract_tests.mock.domain.clienttokens import ClientTokens
from contract_tests.mock.domain.libraries import Libraries
from contract_tests.mock.domain.sessions import Sessions
from contract_tests.mock.domain.specs import Specs
from contract_tests.mock.domain.transfers import Downloads, Uploads
from contract_tests.mock.domain.views import Views

if TYPE_CHECKING:
    from contract_tests.mock.domain.clock import TimeSource

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
    content_limit: int = 64 * 2**20
    """The most bytes of an uploaded file."""


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
        self, clock: TimeSource, settings: MockSettings | None = None, parts: DomainParts | None = None
    ) -> None:
        self.clock = clock
        self.settings = settings or MockSettings()
        self._parts = parts or DomainParts()
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
        )
        self.uploads = parts.uploads(self.sessions)
        self.downloads = parts.downloads(self.sessions)
        self.views = parts.views(self.sessions)

    def delete_item(self, item_id: str) -> None:
        """Delete an item and its sessions, active ones too: nobody could end them otherwise."""
        self.libraries.delete_item(item_id)
        self.sessions.forget_items([item_id])

    def delete_library(self, library_id: str) -> None:
        """Delete a local library, its items and their sessions."""
        self.sessions.forget_items(self.libraries.delete_library(library_id))
