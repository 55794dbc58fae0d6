"""The operations of the documents, as a campaign names them: operationId -> service and what is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from contract_tests.contract import Cell, Dialect, Service
from contract_tests.contract.dialects import CONVENTIONS, Op
from contract_tests.contract.documents import load
from contract_tests.contract.schemas import schemas

if TYPE_CHECKING:
    from collections.abc import Mapping

_OPS: Final[Mapping[str, tuple[Op, ...]]] = MappingProxyType(
    {
        "list": (Op.LIST,),
        "create": (Op.CREATE,),
        "createOrKeepAlive": (Op.CREATE, Op.KEEP_ALIVE_BY_BODY),
        "get": (Op.READ,),
        "keepAlive": (Op.KEEP_ALIVE,),
        "update": (Op.UPDATE,),
        "delete": (Op.DELETE,),
    }
)


@dataclass(frozen=True)
class DocumentedOperation:
    """One operation of one document. `ops` are what it can be asked for; which one, its query says."""

    id: str
    cell: Cell
    ops: tuple[Op, ...]
    actions: Mapping[str, str]
    """Action -> schema of its JSON body, where the document has several (`x-actions`). The first is the default."""

    @property
    def action_name(self) -> str:
        """The query parameter that names an action."""
        return CONVENTIONS[self.cell.dialect].action

    def op(self, query: Mapping[str, str] | None) -> Op:
        """What a request with this query asks for."""
        action = (query or {}).get(self.action_name)
        return Op.KEEP_ALIVE_BY_BODY if len(self.ops) > 1 and action == "keep-alive" else self.ops[0]

    def action_for(self, body: Any, media_type: str | None, drawn: str | None) -> str | None:
        """The action that a valid body belongs to, by `x-actions`: the one that was drawn, if it may be.

        None means that none needs to be named. The document has the 6.0 representations for keep-alive only.
        """
        default = next(iter(self.actions))
        if media_type != "application/json":
            return "keep-alive"
        fitting = [
            name for name, schema in self.actions.items() if not schemas().problems_in(self.cell.dialect, schema, body)
        ]
        if not fitting or (drawn or default) in fitting:
            return drawn
        return fitting[0]


@cache
def operations(dialect: Dialect) -> Mapping[str, DocumentedOperation]:
    """The operations of a document by operationId.

    Raises:
        LookupError: the document has one that no campaign knows what to do with.
    """
    found = {}
    for path in load(dialect)["paths"].values():
        for method, raw in path.items():
            if method == "parameters":
                continue
            service, _, name = raw["operationId"].partition("Session.")
            actions = raw.get("x-actions", {})
            found[raw["operationId"]] = DocumentedOperation(
                raw["operationId"],
                Cell(dialect, Service(service)),
                _OPS[name],
                MappingProxyType({action: rule["body"] for action, rule in actions.items()}),
            )
    return MappingProxyType(found)
