"""The sentence that a cause is called by: what the server does, and where it does it, without ids and numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from contract_tests.judging.symptoms import symptom

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from contract_tests.judging.symptoms import Complaint

LONGEST: Final = 160
"""Characters of a sentence."""

_MOST_OPERATIONS: Final = 3

_BODIES: Final[Mapping[str, str]] = {
    "messages, one or more": "error bodies carry no messages",
    "an error with a JSON body": "errors are answered without JSON",
    "an error body of type application/json": "errors are not of type application/json",
    "an error object": "error bodies are no error objects",
    "a first message with a text": "the first message of an error says nothing",
    "data as an object": "the data of an error is no object",
    "an error_type": "errors have no error_type",
    "one of the documented error types": "errors name a type that no document has",
    "an object with type and value, the error object": "errors under /rest are not wrapped in type and value",
    "params as documented": "the params of an error's messages are not as documented",
    "an error_type that is a text": "the error_type of an error is no text",
}
"""What was expected of the body of an error -> what its absence is called."""

_CLAUSES: Final[Mapping[str, str]] = {
    "create.ignored-members": "create uses members that are not its own",
    "create.invisible-until-complete": "content shows before the session is completed",
    "create.lease": "a download link does not work as long as its session",
    "create.visible-once-completed": "content does not show once the session is completed",
    "create.warning-behavior": "create drops the warning_behavior that it is given",
    "expiry.default-five-minutes": "a new session does not live for five minutes",
    "expiry.ended-session-deleted": "a completed session is never deleted",
    "expiry.ends-promptly": "sessions end long after their expiration_time",
    "expiry.never-moves-back": "expiration_time moves back",
    "expiry.not-before-expiration-time": "sessions end before their expiration_time",
    "expiry.timeout-configurable": "a new session does not live for the configured timeout",
    "keep-alive.changes-nothing-else": "keep-alive changes more than expiration_time and client_progress",
    "keep-alive.extends-by-timeout": "keep-alive does not extend expiration_time by the session timeout",
    "keep-alive.extends-expiration": "keep-alive does not extend expiration_time",
    "keep-alive.only-named-session": "keep-alive of one session changes another one",
    "keep-alive.outlives-timeout": "a session that is kept alive ends all the same",
    "keep-alive.progress-never-goes-down": "client_progress goes down",
    "keep-alive.refused-changes-nothing": "a refused keep-alive changes the session",
    "keep-alive.stores-progress": "keep-alive does not store the progress",
    "keep-alive.unspecified-progress-unchanged": "keep-alive without a progress changes client_progress",
    "life-cycle.cancel": "cancel does not cancel",
    "life-cycle.complete": "complete does not complete",
    "life-cycle.fail": "fail does not fail the session",
    "life-cycle.only-named-session": "a call on one session changes another one",
    "model.reads-change-nothing": "reading changes the session",
    "update.changes-nothing-else": "update changes more than warning_behavior and expiration_time",
    "update.warning-behavior-takes-effect": "update does not set the warning_behavior that it is given",
}
"""Clause -> what a server does that breaks it, where no status or error tells."""


def sentence(lead: Complaint, members: Sequence[Complaint]) -> str:
    """What the server does wrong, in a few words."""
    told = _told(lead, members)
    return told if len(told) <= LONGEST else f"{told[: LONGEST - 1]}…"


def _told(lead: Complaint, members: Sequence[Complaint]) -> str:
    kind, *more = symptom(lead)
    if more == ["missing"]:
        return f"a session shows no {kind}"
    answer = lead.answer
    status = "" if answer is None else str(answer.status)
    what = _operations([one for one in members if symptom(one)[0] == kind])
    said = f" ({answer.said})" if answer is not None and answer.said else ""
    expected, observed = short(lead.expected), short(lead.observed)
    if lead.is_blocked:
        return f"not judged: expected {expected}, observed {observed}" if expected else f"not judged: {observed}"
    if kind == "body" or lead.expected in _BODIES:
        return _BODIES.get(lead.expected, f"error bodies: expected {expected}, observed {observed}")
    does, are = ("", "are") if " and " in what else ("s", "is")
    sentences = {
        "crash": f"{what} fail{does} with {status}{said}",
        "type": f"errors of {what} are of a wrong type: expected {expected}, observed {observed}",
        "silence": f"{what} {are} not answered",
        "accepts": f"{what} succeed{does} with {status} where {expected} is due",
        "answers": f"{what} answer{does} {status} where {expected} is due",
        "refuses": f"{what} {are} refused with {status}{said}",
        "refuses otherwise": f"{what} {are} refused with {status} where {expected} is due",
    }
    return sentences.get(kind) or _CLAUSES.get(lead.clause, f"expected {expected}, observed {observed}")


def short(text: str, limit: int = 70) -> str:
    """The beginning of a text, cut between words."""
    if len(text) <= limit:
        return text
    cut = text[:limit].rsplit(" ", 1)[0].rstrip(",;:")
    return f"{cut}…"


def _operations(complaints: Sequence[Complaint]) -> str:
    names = list(dict.fromkeys(one.answer.operation or "a request" for one in complaints if one.answer is not None))
    if not names:
        return "a request"
    more = len(names) - _MOST_OPERATIONS
    told = names[:_MOST_OPERATIONS] if more > 0 else names[:-1]
    last = f"{more} more" if more > 0 else names[-1]
    return f"{', '.join(told)} and {last}" if told else last
