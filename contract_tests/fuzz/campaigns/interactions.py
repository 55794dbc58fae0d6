"""Between schemathesis and the door: a case becomes a request to the letter, and an exchange becomes its answer.

What schemathesis calls a request is one of `requests`, whose preparation decides about the bytes; that is all that is
used of that library. Nothing is sent by it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import requests

from contract_tests.fuzz.campaigns.internals import REQUESTS_TRANSPORT, Answer, Override
from contract_tests.traffic.messages import Request, Response

if TYPE_CHECKING:
    from collections.abc import Mapping

    from contract_tests.fuzz.campaigns.internals import Case
    from contract_tests.traffic.exchange import Exchange

_CORRELATION: Final = "x-schemathesis-testcaseid"
"""A number of the tool's own, other in every run; left out, so that the same case is the same exchange."""

NO_ANSWER: Final = 599
"""A status that no document knows."""

_PARTS: Final = ("method", "url", "headers", "params", "cookies", "data", "json", "files", "auth")


def prepared(case: Case[Any], session: requests.Session | None, options: Mapping[str, Any]) -> requests.PreparedRequest:
    """The request of a case, as schemathesis means it to be sent.

    `session` holds the headers of the configuration; without one, none of them is sent.
    """
    standing = {} if session is None else dict(session.headers)
    headers = {**standing, **(options.get("headers") or {})}
    data = REQUESTS_TRANSPORT.serialize_case(case, **{**options, "headers": headers})
    parts = {name: data[name] for name in _PARTS if name in data}
    parts["headers"] = {name: value for name, value in parts["headers"].items() if value is not None}
    return requests.Request(**parts).prepare()


def request_of(prepared: requests.PreparedRequest) -> Request:
    """The request as it goes on the wire."""
    headers = tuple(
        (_text(name), _text(value)) for name, value in prepared.headers.items() if _text(name).lower() != _CORRELATION
    )
    body: Any = prepared.body or b""
    content = body.encode() if isinstance(body, str) else bytes(body)
    return Request(prepared.method or "", prepared.url or "", headers, content)


def answer_of(exchange: Exchange, prepared: requests.PreparedRequest, options: Mapping[str, Any]) -> Answer:
    """What schemathesis checks.

    Where there was no answer something stands in for it, as else the engine would send no other case. Its checks object
    to that, and nobody listens: what it means that there was none, the rules here say.
    """
    response = exchange.response or Response(NO_ANSWER)
    headers: dict[str, list[str]] = {}
    for name, value in response.headers:
        headers.setdefault(name.lower(), []).append(value)
    folded = {name: ", ".join(values) for name, values in headers.items()}
    return Answer(
        response.status,
        headers,
        response.body,
        prepared,
        exchange.seconds,
        verify=True,
        encoding=requests.utils.get_encoding_from_headers(folded),  # type: ignore[arg-type]  # any mapping will do
        _override=Override.from_send_kwargs(options),
    )


def _text(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.decode("latin-1")
