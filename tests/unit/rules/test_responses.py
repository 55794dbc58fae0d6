from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from contract_tests.problems import PremiseFailed
from contract_tests.rules.checks import (
    NOT_ACTIVE,
    UNKNOWN,
    Refusal,
    accepted_or_refused,
    no_server_error,
    nothing_follows,
    refused,
    refused_somehow,
    returns_nothing,
    succeeds,
)

from .exchanges import MESSAGE, answered, error

if TYPE_CHECKING:
    from contract_tests.traffic.exchange import Exchange

ALREADY_GONE = (NOT_ACTIVE, UNKNOWN)


@pytest.mark.parametrize(
    ("cell", "operation", "status"),
    [
        ("api-update", "keep-alive", 204),
        ("rest-update", "keep-alive", 200),
        ("rest-download", "keep-alive-by-body", 200),
        ("api-download", "create", 201),
        ("rest-update", "delete", 200),
        ("rest-update", "delete", 204),
        ("api-update", "add file", 201),
        ("rest-update", "add file", 200),
    ],
)
def test_the_documented_status_is_a_success(cell: str, operation: str, status: int) -> None:
    assert succeeds(answered(status, cell=cell, operation=operation)) == []


@pytest.mark.parametrize(
    ("cell", "operation", "status"),
    [
        ("api-update", "keep-alive", 200),
        ("api-update", "keep-alive", 202),
        ("api-update", "keep-alive", None),
        ("rest-update", "keep-alive", 204),
        ("api-update", "delete", 200),
        ("api-update", "create", 200),
        ("rest-update", "create", 201),
        ("api-update", "add file", 200),
    ],
)
def test_another_status_is_none(cell: str, operation: str, status: int | None) -> None:
    (flaw,) = succeeds(answered(status, cell=cell, operation=operation))
    assert flaw.expected.startswith("status 20")
    assert flaw.observed.startswith(f"{status} with" if status else "no answer (ConnectError")


def test_either_documented_status_is_named() -> None:
    (flaw,) = succeeds(answered(202, cell="rest-update", operation="delete"))
    assert flaw.expected == "status 200 or 204"


@pytest.mark.parametrize(("named", "operation"), [(None, "keep-alive"), ("api-update", None)])
def test_what_names_no_operation_has_no_documented_success(named: str | None, operation: str | None) -> None:
    with pytest.raises(ValueError, match="names no operation"):
        succeeds(answered(204, cell=named, operation=operation))


@pytest.mark.parametrize("headers", [{}, {"content_length": "0"}, {"connection": "close"}])
@pytest.mark.parametrize("status", [200, 204])
def test_a_void_answer_is_empty(status: int, headers: dict[str, str]) -> None:
    assert returns_nothing(answered(status, **headers)) == []


def test_a_200_may_be_chunked() -> None:
    assert returns_nothing(answered(200, transfer_encoding="chunked")) == []


@pytest.mark.parametrize(
    ("exchange", "observed"),
    [
        (answered(200, {"value": None}), '200 with {"value": null}'),
        (answered(204, b" "), "204 with  "),
        (answered(204, content_length="4"), "Content-Length: 4"),
        (answered(204, content_length="x"), "Content-Length: x"),
        (answered(204, transfer_encoding="chunked"), "Transfer-Encoding: chunked"),
    ],
)
def test_a_void_answer_has_no_data(exchange: Exchange, observed: str) -> None:
    assert [flaw.observed for flaw in returns_nothing(exchange)] == [observed]


@pytest.mark.parametrize("exchange", [answered(None), error(400), answered(302), answered(500)])
def test_what_did_not_succeed_is_not_judged_as_void(exchange: Exchange) -> None:
    with pytest.raises(PremiseFailed):
        returns_nothing(exchange)


@pytest.mark.parametrize(
    "exchange",
    [
        answered(204),
        answered(200, transfer_encoding="chunked"),
        answered(200, b"0\r\n\r\n", transfer_encoding="Chunked"),
        answered(200, b"0;seen=1\r\n\r\n", transfer_encoding="chunked"),
        answered(200, b"000\r\nX-Digest: none\r\n\r\n", transfer_encoding="chunked"),
    ],
)
def test_nothing_on_the_wire_follows_a_void_answer(exchange: Exchange) -> None:
    assert nothing_follows(exchange) == []


@pytest.mark.parametrize(
    "exchange",
    [
        answered(None),
        answered(204, b"{}"),
        answered(200, b"0\r\n\r\n"),
        answered(204, b"0\r\n\r\n", transfer_encoding="chunked"),
        answered(200, b"1\r\n{\r\n0\r\n\r\n", transfer_encoding="chunked"),
        answered(200, b"0\r\n\r\n{}", transfer_encoding="chunked"),
    ],
)
def test_bytes_after_a_void_answer_are_seen(exchange: Exchange) -> None:
    assert len(nothing_follows(exchange)) == 1


