"""The route tables, one file a subject. Order matters where a literal segment stands in an id's place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contract_tests.mock.http.routes import control, files, items, libraries, login, sessions

if TYPE_CHECKING:
    from contract_tests.mock.http.operations import Operation


def operations(door: control.ControlDoor | None = None) -> list[Operation]:
    """All operations; those of the control door only where there is one."""
    rows = [
        *login.operations(),
        *files.operations(),
        *sessions.operations(),
        *items.operations(),
        *libraries.operations(),
    ]
    return rows if door is None else [*rows, *control.operations(door)]
