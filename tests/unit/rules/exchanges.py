"""Exchanges as the checks see them, in one line each."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from contract_tests.traffic.exchange import Exchange
from contract_tests.traffic.messages import Request, Response

NOW = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
DATE = "Sun, 01 Mar 2026 12:00:00 GMT"

MESSAGE = {"id": "a.b", "default_message": "It is so.", "args": []}


def answered(
    status: int | None,
    body: Any = None,
    *,
    cell: str | None = "api-update",
    operation: str | None = "keep-alive",
    content_type: str | None = "application/json",
    **headers: str | None,
) -> Exchange:
    """An answer with a JSON body (bytes go as they are, None is none); no status is no answer."""
    content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    named = {"content-type": content_type if content else None, "date": DATE}
    named |= {name.replace("_", "-"): value for name, value in headers.items()}
    return Exchange(
        request=Request("POST", "https://vc.example/api/x"),
        response=None
        if status is None
        else Response(status, tuple((name, value) for name, value in named.items() if value is not None), content),
        started=NOW,
        seconds=0.25,
        failure="ConnectError: refused" if status is None else None,
        cell=cell,
        operation=operation,
    )


def error(status: int, type_: Any = None, *, cell: str = "api-update", **members: Any) -> Exchange:
    """A refusal with one message, wrapped where the cell wraps it."""
    value = {"messages": [MESSAGE], "error_type": type_, **members}
    return answered(status, {"value": value} if cell.startswith("rest") else value, cell=cell)


def session(*, cell: str = "api-update", **members: Any) -> Exchange:
    """A read of an ACTIVE session that expires in five minutes; a member that is None is left out."""
    model = {
        "library_item_id": "item",
        "library_item_content_version": "1",
        "client_progress": 30,
        "state": "ACTIVE",
        "expiration_time": "2026-03-01T12:05:00.000Z",
        **members,
    }
    shown = {name: value for name, value in model.items() if value is not None}
    return answered(200, {"value": shown} if cell.startswith("rest") else shown, cell=cell, operation="read")


NO_SESSIONS = [
    answered(None, operation="read"),
    answered(404, {"messages": [MESSAGE]}, operation="read"),
    answered(200, operation="read"),
    answered(200, b"<html>", operation="read"),
    answered(200, b"\xff", operation="read"),
    answered(200, [1], operation="read"),
    answered(200, b"null", operation="read"),
    answered(200, b'{"client_progress": NaN}', operation="read"),
    answered(200, b"[" * 100_000, operation="read"),
    answered(200, {"state": "ACTIVE"}, cell="rest-update", operation="read"),
    answered(200, {"value": []}, cell="rest-update", operation="read"),
    answered(200, {"state": "ACTIVE"}, cell=None, operation="read"),
]
"""Answers to a read that show no session."""
