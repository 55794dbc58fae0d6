"""Gives each case something to work on, before it is sent: the id of a live session or item, a body that says much."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from contract_tests.contract.dialects import CLIENT_TOKEN_HEADER, CONVENTIONS, ID_MEMBER, PROGRESS_MEMBER, Op
from contract_tests.driver.sessions import in_path
from contract_tests.fuzz.campaigns.engine import ID_PARAMETERS, LIVE
from contract_tests.fuzz.campaigns.internals import NOT_SET, TestPhase
from contract_tests.fuzz.campaigns.operations import operations
from contract_tests.fuzz.campaigns.shaping import specification, with_item, with_plain_integers, wrong_parts
from contract_tests.rules.requests import is_uuid
from contract_tests.rules.steps import Standing

if TYPE_CHECKING:
    from contract_tests.contract import Dialect
    from contract_tests.fuzz.campaigns.drawing import Drawing
    from contract_tests.fuzz.campaigns.internals import Case
    from contract_tests.fuzz.campaigns.live_ids import Held, LiveIds
    from contract_tests.fuzz.campaigns.operations import DocumentedOperation
    from contract_tests.traffic.exchange import Exchange

_FILTER = "library_item_id"


@dataclass(frozen=True)
class Pending:
    """What is known of a request before it is sent. `before` is the last read of the session that it names."""

    operation: DocumentedOperation
    op: Op
    standing: Standing = Standing.NONE
    held: Held | None = None
    before: Exchange | None = None
    item: str = ""


class Supplier:
    """Changes cases in place. What is valid stays so, and what is wrong on purpose stays wrong."""

    def __init__(self, dialect: Dialect, ids: LiveIds, draw: Drawing) -> None:
        self._dialect, self._ids, self._draw = dialect, ids, draw
        self._operations, self._conventions = operations(dialect), CONVENTIONS[dialect]
        self._spelled_out: set[str] = set()
        """The operations whose default action was named once."""

    def operation_of(self, case: Case[Any]) -> DocumentedOperation:
        return self._operations[case.operation.definition.raw["operationId"]]

    def supply(self, case: Case[Any]) -> Pending:
        """Give the case what it needs.

        Raises:
            PremiseFailed: the server does not give it.
        """
        operation = self.operation_of(case)
        valid = not wrong_parts(case)
        said = self._say_something(case, operation, valid=valid)
        if valid:
            case.body = with_plain_integers(case.body)
            self._name_action(case, operation)
        if wrong_parts(case) <= {"body"}:
            self._leave_out_default(case, operation)
        op = operation.op(case.query)
        if op is Op.LIST:
            return self._filter(case, operation, valid=valid)
        if op is Op.CREATE:
            return self._name_item(case, operation, valid=valid)
        # What is said of progress and warnings is for a session that listens: an ACTIVE one, as a wrong case gets it.
        return self._name_session(case, operation, op, valid=valid and not said)

    def _say_something(self, case: Case[Any], operation: DocumentedOperation, *, valid: bool) -> bool:
        """Have a random case be about the session's progress or warnings; says whether it is."""
        if case.meta is None or case.body is NOT_SET or (not valid and wrong_parts(case) != {"body"}):
            return False
        if not valid and self._say_what_is_known(case, operation):
            return True
        if case.meta.phase.name is not TestPhase.FUZZING:
            return False
        drawn, body = case.body, case.body
        op = operation.ops[0]
        service = operation.cell.service
        member = PROGRESS_MEMBER[service]
        if op is Op.KEEP_ALIVE and valid:
            reached = self._ids.reached(service)
            case.body = self._draw.keep_alive_body(body, member, case.media_type, reached=reached)
        elif op is Op.KEEP_ALIVE and case.media_type == "application/json":
            case.body = self._draw.wrong_keep_alive_body(body, member)
        elif op is Op.UPDATE:
            case.body = self._updating(body, valid=valid)
        return case.body is not drawn

    def _updating(self, body: Any, *, valid: bool) -> Any:
        """The body of an update, with a specification that says more in its place."""
        member = self._conventions.update_spec
        if member is None:
            return self._draw.update_specification(body, valid=valid)
        if not isinstance(body, dict):
            return body
        spec = body.get(member, {})
        said = self._draw.update_specification(spec, valid=valid)
        return body if said is spec else {member: said}

    def _say_what_is_known(self, case: Case[Any], operation: DocumentedOperation) -> bool:
        """Send the progress values that lenient servers take for one, each to a new session, before all else."""
        if operation.ops[0] is not Op.KEEP_ALIVE or case.media_type != "application/json":
            return False
        known = self._draw.known_wrong_body(PROGRESS_MEMBER[operation.cell.service])
        if known is None:
            return False
        case.body = known
        self._ids.renew(operation.cell.service)
        return True

    def _name_action(self, case: Case[Any], operation: DocumentedOperation) -> None:
        """Name the action that the body belongs to, where the document has several."""
        if not operation.actions or case.body is NOT_SET:
            return
        drawn = case.query.get(operation.action_name)
        action = operation.action_for(case.body, case.media_type, drawn)
        if action is not None and action != drawn:
            case.query = {**case.query, operation.action_name: action}

    def _leave_out_default(self, case: Case[Any], operation: DocumentedOperation) -> None:
        """Name the default action in one case alone: later servers need not know it, and a creation has to succeed."""
        if operation.actions and case.query.get(operation.action_name) == next(iter(operation.actions)):
            if operation.id in self._spelled_out:
                case.query = {name: value for name, value in case.query.items() if name != operation.action_name}
            self._spelled_out.add(operation.id)

    def _filter(self, case: Case[Any], operation: DocumentedOperation, *, valid: bool) -> Pending:
        service = operation.cell.service
        if valid and _FILTER in case.query:
            item = self._ids.item(service, Op.LIST, valid=valid)
            case.query = case.query if item is None else {**case.query, _FILTER: item}
        return Pending(operation, Op.LIST, self._ids.standing_of(service, case.query.get(_FILTER)))

    def _name_item(self, case: Case[Any], operation: DocumentedOperation, *, valid: bool) -> Pending:
        service = operation.cell.service
        body: Any = case.body
        spec = specification(self._dialect, body)
        item = spec.get(_FILTER) if isinstance(spec, dict) else None
        if isinstance(item, str):
            item = self._ids.item(service, Op.CREATE, valid=valid) or item
            case.body = with_item(self._dialect, body, item)
        if is_uuid(case.headers.get(CLIENT_TOKEN_HEADER)) and "header" not in wrong_parts(case):
            case.headers[CLIENT_TOKEN_HEADER] = self._ids.client_token()
        token = self._conventions.client_token_member
        if token is not None and isinstance(case.body, dict) and is_uuid(case.body.get(token)):
            case.body = {**case.body, token: self._ids.client_token()}
        named = item if isinstance(item, str) else ""
        return Pending(operation, Op.CREATE, self._ids.standing_of(service, named), item=named)

    def _name_session(self, case: Case[Any], operation: DocumentedOperation, op: Op, *, valid: bool) -> Pending:
        service = operation.cell.service
        body: Any = case.body
        if op is Op.KEEP_ALIVE_BY_BODY and not _names_session(body, ID_MEMBER[service]):
            return Pending(operation, op)
        held = self._ids.session(service, op, valid=valid)
        if op is Op.KEEP_ALIVE_BY_BODY:
            case.body = {**body, ID_MEMBER[service]: held.session.id}
        for name in ID_PARAMETERS:
            if case.path_parameters.get(name) == LIVE:
                case.path_parameters = {**case.path_parameters, name: in_path(held.session.id)}
        return Pending(operation, op, held.standing, held, held.seen, held.session.item)


def _names_session(body: Any, member: str) -> bool:
    """Whether a body holds a text where the id of the session belongs."""
    return isinstance(body, dict) and isinstance(body.get(member), str) and bool(body[member])
