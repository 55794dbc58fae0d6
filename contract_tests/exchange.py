"""The one form in which traffic is kept: a request with its response and times, redacted when it is captured."""

from __future__ import annotations

import base64
import json
import re
import shlex
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from contract_tests.secrets import Secret, replaced, unescaped

Headers = tuple[tuple[str, str], ...]

_SECRET_HEADERS = frozenset({"authorization", "cookie", "set-cookie", "vmware-api-session-id"})
_HIDDEN = "<redacted>"
_MARK = re.compile(r"<(token|second-token|(other-token|cookie)(-[0-9]+)?|password|credentials)>")  # stand for secrets
_SHOWN = 2000  # bytes of a request that a page shows
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

    @property
    def timed_out(self) -> bool:
        """Whether the time was up before there was an answer."""
        return bool(self.failure and self.failure.partition(":")[0].endswith(("Timeout", "TimeoutError")))

    @property
    def never_sent(self) -> str:
        """Why the request was never sent; empty if it was."""
        kind, _, reason = (self.failure or "").partition(": ")
        return reason if kind == "NotAsked" else ""

    @property
    def not_kept(self) -> str:
        """Why there was no room for the answer; empty if there was."""
        kind, _, reason = (self.failure or "").partition(": ")
        return reason if kind == "NotKept" else ""

    @property
    def never_connected(self) -> bool:
        """Whether nobody accepted the connection: this says nothing of what a server does with a request."""
        return bool(
            self.failure and self.failure.startswith(("ConnectError", "ConnectTimeout", "ConnectionRefusedError"))
        )

    @property
    def shortened(self) -> Exchange:
        """The exchange as a page shows it: a request of megabytes says no more than its beginning."""
        request = self.request
        if len(request.url) + len(request.body) + sum(len(value) for _, value in request.headers) <= _SHOWN:
            return self
        headers = tuple((name, value[:100]) for name, value in request.headers[:40])
        cut = replace(request, url=request.url[:_SHOWN], headers=headers, body=request.body[:_SHOWN])
        return replace(self, request=cut)

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

    Headers that carry credentials are hidden by name, whatever they hold; secrets that were learnt (password, token)
    are hidden wherever they stand, in the forms that `secrets` promises. A secret of fewer than eight characters is
    hidden only where it is a whole JSON string, so that a weak password can't rewrite the numbers of an answer.
    """

    def __init__(self) -> None:
        self._secrets: tuple[Secret, ...] = ()
        self._learnt: dict[str, str] = {}

    def learn(self, name: str, secret: str) -> None:
        """Hide `secret` from now on; `<name>` takes its place, or `<other-token-2>` for the second other token.

        One that is known keeps its mark. A mark is no secret: it comes out of a recording.
        """
        if not secret or _MARK.fullmatch(secret) or secret in self._learnt:
            return
        self._learnt[secret] = name
        count = list(self._learnt.values()).count(name) if name in ("other-token", "cookie") else 1
        known = (*self._secrets, Secret.of(secret, f"<{name}>" if count == 1 else f"<{name}-{count}>"))
        # The longest first: a secret that holds another one must not be cut into pieces. Other threads may be reading.
        self._secrets = tuple(sorted(known, key=lambda one: len(one.text), reverse=True))

    def __call__(self, exchange: Exchange) -> Exchange:
        whole = _all_texts(exchange)
        decoded = unescaped(whole)
        present = [one for one in self._secrets if one.is_in(whole, decoded)]

        def in_bytes(body: bytes) -> bytes:
            # Read as Latin-1 every body is a text, and the text of a secret in UTF-8 is one of its forms.
            return replaced(body.decode("latin-1"), present).encode("latin-1")

        def in_headers(headers: Headers) -> Headers:
            return tuple(
                (
                    replaced(name, present),
                    self._credential(value) if name.lower() in _SECRET_HEADERS else replaced(value, present),
                )
                for name, value in headers
            )

        sent, answer = exchange.request, exchange.response
        return replace(
            exchange,
            request=replace(
                sent, url=replaced(sent.url, present), headers=in_headers(sent.headers), body=in_bytes(sent.body)
            ),
            response=answer and replace(answer, headers=in_headers(answer.headers), body=in_bytes(answer.body)),
            failure=exchange.failure and replaced(exchange.failure, present),
        )

    def text(self, text: str) -> str:
        """Hide the secrets in a text that is no exchange: a traceback, a log."""
        return replaced(text, self._secrets)

    def _credential(self, value: str) -> str:
        if _MARK.fullmatch(value):
            return value
        return next((one.mark for one in self._secrets if one.text == value), _HIDDEN)


def _all_texts(exchange: Exchange) -> str:
    """Everything in an exchange that may hold a secret: most hold none, and one look is cheaper than thirty."""
    texts = [exchange.request.url, exchange.failure or ""]
    for part in (exchange.request, exchange.response):
        if part is not None:
            texts += [part.body.decode("latin-1"), *(text for header in part.headers for text in header)]
    return "\n".join(texts)


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
