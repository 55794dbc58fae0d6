"""Content, or the part of it that a request asks for with `Range` (RFC 9110, section 14)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from contract_tests.mock.domain.content import DEFAULT_ALGORITHM
from contract_tests.mock.http.wire import HttpRefusal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from contract_tests.mock.domain.content import Content

_RANGE: Final = re.compile(r"bytes=[ \t]*(?:([0-9]{1,18})-([0-9]{0,18})|-([0-9]{1,18}))[ \t]*", re.IGNORECASE)
"""One range. Several at once, and other units, are not known here: such a header is as if it were not there."""


@dataclass(frozen=True)
class Portion:
    """The bytes of `content` from `start` to `stop`."""

    content: Content
    start: int
    stop: int
    is_part: bool = False
    """Whether a part was asked for, even if it is all there is."""
    is_told: bool = False
    """Whether only its size and place are told."""

    @property
    def size(self) -> int:
        return self.stop - self.start

    @property
    def place(self) -> str:
        """The value of `Content-Range`."""
        return f"bytes {self.start}-{self.stop - 1}/{self.content.size}"

    @property
    def tag(self) -> str:
        """The entity tag: of the same content it is the same."""
        return f'"{self.content.digests[DEFAULT_ALGORITHM]}"'

    def pieces(self) -> Iterator[bytes]:
        return iter(()) if self.is_told else self.content.pieces(self.start, self.stop)


def portion_of(content: Content, headers: Mapping[str, str]) -> Portion:
    """What a request with these headers asks for.

    Raises:
        HttpRefusal: 416, if nothing of the content is in the range.
    """
    whole = Portion(content, 0, content.size)
    asked = _RANGE.fullmatch(headers.get("range", ""))
    if asked is None or headers.get("if-range", whole.tag) != whole.tag:
        return whole
    first, last, tail = asked.groups()
    if first is None:
        start, stop = max(content.size - int(tail), 0), content.size
    elif last and int(last) < int(first):
        return whole
    else:
        start, stop = int(first), min(int(last) + 1, content.size) if last else content.size
    if start >= stop:
        text = f"The content has {content.size} bytes, none of which is in the range that was asked for."
        raise HttpRefusal(416, "rangeNotSatisfiable", text, (("content-range", f"bytes */{content.size}"),))
    return Portion(content, start, stop, is_part=True)
