r"""Text without its escapes, level by level, each position of it mapped back to the text that it came from.

An escape is percent-encoding, JSON's (`\u0061`, `\/`), Python's (`\x61`), HTML's (`&#97;`, `&lt;`) or
quoted-printable's (`=3D`); the frame of an HTTP chunk and the soft line break of quoted-printable are escapes for
nothing. One level takes away every kind once; what is escaped in escapes (`%2525`, `\\u0061`, `&amp;lt;`) takes more.
Texts here are bytes read as Latin-1, and a character beyond ASCII is its bytes in UTF-8.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from html.entities import html5
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

DEEPEST: Final = 8
"""Levels that are taken away."""

STARTERS: Final = frozenset("%=\\&\r")
"""What an escape begins with."""

_ESCAPE: Final = re.compile(
    r"[%=\\&\r](?:"  # a set of signs to begin with is what can be looked for fast
    r"(?<=[%=])([0-9A-Fa-f]{2})"
    r"|(?<=\\)(?:u([dD][89abAB][0-9A-Fa-f]{2})\\u([dD][c-fC-F][0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|x([0-9A-Fa-f]{2}))"
    r"|(?<=\\)([\"\\/bfnrt])"
    r"|(?<=&)(?:#0*([0-9]{1,7})|#[xX]0*([0-9A-Fa-f]{1,6})|([A-Za-z][A-Za-z0-9]{1,30}));"
    r"|((?<=\r)\n[0-9A-Fa-f]{1,8}(?:;[^\r\n]{0,80})?\r\n|(?<==)\r?\n))"
)
_UNNAMED: Final = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


@dataclass
class Layer:
    """A text, and where its parts stand in the text of the level `below`; None below is the text as it came.

    Of each escape that was taken away: `at` is where its text begins here, `ends` where that ends; `starts_below` and
    `ends_below` are its place below.
    """

    text: str
    below: Layer | None = None
    at: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    starts_below: list[int] = field(default_factory=list)
    ends_below: list[int] = field(default_factory=list)

    def span_below(self, start: int, end: int) -> tuple[int, int]:
        """Where the part from `start` to `end`, which is not empty, stands below: from the first sign to the last."""
        return self._below(start)[0], self._below(end - 1)[1]

    def bottom(self, start: int, end: int) -> tuple[int, int]:
        """Where a part stands in the text as it came."""
        level = self
        while level.below is not None:
            (start, end), level = level.span_below(start, end), level.below
        return start, end

    def _below(self, position: int) -> tuple[int, int]:
        """The span below that one character comes from."""
        number = bisect_right(self.at, position) - 1
        # Escapes for nothing stand at the same place as what follows them.
        if number < 0:
            return position, position + 1
        if position < self.ends[number]:
            return self.starts_below[number], self.ends_below[number]
        moved = position - self.ends[number] + self.ends_below[number]
        return moved, moved + 1


def levels(text: str) -> Iterator[Layer]:
    """The text itself, then without its escapes, level by level, up to `DEEPEST`; each is another than the one below.

    Where plus signs are left, the last one has them as spaces, as forms are encoded.
    """
    level = Layer(text)
    yield level
    for _ in range(DEEPEST):
        above = _unescaped(level)
        if above.text == level.text:
            break
        level = above
        yield level
    if "+" in level.text:
        yield Layer(level.text.replace("+", " "), level)


def _unescaped(below: Layer) -> Layer:
    text, above = below.text, Layer("", below)
    pieces: list[str] = []
    last, length = 0, 0
    for found in _ESCAPE.finditer(text):
        start, end = found.span()
        piece = _character(found)
        length += start - last
        above.at.append(length)
        length += len(piece)
        above.ends.append(length)
        above.starts_below.append(start)
        above.ends_below.append(end)
        pieces += (text[last:start], piece)
        last = end
    above.text = "".join([*pieces, text[last:]]) if pieces else text
    return above


def _character(found: re.Match[str]) -> str:
    """What an escape stands for; what is none after all stays as it is."""
    byte, high, low, unit, python, short, decimal, digits, name, _ = found.groups()
    if byte or python:
        return chr(int(byte or python, 16))
    if short:
        return _UNNAMED.get(short, short)
    if high:
        return _seen(chr(0x10000 + ((int(high, 16) & 0x3FF) << 10) + (int(low, 16) & 0x3FF)))
    if name:
        known = html5.get(f"{name};")
        return found[0] if known is None else _seen(known)
    if not (unit or decimal or digits):
        return ""
    number = int(decimal) if decimal else int(unit or digits, 16)
    return _seen(chr(number)) if number < 0x110000 else found[0]


def _seen(text: str) -> str:
    """A text in UTF-8 as it looks in bytes that are read as Latin-1."""
    return text.encode(errors="surrogatepass").decode("latin-1")
