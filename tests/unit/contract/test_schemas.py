from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from contract_tests.contract.documents import load
from contract_tests.contract.schemas import Schemas, compile_schemas, schemas
from contract_tests.contract.words import Dialect
from contract_tests.problems import NoSuchSchema

MESSAGE = {"id": "a", "default_message": "b", "args": []}
ERROR = {"messages": [MESSAGE]}
SESSION = {
    "library_item_id": "item",
    "library_item_content_version": "1",
    "client_progress": 0,
    "state": "ACTIVE",
    "expiration_time": "2026-03-01T22:13:05.651Z",
}


def with_params(params: object) -> dict[str, Any]:
    return {"messages": [{**MESSAGE, "params": params}]}


@pytest.mark.parametrize(
    ("name", "instance"),
    [
        ("StandardError", ERROR),
        ("StandardError", {**ERROR, "data": None, "error_type": None, "challenge": None}),
        ("StandardError", {**ERROR, "data": {"of": "its own"}, "error_type": "NOT_FOUND"}),
        ("StandardError", {"messages": [{**MESSAGE, "localized": None, "params": None}]}),
        ("StandardError", with_params({"n": {"i": 2**63 - 1, "d": 0.5, "s": None, "precision": 2}})),
        (
            "StandardError",
            with_params([{"key": "n", "value": {"dt": "2026-03-01T22:13:05Z", "format": "SHORT_DATE"}}]),
        ),
        ("StandardError", with_params({"n": {"l": {"id": "nested", "params": {"m": {"s": "text"}}}}})),
        ("UpdateSessionModel", SESSION),
        ("UpdateSessionModel", {**SESSION, "state": "A_STATE_OF_THE_FUTURE", "client_progress": 100}),
        (
            "UpdateSessionModel",
            {**SESSION, "error_message": None, "preview_info": None, "warning_behavior": None},
        ),
        ("UpdateSessionModel", {**SESSION, "a_member_of_the_future": 1}),
        (
            "UpdateSessionModel",
            {**SESSION, "preview_info": {"state": "NEW", "warnings": [], "cert_chain": None}},
        ),
        ("DownloadSessionModel", {**SESSION, "error_message": MESSAGE}),
        ("UpdateSessionKeepAlive", {}),
        ("UpdateSessionKeepAlive", {"client_progress": None}),
        ("UpdateSessionKeepAlive", {"client_progress": -(2**63)}),
        ("UpdateSessionKeepAlive", {"client_progress": 480.0}),
        ("DownloadSessionKeepAlive", {"progress": 1000}),
        ("UpdateSessionCreateSpec", {"library_item_id": "item", "client_progress": 0, "state": None}),
        ("UpdateSessionUpdateSpec", {"warning_behavior": [{"type": "NEW", "ignored": True}]}),
        ("UpdateSessionUpdateSpec", {"library_item_id": None}),
    ],
)
def test_what_the_documents_describe_has_no_problems(name: str, instance: object) -> None:
    assert schemas().problems(name, instance) == []


