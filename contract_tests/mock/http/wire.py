"""What goes back over the wire, in either dialect. Each method is one decision."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, replace
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any, Final

from contract_tests import __version__
from contract_tests.mock.domain.errors import ApiError, ErrorType, Message
from contract_tests.mock.http.operations import Success

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from contract_tests.mock.domain.clock import TimeSource
    from contract_tests.mock.http.idioms import Idiom
    from contract_tests.mock.http.portions import Portion

IN_ONE_GO: Final = 2**20
"""The most bytes of content that are put into one reply."""

Headers = tuple[tuple[str, str], ...]

JSON_TYPE = ("content-type", "application/json")

TOKEN_NAME: Final = "vmware-api-session-id"  # noqa: S105 - a name
"""What the token is called, as a header and as a cookie."""


@dataclass(frozen=True)
class Reply:
    status: int
    headers: Headers = ()
    body: bytes = b""
    portion: Portion | None = None
    """What the body is instead, where it is not held in memory."""


class HttpRefusal(ApiError):
    """A refusal that is about HTTP itself: 405, 413, 415. No error type stands for these statuses, so it is ERROR."""

    def __init__(self, status: int, name: str, text: str, headers: Headers = ()) -> None:
        super().__init__(ErrorType.ERROR, Message(f"com.vmware.vapi.rest.{name}", text))
        self.status = status
        self.headers = headers


class Wire:
    """Turns outcomes into replies."""

    def __init__(self, clock: TimeSource) -> None:
        self.clock = clock

    # Successes

    def success(self, idiom: Idiom, kind: Success, value: Any) -> Reply:
        if kind is Success.CREATED:
            return self.created_reply(idiom, value)
        if kind is Success.VALUE:
            return self.value_reply(idiom, value)
        if kind is Success.CONTENT:
            return self.content_reply(value)
        if kind is Success.DONE:
            return self.done_reply()
        return self.void_reply(idiom)

    def created_reply(self, idiom: Idiom, value: Any) -> Reply:
        return Reply(idiom.created, (JSON_TYPE,), self.encoded(self.wrapped(idiom, value)))

    def value_reply(self, idiom: Idiom, value: Any) -> Reply:
        return Reply(200, (JSON_TYPE,), self.encoded(self.wrapped(idiom, value)))

    def void_reply(self, idiom: Idiom) -> Reply:
        """Nothing to say: no body, and no header that speaks of one."""
        return Reply(idiom.void)

    def done_reply(self) -> Reply:
        return Reply(200)

    def content_reply(self, portion: Portion) -> Reply:
        """Content of a file; a client may ask for it by parts."""
        headers: Headers = (
            ("content-type", "application/octet-stream"),
            ("accept-ranges", "bytes"),
            ("etag", portion.tag),
        )
        if portion.is_part:
            headers = (*headers, ("content-range", portion.place))
        reply = Reply(206 if portion.is_part else 200, headers)
        if portion.is_told or portion.size > IN_ONE_GO:
            return replace(reply, portion=portion)
        return replace(reply, body=b"".join(portion.pieces()))

    def wrapped(self, idiom: Idiom, value: Any) -> Any:
        return {"value": value} if idiom.wraps else value

    def cookie_headers(self, idiom: Idiom, token: str | None, *, secure: bool) -> Headers:
        """What gives a client its token as a cookie, or, without one, takes that away."""
        value = f"{TOKEN_NAME}={token or ''}; Path={idiom.cookie_path}; HttpOnly"
        return (("set-cookie", value + ("; Secure" if secure else "") + ("" if token else "; Max-Age=0")),)

    # Refusals

    def error_reply(self, idiom: Idiom, error: ApiError) -> Reply:
        body = self.encoded(self.error_body(idiom, error))
        return Reply(self.status_of(idiom, error), (JSON_TYPE, *self.error_headers(error)), body)

    def status_of(self, idiom: Idiom, error: ApiError) -> int:
        if isinstance(error, HttpRefusal):
            return error.status
        return idiom.statuses.get(error.error_type, 500)

    def error_headers(self, error: ApiError) -> Headers:
        if isinstance(error, HttpRefusal):
            return error.headers
        if error.challenge is not None:
            return (("www-authenticate", error.challenge),)
        return ()

    def error_body(self, idiom: Idiom, error: ApiError) -> Any:
        fields = self.error_fields(error)
        if not idiom.wraps:
            return fields
        return {"type": f"com.vmware.vapi.std.errors.{error.error_type.lower()}", "value": _with_pairs(fields)}

    def error_fields(self, error: ApiError) -> dict[str, Any]:
        """The members of `Vapi.Std.Errors.Error`; what is optional is absent rather than null."""
        fields: dict[str, Any] = {
            "error_type": error.error_type,
            "messages": [self.message(one) for one in error.messages],
        }
        if error.data is not None:
            fields["data"] = dict(error.data)
        if error.challenge is not None:
            fields["challenge"] = error.challenge
        return fields

    def message(self, message: Message) -> dict[str, Any]:
        """A `LocalizableMessage`; what is optional is absent rather than null."""
        shown: dict[str, Any] = {
            "id": message.id,
            "default_message": message.default_message,
            "args": list(message.args),
        }
        if message.params is not None:
            shown["params"] = dict(message.params)
        if message.localized is not None:
            shown["localized"] = message.localized
        return shown

    # Every reply

    def encoded(self, value: Any) -> bytes:
        return json.dumps(value, allow_nan=False, separators=(",", ":")).encode()

    def general_headers(self) -> Headers:
        """The date by the server's own clock, so that a client can tell how far apart theirs are."""
        now = format_datetime(self.clock.now(), usegmt=True)
        return (("date", now), ("server", f"cl-contract-mock/{__version__}"))

    def framing_headers(self, reply: Reply) -> Headers:
        """Bare 204 means bare: RFC 9110 allows it neither Content-Length nor content."""
        size = len(reply.body) if reply.portion is None else reply.portion.size
        return () if reply.status == 204 else (("content-length", str(size)),)

    async def send(self, reply: Reply, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        """Put the reply on the wire. `receive` is for those who would rather break it off."""
        await send({"type": "http.response.start", "status": reply.status, "headers": self.header_section(reply)})
        connection = scope.get("extensions", {}).get("connection")
        for piece in () if reply.portion is None else reply.portion.pieces():
            if connection is not None and connection.is_closing():
                await asyncio.sleep(0)  # until uvicorn has heard of it, or it takes this for a mistake
                return
            await send({"type": "http.response.body", "body": piece, "more_body": True})
            await asyncio.sleep(0)  # others wait for their turn, too
        await send({"type": "http.response.body", "body": reply.body})

    def header_section(self, reply: Reply) -> list[tuple[bytes, bytes]]:
        headers = (*self.general_headers(), *reply.headers, *self.framing_headers(reply))
        return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]


def _with_pairs(value: Any) -> Any:
    """The value with its maps as `/rest` writes them, arrays of key and value; `params` is the only map there is."""
    if isinstance(value, list):
        return [_with_pairs(one) for one in value]
    if not isinstance(value, dict):
        return value
    shown = {name: _with_pairs(inner) for name, inner in value.items()}
    if isinstance(shown.get("params"), dict):
        shown["params"] = [{"key": name, "value": param} for name, param in shown["params"].items()]
    return shown
