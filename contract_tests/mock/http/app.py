"""The ASGI application: Starlette finds the path, `Dispatcher` does the rest."""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from starlette.routing import Route, Router

from contract_tests.mock.domain.errors import ApiError
from contract_tests.mock.domain.interventions import Interventions
from contract_tests.mock.domain.world import DomainParts, MockSettings, World
from contract_tests.mock.http.controlguard import CONTROL_KEY, ControlGuard
from contract_tests.mock.http.door import Dispatcher, Incoming
from contract_tests.mock.http.fetching import Fetching
from contract_tests.mock.http.idioms import API
from contract_tests.mock.http.operations import Operation, RequestBody
from contract_tests.mock.http.reader import Reader
from contract_tests.mock.http.routes import control as control_routes
from contract_tests.mock.http.routes import operations
from contract_tests.mock.http.weather import Weather
from contract_tests.mock.http.wire import Reply, Wire
from contract_tests.mock.jsonrpc.door import RpcDoor
from contract_tests.mock.soap import SOAP_PATHS, SoapDoor

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from starlette.types import Receive, Scope, Send

    from contract_tests.mock.domain.clock import ShiftedClock
    from contract_tests.mock.domain.content import Arrival, Store
    from contract_tests.mock.http.plain import PlainRequest

_PATIENCE: Final = 64 * 2**20
"""How many bytes are read and thrown away at most, so that a client that writes too many reads the refusal."""

_HOST: Final = re.compile(r"[\w.:\[\]-]+", re.ASCII)


@dataclass(frozen=True)
class Parts(DomainParts):
    """All classes that a server is made of; a fault is a subclass of one of them, put in its place."""

    reader: type[Reader] = Reader
    wire: type[Wire] = Wire
    door: type[Dispatcher] = Dispatcher


