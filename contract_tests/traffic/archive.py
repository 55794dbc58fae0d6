"""evidence.har: everything that a run exchanged, as an HTTP Archive (HAR 1.2), written and read back.

`har.entries` says what stands in an entry beside what HAR has a place for. The comment of the whole log names the form
of what is the suite's own in it; form 1, of before, is read as well. evidence.har.gz is the same text, compressed.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

from contract_tests import __version__
from contract_tests.problems import UsageProblem
from contract_tests.traffic.har import first_form
from contract_tests.traffic.har.entries import EntryWriter, id_at, ids_like, read_entries, utc
from contract_tests.traffic.inputs import UNLIKELY, parse_json, read_unpacked

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from contract_tests.traffic.exchange import Exchange

FILE: Final = "evidence.har"
PACKED: Final = "evidence.har.gz"

_FORM: Final = 2
_READABLE: Final = (1, _FORM)

_ABOUT: Final = (
    "Headers that many messages have in common, and bodies that are very long, are told once: in _headers and _bodies."
)

_encode = json.JSONEncoder(separators=(",", ":")).encode


@dataclass(frozen=True)
class KeptPlay:
    """What was exchanged under one name, with notes of its maker; `lane` is the process that sent it."""

    exchanges: tuple[Exchange, ...]
    notes: tuple[dict[str, Any], ...] = ()
    lane: str = ""


@dataclass(frozen=True)
class Recording:
    """A run, as evidence.har has it: how it was set, and its plays by name."""

    settings: Mapping[str, Any]
    plays: Mapping[str, KeptPlay]


def evidence_in(folder: Path) -> Path:
    """The archive in a reports folder: evidence.har, or evidence.har.gz where there is only that."""
    plain, packed = folder / FILE, folder / PACKED
    return packed if packed.exists() and not plain.exists() else plain


def write_recording(path: Path, recording: Recording, *, packed: bool = False) -> str:
    """Write the archive, `packed` by gzip or as it is; gives the SHA-256 of the text, in hexadecimal.

    Plays are sorted by name, so that two runs differ in times and ids only.
    """
    digest = hashlib.sha256()
    with ExitStack() as stack:
        file: Any = stack.enter_context(path.open("wb"))
        if packed:
            file = stack.enter_context(gzip.GzipFile("", "wb", fileobj=file, mtime=0, compresslevel=6))
        for piece in _pieces(recording):
            told = piece.encode()
            digest.update(told)
            file.write(told)
    return digest.hexdigest()


def read_recording(path: Path) -> Recording:
    """Read an archive that `write_recording` has written, in any form.

    Raises:
        UsageProblem: there is none, or it is another's.
    """
    try:
        log = parse_json(read_unpacked(path))["log"]
        about = parse_json(log["comment"])
        form = about["form"]
        if form not in _READABLE:
            raise UsageProblem(f"{path} was written by another version of the suite ({log['creator']['version']})")
        gathered = first_form.read_entries(log["entries"]) if form == 1 else read_entries(log)
        plays = {name: KeptPlay(tuple(kept), tuple(notes), lane) for name, (lane, kept, notes) in gathered.items()}
        return Recording(about["settings"], plays)
    except UNLIKELY as problem:
        raise UsageProblem(
            f"{path} is no recording of this suite, or is damaged ({type(problem).__name__}: {problem}); "
            f"give the {FILE} of a reports directory"
        ) from None


def _pieces(recording: Recording) -> Iterator[str]:
    """The text of an archive, a line for each page and entry."""
    plays = [(name, play) for name, play in sorted(recording.plays.items()) if play.exchanges]
    writer = EntryWriter(chain.from_iterable(play.exchanges for _, play in plays))
    head = {"version": "1.2", "creator": {"name": "cl-contract", "version": __version__}}
    about = _encode({"form": _FORM, "about": _ABOUT, "settings": recording.settings})
    yield f'{{"log":{_encode(head)[:-1]},"comment":{_encode(about)},\n'
    likes = [ids_like(play.exchanges[0].id) for _, play in plays]
    pages = (
        {
            "startedDateTime": utc(play.exchanges[0].started),
            "id": f"p{number}",
            "title": name,
            "pageTimings": {},
            "_lane": play.lane,
            "_ids": likes[number],
        }
        for number, (name, play) in enumerate(plays)
    )
    yield from _list("pages", pages)
    entries = (
        writer.entry(exchange, f"p{page}", id_at(number, likes[page]), notes.get(number))
        for page, (_, play) in enumerate(plays)
        for notes in ({note["exchange"]: note for note in play.notes},)
        for number, exchange in enumerate(play.exchanges)
    )
    yield from _list("entries", entries)
    tables = writer.tables()
    yield ",\n".join(f'"{name}":{_encode(table)}' for name, table in tables.items())
    yield "\n}}\n"


def _list(name: str, items: Iterator[dict[str, Any]]) -> Iterator[str]:
    yield f'"{name}":['
    for number, item in enumerate(items):
        yield f"{',' * bool(number)}\n{_encode(item)}"
    yield "],\n"
