"""The vocabulary of the route tables: an operation, the call of one, the kinds of body and success."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from contract_tests.mock.http.idioms import API, REST, Idiom

if TYPE_CHECKING:
    from contract_tests.mock.domain.access import ApiSession
    from contract_tests.mock.domain.content import Content
    from contract_tests.mock.domain.world import World
    from contract_tests.mock.http.reader import Reader


class Success(Enum):
    """What a call that went well is answered with."""

    CREATED = auto()
    VALUE = auto()
    VOID = auto()
    DONE = auto()
    """Content was received: 200 without a body, in either dialect."""
    CONTENT = auto()
    """Content, or a part of it."""


class RequestBody(Enum):
    """What a request brings."""

    NONE = auto()
    """Whatever is there is not looked at."""
    VALUE = auto()
    CONTENT = auto()
    """Content of a file, of any type, which is taken while it comes."""


@dataclass(frozen=True)
class Legacy:
    """The XML and form bodies of the 6.0 pages, which one operation of `/rest` has."""

    namespace: str
    root: str
    integers: frozenset[str]
    """The members whose text is a number."""


@dataclass(frozen=True)
class Invocation:
    """One request, as handlers see it: who, on what, with which arguments.

    `body` is None for a missing body and for `null`: no operation tells them apart.
    """

    world: World
    reader: Reader
    login: ApiSession | None
    origin: str
    headers: Mapping[str, str]
    path: Mapping[str, str]
    query: Mapping[str, list[str]]
    body: Any
    content: bytes
    arrived: Content | None
    """What came, where the request brings content of a file."""
    client_token: Any
    token: str | None

    @property
    def user(self) -> str:
        return "" if self.login is None else self.login.user

    def first(self, name: str) -> str | None:
        """The value of a query parameter that may be there once."""
        values = self.query.get(name)
        return values[0] if values else None


Handler = Callable[[Invocation], Any]


@dataclass(frozen=True)
class Operation:
    """One row of a route table: what is asked for how, who answers, and in which form."""

    idiom: Idiom
    method: str
    path: str
    handler: Handler
    success: Success
    action: str | None = None
    query: frozenset[str] = frozenset()
    lists: frozenset[str] = frozenset()
    """Query parameters that may be there more than once."""
    body: RequestBody = RequestBody.NONE
    spec: str | None = None
    """The member that holds the specification, where the dialect wraps it."""
    legacy: Legacy | None = None
    needs_token: bool = True
    sets_cookie: bool = False
    """Whether it gives a token, or takes it away, which is a cookie, too."""


@dataclass(frozen=True)
class SharedOperation:
    """An operation that both dialects have in the same way, `{id}` in its path being an id."""

    method: str
    path: str
    handler: Handler
    success: Success
    options: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    """Further members of `Operation`."""


CREATED: Final = Success.CREATED
VALUE: Final = Success.VALUE
VOID: Final = Success.VOID


def in_idiom(idiom: Idiom, *rows: SharedOperation) -> Iterator[Operation]:
    """The rows as operations of one dialect."""
    for row in rows:
        path = idiom.root + row.path.replace("{id}", idiom.id_prefix + "{id}")
        yield Operation(idiom, row.method, path, row.handler, row.success, **row.options)


def in_both(*rows: SharedOperation) -> Iterator[Operation]:
    """The rows as operations of each dialect."""
    for idiom in (API, REST):
        yield from in_idiom(idiom, *rows)
