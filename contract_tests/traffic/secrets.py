r"""How a secret may be written where an answer, an address or a message repeats it.

Promised, for a secret of eight characters or more, wherever it stands in an exchange:

- plain, in UTF-8, Latin-1 or UTF-16; in hexadecimal (all digits in one case); in Base64 with either alphabet, with and
  without padding, alone or in the midst of other text that was encoded with it;
- each of these with any of its characters escaped, each in a way of its own: percent-encoded, as in JSON, HTML or
  quoted-printable, or a space as a plus sign; with the frames of HTTP chunks between them; once or several times over,
  and in each other up to eight deep (a `\u003c` in HTML in an address…);
- all that once more inside of a text that is itself in Base64 or hexadecimal, up to three deep: the whole run goes.

What a server decodes where we escaped nothing is the secret, too: `a%41b` is hidden where it is written `aAb`.

Not promised: compressed, encrypted, reversed or in another case; in Base64 over several lines, or of fewer than
sixteen characters around an escaped secret; its parts.
"""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from contract_tests.traffic.escapes import STARTERS, Layer, levels

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_SHORT: Final = 8  # a secret shorter than this may be part of innocent text, or be a number of a body
_WINDOW: Final = 8  # characters that are looked up at once
_EATEN: Final = 6  # characters that an escape may take from what follows it: `\` before `u0041x`
_TAIL: Final = 9  # characters of a form's end in which an escape may begin that takes from what follows the form
_PACKED: Final = 3  # texts in Base64 in each other
_REPEATED: Final = 200  # characters of a text that may come again, as header values and reasons do
_REMEMBERED: Final = 2000  # such texts that are remembered
_WINDOWS: Final = re.compile(f"(?s).{{{_WINDOW}}}")
_RUN: Final = re.compile(r"[A-Za-z0-9+/_-]{16,}")
_HEX: Final = re.compile(r"(?:[0-9A-Fa-f]{2}){10,}")
_READABLE: Final = re.compile(rb"[\t\n\r -~]{10,}")
_FROM_URL: Final = str.maketrans("-_", "+/")

_Span = tuple[int, int, str]
"""Where a secret stands, and its mark."""


@dataclass(frozen=True)
class _Form:
    """A way to write a secret, as bytes read as Latin-1.

    `core` is what of it is left in a text whose escapes were taken away, whatever stands around it: the signs before
    may have taken its beginning for a part of theirs (`head` characters), and its end may have taken from those behind.
    """

    text: str
    mark: str
    head: int
    core: str

    @classmethod
    def of(cls, text: str, mark: str) -> _Form:
        starts = [place for place in range(max(len(text) - _TAIL, 0), len(text)) if text[place] in STARTERS]
        end = starts[0] if starts and starts[0] > 2 else len(text)
        head = min(_EATEN, max(end - 4, 0))
        return cls(text, mark, head, text[head:end])

    def spans(self, level: Layer) -> Iterator[tuple[int, int]]:
        """Where it stands, in the text at the bottom."""
        if level.below is None:
            start = level.text.find(self.text)
            while start >= 0:
                yield start, start + len(self.text)
                start = level.text.find(self.text, start + len(self.text))
            return
        start = level.text.find(self.core)
        while start >= 0:
            found = self._around(level, start)
            if found is not None:
                yield found
            start = level.text.find(self.core, start + 1)

    def _around(self, level: Layer, start: int) -> tuple[int, int] | None:
        """The whole form around its core; what is not here has to stand further below, where nothing took it yet."""
        end = start + len(self.core)
        before, behind = self.text[: self.head], self.text[self.head + len(self.core) :]
        while before and start and level.text[start - 1] == before[-1]:
            before, start = before[:-1], start - 1
        while behind and level.text[end : end + 1] == behind[0]:
            behind, end = behind[1:], end + 1
        while level.below is not None:
            (start, end), level = level.span_below(start, end), level.below
            if before and level.text.endswith(before, 0, start):
                before, start = "", start - len(before)
            if behind and level.text.startswith(behind, end):
                behind, end = "", end + len(behind)
        return None if before or behind else (start, end)


