"""How far it was made sure that the answers of a run came from its target: the check of its TLS certificate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from contract_tests.driver import Settings
    from contract_tests.reporting.format import TargetRecord


def trust_of(settings: Settings) -> dict[str, Any]:
    """The members of a `TargetRecord` that say so; of a CA bundle the name alone, as its path is this machine's."""
    bundle = settings.ca_bundle
    if not (settings.target or "").lower().startswith("https:"):
        return {"certificate": "none", "ca_bundle": None}
    if settings.insecure is None:
        return {"certificate": None, "ca_bundle": None}
    return {
        "certificate": "not verified" if settings.insecure else "verified",
        "ca_bundle": None if bundle is None else bundle.name,
    }


def trust_told(target: TargetRecord) -> str:
    """The same in words, as all reports have it."""
    if target.certificate == "not verified":
        return "certificate NOT verified (--insecure)"
    if target.certificate == "verified":
        by = f"the CA bundle {target.ca_bundle}" if target.ca_bundle else "the system's trust"
        return f"certificate verified by {by}"
    return "no TLS" if target.certificate == "none" else "not said by this report"
