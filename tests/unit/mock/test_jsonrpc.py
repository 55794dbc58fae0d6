"""The protocol of `POST /api`: envelopes, who asks, refusals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from contract_tests.contract.words import Dialect
from contract_tests.mock import MockSettings, Parts
from contract_tests.mock.domain.views import Views

from .remote import CONTENT, USER_PASSWORD, Remote, some, structure
from .speaker import Speaker

if TYPE_CHECKING:
    from collections.abc import Callable

LOCAL = f"{CONTENT}.local_library"


@pytest.fixture
def remote() -> Remote:
    speaker = Speaker(Dialect.API)
    del speaker.http.headers["vmware-api-session-id"]
    speaker.http.cookies.clear()
    return Remote(speaker.http)


def without(name: str) -> Callable[[dict[str, Any]], Any]:
    return lambda request: {key: value for key, value in request.items() if key != name}


def params(**members: Any) -> Callable[[dict[str, Any]], Any]:
    """The request with other params; those that are None are not there."""

    def changed(request: dict[str, Any]) -> Any:
        found = request["params"] | members
        return request | {"params": {name: value for name, value in found.items() if value is not None}}

    return changed


def nested(depth: int) -> Any:
    value: Any = []
    for _ in range(depth):
        value = [value]
    return value


REFUSED: dict[str, tuple[Callable[[dict[str, Any]], Any], int, str]] = {
    "no JSON": (lambda _: b"{", -32700, "The body is no JSON that can be read"),
    "a member twice": (lambda _: b'{"a": 1, "a": 2}', -32700, "a member is there twice"),
    "nothing": (lambda _: b"", -32700, "The body is no JSON that can be read"),
    "deep": (lambda _: b"[" * 100_000, -32700, "The body is nested too deeply."),
    "a batch": (lambda request: [request], -32600, "Batches are not answered"),
    "no object": (lambda _: 5, -32600, "A request is an object"),
    "no version": (without("jsonrpc"), -32600, 'whose jsonrpc is "2.0"'),
    "version 1.0": (lambda request: request | {"jsonrpc": "1.0"}, -32600, 'whose jsonrpc is "2.0"'),
    "no id": (without("id"), -32600, "A request has an id"),
    "id a list": (lambda request: request | {"id": []}, -32600, "A request has an id"),
    "id a boolean": (lambda request: request | {"id": True}, -32600, "A request has an id"),
    "no method": (without("method"), -32600, "A request has a method"),
    "another method": (lambda request: request | {"method": "list"}, -32601, "There is no method but invoke."),
    "no params": (without("params"), -32602, "The params are an object"),
    "params a list": (lambda request: request | {"params": []}, -32602, "The params are an object"),
    "no service": (params(serviceId=None), -32602, "The params have serviceId"),
    "operation a number": (params(operationId=5), -32602, "The params have operationId"),
    "no context": (params(ctx=None), -32602, "The params have ctx"),
    "security context a text": (params(ctx={"securityCtx": "x"}), -32602, "The securityCtx of ctx"),
    "application context a text": (params(ctx={"appCtx": "x"}), -32602, "The appCtx of ctx"),
    "no input": (params(input=None), -32602, "The params have input"),
    "input deep": (params(input=nested(900)), -32602, "The params have input"),
    "input bare": (params(input={"library_id": "x"}), -32602, "The params have input"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_request_is_refused_in_a_sentence(remote: Remote, name: str) -> None:
    changed, code, told = REFUSED[name]
    answer = remote.post(changed(remote.request(LOCAL, "list")))
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    body = answer.json()
    assert body["error"]["code"] == code
    assert told in body["error"]["message"]
    assert body["id"] == (None if code in {-32700, -32600} else "7")
    assert body.keys() == {"jsonrpc", "id", "error"}


@pytest.mark.parametrize("request_id", ["", "x", 0, -5, None])
def test_an_answer_has_the_id_of_its_request(remote: Remote, request_id: Any) -> None:
    remote.log_in()
    answer = remote.post(remote.request(LOCAL, "list") | {"id": request_id})
    assert answer.json() == {"jsonrpc": "2.0", "id": request_id, "result": {"output": []}}


def test_headers_may_name_the_operation_and_no_other_one(remote: Remote) -> None:
    remote.log_in()
    request = remote.request(LOCAL, "list")
    right = remote.post(request, {"vapi-service": LOCAL, "vapi-operation": "list"})
    assert right.json()["result"] == {"output": []}
    for wrong in (
        {"vapi-service": LOCAL, "vapi-operation": "get"},
        {"vapi-service": LOCAL},
        {"vapi-operation": "list"},
    ):
        assert remote.post(request, wrong).json()["error"]["code"] == -31001


def test_what_is_no_json_and_what_is_too_large_is_refused_by_http() -> None:
    remote = Remote(Speaker(Dialect.API, settings=MockSettings(json_limit=100)).http)
    assert remote.post(b"<a/>", {"content-type": "application/xml"}).status_code == 415
    assert remote.post(b"{}", {"content-type": "application/json; charset=latin-1"}).status_code == 415
    assert remote.post(b"x" * 101).status_code == 413


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
def test_other_methods_find_nothing_there(remote: Remote, method: str) -> None:
    answer = remote.http.request(method, "/api")
    assert answer.status_code == 404
    assert answer.json()["messages"][0]["id"] == "com.vmware.vapi.rest.httpNotFound"


def test_an_operation_that_does_not_exist_is_told_to_everybody(remote: Remote) -> None:
    for service, operation in ((LOCAL, "explode"), (f"{CONTENT}.other", "list")):
        error = remote.refused(service, operation)["operation_not_found"]
        assert error["messages"][0]["args"] == [f"{service}.{operation}"]


def test_who_is_not_logged_in_is_challenged(remote: Remote) -> None:
    token = remote.log_in()
    unknown: tuple[dict[str, Any], ...] = (
        {},
        {"schemeId": USER_PASSWORD, "userName": "user", "password": "pass"},
        {"schemeId": "other", "sessionId": token},
        {"schemeId": "com.vmware.vapi.std.security.session_id", "sessionId": "other"},
        {"schemeId": "com.vmware.vapi.std.security.session_id", "sessionId": 5},
    )
    for remote.security in unknown:
        error = remote.refused(LOCAL, "list")["unauthenticated"]
        assert error["error_type"] == "UNAUTHENTICATED"
        assert error["challenge"].startswith("Basic")


@pytest.mark.parametrize(
    "security",
    [
        {"schemeId": USER_PASSWORD, "userName": "user", "password": "wrong"},
        {"schemeId": USER_PASSWORD, "userName": "user"},
        {"schemeId": "com.vmware.vapi.std.security.saml_bearer_token", "samlToken": "x"},
        {},
    ],
)
def test_only_the_right_password_logs_in(remote: Remote, security: dict[str, str]) -> None:
    remote.security = security
    assert "unauthenticated" in remote.refused("com.vmware.cis.session", "create")


def test_a_password_may_be_tagged_as_a_secret(remote: Remote) -> None:
    remote.security["password"] = {"SECRET": "pass"}
    assert remote.log_in()


def test_a_header_stands_for_the_security_context_and_counts_before_it(remote: Remote) -> None:
    token = remote.log_in()
    request = remote.request(LOCAL, "list")
    request["params"]["ctx"] = {}
    assert remote.post(request, {"vmware-api-session-id": token}).json()["result"] == {"output": []}
    right = remote.request(LOCAL, "list")
    assert "error" in remote.post(right, {"vmware-api-session-id": "other"}).json()["result"]


def test_a_cookie_is_enough_and_counts_for_nothing_beside_a_security_context(remote: Remote) -> None:
    token = remote.log_in()
    own = remote.request(LOCAL, "list")
    assert "output" in remote.post(own, {"cookie": "vmware-api-session-id=other"}).json()["result"]
    own["params"]["ctx"] = {}
    assert "output" in remote.post(own, {"cookie": f"vmware-api-session-id={token}"}).json()["result"]
    assert "error" in remote.post(own, {"cookie": "vmware-api-session-id=other"}).json()["result"]


def test_a_token_is_the_same_in_all_dialects(remote: Remote) -> None:
    token = remote.log_in()
    assert remote.http.get("/api/session", headers={"vmware-api-session-id": token}).json()["user"] == "user"
    remote.output("com.vmware.cis.session", "delete")
    assert remote.http.get("/api/session", headers={"vmware-api-session-id": token}).status_code == 401
    assert "unauthenticated" in remote.refused(LOCAL, "list")


def test_input_that_is_not_as_described_is_told_with_its_place(remote: Remote) -> None:
    remote.log_in()
    missing = remote.refused(LOCAL, "get")["invalid_argument"]
    assert missing["messages"][0]["default_message"] == "library_id is required."
    assert missing["data"] == {"primary": "library_id", "secondary": []}
    spec = structure(f"{CONTENT}.library_model", name=some(5))
    wrong = remote.refused(LOCAL, "create", create_spec=spec)["invalid_argument"]
    assert wrong["data"]["primary"] == "create_spec.name"
    stranger = remote.refused(LOCAL, "list", color="red")["unexpected_input"]
    assert stranger["messages"][0]["args"] == ["color"]


def test_refusals_are_localized_for_who_asks_for_a_language(remote: Remote) -> None:
    remote.log_in()
    answer = remote.post(remote.request(LOCAL, "get", library_id="none"), {"accept-language": "de"})
    [error] = answer.json()["result"]["error"]["ERROR"].values()
    [message] = [one["STRUCTURE"]["com.vmware.vapi.std.localizable_message"] for one in error["messages"]]
    assert message["localized"] == {"OPTIONAL": message["default_message"]}


def test_a_server_that_breaks_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    class Broken(Views):
        def login(self, login: Any) -> dict[str, Any]:
            raise ZeroDivisionError(login)

    remote = Remote(Speaker(Dialect.API, Parts(views=Broken)).http)
    del remote.http.headers["vmware-api-session-id"]
    remote.log_in()
    assert "internal_server_error" in remote.refused("com.vmware.cis.session", "get")
    assert "ZeroDivisionError" in capsys.readouterr().err
