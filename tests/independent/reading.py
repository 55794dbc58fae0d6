"""Request bodies: JSON, forms and XML, and what may stand in them."""

from __future__ import annotations

import json
import math
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl
from xml.etree import ElementTree as ET

from tests.independent.problems import Refusal, invalid

if TYPE_CHECKING:
    from tests.independent.freedoms import Freedoms

JSON_TYPE = re.compile(r"application/(json|[\w.+-]+\+json)\Z", re.ASCII | re.IGNORECASE)
_INT64 = range(-(2**63), 2**63)


def parse_json(raw: bytes, free: Freedoms) -> Any:
    """The value that a body spells.

    Raises:
        Refusal: it is no JSON.
    """

    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if free.duplicate_keys == "refused" and len({name for name, _ in pairs}) < len(pairs):
            raise ValueError("a member is given twice")
        return dict(reversed(pairs)) if free.duplicate_keys == "first" else dict(pairs)

    def constant(name: str) -> Any:
        raise ValueError(f"{name} is no JSON")

    any_encoding = free.encodings == "any"
    try:
        # json.loads refuses a text that begins with a byte order mark.
        text = raw.decode(json.detect_encoding(raw)).lstrip("\ufeff") if any_encoding else raw.decode("utf-8")
        return json.loads(text, object_pairs_hook=members, parse_constant=constant, parse_float=Decimal)
    except (ValueError, RecursionError, ArithmeticError) as problem:
        raise Refusal(
            int(free.malformed_status), free.malformed_type, f"The body can't be read: {type(problem).__name__}."
        ) from None


def parse_form(raw: bytes) -> dict[str, Any]:
    try:
        return dict(parse_qsl(raw.decode("utf-8"), keep_blank_values=True, strict_parsing=True))
    except ValueError:
        raise invalid("The form can't be read.", kind="INVALID_REQUEST") from None


def parse_xml(raw: bytes) -> dict[str, Any]:
    if b"<!" in raw:
        raise invalid("Document types and the like are not read.", kind="INVALID_REQUEST")
    try:
        root = ET.fromstring(raw)
    except (ET.ParseError, ValueError, LookupError):
        raise invalid("The XML can't be read.", kind="INVALID_REQUEST") from None
    if root.tag.rpartition("}")[2] != "KeepAlive-Input":
        raise invalid("KeepAlive-Input is expected.", kind="INVALID_REQUEST")
    return {one.tag.rpartition("}")[2]: (one.text or "").strip() for one in root}


def int64(value: Any, free: Freedoms, *, digits: bool | None = None, status: int = 400) -> int | None:
    """The integer that a value stands for; None stands for none.

    Raises:
        Refusal: it stands for no integer of 64 bits.
    """
    if value is None:
        return None
    number: int | None = None
    if isinstance(value, int) and not isinstance(value, bool):
        number = value
    elif isinstance(value, Decimal) and free.integral == "accepted":
        number = _whole(value)
    elif isinstance(value, str) and (free.digits == "accepted" if digits is None else digits):
        number = int(value) if re.fullmatch(r"[+-]?[0-9]{1,19}", value, re.ASCII) else None
    if number is None or number not in _INT64:
        raise invalid("An integer of 64 bits is expected.", status)
    return number


def _whole(value: Decimal) -> int | None:
    if not value.is_finite() or value.adjusted() > 20:
        return None
    if value and value.adjusted() < -400:
        return None
    return int(value) if value == value.to_integral_value() else None


def plain(value: Any) -> Any:
    """A value without decimals, so that it can be compared and written."""
    if isinstance(value, Decimal):
        number = float(value)
        return number if math.isfinite(number) else None
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    return [plain(one) for one in value] if isinstance(value, list) else value


_STRINGS = ("id", "library_item_id", "library_item_content_version", "state", "expiration_time")
_OBJECTS = ("error_message", "preview_info")
_KNOWN = {*_STRINGS, *_OBJECTS, "client_progress", "warning_behavior"}
_WARNINGS = {"SELF_SIGNED_CERTIFICATE", "EXPIRED_CERTIFICATE", "NOT_YET_VALID_CERTIFICATE", "UNTRUSTED_CERTIFICATE"}


def check_spec(spec: Any, free: Freedoms, *, unused: str) -> dict[str, Any]:
    """A specification of a session; `unused` says what becomes of members that do not count: unread, checked, refused.

    Raises:
        Refusal: something in it is wrong.
    """
    if not isinstance(spec, dict):
        raise invalid("An object is expected.")
    if unused != "unread":
        for name, value in spec.items():
            if name not in _KNOWN or value is None:
                continue
            right = isinstance(value, str if name in _STRINGS else dict if name in _OBJECTS else object)
            if not right:
                raise invalid(f"{name} has a wrong type.")
            if name == "client_progress":
                int64(value, free)
            if unused == "refused" and name != "warning_behavior":
                raise invalid(f"{name} is not used.")
    if free.spec_unknown == "refused" and (more := set(spec) - _KNOWN):
        raise invalid(f"{min(more)!r} is not known.", kind=free.unknown_member_type)
    return spec


def warnings(spec: dict[str, Any], free: Freedoms) -> list[dict[str, Any]] | None:
    """The `warning_behavior` of a specification, if it has any."""
    given = spec.get("warning_behavior")
    if given is None:
        return None
    if not isinstance(given, list):
        raise invalid("warning_behavior is a list.")
    for entry in given:
        if not isinstance(entry, dict) or not isinstance(entry.get("type"), str):
            raise invalid("An entry of warning_behavior names its type.")
        if not isinstance(entry.get("ignored"), bool):
            raise invalid("An entry of warning_behavior says whether it is ignored.")
        if entry["type"] not in _WARNINGS and free.patch_warning == "refused":
            raise invalid("There is no such type of warning.")
    return [{"type": entry["type"], "ignored": entry["ignored"]} for entry in given]
