"""The file services beside the sessions: content goes up by an update session and comes down by a download session.

Sources: the public SDK bindings of `updatesession.File`, `downloadsession.File` and `item.File` (9.1.1).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

from contract_tests.contract import Cell
from contract_tests.contract.dialects import CONVENTIONS, FILES, SUPPORT, FileOp, Support, unwrapped, wrapped
from contract_tests.contract.tolerances import PREPARING
from contract_tests.driver.clock import polls
from contract_tests.driver.sessions import in_path
from contract_tests.driver.settings import OwnFile
from contract_tests.driver.transport import limits
from contract_tests.driver.transport.abroad import origin_of
from contract_tests.driver.transport.door import Body
from contract_tests.problems import PremiseFailed
from contract_tests.rules import refusals
from contract_tests.rules.checks.flaw import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contract_tests.driver.clock import Clock
    from contract_tests.driver.sessions import Session
    from contract_tests.traffic.exchange import Exchange

_OCTETS = "application/octet-stream"
_KEY = re.compile(r"[A-Za-z0-9_.~%!$'()*+,:@-]{16,}")  # the signs of a part of an address


def add_file(session: Session, spec: Any) -> Exchange:
    """Add a file to an update session; `spec` is an AddSpec (name, source_type, size…). After a refusal it is read."""
    return _read_if_refused(session, _call(session, FileOp.ADD, wrapped(FILES[session.cell][FileOp.ADD], spec)))


def lacks_file_service(new: Session) -> bool:
    """Whether the server knows no address for files, asked for a session that is new: it has the session itself."""
    added = _call(new, FileOp.ADD, wrapped(FILES[new.cell][FileOp.ADD], pushed("contract.txt", b"contract")))
    return added.status in refusals.NO_SUCH_SERVICE and new.read().status == 200


def list_files(session: Session) -> Exchange:
    """List the files of a session of either service."""
    return _call(session, FileOp.FILES)


def remove_file(session: Session, name: str) -> Exchange:
    """Take a file out of an update session, or mark one of the item's for removal. After a refusal it is read."""
    return _read_if_refused(session, _call(session, FileOp.REMOVE, _named(session, name), name))


def validate_files(session: Session) -> Exchange:
    """Have the server look whether the files of an update session are right and complete."""
    return _call(session, FileOp.VALIDATE)


def prepare_file(session: Session, name: str) -> Exchange:
    """Ask a download session to make a file ready."""
    return _call(session, FileOp.PREPARE, {"file_name": name})


def read_file(session: Session, name: str) -> Exchange:
    """Read how far a download session is with a file."""
    return _call(session, FileOp.FILE, _named(session, name), name)


def item_files(session: Session) -> Exchange:
    """List the files that everybody sees in the session's item."""
    route = SUPPORT[session.cell.dialect][Support.ITEM_FILES]
    query = tuple((key, value.format(id=session.item)) for key, value in route.query)
    return session.door.send(
        route.method, route.path.format(id=in_path(session.item)), query=query, cell=str(session.cell)
    )


def read_item(session: Session) -> Exchange:
    """Read the session's item, as its own service shows it to everybody."""
    route = SUPPORT[session.cell.dialect][Support.READ_ITEM]
    return session.door.send(route.method, route.path.format(id=in_path(session.item)), cell=str(session.cell))


def push(session: Session, name: str, content: bytes) -> None:
    """Add a file by PUSH and upload its content over the address that the server gives.

    Raises:
        PremiseFailed: the server takes neither or not both.
    """
    upload(session, upload_address(add_file(session, pushed(name, content))), content)


def push_own(session: Session, file: OwnFile) -> None:
    """The same with a file of the user's, whose content no report has.

    Raises:
        PremiseFailed: the server takes neither or not both.
    """
    added = add_file(session, {"name": file.name, "source_type": "PUSH", "size": file.size})
    upload(session, upload_address(added), file)


def pushed(name: str, content: bytes) -> dict[str, Any]:
    """The AddSpec of a file whose content the client will push."""
    return {"name": name, "source_type": "PUSH", "size": len(content)}


def upload_address(added: Exchange) -> str:
    """Where the content of an added file goes.

    Raises:
        PremiseFailed: the answer names no such place.
    """
    return _address(added, "upload_endpoint", FILES[Cell.parse(added.cell or "")][FileOp.ADD].success)


def upload(session: Session, address: str, content: bytes | OwnFile) -> None:
    """Send content to the address that was given for it.

    Raises:
        PremiseFailed: it is not taken.
    """
    sent = _read_if_refused(session, transfer(session, "PUT", address, content))
    if sent.status not in (200, 201, 204):
        raise PremiseFailed("the upload to be taken", shown(sent), sent)


