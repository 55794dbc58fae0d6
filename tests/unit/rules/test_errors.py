from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from contract_tests.rules.answers import of_answer
from contract_tests.rules.checks.errors import (
    _OF_ANY_SOURCE,
    _OF_EVERY_SOURCE,
    _OF_THE_PAGES,
    disputed_type_fits,
    error_of,
    error_type_fits,
    known_types,
    named_types,
    type_is_known,
    undisputed_type_fits,
)

from .exchanges import MESSAGE, answered, error

if TYPE_CHECKING:
    from contract_tests.traffic.exchange import Exchange

TYPE_CHECKS = [error_type_fits, undisputed_type_fits, disputed_type_fits, type_is_known]


@pytest.mark.parametrize("check", TYPE_CHECKS)
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
def test_a_type_that_fits_has_no_flaw(check: Any, exchange: Exchange) -> None:
    assert check(exchange) == []


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
        answered(404, {"value": [MESSAGE]}, cell="rest-update"),
        answered(404, [1], cell="rest-update"),
    ],
)
def test_what_is_no_error_object_is_a_flaw_and_no_crash(exchange: Exchange) -> None:
    assert error_type_fits(exchange)
    for check in TYPE_CHECKS[1:]:
        assert check(exchange) == []


@pytest.mark.parametrize("type_", [7, True, [], {}, ["NOT_FOUND"]])
def test_a_type_is_a_text(type_: Any) -> None:
    assert [flaw.expected for flaw in error_type_fits(error(404, type_))][:1] == ["an error_type that is a text"]


@pytest.mark.parametrize("type_", ["NO_SUCH_TYPE", "not_found", ""])
@pytest.mark.parametrize("cell", ["api-update", "rest-update"])
def test_a_type_that_is_not_documented_is_new(type_: str, cell: str) -> None:
    assert [flaw.observed for flaw in type_is_known(error(404, type_, cell=cell))] == [f"error_type {type_!r}"]
    assert error_type_fits(error(404, type_, cell=cell)) == []


def test_a_type_may_be_new_where_only_the_wrapping_names_it() -> None:
    named = {"type": "com.vmware.vapi.std.errors.no_way", "value": {"messages": [MESSAGE]}}
    assert [flaw.observed for flaw in type_is_known(answered(404, named, cell="rest-update"))] == ["type 'NO_WAY'"]


@pytest.mark.parametrize(
    ("check", "status", "type_", "expected"),
    [
        (error_type_fits, 400, "NOT_FOUND", "status 404 with NOT_FOUND"),
        (error_type_fits, 404, "NOT_ALLOWED_IN_CURRENT_STATE", "status 400 with NOT_ALLOWED_IN_CURRENT_STATE"),
        (error_type_fits, 403, "UNAUTHENTICATED", "status 401 with UNAUTHENTICATED"),
        (error_type_fits, 404, "RESOURCE_BUSY", "status 400 or 500 with RESOURCE_BUSY"),
        (error_type_fits, 415, "NOT_FOUND", "status 404 with NOT_FOUND"),
        (error_type_fits, 503, "INVALID_ARGUMENT", "status 400 with INVALID_ARGUMENT"),
        (undisputed_type_fits, 501, "INVALID_REQUEST", "status 400 with INVALID_REQUEST"),
        (undisputed_type_fits, 404, "ALREADY_EXISTS", "status 400 with ALREADY_EXISTS"),
        (disputed_type_fits, 400, "CONCURRENT_CHANGE", "status 409 with CONCURRENT_CHANGE"),
        (disputed_type_fits, 400, "SERVICE_UNAVAILABLE", "status 429 or 502 or 503 with SERVICE_UNAVAILABLE"),
    ],
)
def test_a_type_goes_with_its_status(check: Any, status: int, type_: str, expected: str) -> None:
    (flaw,) = check(error(status, type_))
    assert (flaw.expected, flaw.observed) == (expected, f"status {status}")
    for other in TYPE_CHECKS:
        assert other is check or other(error(status, type_)) == []  # one type, one rule


@pytest.mark.parametrize("check", TYPE_CHECKS)
@pytest.mark.parametrize(
    ("status", "type_"),
    [
        (415, "INVALID_REQUEST"),
        (422, "INVALID_ARGUMENT"),
        (409, "NOT_ALLOWED_IN_CURRENT_STATE"),
        (502, "INTERNAL_SERVER_ERROR"),
        (405, "OPERATION_NOT_FOUND"),
        (429, "SERVICE_UNAVAILABLE"),
        (502, "SERVICE_UNAVAILABLE"),
        (500, "TIMED_OUT"),
        (501, "UNSUPPORTED"),
        (409, "RESOURCE_IN_USE"),
        (500, "RESOURCE_INACCESSIBLE"),
        (418, "CANCELED"),
    ],
)
def test_what_some_source_allows_is_no_flaw(check: Any, status: int, type_: str) -> None:
    assert check(error(status, type_)) == []


def test_every_type_with_a_status_is_a_known_one() -> None:
    paired = {name for table in (_OF_THE_PAGES, _OF_EVERY_SOURCE, _OF_ANY_SOURCE) for name in table}
    assert paired <= known_types()
    assert known_types() - paired == {"ERROR", "CANCELED", "UNEXPECTED_INPUT", "UNVERIFIED_PEER"}


def test_the_error_stands_in_value_where_it_is_wrapped() -> None:
    assert error_of(answered(404, {"value": {"a": 1}}, cell="rest-update")) == {"a": 1}
    assert error_of(answered(404, {"a": 1}, cell="rest-update")) == {"a": 1}
    assert error_of(answered(404, {"a": 1, "value": 5}, cell="rest-update")) == 5
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


KEEP_ALIVE = "https://vc.example/api/content/library/item/download-session/a?action=keep-alive"


@pytest.mark.parametrize(
    ("status", "cell", "operation", "url", "clause"),
    [
        (401, "api-download", "keep-alive", KEEP_ALIVE, "errors.default-response"),
        (500, "api-download", "keep-alive", KEEP_ALIVE, "errors.default-response"),
        (404, "api-download", "keep-alive", KEEP_ALIVE, "errors.body"),
        (401, "api-download", "cancel", KEEP_ALIVE, "errors.unlisted-status"),
        (401, "api-update", "keep-alive", KEEP_ALIVE, "errors.unlisted-status"),
        (405, "api-download", "keep-alive", KEEP_ALIVE.replace("keep-alive", "hold"), "errors.unlisted-status"),
        (405, "api-download", "keep-alive", KEEP_ALIVE.partition("?")[0], "errors.unlisted-status"),
    ],
)
def test_one_page_speaks_of_every_status(status: int, cell: str, operation: str, url: str, clause: str) -> None:
    answer = answered(status, {}, cell=cell, operation=operation)
    asked = replace(answer, request=replace(answer.request, url=url))
    assert {slug for slug, flaws in of_answer(asked) if flaws} - {"errors.no-server-error"} == {
        clause,
        "errors.type-present",
    }
