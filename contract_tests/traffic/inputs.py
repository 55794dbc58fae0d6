"""Files that a user names, and that anybody may have written: read within bounds, refused with one sentence."""

from __future__ import annotations

import gzip
import io
import json
import math
import stat
import zlib
from typing import TYPE_CHECKING, Any, Final

from contract_tests.problems import UsageProblem

if TYPE_CHECKING:
    from pathlib import Path

LONGEST: Final = 512 * 2**20
"""Bytes of a file that are read; the archive of a whole run has a tenth of that."""

_GZIP: Final = b"\x1f\x8b"
"""What a file that is packed by gzip begins with."""

UNLIKELY: Final = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What Python raises where data from a file is not what it was taken for."""


def read_input(path: Path, option: str = "") -> bytes:
    """The content of a file; `option` names the option that it was given by, in what is told of it.

    Raises:
        UsageProblem: it can't be read, is no regular file (a pipe that nobody writes to is read for ever), or is
            longer than `LONGEST`.
    """
    name = f"{option} {path}".strip()
    try:
        about = path.stat()
        if not stat.S_ISREG(about.st_mode):
            kind = "Is a directory" if stat.S_ISDIR(about.st_mode) else "it is no regular file"
            raise UsageProblem(f"{name} can't be read: {kind}")
        if about.st_size > LONGEST:
            raise UsageProblem(f"{name} can't be read: it has more than {LONGEST // 2**20} MiB")
        with path.open("rb") as file:
            content = file.read(LONGEST + 1)
    except OSError as problem:
        raise UsageProblem(f"{name} can't be read: {problem.strerror or problem}") from None
    except ValueError as problem:  # a NUL in the name
        raise UsageProblem(f"{name!r} can't be read: {problem}") from None
    return content


def read_unpacked(path: Path) -> bytes:
    """The content of a file, unpacked if it is packed by gzip, whatever it is called.

    Raises:
        UsageProblem: it can't be read or unpacked, or is longer than `LONGEST`, packed or not.
    """
    content = read_input(path)
    if not content.startswith(_GZIP):
        return content
    try:
        unpacked = gzip.GzipFile(fileobj=io.BytesIO(content)).read(LONGEST + 1)
    except (EOFError, OSError, zlib.error) as problem:
        raise UsageProblem(f"{path} can't be read: it can't be unpacked ({problem})") from None
    if len(unpacked) > LONGEST:
        raise UsageProblem(f"{path} can't be read: unpacked, it has more than {LONGEST // 2**20} MiB")
    return unpacked


def parse_json(text: bytes | str) -> Any:
    """JSON as its standard has it (RFC 8259), each name once in an object, and all numbers finite.

    Raises:
        ValueError: it is none; the text says why, in a few words.
    """
    try:
        told = text if isinstance(text, str) else text.decode()
        return json.loads(
            told, object_pairs_hook=_object, parse_constant=_refuse_constant, parse_float=_float, parse_int=_int
        )
    except UnicodeDecodeError as problem:
        raise ValueError(f"it is no JSON (not UTF-8: {problem.reason} at byte {problem.start})") from None
    except json.JSONDecodeError as problem:
        raise ValueError(f"it is no JSON ({problem})") from None
    except RecursionError:
        raise ValueError("it is no JSON that can be read: it is nested too deep") from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in members if names.count(name) > 1)
        raise ValueError(f"its JSON has the name {twice[:60]!r} twice in an object")
    return members


def _refuse_constant(name: str) -> None:
    raise ValueError(f"it is no JSON ({name} is no number)")


def _float(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"the number {text[:60]} in its JSON is too great")
    return number


def _int(text: str) -> int:
    """Raise ValueError for what has no 64 bits: Python reads and writes only some of those, and slowly."""
    if len(text) > 20 or not -(2**63) <= int(text) < 2**64:
        raise ValueError(f"the number {text[:60]}{'…' * (len(text) > 60)} in its JSON is too great")
    return int(text)
