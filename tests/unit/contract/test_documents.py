from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import schemathesis
import yaml
from hypothesis import HealthCheck, given, settings
from openapi_spec_validator import OpenAPIV31SpecValidator, validate
from schemathesis.core.result import Ok
from schemathesis.openapi.checks import JsonSchemaError

from contract_tests.contract import documents
from contract_tests.contract.schemas import compile_schemas, schemas
from contract_tests.contract.words import Dialect
from contract_tests.problems import ContractNotFound

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from schemathesis.schemas import APIOperation

    Operation = APIOperation[Any, Any, Any, Any]
    Case = schemathesis.Case[Any]

METHODS = {"get", "put", "post", "delete", "options", "head", "patch", "trace"}
PLAIN = {
    f"{service}.{name}" for service in ("updateSession", "downloadSession") for name in ("get", "list", "delete")
} | {"updateSession.update", "updateSession.keepAlive", "downloadSession.keepAlive"}
OPERATIONS = {
    Dialect.API: PLAIN | {"updateSession.create", "downloadSession.create"},
    Dialect.REST: PLAIN | {"updateSession.createOrKeepAlive", "downloadSession.createOrKeepAlive"},
}
MEDIA_TYPES = {"application/json", "application/xml", "application/x-www-form-urlencoded"}
both_dialects = pytest.mark.parametrize("dialect", Dialect)


def target_of(dialect: Dialect, reference: str) -> tuple[Dialect, Any]:
    """What `reference`, met in the document of `dialect`, points to, and the document where that stands."""
    file, _, pointer = reference.partition("#")
    home = Dialect(file.removesuffix(".yaml")) if file else dialect
    found: Any = documents.load(home)
    for part in pointer.strip("/").split("/"):
        found = found[part.replace("~1", "/").replace("~0", "~")]
    return home, found


def deref(dialect: Dialect, node: Any) -> tuple[Dialect, Any]:
    while "$ref" in node:
        dialect, node = target_of(dialect, node["$ref"])
    return dialect, node


def operations(dialect: Dialect) -> Iterator[tuple[str, Mapping[str, Any], Mapping[str, Any]]]:
    """Path, path item and operation."""
    for path, item in documents.load(dialect)["paths"].items():
        for method in sorted(METHODS & item.keys()):  # pytest-xdist wants the same order in every process
            yield path, item, item[method]


def operation(dialect: Dialect, name: str) -> Mapping[str, Any]:
    return next(op for _, _, op in operations(dialect) if op["operationId"] == name)


def parameters(dialect: Dialect, path_item: Any, op: Any) -> list[tuple[Dialect, Any]]:
    return [deref(dialect, p) for p in [*path_item.get("parameters", []), *op.get("parameters", [])]]


def media_types(dialect: Dialect, op: Mapping[str, Any]) -> Iterator[tuple[str, Dialect, Any]]:
    """Every body of an operation, asked and answered: where, in which document, the media type object."""
    yield from (
        (f"request {name}", dialect, media) for name, media in op.get("requestBody", {"content": {}})["content"].items()
    )
    for status, response in op["responses"].items():
        home, answer = deref(dialect, response)
        for name, media in answer.get("content", {}).items():
            yield f"{status} {name}", home, media


def examples() -> Iterator[Any]:
    """Every example of every operation, with the document and the schema that rule where it stands."""
    for dialect in Dialect:
        for _, item, op in operations(dialect):
            for home, parameter in parameters(dialect, item, op):
                label = f"{dialect} {op['operationId']} {parameter['name']}"
                yield pytest.param(home, parameter["schema"], parameter["example"], id=label)
            for where, home, media in media_types(dialect, op):
                for name, example in media["examples"].items():
                    label = f"{dialect} {op['operationId']} {where} {name}"
                    yield pytest.param(home, media["schema"], deref(home, example)[1]["value"], id=label)


@both_dialects
def test_is_valid_openapi_3_1(dialect: Dialect) -> None:
    document = documents.load(dialect)
    assert document["openapi"].startswith("3.1.")
    validate(document, base_uri=(documents.openapi_dir() / f"{dialect}.yaml").as_uri(), cls=OpenAPIV31SpecValidator)


