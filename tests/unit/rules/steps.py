"""Requests of a campaign, made by hand."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from contract_tests.contract import Cell, Dialect, Service
from contract_tests.contract.dialects import Op
from contract_tests.rules.oracle import verdicts
from contract_tests.rules.steps import Standing, Step
from contract_tests.traffic.exchange import Exchange
from contract_tests.traffic.messages import Request, Response

JSON = (("content-type", "application/json"),)
API = Cell(Dialect.API, Service.UPDATE)
ITEM = "item-1"


def exchange(
    op: Op,
    status: int,
    answer: Any = None,
    *,
    cell: Cell = API,
    method: str = "POST",
    query: str = "",
    body: bytes = b"",
    media: str = "application/json",
    token: str | None = "<token>",
) -> Exchange:
    headers = (("content-type", media),) if body else ()
    if token is not None:
        headers = (*headers, ("vmware-api-session-id", token))
    content = b"" if answer is None else json.dumps(answer).encode()
    return Exchange(
        Request(method, f"http://host/api/x{query}", headers, body),
        Response(status, JSON if content else (), content),
        datetime(2026, 1, 1, tzinfo=UTC),
        0.01,
        cell=str(cell),
        operation=op,
    )


def reading(progress: Any = 30, *, cell: Cell = API, **members: Any) -> Exchange:
    """A read of a session."""
    model = {
        "library_item_id": ITEM,
        "library_item_content_version": "1",
        "client_progress": progress,
        "state": "ACTIVE",
        "expiration_time": "2026-01-01T00:05:00.000Z",
    } | members
    shown = {"value": model} if cell.dialect is Dialect.REST else model
    return exchange(Op.READ, 200, shown, cell=cell, method="GET")


def error(kind: str, **members: Any) -> dict[str, Any]:
    """A whole error object."""
    return {"error_type": kind, "messages": [{"id": "x", "default_message": "No.", "args": []}]} | members


def keep_alive(
    body: Any = None, status: int = 204, answer: Any = None, *, raw: bytes | None = None, **known: Any
) -> Step:
    """A keep-alive of an ACTIVE session at progress 30 that stays as it is, unless told otherwise."""
    content = raw if raw is not None else b"" if body is None else json.dumps(body).encode()
    options: dict[str, Any] = {name: known.pop(name) for name in ("query", "media", "token", "cell") if name in known}
    sent = exchange(Op.KEEP_ALIVE, status, answer, body=content, **({"query": "?action=keep-alive"} | options))
    about: dict[str, Any] = {"standing": Standing.ACTIVE, "item": ITEM, "before": reading(), "after": reading()}
    return Step(sent, options.get("cell", API), "updateSession.keepAlive", Op.KEEP_ALIVE, **(about | known))


def update(spec: Any, status: int = 204, answer: Any = None, **known: Any) -> Step:
    """An update of an ACTIVE session that stays as it is, unless told otherwise."""
    sent = exchange(Op.UPDATE, status, answer, method="PATCH", body=json.dumps(spec).encode())
    about: dict[str, Any] = {"standing": Standing.ACTIVE, "item": ITEM, "before": reading(), "after": reading()}
    return Step(sent, API, "updateSession.update", Op.UPDATE, **(about | known))


def create(spec: Any, status: int, answer: Any = None, *, headers: Any = (), **known: Any) -> Step:
    """A creation on a free item, unless told otherwise."""
    sent = exchange(Op.CREATE, status, answer, body=json.dumps(spec).encode())
    sent = replace(sent, request=replace(sent.request, headers=(*sent.request.headers, *headers)))
    return Step(sent, API, "updateSession.create", Op.CREATE, **({"standing": Standing.FREE, "item": ITEM} | known))


def broken(sent: Step) -> set[str]:
    """The clauses that a request breaks."""
    return {slug for slug, flaws in verdicts(sent) if flaws}


def decided(sent: Step) -> set[str]:
    """The clauses that a request decides."""
    return {slug for slug, _ in verdicts(sent)}


REFUSED = (400, error("INVALID_ARGUMENT"))
NEW = {"library_item_id": "item-1"}
