"""The protocol of the server's connections: HTTP by h11, with a fast way for what is plain."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from contract_tests.mock.domain import errors
from contract_tests.mock.http.idioms import API
from contract_tests.mock.http.plain import plain_answer, plain_request

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from contract_tests.mock.http.app import App
    from contract_tests.mock.http.wire import Reply


class MockProtocol(H11Protocol):
    """Lets the application see the connection. Subclassed as seen in uvicorn 0.54.

    h11 knows what HTTP allows, and will not write a body after a 204. A mock that is to be wrong on purpose
    needs a way past it: `Wire.send` finds the connection in ``scope["extensions"]["connection"]``.

    And what h11 itself refuses, a header section without end for one, is refused as everything else is.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        app = self.app
        self._ready: Reply | None = None
        """The reply to the request that h11 is about to read, if it is known already."""

        async def with_connection(scope: Scope, receive: Receive, send: Send) -> None:
            scope.setdefault("extensions", {})["connection"] = self.transport
            ready, self._ready = self._ready, None
            if ready is not None:
                await cast("App", app).wire.send(ready, scope, receive, send)
                return
            await app(scope, receive, send)

        self.app = with_connection

    def data_received(self, data: bytes) -> None:
        """Answer a plain request at once; leave to h11 what it alone understands, in requests and in replies."""
        if self._is_between_requests() and (request := plain_request(data)) is not None:
            app = cast("App", self.config.app)
            reply = app.reply(request, self.scheme or "http", self.server)
            if reply is not None:
                if (answer := _plain_answer(app, reply)) is not None:
                    self.transport.write(answer)
                    self.server_state.total_requests += 1
                    self._stay_open()
                    return
                self._ready = reply
        super().data_received(data)

    def _is_between_requests(self) -> bool:
        idle = self.conn.our_state is h11.IDLE and self.conn.their_state is h11.IDLE
        return idle and self.conn.trailing_data == (b"", False) and not self.flow.write_paused

    def _stay_open(self) -> None:
        self._unset_keepalive_if_required()
        later = self.loop.call_later
        self.timeout_keep_alive_task = later(self.timeout_keep_alive, self.timeout_keep_alive_handler)

    def _unsupported_upgrade_warning(self) -> None:
        """Say nothing: clients offer another protocol with each request, and are content with this one."""

    def send_400_response(self, msg: str) -> None:
        # No path was read, so no dialect is known: the answer is bare.
        wire = cast("App", self.config.app).wire
        reply = wire.error_reply(API, errors.invalid_request(msg))
        headers = [*wire.header_section(reply), (b"connection", b"close")]
        for event in (
            h11.Response(status_code=reply.status, headers=headers, reason=b"Bad Request"),
            h11.Data(data=reply.body),
            h11.EndOfMessage(),
        ):
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()


def _plain_answer(app: App, reply: Reply) -> bytes | None:
    if reply.portion is not None:
        return None
    try:
        return plain_answer(reply.status, app.wire.header_section(reply), reply.body)
    except UnicodeError:
        return None  # a fault's: uvicorn says what comes of it
