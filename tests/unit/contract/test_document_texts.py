"""What people and generators of clients find in the documents: every member told where it stands, whole."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import pytest

from contract_tests.contract import documents
from contract_tests.contract.schemas import schemas
from contract_tests.contract.words import Dialect

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

both_dialects = pytest.mark.parametrize("dialect", Dialect)
RESOURCES: Final = "com.vmware.content.library"
UPDATE: Final = f"{RESOURCES}.item.UpdateSession"
DOWNLOAD: Final = f"{RESOURCES}.item.DownloadSession"
ITEM: Final = f"{RESOURCES}.Item"
TIMEOUT: Final = "system configuration of the Content Library Service"


def target_of(dialect: Dialect, node: Any) -> Any:
    """What a node refers to in the end; the node itself if it refers to nothing."""
    while "$ref" in node:
        file, _, pointer = node["$ref"].partition("#/")
        dialect = Dialect(file.removesuffix(".yaml")) if file else dialect
        node = documents.load(dialect)
        for part in pointer.split("/"):
            node = node[part]
    return node


def components(dialect: Dialect, kind: str = "schemas") -> Mapping[str, Any]:
    found: Mapping[str, Any] = documents.load(dialect)["components"][kind]
    return found


def schemas_in(node: Any, where: str) -> Iterator[tuple[str, Any]]:
    """Every schema at or below a schema: where it stands, and itself."""
    yield where, node
    for name, member in node.get("properties", {}).items():
        yield from schemas_in(member, f"{where}.{name}")
    for key in ("items", "additionalProperties"):
        if isinstance(node.get(key), dict):
            yield from schemas_in(node[key], f"{where}/{key}")
    for key in ("allOf", "anyOf", "oneOf"):
        for number, part in enumerate(node.get(key, [])):
            yield from schemas_in(part, f"{where}/{key}/{number}")


def all_schemas(dialect: Dialect) -> Iterator[tuple[str, Any]]:
    for name, schema in components(dialect).items():
        yield from schemas_in(schema, name)


def operations(dialect: Dialect) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Path and operation."""
    for path, item in documents.load(dialect)["paths"].items():
        yield from ((path, op) for op in item.values() if isinstance(op, dict))


@both_dialects
def test_every_member_is_described(dialect: Dialect) -> None:
    members = {
        f"{where}.{name}": member
        for where, schema in all_schemas(dialect)
        for name, member in schema.get("properties", {}).items()
    }
    assert len(members) > 10
    told = {
        where: node.get("description") or target_of(dialect, node).get("description") for where, node in members.items()
    }
    assert [where for where, text in told.items() if not (text or "").strip()] == []


@both_dialects
@pytest.mark.parametrize("kind", ["schemas", "parameters", "responses", "securitySchemes"])
def test_every_component_is_described(dialect: Dialect, kind: str) -> None:
    assert [name for name, one in components(dialect, kind).items() if not one.get("description", "").strip()] == []


@both_dialects
def test_every_operation_is_described(dialect: Dialect) -> None:
    assert [op["operationId"] for _, op in operations(dialect) if not op.get("description", "").strip()] == []


@both_dialects
def test_no_schema_is_put_together_from_others(dialect: Dialect) -> None:
    """Tools that resolve references before they read name the parts `AllOfAllOf`, and lose what is said twice."""
    assert [where for where, schema in all_schemas(dialect) if "allOf" in schema] == []


@both_dialects
def test_every_object_with_members_has_a_name(dialect: Dialect) -> None:
    named = components(dialect).keys()
    assert [where for where, schema in all_schemas(dialect) if "properties" in schema and where not in named] == []


@both_dialects
def test_alternatives_are_references(dialect: Dialect) -> None:
    """Whatever is inline in an alternative becomes a class without a sensible name; null alone is none."""
    parts = [
        (where, part)
        for where, schema in all_schemas(dialect)
        for key in ("anyOf", "oneOf")
        for part in schema.get(key, [])
    ]
    assert [where for where, part in parts if "$ref" not in part and part != {"type": "null"}] == []


@both_dialects
def test_no_name_is_one_of_the_languages(dialect: Dialect) -> None:
    """A generator for TypeScript renames a class `Error`, and forgets those that hold one."""
    assert (
        components(dialect).keys() & {"Error", "Exception", "Object", "String", "Map", "List", "Set", "Date"} == set()
    )


def test_sessions_know_their_times_and_progress_by_type() -> None:
    for name in ("UpdateSessionModel", "DownloadSessionModel"):
        members = {key: target_of(Dialect.API, one) for key, one in components(Dialect.API)[name]["properties"].items()}
        assert members["expiration_time"]["format"] == "date-time"
        assert (members["client_progress"]["minimum"], members["client_progress"]["maximum"]) == (0, 100)


@pytest.mark.parametrize("progress", [-1, 101, 480, None])
@pytest.mark.parametrize("name", ["UpdateSessionCreateSpec", "UpdateSessionUpdateSpec", "DownloadSessionCreateSpec"])
def test_a_member_that_is_not_used_has_no_bounds(name: str, progress: int | None) -> None:
    assert schemas().problems(name, {"library_item_id": "item", "client_progress": progress}) == []


