"""Sources that a mock pulls from: addresses of http and https, each wrong or slow in its own way."""

from __future__ import annotations

import hashlib
import ssl
import threading
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    import trustme

CONTENT = bytes(range(256)) * 1000


class Answering(BaseHTTPRequestHandler):
    """What it answers is said by the path."""

    protocol_version = "HTTP/1.1"
    server: Any

    def do_GET(self) -> None:
        self.server.origin.asked.append(self.path)
        name, _, target = self.path.strip("/").partition("?")
        getattr(self, name.replace("-", "_"))(target)

    def whole(self, _: str) -> None:
        self.begin(200, {"Content-Length": str(len(CONTENT))})
        self.wfile.write(CONTENT)

    def chunked(self, _: str) -> None:
        self.begin(200, {"Transfer-Encoding": "chunked"})
        for at in range(0, len(CONTENT), 50_000):
            piece = CONTENT[at : at + 50_000]
            self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece))
        self.wfile.write(b"0\r\n\r\n")

    def slow(self, _: str) -> None:
        """Half of it, and the rest when the test says so."""
        self.begin(200, {"Content-Length": str(len(CONTENT))})
        self.wfile.write(CONTENT[:1000])
        self.server.origin.release.wait(30)
        self.wfile.write(CONTENT[1000:])

    def broken(self, _: str) -> None:
        self.begin(200, {"Content-Length": str(len(CONTENT))})
        self.wfile.write(CONTENT[:-1])
        self.close_connection = True

    def endless(self, _: str) -> None:
        """As much as anybody reads."""
        self.begin(200, {"Transfer-Encoding": "chunked"})
        with suppress(OSError):
            while not self.server.origin.release.is_set():
                self.wfile.write(b"%x\r\n%b\r\n" % (len(CONTENT), CONTENT))

    def missing(self, _: str) -> None:
        self.begin(404, {"Content-Length": "0"})

    def to(self, target: str) -> None:
        self.begin(302, {"Location": target, "Content-Length": "0"})

    def begin(self, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Origin:
    """A source that listens."""

    def __init__(self, certificate: trustme.LeafCert | None = None) -> None:
        self.asked: list[str] = []
        """The paths that were asked for."""
        self.release = threading.Event()
        server: Any = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
        server.origin = self
        self.server = server
        self.certificate = certificate
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            certificate.configure_cert(context)
            self.server.socket = context.wrap_socket(
                self.server.socket, server_side=True, do_handshake_on_connect=False
            )

    def url(self, path: str) -> str:
        scheme = "http" if self.certificate is None else "https"
        return f"{scheme}://127.0.0.1:{self.server.server_port}/{path}"

    @property
    def pem(self) -> str:
        assert self.certificate is not None
        return self.certificate.cert_chain_pems[0].bytes().decode()

    def thumbprint(self, algorithm: str) -> str:
        return hashlib.new(algorithm, ssl.PEM_cert_to_DER_cert(self.pem)).hexdigest()


@contextmanager
def origin(certificate: trustme.LeafCert | None = None) -> Iterator[Origin]:
    one = Origin(certificate)
    thread = threading.Thread(target=one.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield one
    finally:
        one.release.set()
        one.server.shutdown()
        one.server.server_close()
        thread.join()
