from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from contract_tests.contract import CELLS
from contract_tests.contract.dialects import SESSIONS, Op
from contract_tests.rules.checks.error_details import (
    carries_error,
    data_fits,
    first_message_speaks,
    has_localized,
    has_messages,
    has_params,
    listed_statuses,
    localized_fits,
    message_members_fit,
    names_error_type,
    params_fit,
    wraps_error,
)

from .exchanges import MESSAGE, answered, error

if TYPE_CHECKING:
    from collections.abc import Iterable

    from contract_tests.rules.checks import Flaw
    from contract_tests.traffic.exchange import Exchange

CHECKS = [carries_error, message_members_fit, first_message_speaks, data_fits, params_fit, localized_fits]

NO_ERRORS = [
    answered(404),
    answered(404, b"<h1>"),
    answered(404, b"\xff"),
    answered(404, []),
    answered(404, {"value": {"messages": [MESSAGE]}}),
    answered(404, {"error": {"messages": [MESSAGE]}}, cell="rest-update"),
    answered(404, {"messages": [MESSAGE], "value": None}, cell="rest-update"),
    answered(404, {"messages": []}),
    answered(404, {"messages": MESSAGE}),
]


def observed(flaws: Iterable[Flaw]) -> list[str]:
    return [flaw.observed for flaw in flaws]


def having(cell: str = "api-update", **members: Any) -> Exchange:
    """An error whose one message has these members."""
    return error(400, "NOT_FOUND", cell=cell, messages=[MESSAGE | members])


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("cell", ["api-update", "rest-download"])
def test_a_whole_error_has_no_flaw(check: Any, cell: str) -> None:
    assert not check(error(404, "NOT_FOUND", cell=cell, data=None))
    assert not check(having(cell, params=None, localized=None))


@pytest.mark.parametrize("exchange", NO_ERRORS)
def test_what_is_no_error_is_told_once(exchange: Exchange) -> None:
    assert len(carries_error(exchange)) == 1
    assert not has_messages(exchange)
    assert not has_params(exchange)
    assert not has_localized(exchange)
    for check in CHECKS[1:]:
        assert not check(exchange)
    assert not names_error_type(answered(404, b"<h1>"))


@pytest.mark.parametrize("check", CHECKS)
def test_a_bare_error_is_read_where_a_wrapped_one_is_expected(check: Any) -> None:
    bare = answered(404, {"messages": [MESSAGE], "error_type": "NOT_FOUND"}, cell="rest-update")
    assert not check(bare)
    assert has_messages(bare)
    assert len(wraps_error(bare)) == 1


def test_no_answer_is_no_error() -> None:
    assert carries_error(answered(None))
    assert not has_messages(answered(None))
    assert wraps_error(answered(None, cell="rest-update"))


@pytest.mark.parametrize("kind", [None, "text/json", "text/html; charset=utf-8"])
def test_an_error_is_application_json(kind: str | None) -> None:
    assert carries_error(answered(404, {"messages": [MESSAGE]}, content_type=kind))


def test_an_error_may_name_its_charset() -> None:
    assert not carries_error(answered(404, {"messages": [MESSAGE]}, content_type="Application/JSON; charset=utf-8"))


@pytest.mark.parametrize("cell", CELLS, ids=str)
def test_statuses_are_listed_by_operation(cell: Any) -> None:
    def listed(op: str | None) -> frozenset[int]:
        return listed_statuses(answered(400, cell=str(cell), operation=op))

    assert all(404 in listed(op) for op in SESSIONS[cell])
    assert all((400 in listed(op)) is (op not in (Op.READ, Op.LIST)) for op in SESSIONS[cell] if op is not Op.DELETE)
    assert (400 in listed("delete")) is (cell.service == "update")
    assert [op for op in SESSIONS[cell] if 500 in listed(op)] == (["create"] if cell.service == "update" else [])
    assert listed(None) == listed("add file") == frozenset()


def test_without_a_cell_nothing_is_listed() -> None:
    assert listed_statuses(answered(400, cell=None)) == frozenset()


@pytest.mark.parametrize(
    ("members", "problem"),
    [
        ({"id": 5}, "/messages/0/id: 5 is not of type string"),
        ({"default_message": None}, "/messages/0/default_message: null is not of type string"),
        ({"args": "x"}, '/messages/0/args: "x" is not of type array'),
        ({"args": ["x", 1]}, "/messages/0/args/1: 1 is not of type string"),
    ],
)
def test_messages_have_their_members(members: Any, problem: str) -> None:
    assert observed(message_members_fit(having(**members))) == [problem]


def test_every_message_counts() -> None:
    messages = [MESSAGE, {"id": "a.b", "args": []}, "params/localized:"]
    assert observed(message_members_fit(error(400, messages=messages))) == [
        "/messages/1: default_message is missing",
        '/messages/2: "params/localized:" is not of type object',
    ]


@pytest.mark.parametrize("text", ["", " \n\t", None, 5])
def test_the_first_message_says_something(text: Any) -> None:
    assert observed(first_message_speaks(having(default_message=text))) == [f"default_message {text!r}"]
    assert not first_message_speaks(error(400, messages=[MESSAGE, MESSAGE | {"default_message": text}]))


