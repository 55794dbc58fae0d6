"""The one form in which traffic is kept: a request with its response and times, redacted when it is captured."""

from __future__ import annotations

import base64
import html
import json
import re
import shlex
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, quote_plus

if TYPE_CHECKING:
    from collections.abc import Mapping

Headers = tuple[tuple[str, str], ...]

_SECRET_HEADERS = frozenset({"authorization", "cookie", "set-cookie", "vmware-api-session-id"})
_SHORT = 8  # a secret shorter than this may be part of innocent text, or be a number of a body
_HIDDEN = "<redacted>"
_MARK = re.compile(r"<(token|second-token|other-token(-[0-9]+)?|password|credentials)>")  # stand for secrets
_PRIVATE = 0xF0000  # where a plane of Unicode begins that nothing is assigned to
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
            value = json.loads(self.body.decode(), parse_constant=_refuse_constant)
        except RecursionError:
            raise ValueError("the JSON is nested too deep") from None
        _require_ordinary(value)
        return value


@dataclass(frozen=True)
class Exchange:
    """One request with its response (or the reason why there is none) and times.

    `cell` and `operation` name what was asked for, in the contract's words, where it is one of its operations.
    `started` is UTC; `seconds` is how long the answer took. `id` is given when it is kept: the same in every run of the
    same test.
    """

    request: Request
    response: Response | None
    started: datetime
    seconds: float
    failure: str | None = None
    cell: str | None = None
    operation: str | None = None
    id: str | None = None

    @property
    def status(self) -> int | None:
        return None if self.response is None else self.response.status

    def as_data(self) -> dict[str, Any]:
        """The exchange as JSON data; `from_data` reads it back."""
        return {
            "id": self.id,
            "cell": self.cell,
            "operation": None if self.operation is None else str(self.operation),
            "started": self.started.isoformat(),
            "seconds": round(self.seconds, 6),
            "failure": self.failure,
            "request": {
                "method": self.request.method,
                "url": self.request.url,
                "headers": [list(pair) for pair in self.request.headers],
                "body": body_as_data(self.request.body),
            },
            "response": None
            if self.response is None
            else {
                "status": self.response.status,
                "headers": [list(pair) for pair in self.response.headers],
                "body": body_as_data(self.response.body),
            },
        }

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> Exchange:
        request, response = data["request"], data["response"]
        return cls(
            request=Request(
                request["method"],
                request["url"],
                _pairs(request["headers"]),
                body_from_data(request["body"]),
            ),
            response=None
            if response is None
            else Response(response["status"], _pairs(response["headers"]), body_from_data(response["body"])),
            started=datetime.fromisoformat(data["started"]),
            seconds=data["seconds"],
            failure=data["failure"],
            cell=data["cell"],
            operation=data["operation"],
            id=data["id"],
        )


