"""A reference model of one session: what the documents allow it to answer, and to be afterwards.

Pure, and nobody's server: it says for each call which answers are right and what each of them leads to. Where the
documents leave room there are several, and what was answered then decides (openapi/README.md, d-4 to d-16).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from contract_tests.contract import Service
from contract_tests.contract.dialects import Op
from contract_tests.fuzz.histories.known import ACTIVE, CANCELED, DONE, ERROR, EXPIRED, GONE, Known, Warnings, possible
from contract_tests.rules import defects
from contract_tests.rules.keep_alive_defects import BY_BODY
from contract_tests.rules.refusals import BAD, NONE, NOT_ACTIVE, UNKNOWN, Refusals
from contract_tests.rules.refusals import EXPIRED as GONE_OR_NOT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from contract_tests.rules.defects import Defect


class Form(StrEnum):
    """What the body of a call looks like."""

    NOTHING = "no body"
    EMPTY = "{}"
    # of a keep-alive
    NUMBER = "a progress"
    NULL_MEMBER = "a progress of null"
    NULL = "null"
    WITH_FRACTION = "a progress with a fraction of zero"
    DIGITS = "a progress as a string of digits"
    NO_INTEGER = "a progress that is no integer"
    BEYOND_INT64 = "a progress beyond 64 bits"
    OTHER_SERVICES = "the other service's member"
    STRANGER = "a progress and an unknown member"
    NO_OBJECT = "JSON that is no object"
    MALFORMED = "no JSON"
    BY_BODY = "the id in the body"
    XML = "XML"
    FORM = "a form"
    # of an update
    WARNINGS = "a list of warnings"
    NULL_LIST = "null as the list"
    OTHERS = "members that an update does not change"
    UNKNOWN_TYPE = "a type of warning that no document names"
    HALF_VALID = "a right entry and a wrong one"
    WRONG_TYPE = "a list that is none"
    # of a fail
    MESSAGE = "a message"


LEGACY: Final = frozenset({Form.BY_BODY, Form.XML, Form.FORM})
"""The forms of 6.0, under /rest only, which a later server may refuse."""


@dataclass(frozen=True)
class Call:
    """One call that names a session. `progress` and `warnings` are what the body says, where it says so."""

    op: Op
    form: Form = Form.NOTHING
    progress: int = 0
    warnings: Warnings = ()


@dataclass(frozen=True)
class Answer:
    """An answer, as far as a promise is about it: a documented success, or a refusal with the types it names."""

    success: bool
    status: int | None
    types: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Promise:
    """What the documents promise of one call to a session that is as `known`.

    `clause` is the slug that a wrong answer breaks. `success` holds what the session may be after a success; none:
    it must not succeed. `refusals` are the right ways to refuse, after which the session is what it was.
    """

    clause: str
    known: Known
    success: frozenset[Known]
    refusals: Refusals

    def after(self, answer: Answer) -> frozenset[Known]:
        """What the session may be after this answer; nothing if the answer is wrong."""
        if answer.success:
            return self.success
        return frozenset({self.known}) if self.refusals.allow(answer.status, answer.types) else frozenset()

    def __str__(self) -> str:
        return " or ".join(filter(None, ["success" if self.success else "", str(self.refusals)]))


def promises(known: Known, call: Call, at: float, timeout: float) -> list[Promise]:
    """What is promised of the call, for everything that the session may be by now."""
    return [promised(now, call, at, timeout) for now in possible(known, at, timeout)]


def promised(known: Known, call: Call, at: float, timeout: float) -> Promise:
    """What is promised of the call to a session of which the state is known."""
    alive = _of_active(replace(known, state=ACTIVE), call, at, timeout)
    if known.state == ACTIVE:
        return alive
    # Which of two mistakes is told, nobody says: what a body may be refused for, it may be refused for always.
    faulty = alive.refusals
    if call.op is Op.DELETE:
        return _deleted(known)
    clause = BY_BODY if call.op is Op.KEEP_ALIVE_BY_BODY else _CLAUSES[known.state][_KINDS[call.op]]
    if known.state == GONE:
        return Promise(clause, known, frozenset(), UNKNOWN | faulty)
    if known.state == EXPIRED:
        return Promise(clause, known, frozenset(), GONE_OR_NOT | faulty)
    # One that is being completed may be taken for DONE, and be shown ACTIVE the next moment.
    left = replace(known, state=ACTIVE) if known.is_completing else known
    return Promise(clause, left, frozenset(), NOT_ACTIVE | faulty)


_KINDS: Final = {
    Op.KEEP_ALIVE: "keep-alive",
    Op.UPDATE: "update",
    Op.COMPLETE: "end",
    Op.CANCEL: "end",
    Op.FAIL: "end",
}
_ENDED: Final = {
    "keep-alive": "keep-alive.only-active",
    "update": "update.only-active",
    "end": "life-cycle.only-active",
}
_CLAUSES: Final[Mapping[str, Mapping[str, str]]] = {
    **dict.fromkeys((DONE, ERROR, CANCELED), _ENDED),
    EXPIRED: _ENDED | {"keep-alive": "expiry.expired-refuses-keep-alive"},
    GONE: {"keep-alive": "keep-alive.deleted-id", "update": "update.unknown-id", "end": "life-cycle.unknown-id"},
}
"""What a call breaks that is answered wrongly though the session is not ACTIVE."""


def _deleted(known: Known) -> Promise:
    gone = frozenset({replace(known, state=GONE)})
    if known.state == GONE:
        return Promise("life-cycle.unknown-id", known, frozenset(), UNKNOWN)
    # Whether an expired session is still there to be deleted is not said.
    refusals = GONE_OR_NOT if known.state == EXPIRED else NONE
    return Promise(deletion_clause(known.service), known, gone, refusals)


def deletion_clause(service: Service) -> str:
    """The slug that says that a session of this service can be deleted when it has ended."""
    return "life-cycle.delete-ended" if service is Service.UPDATE else "life-cycle.delete-download-session"


def _of_active(known: Known, call: Call, at: float, timeout: float) -> Promise:
    if call.op is Op.FAIL and call.form is not Form.MESSAGE:
        return _of(defects.NO_MESSAGE, known, frozenset())
    if call.op is Op.DELETE and known.service is Service.UPDATE:
        return _of(defects.ACTIVE_UPDATE, known, frozenset())
    if call.op in _ENDS:
        state, clause, refusals = _ENDS[call.op]
        ended = {replace(known, state=state, is_completing=False, touched=at)}
        if call.op is Op.COMPLETE:
            ended.add(replace(known, is_completing=True, touched=at))
        return Promise(clause, known, frozenset(ended), refusals)
    if call.op is Op.UPDATE:
        return _updated(known, call)
    kept = _kept_alive(known, call)
    until = at + timeout
    renewed = (
        replace(one, touched=at, over_by=max(one.over_by, until), lives_until=max(one.lives_until, until))
        for one in kept.success
    )
    return replace(kept, success=frozenset(renewed))


_ENDS: Final[Mapping[Op, tuple[str, str, Refusals]]] = {
    Op.CANCEL: (CANCELED, "life-cycle.cancel", NONE),
    Op.COMPLETE: (DONE, "life-cycle.complete", BAD),  # whether a session without files can be is not said
    Op.FAIL: (ERROR, "life-cycle.fail", NONE),
    Op.DELETE: (GONE, "life-cycle.delete-download-session", NONE),
}
"""Calls that end a session: its state afterwards, the slug, and how they may be refused all the same."""


def _updated(known: Known, call: Call) -> Promise:
    same, to = frozenset({known}), frozenset({replace(known, warnings=call.warnings)})
    # A server that takes what it does not know may show it, or what it makes of it.
    anything = frozenset({replace(known, warnings=None, shows_warnings=False)})
    return {
        Form.WARNINGS: Promise("update.success", known, to, NONE),
        Form.EMPTY: Promise("update.empty-object", known, same, NONE),
        Form.NULL_LIST: _of(defects.NULL_LIST.under("update.missing-is-unchanged"), known, same),
        Form.OTHERS: _of(defects.UNUSED_MEMBER, known, same),
        Form.UNKNOWN_TYPE: _of(defects.UNKNOWN_WARNING, known, anything),
        Form.HALF_VALID: _of(defects.INVALID_SPECIFICATION, known, frozenset()),
        Form.WRONG_TYPE: _of(defects.NO_LIST, known, frozenset()),
    }[call.form]


def _of(defect: Defect, known: Known, success: frozenset[Known]) -> Promise:
    """What is promised where this is all that is wrong with a call; `success` is what may come of it, if it may."""
    assert defect.clause is not None
    return Promise(defect.clause, known, frozenset() if defect.must else success, defect.refusals)


_FIXED: Final[Mapping[Form, Defect]] = {
    Form.NULL: defects.NULL,
    Form.OTHER_SERVICES: defects.OTHER_SERVICES_MEMBER,
    Form.NO_INTEGER: defects.NOT_AN_INTEGER,
    Form.BEYOND_INT64: defects.BEYOND_INT64,
    Form.NO_OBJECT: defects.NO_OBJECT,
    Form.MALFORMED: defects.MALFORMED,
}
"""The forms that are wrong, or may be taken for wrong, whatever progress there is."""

_RIGHT: Final[Mapping[Form, str]] = {
    Form.NOTHING: "keep-alive.no-body",
    Form.EMPTY: "keep-alive.empty-object",
    Form.NULL_MEMBER: "keep-alive.null-progress",
}
"""The forms of a call that is documented to succeed, with the clauses that say so."""


def _kept_alive(known: Known, call: Call) -> Promise:
    same = frozenset({known})
    if call.form in _RIGHT:
        return Promise(_RIGHT[call.form], known, same, NONE)
    if call.form in _FIXED:
        return _of(_FIXED[call.form], known, same)
    taken = _reported(known, call.progress)
    if call.form is Form.NUMBER:
        return taken
    if call.form not in _BESIDE:
        raise ValueError(f"{call.form} is no body of a keep-alive")
    clause, defect = _BESIDE[call.form]
    ignored = same if defect is defects.OTHER_SPELLING else frozenset()
    return replace(
        taken,
        clause=clause or taken.clause,
        success=taken.success | ignored,
        refusals=taken.refusals | defect.refusals,
    )


_BESIDE: Final[Mapping[Form, tuple[str | None, Defect]]] = {
    Form.STRANGER: (None, defects.UNKNOWN_MEMBER),
    **dict.fromkeys((Form.WITH_FRACTION, Form.DIGITS), ("model.progress-range", defects.OTHER_SPELLING)),
    Form.BY_BODY: (BY_BODY, defects.BY_BODY),
    **dict.fromkeys((Form.XML, Form.FORM), ("keep-alive.legacy-representations", defects.LEGACY_FORM)),
}
"""The forms that report a progress, and have something about them that a server may refuse."""


def _reported(known: Known, progress: int) -> Promise:
    """A keep-alive with this progress. One that is not greater need not be refused, but never takes it down."""
    same, current = frozenset({known}), known.progress
    if progress < 0:  # and lower than the current one
        lower = replace(defects.NEGATIVE, refusals=defects.NEGATIVE.refusals | defects.LOWER.refusals)
        return _of(lower, known, same)
    if progress > 100:  # not stored, and no lower than before; a server may take it for 100
        return _of(defects.ABOVE_100, known, frozenset(replace(known, progress=value) for value in (current, 100)))
    if progress < current:
        return _of(defects.LOWER, known, same)
    if progress == current:
        return _of(defects.EQUAL, known, same)
    clause = "keep-alive.accepts-100" if progress == 100 else "keep-alive.stores-progress"
    return Promise(clause, known, frozenset({replace(known, progress=progress)}), NONE)
