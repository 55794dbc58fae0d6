"""What a session's members say, so that two reads can be compared: not each difference in form is one in content."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

from contract_tests.contract import Dialect, Service
from contract_tests.contract.documents import load

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

BEHAVIOR: Final = "warning_behavior"
PREVIEW: Final = "preview_info"


@cache
def documented_members() -> frozenset[str]:
    """The members that the documents name for a session of either service."""
    schemas = load(Dialect.API)["components"]["schemas"]
    models = (schemas[f"{service.capitalize()}SessionModel"] for service in Service)
    return frozenset[str]().union(*(model["properties"] for model in models))


def said(name: str, model: Mapping[str, Any]) -> Any:
    """What a member says. What is null is not there, and an empty list of warnings says what no list says."""
    value = model.get(name)
    return in_order(value or []) if name == BEHAVIOR and (value is None or isinstance(value, list)) else value


def differs(name: str, then: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    """Whether a member says something else now than it did then.

    A preview is the server's to work on: only what one that was AVAILABLE has found can be lost.
    """
    return loses_a_finding(then, now) if name == PREVIEW else bool(said(name, then) != said(name, now))


def loses_a_finding(then: Mapping[str, Any], now: Mapping[str, Any], *decisions: str) -> bool:
    """Whether a preview that was AVAILABLE says something else now, but for these members of its warnings."""
    found, shown = then.get(PREVIEW), now.get(PREVIEW)
    if not isinstance(found, dict) or found.get("state") != "AVAILABLE":
        return False
    if not isinstance(shown, dict) or shown.get("state") != "AVAILABLE":
        return not isinstance(shown, dict) or shown.get("state") != "PREPARING"
    return _findings(found, decisions) != _findings(shown, decisions)


def _findings(preview: Mapping[str, Any], without: tuple[str, ...]) -> tuple[Any, ...]:
    """What a preview says of its content; in which order, and in which words, is the server's choice."""
    warnings = preview.get("warnings")
    if isinstance(warnings, list):
        told = [
            {name: value for name, value in one.items() if name not in without} if isinstance(one, dict) else one
            for one in warnings
        ]
        warnings = in_order(told)
    return warnings, preview.get("certificate_info"), preview.get("cert_chain")


def in_order(entries: Iterable[Any]) -> list[Any]:
    """Entries by what they say of which type, in one order; what else a server shows of them is its own."""
    told = [
        {name: entry[name] for name in ("type", "ignored") if name in entry} if isinstance(entry, dict) else entry
        for entry in entries
    ]
    return sorted(told, key=repr)
