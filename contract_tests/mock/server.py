"""The mock as a running server: in a thread, for tests, or until somebody ends it, by itself."""

from __future__ import annotations

import asyncio
import signal
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

import uvicorn

from contract_tests.mock.controls import ServerControls
from contract_tests.mock.domain.access import User
from contract_tests.mock.domain.clock import ShiftedClock
from contract_tests.mock.domain.world import DEFAULT_USER, MockSettings
from contract_tests.mock.http.app import App, Parts
from contract_tests.mock.http.protocol import MockProtocol
from contract_tests.mock.listening import listening_socket
from contract_tests.mock.store import CannotStore, FolderStore
from contract_tests.mock.tls import ServerCertificate, made_certificate

if TYPE_CHECKING:
    import socket
    import ssl
    from collections.abc import Callable, Sequence
    from types import FrameType, TracebackType


_Value = TypeVar("_Value")
_PATIENCE = 60.0
"""Seconds after which nobody waits for what a server has not done; it takes milliseconds."""


class MockServer:
    """A mock server on a thread of its own.

    ``with MockServer() as server: httpx.get(server.url)``. Everything that it knows lives on that thread.
    """

    def __init__(  # noqa: PLR0913 - options, all by keyword, all with a default
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        username: str = DEFAULT_USER.name,
        password: str = DEFAULT_USER.password,
        other_users: Sequence[User] = (),
        control: bool | str = False,
        tls: bool | ServerCertificate = False,
        store: str | Path | None = None,
        parts: Parts | None = None,
        **settings: Any,
    ) -> None:
        """Listen at once; nothing is answered before `start`.

        Args:
            host: Name or address to listen on.
            port: 0 takes a free one.
            username: Who may log in.
            password: With which password.
            other_users: Who else may.
            control: Whether the control door is open; a text is the secret that it takes to come in.
            tls: Whether it speaks TLS: with a certificate that is made for it, or with this one.
            store: Folder for content that is too large for memory, made if need be; None: only its size and digests
                are kept. What is in it goes with the server.
            parts: The classes it is made of, to replace some.
            settings: Members of `MockSettings` beside `users`, such as `session_timeout`.

        Raises:
            PortTaken: somebody else listens there.
            CannotListen: the address is not one of this machine, or may not be used.
            CannotStore: nothing can be kept in `store`.
        """
        self.host = host
        self.clock = ShiftedClock()
        configured = MockSettings(users=(User(username, password), *other_users), **settings)
        self.certificate = made_certificate(host) if tls is True else tls or None
        """What it shows of itself, if it speaks TLS."""
        self._socket = listening_socket(host, port)
        address: str = self._socket.getsockname()[0]
        self.port: int = self._socket.getsockname()[1]
        try:
            self._store = None if store is None else FolderStore(Path(store))
        except CannotStore:
            self._socket.close()
            raise
        app = App(self.clock, configured, parts, control=control, names=(host, address), store=self._store)
        self.username, self.password = username, password
        self.control = ServerControls(self, app)
        """What a test may do to it, and see of it."""
        config = uvicorn.Config(
            app,
            loop="asyncio",
            http=MockProtocol,
            ws="none",
            lifespan="off",
            interface="asgi3",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            date_header=False,
            server_header=False,
            # Longer than anybody pauses between two requests: a connection that is closed just while a
            # client reuses it fails that client's request.
            timeout_keep_alive=3600,
            timeout_graceful_shutdown=1,
        )
        config.load()
        config.ssl = self.certificate.context if self.certificate else None
        self._server = _Server(config)
        self._thread = threading.Thread(target=self._serve, name=f"mock-{self.port}", daemon=True)

    @property
    def url(self) -> str:
        """The base address, without `/api`."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self.certificate else 'http'}://{host}:{self.port}"

    @property
    def trust(self) -> ssl.SSLContext | bool:
        """What a client verifies this server by: `httpx.get(server.url, verify=server.trust)`."""
        return self.certificate.trust() if self.certificate else True

    def start(self) -> Self:
        """Begin to answer; returns when it does.

        Raises:
            RuntimeError: the server ended before it began.
        """
        self._thread.start()
        self._server.settled.wait()
        if not self._server.started:
            raise RuntimeError("The mock server did not start; its thread has said why.")
        return self

    def stop(self) -> None:
        """End; returns when the thread has ended. Ending twice is no mistake."""
        self._server.should_exit = True
        if self._thread.ident is not None:
            self._thread.join()
        self._socket.close()
        if self._store is not None:
            self._store.close()

    def on_its_thread(self, work: Callable[[], _Value]) -> _Value:
        """What `work` gives, or raises, where all lives that the server knows: on its thread, between two requests.

        Raises:
            RuntimeError: it has been stopped.
        """
        if self._thread.ident is None or threading.current_thread() is self._thread:
            return work()
        loop = self._server.loop
        if loop is None or loop.is_closed():
            raise RuntimeError("The mock server has been stopped.")

        async def done() -> _Value:
            return work()

        return asyncio.run_coroutine_threadsafe(done(), loop).result(_PATIENCE)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _serve(self) -> None:
        try:
            self._server.run(sockets=[self._socket])
        finally:
            self._server.settled.set()


def run(told: Callable[[MockServer], str] = lambda _server: "", **options: Any) -> int:
    """Serve until Ctrl-C, SIGTERM or SIGHUP; the exit code is 0.

    Takes the arguments of `MockServer`. Prints the address as the first line, and what `told` makes of it. Has to be
    called on the main thread, which is where signals arrive.

    Raises:
        PortTaken, CannotListen: as `MockServer`.
    """
    ended = threading.Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        ended.set()

    former = {number: signal.signal(number, end) for number in _ending()}
    try:
        with MockServer(**options) as server:
            # At once: who takes the first line and hangs up must not end the server.
            sys.stdout.write(f"{server.url}\n{told(server)}")
            sys.stdout.flush()
            ended.wait()
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)
    return 0


def _ending() -> list[signal.Signals]:
    """The signals that end a server; not that of a terminal that is closed, under `nohup` or where there is none."""
    hangup: signal.Signals | None = getattr(signal, "SIGHUP", None)
    usual = [signal.SIGINT, signal.SIGTERM]
    return usual if hangup is None or signal.getsignal(hangup) is signal.SIG_IGN else [*usual, hangup]


class _Server(uvicorn.Server):
    """Tells when it has begun, so that nobody needs to ask again and again; and waits for no client when it ends."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.settled = threading.Event()
        self.loop: asyncio.AbstractEventLoop | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.loop = asyncio.get_running_loop()
        self.settled.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        # A request that is half here, or an answer that is half read, would be waited for, and then cancelled with a
        # traceback. Seen in uvicorn 0.54: each connection is a protocol with its transport.
        for connection in list(self.server_state.connections):
            cast("MockProtocol", connection).transport.abort()
        await super().shutdown(sockets)
