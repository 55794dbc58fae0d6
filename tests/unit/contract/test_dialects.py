from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import contract_tests
from contract_tests.contract import CELLS, Cell, Dialect, Service, load
from contract_tests.contract.dialects import (
    CONVENTIONS,
    FILES,
    ID_MEMBER,
    PROGRESS_MEMBER,
    SESSIONS,
    SUPPORT,
    FileOp,
    Op,
    Route,
    Support,
    unwrapped,
    wrapped,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

UNDOCUMENTED = {Op.COMPLETE, Op.CANCEL, Op.FAIL}
"""They share the path of keep-alive, so the documents leave them out (openapi/README.md)."""

ROWS = [pytest.param(cell, op, id=f"{cell}-{op}") for cell in CELLS for op in SESSIONS[cell] if op not in UNDOCUMENTED]

_OF_OPERATION = {
    "create": {Op.CREATE},
    "createOrKeepAlive": {Op.CREATE, Op.KEEP_ALIVE_BY_BODY},
    "get": {Op.READ},
    "list": {Op.LIST},
    "keepAlive": {Op.KEEP_ALIVE},
    "update": {Op.UPDATE},
    "delete": {Op.DELETE},
}


def resolved(dialect: Dialect, node: Any) -> Any:
    """Follow references, from one document into the other too."""
    while isinstance(node, dict) and "$ref" in node:
        name, _, pointer = node["$ref"].partition("#/")
        dialect = Dialect(name.removesuffix(".yaml")) if name else dialect
        node = load(dialect)
        for part in pointer.split("/"):
            node = node[part]
    return node


def path_in_document(route: Route, dialect: Dialect) -> str:
    """The route's path under the document's server, with nameless parameters."""
    prefix = load(dialect)["servers"][0]["url"].removeprefix("https://{api_host}")
    assert route.path.startswith(prefix)
    return re.sub(r"\{\w+\}", "{}", route.path.removeprefix(prefix))


def item_of(cell: Cell, op: Op) -> dict[str, Any]:
    """What the document has at the path of a row."""
    wanted = path_in_document(SESSIONS[cell][op], cell.dialect)
    (item,) = (item for path, item in load(cell.dialect)["paths"].items() if re.sub(r"\{\w+\}", "{}", path) == wanted)
    return dict(item)


def operation_of(cell: Cell, op: Op) -> dict[str, Any]:
    """What the document says about a row of the table."""
    return dict(item_of(cell, op)[SESSIONS[cell][op].method.lower()])


@pytest.mark.parametrize(("place", "op"), ROWS)
def test_a_row_is_the_documents_operation(place: Cell, op: Op) -> None:
    service, _, name = operation_of(place, op)["operationId"].partition(".")
    assert service == f"{place.service}Session"
    assert op in _OF_OPERATION[name]


@pytest.mark.parametrize(("place", "op"), ROWS)
def test_a_row_has_the_documents_success(place: Cell, op: Op) -> None:
    responses = operation_of(place, op)["responses"]
    assert sorted(SESSIONS[place][op].success) == sorted(int(status) for status in responses if status.startswith("2"))


@pytest.mark.parametrize(("place", "op"), ROWS)
def test_a_row_answers_where_the_document_has_a_body(place: Cell, op: Op) -> None:
    operation = operation_of(place, op)
    if "x-actions" in operation:  # one operation of the document, two rows
        answers = operation["x-actions"]["create" if op is Op.CREATE else "keep-alive"]["answer"] is not None
    else:
        responses = (resolved(place.dialect, operation["responses"][str(one)]) for one in SESSIONS[place][op].success)
        answers = any("content" in response for response in responses)
    assert SESSIONS[place][op].answers is answers


@pytest.mark.parametrize(("place", "op"), ROWS)
def test_a_row_has_the_documents_query(place: Cell, op: Op) -> None:
    item = item_of(place, op)
    parameters = [
        resolved(place.dialect, one)
        for one in [*item.get("parameters", []), *operation_of(place, op).get("parameters", [])]
    ]
    known = {one["name"]: one for one in parameters if one["in"] == "query"}
    query = dict(SESSIONS[place][op].query)
    assert {name for name, one in known.items() if one.get("required")} <= query.keys() <= known.keys()
    for name, value in query.items():
        assert value in resolved(place.dialect, known[name]["schema"])["enum"]


@pytest.mark.parametrize(("place", "op"), [row for row in ROWS if SESSIONS[row.values[0]][row.values[1]].spec])  # type: ignore[index]
def test_a_row_wraps_its_body_as_the_document_does(place: Cell, op: Op) -> None:
    schema = operation_of(place, op)["requestBody"]["content"]["application/json"]["schema"]
    choices = [resolved(place.dialect, one) for one in schema.get("oneOf", [schema])]
    assert any(SESSIONS[place][op].spec in one.get("properties", {}) for one in choices)


@pytest.mark.parametrize("place", CELLS, ids=str)
def test_every_operation_of_the_document_has_its_rows(place: Cell) -> None:
    documented = {
        op
        for item in load(place.dialect)["paths"].values()
        for operation in item.values()
        if isinstance(operation, dict) and operation.get("operationId", "").startswith(f"{place.service}Session.")
        for op in _OF_OPERATION[operation["operationId"].partition(".")[2]]
    }
    assert documented == SESSIONS[place].keys() - UNDOCUMENTED


@pytest.mark.parametrize("place", CELLS, ids=str)
def test_undocumented_actions_are_asked_for_like_keep_alive(place: Cell) -> None:
    keep_alive = SESSIONS[place][Op.KEEP_ALIVE]
    ((parameter, _),) = keep_alive.query
    for op in UNDOCUMENTED & SESSIONS[place].keys():
        route = SESSIONS[place][op]
        assert (route.method, route.path, route.success) == (keep_alive.method, keep_alive.path, keep_alive.success)
        assert route.query == ((parameter, str(op)),)
    assert (Op.COMPLETE in SESSIONS[place]) == (Op.UPDATE in SESSIONS[place]) == (place.service is Service.UPDATE)


@pytest.mark.parametrize("service", list(Service))
def test_members_have_the_documents_names(service: Service) -> None:
    name = f"{service.capitalize()}SessionKeepAlive"
    assert PROGRESS_MEMBER[service] in load(Dialect.API)["components"]["schemas"][name]["properties"]
    by_id = load(Dialect.REST)["components"]["schemas"][f"{name}ById"]
    properties: dict[str, Any] = {}
    for part in [by_id, *by_id.get("allOf", [])]:
        properties |= resolved(Dialect.REST, part).get("properties", {})
    assert {PROGRESS_MEMBER[service], ID_MEMBER[service]} <= properties.keys()


@pytest.mark.parametrize("dialect", list(Dialect))
def test_support_is_whole_and_of_its_dialect(dialect: Dialect) -> None:
    assert {*SUPPORT[dialect]} == {*Support}
    assert all(route.path.startswith(f"/{dialect}/") for route in SUPPORT[dialect].values())


API_FILES, REST_FILES = "/api/content/library/item", "/rest/com/vmware/content/library/item"


@pytest.mark.parametrize(
    ("place", "op", "asked", "success"),
    [
        ("api-update", FileOp.ADD, f"POST {API_FILES}/update-session/{{id}}/file", 201),
        ("api-update", FileOp.FILES, f"GET {API_FILES}/update-session/{{id}}/file", 200),
        ("api-update", FileOp.REMOVE, f"DELETE {API_FILES}/update-session/{{id}}/file/{{name}}", 204),
        ("api-update", FileOp.VALIDATE, f"POST {API_FILES}/update-session/{{id}}/file?action=validate", 200),
        ("api-download", FileOp.PREPARE, f"POST {API_FILES}/download-session/{{id}}/file?action=prepare", 200),
        ("api-download", FileOp.FILES, f"GET {API_FILES}/download-session/{{id}}/file", 200),
        ("api-download", FileOp.FILE, f"GET {API_FILES}/download-session/{{id}}/file?file_name={{name}}", 200),
        ("rest-update", FileOp.ADD, f"POST {REST_FILES}/updatesession/file/id:{{id}}?~action=add", 200),
        ("rest-update", FileOp.FILES, f"GET {REST_FILES}/updatesession/file?update_session_id={{id}}", 200),
        ("rest-update", FileOp.REMOVE, f"POST {REST_FILES}/updatesession/file/id:{{id}}?~action=remove", 200),
        ("rest-update", FileOp.VALIDATE, f"POST {REST_FILES}/updatesession/file/id:{{id}}?~action=validate", 200),
        ("rest-download", FileOp.PREPARE, f"POST {REST_FILES}/downloadsession/file/id:{{id}}?~action=prepare", 200),
        ("rest-download", FileOp.FILES, f"GET {REST_FILES}/downloadsession/file?download_session_id={{id}}", 200),
        ("rest-download", FileOp.FILE, f"POST {REST_FILES}/downloadsession/file/id:{{id}}?~action=get", 200),
    ],
)
def test_files_are_asked_for_as_the_bindings_do(place: str, op: FileOp, asked: str, success: int) -> None:
    route = FILES[Cell.parse(place)][op]
    query = "&".join(f"{name}={value}" for name, value in route.query)
    assert f"{route.method} {route.path}{'?' if query else ''}{query}" == asked
    assert route.success == (success,)


BARE, WRAPPING = Route("POST", "/x"), Route("POST", "/x", spec="create_spec")


@pytest.mark.parametrize(
    ("route", "token", "body"),
    [
        (BARE, None, [1]),
        (BARE, "t", [1]),
        (WRAPPING, None, {"create_spec": [1]}),
        (WRAPPING, "t", {"client_token": "t", "create_spec": [1]}),
    ],
)
def test_a_specification_is_wrapped(route: Route, token: str | None, body: Any) -> None:
    assert wrapped(route, [1], token) == body


@pytest.mark.parametrize(
    ("dialect", "body", "value"),
    [
        (Dialect.API, {"value": 1}, {"value": 1}),
        (Dialect.API, None, None),
        (Dialect.REST, {"value": 1}, 1),
        (Dialect.REST, {"value": None, "more": 1}, None),
    ],
)
def test_a_result_is_unwrapped(dialect: Dialect, body: Any, value: Any) -> None:
    assert unwrapped(dialect, body) == value


@pytest.mark.parametrize("body", [None, [], "value", 7, {}, {"Value": 1}])
def test_what_is_not_wrapped_is_a_value_error(body: Any) -> None:
    with pytest.raises(ValueError, match="not wrapped"):
        unwrapped(Dialect.REST, body)


@pytest.mark.parametrize("dialect", list(Dialect))
def test_conventions_are_the_documents(dialect: Dialect) -> None:
    here, document = CONVENTIONS[dialect], load(dialect)
    assert document["servers"][0]["url"] == f"https://{{api_host}}{here.root}"
    parameters = [resolved(dialect, one) for one in document["components"]["parameters"].values()]
    assert {one["name"] for one in parameters if one["in"] == "query" and "action" in one["name"]} == {here.action}
    paths = [path for path in document["paths"] if "-session/" in path]
    assert paths
    assert all(f"-session/{here.id_prefix}{{" in path for path in paths)
    bodies = {
        media
        for path in document["paths"].values()
        for operation in path.values()
        if isinstance(operation, dict) and "keepAlive" in operation.get("operationId", "")
        for media in operation["requestBody"]["content"]
    }
    assert len(bodies) == 1 + len(here.older_media)


PACKAGE = Path(contract_tests.__file__).parent

AT_HOME = ("contract/dialects.py", "mock/", "faults/")
"""Where a dialect may be asked for by its name: the table; the mock has one of its own, and its faults go by that."""

OWN_DIALECTS = {
    "scenarios/test_addressing.py": "addresses and actions letter by letter, a second opinion on the table",
}
"""Modules that say by themselves what a dialect is like, with the reason."""

_MEMBERS = frozenset(dialect.name for dialect in Dialect)
_SPELLED = re.compile(r"~action|/rest/com/vmware|^id:$")


def _is_member(node: ast.AST | None) -> bool:
    """Whether it is `Dialect.API`, or one of its like."""
    return (
        isinstance(node, ast.Attribute)
        and node.attr in _MEMBERS
        and isinstance(node.value, ast.Name)
        and node.value.id == "Dialect"
    )


def _is_value(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and node.value in set(Dialect)


def _docstrings(tree: ast.Module) -> set[int]:
    """Texts that are statements of their own."""
    return {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}


def own_dialects(tree: ast.Module) -> Iterator[str]:
    """Where code asks which dialect it is, has a column of its own, or spells what a column has."""
    told = _docstrings(tree)
    for node in ast.walk(tree):
        match node:
            case ast.Compare():
                found = any(_is_member(part) or _is_value(part) for part in ast.walk(node))
            case ast.Call(func=ast.Attribute(attr="startswith" | "endswith")):
                found = any(_is_member(argument) for argument in node.args)
            case ast.MatchValue():
                found = _is_member(node.value)
            case ast.Dict():
                found = any(map(_is_member, node.keys))
            case ast.Constant(value=str(text)):
                found = id(node) not in told and _SPELLED.search(text) is not None
            case _:
                found = False
        if found:
            yield ast.unparse(node)


def test_who_asks_for_a_dialect_looks_up_a_column() -> None:
    found: dict[str, list[str]] = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        file = path.relative_to(PACKAGE).as_posix()
        told = list(own_dialects(ast.parse(path.read_text(encoding="utf-8"))))
        if told and not file.startswith(AT_HOME):
            found[file] = told
    assert {file: told for file, told in found.items() if file not in OWN_DIALECTS} == {}
    assert found.keys() == OWN_DIALECTS.keys(), "a reason for nothing"


@pytest.mark.parametrize(
    "code",
    [
        "cell.dialect is Dialect.API",
        "dialect != Dialect.REST",
        "dialect in (Dialect.REST,)",
        "dialect == 'rest'",
        "exchange.cell.startswith(Dialect.REST)",
        "BASE = {Dialect.API: '/api'}",
        "query['~action']",
        "f'/rest/com/vmware/{path}'",
        "path.removeprefix('id:')",
        "match dialect:\n    case Dialect.API:\n        pass",
    ],
)
def test_what_is_looked_for_is_found(code: str) -> None:
    assert list(own_dialects(ast.parse(code)))


@pytest.mark.parametrize("code", ["load(Dialect.API)", "'''Sets `~action`.'''", "CONVENTIONS[dialect].action"])
def test_what_asks_for_no_dialect_is_not_found(code: str) -> None:
    assert not list(own_dialects(ast.parse(code)))
