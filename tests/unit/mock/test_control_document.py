"""The OpenAPI document of the control door: whole, and true, as schemathesis finds it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest
import schemathesis
from openapi_spec_validator import OpenAPIV31SpecValidator
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema

from contract_tests.mock import CONTROL_HEADER, CONTROL_KEY, MockServer
from contract_tests.mock.domain.clock import FARTHEST
from contract_tests.mock.domain.model import WarningType
from contract_tests.mock.http.routes.control import ROOT, ControlDoor, control_document, operations
from contract_tests.mock.http.weather import Spell

if TYPE_CHECKING:
    from collections.abc import Iterator

DOCUMENT = control_document()
METHODS = {"get", "put", "post", "delete", "patch"}
SEED = 1


def test_each_operation_is_in_the_document_and_the_other_way_round() -> None:
    ours = {(one.method, one.path) for one in operations(ControlDoor(*[None] * 2))}  # type: ignore[arg-type]
    documented = {
        (method.upper(), path) for path, item in DOCUMENT["paths"].items() for method in item if method in METHODS
    }
    assert ours == documented
    assert all(path.startswith(f"{ROOT}/") for _, path in ours)


def test_it_is_an_openapi_document_and_is_served_as_it_is() -> None:
    OpenAPIV31SpecValidator(DOCUMENT).validate()
    with MockServer(control=True) as mock:
        answer = httpx.get(f"{mock.url}{ROOT}/openapi.json", headers={CONTROL_HEADER: CONTROL_KEY})
    assert answer.json() == DOCUMENT


def test_its_words_are_those_of_the_code() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    assert schemas["WarningType"]["enum"] == list(WarningType)
    assert set(schemas["Spell"]["properties"]) == set(Spell.__dataclass_fields__)
    assert DOCUMENT["components"]["securitySchemes"]["control"]["name"] == CONTROL_HEADER
    advance = DOCUMENT["paths"][f"{ROOT}/clock/advance"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert advance["properties"]["seconds"]["maximum"] == FARTHEST.total_seconds()


@pytest.fixture
def mock() -> Iterator[MockServer]:
    with MockServer(control=True) as server:
        yield server


def failures(mock: MockServer, document: dict[str, Any]) -> dict[str, list[str]]:
    """What schemathesis finds wrong with the server by the document, by operation, and each operation that it tried."""
    options: dict[str, Any] = {
        "seed": SEED,
        "base-url": mock.url,
        "continue-on-failure": True,
        "workers": 1,
        "headers": {CONTROL_HEADER: CONTROL_KEY},
        "cache": {"enabled": False},
        "generation": {"database": "none", "max-examples": 15},
        "phases": {"stateful": {"enabled": False}},
        # A clock is moved by so much in all, and schemathesis moves it again and again.
        "operations": [
            {
                "include-operation-id": "advanceClock",
                "checks": {"positive_data_acceptance": {"expected-statuses": [200, 400]}},
            }
        ],
    }
    config = SchemathesisConfig.from_dict(options)
    found: dict[str, list[str]] = {}
    for event in from_schema(schemathesis.openapi.from_dict(document, config=config)).execute():
        assert not isinstance(event, events.FatalError | events.NonFatalError), str(event)
        if isinstance(event, events.ScenarioFinished) and event.label:
            checks = [check for checks in event.recorder.checks.values() for check in checks]
            wrong = [f"{one.name}: {one.failure_info.failure}" for one in checks if one.failure_info]
            found.setdefault(event.label, []).extend(wrong)
    return found


def test_the_server_does_what_the_document_says(mock: MockServer) -> None:
    found = failures(mock, DOCUMENT)
    assert len(found) == sum(len(METHODS & item.keys()) for item in DOCUMENT["paths"].values())
    assert {label: wrong for label, wrong in found.items() if wrong} == {}


def test_a_document_that_is_wrong_is_found(mock: MockServer) -> None:
    clock = {**DOCUMENT["components"]["schemas"]["Clock"], "required": ["now", "shift", "zone"]}
    components = {**DOCUMENT["components"], "schemas": {**DOCUMENT["components"]["schemas"], "Clock": clock}}
    path = f"{ROOT}/clock"
    found = failures(mock, {**DOCUMENT, "components": components, "paths": {path: DOCUMENT["paths"][path]}})
    assert "response_schema_conformance" in str(found)
