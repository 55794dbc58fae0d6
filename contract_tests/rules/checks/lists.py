"""Checks of lists of sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contract_tests.contract.schemas import schemas
from contract_tests.problems import PremiseFailed
from contract_tests.rules.checks.flaw import Flaw, Flaws, check, shown
from contract_tests.rules.checks.readings import listed_ids, read
from contract_tests.rules.checks.responses import succeeds

if TYPE_CHECKING:
    from contract_tests.traffic.exchange import Exchange


@check()
def lists_ids(exchange: Exchange) -> Flaws:
    """The answer is an array of identifiers, wrapped as the dialect has it; an empty one if there are none."""
    if flaws := succeeds(exchange):
        return flaws
    try:
        ids = listed_ids(exchange)
    except PremiseFailed as lost:
        return [Flaw(lost.expected, lost.observed, exchange)]
    return [Flaw("an array of identifiers", problem, exchange) for problem in schemas().problems("SessionIdList", ids)]


@check()
def lists_exactly(exchange: Exchange, *ids: str) -> Flaws:
    """The list has these sessions, each once, and no other.

    Raises:
        PremiseFailed: there is no list.
    """
    if sorted(listed_ids(exchange)) == sorted(ids):
        return []
    return [Flaw(f"a list of exactly {', '.join(ids) or 'no session'}", shown(exchange), exchange)]


@check("library_item_id")
def none_on_item(item: str, *found: Exchange) -> Flaws:
    """None of the sessions that were read is on the item; where one was listed that is gone by now, that is all right.

    Raises:
        PremiseFailed: something was read that is neither a session nor none.
    """
    return [
        Flaw("no other session on the item", f"there is one: {shown(one)}", one)
        for one in found
        if one.status != 404 and read(one).model.get("library_item_id") == item
    ]


@check()
def lists_at_least(exchange: Exchange, *ids: str) -> Flaws:
    """The list has these sessions, each once, whatever else there is.

    Raises:
        PremiseFailed: there is no list.
    """
    listed = listed_ids(exchange)
    return [
        Flaw(f"{id_} listed once", f"it is listed {listed.count(id_)} times", exchange)
        for id_ in ids
        if listed.count(id_) != 1
    ]


@check()
def lists_none_of(exchange: Exchange, *ids: str) -> Flaws:
    """The list has none of these sessions.

    Raises:
        PremiseFailed: there is no list.
    """
    listed = listed_ids(exchange)
    return [Flaw(f"a list without {id_}", "it is listed", exchange) for id_ in ids if id_ in listed]