@both_dialects
def test_offers_exactly_the_operations_of_the_contract(dialect: Dialect) -> None:
    names = [op["operationId"] for _, _, op in operations(dialect)]
    assert sorted(names) == sorted(OPERATIONS[dialect])


def test_base_paths() -> None:
    urls = {dialect: documents.load(dialect)["servers"][0]["url"] for dialect in Dialect}
    assert urls == {Dialect.API: "https://{api_host}/api", Dialect.REST: "https://{api_host}/rest/com/vmware"}


@both_dialects
def test_asks_for_the_session_token_on_every_operation(dialect: Dialect) -> None:
    document = documents.load(dialect)
    assert document["security"] == [{"session": []}]
    scheme = document["components"]["securitySchemes"]["session"]
    assert (scheme["type"], scheme["in"], scheme["name"]) == ("apiKey", "header", "vmware-api-session-id")
    assert not [op["operationId"] for _, _, op in operations(dialect) if "security" in op]


@both_dialects
def test_every_operation_says_that_a_refusal_carries_an_error(dialect: Dialect) -> None:
    error = "StandardError" if dialect is Dialect.API else "ErrorReply"
    for _, _, op in operations(dialect):
        assert {"401", "403", "default"} <= op["responses"].keys(), op["operationId"]
        for status, response in op["responses"].items():
            if not status.startswith("2"):
                _, answer = deref(dialect, response)
                schema = answer["content"]["application/json"]["schema"]
                assert schema == {"$ref": f"#/components/schemas/{error}"}, (op["operationId"], status)


@pytest.mark.parametrize(("dialect", "name"), [(Dialect.API, "action"), (Dialect.REST, "~action")])
def test_keep_alive_is_selected_by_a_required_query_parameter(dialect: Dialect, name: str) -> None:
    for path, item, op in operations(dialect):
        assert "?" not in path
        assert "__action" not in path
        if op["operationId"].endswith(".keepAlive"):
            action = next(p for _, p in parameters(dialect, item, op) if p["name"] == name)
            assert (action["in"], action["required"], action["schema"]["enum"]) == (
                "query",
                True,
                ["keep-alive"],
            )
            assert op["requestBody"]["required"] is False


@pytest.mark.parametrize(
    ("dialect", "name", "success"),
    [
        (Dialect.API, "updateSession.create", {"201"}),
        (Dialect.API, "downloadSession.create", {"201"}),
        (Dialect.API, "updateSession.keepAlive", {"204"}),
        (Dialect.API, "downloadSession.keepAlive", {"204"}),
        (Dialect.API, "updateSession.update", {"204"}),
        (Dialect.API, "updateSession.delete", {"204"}),
        (Dialect.REST, "updateSession.createOrKeepAlive", {"200"}),
        (Dialect.REST, "updateSession.keepAlive", {"200"}),
        (Dialect.REST, "downloadSession.keepAlive", {"200"}),
        (Dialect.REST, "updateSession.update", {"200"}),
        (Dialect.REST, "downloadSession.delete", {"200", "204"}),
    ],
)
def test_documented_success(dialect: Dialect, name: str, success: set[str]) -> None:
    answers = operation(dialect, name)["responses"]
    assert {status for status in answers if status.startswith("2")} == success
    void = not name.endswith((".create", "OrKeepAlive"))
    assert all(("content" in deref(dialect, answers[status])[1]) is not void for status in success)


def test_only_the_update_session_can_be_busy() -> None:
    assert "500" in operation(Dialect.API, "updateSession.create")["responses"]
    assert "500" not in operation(Dialect.API, "downloadSession.create")["responses"]


@pytest.mark.parametrize("service", ["updateSession", "downloadSession"])
def test_rest_keep_alive_has_three_representations_in_both_forms(service: str) -> None:
    for name in ("keepAlive", "createOrKeepAlive"):
        assert operation(Dialect.REST, f"{service}.{name}")["requestBody"]["content"].keys() == MEDIA_TYPES