@pytest.mark.parametrize(
    ("name", "instance", "problems"),
    [
        ("StandardError", None, ["the whole: null is not of type object"]),
        ("StandardError", {}, ["the whole: messages is missing"]),
        ("StandardError", {"messages": []}, ["/messages: [] has fewer than 1 entries"]),
        ("StandardError", {"messages": [{**MESSAGE, "args": [1]}]}, ["/messages/0/args/0: 1 is not of type string"]),
        (
            "StandardError",
            {"messages": [{"id": "a"}]},
            ["/messages/0: args is missing", "/messages/0: default_message is missing"],
        ),
        ("StandardError", {**ERROR, "error_type": "X"}, []),
        ("StandardError", {**ERROR, "error_type": []}, ["/error_type: [] is not of type string or null"]),
        ("StandardError", {**ERROR, "data": []}, ["/data: [] is not of type object or null"]),
        (
            "StandardError",
            with_params({"a/b": {"i": 2**63}}),
            ["/messages/0/params/a~1b/i: 9223372036854775808 is no int64"],
        ),
        ("StandardError", with_params([{"key": "k"}]), ["/messages/0/params/0: value is missing"]),
        ("StandardError", with_params({"n": {"l": {}}}), ["/messages/0/params/n/l: id is missing"]),
        ("UpdateSessionModel", {**SESSION, "state": None}, ["/state: null is not of type string"]),
        ("UpdateSessionModel", {**SESSION, "state": 5}, ["/state: 5 is not of type string"]),
        ("UpdateSessionModel", {**SESSION, "client_progress": 101}, ["/client_progress: 101 is above 100"]),
        ("DownloadSessionModel", {**SESSION, "client_progress": -1}, ["/client_progress: -1 is below 0"]),
        (
            "DownloadSessionModel",
            {**SESSION, "expiration_time": "2026-03-01 22:13"},
            ['/expiration_time: "2026-03-01 22:13" is no date-time'],
        ),
        ("UpdateSessionModel", {**SESSION, "preview_info": {}}, ["/preview_info: state is missing"]),
        (
            "UpdateSessionModel",
            {**SESSION, "preview_info": 3},
            ["/preview_info: 3 is not of type object or null"],
        ),
        ("UpdateSessionCreateSpec", {}, ["the whole: library_item_id is missing"]),
        (
            "DownloadSessionCreateSpec",
            {"library_item_id": None},
            ["/library_item_id: null is not of type string"],
        ),
        (
            "UpdateSessionUpdateSpec",
            {"warning_behavior": [{"type": "EXPIRED_CERTIFICATE"}]},
            ["/warning_behavior/0: ignored is missing"],
        ),
        (
            "UpdateSessionKeepAlive",
            {"client_progress": True},
            ["/client_progress: true is not of type integer or null"],
        ),
        ("UpdateSessionKeepAlive", {"client_progress": 1e300}, ["/client_progress: 1e+300 is no int64"]),
        (
            "UpdateSessionKeepAlive",
            {"client_progress": 1.5},
            ["/client_progress: 1.5 is not of type integer or null"],
        ),
        ("SessionId", "", ['the whole: "" has fewer than 1 characters']),
    ],
)
def test_each_problem_is_one_sentence_with_its_place(name: str, instance: object, problems: list[str]) -> None:
    assert schemas().problems(name, instance) == problems


@pytest.mark.parametrize("name", ["UpdateSessionModel", "DownloadSessionModel"])
@pytest.mark.parametrize("member", SESSION)
def test_what_is_always_present_when_read_is_required(name: str, member: str) -> None:
    without = {key: value for key, value in SESSION.items() if key != member}
    assert schemas().problems(name, without) == [f"the whole: {member} is missing"]


def test_a_long_value_is_cut() -> None:
    (problem,) = schemas().problems("SessionIdList", ["x" * 1000, {"a": "x" * 1000}])
    assert problem.startswith('/1: {"a": "xxx')
    assert problem.endswith("… is not of type string")
    assert len(problem) < 100


@pytest.mark.parametrize(
    ("token", "fine"),
    [
        ("b8a2a2e3-2314-43cd-a871-6ede0f429751", True),
        ("B8A2A2E3-2314-43CD-A871-6EDE0F429751", True),
        (None, True),
        ("{b8a2a2e3-2314-43cd-a871-6ede0f429751}", False),
        ("b8a2a2e3231443cda8716ede0f429751", False),
        ("no uuid", False),
    ],
)
def test_a_client_token_is_a_uuid(token: str | None, fine: bool) -> None:  # noqa: FBT001 - a table's column
    spec = {"client_token": token, "create_spec": {"library_item_id": "item"}}
    assert (schemas().problems_in(Dialect.REST, "UpdateSessionCreateInput", spec) == []) is fine


