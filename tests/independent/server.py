"""The server: HTTP/1.1 on threads, by the standard library."""

from __future__ import annotations

import json
import re
import socket
import sys
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, cast

from tests.independent import showing
from tests.independent.http_values import NOTHING, Answer, Request
from tests.independent.problems import Refusal
from tests.independent.reading import plain
from tests.independent.routing import answer

if TYPE_CHECKING:
    from tests.independent.domain import World

_ALLOW = "GET, POST, PATCH, DELETE"


class Server(ThreadingHTTPServer):
    """A right server; `controlled` opens the door by which its clock is moved."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, world: World, port: int, *, controlled: bool) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.world = world
        self.controlled = controlled
        self.base = f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of clients that go away."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


class _Broken(Exception):
    """A request whose end can't be told: it is refused, and the connection closed."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 60
    rest = False

    @property
    def here(self) -> Server:
        return cast("Server", self.server)

    def setup(self) -> None:
        super().setup()
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Keep still."""

    def parse_request(self) -> bool:
        self.rest = b" /rest" in self.raw_requestline[:64]
        return super().parse_request()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("do_"):
            return self.serve
        raise AttributeError(name)

    def send_error(self, code: int, message: str | None = None, _explain: str | None = None) -> None:
        """What http.server itself refuses, as an error like any other."""
        self.close_connection = True
        self.write(self.refused(Refusal(400 if code >= 500 else code, "INVALID_REQUEST", message or "Bad request.")))

    def refused(self, refusal: Refusal) -> Answer:
        free = self.here.world.free
        headers: list[tuple[str, str]] = []
        if refusal.status == 405:
            headers.append(("Allow", _ALLOW))
        if refusal.status == 401 and free.unchallenged == "header":
            headers.append(("WWW-Authenticate", 'Basic realm="VAPI endpoint"'))
        return Answer(refusal.status, showing.error(refusal, free, rest=self.rest), tuple(headers))

    def serve(self) -> None:
        world = self.here.world
        self.rest = self.path.startswith("/rest")
        try:
            body = self.read_body()
        except _Broken as problem:
            self.close_connection = True
            self.write(self.refused(Refusal(400, "INVALID_REQUEST", str(problem))))
            return
        request = Request(self.command, self.path, self.headers, body, self.here.base)
        with world.lock:
            world.sweep()
            try:
                self.check_accept()
                told = answer(world, request, controlled=self.here.controlled)
                if self.rest and told.value is not NOTHING:
                    told = Answer(told.status, {"value": told.value}, told.headers)
            except Refusal as refusal:
                told = self.refused(refusal)
            date = formatdate(world.now(), usegmt=True)
        self.write(told, date)

    def check_accept(self) -> None:
        accept = ",".join(self.headers.get_all("accept") or ["*/*"]).lower()
        served = any(kind in accept for kind in ("*/*", "application/*", "application/json"))
        if self.here.world.free.accept == "406" and not served:
            raise Refusal(406, "INVALID_REQUEST", "Only JSON is served.")

    def read_body(self) -> bytes:
        lengths = self.headers.get_all("content-length") or []
        coding = self.headers.get("transfer-encoding")
        if coding is not None:
            if coding.strip().lower() != "chunked" or lengths:
                raise _Broken("The length of the body is ambiguous.")
            return self.read_chunks()
        if not lengths:
            return b""
        if len({one.strip() for one in lengths}) > 1 or not re.fullmatch(r"[0-9]{1,12}", lengths[0].strip(), re.ASCII):
            raise _Broken("The length of the body can't be told.")
        return self.rfile.read(int(lengths[0]))

    def read_chunks(self) -> bytes:
        parts = []
        while True:
            line = self.rfile.readline(1024).partition(b";")[0].strip()
            if not re.fullmatch(rb"[0-9a-fA-F]{1,8}", line):
                raise _Broken("A chunk has no size.")
            if not (size := int(line, 16)):
                break
            parts.append(self.rfile.read(size))
            if self.rfile.readline(3).strip():
                raise _Broken("A chunk has no end.")
        while self.rfile.readline(65537).strip():
            pass
        return b"".join(parts)

    # Answers

    def write(self, told: Answer, date: str | None = None) -> None:
        free = self.here.world.free
        kind, content = self.content(told)
        headers = [("Server", self.name()), ("Date", date or formatdate(self.here.world.now(), usegmt=True))]
        if kind is not None:
            headers.append(("Content-Type", kind))
        headers += told.headers
        if free.more_headers == "gateway":
            headers += [("Via", "1.1 gateway"), ("X-Request-Id", "é".encode().decode("latin-1"))]
            headers += [("Strict-Transport-Security", "max-age=1"), ("Cache-Control", "no-store"), ("ETag", '"1"')]
            headers += [("Vary", "Accept"), ("Vary", "Accept-Encoding"), ("X-Empty", "")]
        if free.more_headers == "cookie":
            headers.append(("Set-Cookie", "vmware-api-session-id=0123456789abcdef; Path=/rest; Secure; HttpOnly"))
        framing = free.framing if self.request_version == "HTTP/1.1" else "close"
        bodiless = told.status == 204 or self.command == "HEAD"
        if told.status != 204:
            if framing == "length" or self.command == "HEAD":
                headers.append(("Content-Length", str(len(content))))
            elif framing == "chunked":
                headers.append(("Transfer-Encoding", "chunked"))
            else:
                self.close_connection = True
        elif free.void_headers == "length":
            headers.append(("Content-Length", "0"))
        if free.connection == "close" or self.close_connection:
            self.close_connection = True
            headers.append(("Connection", "close"))
        sent = self.head(told.status, headers)
        if not bodiless:
            sent += _chunked(content) if framing == "chunked" else content
        self.wfile.write(sent)

    def name(self) -> str:
        return "cl-contract-mock-of-another-make/1.0" if self.here.controlled else "other-make/1.0"

    def head(self, status: int, headers: list[tuple[str, str]]) -> bytes:
        free = self.here.world.free
        usual = self.responses.get(status, ("Odd", ""))[0]
        reason = {"usual": usual, "empty": "", "odd": "Whatever It Is"}[free.reason]
        if free.header_case != "title":
            headers = [
                (name.lower() if free.header_case == "lower" else name.upper(), value) for name, value in headers
            ]
        lines = [f"HTTP/1.1 {status} {reason}", *(f"{name}: {value}" for name, value in headers), "", ""]
        return "\r\n".join(lines).encode("latin-1")

    def content(self, told: Answer) -> tuple[str | None, bytes]:
        free = self.here.world.free
        if told.raw is not None:
            return "application/octet-stream", told.raw
        parameter = {"none": "", "lower": ";charset=utf-8", "upper": "; charset=UTF-8", "spaced": ' ; charset="utf-8"'}
        kind = "application/json" + parameter[free.charset]
        if told.value is NOTHING:
            return (kind if free.void_headers == "type" else None), b""
        value = plain(told.value)
        if free.json_order == "reversed":
            value = _reversed(value)
        indent = 2 if free.json_style == "pretty" else None
        marks = (" , ", " : ") if free.json_style == "spaced" else (",", ":") if indent is None else (",", ": ")
        text = json.dumps(
            value,
            indent=indent,
            separators=marks,
            ensure_ascii=free.json_ascii == "escaped",
            sort_keys=free.json_order == "sorted",
        )
        text = {"newline": f"\r\n{text}\n", "spaced": f" \t{text} "}.get(free.json_style, text)
        return kind, text.encode("utf-8", "backslashreplace" if free.json_ascii == "raw" else "strict")


def _reversed(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _reversed(one) for key, one in reversed(value.items())}
    return [_reversed(one) for one in value] if isinstance(value, list) else value


def _chunked(content: bytes) -> bytes:
    halves = [content[: len(content) // 2], content[len(content) // 2 :]]
    return b"".join(b"%x\r\n%b\r\n" % (len(half), half) for half in halves if half) + b"0\r\n\r\n"
