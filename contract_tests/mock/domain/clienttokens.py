"""Client tokens: the same creation, asked for twice, happens once."""

from __future__ import annotations

import re
from typing import Final

from contract_tests.mock.domain import errors

_UUID: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)


class ClientTokens:
    """What was created with which token, by whom."""

    def __init__(self) -> None:
        self._created: dict[tuple[str, str, str], str] = {}
        self._used: dict[str, tuple[str, str, str]] = {}

    def is_valid(self, token: object) -> bool:
        """A token is a UUID, in the usual form of 36 characters."""
        return isinstance(token, str) and _UUID.fullmatch(token) is not None

    def check(self, token: object) -> None:
        """Refuse what is no token.

        Raises:
            ApiError: INVALID_ARGUMENT.
        """
        if token is not None and not self.is_valid(token):
            raise errors.invalid_argument("The client token is a UUID.", argument="client_token")

    def recall(self, kind: str, user: str, token: str | None) -> str | None:
        """The id that `user` got for a `kind` created with `token`, if there was one."""
        return None if token is None else self._created.get((kind, user, token.lower()))

    def remember(self, kind: str, user: str, token: str | None, created: str) -> None:
        if token is not None:
            key = kind, user, token.lower()
            self._created[key] = created
            self._used[created] = key

    def forget(self, created: str) -> None:
        """What was created is gone: its token is as good as new."""
        key = self._used.pop(created, None)
        if key is not None and self._created.get(key) == created:
            del self._created[key]
