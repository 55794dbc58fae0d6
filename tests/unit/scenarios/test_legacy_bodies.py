"""The bodies that the legacy scenarios send are what their names say: a slip would look like a refusal."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs
from xml.etree import ElementTree as ET

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from contract_tests.contract import CELLS, Cell
from contract_tests.contract.dialects import PROGRESS_MEMBER
from contract_tests.rules.requests import ParsedRequest
from contract_tests.scenarios import legacy_bodies as bodies
from contract_tests.traffic.messages import Request

REST = CELLS[2:]
in_both = pytest.mark.parametrize("cell", REST, ids=str)
NO_XML = {"json", "utf-16-declared-and-utf-8"}

SAME_XML = {name: case for group in bodies.SAME_XML.values() for name, case in group.items()}
OPEN_XML = {name: case for group in bodies.OPEN for name, case in bodies.OPEN[group].items() if group.startswith("XML")}


def members(content: bytes) -> tuple[str, list[tuple[str, str]]]:
    root = ET.fromstring(content)
    return root.tag, [(one.tag, (one.text or "").strip()) for one in root]


def printed(cell: Cell, progress: int) -> tuple[str, list[tuple[str, str]]]:
    """What the document of the pages says."""
    return members(bodies.as_xml(cell, {PROGRESS_MEMBER[cell.service]: progress}).content)


@in_both
@pytest.mark.parametrize("name", SAME_XML)
def test_the_same_in_another_spelling_is_the_same(name: str, cell: Cell) -> None:
    assert members(SAME_XML[name].body(cell, 40).content) == printed(cell, 40)


def test_the_printed_document() -> None:
    space = "http://vmware.com/content/library/item/update_session"
    assert printed(REST[0], 10) == (f"{{{space}}}KeepAlive-Input", [("client_progress", "10")])


@pytest.mark.parametrize("name", ["internal", "laughs"])
def test_an_entity_that_is_expanded_is_a_progress(name: str) -> None:
    assert members(bodies.ENTITIES[name].body(REST[0], 40).content) == printed(REST[0], 40)


@pytest.mark.parametrize("name", [name for name in OPEN_XML if name not in NO_XML])
def test_what_is_left_open_is_well_formed(name: str) -> None:
    members(OPEN_XML[name].body(REST[0], 40).content)


@in_both
@pytest.mark.parametrize(
    "case", [case for cases in bodies.BROKEN.values() for case in cases], ids=lambda case: case.text
)
def test_what_is_broken_is_not(case: bodies.Case, cell: Cell) -> None:
    with pytest.raises((ET.ParseError, LookupError)):
        members(case.body(cell, 40).content)


@in_both
@pytest.mark.parametrize("name", bodies.SAME_FORMS)
def test_the_same_in_another_form_is_the_same(name: str, cell: Cell) -> None:
    sent = bodies.SAME_FORMS[name].body(cell, 40)
    assert parse_qs(sent.content.decode()) == {PROGRESS_MEMBER[cell.service]: ["40"]}


def test_nothing_stays_to_be_filled_in() -> None:
    groups = [*bodies.SAME_XML.values(), bodies.SAME_FORMS, *bodies.OPEN.values(), bodies.ENTITIES]
    for case in (case for group in groups for case in group.values()):
        text = case.body(REST[1], 40).content.decode(case.codec)
        assert not [name for name in ("m", "ns", "p", "q", "a", "b", "first", "rest") if f"{{{name}}}" in text]


def test_forms_carry_an_id_with_a_colon() -> None:
    sent: dict[str, Any] = {"client_progress": 10, "update_session_id": "a:b"}
    wanted = {"client_progress": ["10"], "update_session_id": ["a:b"]}
    for represent in (bodies.as_form, bodies.as_printed_form):
        assert parse_qs(represent(REST[0], sent).content.decode()) == wanted
    assert bodies.as_printed_form(REST[0], sent).content == b"&client_progress=10&update_session_id=a:b"


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1))
@example("s~1!$'()*,;=:@x.y_z")
@example('a&b=c+d%20 <e>"é')
def test_any_id_is_told_and_read_in_each_form(id_: str) -> None:
    """Ids are opaque: what has a meaning in a form or a document is written so that it has none."""
    members = {"client_progress": 10, "update_session_id": id_}
    for represent in (bodies.as_xml, bodies.as_form, bodies.as_printed_form):
        body = represent(REST[0], members)
        headers = (("content-type", body.content_type or ""),)
        request = ParsedRequest(REST[0].dialect, Request("POST", "http://host/", headers, body.content))
        assert request.printed == {"client_progress": "10", "update_session_id": id_}
