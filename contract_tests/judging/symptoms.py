"""Symptoms: what is wrong with an answer, in words that all flaws of one fault share.

Ids, times, numbers and what stands in quotes or brackets are taken out of what was expected and observed. What is left
of it, with the status and the message of the answer, or the name of the member that is wrong, is the symptom.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from contract_tests.judging.judge import NO_SERVER_ERROR

if TYPE_CHECKING:
    from contract_tests.contract import Level

ID: Final = re.compile(r"(?<![\w:-])(?=[\w:-]*\d)[\w:-]{16,}")
"""What nobody would write: a long word with a digit in it."""
TIME: Final = re.compile(r"\d{4}-\d\d-\d\d[T ][\d:.]+(?:Z|[+-]\d\d:\d\d)?")
_SERVICE: Final = re.compile(r"\b(?:update|download)\b")
_QUOTED: Final = re.compile(r"\[.*\]|\{.*\}|'[^']*'|\"[^\"]*\"")
_NUMBER: Final = re.compile(r"[-+]?\d+(?:\.\d+)?")
_STATUS: Final = re.compile(r"(?:status )?\d{3}(?: with\b|$| )|no answer \(")
_TYPE: Final = re.compile(r"(?:status \d{3} with )?(?:error_)?type '")
_REFUSAL: Final = re.compile(r"(?:status )?4\d\d|500|a 4xx|no success|the documented refusal")
_MISSING: Final = re.compile(r"no (\w+): \d|(?:the whole|/[\w/]+): (\w+) is missing")
_MEMBER: Final = re.compile(
    r"\b(client_progress|expiration_time|state|warning_behavior|preview_info|error_message|library_item_id|"
    r"library_item_content_version|content_version|size|files?|ignored|item)\b"
)


@dataclass(frozen=True)
class ShownAnswer:
    """What is known of an exchange: its id, operation (empty: none of the contract), status, and size in characters.

    `said` is the first message of an error body, as it came; empty if there is none.
    """

    exchange: str
    operation: str
    status: int | None
    said: str
    size: int


@dataclass(frozen=True)
class Complaint:
    """One flaw; or one cell that is blocked, with what its premise expected and observed.

    `tests` are the one that found the flaw, or all that were to decide the blocked cell. `answers` are the exchange
    that shows the flaw, or those that the blocked cell was read from.
    """

    clause: str
    level: Level
    cell: str
    tests: tuple[str, ...]
    expected: str
    observed: str
    answers: tuple[ShownAnswer, ...]
    is_blocked: bool = False
    has_premise: bool = False
    """Whether it is blocked as the server did not do what comes before the clause, and not by silence, say."""
    fails: bool = True
    """Whether the cell fails the run."""

    @property
    def place(self) -> tuple[str, str]:
        return self.clause, self.cell

    @property
    def answer(self) -> ShownAnswer | None:
        return self.answers[0] if self.answers else None


def shape(text: str) -> str:
    """`text` without what differs from one exchange to the next."""
    for pattern, sign in ((TIME, "TIME"), (ID, "ID"), (_SERVICE, "S"), (_QUOTED, "…"), (_NUMBER, "N")):
        text = pattern.sub(sign, text)
    return text


def is_about_error_body(slug: str) -> bool:
    """Whether a clause says how the body of an error looks, whatever was asked."""
    return slug.startswith("errors.") and slug != NO_SERVER_ERROR


def aspect(complaint: Complaint) -> str:
    """Which part of the answer is wrong: the whole, the body of an error, its type, or a member, by its name."""
    if _TYPE.match(complaint.observed):
        return "type"
    if is_about_error_body(complaint.clause):
        return "type" if complaint.clause.endswith(("fits-status", "known-type")) else "body"
    if _STATUS.match(complaint.observed) and not _shows_member(complaint):
        return "answer"
    if missing := _MISSING.match(complaint.observed):
        return missing[1] or missing[2]
    if named := re.match(r"/(\w+)", complaint.observed):
        return named[1]
    found = _MEMBER.search(complaint.expected) or _MEMBER.search(complaint.observed)
    return found[1] if found else "other"


def _shows_member(complaint: Complaint) -> bool:
    """Whether a blocked cell was waiting for a member, or its value, in an answer that is a success by itself."""
    answered = complaint.is_blocked and complaint.answer is not None and (complaint.answer.status or 400) < 400
    return answered and _MEMBER.search(complaint.expected) is not None


def symptom(complaint: Complaint) -> tuple[str, ...]:
    """What is wrong, as a value that is the same for all flaws that look alike."""
    part = aspect(complaint)
    if _MISSING.match(complaint.observed):
        return (part, "missing")
    if part == "type":
        return (part, complaint.clause if is_about_error_body(complaint.clause) else complaint.expected)
    if part == "body":
        return (part, shape(complaint.expected))
    return _of_answer(complaint) if part == "answer" else (part, shape(complaint.expected))


def _of_answer(complaint: Complaint) -> tuple[str, ...]:
    answer = complaint.answer
    if answer is None or answer.status is None:
        return ("silence", answer.operation if answer else shape(complaint.observed))
    status = str(answer.status)
    if answer.status >= 500 or complaint.clause == NO_SERVER_ERROR:
        return ("crash", answer.operation, status, shape(answer.said))
    is_refusal = _REFUSAL.match(complaint.expected) is not None
    if answer.status < 400:
        return (
            ("accepts", answer.operation, complaint.expected) if is_refusal else ("answers", answer.operation, status)
        )
    if is_refusal:
        return ("refuses otherwise", complaint.expected, status)
    return ("refuses", status, shape(answer.said) or answer.operation)
