"""A server that repeats every secret it has ever seen, in every answer and in every way to write it."""

from __future__ import annotations

import base64
import html
import json
import quopri
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from contract_tests.mock import Parts
from contract_tests.mock.domain.access import Logins
from contract_tests.mock.domain.views import Views
from contract_tests.mock.http.wire import Reply, Wire

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import Receive, Scope, Send

    from contract_tests.mock.domain.errors import ApiError, Message

COOKIE = "jsession-5a1c9e0f7b34"

SPELLINGS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "percent": lambda secret: quote(secret, safe=""),
    "percent, lower": lambda secret: "".join(f"%{byte:02x}" for byte in secret.encode()),
    "percent, mixed": lambda secret: f"{quote(secret[:5], safe='')}%{ord(secret[5]):02x}{secret[6:]}",
    "percent twice": lambda secret: quote(quote(secret, safe=""), safe=""),
    "json": lambda secret: json.dumps(secret)[1:-1],
    "json, all": lambda secret: "".join(f"\\u{ord(sign):04X}" for sign in secret),
    "json, some": lambda secret: "".join(
        f"\\u{ord(sign):04x}" if place % 3 else sign for place, sign in enumerate(secret)
    ),
    "json, slash": lambda secret: json.dumps(secret)[1:-1].replace("/", "\\/"),
    "json in json": lambda secret: json.dumps(json.dumps(secret))[1:-1],
    "html": html.escape,
    "html, numbers": lambda secret: "".join(f"&#{ord(sign)};" for sign in secret),
    "html, hex": lambda secret: "".join(f"&#x{ord(sign):X};" for sign in secret),
    "base64": lambda secret: base64.b64encode(secret.encode()).decode(),
    "base64, bare": lambda secret: base64.b64encode(secret.encode()).decode().rstrip("="),
    "base64, url": lambda secret: base64.urlsafe_b64encode(secret.encode()).decode(),
    "base64 of more": lambda secret: base64.b64encode(f"you said: {secret}!".encode()).decode(),
    "base64 of a pair": lambda secret: base64.b64encode(f"somebody.else:{secret}".encode()).decode(),
    "hexadecimal": lambda secret: secret.encode().hex(),
    "quoted-printable": lambda secret: quopri.encodestring(secret.encode(), quotetabs=True).decode().replace("=\n", ""),
    "quoted, all": lambda secret: "".join(f"={byte:02X}" for byte in secret.encode()),
}
"""Ways to write a secret, as a wrong server may."""


class Gossip:
    """`heard` are the passwords that were sent, and the tokens and the cookie that were given out."""

    def __init__(self) -> None:
        self.heard: list[str] = [COOKIE]
        self.parts = _parts(self.heard)

    @property
    def secrets(self) -> list[str]:
        """All of them, each once."""
        return list(dict.fromkeys(self.heard))


def _parts(heard: list[str]) -> Parts:  # noqa: C901 - one part after the other
    def rumours() -> list[str]:
        known = list(dict.fromkeys(heard))
        return [spell(secret) for secret in {*known[:4], *known[-2:]} for spell in SPELLINGS.values()]

    class Listening(Logins):
        def log_in(self, name: str, password: str) -> str:
            heard.append(password)
            return super().log_in(name, password)

        def new_token(self) -> str:
            heard.append(super().new_token())
            return heard[-1]

    class Showing(Views):
        def session(self, session: Any) -> dict[str, Any]:
            return super().session(session) | {"rumours": rumours(), heard[-1]: "a member"}

    class Telling(Wire):
        def wrapped(self, idiom: Any, value: Any) -> Any:
            # The ids of a list: nothing says that an id can't be a token.
            known = isinstance(value, list) and all(isinstance(one, str) for one in value)
            return super().wrapped(idiom, [*value, *rumours()] if known else value)

        def message(self, message: Message) -> dict[str, Any]:
            told = " ".join(rumours())
            return super().message(message) | {"default_message": f"No: {told}", "args": rumours(), "localized": told}

        def error_headers(self, error: ApiError) -> Any:
            return (*super().error_headers(error), ("location", f"/{quote(heard[-1])}/{heard[-1]}?token={heard[-1]}"))

        async def send(self, reply: Reply, scope: Scope, receive: Receive, send: Send) -> None:
            if reply.status == 404:
                return await self._as_xml_in_pieces(reply, scope, receive, send)
            return await super().send(reply, scope, receive, send)

        async def _as_xml_in_pieces(self, reply: Reply, scope: Scope, receive: Receive, send: Send) -> None:
            """A chunked answer; every secret is cut in two by a frame."""
            del scope, receive
            headers = [*self.header_section(Reply(reply.status, reply.headers))]
            headers = [one for one in headers if one[0] not in (b"content-length", b"content-type")]
            headers.append((b"content-type", b"application/xml"))
            await send({"type": "http.response.start", "status": reply.status, "headers": headers})
            for secret in ("<error>", *rumours(), "</error>"):
                for half in (secret[:9], secret[9:]):
                    if half:
                        await send({"type": "http.response.body", "body": half.encode(), "more_body": True})
            await send({"type": "http.response.body", "body": b""})

        def general_headers(self) -> tuple[tuple[str, str], ...]:
            odd = [(f"x-rumour-{place}", told) for place, told in enumerate(rumours())]
            given = ("set-cookie", f"JSESSIONID={COOKIE}; Path=/; HttpOnly")
            tokens = [
                ("authorization", f"Basic {heard[-1]}"),
                (f"x-{heard[-1]}", "a name"),
                ("www-authenticate", heard[-1]),
            ]
            return (*super().general_headers(), given, *tokens, *odd)

    return Parts(access=Listening, views=Showing, wire=Telling)
