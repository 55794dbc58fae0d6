"""The preview of an update session, its warnings, and which of them the client ignores (vSphere API 6.8)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from contract_tests.contract.words import Service
from contract_tests.mock.domain import errors
from contract_tests.mock.domain.errors import Message
from contract_tests.mock.domain.model import PreviewState, SessionRecord, Transfer, WarningType
from contract_tests.mock.domain.signatures import Signature, signature_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from contract_tests.mock.domain.clock import TimeSource
    from contract_tests.mock.domain.libraries import Libraries
    from contract_tests.mock.domain.model import Upload

OVF: Final = "ovf"
"""The item type whose files have a preview."""

DESCRIPTORS: Final = (".ovf", ".ova")
METADATA: Final = (".mf", ".cert")
"""Files that only say something of the descriptor; they come before it."""

_RAISED: Final = {"issuer": "CN=mock", "subject": "CN=mock", "x509": "TW9jaw=="}
"""The certificate that a warning is about which no file has brought."""


class Previews:
    """The decisions about previews and warnings; each method is one."""

    def __init__(
        self, clock: TimeSource, libraries: Libraries, preview_seconds: float, other_previews: PreviewState
    ) -> None:
        self.clock = clock
        self.libraries = libraries
        self.preview_seconds = preview_seconds
        self.other_previews = other_previews

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
        for kind in self.warnings_of(session):
            if not self.is_ignored(session, kind):
                return Message(
                    "com.vmware.vdcs.cls-main.session_warning_not_ignored",
                    f"The content has a warning that is not ignored: {kind}.",
                    (kind,),
                )
        return None

    # What there is to look at

    def has_preview(self, session: SessionRecord) -> bool:
        """Whether anything looks into the files of the session's item."""
        return self.libraries.item(session.item_id).type.lower() in {OVF, ""}

    def descriptors_of(self, session: SessionRecord) -> list[Upload]:
        """The files that a preview is made of."""
        if not self.has_preview(session):
            return []
        return [file for file in session.uploads.values() if file.name.lower().endswith(DESCRIPTORS)]

    def signature_of(self, session: SessionRecord) -> Signature | None:
        """By whom the content is signed: what a certificate file beside the descriptor says."""
        if not self.descriptors_of(session):
            return None
        for file in session.uploads.values():
            if file.name.lower().endswith(".cert") and file.status is Transfer.READY:
                return signature_of(file.content)
        return None

    def warnings_of(self, session: SessionRecord) -> list[WarningType]:
        """What is to be said against the content: by its certificate now, and what the control door has raised."""
        signature = self.signature_of(session)
        found = [] if signature is None else signature.warnings_at(self.clock.now())
        return [*found, *(kind for kind in session.raised if kind not in found)]

    # What is shown

    def preview_state(self, session: SessionRecord) -> PreviewState:
        """How far the preview is: AVAILABLE a moment after the last descriptor was received."""
        if session.raised:
            return PreviewState.AVAILABLE
        descriptors = self.descriptors_of(session)
        if descriptors:
            return PreviewState.AVAILABLE if all(map(self.is_examined, descriptors)) else PreviewState.PREPARING
        if session.completing:
            return PreviewState.NOT_APPLICABLE
        later = not session.uploads or self.libraries.item(session.item_id).type.lower() == OVF
        return PreviewState.UNAVAILABLE if later else self.other_previews

    def is_examined(self, file: Upload) -> bool:
        if file.status is not Transfer.READY or file.received is None:
            return False
        return self.clock.now() >= file.received + timedelta(seconds=self.preview_seconds)

    def preview_of(self, session: SessionRecord) -> dict[str, Any]:
        """The `preview_info` of an ACTIVE session."""
        state = self.preview_state(session)
        if state is not PreviewState.AVAILABLE:
            return {"state": state}
        shown: dict[str, Any] = {"state": state}
        signature = self.signature_of(session)
        if signature is not None:
            shown |= {"certificate_info": signature.shown(), "cert_chain": list(signature.chain)}
        elif session.raised:
            self_signed = WarningType.SELF_SIGNED_CERTIFICATE in session.raised
            shown["certificate_info"] = {**_RAISED, "self_signed": self_signed}
        shown["warnings"] = [
            {
                "type": kind,
                "message": {
                    "id": f"com.vmware.vdcs.cls-main.preview.{kind.lower()}",
                    "default_message": f"The certificate of the content: {kind}.",
                    "args": [kind],
                },
                "ignored": self.is_ignored(session, kind),
            }
            for kind in self.warnings_of(session)
        ]
        return shown
