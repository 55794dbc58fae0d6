"""The preview of an update session, its warnings, and which of them the client ignores (vSphere API 6.8)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from contract_tests.contract.words import Service
from contract_tests.mock.domain import errors
from contract_tests.mock.domain.errors import Message
from contract_tests.mock.domain.model import SessionRecord, WarningType

if TYPE_CHECKING:
    from collections.abc import Mapping


class Previews:
    """The decisions about warnings; each method is one."""

    def initial_warning_behavior(self, service: Service, given: Mapping[str, Any]) -> list[dict[str, Any]] | None:
        """What creation takes from its specification; only update sessions have warnings."""
        return given.get("warning_behavior") if service is Service.UPDATE else None

    def is_warning_type(self, name: str) -> bool:
        """The enumeration is open for readers; a server that is told of a type it does not know refuses."""
        return name in set(WarningType)

    def check_warning_behavior(self, given: Mapping[str, Any]) -> None:
        """Refuse warning types that do not exist; the shape of the list was checked before.

        Raises:
            ApiError: INVALID_ARGUMENT.
        """
        for one in given.get("warning_behavior") or ():
            if not self.is_warning_type(one["type"]):
                raise errors.invalid_argument(
                    f"There is no warning type {one['type']}.", argument="warning_behavior.type"
                )

    def apply_update(self, session: SessionRecord, given: Mapping[str, Any]) -> None:
        """Change what `update` changes: a list replaces the former one, null or nothing leaves it."""
        if given.get("warning_behavior") is not None:
            session.warning_behavior = given["warning_behavior"]

    def raise_warning(self, session: SessionRecord, kind: WarningType) -> None:
        """Let the preview of the session's files find something; the door for tests, no operation does it."""
        if kind not in session.raised:
            session.raised.append(kind)

    def is_ignored(self, session: SessionRecord, kind: WarningType) -> bool:
        """What the client last said about the kind of warning; nothing said is not ignored."""
        said = [one["ignored"] for one in session.warning_behavior or () if one["type"] == kind]
        return bool(said) and bool(said[-1])

    def failure_at_completion(self, session: SessionRecord) -> Message | None:
        """Why the session cannot be completed, though all files are there; None if it can."""
        for kind in session.raised:
            if not self.is_ignored(session, kind):
                return Message(
                    "com.vmware.vdcs.cls-main.session_warning_not_ignored",
                    f"The content has a warning that is not ignored: {kind}.",
                    (kind,),
                )
        return None

    def preview_of(self, session: SessionRecord) -> dict[str, Any]:
        """The `preview_info` of an ACTIVE session: there is none to speak of until a warning was raised."""
        if not session.raised:
            return {"state": "UNAVAILABLE"}
        return {
            "state": "AVAILABLE",
            "certificate_info": {
                "issuer": "CN=mock",
                "subject": "CN=mock",
                "self_signed": WarningType.SELF_SIGNED_CERTIFICATE in session.raised,
                "x509": "TW9jaw==",
            },
            "warnings": [
                {
                    "type": kind,
                    "message": {
                        "id": f"com.vmware.vdcs.cls-main.preview.{kind.lower()}",
                        "default_message": f"The certificate of the content: {kind}.",
                        "args": [kind],
                    },
                    "ignored": self.is_ignored(session, kind),
                }
                for kind in session.raised
            ],
        }
