from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from contract_tests.problems import PremiseFailed
from contract_tests.rules.checks import read
from contract_tests.rules.checks.memo import by_exchange

from .exchanges import answered

if TYPE_CHECKING:
    from contract_tests.traffic.exchange import Exchange


def test_an_exchange_is_looked_at_once_and_a_changed_one_anew() -> None:
    looked = []

    @by_exchange
    def status(exchange: Exchange) -> int | None:
        looked.append(exchange)
        return exchange.status

    one, other = answered(204), answered(404)
    assert [status(one), status(one), status(other), status(other)] == [204, 204, 404, 404]
    assert looked == [one, other]
    changed = replace(one, response=other.response)
    assert (status(changed), status(one)) == (404, 204)


def test_two_functions_do_not_take_each_others_answers() -> None:
    @by_exchange
    def first(exchange: Exchange) -> str:
        return f"first {exchange.status}"

    @by_exchange
    def second(exchange: Exchange) -> str:
        return f"second {exchange.status}"

    one = answered(204)
    assert (first(one), second(one), first(one)) == ("first 204", "second 204", "first 204")


def test_what_is_remembered_is_no_part_of_the_exchange() -> None:
    one, same = answered(204), answered(204)
    same = replace(one)
    with pytest.raises(PremiseFailed):
        read(one)
    by_exchange(lambda exchange: exchange.status)(one)
    assert (one, repr(one), one.as_data()) == (same, repr(same), same.as_data())


def test_what_cannot_be_read_is_told_each_time() -> None:
    one = answered(204)
    for _ in range(2):
        with pytest.raises(PremiseFailed):
            read(one)
