"""Calls of what lies around the sessions: datastores, libraries, items, as the dialect's table says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from contract_tests.contract.dialects import SUPPORT, Support, unwrapped
from contract_tests.driver.sessions import in_path
from contract_tests.driver.transport.door import Body

if TYPE_CHECKING:
    from collections.abc import Mapping

    from contract_tests.contract import Dialect
    from contract_tests.driver.transport.door import Door
    from contract_tests.traffic.exchange import Exchange


class SupportCalls:
    """The services beside the sessions, on one target."""

    def __init__(self, doors: Mapping[Dialect, Door]) -> None:
        self.doors = doors

    def ask(self, dialect: Dialect, what: Support, body: Any = None, id_: str = "") -> Exchange:
        """Send one call; `id_` is the id in its path, and `body` is wrapped already."""
        route = SUPPORT[dialect][what]
        return self.doors[dialect].send(
            route.method, route.path.format(id=in_path(id_)), body=None if body is None else Body.json(body)
        )


def told(answer: Exchange, dialect: Dialect) -> Any:
    """What an answer holds; None if it holds nothing that can be read."""
    try:
        return None if answer.response is None else unwrapped(dialect, answer.response.json)
    except ValueError:
        return None


def created_id(created: Exchange, dialect: Dialect) -> str | None:
    """The id that an answer to a creation gives, if it gives one."""
    id_ = told(created, dialect) if created.status in (200, 201) else None
    return id_ if isinstance(id_, str) and id_ else None
