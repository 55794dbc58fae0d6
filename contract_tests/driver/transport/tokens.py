"""The tokens of a run's own logins: each is renewed when it has ended, once for all doors and threads."""

from __future__ import annotations

import threading
from contextvars import Context, ContextVar
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from contract_tests.contract.dialects import TOKEN_HEADER

if TYPE_CHECKING:
    from contract_tests.driver.transport.login import OwnLogin
    from contract_tests.traffic.exchange import Exchange
    from contract_tests.traffic.messages import Request

_RENEWING: Final = ContextVar("whether a login is being looked after", default=False)


class Tokens:
    """Knows which token of the run is whose, and which one has taken its place."""

    def __init__(self) -> None:
        self._logins: dict[str, OwnLogin] = {}
        self._lock = threading.Lock()
        self.renewals = 0
        """How often a token has come to its end; with all else, where the server has lost everything."""

    def add(self, login: OwnLogin) -> None:
        """Look after a login from now on."""
        self._logins[login.token] = login

    def current(self, request: Request) -> Request:
        """The request with the token that has taken the place of the one in its header."""
        token = request.header(TOKEN_HEADER)
        login = self._logins.get(token or "")
        if login is None or login.token == token:
            return request
        renewed = ((name, login.token if value == token else value) for name, value in request.headers)
        return replace(request, headers=tuple(renewed))

    def in_bytes(self, sent: bytes) -> bytes:
        """The same of a request as bytes."""
        for token, login in tuple(self._logins.items()):
            if login.token != token:
                sent = sent.replace(f"{token}\r\n".encode("latin-1"), f"{login.token}\r\n".encode("latin-1"))
        return sent

    def note(self, exchange: Exchange) -> None:
        """Remember the first request of each login that asked for nothing but to be told, and was."""
        asked = exchange.request
        if asked.method == "GET" and exchange.cell is None and exchange.status == 200:
            login = self._logins.get(asked.header(TOKEN_HEADER) or "")
            if login is not None and login.harmless is None:
                login.harmless = asked.url

    def has_ended(self, exchange: Exchange) -> bool:
        """Whether a 401 is due to a token of the run that has come to its end; then there is a new one.

        It has if a request that nobody has a reason to refuse, and that worked before, is answered 401 too.
        """
        token = exchange.request.header(TOKEN_HEADER)
        login = self._logins.get(token or "")
        if exchange.status != 401 or login is None or _RENEWING.get():
            return False
        with self._lock:
            if login.token != token:
                return True  # another thread has seen to it
            if not Context().run(_renewed, login):  # beside all plays: no test has asked for it
                return False
            self._logins[login.token] = login
            self.renewals += 1
            return True


def _renewed(login: OwnLogin) -> bool:
    _RENEWING.set(True)
    return login.renew()
