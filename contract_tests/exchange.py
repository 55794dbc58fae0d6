"""The one form in which traffic is kept: a request with its response and times, redacted when it is captured."""

from __future__ import annotations

import base64
import json
import re
import shlex
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Iterable

Headers = tuple[tuple[str, str], ...]

_SECRET_HEADERS = frozenset({"authorization", "cookie", "set-cookie", "vmware-api-session-id"})
_SHORT = 8  # a secret shorter than this may be part of innocent text, or be a number of a body
_HIDDEN = "<redacted>"


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
        words = ["curl", "-sS", "-i", "-X", self.method]
        for name, value in self.headers:
            if name.lower() in {"host", "content-length", "connection", "accept-encoding", "user-agent"}:
                continue
            words += ["-H", f"{name}: {value}"]
        before = ""
        if self.body:
            text = _text(self.body)
            if text is None:
                before = f"printf %s {shlex.quote(base64.b64encode(self.body).decode())} | base64 -d | "
                words += ["--data-binary", "@-"]
            else:
                words += ["--data-binary", text]
        command = " ".join(shlex.quote(word) for word in [*words, self.url])
        # The placeholder of a token becomes a variable that the reader can set.
        command = re.sub(r"'vmware-api-session-id: <[a-z ]+>'", '"vmware-api-session-id: $TOKEN"', command)
        command = re.sub(r"-H '[Aa]uthorization: <[a-z ]+>'", '-u "$USERNAME:$PASSWORD"', command)
        return before + command


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
            ValueError: it is not JSON in UTF-8.
        """
        return json.loads(self.body.decode())


@dataclass(frozen=True)
class Exchange:
    """One request with its response (or the reason why there is none) and times.

    `cell` and `operation` name what was asked for, in the contract's words, where it is one of its operations.
    `started` is UTC; `seconds` is how long the answer took.
    """

    request: Request
    response: Response | None
    started: datetime
    seconds: float
    failure: str | None = None
    cell: str | None = None
    operation: str | None = None

    @property
    def status(self) -> int | None:
        return None if self.response is None else self.response.status

    def as_data(self) -> dict[str, Any]:
        """The exchange as JSON data; `from_data` reads it back."""
        return {
            "cell": self.cell,
            "operation": self.operation,
            "started": self.started.isoformat(),
            "seconds": round(self.seconds, 6),
            "failure": self.failure,
            "request": {
                "method": self.request.method,
                "url": self.request.url,
                "headers": [list(pair) for pair in self.request.headers],
                "body": _body_as_data(self.request.body),
            },
            "response": None
            if self.response is None
            else {
                "status": self.response.status,
                "headers": [list(pair) for pair in self.response.headers],
                "body": _body_as_data(self.response.body),
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
                _body_from_data(request["body"]),
            ),
            response=None
            if response is None
            else Response(response["status"], _pairs(response["headers"]), _body_from_data(response["body"])),
            started=datetime.fromisoformat(data["started"]),
            seconds=data["seconds"],
            failure=data["failure"],
            cell=data["cell"],
            operation=data["operation"],
        )


class Redactor:
    """Takes secrets out of exchanges before anybody keeps them.

    Headers that carry credentials are hidden by name, whatever they hold; secrets that were learnt (password,
    token) are hidden wherever they stand: in addresses, headers and bodies, plain, percent-encoded, JSON-escaped
    or in Base64. A secret of fewer than eight characters is hidden only where it is a whole JSON string, so that
    a weak password can't rewrite the numbers of an answer.
    """

    def __init__(self) -> None:
        self._hidden: dict[str, str] = {}

    def learn(self, name: str, secret: str) -> None:
        """Hide `secret` from now on; `<name>` takes its place."""
        if not secret:
            return
        mark = f"<{name}>"
        forms = [secret, quote(secret, safe=""), json.dumps(secret)[1:-1]]
        forms.append(base64.b64encode(secret.encode()).decode())
        for form in forms:
            self._hidden[form if len(form) >= _SHORT else f'"{form}"'] = mark if len(form) >= _SHORT else f'"{mark}"'

    def __call__(self, exchange: Exchange) -> Exchange:
        request = replace(
            exchange.request,
            url=self._text(exchange.request.url),
            headers=self._headers(exchange.request.headers),
            body=self._bytes(exchange.request.body),
        )
        response = exchange.response and replace(
            exchange.response,
            headers=self._headers(exchange.response.headers),
            body=self._bytes(exchange.response.body),
        )
        failure = exchange.failure and self._text(exchange.failure)
        return replace(exchange, request=request, response=response, failure=failure)

    def _headers(self, headers: Headers) -> Headers:
        return tuple((name, self._header_value(name, value)) for name, value in headers)

    def _header_value(self, name: str, value: str) -> str:
        if name.lower() not in _SECRET_HEADERS:
            return self._text(value)
        return self._hidden.get(value, _HIDDEN)

    def _text(self, text: str) -> str:
        for secret, mark in self._by_length():
            text = text.replace(secret, mark)
        return text

    def _bytes(self, body: bytes) -> bytes:
        for secret, mark in self._by_length():
            body = body.replace(secret.encode(), mark.encode())
        return body

    def _by_length(self) -> Iterable[tuple[str, str]]:
        # Longest first: a secret that holds another one must not be cut into pieces.
        return sorted(self._hidden.items(), key=lambda pair: -len(pair[0]))


def _header(headers: Headers, name: str) -> str | None:
    return next((value for key, value in headers if key.lower() == name.lower()), None)


def _text(body: bytes) -> str | None:
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return None
    return None if "\x00" in text else text


def _body_as_data(body: bytes) -> dict[str, str]:
    text = _text(body)
    return {"base64": base64.b64encode(body).decode()} if text is None else {"text": text}


def _body_from_data(data: dict[str, str]) -> bytes:
    return base64.b64decode(data["base64"]) if "base64" in data else data["text"].encode()


def _pairs(data: list[list[str]]) -> Headers:
    return tuple((name, value) for name, value in data)
