r"""How a secret may be written where an answer, an address or a message repeats it.

Promised, for a secret of eight characters or more: plain, in UTF-8 or UTF-16; Base64, with either alphabet, with and
without padding, alone or in the midst of other text that was encoded with it; hexadecimal; and with any of its
characters escaped, each in a way of its own, once or several times over: percent-encoded, as in JSON (`\u0061`,
`\/`), HTML (`&#97;`, `&lt;`) or quoted-printable (`=3D`), with the frames of HTTP chunks between them.

Not promised: compressed, encrypted, reversed or in another case; Base64 over several lines; its parts. Nor, where it
has more than 4096 characters, single characters of it escaped.
"""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass
from functools import cached_property
from html.entities import html5
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_SHORT = 8  # a secret shorter than this may be part of innocent text, or be a number of a body
_LONG = 4096  # more than fits into a header; the pattern of all its spellings takes a millisecond a character to make
_PRIVATE = 0xF0000  # where a plane of Unicode begins that nothing is assigned to
_FRAME = r"\r\n[0-9A-Fa-f]{1,8}(?:;[^\r\n]{0,80})?\r\n"
_ESCAPE = re.compile(
    r"[%=](?:25)*([0-9A-Fa-f]{2})|\\+u([0-9A-Fa-f]{4})|\\+([\"\\/bfnrt])"
    rf"|&(?:amp;)*(?:#0*([0-9]{{1,7}})|#[xX]0*([0-9A-Fa-f]{{1,6}})|([A-Za-z]{{2,8}}));|{_FRAME}"
)
_SPECIAL = frozenset("%=\\&; \r\n")  # what escapes are made of, and the one that percent-encoding writes in two ways
_NAMES = {char: [name.rstrip(";") for name, one in html5.items() if one == char] for char in "&<>\"'/+=:.,;!?$%#@*()-_"}
_JSON = {'"': '"', "\\": "\\", "/": "/", "\b": "b", "\f": "f", "\n": "n", "\r": "r", "\t": "t"}
_UNNAMED = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


@dataclass(frozen=True)
class Secret:
    """A text, the mark that takes its place, and the forms that can be looked for as they are."""

    text: str
    mark: str
    forms: tuple[str, ...]

    @classmethod
    def of(cls, text: str, mark: str) -> Secret:
        forms = sorted({_seen(form) for form in _forms(text)} | set(_forms(text)), key=len, reverse=True)
        return cls(text, mark, tuple(form for form in forms if len(form) >= _SHORT))

    def is_in(self, text: str, decoded: str | None) -> bool:
        """Whether the secret may be in the text; `decoded` is what `unescaped` makes of it."""
        if any(form in text for form in self._sought):
            return True
        if decoded is None or not (self._core is None or self._core in decoded):
            return False
        return bool(self._escaped.search(text))

    def replaced_by(self, sign: str, text: str) -> str:
        for form in self._sought:
            text = text.replace(form, f'"{sign}"' if form.startswith('"') and self._is_short else sign)
        return text if self._is_short else self._escaped.sub(sign, text)

    @property
    def _is_short(self) -> bool:
        return len(self.text) < _SHORT

    @cached_property
    def _sought(self) -> tuple[str, ...]:
        if not self._is_short:
            return self.forms
        short = {form for form in _forms(self.text) if len(form) < _SHORT and form.isprintable()}
        return (*self.forms, *(f'"{form}"' for form in short), json.dumps(self.text))

    @cached_property
    def _core(self) -> str | None:
        """What of the secret is in the decoded text for certain if an escaped form is in the text; None: unknown."""
        # The signs before it may have taken its beginning for a part of theirs.
        return None if _SPECIAL & set(self.text) else _ascii(self.text)[4:]

    @cached_property
    def _escaped(self) -> re.Pattern[str]:
        sought = _SHORT <= len(self.text) <= _LONG
        return re.compile(f"(?:{_FRAME})?".join(map(_escaped, self.text)) if sought else "(?!)")


def replaced(text: str, secrets: Sequence[Secret]) -> str:
    """The text with marks in the place of secrets."""
    if not secrets:
        return text
    decoded = unescaped(text)
    marks: dict[str, str] = {}
    for secret in secrets:
        if secret.is_in(text, decoded):
            # A sign of nobody's alphabet keeps the place: what will stand there must not be searched again.
            sign = chr(_PRIVATE + len(marks))
            text, marks[sign] = secret.replaced_by(sign, text), secret.mark
    for sign, mark in marks.items():
        text = text.replace(sign, mark)
    return text


def unescaped(text: str) -> str | None:
    """The ASCII characters of a text without its escapes; None if it has none. One look for all secrets."""
    decoded = _ESCAPE.sub(_character, text)
    return None if decoded == text else _ascii(decoded)


def _character(found: re.Match[str]) -> str:
    byte, unit, short, decimal, digits, name = found.groups()
    if byte or unit or digits:
        number = int(byte or unit or digits, 16)
    elif decimal:
        number = int(decimal)
    else:
        return _UNNAMED.get(short, short) if short else html5.get(f"{name};", "")
    return chr(number) if number < 128 else ""


def _ascii(text: str) -> str:
    return text.encode("ascii", "ignore").decode()


def _seen(text: str) -> str:
    """A text in UTF-8 as it looks in bytes that are read as Latin-1."""
    return text.encode().decode("latin-1")


def _forms(text: str) -> Iterator[str]:
    encoded = text.encode()
    yield text
    for form in ("utf-16-le", "utf-16-be"):
        yield text.encode(form).decode("latin-1")
    yield encoded.hex()
    yield encoded.hex().upper()
    for alphabet in (base64.b64encode, base64.urlsafe_b64encode):
        whole = alphabet(encoded).decode()
        yield from (whole, whole.rstrip("="))
        for before, start in enumerate((0, 2, 3)):
            # Six bits make a character: those that the neighbours have a share in are left out.
            inner = alphabet(bytes(before) + encoded).decode()[start : (before + len(encoded)) * 8 // 6]
            if len(inner) >= _SHORT:
                yield inner


def _escaped(char: str) -> str:
    """A pattern for all ways to write one character."""
    units = char.encode("utf-16-be")
    ways = [
        re.escape(char),
        "".join(f"[%=](?:25)*{_digits(byte)}" for byte in char.encode()),
        "".join(rf"\\+u{_digits(high)}{_digits(low)}" for high, low in zip(units[::2], units[1::2], strict=True)),
        rf"&(?:amp;)*#(?:0*{ord(char)}|[xX]0*{''.join(map(_either, f'{ord(char):x}'))});",
    ]
    ways += [rf"\\+{re.escape(_JSON[char])}"] if char in _JSON else []
    ways += [f"&(?:amp;)*(?:{'|'.join(_NAMES[char])});"] if _NAMES.get(char) else []
    ways += [r"\+"] if char == " " else []
    ways += [re.escape(_seen(char))] if not char.isascii() else []
    return f"(?:{'|'.join(ways)})"


def _digits(byte: int) -> str:
    return "".join(map(_either, f"{byte:02x}"))


def _either(digit: str) -> str:
    return digit if digit.isdecimal() else f"[{digit}{digit.upper()}]"
