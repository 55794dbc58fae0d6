"""The file services beside the sessions: content goes up by an update session and comes down by a download session."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from contract_tests.checks import PremiseFailed
from contract_tests.checks.flaw import shown
from contract_tests.contract import Dialect
from contract_tests.contract.dialects import FILES, SUPPORT, FileOp, Support, unwrapped, wrapped
from contract_tests.target.clock import polls
from contract_tests.target.door import Body

if TYPE_CHECKING:
    from contract_tests.exchange import Exchange
    from contract_tests.target.clock import Clock
    from contract_tests.target.sessions import Session

PREPARING = 30.0
"""Seconds that a server may take to prepare a download; small files are ready at once on all that we know."""


def add_file(session: Session, spec: Any) -> Exchange:
    """Add a file to an update session; `spec` is an AddSpec (name, source_type, size…)."""
    return _call(session, FileOp.ADD, wrapped(FILES[session.cell][FileOp.ADD], spec))


def list_files(session: Session) -> Exchange:
    """List the files of a session of either service."""
    return _call(session, FileOp.FILES)


def remove_file(session: Session, name: str) -> Exchange:
    """Take a file out of an update session, or mark one of the item's for removal."""
    return _call(session, FileOp.REMOVE, _named(session, name), name)


def prepare_file(session: Session, name: str) -> Exchange:
    """Ask a download session to make a file ready."""
    return _call(session, FileOp.PREPARE, {"file_name": name})


def read_file(session: Session, name: str) -> Exchange:
    """Read how far a download session is with a file."""
    return _call(session, FileOp.FILE, _named(session, name), name)


def push(session: Session, name: str, content: bytes) -> None:
    """Add a file by PUSH and upload its content over the address that the server gives.

    Raises:
        PremiseFailed: the server takes neither or not both.
    """
    added = add_file(session, {"name": name, "source_type": "PUSH", "size": len(content)})
    address = _member(added, "upload_endpoint", FILES[session.cell][FileOp.ADD].success)
    uploaded = transfer(session, "PUT", address, content)
    if uploaded.status not in (200, 201, 204):
        raise PremiseFailed("the upload to be taken", shown(uploaded), uploaded)


def download_link(session: Session, name: str, clock: Clock) -> str:
    """Have a file prepared and wait for its address.

    Raises:
        PremiseFailed: the server gives none in time.
        Inconclusive: the run may not wait that long.
    """
    answer = prepare_file(session, name)
    for _ in polls(clock, 1.0, PREPARING):
        info = _info(answer)
        if info.get("status") == "PREPARED" or "download_endpoint" in info:
            break
        answer = read_file(session, name)
    return _member(answer, "download_endpoint", (200,))


def transfer(session: Session, method: str, address: str, content: bytes | None = None) -> Exchange:
    """Send or fetch content at the address that a server gave; the token goes only to the target itself."""
    ours, theirs = urlsplit(session.door.base), urlsplit(address)
    at_home = (ours.scheme, ours.netloc) == (theirs.scheme, theirs.netloc)
    door = session.door if at_home else session.door.with_headers({})
    body = None if content is None else Body(content, "application/octet-stream")
    return door.send(method, address, body=body, cell=str(session.cell))


def files_of_item(session: Session) -> list[str]:
    """The names of the files that everybody sees in the session's item.

    Raises:
        PremiseFailed: the server does not list them.
    """
    return names(item_files(session))


def item_files(session: Session) -> Exchange:
    """List the files of the session's item."""
    route = SUPPORT[session.cell.dialect][Support.ITEM_FILES]
    query = tuple((name, value.format(id=session.item)) for name, value in route.query)
    return session.door.send(route.method, route.path.format(id=session.item), query=query, cell=str(session.cell))


def names(listed: Exchange) -> list[str]:
    """The names in an answer that lists files.

    Raises:
        PremiseFailed: it is no such answer.
    """
    value = _value(listed)
    if listed.status != 200 or not isinstance(value, list):
        raise PremiseFailed("a list of files", shown(listed), listed)
    return [str(file["name"]) for file in value if isinstance(file, dict) and "name" in file]


def _named(session: Session, name: str) -> Any:
    """The body that names a file, where the dialect does not name it in the address."""
    return {"file_name": name} if session.cell.dialect is Dialect.REST else None


def _call(session: Session, op: FileOp, body: Any = None, name: str = "") -> Exchange:
    route = FILES[session.cell][op]
    return session.door.send(
        route.method,
        route.path.format(id=session.id, name=quote(name, safe="")),
        query=tuple((key, value.format(id=session.id, name=name)) for key, value in route.query),
        body=None if body is None else Body.json(body),
        cell=str(session.cell),
        operation=op,
    )


def _value(answer: Exchange) -> Any:
    if answer.response is None or answer.cell is None:
        return None
    try:
        return unwrapped(Dialect(answer.cell.partition("-")[0]), answer.response.json)
    except ValueError:
        return None


def _info(answer: Exchange) -> dict[str, Any]:
    value = _value(answer)
    return value if isinstance(value, dict) else {}


def _member(answer: Exchange, endpoint: str, success: tuple[int, ...]) -> str:
    """The address in an answer that describes a file."""
    place = _info(answer).get(endpoint)
    uri = place.get("uri") if isinstance(place, dict) else None
    if answer.status not in success or not isinstance(uri, str):
        raise PremiseFailed(f"a file with {endpoint}", shown(answer), answer)
    return uri