def test_the_wrappers_of_rest_lead_into_the_shared_schemas() -> None:
    reply = {"type": "com.vmware.vapi.std.errors.not_found", "value": {"messages": []}}
    assert schemas().problems_in(Dialect.REST, "ErrorReply", reply) == ["/value/messages: [] has fewer than 1 entries"]


def test_rest_finds_the_shared_schemas_by_name() -> None:
    assert schemas().problems_in(Dialect.REST, "StandardError", ERROR) == []


def test_api_does_not_know_the_wrappers() -> None:
    with pytest.raises(NoSuchSchema, match=r"^The contract has no schema 'ErrorReply'; it has .*Error, "):
        schemas().problems("ErrorReply", {})


@pytest.mark.parametrize("dialect", Dialect)
def test_every_component_schema_is_compiled_and_judges(dialect: Dialect) -> None:
    """A reference that leads nowhere shows only when a value is judged."""
    for name in load(dialect)["components"]["schemas"]:
        schemas().problems_in(dialect, name, {"value": {}, "messages": [{}]})


def test_enumerations_that_may_grow_are_not_closed() -> None:
    components = load(Dialect.API)["components"]["schemas"]
    assert [name for name, schema in components.items() if "enum" in schema] == []
    assert "EXPIRED_CERTIFICATE" in components["WarningType"]["x-known-values"]
    assert "NOT_FOUND" in components["ErrorType"]["x-known-values"]


def test_a_keyword_without_a_sentence_of_its_own_is_named() -> None:
    made = {d: {"components": {"schemas": {"Even": {"multipleOf": 2}} if d is Dialect.API else {}}} for d in Dialect}
    assert compile_schemas(made).problems("Even", 3) == ["the whole: 3 breaks multipleOf: 2"]


def by_reference() -> Schemas:
    """The schemas with their references as the documents have them."""
    documents = {dialect: load(dialect) for dialect in Dialect}
    registry = Registry().with_resources(
        (f"{dialect}.yaml", DRAFT202012.create_resource(document)) for dialect, document in documents.items()
    )
    formats = schemas().validators[Dialect.API]["StandardError"].format_checker
    return Schemas(
        {
            dialect: {
                name: Draft202012Validator(
                    {"$ref": f"{dialect}.yaml#/components/schemas/{name}"}, registry=registry, format_checker=formats
                )
                for name in document["components"]["schemas"]
            }
            for dialect, document in documents.items()
        }
    )


def members() -> list[str]:
    """The names of all members that the documents know."""
    components = [schema for dialect in Dialect for schema in load(dialect)["components"]["schemas"].values()]
    return sorted({name for schema in components for name in schema.get("properties", {})})


PLAIN = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from((-1, 0, 5, 100, 101, 2**63, 480.0, 0.5)),
    st.sampled_from(("", "ACTIVE", "2026-03-01T22:13:05.651Z", "b8a2a2e3-2314-43cd-a871-6ede0f429751")),
)


@given(st.data())
def test_schemas_that_are_written_out_say_what_their_references_say(data: st.DataObject) -> None:
    names = st.sampled_from(members())
    value = data.draw(
        st.recursive(PLAIN, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(names, inner, max_size=6))
    )
    written, referring = schemas(), by_reference()
    for dialect, validators in written.validators.items():
        for name in validators:
            assert written.problems_in(dialect, name, value) == referring.problems_in(dialect, name, value)


@pytest.mark.parametrize("instance", [ERROR, SESSION, with_params({"n": {"l": {"id": 1, "params": {"m": {"s": 2}}}}})])
@pytest.mark.parametrize("gone", [None, "messages", "client_progress", "state"])
def test_of_what_nearly_fits_they_say_the_same(instance: dict[str, Any], gone: str | None) -> None:
    left = {name: value for name, value in instance.items() if name != gone}
    written, referring = schemas(), by_reference()
    for name in written.validators[Dialect.API]:
        assert written.problems(name, left) == referring.problems(name, left)
