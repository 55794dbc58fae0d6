"""How things look when they are read."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tests.independent.domain import ACTIVE, CERTIFICATE, File, Session, World

if TYPE_CHECKING:
    from tests.independent.freedoms import Freedoms
    from tests.independent.problems import Refusal

_STEP = {"UNAUTHENTICATED": "com.vmware.vapi.endpoint.method.authentication.required"}


def timestamp(seconds: float, free: Freedoms) -> str:
    """RFC 3339 in UTC, cut off rather than rounded."""
    micros = int(seconds * 1_000_000)
    moment = datetime.fromtimestamp(micros // 1_000_000, UTC)
    digits = f"{micros % 1_000_000:06d}000"[: int(free.fraction)]
    return f"{moment:%Y-%m-%dT%H:%M:%S}{'.' if digits else ''}{digits}{free.zone}"


def message(key: str, text: str, free: Freedoms, *, rest: bool, args: tuple[str, ...] = ()) -> dict[str, Any]:
    told: dict[str, Any] = {
        "id": _STEP.get(key, f"other.make.{key}"),
        "default_message": text,
        "args": list(args) or ["é"] if free.args == "filled" else [],
    }
    param = {"s": "text"}
    date = {"dt": "2026-01-02T03:04:05.678Z", "format": "SHORT_DATE_TIME"}
    number = {"d": 1.5, "precision": 2}
    nested = {"l": {"id": "other.make.nested"}, "s": None}
    filled = {"params": param, "date": date, "number": number, "whole": {"i": -(2**63)}, "nested": nested}
    if free.params == "array" and rest:
        told["params"] = [{"key": name, "value": value} for name, value in filled.items()]
    elif free.params in {"filled", "array"}:
        told["params"] = filled
    elif free.params != "absent":
        told["params"] = None if free.params == "null" else {}
    if free.localized != "absent":
        told["localized"] = text if free.localized == "string" else None
    if free.error_members == "more":
        told["other_make"] = {"a": [1, None]}
    return told


_NEW_TYPES = {
    "INVALID_REQUEST": "UNREADABLE_REQUEST",
    "UNEXPECTED_INPUT": "SURPLUS_INPUT",
    "OPERATION_NOT_FOUND": "NO_SUCH_OPERATION",
}
"""What a newer server may call what no document names a type for."""


def error(refusal: Refusal, free: Freedoms, *, rest: bool) -> dict[str, Any]:
    """The body of a refusal."""
    unknown_user = refusal.kind == "UNAUTHENTICATED"
    key = refusal.kind if unknown_user else refusal.key
    told: dict[str, Any] = {"messages": [message(key, refusal.text, free, rest=rest, args=refusal.args_told)]}
    if free.messages == "two":
        told["messages"].append(message("cause", "The cause is this.", free, rest=rest))
    kind = _NEW_TYPES.get(refusal.kind, refusal.kind) if free.new_types == "yes" else refusal.kind
    if free.error_type == "present" or (free.error_type == "api-only" and not rest):
        told["error_type"] = kind
    elif free.error_type == "null":
        told["error_type"] = None
    if free.error_data != "absent":
        told["data"] = None if unknown_user or free.error_data == "null" else {"own": [1, {"x": None}]}
    if unknown_user and free.challenge != "absent":
        told["challenge"] = 'Basic realm="VAPI endpoint"' if free.challenge == "present" else None
    if free.error_members == "more":
        told["other_make"] = "more"
    if not rest or free.rest_errors == "bare":
        return told
    return {"type": f"com.vmware.vapi.std.errors.{kind.lower()}", "value": told}


def session(one: Session, world: World, *, rest: bool) -> dict[str, Any]:
    free = world.free
    told: dict[str, Any] = {
        "library_item_id": one.item,
        "library_item_content_version": one.version,
        "client_progress": one.progress,
        "state": one.state,
        "expiration_time": timestamp(one.expires, free),
    }
    if free.id_shown == "yes":
        told["id"] = one.id
    optional: dict[str, Any] = {
        "error_message": message(*one.error, free, rest=rest) if one.error and one.state == "ERROR" else None
    }
    if one.service == "update":
        optional["warning_behavior"] = one.warnings if free.warnings_shown == "yes" else None
        optional["preview_info"] = preview(one, world, rest=rest) if one.state == ACTIVE else None
    told |= {name: value for name, value in optional.items() if value is not None or free.null_members == "null"}
    if free.model_members == "more":
        told["other_make"] = {"more": [True]}
    return told


def preview(one: Session, world: World, *, rest: bool) -> dict[str, Any] | None:
    free = world.free
    if free.preview_shown == "no":
        return None
    item = world.items[one.item]
    if not one.raised and (not any(file.content for file in one.files.values()) or item.kind != "ovf"):
        return {"state": "UNAVAILABLE"}
    ignored = {entry["type"] for entry in one.warnings or [] if entry["ignored"]}
    return {
        "state": "AVAILABLE",
        "certificate_info": CERTIFICATE if one.raised else None,
        "warnings": [
            {"type": kind, "message": message("warning", kind, free, rest=rest), "ignored": kind in ignored}
            for kind in one.raised
        ],
    }


def uploaded(file: File, base: str) -> dict[str, Any]:
    """The Info of a file in an update session."""
    status = "ERROR" if file.failed else "WAITING_FOR_TRANSFER" if file.content is None else "READY"
    told: dict[str, Any] = {
        "name": file.name,
        "source_type": file.source,
        "status": status,
        "bytes_transferred": len(file.content or b""),
    }
    if file.source == "PUSH":
        told["upload_endpoint"] = {"uri": f"{base}/transfer/{file.key}"}
    if file.content is not None:
        told["size"] = len(file.content)
    return told


def downloaded(file: File, base: str, free: Freedoms) -> dict[str, Any]:
    """The Info of a file in a download session."""
    ready = file.asked > (0 if free.preparing == "at-once" else 1)
    told: dict[str, Any] = {
        "name": file.name,
        "status": "PREPARED" if ready else "PREPARING" if file.asked else "UNPREPARED",
        "bytes_transferred": len(file.content or b"") if ready else 0,
        "size": len(file.content or b""),
    }
    if ready:
        told["download_endpoint"] = {"uri": f"{base}/transfer/{file.key}"}
    return told
