"""What a clause may take of a target beside the two session services, each with one name and one sentence."""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping


class Capability(StrEnum):
    """Something that a target has or lacks, by its name in the ledger (`takes`) and in a profile (`lacks`)."""

    FILE_SERVICE = "file service"
    SECOND_USER = "second user"
    SUBSCRIBED_ITEM = "subscribed item"
    WARNING_CONTENT = "warning content"
    UNDECLARED_METHODS = "undeclared methods"
    WRONG_PASSWORDS = "wrong passwords"
    MOVABLE_CLOCK = "movable clock"

    @property
    def lacking(self) -> str:
        """Why nothing that takes it is tested where a target lacks it, and what to do about it, if anything."""
        return _LACKING[self]


_LACKING: Final[Mapping[Capability, str]] = MappingProxyType(
    {
        Capability.FILE_SERVICE: "this takes the file services beside the sessions, and this server has none",
        Capability.SECOND_USER: (
            "this takes a second user without Content Library privileges; name one in the profile (second_user)"
        ),
        Capability.SUBSCRIBED_ITEM: (
            "this takes an item of a subscribed library; name one in the profile (subscribed_item)"
        ),
        Capability.WARNING_CONTENT: (
            "this takes content whose preview raises a warning; name it in the profile (warning_content)"
        ),
        Capability.UNDECLARED_METHODS: (
            "this sends methods that no document has, which might be operations of their own, so only a mock server of "
            "this suite is asked"
        ),
        Capability.WRONG_PASSWORDS: (
            "this sends a wrong password for a real user, which might lock them out, so only a mock server of this "
            "suite is asked"
        ),
        Capability.MOVABLE_CLOCK: (
            "this takes a clock that can be moved past a session's end at once, which a mock server of this suite has"
        ),
    }
)
