"""Turns what schemathesis sent and received into the exchanges of this suite."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from contract_tests.exchange import Exchange, Request, Response

if TYPE_CHECKING:
    from collections.abc import Mapping

    import requests
    from schemathesis.core.transport import Response as Answer

    from contract_tests.exchange import Headers

_CORRELATION: Final = "x-schemathesis-testcaseid"
"""A number of the tool's own, other in every run; left out, so that the same case is the same exchange."""


def exchange_of(answer: Answer) -> Exchange:
    """An answered request. Nothing is redacted yet."""
    return Exchange(
        request_of(answer.request),
        Response(answer.status_code, _headers(answer.headers), answer.content or b""),
        datetime.now(UTC) - timedelta(seconds=answer.elapsed),
        answer.elapsed,
    )


def unanswered(request: requests.PreparedRequest, failure: str) -> Exchange:
    """A request that got no answer, and why. Nothing is redacted yet."""
    return Exchange(request_of(request), None, datetime.now(UTC), 0.0, failure)


def request_of(request: requests.PreparedRequest) -> Request:
    """The request as it was put on the wire."""
    headers = tuple(
        (name, value if isinstance(value, str) else value.decode("latin-1"))
        for name, value in request.headers.items()
        if name.lower() != _CORRELATION
    )
    body: Any = request.body or b""
    content = body.encode() if isinstance(body, str) else bytes(body)
    return Request(request.method or "", request.url or "", headers, content)


def _headers(headers: Mapping[str, list[str]]) -> Headers:
    return tuple((name, value) for name, values in headers.items() for value in values)
