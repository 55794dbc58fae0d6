"""Checks of a session as one read shows it, member by member: by the contract's model, and what no schema can say.

Each takes an exchange that read a session and raises PremiseFailed if it shows none. A member that is null is not
shown: servers write members that are not set so (openapi/README.md, "Sessions").
"""

from __future__ import annotations

import re
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from contract_tests.contract import Cell, Dialect, Service
from contract_tests.contract.documents import load
from contract_tests.contract.schemas import schemas
from contract_tests.rules.checks.flaw import Flaw, Flaws, check
from contract_tests.rules.checks.memo import by_exchange
from contract_tests.rules.checks.readings import read

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from contract_tests.traffic.exchange import Exchange

_MODEL: Final[Mapping[Service, str]] = {
    Service.UPDATE: "UpdateSessionModel",
    Service.DOWNLOAD: "DownloadSessionModel",
}
_OUT_OF_RANGE: Final = re.compile(r"/client_progress: .* is (above 100|below 0)")
_UTC: Final = re.compile(r".*([Zz]|[+-]00:00)")
_UNUSUAL: Final = re.compile(r"[tz]|\.[0-9]{10}")
"""What RFC 3339 allows in a date-time, and parsers of clients do not."""


@check()
def member_fits(exchange: Exchange, member: str) -> Flaws:
    """The member is as the model has it: there if it always is, of its type, in its format."""
    return _problems(exchange, member)


@check()
def shows_string(exchange: Exchange, member: str, value: str) -> Flaws:
    """The member is as the model has it, and this text."""
    flaws = member_fits(exchange, member)
    shown = read(exchange).model.get(member)
    if flaws or shown == value:
        return flaws
    return [Flaw(f"{member} {value!r}", f"{member} {shown!r}", exchange)]


@check("client_progress")
def shows_progress(exchange: Exchange) -> Flaws:
    """`client_progress` is there, and an integer; its range is another rule."""
    flaws = member_fits(exchange, "client_progress")
    return [flaw for flaw in flaws if not _OUT_OF_RANGE.fullmatch(flaw.observed)]


@check("client_progress")
def progress_is_at_most_100(exchange: Exchange) -> Flaws:
    """A `client_progress` that is shown, and a number, is at most 100."""
    shown = _number_shown(exchange)
    return [] if shown <= 100 else [Flaw("client_progress 100 or less", f"client_progress {shown!r}", exchange)]


@check("client_progress")
def progress_is_not_negative(exchange: Exchange) -> Flaws:
    """A `client_progress` that is shown, and a number, is at least 0."""
    shown = _number_shown(exchange)
    return [] if shown >= 0 else [Flaw("client_progress 0 or more", f"client_progress {shown!r}", exchange)]


def _number_shown(exchange: Exchange) -> float:
    """The `client_progress` of a read; 0 where it shows none that is a number, which is another rule."""
    shown = read(exchange).model.get("client_progress")
    return shown if isinstance(shown, int | float) and not isinstance(shown, bool) else 0


@check("state")
def state_is_known(exchange: Exchange) -> Flaws:
    """The state is one that the documents know for this service. Newer servers may have more."""
    service = _service(exchange)
    known = known_states(service)
    shown = read(exchange).model.get("state")
    if shown in known or not isinstance(shown, str):
        return []
    return [Flaw(f"a state of {service} sessions: {', '.join(known)}", f"state {shown!r}", exchange)]


@cache
def known_states(service: Service) -> tuple[str, ...]:
    """The states that api.yaml names for sessions of this service."""
    model = load(Dialect.API)["components"]["schemas"][_MODEL[service]]
    return tuple(model["properties"]["state"]["x-known-values"])


@check("expiration_time")
def expires_in_utc(exchange: Exchange) -> Flaws:
    """`expiration_time` has no offset from UTC; that it is a date-time is another rule."""
    shown = read(exchange).model.get("expiration_time")
    if member_fits(exchange, "expiration_time") or not isinstance(shown, str) or _UTC.fullmatch(shown):
        return []
    return [Flaw("an expiration_time in UTC", f"expiration_time {shown!r}", exchange)]


@check("expiration_time")
def is_written_as_usual(exchange: Exchange) -> Flaws:
    """`expiration_time` has its letters in capitals and nine digits at most; that it is a date-time is another rule."""
    shown = read(exchange).model.get("expiration_time")
    if member_fits(exchange, "expiration_time") or not isinstance(shown, str) or not _UNUSUAL.search(shown):
        return []
    expected = "an expiration_time with T and Z in capitals and at most nine digits of a fraction"
    return [Flaw(expected, f"expiration_time {shown!r}", exchange)]


