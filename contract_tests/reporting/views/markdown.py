"""Markdown as GitHub reads it, from texts that may be hostile: a server's words neither format, link, nor mention."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from contract_tests.reporting.views.markup import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_SIGNS: Final = re.compile(r"^(?:[-+=]|[0-9]+[.)])|[!\"#$&'*<>@\[\\\]^_`{|}~]|:(?! )|(?<=[wW])\.")
"""What may mean something to Markdown, HTML, or GitHub: its last character has to be written otherwise."""
_TICKS: Final = re.compile("`+")


def plain(text: str, limit: int = 300) -> str:
    """`text` on one line, as a reader sees it and nothing more; longer ones are cut.

    What could be Markdown, HTML, a column of a table or a link stands as a character reference, which is none of
    them.
    """
    told = visible(" ".join(_sound(text).split()))
    cut = told if len(told) <= limit else f"{told[: limit - 1]}…"
    return _SIGNS.sub(lambda found: f"{found[0][:-1]}&#{ord(found[0][-1])};", cut)


def code(text: str, limit: int = 300) -> str:
    """`text` as code, where GitHub looks for no names of people, issues or commits either."""
    return f"<code>{plain(text, limit)}</code>"


def fenced(text: str, limit: int = 2000) -> list[str]:
    """`text` as a block of code, in a fence that is longer than any in it; longer texts are cut."""
    told = visible(_sound(text).replace("\r", ""))
    if len(told) > limit:
        told = f"{told[:limit]}\n… {len(told) - limit} more characters"
    fence = "`" * max([3, *(len(ticks) + 1 for ticks in _TICKS.findall(told))])
    return ["", f"{fence}text", *told.split("\n"), fence, ""]


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """A table; its cells are Markdown already."""
    written = [f"| {' | '.join(row)} |" for row in rows]
    return ["", f"| {' | '.join(head)} |", f"|{' --- |' * len(head)}", *written, ""]


def details(summary: str, lines: Iterable[str]) -> list[str]:
    """Lines that are shown when a reader opens them; `summary` is HTML already."""
    return ["", f"<details><summary>{summary}</summary>", "", *lines, "", "</details>", ""]


def bounded(blocks: Iterable[Sequence[str]], limit: int, rest: str) -> str:
    """The blocks of lines that fit into `limit` bytes of UTF-8, each as a whole, and `rest` if some do not."""
    room = limit - len(rest.encode()) - 2
    written: list[str] = []
    for block in blocks:
        text = "".join(f"{line}\n" for line in block)
        room -= len(text.encode())
        if room < 0:
            return "".join([*written, f"\n{rest}\n"])
        written.append(text)
    return "".join(written)


def _sound(text: str) -> str:
    """`text` without halves of surrogate pairs, which no file can hold."""
    return text.encode("utf-8", "replace").decode()
