"""The control door for tests in Python: what `/_control` does, as methods that any thread may call."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from contract_tests.mock.domain.model import LibraryType
from contract_tests.mock.http.routes.control import REASON

if TYPE_CHECKING:
    from collections.abc import Callable

    from contract_tests.mock.http.app import App
    from contract_tests.mock.http.weather import Spell
    from contract_tests.mock.server import MockServer

_Value = TypeVar("_Value")


@dataclass(frozen=True)
class MadeItem:
    """The ids of an item, and of the library that it is in."""

    library: str
    item: str


class ServerControls:
    """The control door of one running server; it is open in Python whether or not `/_control` is.

    What the server refuses is an `ApiError`. All that it knows lives on its own thread, where each method is carried
    out, between two requests.
    """

    def __init__(self, server: MockServer, app: App) -> None:
        self._server = server
        self._app = app

    def create_library(self, name: str = "library", description: str = "") -> str:
        """A new local library; gives its id."""
        return self._do(lambda app: app.world.libraries.add_library(name, description, LibraryType.LOCAL).id)

    def create_item(self, name: str = "item", library: str | None = None) -> MadeItem:
        """A new item, in this library or in one of its own."""
        home = library or self.create_library(f"library of {name}")
        return MadeItem(home, self._do(lambda app: app.world.libraries.add_item(home, name).id))

    def create_subscribed_item(self) -> MadeItem:
        """A new item of a new subscribed library."""
        item = self._do(lambda app: app.control.interventions.subscribed_item())
        return MadeItem(item.library_id, item.id)

    def raise_warning(self, session: str, kind: str) -> None:
        """Let the preview of an update session's content find something; `kind` is a WarningType."""
        self._do(lambda app: app.control.interventions.raise_warning(session, kind))

    def fail_session(self, session: str, reason: str = REASON) -> None:
        """End an ACTIVE session in ERROR, as if the server could not go on with it."""
        self._do(lambda app: app.control.interventions.fail_session(session, reason))

    def expire_session(self, session: str) -> None:
        """Let the time of an ACTIVE session be over now."""
        self._do(lambda app: app.control.interventions.expire_session(session))

    def fail_transfer(self, session: str, file: str, reason: str = REASON) -> None:
        """Let the transfer of a file of an ACTIVE update session be broken."""
        self._do(lambda app: app.control.interventions.fail_transfer(session, file, reason))

    def end_tokens(self, token: str | None = None) -> int:
        """Log out whoever has this token, or everybody; gives how many that were."""
        return self._do(lambda app: app.control.interventions.end_tokens(token))

    def brew(self, spell: Spell) -> None:
        """Refuse, delay or cut the next requests: `brew(Spell(requests=2, status=503, target="keep-alive"))`."""
        self._do(lambda app: app.weather.brew(spell))

    def clear_weather(self) -> None:
        """Let nothing befall any request."""
        self._do(lambda app: app.weather.clear())

    def state(self) -> dict[str, Any]:
        """All that is on the server, as JSON; tokens are not in it."""
        return self._do(lambda app: app.control.state(self._server.url))

    def reset(self) -> None:
        """Make everything as it was at the start, clock and weather included."""
        self._do(lambda app: app.control.begin_anew())

    def _do(self, work: Callable[[App], _Value]) -> _Value:
        return self._server.on_its_thread(lambda: work(self._app))
