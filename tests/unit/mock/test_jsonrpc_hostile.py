"""Requests by JSON-RPC that nobody means well with: each gets an answer, and none breaks the server."""

from __future__ import annotations

from functools import cache
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from contract_tests.contract.words import Dialect, Service
from contract_tests.mock.jsonrpc.operations import OPERATIONS
from contract_tests.mock.jsonrpc.structures import STRUCTURES

from .remote import Remote
from .speaker import Speaker

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
JSON = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=10)


WRONG = SCALARS | st.fixed_dictionaries({"SECRET": st.text()}) | st.lists(SCALARS, max_size=2)
RIGHT = {"text": st.text(max_size=5), "integer": st.integers(), "boolean": st.booleans()}


def remote() -> tuple[Remote, dict[str, list[str]]]:
    """A server with one of everything, and the ids of what is there, by the name of the input member."""
    speaker = Speaker(Dialect.API)
    library = speaker.library()
    item = speaker.item(library)
    sessions = {f"{one}_session_id": [speaker.session(one, item)] for one in Service}
    names = {"library_id": [library], "library_item_id": [item], "source_library_item_id": [item]}
    return Remote(speaker.http), {**names, **sessions}


@cache
def data(notation: str, depth: int = 0) -> st.SearchStrategy[Any]:
    """Data values that are more or less of a type."""
    if depth > 4:
        return st.none()
    if notation.endswith("?"):
        return st.fixed_dictionaries({"OPTIONAL": st.none() | data(notation[:-1], depth + 1)})
    if notation.startswith(("[", "{")):
        return st.lists(data(notation[1:-1], depth + 1), max_size=3)
    if notation in STRUCTURES:
        members = {name: data(kind, depth + 1) for name, kind in STRUCTURES[notation].items()}
        fields = st.fixed_dictionaries({}, optional=members)
        return st.fixed_dictionaries({"STRUCTURE": st.fixed_dictionaries({notation: fields})})
    return RIGHT.get(notation, SCALARS)


@settings(max_examples=100, deadline=None)
@given(request=JSON)
def test_any_json_gets_an_answer(request: Any) -> None:
    client, _ = remote()
    answer = client.post(request)
    assert answer.status_code == 200
    assert answer.json()["error"]["code"] in {-32600, -32601, -32602}


@settings(max_examples=100, deadline=None)
@given(drawn=st.data())
def test_any_input_is_taken_or_refused(drawn: st.DataObject) -> None:
    client, known = remote()
    service, operation = drawn.draw(st.sampled_from(list(OPERATIONS)))
    members = {
        name: st.sampled_from(known[name]) if name in known else st.one_of(data(member.notation), WRONG)
        for name, member in OPERATIONS[service, operation].members.items()
    }
    result = client.result(service, operation, **drawn.draw(st.fixed_dictionaries(members)))
    assert "com.vmware.vapi.std.errors.internal_server_error" not in result.get("error", {}).get("ERROR", {})
