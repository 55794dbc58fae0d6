"""Logging in and out. The token never leaves here but in the door that sends it: every exchange has it redacted."""

from __future__ import annotations

import base64
import re
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from contract_tests.contract import Cell, Service
from contract_tests.contract.dialects import SESSIONS, SUPPORT, TOKEN_HEADER, Op, Support
from contract_tests.driver.transport import limits

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from contract_tests.contract import Dialect
    from contract_tests.driver.transport.door import Door
    from contract_tests.traffic.exchange import Exchange

_SENDABLE = re.compile(r"[!-~]+")  # a token that can stand in a header
_LEAST = 12  # characters of a cookie that is a secret; a shorter one is a setting, and may be an ordinary word

_SECRET = 8  # characters of any other text that a login gives
_CREDENTIAL = re.compile("(?i)auth|token|session|csrf|xsrf|secret|key")  # in the name of a header


@dataclass
class Login:
    """A login that was tried: what was answered, and the token if the answer held one."""

    door: Door
    """A door with the token; with none, if there is none."""
    dialect: Dialect
    answer: Exchange
    token: str | None = field(repr=False)
    ended: bool = False

    def log_out(self) -> Exchange:
        """End the API session. One that failed may be tried again."""
        answer = log_out(self.door, self.dialect)
        self.ended = not is_left(answer)
        return answer


@dataclass
class OwnLogin:
    """A login of the run's own, with what it takes to log in again; `anonymous` is a door that sends no token."""

    login: Login
    anonymous: Door
    username: str
    password: str = field(repr=False)
    kind: str
    harmless: str | None = None
    """The address of what it was told once, so that it can ask for it again."""

    @property
    def token(self) -> str:
        return self.login.door.headers[TOKEN_HEADER]

    def renew(self) -> bool:
        """Log in again if the token has ended, and have the door send the new one; says whether it does.

        The session behind the old token is ended first, whatever the server says to that: it may not be over.
        """
        door, dialect = self.login.door, self.login.dialect
        sessions = SESSIONS[Cell(dialect, Service.UPDATE)][Op.LIST].path
        if door.send("GET", (self.harmless or "").removeprefix(door.base) or sessions).status != 401:
            return False
        log_out(door, dialect)
        token = log_in(self.anonymous, dialect, self.username, self.password, kind=self.kind).token
        if token is None or token == self.token:
            return False
        door.headers[TOKEN_HEADER] = token
        return True


def log_out(door: Door, dialect: Dialect) -> Exchange:
    """End the API session whose token the door sends."""
    route = SUPPORT[dialect][Support.LOGOUT]
    return door.send(route.method, route.path)


def is_left(answer: Exchange) -> bool:
    """Whether an API session may be there still, by the answer to its end: 401 says that there is none."""
    return answer.status not in (200, 204, 401)


def log_in(  # noqa: PLR0913 - who, where, and for whom
    door: Door, dialect: Dialect, username: str, password: str, *, cell: str | None = None, kind: str = "token"
) -> Login:
    """Log in by one dialect; `door` is one that sends no token, `cell` names the cell that asks.

    `kind` is what stands for the token in reports: `token` for the run's own, `second-token`, `other-token`.
    """
    route = SUPPORT[dialect][Support.LOGIN]
    tokens: list[str] = []

    def learn(raw: Exchange) -> None:
        limits.require_few_secrets(raw, door.recorder.redact)
        for text in told(raw):
            door.recorder.redact.learn(kind, text)
        for text in _beside(raw):
            door.recorder.redact.learn("secret", text)
        # A server may give its token as a cookie, too: then it has the mark of a token, by which requests are known.
        for cookie in _cookies(raw):
            door.recorder.redact.learn("cookie", cookie)

    def told(raw: Exchange) -> Iterable[str]:
        if raw.response is None or raw.response.status not in range(200, 300):
            return ()
        try:
            body = raw.response.json
        except ValueError:
            body = raw.response.body.decode(errors="replace").strip()
        else:
            tokens.extend(_tokens(body) if raw.response.status in (200, 201) else ())
        # A login that answers in a form of its own must not give its token away: any text of it may be the one.
        return tokens or _texts(body)

    credentials = basic(username, password)
    door.recorder.redact.learn("password", password)
    door.recorder.redact.learn("credentials", credentials.removeprefix("Basic "))
    answer = door.send(route.method, route.path, headers={"authorization": credentials}, cell=cell, learn=learn)
    token = tokens[0] if tokens else None
    return Login(door.with_headers({} if token is None else {TOKEN_HEADER: token}), dialect, answer, token)


def basic(username: str, password: str) -> str:
    """The value of an Authorization header for Basic authentication (RFC 7617, UTF-8)."""
    return "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode()


def _tokens(body: Any) -> list[str]:
    """The token of an answer, in the form of either dialect: a wrong form is for a check to find."""
    value = body.get("value") if isinstance(body, dict) else body
    return [value] if isinstance(value, str) and _SENDABLE.fullmatch(value) else []


def _cookies(raw: Exchange) -> Iterator[str]:
    """The cookies that a login gives: as good as a token to a server that reads them."""
    for name, value in () if raw.response is None else raw.response.headers:
        text = value.partition(";")[0].partition("=")[2].strip().strip('"')
        if name.lower() == "set-cookie" and len(text) >= _LEAST:
            yield text


def _beside(raw: Exchange) -> Iterator[str]:
    """What else a login gives away, as a token to renew the login with: texts of its body, values of its headers."""
    if raw.response is None or raw.response.status not in range(200, 300):
        return
    with suppress(ValueError):
        yield from (text for text in _texts(raw.response.json) if len(text) >= _SECRET)
    for name, value in raw.response.headers:
        words = [] if name.lower() == "set-cookie" else value.split()
        if _CREDENTIAL.search(name) and words and len(words[-1]) >= _SECRET and _SENDABLE.fullmatch(words[-1]):
            yield words[-1]


def _texts(body: Any) -> Iterator[str]:
    """All texts in a JSON value that could be a token."""
    if isinstance(body, str) and _SENDABLE.fullmatch(body):
        yield body
    elif isinstance(body, dict | list):
        for inner in body.values() if isinstance(body, dict) else body:
            yield from _texts(inner)
