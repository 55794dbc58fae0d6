"""How a case is made to fit what is there, before it is sent; and what it says of itself."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from contract_tests.contract.dialects import CONVENTIONS
from contract_tests.fuzz.campaigns.internals import CoveragePhaseData, CoverageScenario, phase_data_of

if TYPE_CHECKING:
    from contract_tests.contract import Dialect
    from contract_tests.fuzz.campaigns.internals import Case

_MEMBER: Final = "/properties/"
_ALTERNATIVE: Final = re.compile("/(?:anyOf|oneOf)/")


def with_plain_integers(value: Any) -> Any:
    """The value with `480.0` written as `480`, as every client writes it."""
    if isinstance(value, dict):
        return {name: with_plain_integers(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [with_plain_integers(inner) for inner in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def specification(dialect: Dialect, body: Any) -> Any:
    """The specification in the body of a create, bare or wrapped; None if there is none."""
    member = CONVENTIONS[dialect].create_spec
    if member is None:
        return body
    return body.get(member) if isinstance(body, dict) else None


def with_item(dialect: Dialect, body: dict[str, Any], item: str) -> dict[str, Any]:
    """The body of a create, naming another item."""
    member = CONVENTIONS[dialect].create_spec
    if member is None:
        return {**body, "library_item_id": item}
    return {**body, member: {**body[member], "library_item_id": item}}


def is_deep(case: Case[Any]) -> bool:
    """Whether a case of the coverage phase is about the inside of a member, or is one of many valid combinations.

    The schemas of create and update hold whole messages and previews, which neither uses; the engine makes hundreds
    of cases of them.
    """
    data = phase_data_of(case)
    if not isinstance(data, CoveragePhaseData):
        return False
    if data.scenario is CoverageScenario.VALID_OBJECT:
        return True
    location = data.location or ""
    _, *inside = _ALTERNATIVE.split(location)
    return any(_MEMBER.strip("/") in part for part in inside[-1:]) or location.count(_MEMBER) > 1


def wrong_parts(case: Case[Any]) -> frozenset[str]:
    """The parts of a request that were made wrong on purpose: path, query, header, body."""
    if case.meta is None or not case.meta.generation.mode.is_negative:
        return frozenset()
    return frozenset(
        place.value.lower() for place, info in case.meta.components.items() if info.mode.is_negative
    ) or frozenset({"unknown"})
