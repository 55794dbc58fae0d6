"""Checks of files: what a list of them shows, and what comes back at an address."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from contract_tests.contract import Cell
from contract_tests.contract.dialects import unwrapped
from contract_tests.problems import PremiseFailed
from contract_tests.rules.checks.flaw import Flaw, Flaws, check, shown
from contract_tests.traffic.exchange import DIGEST, LENGTH

if TYPE_CHECKING:
    from collections.abc import Mapping

    from contract_tests.traffic.exchange import Exchange

_LASTING = ("name", "size", "version")
"""What a file is known by; a server may find out checksums, or move content to its cache, whenever it likes."""


def listed_files(listed: Exchange) -> dict[str, dict[str, Any]]:
    """The files of a successful list, of an item or of a session, by name; null is one without files.

    How lists of files look is no rule of this contract; they are only what shows other rules.

    Raises:
        PremiseFailed: the answer is not a list of files.
    """
    files: Any = None
    if listed.status == 200 and listed.response is not None and listed.cell is not None:
        try:
            files = unwrapped(Cell.parse(listed.cell).dialect, listed.response.json)
            files = [] if files is None else files
        except ValueError:
            files = None
    if not isinstance(files, list) or not all(
        isinstance(one, dict) and isinstance(one.get("name"), str) for one in files
    ):
        raise PremiseFailed("a list of files", shown(listed), listed)
    return {one["name"]: one for one in files}


@check()
def shows_files(listed: Exchange, contents: Mapping[str, bytes]) -> Flaws:
    """These files are in the list; where it gives a size, it is that of the content."""
    files = listed_files(listed)
    flaws = [
        Flaw(f"a file called {name!r} in the list", _names(files), listed) for name in contents if name not in files
    ]
    for name, content in contents.items():
        size = files.get(name, {}).get("size")
        if size is not None and size != len(content):
            flaws.append(Flaw(f"{name!r} with size {len(content)}", f"size {size}", listed))
    return flaws


@check()
def shows_no_files(listed: Exchange, *names: str) -> Flaws:
    """No file of these names is in the list."""
    files = listed_files(listed)
    return [Flaw(f"no file called {name!r} in the list", _names(files), listed) for name in names if name in files]


@check()
def same_files(before: Exchange, after: Exchange) -> Flaws:
    """Two lists show the same files: names, sizes and versions."""
    then, now = listed_files(before), listed_files(after)
    if list(map(_lasting, _sorted(then))) == list(map(_lasting, _sorted(now))):
        return []
    return [Flaw(f"the files as before: {_told(then)}", _told(now), after)]


@check()
def same_item(before: Exchange, after: Exchange) -> Flaws:
    """Two reads of an item show the same `content_version` and `size`, where they show them."""
    then, now = _item(before), _item(after)
    return [
        Flaw(f"{name} of the item as before: {then[name]!r}", f"{name} {now[name]!r}", after)
        for name in ("content_version", "size")
        if name in then and name in now and then[name] != now[name]
    ]


def _item(answer: Exchange) -> dict[str, Any]:
    """What a read shows of an item; nothing if it shows none: that is no rule of this contract."""
    if answer.status != 200 or answer.response is None or answer.cell is None:
        return {}
    try:
        item = unwrapped(Cell.parse(answer.cell).dialect, answer.response.json)
    except ValueError:
        return {}
    return item if isinstance(item, dict) else {}


@check()
def keeps_files(before: Exchange, after: Exchange) -> Flaws:
    """No file of the first list is lost, or another one; where a server lists none, nothing can be said."""
    try:
        then = listed_files(before)
    except PremiseFailed:
        return []
    try:
        now = listed_files(after)
    except PremiseFailed as lost:
        return [Flaw(lost.expected, lost.observed, after)]
    kept = {name: file for name, file in now.items() if name in then}
    if list(map(_lasting, _sorted(then))) == list(map(_lasting, _sorted(kept))):
        return []
    return [Flaw(f"the files as before: {_told(then)}", _told(now), after)]


@check()
def gives_content(fetched: Exchange, content: bytes) -> Flaws:
    """The answer is the content, to the last byte."""
    expected = f"the content, {len(content)} bytes, with 200"
    if fetched.status != 200 or fetched.response is None:
        return [Flaw(expected, shown(fetched), fetched)]
    body = fetched.response.body
    if fetched.is_digest:
        kept = fetched.response.header(DIGEST)
        told = f"{fetched.response.header(LENGTH)} bytes with SHA-256 {kept}"
        return [] if kept == hashlib.sha256(content).hexdigest() else [Flaw(expected, told, fetched)]
    if body == content:
        return []
    pairs = zip(body, content, strict=False)
    same = next((place for place, (ours, theirs) in enumerate(pairs) if ours != theirs), min(len(body), len(content)))
    return [Flaw(expected, f"{len(body)} bytes, the same up to byte {same}", fetched)]


@check()
def gives_no_content(fetched: Exchange) -> Flaws:
    """The address does not yield content (any more)."""
    if fetched.status is None or fetched.status >= 300:
        return []
    return [Flaw("no content behind the address", shown(fetched), fetched)]


def _names(files: Mapping[str, Any]) -> str:
    return f"files {', '.join(map(repr, sorted(files)))}" if files else "no files"


def _told(files: Mapping[str, dict[str, Any]]) -> str:
    return f"{list(map(_lasting, _sorted(files)))}"


def _sorted(files: Mapping[str, dict[str, Any]]) -> list[dict[str, Any]]:
    return [files[name] for name in sorted(files)]


def _lasting(file: Mapping[str, Any]) -> dict[str, Any]:
    return {member: file[member] for member in _LASTING if file.get(member) is not None}