class App:
    """An application with a world of its own.

    `control` opens the control door; a text is the secret that it takes to come in. `names` are those of the server
    itself, beside localhost: the control door knows no other ones.
    """

    def __init__(  # noqa: PLR0913 - the parts it is put together from
        self,
        clock: ShiftedClock,
        settings: MockSettings | None = None,
        parts: Parts | None = None,
        *,
        control: bool | str = False,
        names: Iterable[str] = (),
        store: Store | None = None,
    ) -> None:
        settings = settings or MockSettings()
        parts = parts or Parts()
        self.wire = parts.wire(clock)
        self.world = World(clock, settings, parts, store)
        self.fetching = Fetching(self.world, settings.content_limit)
        self.weather = Weather(self.wire, control_routes.ROOT)
        self.control = control_routes.ControlDoor(Interventions(clock, self.world), self.weather)
        door = parts.door(self.world, parts.reader(), self.wire)
        by_path: dict[str, list[Operation]] = {}
        for operation in operations(self.control if control else None):
            by_path.setdefault(operation.path, []).append(operation)
        guard = ControlGuard(control if isinstance(control, str) else CONTROL_KEY, names)
        endpoints = {
            path: Endpoint(door, settings, rows, guard if path.startswith(control_routes.ROOT) else None)
            for path, rows in by_path.items()
        }
        endpoints[API.root] = Endpoint(RpcDoor(door), settings, ())
        endpoints |= {path: Endpoint(SoapDoor(door), settings, ()) for path in SOAP_PATHS}
        routes = [Route(path, endpoint) for path, endpoint in endpoints.items()]
        self._by_pattern = [(route.path_regex, endpoints[route.path]) for route in routes]
        self._nowhere = Endpoint(door, settings, ())
        self._router = Router(routes=routes, default=self._nowhere, redirect_slashes=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        spell = self.weather.taken(scope["method"], scope["path"], scope["query_string"].decode("latin-1"))
        if spell is None:
            await self._router(scope, receive, send)
        else:
            await self.weather.strike(spell, self._router, scope, receive, send)

    def reply(self, request: PlainRequest, scheme: str, server: tuple[str, int | None] | None) -> Reply | None:
        """What is answered to a request that is here as a whole, by `scheme` at the address `server`.

        None if it is over a limit, if the wire has a way of its own to send its replies, or if the weather is bad.
        """
        if type(self.wire).send is not Wire.send or self.weather.above(request.method, request.path, request.query):
            return None
        endpoint, parameters = self._endpoint(request.path)
        return endpoint.reply(request, parameters, {"scheme": scheme, "server": server})

    def _endpoint(self, path: str) -> tuple[Endpoint, dict[str, str]]:
        for pattern, endpoint in self._by_pattern:
            if found := pattern.match(path):
                return endpoint, found.groupdict()
        return self._nowhere, {}


class ClientGone(Exception):
    """The client went away, or the server ends, before the request was there."""


class Endpoint:
    """One path: reads the request, lets the door answer it, sends the reply."""

    def __init__(
        self,
        door: Dispatcher | RpcDoor | SoapDoor,
        settings: MockSettings,
        rows: Iterable[Operation],
        guard: ControlGuard | None = None,
    ) -> None:
        self._door = door
        self._guard = guard
        self._rows = tuple(rows)
        self._taking = frozenset(row.method for row in self._rows if row.body is RequestBody.CONTENT)
        self._limit = settings.content_limit if self._taking else settings.json_limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers: dict[str, str] = {}
        for name, value in scope["headers"]:
            headers.setdefault(name.decode("latin-1").lower(), value.decode("latin-1"))
        incoming = Incoming(
            method=scope["method"],
            path=scope["path"],
            parameters=scope.get("path_params", {}),
            query=scope["query_string"].decode("latin-1"),
            headers=headers,
            content=None,
            origin=_origin(scope, headers),
        )
        try:
            with self._arriving(incoming) as arrival:
                content = await self._content(receive, arrival, headers.get("content-length", ""))
                answer = self._answer(_with_content(incoming, content, arrival))
        except ClientGone:
            return
        await self._door.wire.send(answer, scope, receive, send)

    def reply(self, request: PlainRequest, parameters: Mapping[str, str], scope: Scope) -> Reply | None:
        """What is answered to a request that is here as a whole; None if it is over the limit."""
        if len(request.content) > self._limit:
            return None
        incoming = Incoming(
            method=request.method,
            path=request.path,
            parameters=parameters,
            query=request.query,
            headers=request.headers,
            content=None,
            origin=_origin(scope, request.headers),
        )
        with self._arriving(incoming) as arrival:
            if arrival is not None:
                arrival.write(request.content)
            return self._answer(_with_content(incoming, request.content, arrival))

    def _answer(self, incoming: Incoming) -> Reply:
        if self._guard is not None:
            try:
                self._guard.check(incoming.headers, incoming.content)
            except ApiError as refusal:
                return self._door.wire.error_reply(API, refusal)
        return self._door.answer(incoming, self._rows)

    @contextmanager
    def _arriving(self, incoming: Incoming) -> Iterator[Arrival | None]:
        """What takes the body, if that is content of a file. What has not come to a good end by then is no file."""
        if incoming.method not in self._taking:
            yield None
            return
        uploads, address = self._door.world.uploads, (incoming.parameters["key"], incoming.parameters["name"])
        arrival = uploads.arrival(*address)
        try:
            yield arrival
        finally:
            uploads.abandon(*address, arrival)

    async def _content(self, receive: Receive, arrival: Arrival | None, announced: str) -> bytes | None:
        """The body, or nothing, if it goes into `arrival`; None if it is over the limit.

        What is over the limit is read and thrown away, up to a point: a client that is still writing does not
        read the answer, it sees its connection break.

        Raises:
            ClientGone: the connection ended before the body did. What came of it is no body.
        """
        chunks: list[bytes] = []
        take = chunks.append if arrival is None else arrival.write
        fits = not announced.isdecimal() or int(announced) <= self._limit
        total, left = 0, max(self._limit, _PATIENCE) if fits else _PATIENCE
        while total <= left:
            event = await receive()
            if event["type"] == "http.disconnect":
                raise ClientGone
            chunk = event.get("body", b"")
            total += len(chunk)
            fits = fits and total <= self._limit
            if fits:
                take(chunk)
            else:
                chunks.clear()
            if not event.get("more_body", False):
                break
        return b"".join(chunks) if fits else None


def _with_content(incoming: Incoming, content: bytes | None, arrival: Arrival | None) -> Incoming:
    arrived = None if arrival is None or content is None else arrival.finish()
    return replace(incoming, content=content, arrived=arrived)


def _origin(scope: Scope, headers: Mapping[str, str]) -> str:
    """The server's address as this client knows it."""
    host = headers.get("host", "")
    if not _HOST.fullmatch(host):
        name, port = scope.get("server") or ("localhost", 80)
        host = f"{name}:{port}"
    return f"{scope['scheme']}://{host}"
