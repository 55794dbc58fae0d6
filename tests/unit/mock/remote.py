"""A client of the mock that speaks JSON-RPC; it knows data values by their tags, and no table."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import httpx

CONTENT = "com.vmware.content"
SESSION_ID = "com.vmware.vapi.std.security.session_id"
USER_PASSWORD = "com.vmware.vapi.std.security.user_pass"


def structure(kind: str, /, **members: Any) -> dict[str, Any]:
    return {"STRUCTURE": {kind: members}}


def some(value: Any) -> dict[str, Any]:
    return {"OPTIONAL": value}


def plain(data: Any) -> Any:
    """What a data value says: without tags, without names, without what is unset."""
    if isinstance(data, list):
        entries = [one["STRUCTURE"]["map-entry"] for one in data if _is_entry(one)]
        if entries:
            return {entry["key"]: plain(entry["value"]) for entry in entries}
        return [plain(one) for one in data]
    if not isinstance(data, dict):
        return data
    [(tag, inner)] = data.items()
    if tag in {"STRUCTURE", "ERROR"}:
        [members] = inner.values()
        return {name: plain(value) for name, value in members.items() if value != {"OPTIONAL": None}}
    return plain(inner)


def _is_entry(data: Any) -> bool:
    return isinstance(data, dict) and "map-entry" in data.get("STRUCTURE", ())


class Remote:
    """Invokes operations; `called` are those that it has invoked with success."""

    def __init__(self, http: httpx.Client) -> None:
        self.http = http
        self.called: set[tuple[str, str]] = set()
        self.security: dict[str, Any] = {"schemeId": USER_PASSWORD, "userName": "user", "password": "pass"}

    def log_in(self) -> str:
        [(tag, token)] = self.output("com.vmware.cis.session", "create").items()
        assert tag == "SECRET"
        self.security = {"schemeId": SESSION_ID, "sessionId": token}
        return str(token)

    def post(self, request: Any, headers: dict[str, str] | None = None) -> httpx.Response:
        content = request if isinstance(request, bytes) else json.dumps(request).encode()
        return self.http.post("/api", content=content, headers={"content-type": "application/json"} | (headers or {}))

    def request(self, service: str, operation: str, **members: Any) -> dict[str, Any]:
        given = {name: value for name, value in members.items() if value is not None}
        params = {
            "serviceId": service,
            "operationId": operation,
            "input": structure("operation-input", **given),
            "ctx": {"appCtx": {"opId": "1"}, "securityCtx": self.security},
        }
        return {"jsonrpc": "2.0", "id": "7", "method": "invoke", "params": params}

    def result(self, service: str, operation: str, **members: Any) -> dict[str, Any]:
        answer = self.post(self.request(service, operation, **members))
        assert answer.status_code == 200
        body = answer.json()
        assert (body["jsonrpc"], body["id"]) == ("2.0", "7")
        result: dict[str, Any] = body["result"]
        names = list(result["error"]["ERROR"]) if "error" in result else []
        assert answer.headers.get_list("vapi-error") == names
        return result

    def output(self, service: str, operation: str, **members: Any) -> Any:
        result = self.result(service, operation, **members)
        assert list(result) == ["output"], result
        self.called.add((service, operation))
        return result["output"]

    def value(self, service: str, operation: str, **members: Any) -> Any:
        return plain(self.output(service, operation, **members))

    def refused(self, service: str, operation: str, **members: Any) -> dict[str, Any]:
        """The error: its type as the only key."""
        result = self.result(service, operation, **members)
        assert list(result) == ["error"], result
        error: dict[str, Any] = result["error"]["ERROR"]
        [name] = error
        return {name.removeprefix("com.vmware.vapi.std.errors."): plain({"ERROR": error})}