class Secrets:
    """The secrets that are known, each with the mark that takes its place. May be asked while one is added.

    All texts are bytes read as Latin-1.
    """

    def __init__(self) -> None:
        # Lists, as one may be read while it grows.
        self._rare: list[_Form] = []  # too short for windows; sought one by one
        self._common: dict[str, list[_Form]] = {}  # by each window that a text may be cut at
        self._short: tuple[tuple[str, str], ...] = ()  # what stands for a whole JSON string, and its mark
        self._changes = 0
        self._clean: dict[str, int] = {}  # short texts that held no secret, and after how many changes that was seen

    def add(self, text: str, mark: str) -> None:
        """Have a secret hidden from now on; one of fewer than eight characters only where it is a JSON string."""
        if len(text) < _SHORT:
            shapes = {form for form in _shapes(text) if len(form) < _SHORT and form.isprintable()}
            quoted = {*(f'"{shape}"' for shape in shapes), _bytes_of(json.dumps(text))}
            self._short += tuple((one, f'"{mark}"') for one in sorted(quoted, key=len, reverse=True))
        for form in dict.fromkeys(form for form in _shapes(text) if len(form) >= _SHORT):
            self._register(_Form.of(form, mark))
        self._changes += 1  # last: what was looked at before now counts for nothing

    def _register(self, form: _Form) -> None:
        # A text is cut every eight characters: of fifteen in a row, eight are a window for certain.
        if len(form.core) < 2 * _WINDOW - 1:
            self._rare.append(form)
            return
        for start in range(_WINDOW):
            self._common.setdefault(form.core[start : start + _WINDOW], []).append(form)

    def replaced(self, text: str) -> str:
        """The text with marks in the place of secrets."""
        changes = self._changes  # before the look: a secret may be added meanwhile
        if self._clean.get(text) == changes:
            return text
        whole = text
        if found := self._found(text, read := list(levels(text))):
            text = _marked(text, found)
            read = list(levels(text))
        text = _marked(text, self._found_packed(read, _PACKED))
        if text == whole:
            self._remember(text, changes)
        return text

    def _remember(self, text: str, changes: int) -> None:
        """Do not look at a text again that held no secret, until there are other secrets."""
        if len(text) <= _REPEATED:
            if len(self._clean) >= _REMEMBERED:
                self._clean.clear()
            self._clean[text] = changes

    def replaced_in_words(self, text: str) -> str:
        """The same for a text of any characters: a traceback, an address."""
        seen = _bytes_of(text)
        if (hidden := self.replaced(seen)) == seen:
            return text
        return hidden.encode("latin-1").decode(errors="replace")

    def may_be_in(self, texts: Iterable[str]) -> bool:
        """Whether it is worth while to look at any of the texts: one look at all of them is cheaper than many."""
        changes = self._changes
        new = [text for text in texts if self._clean.get(text) != changes]
        whole = "\n".join(new)
        read = list(levels(whole))
        if self._found(whole, read) or self._found_packed(read, _PACKED):
            return True
        if "\r" not in whole:  # else one text may have been the frame of a chunk, and have taken from the next
            for text in new:
                self._remember(text, changes)
        return False

    def _found(self, text: str, read: Iterable[Layer]) -> list[_Span]:
        """Where secrets stand, in order; none overlaps another."""
        spans: set[_Span] = set()
        for level in read:
            for form in self._forms_in(level.text):
                spans.update((start, end, form.mark) for start, end in form.spans(level))
        for short, mark in self._short:
            spans.update((one.start(), one.end(), mark) for one in re.finditer(re.escape(short), text))
        return _disjoint(spans)

    def _found_packed(self, read: Iterable[Layer], depth: int) -> list[_Span]:
        """Where texts stand, in Base64 or hexadecimal, that hold secrets."""
        spans: set[_Span] = set()
        for level in read:
            for place, inner in _packed(level.text):
                within = list(levels(inner))
                found = self._found(inner, within) or (depth > 1 and self._found_packed(within, depth - 1))
                if found:
                    spans.add((*level.bottom(*place), found[0][2]))
        return _disjoint(spans)

    def _forms_in(self, text: str) -> set[_Form]:
        """The forms that may be in a text: many secrets cost no more time than few."""
        rare = {form for form in self._rare if form.core in text}
        windows = _WINDOWS.findall(text)
        if self._common.keys().isdisjoint(windows):  # nearly always
            return rare
        return rare.union(*(self._common[window] for window in self._common.keys() & set(windows)))


def _marked(text: str, spans: list[_Span]) -> str:
    pieces: list[str] = []
    last = 0
    for start, end, mark in spans:
        pieces += (text[last:start], mark)
        last = end
    return "".join([*pieces, text[last:]]) if spans else text


def _disjoint(spans: Iterable[_Span]) -> list[_Span]:
    """Spans that overlap as one, with the mark of the longest of them: a secret may hold another one."""
    kept: list[_Span] = []
    longest = 0
    for start, end, mark in sorted(spans):
        if not kept or start >= kept[-1][1]:
            kept.append((start, end, mark))
            longest = end - start
            continue
        first, last, known = kept[-1]
        kept[-1] = first, max(last, end), mark if end - start > longest else known
        longest = max(longest, end - start)
    return kept


def _packed(text: str) -> Iterator[tuple[tuple[int, int], str]]:
    """What in a text is Base64 or hexadecimal of something readable: where it stands, and what it is."""
    for found in _RUN.finditer(text):
        run = found[0]
        if not (run.islower() or run.isupper()):  # a word, an id: Base64 of a text has both
            for shift in range(4):
                part = run[shift:].translate(_FROM_URL)
                part = part[:-1] if len(part) % 4 == 1 else part
                inner = base64.b64decode(part + "=" * (-len(part) % 4))
                if _READABLE.search(inner):
                    yield found.span(), inner.decode("latin-1")
        for digits in _HEX.finditer(text, *found.span()):  # what is hexadecimal is a part of such a run
            inner = bytes.fromhex(digits[0])
            if _READABLE.search(inner):
                yield digits.span(), inner.decode("latin-1")


def _shapes(text: str) -> Iterator[str]:
    """All ways to write a secret that need no escape, and what is left of it where escapes are taken away."""
    seen = _bytes_of(text)
    yield from (level.text for level in levels(seen))
    yield _bytes_of(seen)
    if all(ord(sign) < 256 for sign in text):
        yield text
    encoded = text.encode(errors="surrogatepass")
    for form in ("utf-16-le", "utf-16-be"):
        yield text.encode(form, errors="surrogatepass").decode("latin-1")
    yield encoded.hex()
    yield encoded.hex().upper()
    for alphabet in (base64.b64encode, base64.urlsafe_b64encode):
        whole = alphabet(encoded).decode()
        yield from (whole, whole.rstrip("="))
        for before, start in enumerate((0, 2, 3)):
            # Six bits make a character: those that the neighbours have a share in are left out.
            yield alphabet(bytes(before) + encoded).decode()[start : (before + len(encoded)) * 8 // 6]


def _bytes_of(text: str) -> str:
    """A text in UTF-8 as it looks in bytes that are read as Latin-1."""
    return text if text.isascii() else text.encode(errors="surrogatepass").decode("latin-1")
