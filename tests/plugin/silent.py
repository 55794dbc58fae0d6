"""Servers that take a request and never answer it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from contract_tests.mock import Parts
from contract_tests.mock.http.wire import Reply, Wire

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import Receive, Scope, Send


class Silent:
    """Leaves requests unanswered where `hangs` says so, by their number and their scope; they are counted."""

    def __init__(self, hangs: Callable[[int, Scope], bool]) -> None:
        self.asked = 0
        self.left_unanswered = 0
        silent = self

        class Hanging(Wire):
            async def send(self, reply: Reply, scope: Scope, receive: Receive, send: Send) -> None:
                silent.asked += 1
                if hangs(silent.asked, scope):
                    silent.left_unanswered += 1
                    await asyncio.sleep(3600)
                await super().send(reply, scope, receive, send)

        self.parts = Parts(wire=Hanging)
