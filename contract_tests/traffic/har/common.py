"""What many messages of a run have in common, told once: headers as patterns, and long bodies by their digest.

A pattern is the list of the headers of a message: a pair is told here, a lone name is that of a header whose value is
the length of the body, and null stands where the message tells the next one of its own.
"""

from __future__ import annotations

import base64
import hashlib
import zlib
from collections import Counter
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

from contract_tests.traffic.har import values
from contract_tests.traffic.inputs import LONGEST
from contract_tests.traffic.messages import body_as_data

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from contract_tests.traffic.exchange import Exchange
    from contract_tests.traffic.messages import Headers, Request, Response

    Pattern = tuple[tuple[str, ...] | None, ...]

OFTEN: Final = 30
"""Messages that have a header in common before it is told once: in an archive of a few, each tells all of its own."""

LONGEST_IN_PLACE: Final = 4000
"""Characters of a body that stands where it was sent; of a longer one the beginning does, for whoever reads there."""

_BEGINNING: Final = 400

_LENGTH: Final = "content-length"


class CommonHeaders:
    """The headers that are told once, gathered while an archive is written."""

    def __init__(self, exchanges: Iterable[Exchange]) -> None:
        counted = Counter(chain.from_iterable(message.headers for one in exchanges for message in _messages(one)))
        self._common = frozenset(pair for pair, count in counted.items() if _is_common(pair[1], count))
        self._places: dict[Pattern, int] = {}
        self._told: dict[tuple[Headers, int], tuple[Headers, int | None]] = {}

    def told(self, message: Request | Response) -> tuple[Headers, int | None]:
        """The headers that a message tells itself, and the place of the pattern for all of them, unless these are."""
        if not self._common:
            return message.headers, None
        key = message.headers, len(message.body)
        if key not in self._told:
            self._told[key] = self._split(*key)
        return self._told[key]

    def _split(self, headers: Headers, length: int) -> tuple[Headers, int | None]:
        pattern = tuple(self._item(pair, str(length)) for pair in headers)
        if not any(pattern):
            return headers, None
        own = tuple(pair for pair, item in zip(headers, pattern, strict=True) if item is None)
        return own, self._places.setdefault(pattern, len(self._places))

    def _item(self, pair: tuple[str, str], length: str) -> tuple[str, ...] | None:
        name, value = pair
        if name.lower() == _LENGTH and value == length:
            return (name,)
        return pair if pair in self._common else None

    def patterns(self) -> list[Pattern]:
        """The table that the places are of."""
        return list(self._places)


class LongBodies:
    """The bodies that are too long to stand where they were sent, gathered while an archive is written."""

    def __init__(self) -> None:
        self._bodies: dict[str, bytes] = {}

    def told(self, body: bytes) -> tuple[str, str, str | None]:
        """The form of a body (`text` or `base64`), as much of it as stands in its place, and its digest if not all."""
        ((form, told),) = body_as_data(body).items()
        if len(told) <= LONGEST_IN_PLACE:
            return form, told, None
        digest = hashlib.sha256(body).hexdigest()
        self._bodies[digest] = body
        return form, told[:_BEGINNING], digest

    def packed(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Each of them once, by digest, deflated: most are one sign a million times."""
        for digest, body in self._bodies.items():
            yield digest, {"size": len(body), "deflated": base64.b64encode(zlib.compress(body)).decode()}


class ToldOnce:
    """What an archive tells once, read back; all that it stands for together is no more than a file may have."""

    def __init__(self, patterns: list[Any], bodies: dict[str, Any]) -> None:
        self._patterns = patterns
        self._packed = bodies
        self._bodies: dict[str, bytes] = {}
        self._room = LONGEST

    def headers(self, own: Iterable[dict[str, str]], place: int | None, length: int) -> Headers:
        """The headers of a message whose body is so long."""
        pairs = [(values.text(one["name"]), values.text(one["value"])) for one in own]
        if place is None:
            return tuple(pairs)
        pattern = values.place(place, self._patterns)
        if pattern.count(None) != len(pairs):
            raise ValueError(f"a message has {len(pairs)} headers of its own, and another number of places for them")
        left = iter(pairs)
        whole = tuple(next(left) if item is None else _pair(item, length) for item in pattern)
        self._take(sum(len(name) + len(value) for name, value in whole))
        return whole

    def body(self, digest: str) -> bytes:
        """The body with this digest."""
        if digest not in self._bodies:
            packed = self._packed[digest]
            size = packed["size"]
            if type(size) is not int or not 0 <= size <= self._room:
                raise ValueError(f"a body is {size!r} bytes long")
            inflater = zlib.decompressobj()
            try:
                body = inflater.decompress(base64.b64decode(packed["deflated"]), size + 1)
            except zlib.error as problem:
                raise ValueError(f"a body can't be inflated: {problem}") from None
            if hashlib.sha256(body).hexdigest() != digest:
                raise ValueError(f"a body is not the one whose SHA-256 is {digest}")
            self._bodies[digest] = body
        self._take(len(self._bodies[digest]))
        return self._bodies[digest]

    def _take(self, size: int) -> None:
        self._room -= size
        if self._room < 0:
            raise ValueError(f"what it tells once stands for more than {LONGEST // 2**20} MiB")


def _is_common(value: str, count: int) -> bool:
    """Whether so many messages have a header of this value that it is told once, or two have one that is long."""
    return count >= OFTEN or (count > 1 and count * len(value) >= LONGEST_IN_PLACE)


def _messages(exchange: Exchange) -> Iterator[Request | Response]:
    yield exchange.request
    if exchange.response is not None:
        yield exchange.response


def _pair(item: list[str], length: int) -> tuple[str, str]:
    name, *value = item
    (told,) = value or [str(length)]
    return values.text(name), values.text(told)
