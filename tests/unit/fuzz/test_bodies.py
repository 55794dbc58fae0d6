"""What a call of the reference model looks like on the wire."""

from __future__ import annotations

import json

import pytest

from contract_tests.contract import CELLS, Cell, Dialect, Service
from contract_tests.contract.dialects import Op
from contract_tests.fuzz.histories.bodies import MALFORMED, NO_INTEGERS, NO_OBJECTS, body_of, words
from contract_tests.fuzz.histories.reference import Call, Form

API_UPDATE = Cell(Dialect.API, Service.UPDATE)
REST_UPDATE = Cell(Dialect.REST, Service.UPDATE)
REST_DOWNLOAD = Cell(Dialect.REST, Service.DOWNLOAD)


def sent(form: Form, progress: int = 60, cell: Cell = API_UPDATE, op: Op = Op.KEEP_ALIVE) -> str:
    body = body_of(Call(op, form, progress), cell, "s:1")
    assert body is not None
    return body.content.decode()


@pytest.mark.parametrize("cell", CELLS)
def test_no_body_is_none(cell: Cell) -> None:
    assert body_of(Call(Op.KEEP_ALIVE), cell, "s:1") is None
    assert body_of(Call(Op.CANCEL), cell, "s:1") is None
    assert body_of(Call(Op.FAIL), cell, "s:1") is None


@pytest.mark.parametrize(
    ("form", "cell", "text"),
    [
        (Form.NUMBER, API_UPDATE, '{"client_progress": 60}'),
        (Form.NUMBER, REST_DOWNLOAD, '{"progress": 60}'),
        (Form.OTHER_SERVICES, API_UPDATE, '{"progress": 60}'),
        (Form.NULL_MEMBER, API_UPDATE, '{"client_progress": null}'),
        (Form.WITH_FRACTION, API_UPDATE, '{"client_progress": 60.0}'),
        (Form.DIGITS, API_UPDATE, '{"client_progress": "60"}'),
        (Form.EMPTY, API_UPDATE, "{}"),
        (Form.NULL, API_UPDATE, "null"),
        (Form.BY_BODY, REST_DOWNLOAD, '{"progress": 60, "download_session_id": "s:1"}'),
        (Form.FORM, REST_DOWNLOAD, "progress=60"),
    ],
)
def test_a_keep_alive_says_what_its_form_says(form: Form, cell: Cell, text: str) -> None:
    assert sent(form, cell=cell) == text


def test_xml_is_in_the_namespace_of_the_service() -> None:
    assert "library/item/update_session" in sent(Form.XML, cell=REST_UPDATE)
    assert "<client_progress>60</client_progress>" in sent(Form.XML, cell=REST_UPDATE)
    body = body_of(Call(Op.KEEP_ALIVE, Form.XML), REST_UPDATE, "")
    assert body is not None
    assert body.content_type == "application/xml"


@pytest.mark.parametrize("progress", range(8))
def test_what_is_wrong_is_wrong(progress: int) -> None:
    with pytest.raises(ValueError, match="line 1"):
        json.loads(sent(Form.MALFORMED, progress))
    assert not isinstance(json.loads(sent(Form.NO_OBJECT, progress)), dict)
    (value,) = json.loads(sent(Form.NO_INTEGER, progress)).values()
    assert type(value) is not int
    (value,) = json.loads(sent(Form.BEYOND_INT64, progress)).values()
    assert not -(2**63) <= value < 2**63


def test_every_variant_is_sent_by_some_progress() -> None:
    assert len({sent(Form.MALFORMED, one) for one in range(20)}) == len(MALFORMED)
    assert len({sent(Form.NO_INTEGER, one) for one in range(20)}) == len(NO_INTEGERS)
    assert len({sent(Form.NO_OBJECT, one) for one in range(20)}) == len(NO_OBJECTS)


@pytest.mark.parametrize(
    ("form", "specification"),
    [
        (Form.WARNINGS, {"warning_behavior": [{"type": "X", "ignored": True}]}),
        (Form.EMPTY, {}),
        (Form.NULL_LIST, {"warning_behavior": None}),
    ],
)
def test_an_update_is_wrapped_where_the_dialect_wraps(form: Form, specification: object) -> None:
    call = Call(Op.UPDATE, form, warnings=(("X", True),))
    bare, wrapped = (body_of(call, cell, "") for cell in (API_UPDATE, REST_UPDATE))
    assert bare is not None
    assert wrapped is not None
    assert json.loads(bare.content) == specification
    assert json.loads(wrapped.content) == {"update_spec": specification}


def test_half_of_a_half_valid_list_is_valid() -> None:
    body = body_of(Call(Op.UPDATE, Form.HALF_VALID, warnings=(("X", True),)), API_UPDATE, "")
    assert body is not None
    right, wrong = json.loads(body.content)["warning_behavior"]
    assert right == {"type": "X", "ignored": True}
    assert "ignored" not in wrong


def test_a_fail_gives_its_reason() -> None:
    assert "client_error_message" in sent(Form.MESSAGE, op=Op.FAIL)
    assert sent(Form.EMPTY, op=Op.FAIL) == "{}"


def test_a_line_of_a_script_says_who_and_what() -> None:
    assert words(Call(Op.CANCEL), API_UPDATE, "s1") == "cancel s1 under /api"
    assert (
        words(Call(Op.KEEP_ALIVE, Form.NUMBER, 5), REST_DOWNLOAD, "s2")
        == 'keep-alive s2 under /rest with {"progress": 5}'
    )
