"""The redactor: takes secrets out of traffic when it is captured, before anybody keeps it."""

from __future__ import annotations

import re
import threading
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from contract_tests.traffic.messages import HIDDEN, Request, Response
from contract_tests.traffic.secrets import Secrets

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contract_tests.traffic.exchange import Exchange
    from contract_tests.traffic.messages import Headers

_SECRET_HEADERS = frozenset({"authorization", "cookie", "set-cookie", "vmware-api-session-id"})
_TOKENS = frozenset({"token", "second-token", "other-token"})
_NUMBERED = frozenset({"other-token", "cookie", "secret"})
"""Secrets of which there are several: the second one is told from the first by its number."""
_ONES = frozenset({"upload", "download"})
"""Keys of addresses: all have a number."""
_MARK = re.compile(
    r"<(token|second-token|(other-token|cookie|secret)(-[0-9]+)?|(upload|download)-[0-9]+|password|credentials)>"
)  # stand for secrets
_KEY_MARK = re.compile(r"<(?:upload|download)-[0-9]+>")
_ID = re.compile(r"[A-Za-z0-9_-]{16,200}")
_EACH = 256  # characters that a secret weighs beside its own
_LEAST = 8  # characters of a secret that is hidden wherever it stands
_SEARCHED = 2000  # bytes of a request in which ids are sought


class Redactor:
    """Takes secrets out of exchanges before anybody keeps them. May be used from several threads.

    Headers that carry credentials are hidden by name, whatever they hold; secrets that were learnt (password, token,
    the key in an address for content) are hidden wherever they stand, in the forms that `secrets` promises, and so is
    what the suite makes of a token and sends in its place. A secret of fewer than eight characters is hidden only where
    it is a whole JSON string, so that a weak password can't rewrite the numbers of an answer.
    """

    def __init__(self) -> None:
        self._secrets = Secrets()
        self._marks: dict[str, str] = {}
        self._counts: Counter[str] = Counter()
        self._tokens: tuple[str, ...] = ()
        self._sent: set[str] = set()
        self.burden = 0
        """How much there is to look for, in characters: each secret makes every look at an exchange longer."""
        self._lock = threading.Lock()

    def learn(self, name: str, secret: str) -> None:
        """Hide `secret` from now on; `<name>` takes its place, or `<other-token-2>` for the second other token.

        One that is known keeps its mark. A mark is no secret: it comes out of a recording.
        """
        if not secret or _MARK.fullmatch(secret):
            return
        with self._lock:
            if secret in self._marks:
                return
            self._counts[name] += 1
            count = self._counts[name] if name in _NUMBERED or name in _ONES else 1
            self._marks[secret] = f"<{name}>" if count == 1 and name not in _ONES else f"<{name}-{count}>"
            if name in _TOKENS:
                self._tokens = (*self._tokens, secret)
            self._secrets.add(secret, self._marks[secret])
            self.burden += len(secret) + _EACH

    def learn_key(self, name: str, key: str) -> None:
        """Hide a part of an address that a server gave, unless it is an id that stood in a request of ours before."""
        if key not in self._sent and not _MARK.search(key):
            self.learn(name, key)

    def revealed(self, address: str) -> str:
        """An address with its keys, as the server gave it."""
        if _KEY_MARK.search(address) is None:
            return address
        keys = {mark: key for key, mark in self._marks.copy().items()}  # other threads may learn one meanwhile
        return _KEY_MARK.sub(lambda found: keys.get(found[0], found[0]), address)

    def __call__(self, exchange: Exchange) -> Exchange:
        self._look_at(exchange.request)
        sent, answer = exchange.request, exchange.response
        if not self._secrets.may_be_in(_all_texts(exchange)):
            return self._without_credentials(exchange)
        in_words, in_bytes = self._secrets.replaced_in_words, self._secrets.replaced

        def in_body(body: bytes) -> bytes:
            return in_bytes(body.decode("latin-1")).encode("latin-1")

        def in_headers(headers: Headers) -> Headers:
            return tuple(
                (in_words(name), self._credential(value) if name.lower() in _SECRET_HEADERS else in_header(value))
                for name, value in headers
            )

        def in_header(value: str) -> str:
            # What came is bytes, read as Latin-1; what is sent may be any text.
            return in_bytes(value) if _is_bytes(value) else in_words(value)

        return replace(
            exchange,
            request=replace(sent, url=in_words(sent.url), headers=in_headers(sent.headers), body=in_body(sent.body)),
            response=answer and replace(answer, headers=in_headers(answer.headers), body=in_body(answer.body)),
            failure=exchange.failure and in_words(exchange.failure),
        )

    def _without_credentials(self, exchange: Exchange) -> Exchange:
        """The exchange with what is hidden by the name of its header, and nothing else."""
        sent, answer = exchange.request, exchange.response
        if (headers := self._named(sent.headers)) is not sent.headers:
            exchange = replace(exchange, request=Request(sent.method, sent.url, headers, sent.body))
        if answer is not None and (headers := self._named(answer.headers)) is not answer.headers:
            exchange = replace(exchange, response=Response(answer.status, headers, answer.body))
        return exchange

    def _named(self, headers: Headers) -> Headers:
        if not any(name.lower() in _SECRET_HEADERS for name, _ in headers):
            return headers
        return tuple(
            (name, self._credential(value) if name.lower() in _SECRET_HEADERS else value) for name, value in headers
        )

    def text(self, text: str) -> str:
        """Hide the secrets in a text that is no exchange: a traceback, a log."""
        return self._secrets.replaced_in_words(text)

    def _credential(self, value: str) -> str:
        return value if _MARK.fullmatch(value) else self._marks.get(value, HIDDEN)

    def _look_at(self, request: Request) -> None:
        """Remember the ids that were sent, and learn what was sent as a token and is nearly one."""
        self._sent.update(_ID.findall(request.url), _ID.findall(request.body[:_SEARCHED].decode("latin-1")))
        for name, value in request.headers:
            if name.lower() in _SECRET_HEADERS and value not in self._marks:
                for word in re.split(r"[\s=;,]+", value):
                    if any(_is_near(word, token) for token in self._tokens):
                        self._learn_near(word)

    def _learn_near(self, word: str) -> None:
        with self._lock:
            if word not in self._marks:
                self._marks[word] = HIDDEN
                self._secrets.add(word, HIDDEN)


def _is_near(word: str, token: str) -> bool:
    """Whether half of a token is at the beginning or the end of a word that does not hold it."""
    word, token = word.casefold(), token.casefold()
    half = len(token) // 2
    return (
        len(word) >= _LEAST and half >= _LEAST // 2 and (word.startswith(token[:half]) or word.endswith(token[-half:]))
    )


def _is_bytes(value: str) -> bool:
    return value.isascii() or all(ord(sign) < 256 for sign in value)


def _all_texts(exchange: Exchange) -> Iterator[str]:
    """Everything in an exchange that may hold a secret, as bytes read as Latin-1 where it is more than that."""
    yield from _as_they_may_be_read(exchange.request.url)
    if exchange.failure:
        yield from _as_they_may_be_read(exchange.failure)
    for part in (exchange.request, exchange.response):
        if part is not None:
            yield part.body.decode("latin-1")
            for name, value in part.headers:
                # Those that are hidden by name need no look, and a token stands in every request.
                if name.lower() not in _SECRET_HEADERS:
                    yield from _as_they_may_be_read(f"{name}: {value}")


def _as_they_may_be_read(text: str) -> Iterator[str]:
    yield text
    if not _is_bytes(text):
        yield text.encode(errors="surrogatepass").decode("latin-1")
