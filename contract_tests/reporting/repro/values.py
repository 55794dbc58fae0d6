"""The values that a server gave: where each was told first, and where requests send them back."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urlsplit

from contract_tests.contract.dialects import CLIENT_TOKEN_HEADER, CONVENTIONS, TOKEN_HEADER

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from contract_tests.traffic.exchange import Exchange

WORD: Final = re.compile(r"<[a-z-]+(?:-[0-9]+)?>|[A-Za-z0-9][A-Za-z0-9._:%+-]{5,}")
"""What an id, a time or the mark of a secret is made of, where it stands in an address or a body."""

UUID: Final = re.compile(r"[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}")
RUN: Final = re.compile(r"cl-contract-[0-9a-f]{8}")
"""The name of a run, which all that it makes carries."""

_MEMBER: Final = re.compile(r'"([A-Za-z_]+)"[ \t]*:[ \t]*"([^"\\]*)"')
_BARE: Final = re.compile(r'"([^"\\]*)"')
_VALUE: Final = re.compile(r"(?=.*[0-9<])[!#-~]{6,}")
_PREFIXES: Final = sorted({here.id_prefix for here in CONVENTIONS.values()}, key=len, reverse=True)
"""What may stand in front of an id in an address."""


@dataclass(frozen=True)
class FirstTold:
    """Where a value was told first: in which answer, in which member (empty: a bare text), at which of those."""

    exchange: Exchange
    member: str
    which: int


class Given:
    """What a server gave in the exchanges of one process, and what its requests made of it."""

    def __init__(self, exchanges: Iterable[Exchange]) -> None:
        self._sources: dict[str, FirstTold] = {}
        self._made: dict[str, list[str]] = {}
        sent: set[str] = set()
        for exchange in exchanges:
            sent.update(_words_of(exchange))
            for value, source in _told(exchange):
                if value not in self._sources and value not in sent:
                    self._sources[value] = source
                    self._made.setdefault(exchange.id or "", []).append(value)

    def source(self, value: str) -> FirstTold | None:
        """Where the server told it first; None if it never did, or a client had sent it before."""
        return self._sources.get(value)

    def made(self, exchange: Exchange) -> list[str]:
        """What this answer told first."""
        return self._made.get(exchange.id or "", [])

    def used(self, exchange: Exchange) -> set[str]:
        """What a request sends back, as it was given or changed; and what a client drew itself, to know it by."""
        url = exchange.request.url
        if url in self._sources:
            return {url}
        used = {known.value for word in _words_of(exchange) for known in self.within(word)}
        return used | set(client_tokens(exchange))

    def within(self, word: str) -> Iterator[Use]:
        """The values that stand in a word of a request."""
        prefix = next((one for one in _PREFIXES if word.startswith(one)), "")
        whole = word.removeprefix(prefix)
        if whole in self._sources:
            yield Use(len(word) - len(whole), len(word), whole)
            return
        if (plain := unquote(whole)) in self._sources and whole.upper() == plain.replace(":", "%3A").upper():
            yield Use(len(word) - len(whole), len(word), plain, "%3A" if "%3A" in whole else "%3a")
            return
        for found in re.finditer(f"{UUID.pattern}(?::{UUID.pattern})?", word):
            yield from self._near(found[0], found.start())

    def _near(self, text: str, start: int) -> Iterator[Use]:
        """A value in part of a word, or another that is nearly one."""
        end = start + len(text)
        if text in self._sources:
            yield Use(start, end, text)
            return
        for value in self._by_part.get(text.lower(), ()):
            if value.startswith(f"{text}:"):
                yield Use(start, end, value, "first")
            elif value.endswith(f":{text}"):
                yield Use(start, end, value, "last")
            else:
                yield Use(start, end, value, "other")
            return
        for value in self._by_beginning.get(text[:-1], ()):
            if len(value) == len(text):
                yield Use(start, end, value, "changed")
                return

    @property
    def _by_part(self) -> dict[str, list[str]]:
        return _parts(tuple(self._sources))

    @property
    def _by_beginning(self) -> dict[str, list[str]]:
        return _beginnings(tuple(self._sources))


@dataclass(frozen=True)
class Use:
    """A value in a word of a request: from where to where, and how it was changed; empty if it was not."""

    start: int
    end: int
    value: str
    how: str = ""


@lru_cache(maxsize=4)
def _parts(values: tuple[str, ...]) -> dict[str, list[str]]:
    parts: dict[str, list[str]] = {}
    for value in values:
        for part in {value.lower(), *value.lower().split(":")} if UUID.match(value) else ():
            parts.setdefault(part, []).append(value)
    return parts


@lru_cache(maxsize=4)
def _beginnings(values: tuple[str, ...]) -> dict[str, list[str]]:
    beginnings: dict[str, list[str]] = {}
    for value in values:
        if UUID.match(value):
            beginnings.setdefault(value[:-1], []).append(value)
    return beginnings


def client_tokens(exchange: Exchange) -> list[str]:
    """The client tokens that a create carries: drawn by the client, so that two creates can be known for one."""
    found = re.findall(r'"client_token" *: *"([^"]+)"', exchange.request.body.decode("latin-1"))
    if exchange.request.header(CLIENT_TOKEN_HEADER):
        found.append(str(exchange.request.header(CLIENT_TOKEN_HEADER)))
    return [one for one in found if one]


def path_of(url: str) -> str:
    """An address without its origin."""
    parts = urlsplit(url)
    return url.removeprefix(f"{parts.scheme}://{parts.netloc}")


@lru_cache(maxsize=20_000)
def _words(text: str) -> frozenset[str]:
    return frozenset(WORD.findall(text))


def _words_of(exchange: Exchange) -> set[str]:
    """The words of a request that may be ids, times or marks of secrets."""
    request = exchange.request
    token = request.header(TOKEN_HEADER)
    told = {request.url, *_words(path_of(request.url)), *_words(request.body[:200_000].decode("latin-1"))}
    return told if token is None else {*told, token}


def _told(exchange: Exchange) -> Iterator[tuple[str, FirstTold]]:
    """The texts of an answer that may be ids, times, addresses or marks of secrets."""
    if exchange.response is None or len(exchange.response.body) > 200_000:
        return
    text = exchange.response.body.decode("latin-1").replace("\n", "")
    counts: dict[str, int] = {}
    for found in _MEMBER.finditer(text):
        member, value = found[1], found[2]
        counts[member] = counts.get(member, 0) + 1
        if _VALUE.fullmatch(value):
            yield value, FirstTold(exchange, member, counts[member])
    if text.lstrip()[:1] in {'"', "["} and not counts:
        for number, found in enumerate(_BARE.finditer(text), 1):
            if _VALUE.fullmatch(found[1]):
                yield found[1], FirstTold(exchange, "", number)
