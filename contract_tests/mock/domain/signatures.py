"""What the certificate file of a signed OVF says: manifest digest, signature, and the certificates in PEM."""

from __future__ import annotations

import base64
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from contract_tests.mock.domain.model import WarningType

if TYPE_CHECKING:
    from datetime import datetime

    from contract_tests.mock.domain.content import Content

LARGEST: Final = 2**20
"""The most bytes of a certificate file that is looked into."""


@dataclass(frozen=True)
class Signature:
    """The certificate that content was signed with, and those it comes from."""

    issuer: str
    subject: str
    self_signed: bool
    begins: datetime
    ends: datetime
    chain: tuple[str, ...]
    """The certificates in DER, base64; the first is that of the signer."""

    def warnings_at(self, now: datetime) -> list[WarningType]:
        """What is to be said against it. This server trusts no authority: who is not his own is untrusted."""
        trust = WarningType.SELF_SIGNED_CERTIFICATE if self.self_signed else WarningType.UNTRUSTED_CERTIFICATE
        found = [trust]
        if now > self.ends:
            found.append(WarningType.EXPIRED_CERTIFICATE)
        if now < self.begins:
            found.append(WarningType.NOT_YET_VALID_CERTIFICATE)
        return found

    def shown(self) -> dict[str, Any]:
        """The `CertificateInfo`."""
        return {
            "issuer": self.issuer,
            "subject": self.subject,
            "self_signed": self.self_signed,
            "x509": self.chain[0],
        }


def signature_of(content: Content) -> Signature | None:
    """What a certificate file says; None if there is no certificate in it that can be read."""
    if not content.is_kept or content.size > LARGEST:
        return None
    return _read(bytes(content))


@lru_cache(maxsize=16)
def _read(content: bytes) -> Signature | None:
    from cryptography import x509  # noqa: PLC0415 - takes long, and most servers never see a signed OVF
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415
    from cryptography.hazmat.primitives.serialization import Encoding  # noqa: PLC0415

    try:
        certificates = x509.load_pem_x509_certificates(content)
        first = certificates[0]
        names = first.issuer.rfc4514_string(), first.subject.rfc4514_string()
    except ValueError:
        return None
    self_signed = False
    with suppress(InvalidSignature, ValueError, TypeError):
        first.verify_directly_issued_by(first)
        self_signed = True
    return Signature(
        *names,
        self_signed=self_signed,
        begins=first.not_valid_before_utc,
        ends=first.not_valid_after_utc,
        chain=tuple(base64.b64encode(one.public_bytes(Encoding.DER)).decode() for one in certificates),
    )
