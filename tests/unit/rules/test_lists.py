from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from contract_tests.problems import PremiseFailed
from contract_tests.rules.checks.lists import lists_at_least, lists_exactly, lists_ids, lists_none_of, none_on_item

from .exchanges import answered, error, session

if TYPE_CHECKING:
    from contract_tests.traffic.exchange import Exchange


def listed(body: Any, cell: str = "api-update") -> Exchange:
    return answered(200, {"value": body} if cell.startswith("rest") else body, cell=cell, operation="list")


NO_LISTS = [
    answered(None, operation="list"),
    answered(404, ["a"], operation="list"),
    answered(200, b"null", operation="list"),
    answered(200, {"value": ["a"]}, operation="list"),
    answered(200, ["a"], cell="rest-update", operation="list"),
    answered(200, {"value": None}, cell="rest-update", operation="list"),
    listed([{"id": "a"}]),
    listed([1]),
]


@pytest.mark.parametrize("exchange", [listed([]), listed(["a"]), listed(["a"], "rest-download")])
def test_an_array_of_identifiers(exchange: Exchange) -> None:
    assert not lists_ids(exchange)


@pytest.mark.parametrize("exchange", [*NO_LISTS, listed([""])])
def test_what_is_no_array_of_identifiers(exchange: Exchange) -> None:
    assert lists_ids(exchange)


@pytest.mark.parametrize("check", [lists_exactly, lists_at_least, lists_none_of])
@pytest.mark.parametrize("exchange", NO_LISTS)
def test_what_is_in_no_list_can_not_be_judged(check: Any, exchange: Exchange) -> None:
    with pytest.raises(PremiseFailed):
        check(exchange, "a")


def test_exactly_these() -> None:
    assert not lists_exactly(listed(["b", "a"]), "a", "b")
    assert not lists_exactly(listed([]))
    for wrong in ([], ["a"], ["a", "b", "c"], ["a", "a", "b"]):
        assert lists_exactly(listed(wrong), "a", "b")
    (flaw,) = lists_exactly(listed(["a"]))
    assert (flaw.expected, flaw.observed) == ("a list of exactly no session", '200 with ["a"]')


def test_at_least_these() -> None:
    assert not lists_at_least(listed(["c", "a"]), "a")
    assert [flaw.expected for flaw in lists_at_least(listed(["a", "a"]), "a", "b")] == [
        "a listed once",
        "b listed once",
    ]


def test_none_of_these() -> None:
    assert not lists_none_of(listed(["a"]), "b")
    assert [flaw.expected for flaw in lists_none_of(listed(["a", "b"]), "b")] == ["a list without b"]


def test_only_sessions_of_the_item_are_on_it() -> None:
    elsewhere, gone = session(library_item_id="another"), error(404, "NOT_FOUND")
    assert not none_on_item("item")
    assert not none_on_item("item", elsewhere, gone)
    (flaw,) = none_on_item("item", elsewhere, session(), gone)
    assert (flaw.expected, flaw.observed[:23]) == ("no other session on the item", "there is one: 200 with ")
    with pytest.raises(PremiseFailed, match="a session"):
        none_on_item("item", error(500))
