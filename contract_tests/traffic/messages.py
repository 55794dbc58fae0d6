"""Messages of HTTP: a request, a response, and how their bodies are written as data."""

from __future__ import annotations

import base64
import json
import shlex
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Headers = tuple[tuple[str, str], ...]

HIDDEN: Final = "<redacted>"
"""What stands for a secret that nobody knows the kind of."""
STATUSES = range(1000)
"""What the status of an answer may be: three digits (RFC 9112), and 0 for one that was not looked at."""
_DEEPEST = 32  # levels; a session has 4, an error whose messages are nested seven times about 30


@dataclass(frozen=True)
class Request:
    """What was sent. `url` is absolute; `body` is empty when none was sent."""

    method: str
    url: str
    headers: Headers = ()
    body: bytes = b""

    def header(self, name: str) -> str | None:
        return _header(self.headers, name)

    def as_curl(self) -> str:
        """Write the request as a shell command that repeats it; secrets stand as `$TOKEN` and the like."""
        words = ["curl", "-sS", "-i", "-g", "-X", shlex.quote(self.method)]  # -g: brackets in an address are its own
        for name, value in self.headers:
            if name.lower() not in {"host", "content-length", "connection", "accept-encoding", "user-agent"}:
                words += _header_as_words(name, value)
        before = ""
        if self.body:
            if self.header("content-type") is None:
                words += ["-H", "content-type:"]  # or curl says that it is a form
            text = _text(self.body)
            if text is None:
                before = f"printf %s {shlex.quote(base64.b64encode(self.body).decode())} | base64 -d | "
                words += ["--data-binary", "@-"]
            else:
                words += ["--data-raw", shlex.quote(text)]
        return before + " ".join([*words, shlex.quote(self.url)])


@dataclass(frozen=True)
class Response:
    """What came back. `body` is what followed the header section, decoded from its transfer coding."""

    status: int
    headers: Headers = ()
    body: bytes = b""

    def header(self, name: str) -> str | None:
        return _header(self.headers, name)

    @cached_property
    def json(self) -> Any:
        """The body as JSON.

        Raises:
            ValueError: it is not JSON in UTF-8, or is so odd that nothing could be done with it: nested deeper
                than any documented answer, or with half a surrogate pair in a text.
        """
        try:
            value = json.loads(text := self.body.decode(), parse_constant=_refuse_constant)
        except RecursionError:
            raise ValueError("the JSON is nested too deep") from None
        if "\\u" in text or text.count("[") + text.count("{") > _DEEPEST:  # else it can't be odd
            _require_ordinary(value)
        return value


def _header_as_words(name: str, value: str) -> list[str]:
    """A header as words of a shell command; what the reader has to know stands as a variable."""
    # A token that was never given out stays what it is: the reader's own one would open what it did not.
    if name.lower() == "vmware-api-session-id" and value == "<token>":
        return ["-H", f'"{name}: $TOKEN"']
    if name.lower() == "authorization" and value == HIDDEN:
        return ["-u", '"$USERNAME:$PASSWORD"']
    return ["-H", shlex.quote(f"{name}: {value}" if value else f"{name};")]


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _require_ordinary(value: Any) -> None:
    """Raise ValueError for what can be neither shown nor compared without a crash."""
    level, depth = [value], 0
    while level:
        depth += 1
        if depth > _DEEPEST:
            raise ValueError("the JSON is nested too deep")
        level = [
            inner
            for outer in level
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
    json.dumps(value, ensure_ascii=False).encode()  # UnicodeEncodeError, a ValueError, for half a surrogate pair


def _header(headers: Headers, name: str) -> str | None:
    name = name.lower()
    for key, value in headers:
        if key.lower() == name:
            return value
    return None


def _text(body: bytes) -> str | None:
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return None
    return None if "\x00" in text else text


def body_as_data(body: bytes) -> dict[str, str]:
    """A body as JSON data: `text` if it is UTF-8 without NUL, else `base64`."""
    text = _text(body)
    return {"base64": base64.b64encode(body).decode()} if text is None else {"text": text}


def body_from_data(data: dict[str, str]) -> bytes:
    return base64.b64decode(data["base64"]) if "base64" in data else data["text"].encode()


def pairs(data: Iterable[Sequence[str]]) -> Headers:
    """Headers from data."""
    return tuple(_pair(name, value) for name, value in data)


@lru_cache(maxsize=1000)
def _pair(name: str, value: str) -> tuple[str, str]:
    """A header; most are those of thousands of others, and kept once."""
    return name, value
