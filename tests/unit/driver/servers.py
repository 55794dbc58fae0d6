"""A server in memory: answers by method and path, and remembers what it was asked."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx

from contract_tests.driver import Door, Recorder
from contract_tests.traffic.redaction import Redactor

BASE = "https://vc.example"

Answer = httpx.Response | Exception | Callable[[httpx.Request], httpx.Response]


class Server:
    """`answers` are looked up by "METHOD /path?query", by "METHOD /path", or by "METHOD"; else it is a 404."""

    def __init__(self, answers: dict[str, Answer] | None = None) -> None:
        self.answers = dict(answers or {})
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        whole = f"{request.method} {request.url.raw_path.decode()}"
        found = next(
            (self.answers[key] for key in (whole, whole.partition("?")[0], request.method) if key in self.answers),
            httpx.Response(404, json={"messages": []}),
        )
        if isinstance(found, Exception):
            raise found
        if isinstance(found, httpx.Response):  # a fresh one each time: a response can be read once
            return httpx.Response(found.status_code, headers=found.headers, content=found.content)
        return found(request)

    @property
    def asked(self) -> list[str]:
        return [f"{request.method} {request.url.raw_path.decode()}" for request in self.requests]

    def sent(self, number: int = -1) -> Any:
        """The JSON of a request; None if it had no body."""
        content = self.requests[number].content
        return json.loads(content) if content else None

    def door(self, base: str = BASE, **headers: str) -> Door:
        return Door(
            base,
            Recorder(Redactor()),
            inner=httpx.MockTransport(self),
            headers={name.replace("_", "-"): value for name, value in headers.items()},
        )


def says(status: int, body: Any = None, **headers: str) -> httpx.Response:
    """A JSON answer; bytes go as they are."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    if isinstance(body, bytes):
        return httpx.Response(status, content=body, headers=named)
    return httpx.Response(status, headers=named) if body is None else httpx.Response(status, json=body, headers=named)