def shows(exchange: Exchange, member: str) -> bool:
    """Whether the read shows the member, and not as null."""
    return read(exchange).model.get(member) is not None


@check()
def does_not_show(exchange: Exchange, member: str) -> Flaws:
    """The read does not show the member."""
    if not shows(exchange, member):
        return []
    return [Flaw(f"no {member}", f"{member} {read(exchange).model[member]!r}", exchange)]


@check("error_message", "state")
def error_message_tells(exchange: Exchange) -> Flaws:
    """A session in ERROR says why, in a message that is one."""
    if not shows(exchange, "error_message"):
        return [Flaw("an error_message in state ERROR", "no error_message", exchange)]
    flaws = member_fits(exchange, "error_message")
    if flaws:
        return flaws
    text = read(exchange).model["error_message"]["default_message"]
    return [] if text.strip() else [Flaw("details of the error", f"default_message {text!r}", exchange)]


@check("error_message", "state")
def error_message_only_in_error(exchange: Exchange) -> Flaws:
    """A session that is not in ERROR has nothing to say of an error."""
    state = read(exchange).model.get("state")
    hidden = does_not_show(exchange, "error_message")
    return [Flaw(f"no error_message in state {state}", flaw.observed, exchange) for flaw in hidden]


@check("preview_info", "state")
def preview_only_while_active(exchange: Exchange) -> Flaws:
    """Only an ACTIVE session shows `preview_info`."""
    state = read(exchange).model.get("state")
    if state == "ACTIVE":
        return []
    hidden = does_not_show(exchange, "preview_info")
    return [Flaw(f"no preview_info in state {state}", flaw.observed, exchange) for flaw in hidden]


@check("preview_info")
def preview_fits(exchange: Exchange, *, has_files: bool) -> Flaws:
    """A `preview_info` that is shown: `state`, with `warnings` exactly if it is AVAILABLE, a certificate then only.

    `has_files` is whether files were put into the session; as long as there are none the preview is UNAVAILABLE.
    """
    if not shows(exchange, "preview_info"):
        return []
    flaws = list(member_fits(exchange, "preview_info"))
    preview = read(exchange).model["preview_info"]
    if not isinstance(preview, dict):
        return flaws
    state, here = preview.get("state"), "preview_info"
    if not has_files and isinstance(state, str) and state != "UNAVAILABLE":
        flaws.append(Flaw(f"{here} UNAVAILABLE without files", f"{here} {state}", exchange))
    if state == "AVAILABLE" and preview.get("warnings") is None:
        flaws.append(Flaw(f"warnings in a {here} that is AVAILABLE", "no warnings", exchange))
    if state != "AVAILABLE":
        flaws += [
            Flaw(f"no {member} in a {here} that is {state}", f"{member} {preview[member]!r}", exchange)
            for member in ("warnings", "certificate_info")
            if preview.get(member) is not None
        ]
    return flaws


SHOWN: Final[Mapping[str, Callable[[Exchange], Flaws]]] = MappingProxyType(
    {
        "model.state": lambda reading: member_fits(reading, "state"),
        "model.content-version": lambda reading: member_fits(reading, "library_item_content_version"),
        "model.progress-present": shows_progress,
        "model.progress-range": progress_is_at_most_100,
        "model.progress-not-negative": progress_is_not_negative,
        "model.expiration-time": lambda reading: member_fits(reading, "expiration_time"),
        "model.expiration-time-in-utc": expires_in_utc,
        "model.expiration-time-format": is_written_as_usual,
        "model.error-message": error_message_tells,
        "model.error-message-only-in-error": error_message_only_in_error,
    }
)
"""Clause -> its check, for what each read of a session decides by itself, whoever made it and of which service."""


def _service(exchange: Exchange) -> Service:
    return Cell.parse(exchange.cell or "").service


def _problems(exchange: Exchange, member: str) -> list[Flaw]:
    """What the schema has against one member of the session, its absence included."""
    problems = _complaints(exchange)
    if not problems:
        return []
    about = (f"/{member}:", f"/{member}/", f"the whole: {member} is missing")
    return [
        Flaw(f"a session with {member} as documented", problem, exchange)
        for problem in problems
        if problem.startswith(about)
    ]


@by_exchange
def _complaints(exchange: Exchange) -> Sequence[str]:
    """What the schema of sessions of this service has against the one that a read shows."""
    return schemas().problems(_MODEL[_service(exchange)], read(exchange).model)