def download_link(session: Session, name: str, clock: Clock) -> str:
    """Have a file prepared and wait for its address.

    Raises:
        PremiseFailed: the server gives none in time.
        Inconclusive: the run may not wait that long.
    """
    answer = prepare_file(session, name)
    if not _is_settled(answer):
        for _ in polls(clock, 1.0, PREPARING):
            answer = read_file(session, name)
            if _is_settled(answer):
                break
    return _address(answer, "download_endpoint", (200,))


def transfer(session: Session, method: str, address: str, content: bytes | OwnFile | None = None) -> Exchange:
    """Send or fetch content at the address that a server gave; the token goes only to the target itself.

    Of what another origin answers only status, length and digest are kept.

    Raises:
        PremiseFailed: it is no address of HTTP, or one that only this machine reaches, so nobody can be asked.
    """
    origin = origin_of(address)
    if origin is None:
        raise PremiseFailed("an absolute address with http or https", repr(address))
    at_home = origin == origin_of(session.door.base)
    door = session.door if at_home else session.door.abroad()
    sent = door.send(method, address, body=_octets(content), headers={"accept": "*/*"}, cell=str(session.cell))
    if not at_home and sent.never_sent:
        raise PremiseFailed("an address that may be asked", sent.never_sent, sent)
    return sent


def _read_if_refused(session: Session, answer: Exchange) -> Exchange:
    """The answer; where it is a refusal, a read after it tells whether the session has failed by itself."""
    if answer.status in refusals.ANY:
        session.read()
    return answer


def _octets(content: bytes | OwnFile | None) -> Body | None:
    """Content as a body; of a file of the user's, evidence has the mark alone."""
    if isinstance(content, OwnFile):
        return Body(content.content, _OCTETS, content.mark)
    return None if content is None else Body(content, _OCTETS)


def _named(session: Session, name: str) -> Any:
    """The body that names a file, where the dialect does not name it in the address."""
    member = CONVENTIONS[session.cell.dialect].file_member
    return None if member is None else {member: name}


def _call(session: Session, op: FileOp, body: Any = None, name: str = "") -> Exchange:
    route = FILES[session.cell][op]
    return session.door.send(
        route.method,
        route.path.format(id=in_path(session.id), name=quote(name, safe="")),
        query=tuple((key, value.format(id=session.id, name=name)) for key, value in route.query),
        body=None if body is None else Body.json(body),
        cell=str(session.cell),
        operation=op,
        learn=lambda raw: _learn_keys(session, raw),
    )


def _learn_keys(session: Session, raw: Exchange) -> None:
    """Have what nobody could guess of the addresses in an answer hidden: whoever knows them needs no token."""
    limits.require_few_secrets(raw, session.door.recorder.redact)
    try:
        value = None if raw.response is None else raw.response.json
    except ValueError:
        return
    for kind, name, uri in _endpoints(value):
        _, _, behind = uri.partition("://")
        login, at, _ = behind.partition("/")[0].rpartition("@")
        for part in (login if at else "", *re.split("[/?&;=#]", behind.partition("/")[2])):
            if part == login or _is_key(part, name, session):
                session.door.recorder.redact.learn_key(kind, part)


def _is_key(part: str, name: str, session: Session) -> bool:
    """Whether a part of an address is long and odd enough for nobody to guess, and is no id that everybody knows."""
    plain = unquote(part)
    known = {name, session.id, session.item, *session.id.split(":")}
    odd = any(one.isdigit() for one in part) or not (part.islower() or part.isupper())
    return bool(_KEY.fullmatch(part)) and odd and plain not in known


def _endpoints(value: Any) -> Iterator[tuple[str, str, str]]:
    """The addresses for content in the JSON of an answer, each with what it is for and the name of its file."""
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _endpoints(inner)
    if isinstance(value, dict):
        for kind in ("upload", "download"):
            place = value.get(f"{kind}_endpoint")
            if isinstance(place, dict) and isinstance(place.get("uri"), str):
                yield kind, str(value.get("name")), place["uri"]


def _info(answer: Exchange) -> dict[str, Any]:
    """What an answer tells of one file; nothing if it tells of none."""
    if answer.response is None or answer.cell is None:
        return {}
    try:
        value = unwrapped(Cell.parse(answer.cell).dialect, answer.response.json)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _is_settled(answer: Exchange) -> bool:
    """Whether there is nothing to wait for: the file is ready, or never will be."""
    info = _info(answer)
    return answer.status != 200 or bool(info.get("download_endpoint")) or info.get("status") in {"PREPARED", "ERROR"}


def _address(answer: Exchange, endpoint: str, success: tuple[int, ...]) -> str:
    """The address in an answer that describes a file."""
    place = _info(answer).get(endpoint)
    uri = place.get("uri") if isinstance(place, dict) else None
    if answer.status not in success or not isinstance(uri, str):
        raise PremiseFailed(f"a file with {endpoint}", shown(answer), answer)
    return uri