@pytest.mark.parametrize("service", ["updateSession", "downloadSession"])
def test_actions_that_share_a_path_say_which_body_and_answer_are_theirs(service: str) -> None:
    op = operation(Dialect.REST, f"{service}.createOrKeepAlive")
    _, action = deref(Dialect.REST, op["parameters"][0])
    assert list(op["x-actions"]) == action["schema"]["enum"]
    assert not action["required"]
    assert [name for name, parts in op["x-actions"].items() if parts.get("default")] == ["create"]
    known = documents.load(Dialect.REST)["components"]["schemas"]
    named = [part for parts in op["x-actions"].values() for part in (parts["body"], parts["answer"])]
    assert [name for name in named if name is not None and name not in known] == []


def test_shared_schemas_stand_once() -> None:
    api, rest = (documents.load(dialect)["components"]["schemas"] for dialect in Dialect)
    assert api.keys().isdisjoint(rest)
    known = api["ErrorType"]["x-known-values"]
    assert len(known) == len(set(known)) == 25


@both_dialects
def test_holds_nothing_that_json_cannot(dialect: Dialect) -> None:
    """YAML makes dates of unquoted timestamps; schemas and tools expect texts."""
    document = documents.load(dialect)
    assert json.loads(json.dumps(document)) == document


@pytest.mark.parametrize(("home", "schema", "example"), list(examples()))
def test_every_example_is_what_its_schema_describes(home: Dialect, schema: Any, example: Any) -> None:
    loaded = {dialect: dict(documents.load(dialect)) for dialect in Dialect}
    components = loaded[home]["components"]
    loaded[home]["components"] = {**components, "schemas": {**components["schemas"], "Here": schema}}
    assert compile_schemas(loaded).problems_in(home, "Here", example) == []


@both_dialects
def test_every_operation_has_a_summary_and_examples(dialect: Dialect) -> None:
    for _, _, op in operations(dialect):
        assert op["summary"]
        for where, _, media in media_types(dialect, op):
            assert media["examples"], (op["operationId"], where)


# --- schemathesis takes both documents as they are, references from file to file included


def loaded_by_schemathesis(dialect: Dialect) -> dict[str, Operation]:
    loaded = schemathesis.openapi.from_path(documents.openapi_dir() / f"{dialect}.yaml")
    offered = [result.ok() for result in loaded.get_all_operations() if isinstance(result, Ok)]
    return {op.definition.raw["operationId"]: op for op in offered}


def positive_cases(op: Operation, count: int) -> list[Case]:
    made = []

    @given(op.as_strategy())
    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    def collect(case: Case) -> None:
        made.append(case)

    collect()
    return made


@pytest.mark.parametrize(("dialect", "name"), [(d, name) for d in Dialect for name in sorted(OPERATIONS[d])])
def test_schemathesis_offers_the_operation_and_makes_cases_for_it(dialect: Dialect, name: str) -> None:
    cases = positive_cases(loaded_by_schemathesis(dialect)[name], 3)
    sent = [case.as_transport_kwargs(base_url="https://vcenter.example") for case in cases]
    assert sent
    if name.endswith(".keepAlive"):
        action = "action" if dialect is Dialect.API else "~action"
        assert all(request["params"] == {action: "keep-alive"} for request in sent)
    if dialect is Dialect.REST and "session_id" in (path := cases[0].operation.path):
        assert all("/id:" in request["url"] for request in sent), path


def fitting_action(op: Mapping[str, Any], body: object) -> str | None:
    for action, parts in op["x-actions"].items():
        if not schemas().problems_in(Dialect.REST, parts["body"], body):
            return str(action)
    return None


@pytest.mark.parametrize("service", ["updateSession", "downloadSession"])
def test_schemathesis_sends_creations_and_keep_alives_to_the_shared_path(service: str) -> None:
    name = f"{service}.createOrKeepAlive"
    op = operation(Dialect.REST, name)
    seen = {
        (case.media_type, fitting_action(op, case.body), case.query.get("~action"))
        for case in positive_cases(loaded_by_schemathesis(Dialect.REST)[name], 100)
        if isinstance(case.body, dict)
    }
    assert {("application/json", "create"), *((media, "keep-alive") for media in MEDIA_TYPES)} <= {
        (media, fits) for media, fits, _ in seen
    }
    assert {action for _, _, action in seen} == {None, "create", "keep-alive"}


