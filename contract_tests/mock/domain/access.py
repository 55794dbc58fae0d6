"""Who may come in, and as whom."""

from __future__ import annotations

import hmac
import secrets
from collections import OrderedDict
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from contract_tests.mock.domain import errors

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from contract_tests.mock.domain.clock import TimeSource


MOST_LOGINS: Final = 10_000
"""How many logins are kept: more than clients that log in for each test come to, and a few megabytes."""


@dataclass(frozen=True)
class User:
    """Somebody who may log in. `privileges` of None: all there are; System.Anonymous is never asked for."""

    name: str
    password: str
    privileges: frozenset[str] | None = None


@dataclass
class ApiSession:
    """One API session."""

    user: str
    created: datetime
    last_accessed: datetime


class Logins:
    """Logins and tokens.

    A token is good until it is logged out, or was not used for `timeout` seconds (None: as long as you like), or
    `lifetime` seconds have passed since its login, however much it was used (likewise), or is the one of `MOST_LOGINS`
    that was not used for the longest time when another one is needed.
    """

    def __init__(
        self,
        clock: TimeSource,
        users: Iterable[User],
        timeout: float | None = None,
        lifetime: float | None = None,
    ) -> None:
        self.clock = clock
        self.timeout = None if timeout is None else timedelta(seconds=timeout)
        self.lifetime = None if lifetime is None else timedelta(seconds=lifetime)
        self._users = {user.name: user for user in users}
        self._logins: OrderedDict[str, ApiSession] = OrderedDict()
        """By token, in the order of their last use."""

    def log_in(self, name: str, password: str) -> str:
        """A new token.

        Raises:
            ApiError: UNAUTHENTICATED.
        """
        if not self.knows(name, password):
            raise errors.unauthenticated()
        self._forget_unused()
        token = self.new_token()
        now = self.clock.now()
        self._logins[token] = ApiSession(name, now, now)
        return token

    def log_out(self, token: str | None) -> None:
        self._logins.pop(token or "", None)

    def end(self, token: str | None = None) -> int:
        """End the login that `token` stands for, or all of them; gives their number."""
        ended = [one for one in self._logins if token in (None, one)]
        for one in ended:
            del self._logins[one]
        return len(ended)

    def current(self) -> list[ApiSession]:
        return [login for login in self._logins.values() if not self.has_ended(login)]

    def require(self, token: str | None) -> ApiSession:
        """The login that `token` stands for.

        Raises:
            ApiError: UNAUTHENTICATED, if there is no token, or nobody (no longer) has it.
        """
        login = self.recognise(token)
        if login is None:
            raise errors.unauthenticated()
        login.last_accessed = self.clock.now()
        if token is not None and token in self._logins:
            self._logins.move_to_end(token)
        return login

    def require_privilege(self, user: str, privilege: str) -> None:
        """Refuse a user who lacks `privilege`.

        Raises:
            ApiError: UNAUTHORIZED.
        """
        if not self.has_privilege(user, privilege):
            raise errors.unauthorized(privilege)

    def knows(self, name: str, password: str) -> bool:
        user = self._users.get(name)
        return user is not None and hmac.compare_digest(user.password.encode(), password.encode())

    def new_token(self) -> str:
        return secrets.token_hex(16)

    def recognise(self, token: str | None) -> ApiSession | None:
        login = None if token is None else self._logins.get(token)
        return None if login is None or self.has_ended(login) else login

    def has_ended(self, login: ApiSession) -> bool:
        return self.was_idle(login) or self.is_too_old(login)

    def was_idle(self, login: ApiSession) -> bool:
        return self.timeout is not None and self.clock.now() > login.last_accessed + self.timeout

    def is_too_old(self, login: ApiSession) -> bool:
        return self.lifetime is not None and self.clock.now() > login.created + self.lifetime

    def has_privilege(self, user: str, privilege: str) -> bool:
        known = self._users.get(user)
        return known is None or known.privileges is None or privilege in known.privileges

    def _forget_unused(self) -> None:
        while self._logins:
            token, login = next(iter(self._logins.items()))
            if len(self._logins) < MOST_LOGINS and not self.has_ended(login):
                return
            del self._logins[token]