def test_a_first_message_that_is_none_is_another_rule() -> None:
    assert not first_message_speaks(error(400, messages=["No."]))


@pytest.mark.parametrize("data", ["x", [], 0, False])
def test_data_is_an_object(data: Any) -> None:
    assert observed(data_fits(error(404, data=data))) == [f"data {data!r}"]
    assert not data_fits(error(404, data={"anything": data}))


def test_an_error_names_its_type() -> None:
    assert names_error_type(error(404))
    assert not names_error_type(error(404, "NOT_FOUND"))


def wrapped(type_: Any, **error_: Any) -> Exchange:
    return answered(404, {"type": type_, "value": {"messages": [MESSAGE], **error_}}, cell="rest-update")


@pytest.mark.parametrize(
    "exchange",
    [
        wrapped("com.vmware.vapi.std.errors.not_found"),
        wrapped("com.vmware.vapi.std.errors.operation_not_found", error_type=None),
        wrapped("com.vmware.vapi.std.errors.not_found", error_type="NOT_FOUND"),
        # That this is no type is another rule.
        wrapped("com.vmware.vapi.std.errors.not_found", error_type="not_found_at_all"),
    ],
)
def test_an_error_is_wrapped(exchange: Exchange) -> None:
    assert not wraps_error(exchange)


@pytest.mark.parametrize(
    "exchange",
    [
        wrapped(None),
        wrapped("not_found"),
        wrapped("com.vmware.vapi.std.errors.NotFound"),
        wrapped("com.vmware.vapi.std.errors.no_way", error_type="NOT_FOUND"),
        wrapped("com.vmware.vapi.std.errors.no__way"),
        wrapped("com.vmware.vapi.std.errors."),
        wrapped("com.vmware.vapi.std.errors.not_found", error_type="INVALID_ARGUMENT"),
        wrapped(["com.vmware.vapi.std.errors.not_found"]),
        answered(404, {"messages": [MESSAGE]}, cell="rest-update"),
        answered(404, {"type": "com.vmware.vapi.std.errors.not_found", "value": []}, cell="rest-update"),
        answered(404, b"x", cell="rest-update"),
        answered(404, [], cell="rest-update"),
    ],
)
def test_an_error_is_wrapped_wrongly(exchange: Exchange) -> None:
    assert len(wraps_error(exchange)) == 1


def test_the_type_that_is_missing_is_told() -> None:
    (one,) = wraps_error(wrapped(None, error_type="NOT_FOUND"))
    assert one.expected == "type com.vmware.vapi.std.errors.not_found"
    (any_,) = wraps_error(wrapped("x"))
    assert "snake case" in any_.expected


PARAMS = {
    "name": {"s": "text", "i": None},
    "at": {"dt": "2026-01-02T03:04:05.678Z", "format": "SHORT_DATE"},
    "size": {"i": 2**63 - 1},
    "part": {"d": 0.5, "precision": 2},
    "cause": {"l": {"id": "a.b", "params": {"name": {"s": ""}}}},
    "nothing": {},
}


def pairs(params: Any) -> Any:
    return [{"key": name, "value": value} for name, value in params.items()]


def test_named_arguments() -> None:
    for exchange in (
        having(params=PARAMS),
        having("rest-update", params=PARAMS),
        having("rest-update", params=pairs(PARAMS)),
    ):
        assert has_params(exchange)
        assert not params_fit(exchange)
        assert not message_members_fit(exchange)


@pytest.mark.parametrize(
    "param",
    [
        "text",
        None,
        {"s": 5},
        {"i": "5"},
        {"i": 0.5},
        {"i": 2**63},
        {"d": "0.5"},
        {"dt": "today"},
        {"l": "text"},
        {"l": {}},
        {"format": 5},
        {"precision": "2"},
        {"s": "text", "i": 5},
        {"l": {"id": "a.b", "params": {"x": {"s": "", "d": 0}}}},
    ],
)
def test_named_arguments_that_are_wrong(param: Any) -> None:
    for exchange in (having(params={"x": param}), having("rest-update", params=[{"key": "x", "value": param}])):
        assert len(params_fit(exchange)) == 1
        assert not message_members_fit(exchange)
        assert not localized_fits(exchange)


@pytest.mark.parametrize(
    "params", ["text", 5, [5], [{"key": "x"}], [{"value": {}}], [{"key": [], "value": {}}], pairs({"x": {}}) * 2]
)
def test_what_is_no_map_under_rest(params: Any) -> None:
    exchange = having("rest-update", params=params)
    assert has_params(exchange)
    assert len(params_fit(exchange)) == 1


def test_a_map_is_no_array_under_api() -> None:
    assert observed(params_fit(having(params=[]))) == ["params is an array under /api: []"]


@pytest.mark.parametrize("text", [5, [], {}, False])
def test_a_translation_is_a_text(text: Any) -> None:
    exchange = having(localized=text)
    assert has_localized(exchange)
    assert len(localized_fits(exchange)) == 1
    assert not message_members_fit(exchange)
    assert not params_fit(exchange)


def test_a_translation() -> None:
    assert has_localized(having(localized="Nein."))
    assert not localized_fits(having(localized="Nein."))
