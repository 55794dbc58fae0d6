"""The whole catalogue of faults, by name, whatever finds them; and servers with several of them."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from contract_tests.contract import CELLS, DEFAULT_TIMEOUT
from contract_tests.faults import FAULTS
from contract_tests.faults.fuzzed.campaigns import CAMPAIGN_FAULTS
from contract_tests.faults.fuzzed.histories import HISTORY_FAULTS
from contract_tests.faults.fuzzed.hostile import HOSTILE_FAULTS
from contract_tests.faults.fuzzed.numbers import NUMBER_FAULTS
from contract_tests.faults.fuzzed.races import RACE_FAULTS
from contract_tests.mock import Parts
from contract_tests.problems import UsageProblem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from contract_tests.contract import Cell

_NO_DECISION: Final = frozenset(dir(type("Empty", (), {}))) - {"__init__"}


@dataclass(frozen=True)
class CatalogueEntry:
    """One fault: the clauses that it breaks, in which cells, and what of a run finds it."""

    name: str
    parts: Parts
    clauses: tuple[str, ...]
    cells: tuple[Cell, ...]
    found_by: str
    timeout: float = DEFAULT_TIMEOUT


@cache
def catalogue() -> Mapping[str, CatalogueEntry]:
    """Every fault, by its name; one that a scenario's row has taken already is followed by what finds it."""
    known: dict[str, CatalogueEntry] = {}
    for entry in _entries():
        name = f"{entry.name} ({entry.found_by})" if entry.name in known else entry.name
        known[name] = replace(entry, name=name)
    return MappingProxyType(known)


def _entries() -> Iterator[CatalogueEntry]:
    for row in FAULTS:
        yield CatalogueEntry(row.name, row.parts, tuple(sorted(row.found)), row.cells, "scenarios", row.timeout)
    for campaign in (*CAMPAIGN_FAULTS, *NUMBER_FAULTS):
        clauses = tuple(sorted({slug for _, slug in campaign.found}))
        kinds = {operation.partition("Session")[0] for operation, _ in campaign.found}
        cells = tuple(cell for cell in CELLS if cell.dialect is campaign.dialect and cell.service in kinds)
        yield CatalogueEntry(campaign.name, campaign.parts, clauses, cells, "campaigns")
    for history in HISTORY_FAULTS:
        yield CatalogueEntry(history.name, history.parts, (history.slug,), history.cells, "histories")
    for played in (*HOSTILE_FAULTS, *RACE_FAULTS):
        room = played.file.partition("/")[0]
        yield CatalogueEntry(played.name, played.parts, (played.slug,), played.cells, room)


def with_all(entries: Iterable[CatalogueEntry]) -> Parts:
    """The parts of one server that has all of these faults.

    Raises:
        UsageProblem: two of them take the same decision otherwise, so that one would hide the other.
    """
    chosen = list(entries)
    return Parts(**{field.name: _combined(field.name, field.default, chosen) for field in fields(Parts)})


def _combined(name: str, right: Any, entries: list[CatalogueEntry]) -> Any:
    wrong = {entry.name: part for entry in entries if (part := getattr(entry.parts, name)) is not right}
    distinct = tuple(dict.fromkeys(wrong.values()))
    taken: dict[str, str] = {}
    for fault, part in wrong.items():
        for decision in _decisions(part, right):
            first = taken.setdefault(decision, fault)
            if getattr(wrong[first], decision) is not getattr(part, decision):
                raise UsageProblem(
                    f"the faults {first!r} and {fault!r} can't be combined: both decide {decision} in their own way"
                )
    if len(distinct) < 2:
        return distinct[0] if distinct else right
    return type(f"Several{right.__name__}", distinct, {})


def _decisions(part: type, right: type) -> set[str]:
    """What a class decides otherwise than the right one that it is derived from."""
    above = set(right.__mro__)
    return {name for one in part.__mro__ if one not in above for name in vars(one)} - _NO_DECISION
