"""Rich sessions: each member of one holds something that could get lost, so that a loss shows."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from contract_tests.contract import Cell, Service
from contract_tests.driver.content import prepare_file, push
from contract_tests.problems import PremiseFailed

if TYPE_CHECKING:
    from contract_tests.driver import Session, Target

FILE: Final = "kept.txt"
PROGRESS: Final = 5
RAISED: Final = "UNTRUSTED_CERTIFICATE"
"""The warning that the mock is told to raise; any of the documented types would do."""
_LIST: Final[list[dict[str, Any]]] = [
    {"type": "SELF_SIGNED_CERTIFICATE", "ignored": True},
    {"type": "EXPIRED_CERTIFICATE", "ignored": False},
    {"type": RAISED, "ignored": True},
]
_CONTENT: Final = b"content of a session that is to keep it\r\n"
_ANY_FILE: Final = "file"
"""A type of item that no plugin of a server knows, so that any file may go into it."""
_BEHAVIOR_SINCE: Final = (6, 8)


def open_rich_session(target: Target, cell: Cell, item: str | None = None, progress: int | None = PROGRESS) -> Session:
    """A new ACTIVE session with a progress and a file; one for updates has warnings, too, and what is said of them.

    Without a `progress` it has not been kept alive: what a keep-alive loses, it loses the first time. What the server
    does not take, the session has not got: whether it should, other tests ask.

    Raises:
        PremiseFailed: the server makes no session.
    """
    workspace = target.workspace
    if cell.service is Service.UPDATE:
        session = _with_list(target, cell, item or workspace.new_item(cell.dialect, _ANY_FILE))
        with suppress(PremiseFailed):
            push(session, FILE, _CONTENT)
            if target.control is not None:
                target.control.raise_warning(session, RAISED)
    else:
        name = f"an item with a file under /{cell.dialect}"
        session = workspace.open_session(cell, item=item or target.once(name, lambda: _filled_item(target, cell)))
        prepare_file(session, FILE)
    if progress is not None:
        session.keep_alive(progress)
    return session


def takes_lists(target: Target, cell: Cell) -> bool:
    """Whether a session may be created with a `warning_behavior`, as far as anybody knows."""
    version = target.facts.api_version
    return cell.service is Service.UPDATE and (version is None or version >= _BEHAVIOR_SINCE)


def _with_list(target: Target, cell: Cell, item: str) -> Session:
    if takes_lists(target, cell):
        with suppress(PremiseFailed):
            return target.workspace.open_session(cell, {"warning_behavior": _LIST}, item)
    return target.workspace.open_session(cell, item=item)


def _filled_item(target: Target, cell: Cell) -> str:
    """The id of an item with a file, if the server takes one."""
    updates = Cell(cell.dialect, Service.UPDATE)
    session = target.workspace.open_session(updates, item=target.workspace.new_item(cell.dialect, _ANY_FILE))
    with suppress(PremiseFailed):
        push(session, FILE, _CONTENT)
        session.complete()
    return session.item
