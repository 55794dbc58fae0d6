"""A client of the mock that speaks either dialect, and one clock that stands still."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import httpx

from contract_tests.contract.words import Dialect, Service
from contract_tests.mock import CONTROL_HEADER, CONTROL_KEY, App, MockSettings, Parts, ShiftedClock, User

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message

BACKING = {"type": "DATASTORE", "datastore_id": "datastore-11"}


class ManualClock(ShiftedClock):
    """Stands still until it is advanced."""

    def now(self) -> datetime:
        return datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=UTC) + timedelta(seconds=self.shift)


class InMemory(httpx.BaseTransport):
    """Calls an application that never waits for anything but its request, so no loop is needed."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        path, _, query = request.url.raw_path.partition(b"?")
        scope = {
            "type": "http",
            "method": request.method,
            "path": unquote(path.decode()),
            "query_string": query,
            "headers": [(name.lower(), value) for name, value in request.headers.raw],
            "scheme": "http",
            "server": ("mock.example", 8080),
        }
        incoming = [request.read()[at : at + 2**16] for at in range(0, len(request.content) or 1, 2**16)]
        outgoing: list[Message] = []

        async def receive() -> Message:
            return {"type": "http.request", "body": incoming.pop(0), "more_body": bool(incoming)}

        async def send(message: Message) -> None:
            outgoing.append(message)

        performance = self.app(scope, receive, send)
        with suppress(StopIteration):
            performance.__await__().__next__()
        start, body = outgoing
        return httpx.Response(start["status"], headers=start["headers"], content=body["body"])


class Speaker:
    """Says the same thing in either dialect."""

    def __init__(
        self,
        dialect: Dialect,
        parts: Parts | None = None,
        *,
        control: bool = False,
        settings: MockSettings | None = None,
    ) -> None:
        self.dialect = dialect
        self.wraps = dialect is Dialect.REST
        self.clock = ManualClock()
        settings = settings or MockSettings(users=(User("user", "pass"), User("other", "pass")))
        app = App(self.clock, settings, parts, control=control, names=["mock.example"])
        no_cookies = CookieJar(DefaultCookiePolicy(allowed_domains=[]))  # the server would read them before the header
        self.http = httpx.Client(transport=InMemory(app), base_url="http://mock.example:8080", cookies=no_cookies)
        if control:
            self.http.headers[CONTROL_HEADER] = CONTROL_KEY
        self.log_in("user")

    def log_in(self, name: str) -> None:
        path = "/rest/com/vmware/cis/session" if self.wraps else "/api/session"
        answer = self.http.post(path, auth=(name, "pass"))
        self.http.headers["vmware-api-session-id"] = self.value(answer)

    def path(self, path: str, identifier: str | None = None, action: str | None = None) -> str:
        whole = ("/rest/com/vmware" if self.wraps else "/api") + path
        if identifier is not None:
            whole += f"/{'id:' if self.wraps else ''}{identifier}"
        if action is not None:
            whole += f"?{'~' if self.wraps else ''}action={action}"
        return whole

    def value(self, answer: httpx.Response) -> Any:
        assert answer.is_success, answer.text
        return answer.json()["value"] if self.wraps else answer.json()

    def error(self, answer: httpx.Response) -> Any:
        """The error in an answer; that it is whole and in the dialect's shape is checked by the way."""
        body = answer.json()
        if self.wraps:
            assert body["type"] == f"com.vmware.vapi.std.errors.{body['value']['error_type'].lower()}"
            body = body["value"]
        assert body["messages"]
        for message in body["messages"]:
            assert message["id"]
            assert message["default_message"]
            assert isinstance(message["args"], list)
        return body

    def refused(self, answer: httpx.Response, status: int, error_type: str) -> None:
        assert (answer.status_code, self.error(answer)["error_type"]) == (status, error_type)

    def wrapped(self, spec: Any, member: str = "create_spec", **beside: Any) -> Any:
        return {member: spec, **beside} if self.wraps else spec

    def create(self, path: str, spec: Any) -> str:
        return str(self.value(self.http.post(self.path(path), json=self.wrapped(spec))))

    def library(self) -> str:
        return self.create("/content/local-library", {"name": "library", "storage_backings": [BACKING]})

    def item(self, library: str | None = None, name: str = "item") -> str:
        return self.create("/content/library/item", {"library_id": library or self.library(), "name": name})

    def session(self, service: Service, item: str | None = None) -> str:
        return self.create(sessions(service), {"library_item_id": item or self.item()})

    def read(self, service: Service, session: str) -> Any:
        return self.value(self.http.get(self.path(sessions(service), session)))

    def act(self, service: Service, session: str, action: str, **request: Any) -> httpx.Response:
        return self.http.post(self.path(sessions(service), session, action), **request)


def sessions(service: Service) -> str:
    return f"/content/library/item/{service}-session"
