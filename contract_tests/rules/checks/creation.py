"""Checks of answers to create."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from contract_tests.contract import Cell
from contract_tests.contract.dialects import unwrapped
from contract_tests.rules.checks.errors import conventions_of
from contract_tests.rules.checks.flaw import Flaw, Flaws, check, shown
from contract_tests.rules.checks.responses import succeeds

if TYPE_CHECKING:
    from contract_tests.traffic.exchange import Exchange


def created_id(created: Exchange) -> str | None:
    """The id in an answer to create, if it is a string in the place that the dialect has for it."""
    if created.response is None or created.cell is None:
        return None
    try:
        value: Any = unwrapped(Cell.parse(created.cell).dialect, created.response.json)
    except ValueError:
        return None
    return value if isinstance(value, str) and value else None


@check()
def yields_id(created: Exchange) -> Flaws:
    """A create succeeded, with the id of the session as a string."""
    if flaws := succeeds(created):
        return flaws
    if created_id(created) is not None:
        return []
    member = conventions_of(created).value_member
    expected = "an id as a JSON string" + (", bare" if member is None else f" in the member {member}")
    return [Flaw(expected, shown(created), created)]


@check()
def yields_the_same_id(first: Exchange, again: Exchange) -> Flaws:
    """Two answers to create name one session."""
    if created_id(first) is not None and created_id(first) == created_id(again):
        return []
    return [Flaw(f"the id of the first answer, {created_id(first)}", shown(again), again)]


@check()
def yields_another_id(first: Exchange, again: Exchange) -> Flaws:
    """Two answers to create do not name the same session."""
    if created_id(first) is None or created_id(first) != created_id(again):
        return []
    return [Flaw(f"another id than {created_id(first)}", shown(again), again)]


@check()
def has_id_of_its_own(created: Exchange, given: str) -> Flaws:
    """The session did not get the id that the specification asked for."""
    if created_id(created) != given:
        return []
    return [Flaw("an id that the server chose", f"the id of the specification, {given}", created)]
