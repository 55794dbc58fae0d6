from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from contract_tests.rules.checks import error_body, error_type_fits, message_members
from contract_tests.rules.checks.errors import error_of, named_types

from .exchanges import MESSAGE, answered, error

if TYPE_CHECKING:
    from contract_tests.traffic.exchange import Exchange

DEEP: Any = {"id": "n"}
for _ in range(40):
    DEEP = {"id": "n", "params": {"p": {"l": DEEP}}}


@pytest.mark.parametrize("check", [error_body, message_members, error_type_fits])
@pytest.mark.parametrize(
    "exchange",
    [
        error(404, "NOT_FOUND"),
        error(404),
        error(404, "NOT_FOUND", cell="rest-download", data=None),
        error(400, "INVALID_ARGUMENT", data={"primary": "x"}, challenge=None),
        error(500, "RESOURCE_BUSY"),
        error(405, "ERROR"),
        answered(400, {"messages": [MESSAGE]}, content_type="Application/JSON; charset=utf-8"),
    ],
)
def test_a_whole_error_has_no_flaw(check: Any, exchange: Exchange) -> None:
    assert check(exchange) == []


@pytest.mark.parametrize("check", [error_body, message_members, error_type_fits])
@pytest.mark.parametrize(
    "exchange",
    [
        answered(None),
        answered(404),
        answered(404, b"<html>", content_type="text/html"),
        answered(404, b"\xff"),
        answered(404, b"["),
        answered(404, b"[" * 100_000),
        answered(404, "text"),
        answered(404, [MESSAGE]),
        answered(404, b"null"),
        answered(404, {"messages": [MESSAGE]}, cell="rest-update"),
        answered(404, {"value": [MESSAGE]}, cell="rest-update"),
        answered(404, [1], cell="rest-update"),
        answered(404, {"messages": [{**MESSAGE, "params": {"p": {"l": DEEP}}}]}),
        answered(404, rb'{"messages": [{"id": "\ud800", "default_message": "", "args": []}]}'),
    ],
)
def test_what_is_no_error_object_is_a_flaw_and_no_crash(check: Any, exchange: Exchange) -> None:
    assert check(exchange)


@pytest.mark.parametrize(
    ("members", "pointer"),
    [
        ({"messages": []}, "/messages: "),
        ({"messages": None}, "/messages: "),
        ({"messages": "text"}, "/messages: "),
        ({"data": "text"}, "/data: "),
        ({"data": []}, "/data: "),
        ({"challenge": 1}, "/challenge: "),
    ],
)
def test_the_body_of_an_error_fits_the_schema(members: dict[str, Any], pointer: str) -> None:
    (flaw,) = error_body(error(404, "NOT_FOUND", **members))
    assert flaw.observed.startswith(pointer)


def test_messages_are_missing() -> None:
    (flaw,) = error_body(answered(404, {"error_type": "NOT_FOUND"}))
    assert flaw.observed == "the whole: messages is missing"


@pytest.mark.parametrize("kind", ["text/html", "text/plain; charset=x", "application/problem+json", None])
def test_an_error_is_application_json(kind: str | None) -> None:
    (flaw,) = error_body(answered(404, {"messages": [MESSAGE]}, content_type=kind))
    assert flaw.observed.startswith("Content-Type: ")


@pytest.mark.parametrize(
    ("message", "pointer"),
    [
        ({"default_message": "a", "args": []}, "/messages/0: id is missing"),
        ({"id": "a", "args": []}, "/messages/0: default_message is missing"),
        ({"id": "a", "default_message": "a"}, "/messages/0: args is missing"),
        ({**MESSAGE, "id": 1}, "/messages/0/id: "),
        ({**MESSAGE, "default_message": None}, "/messages/0/default_message: "),
        ({**MESSAGE, "args": "x"}, "/messages/0/args: "),
        ({**MESSAGE, "args": [1]}, "/messages/0/args/0: "),
        ("text", "/messages/0: "),
    ],
)
def test_every_message_has_its_members(message: Any, pointer: str) -> None:
    wrong = error(404, "NOT_FOUND", messages=[message])
    (flaw,) = message_members(wrong)
    assert flaw.observed.startswith(pointer)
    assert error_body(wrong) == []  # one rule, one accusation


@pytest.mark.parametrize("messages", [[], None, "text", {}])
def test_no_messages_have_no_members(messages: Any) -> None:
    (flaw,) = message_members(error(404, messages=messages))
    assert flaw.observed.startswith("no messages: ")


def test_the_second_message_counts_too() -> None:
    (flaw,) = message_members(error(404, messages=[MESSAGE, {**MESSAGE, "args": None}]))
    assert flaw.observed.startswith("/messages/1/args: ")


@pytest.mark.parametrize("type_", ["NO_SUCH_TYPE", "not_found", "", 7, True, [], {}, ["NOT_FOUND"]])
def test_a_type_is_one_of_the_documented(type_: Any) -> None:
    wrong = error(404, type_)
    assert [flaw.expected for flaw in error_type_fits(wrong)][:1] == ["an error_type out of the documented ones"]
    assert error_body(wrong) == []


@pytest.mark.parametrize(
    ("status", "type_", "expected"),
    [
        (400, "NOT_FOUND", "status 404 with NOT_FOUND"),
        (404, "NOT_ALLOWED_IN_CURRENT_STATE", "status 400 with NOT_ALLOWED_IN_CURRENT_STATE"),
        (403, "UNAUTHENTICATED", "status 401 with UNAUTHENTICATED"),
        (409, "RESOURCE_BUSY", "status 400 or 500 with RESOURCE_BUSY"),
        (415, "NOT_FOUND", "status 404 with NOT_FOUND"),
        (501, "INVALID_REQUEST", "status 400 with INVALID_REQUEST"),
    ],
)
def test_a_type_goes_with_its_status(status: int, type_: str, expected: str) -> None:
    (flaw,) = error_type_fits(error(status, type_))
    assert (flaw.expected, flaw.observed) == (expected, f"status {status}")


@pytest.mark.parametrize(
    ("status", "type_"), [(415, "INVALID_REQUEST"), (422, "INVALID_ARGUMENT"), (502, "INTERNAL_SERVER_ERROR")]
)
def test_a_status_without_types_takes_those_of_the_first_in_its_class(status: int, type_: str) -> None:
    assert error_type_fits(error(status, type_)) == []


def test_the_error_stands_in_value_where_it_is_wrapped() -> None:
    assert error_of(answered(404, {"value": {"a": 1}}, cell="rest-update")) == {"a": 1}
    assert error_of(answered(404, {"value": {"a": 1}}, cell="api-update")) == {"value": {"a": 1}}
    assert error_of(answered(404, {"a": 1}, cell=None)) == {"a": 1}


@pytest.mark.parametrize(
    ("exchange", "named"),
    [
        (error(404, "NOT_FOUND"), {"error_type": "NOT_FOUND"}),
        (error(404), {}),
        (answered(404), {}),
        (answered(404, {"error_type": "A", "type": "com.vmware.vapi.std.errors.b"}), {"error_type": "A"}),
        (
            answered(
                404, {"value": {"error_type": "A"}, "type": "com.vmware.vapi.std.errors.not_found"}, cell="rest-update"
            ),
            {"error_type": "A", "type": "NOT_FOUND"},
        ),
    ],
)
def test_the_type_is_named_by_up_to_two_members(exchange: Exchange, named: dict[str, str]) -> None:
    assert named_types(exchange) == named