@pytest.mark.parametrize(
    ("exchange", "refusals"),
    [
        (error(404, "NOT_FOUND"), (UNKNOWN,)),
        (error(404), (UNKNOWN,)),
        (error(404, 7), (UNKNOWN,)),
        (answered(404, b"<html>"), (UNKNOWN,)),
        (answered(404, [1]), (UNKNOWN,)),
        (error(400, "NOT_ALLOWED_IN_CURRENT_STATE"), ALREADY_GONE),
        (error(404, "NOT_FOUND"), ALREADY_GONE),
        (error(404, "NOT_FOUND", cell="rest-update"), ALREADY_GONE),
        (
            answered(
                404, {"value": {"messages": []}, "type": "com.vmware.vapi.std.errors.not_found"}, cell="rest-update"
            ),
            (UNKNOWN,),
        ),
        (answered(404, {"value": {"messages": []}, "type": "org.example.whatever"}, cell="rest-update"), (UNKNOWN,)),
        (answered(404, {"value": {"messages": []}, "type": 1}, cell="rest-update"), (UNKNOWN,)),
    ],
)
def test_a_documented_refusal_is_one(exchange: Exchange, refusals: tuple[Refusal, ...]) -> None:
    assert refused(exchange, *refusals) == []


@pytest.mark.parametrize(
    ("exchange", "refusals"),
    [
        (answered(None), (UNKNOWN,)),
        (answered(204), (UNKNOWN,)),
        (error(400, "NOT_FOUND"), (UNKNOWN,)),
        (error(404, "NOT_ALLOWED_IN_CURRENT_STATE"), (UNKNOWN,)),
        (error(404, "NOT_ALLOWED_IN_CURRENT_STATE"), ALREADY_GONE),
        (error(400, "NOT_FOUND"), ALREADY_GONE),
        (error(404, "ERROR", cell="rest-update"), (UNKNOWN,)),
        (
            answered(
                404, {"value": {"messages": []}, "type": "com.vmware.vapi.std.errors.unauthorized"}, cell="rest-update"
            ),
            (UNKNOWN,),
        ),
    ],
)
def test_another_refusal_is_a_flaw(exchange: Exchange, refusals: tuple[Refusal, ...]) -> None:
    (flaw,) = refused(exchange, *refusals)
    assert flaw.expected == " or ".join(map(str, refusals))


def test_a_type_that_fits_does_not_cover_one_that_does_not() -> None:
    body = {"value": {"error_type": "NOT_FOUND"}, "type": "com.vmware.vapi.std.errors.unauthenticated"}
    (flaw,) = refused(answered(404, body, cell="rest-download"), UNKNOWN)
    assert flaw.observed == "status 404 with type 'UNAUTHENTICATED'"


def test_a_refusal_reads_as_status_and_type() -> None:
    assert str(NOT_ACTIVE) == "400 NOT_ALLOWED_IN_CURRENT_STATE"


@pytest.mark.parametrize(("status", "statuses"), [(400, ()), (499, ()), (415, (400, 415))])
def test_any_refusal_will_do(status: int, statuses: tuple[int, ...]) -> None:
    assert refused_somehow(answered(status), *statuses) == []


@pytest.mark.parametrize(
    ("status", "statuses", "expected"),
    [
        (204, (), "a 4xx status"),
        (500, (), "a 4xx status"),
        (None, (), "a 4xx status"),
        (422, (400, 415), "status 400 or 415"),
        (None, (400,), "status 400"),
    ],
)
def test_no_refusal_at_all(status: int | None, statuses: tuple[int, ...], expected: str) -> None:
    assert [flaw.expected for flaw in refused_somehow(answered(status), *statuses)] == [expected]


@pytest.mark.parametrize(("status", "held"), [(204, True), (400, True), (200, False), (404, False), (None, False)])
def test_accepted_or_refused(status: int | None, held: bool) -> None:  # noqa: FBT001 - a column of the table
    assert (accepted_or_refused(answered(status), 400) == []) is held


@pytest.mark.parametrize("exchange", [answered(204), error(404), answered(499), answered(501, operation=None)])
def test_below_500_is_no_server_error(exchange: Exchange) -> None:
    assert no_server_error(exchange) == []


@pytest.mark.parametrize(
    "exchange",
    [
        *(answered(500), answered(501), answered(503), answered(None), error(500, "RESOURCE_BUSY")),
        *(answered(500, operation=None), answered(503, operation=None)),
    ],
)
def test_a_server_error_is_one(exchange: Exchange) -> None:
    assert len(no_server_error(exchange)) == 1


@pytest.mark.parametrize(
    ("status", "type_", "held"), [(500, "RESOURCE_BUSY", True), (503, "RESOURCE_BUSY", False), (500, "ERROR", False)]
)
def test_create_alone_may_be_busy_with_500(status: int, type_: Any, held: bool) -> None:  # noqa: FBT001 - a column
    body = {"messages": [], "error_type": type_}
    assert (no_server_error(answered(status, body, operation="create")) == []) is held


@pytest.mark.parametrize(
    ("cell", "body", "held"),
    [
        ("api-update", {"messages": [MESSAGE]}, True),
        ("api-update", {"messages": [MESSAGE], "error_type": None}, True),
        ("rest-update", {"type": "of another make", "value": {"messages": [MESSAGE]}}, True),
        ("api-update", {"messages": []}, False),
        ("api-update", b"<h1>500</h1>", False),
        ("api-update", {"messages": [MESSAGE], "error_type": "ERROR"}, False),
        ("rest-update", {"type": "com.vmware.vapi.std.errors.error", "value": {"messages": [MESSAGE]}}, False),
        ("api-download", {"messages": [MESSAGE]}, False),
    ],
)
def test_a_busy_item_needs_no_type_but_messages(cell: str, body: Any, held: bool) -> None:  # noqa: FBT001 - a column
    assert (no_server_error(answered(500, body, cell=cell, operation="create")) == []) is held
