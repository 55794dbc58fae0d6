"""Causes: flaws and blocked cells that look like one fault of the server, put together by rules that can be told.

Two flaws belong together

- if they break the same clause; what holds for every error is one clause for each thing that may be wrong with it;
- if they are the same part of the same answer: its status, the body of an error, or a member of this name;
- if they have the same symptom;
- if the one follows from the other, by the table `FOLLOWS`, in the same cell.

Then crashes that no other clause tells apart are one cause for each status, and a wrong body of errors that was seen
only in answers that are wrong already belongs to those. A blocked cell joins the flaw on whose exchange it stopped, or
one that looks like what it stopped at, or one that its own test found; else, if its premise failed, the cause of a
gating clause that reaches farthest in its cell. What was not so much as answered is a cause of its own.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from contract_tests.contract import Level
from contract_tests.judging.judge import NO_SERVER_ERROR
from contract_tests.judging.symptoms import aspect, is_about_error_body, symptom
from contract_tests.judging.wording import sentence

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence

    from contract_tests.judging.symptoms import Complaint

_ALIVE: Final = ("keep-alive.extends-expiration", "keep-alive.extends-by-timeout", "keep-alive.outlives-timeout")
_ERROR: Final = ("errors.body",)
FOLLOWS: Final[Mapping[str, tuple[str, ...]]] = {
    "addressing.api-download-keep-alive": _ALIVE,
    "addressing.api-update-keep-alive": _ALIVE,
    "addressing.rest-download-keep-alive": _ALIVE,
    "addressing.rest-update-keep-alive": _ALIVE,
    "addressing.update": ("update.warning-behavior-takes-effect",),
    "authentication.error-body": ("authentication.token-required", "authentication.unknown-token"),
    "create.invisible-until-complete": ("life-cycle.complete",),
    "create.warning-behavior": ("life-cycle.complete",),
    "create.lease": ("expiry.not-before-expiration-time", *_ALIVE),
    "create.visible-once-completed": ("life-cycle.complete", "expiry.not-before-expiration-time", *_ALIVE),
    "errors.data": _ERROR,
    "errors.disputed-type-fits-status": _ERROR,
    "errors.first-message": _ERROR,
    "errors.known-type": _ERROR,
    "errors.localized": _ERROR,
    "errors.message-members": _ERROR,
    "errors.params": _ERROR,
    "errors.type-fits-status": _ERROR,
    "errors.type-present": _ERROR,
    "errors.undisputed-type-fits-status": _ERROR,
    "expiry.download-session-deleted": ("expiry.download-session-ends",),
    "expiry.ended-session-deleted": ("life-cycle.complete",),
    "expiry.never-moves-back": _ALIVE[:1],
    "expiry.not-before-expiration-time": ("keep-alive.no-body",),
    "keep-alive.extends-by-timeout": (*_ALIVE[:1], "keep-alive.no-body"),
    "keep-alive.extends-expiration": ("keep-alive.no-body",),
    "keep-alive.outlives-timeout": (*_ALIVE[:2], "keep-alive.no-body"),
    "keep-alive.progress-never-goes-down": ("model.initial-progress", "model.progress-is-the-clients"),
    "keep-alive.returns-nothing": ("keep-alive.no-body",),
    "keep-alive.progress-member-name": ("keep-alive.stores-progress",),
    "life-cycle.fail-shows-error": ("life-cycle.fail", "model.error-message"),
    "model.list-filter": ("model.list",),
    "model.no-id": ("model.id-matches",),
    "update.empty-object": ("update.missing-is-unchanged",),
    "update.list-replaced": ("update.warning-behavior-takes-effect",),
    "update.missing-is-unchanged": ("update.warning-behavior-takes-effect", "life-cycle.complete"),
    "update.raised-warning-fails-complete": ("update.warning-behavior-takes-effect", "life-cycle.complete"),
}
"""Clause -> clauses that have to hold before it can: where one of them is broken too, that is why."""

_LEVELS: Final = tuple(Level)


@dataclass(frozen=True)
class Cause:
    """What looks like one fault: a sentence, the complaint that shows it best, and all complaints.

    `number` says for each complaint its place among those that were given.
    """

    says: str
    lead: Complaint
    complaints: tuple[Complaint, ...] = field(repr=False)
    numbers: tuple[int, ...] = field(repr=False)

    @property
    def level(self) -> Level:
        """The highest level of what is broken; of what is blocked, if nothing is."""
        return min((one.level for one in self.broken or self.complaints), key=_LEVELS.index)

    @property
    def broken(self) -> tuple[Complaint, ...]:
        return tuple(one for one in self.complaints if not one.is_blocked)

    @property
    def reach(self) -> int:
        """How many cells it breaks or blocks."""
        return len({one.place for one in self.complaints})


def causes(complaints: Sequence[Complaint]) -> list[Cause]:
    """The causes of what was found, the highest level first, then what reaches farthest.

    Each complaint is in exactly one. The same complaints in the same order give the same causes.
    """
    groups = _Groups(complaints)
    groups.join_by_tokens()
    groups.join_crashes()
    groups.join_bodies()
    groups.join_blocked()
    found = [_cause(complaints, numbers) for numbers in groups.numbers()]
    return sorted(found, key=lambda cause: (_LEVELS.index(cause.level), -cause.reach, cause.numbers[0]))


def _cause(complaints: Sequence[Complaint], numbers: Sequence[int]) -> Cause:
    members = tuple(complaints[number] for number in numbers)
    lead = _lead(members)
    return Cause(sentence(lead, members), lead, members, tuple(numbers))


def _lead(members: Sequence[Complaint]) -> Complaint:
    """The complaint that shows the cause best: of its highest and most often broken clause, by hand, the smallest."""
    broken = [one for one in members if not one.is_blocked] or list(members)
    reach: dict[str, set[str]] = defaultdict(set)
    for one in broken:
        reach[one.clause].add(one.cell)
    follows = {one.clause for one in broken if any(premise in reach for premise in FOLLOWS.get(one.clause, ()))}
    order = {clause: place for place, clause in enumerate(reach)}

    def rank(one: Complaint) -> tuple[object, ...]:
        return (
            is_about_error_body(one.clause),
            _LEVELS.index(one.level),
            one.clause in follows,
            one.clause == NO_SERVER_ERROR,
            not one.clause.startswith("model.") and symptom(one)[-1] == "missing",
            -len(reach[one.clause]),
            order[one.clause],
            "/scenarios/" not in one.tests[0] if one.tests else True,
            one.answer.size if one.answer else 0,
        )

    return min(broken, key=rank)


class _Groups:
    """Findings by number, and what they are joined by: a union-find over complaints and tokens."""

    def __init__(self, complaints: Sequence[Complaint]) -> None:
        self._complaints = complaints
        self._parents: dict[Hashable, Hashable] = {}
        self._broken = [number for number, one in enumerate(complaints) if not one.is_blocked]

    def numbers(self) -> list[list[int]]:
        return list(self._by_root(range(len(self._complaints))).values())

    def join_by_tokens(self) -> None:
        broken = {self._complaints[number].place for number in self._broken}
        for number in self._broken:
            for token in _tokens(self._complaints[number], broken):
                self._join(number, token)

    def join_crashes(self) -> None:
        """Those that no other clause tells apart are one for each status."""
        for numbers in self._by_root(self._broken).values():
            found = [self._complaints[number] for number in numbers]
            if all(one.clause == NO_SERVER_ERROR for one in found):
                answer = found[0].answer
                self._join(numbers[0], ("crash", answer and answer.status))

    def join_bodies(self) -> None:
        """A wrong body that was seen only in answers that are wrong themselves is no cause of its own."""
        groups = self._by_root(self._broken)
        wrong = {root: self._exchanges(numbers, {"answer"}) for root, numbers in groups.items()}
        for root, numbers in groups.items():
            if all(is_about_error_body(self._complaints[number].clause) for number in numbers):
                seen = self._exchanges(numbers, {"body", "type"})
                host = next((other for other in groups if other != root and seen <= wrong[other]), None)
                if host is not None:
                    self._join(numbers[0], host)

    def join_blocked(self) -> None:
        at: dict[Hashable, int] = {}
        for number in reversed(self._broken):  # so that the first one stands there in the end
            at |= dict.fromkeys(_meeting_points(self._complaints[number]), number)
        suspects = self._suspects()
        for number, one in enumerate(self._complaints):
            if one.is_blocked:
                met = next((at[key] for key in _meeting_points(one) if key in at), None)
                if met is None and one.has_premise and symptom(one)[0] != "silence":
                    met = suspects.get(one.cell)
                self._join(number, ("blocked", *symptom(one)) if met is None else met)

    def _suspects(self) -> dict[str, int]:
        """A complaint of the cause that reaches farthest, of those of gating clauses, by cell."""
        found: dict[str, int] = {}
        for numbers in sorted(self._by_root(self._broken).values(), key=self._reach):
            gating = [number for number in numbers if self._complaints[number].level is not Level.ADVISORY]
            found |= {self._complaints[number].cell: number for number in reversed(gating)}
        return found

    def _reach(self, numbers: Iterable[int]) -> int:
        return len({self._complaints[number].place for number in numbers})

    def _exchanges(self, numbers: Iterable[int], parts: set[str]) -> set[str]:
        found = (self._complaints[number] for number in numbers)
        return {answer.exchange for one in found if aspect(one) in parts for answer in one.answers}

    def _by_root(self, numbers: Iterable[int]) -> dict[Hashable, list[int]]:
        groups: dict[Hashable, list[int]] = {}
        for number in numbers:
            groups.setdefault(self._root(number), []).append(number)
        return groups

    def _root(self, node: Hashable) -> Hashable:
        while (parent := self._parents.setdefault(node, node)) != node:
            node = parent
        return node

    def _join(self, one: Hashable, other: Hashable) -> None:
        self._parents[self._root(one)] = self._root(other)


def _tokens(complaint: Complaint, broken: set[tuple[str, str]]) -> Iterator[Hashable]:
    """What a flaw shares with others of its cause."""
    part = aspect(complaint)
    yield ("symptom", *symptom(complaint))
    if part != "other":
        yield from (("exchange", answer.exchange, part) for answer in complaint.answers)
    if not is_about_error_body(complaint.clause) and complaint.clause != NO_SERVER_ERROR:
        yield ("clause", complaint.clause)
        for premise in FOLLOWS.get(complaint.clause, ()):
            if (premise, complaint.cell) in broken:
                yield ("clause", premise)


def _meeting_points(complaint: Complaint) -> Iterator[Hashable]:
    """Where a blocked cell may meet a flaw, the best place first."""
    part = aspect(complaint)
    yield from ((answer.exchange, part) for answer in complaint.answers)
    yield from (answer.exchange for answer in complaint.answers)
    yield ("symptom", *symptom(complaint))
    if part not in {"answer", "body", "type", "other"}:
        yield ("part", part, complaint.cell)
    yield from (("premise", premise, complaint.cell) for premise in _premises(complaint))
    yield from (("test", test) for test in complaint.tests)


def _premises(complaint: Complaint) -> tuple[str, ...]:
    return FOLLOWS.get(complaint.clause, ()) if complaint.is_blocked else (complaint.clause,)
