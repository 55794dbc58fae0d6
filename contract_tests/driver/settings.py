"""What a run was asked to do, and against which server."""

from __future__ import annotations

import hashlib
import math
import ssl
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx

from contract_tests.contract import DEFAULT_TIMEOUT
from contract_tests.problems import UsageProblem

if TYPE_CHECKING:
    from pathlib import Path

    from contract_tests.contract import Capability, Dialect
    from contract_tests.driver.deviations import Deviation

LEAST_TIMEOUT = 4.0
"""Seconds of the shortest lifetime that can be judged: times are compared with a tolerance of 5 s, and races are run
for a session that has 5 s to live."""

LONGEST_TIMEOUT = 366 * 86_400.0
"""Seconds of the longest lifetime that anybody configures: a year."""


@dataclass(frozen=True)
class OwnFile:
    """A file of the user's: the target is sent what is in it, and evidence has its name, size and digest alone.

    `content` is empty where a recording stands for the target, which was never given it.
    """

    name: str
    size: int
    sha256: str
    content: bytes = field(default=b"", repr=False, compare=False)

    @classmethod
    def of(cls, name: str, content: bytes) -> OwnFile:
        return cls(name, len(content), hashlib.sha256(content).hexdigest(), content)

    @property
    def mark(self) -> bytes:
        """What evidence has in the place of the content."""
        return f"<{self.size} bytes of the file {self.name}, SHA-256 {self.sha256}>".encode()


@dataclass(frozen=True)
class Settings:
    """The options of a run, read and checked.

    `target` is the base address without `/api`, or None for the embedded mock; times are in seconds.
    """

    target: str | None = None
    dialect: Dialect | None = None
    session_timeout: float = DEFAULT_TIMEOUT
    max_wait: float = 0.0
    fuzz_examples: int = 100
    """How many examples campaigns try for each operation; the other random tests take their sizes from it."""
    rate_limit: int | None = None
    """The most requests a second that a campaign may send; None for as many as it can."""
    ca_bundle: Path | None = None
    insecure: bool | None = False
    """Whether the certificate is not verified; None if nobody knows, in a recording that does not say."""
    username: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    datastore: str | None = None
    second_user: tuple[str, str] | None = field(default=None, repr=False)
    """Name and password of somebody without any Content Library privilege."""
    subscribed_item: str | None = None
    """Id of an item of a subscribed library."""
    warning_files: tuple[OwnFile, ...] = ()
    """Content whose preview raises `warning_kind`."""
    warning_kind: str = ""
    allowed_origins: tuple[str, ...] = ()
    """Other origins that may be asked for content wherever they are."""
    deviations: tuple[Deviation, ...] = ()
    """Violations that are known of this target."""
    lacks: frozenset[Capability] = frozenset()
    """What the target has not, as the profile says."""
    strict_deviations: bool = False
    """Whether the run fails where a deviation is not seen any more."""
    today: date = field(default_factory=lambda: datetime.now(UTC).date())
    """The day of the run, UTC: deviations expire."""

    def __post_init__(self) -> None:
        if self.target is not None:
            _require_base_address(self.target)
        for origin in self.allowed_origins:
            _require_origin(origin)
        for credentials in ((self.username, self.password), self.second_user or ("", "")):
            _require_credentials(*credentials)
        if not LEAST_TIMEOUT <= self.session_timeout <= LONGEST_TIMEOUT:
            raise UsageProblem(
                f"--session-timeout {self.session_timeout:g} can't be judged; give the lifetime that the server is "
                f"configured with, {LEAST_TIMEOUT:g} s or more and a year at most"
            )
        if not 0 <= self.max_wait < math.inf:
            raise UsageProblem(f"--max-wait {self.max_wait:g} is not possible; give a number of seconds, 0 or more")
        if self.fuzz_examples < 1:
            raise UsageProblem(f"--fuzz-examples {self.fuzz_examples} is not possible; give a number, 1 or more")
        if self.rate_limit is not None and self.rate_limit < 1:
            raise UsageProblem(f"a rate_limit of {self.rate_limit} is not possible; give requests a second, 1 or more")
        if self.insecure and self.ca_bundle is not None:
            raise UsageProblem("--insecure and --ca-bundle contradict each other; give one of them")

    def trust(self) -> ssl.SSLContext:
        """The TLS trust of this run.

        Raises:
            UsageProblem: the CA bundle can't be read.
        """
        try:
            context = ssl.create_default_context(cafile=self.ca_bundle)
        except (OSError, ValueError) as problem:  # ValueError: a NUL in its name
            raise UsageProblem(
                f"--ca-bundle {self.ca_bundle} can't be used: {problem}; give a file of PEM certificates"
            ) from problem
        if self.insecure:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context


def _require_base_address(target: str) -> None:
    """Raise UsageProblem for what is not the address of a server alone. No text repeats a password."""
    if "@" in target:
        raise UsageProblem(
            "--target holds a user name or password; give them in CONTRACT_USERNAME and CONTRACT_PASSWORD"
        )
    try:
        parts = urlsplit(target)
        httpx.Request("GET", target)  # refuses what can't be sent
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except (ValueError, httpx.InvalidURL):
        good = False
    if not good or " " in parts.netloc:
        raise UsageProblem(f"--target {target!r} is no base address; give something like https://vc.example")
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise UsageProblem(
            f"--target {target!r} has a path; give the address of the server alone, "
            f"like {parts.scheme}://{parts.netloc}"
        )


def _require_origin(origin: str) -> None:
    """Raise UsageProblem for what is more, or less, than scheme, host and perhaps port."""
    try:
        parts = urlsplit(origin)
        httpx.Request("GET", origin)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except (ValueError, httpx.InvalidURL):
        good = False
    if not good or origin.lower() != f"{parts.scheme}://{parts.netloc}".lower() or set(parts.netloc) & set("@* "):
        raise UsageProblem(
            f"allowed_origins: {origin!r} is no origin; give scheme, host and perhaps port, like https://files.example:8443"
        )


def _require_credentials(username: str, password: str) -> None:
    """Raise UsageProblem for a user name or password that Basic authentication can't carry (RFC 7617)."""
    try:
        f"{username}{password}".encode()
    except UnicodeEncodeError:
        raise UsageProblem("the user name or the password in the environment is no text in UTF-8") from None
    if ":" in username:
        raise UsageProblem("the user name holds a colon, which Basic authentication can't carry")