class Redactor:
    """Takes secrets out of exchanges before anybody keeps them.

    Headers that carry credentials are hidden by name, whatever they hold; secrets that were learnt (password,
    token) are hidden wherever they stand: in addresses, headers and bodies, plain, percent-encoded, escaped as in
    JSON or HTML, or in Base64. A secret of fewer than eight characters is hidden only where it is a whole JSON
    string, so that a weak password can't rewrite the numbers of an answer.
    """

    def __init__(self) -> None:
        self._hidden: dict[str, str] = {}
        self._learnt: dict[str, str] = {}

    def learn(self, name: str, secret: str) -> None:
        """Hide `secret` from now on; `<name>` takes its place, or `<other-token-2>` for the second other token.

        One that is known keeps its mark. A mark is no secret: it comes out of a recording.
        """
        if not secret or _MARK.fullmatch(secret) or secret in self._learnt:
            return
        self._learnt[secret] = name
        count = list(self._learnt.values()).count(name) if name == "other-token" else 1
        mark = f"<{name}>" if count == 1 else f"<{name}-{count}>"
        hidden = dict(self._hidden)  # other threads may be reading
        for form in _forms(secret):
            if len(form) >= _SHORT:
                hidden.setdefault(form, mark)
            else:
                hidden.setdefault(f'"{form}"', f'"{mark}"')
        # The longest first: a secret that holds another one must not be cut into pieces.
        self._hidden = {form: hidden[form] for form in sorted(hidden, key=len, reverse=True)}

    def __call__(self, exchange: Exchange) -> Exchange:
        whole = _all_texts(exchange)
        present = {form: mark for form, mark in self._hidden.items() if form in whole}

        def in_text(text: str) -> str:
            return _replaced(text, present)

        def in_bytes(body: bytes) -> bytes:
            # Read as Latin-1 every body is a text, and the text of a secret in UTF-8 is one of its forms.
            return _replaced(body.decode("latin-1"), present).encode("latin-1")

        def in_headers(headers: Headers) -> Headers:
            return tuple(
                (name, self._credential(value) if name.lower() in _SECRET_HEADERS else in_text(value))
                for name, value in headers
            )

        sent, answer = exchange.request, exchange.response
        return replace(
            exchange,
            request=replace(sent, url=in_text(sent.url), headers=in_headers(sent.headers), body=in_bytes(sent.body)),
            response=answer and replace(answer, headers=in_headers(answer.headers), body=in_bytes(answer.body)),
            failure=exchange.failure and in_text(exchange.failure),
        )

    def _credential(self, value: str) -> str:
        if _MARK.fullmatch(value):
            return value
        return self._hidden.get(value) or self._hidden.get(f'"{value}"', _HIDDEN).strip('"')


def _all_texts(exchange: Exchange) -> str:
    """Everything in an exchange that may hold a secret: most hold none, and one look is cheaper than thirty."""
    texts = [exchange.request.url, exchange.failure or ""]
    for part in (exchange.request, exchange.response):
        if part is not None:
            texts += [part.body.decode("latin-1"), *(value for _, value in part.headers)]
    return "\n".join(texts)


def _replaced(text: str, hidden: Mapping[str, str]) -> str:
    marks: dict[str, str] = {}
    for form, mark in hidden.items():
        if form in text:
            # A sign of nobody's alphabet keeps the place: what will stand there must not be searched again.
            sign = chr(_PRIVATE + len(marks))
            text, marks[sign] = text.replace(form, sign), mark
    for sign, mark in marks.items():
        text = text.replace(sign, mark)
    return text


def _forms(secret: str) -> set[str]:
    """How a secret may be written where an answer, an address or a message repeats it."""
    encoded = secret.encode()
    quoted = {quote(secret, safe=safe) for safe in ("", "/", "!$&'()*+,;=:@/?")} | {quote_plus(secret)}
    in_json = {json.dumps(secret, ensure_ascii=ascii_only)[1:-1] for ascii_only in (True, False)}
    in_base64 = {code(encoded).decode() for code in (base64.b64encode, base64.urlsafe_b64encode)}
    texts = {
        secret,
        *quoted,
        *(re.sub("%[0-9A-F]{2}", lambda found: found[0].lower(), form) for form in quoted),
        *in_json,
        *(form.replace("/", "\\/") for form in in_json),
        html.escape(secret),
        *(form.rstrip("=") for form in in_base64),
        *in_base64,
    }
    # In bytes read as Latin-1 (a body, a header) a letter beyond ASCII looks like several.
    return texts | {form.encode().decode("latin-1") for form in texts}


def _header_as_words(name: str, value: str) -> list[str]:
    """A header as words of a shell command; what the reader has to know stands as a variable."""
    # A token that was never given out stays what it is: the reader's own one would open what it did not.
    if name.lower() == "vmware-api-session-id" and value == "<token>":
        return ["-H", f'"{name}: $TOKEN"']
    if name.lower() == "authorization" and value == _HIDDEN:
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
    return next((value for key, value in headers if key.lower() == name.lower()), None)


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


def _pairs(data: list[list[str]]) -> Headers:
    return tuple((name, value) for name, value in data)
