"""Specifications of updates, as data, and how values of them are told."""

from __future__ import annotations

from typing import Any

SELF_SIGNED, EXPIRED, EARLY, UNTRUSTED = TYPES = (
    "SELF_SIGNED_CERTIFICATE",
    "EXPIRED_CERTIFICATE",
    "NOT_YET_VALID_CERTIFICATE",
    "UNTRUSTED_CERTIFICATE",
)
"""The documented WarningTypes."""


def ignoring(**said_of: bool) -> list[dict[str, Any]]:
    """A `warning_behavior` that says of each type whether it is ignored."""
    return [{"type": kind, "ignored": ignored} for kind, ignored in said_of.items()]


def behavior(entries: Any) -> dict[str, Any]:
    """A specification that holds a `warning_behavior`, and nothing else."""
    return {"warning_behavior": entries}


FORMER = behavior(ignoring(**{SELF_SIGNED: True, EXPIRED: False}))
"""What the sessions of these tests are created with, so that a change of it can be seen."""

VALID = behavior(ignoring(**{UNTRUSTED: True}))


def described(value: Any) -> str:
    """A value in the words of an observation, the same in every run."""
    if isinstance(value, str):
        return "a string" if value else "an empty string"
    kinds = {bool: "a boolean", int: "a number", list: "an array", dict: "an object"}
    return kinds[type(value)]
