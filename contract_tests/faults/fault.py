"""A fault: the mock with one decision overridden, as a row of a table, and what must be said of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from contract_tests.contract import CELLS, DEFAULT_TIMEOUT, Cell
from contract_tests.mock import Parts
from contract_tests.mock.domain.access import Logins
from contract_tests.mock.domain.sessions import Sessions
from contract_tests.mock.domain.views import Views
from contract_tests.mock.http.door import Dispatcher
from contract_tests.mock.http.reader import Reader
from contract_tests.mock.http.wire import Wire

Decision = Callable[..., Any]
_Part = TypeVar("_Part")

DIAGONAL = (CELLS[0], CELLS[3])
"""Both dialects and both services in two cells: enough for a decision that knows neither."""


@dataclass(frozen=True)
class Fault:
    """A wrong server, and what must be said of it.

    `found` are the slugs that must be violated in every one of `cells` where they apply, and in no other cell.
    `tolerated` are slugs that may be violated in `cells` too, since the one decision breaks them as well.
    `blocked` are slugs whose premise the fault takes away. Nothing else may be said against the server.
    `plays` are the slugs whose scenarios are played; those of `found` unless said otherwise; and of their
    parameters those with `only` in their id. `timeout` is for how many seconds its sessions live.
    """

    name: str
    parts: Parts
    found: frozenset[str]
    cells: tuple[Cell, ...]
    played_in: tuple[Cell, ...]
    plays: frozenset[str]
    tolerated: frozenset[str]
    blocked: frozenset[str]
    only: str
    timeout: float = DEFAULT_TIMEOUT


def fault(
    name: str,
    parts: Parts,
    *found: str,
    cells: tuple[Cell, ...] | None = None,
    plays: tuple[str, ...] = (),
    tolerated: tuple[str, ...] = (),
    blocked: tuple[str, ...] = (),
    only: str = "",
    timeout: float = DEFAULT_TIMEOUT,
) -> Fault:
    """A row of a table. With `cells`, the server is wrong there only, and is played in all four."""
    return Fault(
        name=name,
        parts=parts,
        found=frozenset(found),
        cells=cells or CELLS,
        played_in=CELLS if cells else DIAGONAL,
        plays=frozenset(plays or found),
        tolerated=frozenset(tolerated),
        blocked=frozenset(blocked),
        only=only,
        timeout=timeout,
    )


def overriding(part: type[_Part], **decisions: Decision) -> type[_Part]:
    """`part` with some of its decisions taken otherwise.

    Raises:
        TypeError: `part` has no such decision, so that a renamed one can't make a wrong server right by accident.
    """
    for name in decisions:
        if not hasattr(part, name):
            raise TypeError(f"{part.__name__} decides nothing called {name}")
    return cast("type[_Part]", type(f"Other{part.__name__}", (part,), decisions))


def sessions(**decisions: Decision) -> Parts:
    return Parts(sessions=overriding(Sessions, **decisions))


def views(**decisions: Decision) -> Parts:
    return Parts(views=overriding(Views, **decisions))


def wire(**decisions: Decision) -> Parts:
    return Parts(wire=overriding(Wire, **decisions))


def reader(**decisions: Decision) -> Parts:
    return Parts(reader=overriding(Reader, **decisions))


def door(**decisions: Decision) -> Parts:
    return Parts(door=overriding(Dispatcher, **decisions))


def access(**decisions: Decision) -> Parts:
    return Parts(access=overriding(Logins, **decisions))
