"""Content that scenarios put into items and take out again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contract_tests.contract import Cell, Service
from contract_tests.contract.dialects import unwrapped
from contract_tests.contract.tolerances import SETTLING
from contract_tests.driver import polls
from contract_tests.driver.content import (
    add_file,
    download_link,
    item_files,
    pushed,
    read_item,
    remove_file,
    transfer,
    upload,
    upload_address,
)
from contract_tests.problems import NotTested, PremiseFailed
from contract_tests.rules import refusals
from contract_tests.rules.checks import succeeds
from contract_tests.rules.checks.contents import same_files, same_item, shows_files
from contract_tests.rules.checks.flaw import shown
from contract_tests.scenarios.steps import need_active, settled

if TYPE_CHECKING:
    from collections.abc import Mapping

    from contract_tests.driver import Clock, Session, Workspace
    from contract_tests.rules.checks.flaw import Flaws
    from contract_tests.traffic.exchange import Exchange

GENERIC = "file"
"""A type that no plugin of a server knows, so that any file may go into the item and none is looked into."""

TEXT = b"content of the contract suite\r\n"
BINARY = bytes(range(256)) * 3

CONTENTS: dict[str, dict[str, bytes]] = {
    "text": {"notes.txt": TEXT},
    "binary": {"disk.bin": BINARY, "second.bin": BINARY[::-1]},
    "empty": {"empty.bin": b""},
    "spaces": {"two words.txt": TEXT},
    "umlauts": {"größe-日本.txt": TEXT},
    "percent": {"100%41.txt": TEXT},
}
"""Files by what may go wrong with them. A name that holds `%41` shows who decodes an address twice."""


def update_session(workspace: Workspace, cell: Cell, item: str | None = None) -> Session:
    """A new ACTIVE update session on `item`, or else on a new item, whichever service the cell is of."""
    updates = Cell(cell.dialect, Service.UPDATE)
    return workspace.open_session(updates, item=item or workspace.new_item(cell.dialect, GENERIC))


def download_session(workspace: Workspace, cell: Cell, item: str) -> Session:
    """A new ACTIVE download session on `item`, whichever service the cell is of."""
    return workspace.open_session(Cell(cell.dialect, Service.DOWNLOAD), item=item)


def filled_item(workspace: Workspace, cell: Cell, files: Mapping[str, bytes], clock: Clock) -> str:
    """The id of a new item with these files, brought there by an update session that was completed.

    They are waited for: when they are seen is a rule of its own.

    Raises:
        PremiseFailed: the server does not let it be filled.
        Inconclusive: the run may not wait that long.
    """
    session = update_session(workspace, cell)
    for name, content in files.items():
        upload(session, add_if_taken(session, name, content), content)
    complete(session)
    settled(session, clock)
    for _ in polls(clock, 1.0, SETTLING):
        if _are_there(item_files(session), files):
            break
    return session.item


def _are_there(listed: Exchange, files: Mapping[str, bytes]) -> bool:
    try:
        return not shows_files(listed, files)
    except PremiseFailed:
        return True  # a list that can't be read tells nothing, however long it is asked for


def seen_by_all(session: Session) -> tuple[Exchange, Exchange]:
    """What everybody sees of the session's item: the list of its files, and a read of it."""
    return item_files(session), read_item(session)


def content_version(shown_item: Exchange) -> str | None:
    """The `content_version` that a read of an item shows, if it shows one."""
    try:
        value = None if shown_item.response is None else shown_item.response.json
        item = unwrapped(Cell.parse(shown_item.cell or "").dialect, value)
    except ValueError:
        return None
    version = item.get("content_version") if isinstance(item, dict) else None
    return version if isinstance(version, str) else None


def as_before(before: tuple[Exchange, Exchange], session: Session) -> Flaws:
    """Everybody sees of the item what was seen before: files, content version and size."""
    files, item = seen_by_all(session)
    return [*same_files(before[0], files), *same_item(before[1], item)]


def complete(session: Session) -> None:
    """Complete an update session. What was pushed is in the item now; the session's end may take a moment.

    Raises:
        PremiseFailed: the server does not complete it.
    """
    answer = session.complete()
    if succeeds(answer):
        session.read()  # tells whether it has failed by itself
        raise PremiseFailed("the update session to be completed", shown(answer), answer)


def add_if_taken(session: Session, name: str, content: bytes) -> str:
    """Add a file that will be pushed; gives the address for its content.

    Raises:
        NotTested: the server refuses a file of this name or size, which no document promises to take.
        PremiseFailed: it gives no address, and the file is a plain one; or the session is not ACTIVE any more.
    """
    added = add_file(session, pushed(name, content))
    if added.status in refusals.ANY and not _is_plain(name, content):
        need_active(session)
        raise NotTested(f"the server takes no file of {len(content)} bytes called {name!r}: {shown(added)}", added)
    return upload_address(added)


def removed(session: Session, name: str) -> None:
    """Have an update session remove a file.

    Raises:
        PremiseFailed: the server does not.
    """
    answer = remove_file(session, name)
    if succeeds(answer):
        raise PremiseFailed("the file to be removed", shown(answer), answer)


def fetched(session: Session, name: str, clock: Clock) -> Exchange:
    """Prepare a file in a download session and fetch its content.

    Raises:
        PremiseFailed: the server gives no link.
    """
    return transfer(session, "GET", download_link(session, name, clock))


def _is_plain(name: str, content: bytes) -> bool:
    return bool(content) and name.isascii() and not set(name) & set(" %")