@pytest.mark.parametrize("data", [None, {}, {"of": "its own"}, {"primary": 5}])
def test_any_object_may_stand_in_data(data: object) -> None:
    message = {"id": "a", "default_message": "b", "args": []}
    assert schemas().problems("StandardError", {"messages": [message], "data": data}) == []
    assert components(Dialect.API)["StandardError"]["properties"]["data"].keys().isdisjoint({"anyOf", "oneOf"})


@pytest.mark.parametrize(
    ("dialect", "kind", "name", "member", "resource"),
    [
        *((d, "parameters", "UpdateSessionId", "schema", UPDATE) for d in Dialect),
        *((d, "parameters", "DownloadSessionId", "schema", DOWNLOAD) for d in Dialect),
        (Dialect.API, "parameters", "LibraryItemFilter", "schema", ITEM),
        *(
            (d, "responses", f"{k}SessionIds", None, r)
            for d in Dialect
            for k, r in [("Update", UPDATE), ("Download", DOWNLOAD)]
        ),
        (Dialect.API, "responses", "UpdateSessionCreated", None, UPDATE),
        (Dialect.API, "responses", "DownloadSessionCreated", None, DOWNLOAD),
        (Dialect.REST, "responses", "UpdateSessionCreatedOrKeptAlive", None, UPDATE),
        (Dialect.REST, "responses", "DownloadSessionCreatedOrKeptAlive", None, DOWNLOAD),
        (Dialect.REST, "schemas", "UpdateSessionKeepAliveById", "update_session_id", UPDATE),
        (Dialect.REST, "schemas", "DownloadSessionKeepAliveById", "download_session_id", DOWNLOAD),
        *((Dialect.API, "schemas", f"UpdateSession{n}", "id", UPDATE) for n in ("Model", "CreateSpec", "UpdateSpec")),
        *((Dialect.API, "schemas", f"DownloadSession{n}", "id", DOWNLOAD) for n in ("Model", "CreateSpec")),
        *(
            (Dialect.API, "schemas", f"UpdateSession{n}", "library_item_id", ITEM)
            for n in ("Model", "CreateSpec", "UpdateSpec")
        ),
        *((Dialect.API, "schemas", f"DownloadSession{n}", "library_item_id", ITEM) for n in ("Model", "CreateSpec")),
    ],
)
def test_an_id_says_what_it_is_one_of(
    dialect: Dialect, kind: str, name: str, member: str | None, resource: str
) -> None:
    node = components(dialect, kind)[name]
    if member is not None:
        node = node.get("properties", node)[member]
    assert (node.get("x-resource-type") or target_of(dialect, node).get("x-resource-type")) == resource


def test_every_error_type_has_a_text() -> None:
    schema = components(Dialect.API)["ErrorType"]
    lines = {line.partition(": ")[0]: line.partition(": ")[2] for line in schema["description"].splitlines()}
    values = schema.get("x-known-values") or schema["enum"]
    assert len(values) == 25
    assert [value for value in values if not lines.get(f"- {value}", "").strip()] == []


@both_dialects
def test_what_the_pages_say_of_every_session_is_told(dialect: Dialect) -> None:
    texts = {op["operationId"]: " ".join(op["description"].split()) for _, op in operations(dialect)}
    for service in ("updateSession", "downloadSession"):
        assert TIMEOUT in texts[f"{service}.keepAlive"]
    (create,) = (text for name, text in texts.items() if name.startswith("updateSession.create"))
    assert "invisible to other clients until it is completed" in create


def test_an_ignored_warning_is_told_as_the_default() -> None:
    for name in ("UpdateSessionModel", "UpdateSessionCreateSpec", "UpdateSessionUpdateSpec"):
        assert "by default" in components(Dialect.API)[name]["properties"]["warning_behavior"]["description"]


@both_dialects
def test_says_who_may_use_it_and_whom_to_ask(dialect: Dialect) -> None:
    info = documents.load(dialect)["info"]
    assert info["license"]["identifier"] == "Apache-2.0"
    assert info["contact"]["name"]


@both_dialects
@pytest.mark.parametrize(("here", "elsewhere"), [("update", "DownloadSession"), ("download", "UpdateSession")])
def test_no_example_is_one_of_the_other_service(dialect: Dialect, here: str, elsewhere: str) -> None:
    for path, op in operations(dialect):
        if f"{here}-session" not in path:
            continue
        for status, response in op["responses"].items():
            for media in target_of(dialect, response).get("content", {}).values():
                shown = json.dumps([target_of(dialect, one) for one in media["examples"].values()])
                assert elsewhere not in shown, (op["operationId"], status)
                other = "download session" if here == "update" else "update session"
                assert f"no {other}" not in shown, (op["operationId"], status)


def test_no_example_under_api_names_a_wrapper() -> None:
    assert "create_spec" not in json.dumps(components(Dialect.API, "examples"))
