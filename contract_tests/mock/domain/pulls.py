"""Content that the server fetches itself: from where, and what comes of it. The fetching is done outside."""

from __future__ import annotations

import re
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from contract_tests.mock.domain import errors
from contract_tests.mock.domain.errors import ErrorType, Message

if TYPE_CHECKING:
    from collections.abc import Mapping

    from contract_tests.mock.domain.model import SessionRecord, Upload

_THUMBPRINT: Final = re.compile(r"[0-9a-f]{2}(:?[0-9a-f]{2})*", re.IGNORECASE | re.ASCII)
THUMBPRINTS: Final[Mapping[int, str]] = {20: "sha1", 32: "sha256"}
"""The algorithm of a thumbprint, by its length in bytes."""

_PLACES: Final = ("ds", "file")
"""Schemes that the documents know and this server does not: it has no storage to find anything in."""


@dataclass(frozen=True)
class TransferEndpoint:
    """A `TransferEndpoint`: an address of HTTP, and which certificate is expected there instead of a trusted one."""

    uri: str
    thumbprint: bytes | None = None
    certificate: bytes | None = None
    """In DER."""


def endpoint_of(given: Mapping[str, str | None]) -> TransferEndpoint:
    """The endpoint that a specification names.

    Raises:
        ApiError: INVALID_ARGUMENT; UNSUPPORTED for places on a datastore.
    """
    uri = given["uri"] or ""
    thumbprint, certificate = given.get("ssl_certificate_thumbprint"), given.get("ssl_certificate")
    _check_address(uri)
    return TransferEndpoint(
        uri,
        None if thumbprint is None else _thumbprint(thumbprint),
        None if certificate is None else _certificate(certificate),
    )


def _check_address(uri: str) -> None:
    try:
        parts = urlsplit(uri)
        is_address = bool(parts.hostname) and parts.port != 0 and uri == uri.strip() and uri.isprintable()
    except ValueError:
        is_address = False
    if is_address and parts.scheme in {"http", "https"}:
        return
    if uri.partition(":")[0].lower() in _PLACES:
        text = f"This server has no storage to read {uri} from; the source is an http or https address."
        raise errors.refused(ErrorType.UNSUPPORTED, "source_endpoint", text, uri)
    raise errors.invalid_argument(
        f"{uri!r} is no http or https address that content could be fetched from.", argument="source_endpoint.uri"
    )


def _thumbprint(text: str) -> bytes:
    digits = bytes.fromhex(text.replace(":", "")) if _THUMBPRINT.fullmatch(text) else b""
    if len(digits) not in THUMBPRINTS:
        raise errors.invalid_argument(
            "A thumbprint is the SHA-256 or SHA-1 digest of the certificate, in hexadecimal digits with colons.",
            argument="source_endpoint.ssl_certificate_thumbprint",
        )
    return digits


def _certificate(text: str) -> bytes:
    try:
        return ssl.PEM_cert_to_DER_cert(text)
    except ValueError:
        raise errors.invalid_argument(
            "The certificate of the source is not in PEM.", argument="source_endpoint.ssl_certificate"
        ) from None


@dataclass(frozen=True)
class Pull:
    """A file that is to be fetched for a session."""

    session: SessionRecord
    upload: Upload
    endpoint: TransferEndpoint


Fetch = Callable[[Pull], Any]
"""Begins to fetch, and returns at once."""


def failure(pull: Pull, reason: str) -> Message:
    """Why a file could not be fetched; `reason` is the end of a sentence."""
    text = f"{pull.upload.name} could not be fetched from {pull.endpoint.uri}: {reason}."
    return Message("com.vmware.vdcs.cls-main.file_pull_failed", text, (pull.upload.name, pull.endpoint.uri, reason))
