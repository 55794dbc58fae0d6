"""The certificate of a server that speaks TLS: made on the spot, or read from files."""

from __future__ import annotations

import hashlib
import ipaddress
import re
import socket
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

_CERTIFICATE: Final = re.compile("-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)
_HOST_NAME: Final = re.compile(r"(?!-)[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})*", re.IGNORECASE)
_LOCAL: Final = ("localhost", "127.0.0.1", "::1")
_LIFE: Final = timedelta(days=365)


class UnusableCertificate(ValueError):
    """There is no TLS with these files; the text is one sentence for a person."""


@dataclass(frozen=True)
class ServerCertificate:
    """What a server shows of itself. `ca_pem` is what its clients have to trust, if it was made here."""

    context: ssl.SSLContext
    der: bytes
    ca_pem: str | None = None

    def thumbprint(self, algorithm: str) -> str:
        """The digest of the certificate, `sha1` or `sha256`, as vCenter Server writes it: `AB:CD:…`."""
        return hashlib.new(algorithm, self.der, usedforsecurity=False).digest().hex(":").upper()

    def trust(self) -> ssl.SSLContext:
        """The trust of a client of this server: of what was made here, or else of what the machine trusts."""
        return ssl.create_default_context(cadata=self.ca_pem)


def made_certificate(host: str) -> ServerCertificate:
    """A certificate for a server that listens on `host`, by a certificate authority that nobody knows yet.

    It is good for every name of this machine that clients on it use; where the server listens on all addresses, for
    the machine's own name, too.
    """
    import trustme  # noqa: PLC0415 - slow to import, and only needed here

    authority = trustme.CA(organization_name="cl-contract mock")
    now = datetime.now(UTC)
    leaf = authority.issue_cert(
        *certified_names(host),
        organization_name="cl-contract mock",
        not_before=now - timedelta(days=1),
        not_after=now + _LIFE,
    )
    context = _server_context()
    leaf.configure_cert(context)
    shown = leaf.cert_chain_pems[0].bytes().decode()
    return ServerCertificate(context, ssl.PEM_cert_to_DER_cert(shown), authority.cert_pem.bytes().decode())


def certified_names(host: str) -> list[str]:
    """The names and addresses by which clients may know a server that listens on `host`."""
    names = [*_LOCAL, host, *([socket.gethostname()] if _is_wildcard(host) else [])]
    return [name for name in dict.fromkeys(names) if _is_address(name) or _HOST_NAME.fullmatch(name)]


def read_certificate(certificate: Path, key: Path) -> ServerCertificate:
    """The certificate in a PEM file, with those above it, if there are any, and its key in another.

    Raises:
        UnusableCertificate: they can't be read, are something else, or do not belong together.
    """
    shown, hidden = _text(certificate), _text(key)
    first = _CERTIFICATE.search(shown)
    if first is None:
        raise UnusableCertificate(f"{certificate} holds no certificate in PEM form.")
    if "PRIVATE KEY-----" not in hidden:
        raise UnusableCertificate(f"{key} holds no private key in PEM form.")
    context = _server_context()
    try:
        context.load_cert_chain(certificate, key, password="")
        return ServerCertificate(context, ssl.PEM_cert_to_DER_cert(first[0]))
    except (ssl.SSLError, ValueError) as problem:
        if getattr(problem, "reason", None) == "KEY_VALUES_MISMATCH":
            raise UnusableCertificate(f"{key} is not the key of the certificate in {certificate}.") from None
        if "ENCRYPTED" in hidden:
            raise UnusableCertificate(f"{key} is encrypted; give a key without a password.") from None
        raise UnusableCertificate(
            f"{certificate} and {key} are no certificate with its key that can be read."
        ) from None


def _server_context() -> ssl.SSLContext:
    return ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="latin-1")
    except OSError as problem:
        raise UnusableCertificate(f"{path} cannot be read: {(problem.strerror or str(problem)).lower()}.") from None


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _is_wildcard(host: str) -> bool:
    return _is_address(host) and ipaddress.ip_address(host).is_unspecified