@pytest.mark.parametrize(
    ("service", "progress", "resource"),
    [
        ("updateSession", "client_progress", "update_session"),
        ("downloadSession", "progress", "download_session"),
    ],
)
def test_schemathesis_writes_the_xml_of_the_6_0_pages(service: str, progress: str, resource: str) -> None:
    op = loaded_by_schemathesis(Dialect.REST)[f"{service}.createOrKeepAlive"]
    case = op.Case(body={progress: 10, f"{resource}_id": "obj-103"}, media_type="application/xml")
    sent = case.as_transport_kwargs(base_url="https://vcenter.example")["data"].decode()
    assert sent == (
        f'<ns0:KeepAlive-Input xmlns:ns0="http://vmware.com/content/library/item/{resource}">'
        f"<{progress}>10</{progress}><{resource}_id>obj-103</{resource}_id></ns0:KeepAlive-Input>"
    )


def answered(status: int, body: object) -> httpx.Response:
    response = httpx.Response(status, json=body, request=httpx.Request("POST", "https://vcenter.example/"))
    response.elapsed = timedelta()  # schemathesis reads it; httpx sets it for real answers only
    return response


@both_dialects
def test_schemathesis_follows_references_when_it_judges_a_response(dialect: Dialect) -> None:
    def not_found(argument: object) -> httpx.Response:
        params = {"x": {"i": argument}}
        message = {"id": "a", "default_message": "b", "args": [], "params": params}
        error = {"messages": [message], "error_type": "NOT_FOUND"}
        return answered(404, error if dialect is Dialect.API else {"type": "not_found", "value": error})

    op = loaded_by_schemathesis(dialect)["updateSession.keepAlive"]
    op.validate_response(not_found(1))
    with pytest.raises(JsonSchemaError, match="/components/schemas/LocalizationParams"):
        op.validate_response(not_found("one"))


# --- finding, reading, hashing


def test_the_contract_of_a_wheel_lies_in_the_package(tmp_path: Path) -> None:
    (tmp_path / "package" / "openapi").mkdir(parents=True)
    (tmp_path / "openapi").mkdir()
    assert documents.find_openapi_dir(tmp_path / "package") == tmp_path / "package" / "openapi"


def test_the_contract_of_a_checkout_lies_beside_the_package(tmp_path: Path) -> None:
    (tmp_path / "openapi").mkdir()
    assert documents.find_openapi_dir(tmp_path / "package") == tmp_path / "openapi"


def test_a_missing_contract_is_one_clear_sentence(tmp_path: Path) -> None:
    with pytest.raises(ContractNotFound, match=r"^The contract is missing: there is no folder"):
        documents.find_openapi_dir(tmp_path / "package")


def test_a_missing_document_is_one_clear_sentence(tmp_path: Path) -> None:
    with pytest.raises(ContractNotFound, match=r"^The contract is incomplete: there is no .*api\.yaml"):
        documents.read_document(tmp_path / "api.yaml")


def test_a_document_is_read_once() -> None:
    assert documents.load(Dialect.API) is documents.load(Dialect.API)
    assert documents.load(Dialect.API) == yaml.safe_load((documents.openapi_dir() / "api.yaml").read_bytes())


def test_the_hash_names_the_contract_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "clauses").mkdir()
    (tmp_path / "api.yaml").write_text("a")
    (tmp_path / "clauses" / "keep-alive.yaml").write_text("b")
    first = documents.hash_of(tmp_path)
    (tmp_path / "README.md").write_text("no part of it")
    assert documents.hash_of(tmp_path) == first
    (tmp_path / "clauses" / "keep-alive.yaml").write_text("c")
    changed = documents.hash_of(tmp_path)
    (tmp_path / "clauses" / "keep-alive.yaml").rename(tmp_path / "clauses" / "expiry.yaml")
    assert len({first, changed, documents.hash_of(tmp_path)}) == 3


def test_the_hash_of_this_contract_is_a_sha256() -> None:
    assert documents.sha256() == documents.hash_of(documents.openapi_dir())
    assert len(bytes.fromhex(documents.sha256())) == 32
