"""A handle on one session: each operation is one call and gives back its exchange."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from contract_tests.contract.dialects import PROGRESS_MEMBER, SESSIONS, Op, Route, wrapped
from contract_tests.driver.transport.door import Body, Door
from contract_tests.driver.transport.wire import request_bytes, send_bytes
from contract_tests.problems import NoSuchOperation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from contract_tests.contract import Cell
    from contract_tests.traffic.exchange import Exchange


class _Unset(Enum):
    UNSET = "nothing is sent"


UNSET: Final = _Unset.UNSET


@dataclass(frozen=True)
class Session:
    """A session on the target, spoken to in one dialect. Nothing is remembered but the id."""

    door: Door
    cell: Cell
    id: str
    item: str

    def read(self) -> Exchange:
        return self.call(Op.READ)

    def listed(self, item: str | None = None) -> Exchange:
        """List the sessions of this service, all of them or those of one item."""
        return self.call(Op.LIST, query=() if item is None else (("library_item_id", item),))

    def keep_alive(self, progress: Any = UNSET) -> Exchange:
        """Keep the session alive: without a body, or with `progress` in the member of this service."""
        if progress is UNSET:
            return self.call(Op.KEEP_ALIVE)
        return self.call(Op.KEEP_ALIVE, Body.json({PROGRESS_MEMBER[self.cell.service]: progress}))

    def keep_alive_with(self, body: Body) -> Exchange:
        """Keep the session alive with a body made by hand."""
        return self.call(Op.KEEP_ALIVE, body)

    def keep_alive_on_the_wire(self) -> Exchange:
        """Keep the session alive on a connection of its own, and see all that comes after the headers."""
        route = self._route(Op.KEEP_ALIVE)
        path = route.path.format(id=in_path(self.id)) + "?" + "&".join(f"{name}={value}" for name, value in route.query)
        sent = request_bytes(self.door, route.method, path)
        return send_bytes(self.door, sent, cell=str(self.cell), operation=Op.KEEP_ALIVE)

    def keep_alive_by_body_with(self, body: Body) -> Exchange:
        """The 6.0 form: the id stands in the body, and not in the address."""
        return self.call(Op.KEEP_ALIVE_BY_BODY, body)

    def update(self, spec: Any) -> Exchange:
        return self.call(Op.UPDATE, Body.json(wrapped(self._route(Op.UPDATE), spec)))

    def complete(self) -> Exchange:
        return self.call(Op.COMPLETE)

    def cancel(self) -> Exchange:
        return self.call(Op.CANCEL)

    def fail(self, message: str = "given up by the contract suite") -> Exchange:
        return self.call(Op.FAIL, Body.json({"client_error_message": message}))

    def delete(self) -> Exchange:
        return self.call(Op.DELETE)

    def renamed(self, other_id: str) -> Session:
        """A handle on another id, at the same addresses."""
        return replace(self, id=other_id)

    def with_door(self, door: Door) -> Session:
        """A handle on the same session through another door (another user's)."""
        return replace(self, door=door)

    def with_headers(self, headers: Mapping[str, str]) -> Session:
        """A handle on the same session whose requests carry these headers in place of the token."""
        return replace(self, door=self.door.with_headers(headers))

    def call(self, op: Op, body: Body | None = None, query: tuple[tuple[str, str], ...] = ()) -> Exchange:
        """Ask for one operation of this service, as its row in the dialect's table says."""
        route = self._route(op)
        return self.door.send(
            route.method,
            route.path.format(id=in_path(self.id)),
            query=route.query + query,
            body=body,
            cell=str(self.cell),
            operation=op,
        )

    def _route(self, op: Op) -> Route:
        try:
            return SESSIONS[self.cell][op]
        except KeyError:
            raise NoSuchOperation(f"{self.cell} has no operation {op}") from None


def in_path(id_: str) -> str:
    """An id as it stands in a path: as clients write it, without what would end the path or this part of it.

    Real ids hold a colon, which stays.
    """
    return quote(id_, safe="!$&'()*+,;=:@")
