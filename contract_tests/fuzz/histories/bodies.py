"""What a call of the reference model is on the wire: its body, in each dialect, and its words in a script."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, TypeVar
from urllib.parse import urlencode

from contract_tests.contract import Cell, Service
from contract_tests.contract.dialects import ID_MEMBER, PROGRESS_MEMBER, SESSIONS, Op, wrapped
from contract_tests.driver import Body
from contract_tests.fuzz.histories.reference import Call, Form

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from contract_tests.fuzz.histories.known import Warnings

T = TypeVar("T")

NO_INTEGERS: Final = ("true", '"abc"', "1.5", "[]", "{}", "[10]", "false", '""')
BEYOND: Final = (2**63, -(2**63) - 1, 2**64, 10**30)
NO_OBJECTS: Final = ("[]", "1", '"x"', "true", "[1]")
MALFORMED: Final = ("{", '{"a"', "{,}", "nonsense", "{}{}", "[1,]")
UNKNOWN_TYPE: Final = "NO_SUCH_WARNING_OF_THE_SUITE"
NAMESPACE: Final[Mapping[Service, str]] = {
    service: f"http://vmware.com/content/library/item/{service}_session" for service in Service
}


def body_of(call: Call, cell: Cell, session_id: str) -> Body | None:
    """The body with which a call goes out; None if it has none. Where a form has variants, the progress picks one."""
    if call.op in (Op.KEEP_ALIVE, Op.KEEP_ALIVE_BY_BODY):
        return _of_keep_alive(call, cell, session_id)
    if call.op is Op.UPDATE:
        return Body.json(wrapped(SESSIONS[cell][Op.UPDATE], _specification(call)))
    if call.op is Op.FAIL and call.form is not Form.NOTHING:
        return Body.json({} if call.form is Form.EMPTY else {"client_error_message": "given up by the contract suite"})
    return None


def _of_keep_alive(call: Call, cell: Cell, session_id: str) -> Body | None:
    if call.form is Form.NOTHING:
        return None
    if call.form is Form.XML:
        return Body(_xml(call, cell).encode(), "application/xml")
    if call.form is Form.FORM:
        form = urlencode({PROGRESS_MEMBER[cell.service]: call.progress})
        return Body(form.encode(), "application/x-www-form-urlencoded")
    return Body(_json(call, cell, session_id).encode())


def _xml(call: Call, cell: Cell) -> str:
    member, name = PROGRESS_MEMBER[cell.service], NAMESPACE[cell.service]
    return f'<v:KeepAlive-Input xmlns:v="{name}"><{member}>{call.progress}</{member}></v:KeepAlive-Input>'


def _json(call: Call, cell: Cell, session_id: str) -> str:
    member, progress = PROGRESS_MEMBER[cell.service], call.progress
    (other,) = {*PROGRESS_MEMBER.values()} - {member}

    def picked(values: Sequence[T]) -> T:
        return values[progress % len(values)]

    return {
        Form.EMPTY: "{}",
        Form.NULL: "null",
        Form.NULL_MEMBER: json.dumps({member: None}),
        Form.NUMBER: json.dumps({member: progress}),
        Form.STRANGER: json.dumps({member: progress, "comment": "of the contract suite"}),
        Form.OTHER_SERVICES: json.dumps({other: progress}),
        Form.DIGITS: json.dumps({member: str(progress)}),
        Form.BY_BODY: json.dumps({member: progress, ID_MEMBER[cell.service]: session_id}),
        Form.WITH_FRACTION: f'{{"{member}": {progress}.0}}',
        Form.NO_INTEGER: f'{{"{member}": {picked(NO_INTEGERS)}}}',
        Form.BEYOND_INT64: f'{{"{member}": {picked(BEYOND)}}}',
        Form.NO_OBJECT: picked(NO_OBJECTS),
        Form.MALFORMED: picked(MALFORMED),
    }[call.form]


def entries_of(warnings: Warnings) -> list[dict[str, Any]]:
    """The `warning_behavior` that says so of warnings."""
    return [{"type": kind, "ignored": ignored} for kind, ignored in warnings]


def _specification(call: Call) -> dict[str, Any]:
    given = entries_of(call.warnings)
    specifications: dict[Form, dict[str, Any]] = {
        Form.WARNINGS: {"warning_behavior": given},
        Form.EMPTY: {},
        Form.NULL_LIST: {"warning_behavior": None},
        Form.OTHERS: {"client_progress": 77, "state": "DONE"},
        Form.UNKNOWN_TYPE: {"warning_behavior": [*given, {"type": UNKNOWN_TYPE, "ignored": True}]},
        Form.HALF_VALID: {"warning_behavior": [*given, {"type": "EXPIRED_CERTIFICATE"}]},
        Form.WRONG_TYPE: {"warning_behavior": "SELF_SIGNED_CERTIFICATE"},
    }
    return specifications[call.form]


def words(call: Call, cell: Cell, name: str) -> str:
    """The call as a line of a script; `name` is the session's."""
    body = body_of(call, cell, f"<id of {name}>")
    shown = "" if body is None else f" with {body.content.decode()}"
    return f"{call.op} {name} under /{cell.dialect}{shown}"
