"""Texts and bytes as words of a POSIX shell, with variables and commands in their midst."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from contract_tests.problems import NotScriptable

if TYPE_CHECKING:
    from collections.abc import Sequence

_READABLE: Final = re.compile(rb"[\n -~]*")
_RUN: Final = re.compile(rb"(.{1,16}?)\1{39,}", re.DOTALL)
LONGEST_INLINE: Final = 2000
"""Bytes of a body that stands in a command itself."""
LONGEST: Final = 60_000
"""Bytes of a body that a script spells out; what repeats itself counts once."""


@dataclass(frozen=True)
class Hole:
    """What stands for a value that is known only when the script runs: `${SESSION}`, say, or `$(changed ...)`."""

    code: str

    def __post_init__(self) -> None:
        # In braces: what stands behind a name must not become part of it.
        object.__setattr__(self, "code", re.sub(r"\A\$([A-Z_0-9]+)\Z", r"${\1}", self.code))


Piece = str | Hole


def word(pieces: Sequence[Piece]) -> str:
    """One word of a command; what is no hole means nothing to the shell."""
    if all(isinstance(piece, str) for piece in pieces):
        return shlex.quote("".join(map(str, pieces)))
    plain = "".join(piece for piece in pieces if isinstance(piece, str))
    if "'" not in plain and re.search(r'["$`\\]', plain):
        return "".join(
            f"'{piece}'" if isinstance(piece, str) else f'"{piece.code}"' for piece in pieces if piece not in {"", "''"}
        )
    return '"' + "".join(_in_quotes(piece) if isinstance(piece, str) else piece.code for piece in pieces) + '"'


def _in_quotes(text: str) -> str:
    return re.sub(r'(["$`\\])', r"\\\1", text)


def is_readable(body: bytes) -> bool:
    """Whether bytes can stand in a word as they are."""
    return len(body) <= LONGEST_INLINE and _READABLE.fullmatch(body) is not None


def printed(body: bytes) -> list[str]:
    """Commands that print these bytes, whatever they are.

    Raises:
        NotScriptable: they are too many.
    """
    commands, at, spelt = [], 0, 0
    for found in _RUN.finditer(body):
        commands += _spelt(body[at : found.start()])
        spelt += found.start() - at
        commands.append(f"repeated {_printed_word(found[1])} {len(found[0]) // len(found[1])}")
        at = found.end()
    commands += _spelt(body[at:])
    if spelt + len(body) - at > LONGEST:
        raise NotScriptable(f"it sends a body of {len(body)} bytes, which no script spells out")
    return commands


def _spelt(body: bytes) -> list[str]:
    lines = (body[at : at + 60] for at in range(0, len(body), 60))
    return [f"printf {shlex.quote(_format(line))}" for line in lines]


def _format(text: bytes) -> str:
    """What printf makes these bytes of; it would take a hyphen at its beginning for an option."""
    told = "".join(map(_escaped, text))
    return rf"\055{told[1:]}" if told.startswith("-") else told


def _printed_word(text: bytes) -> str:
    if re.fullmatch(rb"[ -~]+", text) and b"\\" not in text:
        return shlex.quote(text.decode())
    # awk reads escapes in what it is given by -v
    return shlex.quote("".join(f"\\{byte:03o}" for byte in text))


def _escaped(byte: int) -> str:
    sign = chr(byte)
    return sign if sign.isascii() and (sign.isalnum() or sign in " {}[]:,._-<>=/@?&+;") else f"\\{byte:03o}"


def text_of(value: str) -> list[Piece]:
    """A header's value or an address, whose signs stand for bytes; the odd ones are printed."""
    if value.isprintable() and value.isascii():
        return [value]
    return [Hole(f"$(printf {_double(_format(value.encode('latin-1', 'replace')))})")]


def _double(text: str) -> str:
    return "'" + text + "'"


def comment(text: str, limit: int = 400) -> str:
    """A text as comments: nothing in it ends the line."""
    told = " ".join(text.split())
    return f"# {told if len(told) <= limit else told[: limit - 1] + '…'}"
