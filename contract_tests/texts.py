"""Texts about what a server said: printable, and no longer than anybody reads."""

from __future__ import annotations

from typing import Final

LONGEST: Final = 2000
"""Characters of a sentence about what a server said; who wants more reads the exchange."""


def printable(text: str) -> str:
    """Escape what would break a line, move the cursor of a terminal or not be text at all: servers may send it."""
    if text.isprintable():
        return text
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in text)


def sentence(text: str) -> str:
    """Words about what a server said, printable and no longer than `LONGEST`."""
    told = printable(text[: LONGEST + 1])
    return told if len(told) <= LONGEST else f"{told[:LONGEST]}…"
