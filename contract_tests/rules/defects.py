"""Defects of a request: what may be wrong with it, as data, each with the refusals that it allows.

A request with several defects may be refused for any of them, so the allowed answers are the union. A clause about a
defect is decided only by a request whose only defect it is, or by an answer that no defect of the request allows.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from contract_tests.rules import refusals
from contract_tests.rules.checks.flaw import Flaw, shown
from contract_tests.rules.refusals import Refusals, flaws_of, union
from contract_tests.rules.steps import Standing

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from contract_tests.rules.checks.flaw import Flaws
    from contract_tests.rules.steps import Step


@dataclass(frozen=True)
class Defect:
    """One thing that is wrong with a request, or that a server may take for wrong.

    `clause` is the slug that says what comes of it; None if no clause is about it. A request `must` be refused for it,
    or may also be accepted.
    """

    name: str
    refusals: Refusals
    clause: str | None = None
    must: bool = True

    def under(self, clause: str | None) -> Defect:
        """The same defect where another clause is about it."""
        return replace(self, clause=clause)

    @property
    def as_excuse(self) -> Defect:
        """The same defect, where something else is wrong first: it may be told, and need not be."""
        return replace(self, clause=None, must=False)


def _may(name: str, allowed: Refusals, clause: str | None = None) -> Defect:
    return Defect(name, allowed, clause, must=False)


# of any request

NO_TOKEN: Final = Defect("no session token", refusals.UNAUTHENTICATED, "authentication.token-required")
ODD_ON_PURPOSE: Final = _may("a part that was made wrong on purpose", refusals.ANY)
MORE_PARAMETERS: Final = _may("a query parameter that no document has", refusals.ANY)
UNDOCUMENTED_MEDIA: Final = _may("a media type that no document has", refusals.ANY)
UNKNOWN_ADDRESS: Final = _may("an address that only the pages of 6.0 have", refusals.LEGACY)

# of its action

UNKNOWN_ACTION: Final = Defect("an action that no document names", refusals.NO_ACTION, "addressing.unknown-action")
MISSING_ACTION: Final = Defect("no action", refusals.ANY, "addressing.missing-action")
OTHER_ACTION: Final = _may("an action that the documents leave open", refusals.ANY)

# of the session that it names; the clause depends on the operation

ENDED: Final = Defect("a session that has ended", refusals.NOT_ACTIVE)
EXPIRED: Final = Defect("a session whose time is over", refusals.EXPIRED)
UNKNOWN_ID: Final = Defect("an id that no session has", refusals.UNKNOWN)
ACTIVE_UPDATE: Final = Defect("an ACTIVE update session", refusals.NOT_ACTIVE, "life-cycle.delete-active-refused")
"""To delete: it has to be ended first."""

# of the body of a keep-alive

MALFORMED: Final = Defect("a body that is no JSON", refusals.BAD_BODY, "keep-alive.malformed-json")
NULL: Final = _may("null as the body", refusals.BAD_BODY, "keep-alive.not-an-object")
NO_OBJECT: Final = Defect("a body that is no object", refusals.BAD_BODY, "keep-alive.not-an-object")
LEGACY_FORM: Final = _may("a body in a form of 6.0", refusals.LEGACY, "keep-alive.legacy-representations")
BY_BODY: Final = _may("the id in the body, as in 6.0", refusals.LEGACY, "addressing.id-in-body")
UNKNOWN_MEMBER: Final = _may("a member that no document names", refusals.ANY)
OTHER_SERVICES_MEMBER: Final = _may(
    "the progress member of the other service", refusals.BAD_PROGRESS, "keep-alive.other-service-member"
)
NOT_AN_INTEGER: Final = Defect("a progress that is no integer", refusals.ANY, "keep-alive.progress-not-an-integer")
BEYOND_INT64: Final = Defect("a progress that 64 bits do not hold", refusals.ANY, "keep-alive.progress-beyond-int64")
OTHER_SPELLING: Final = _may("480.0 or a text that spells a number as the progress", refusals.ANY)
NEGATIVE: Final = _may("a negative progress", refusals.BAD_PROGRESS, "keep-alive.negative-progress")
ABOVE_100: Final = _may("a progress above 100", refusals.BAD_PROGRESS, "keep-alive.above-100")
LOWER: Final = _may("a progress that is lower than the current one", refusals.BAD_STEP, "keep-alive.lower-progress")
EQUAL: Final = _may("a progress that is equal to the current one", refusals.BAD_STEP, "keep-alive.equal-progress")
UNKNOWN_CURRENT: Final = _may("a progress that may be lower than the current one", refusals.ANY)

# of the specification of an update

INVALID_SPECIFICATION: Final = Defect(
    "a specification that is invalid", refusals.INVALID, "update.invalid-specification"
)
NO_LIST: Final = Defect(
    "a list of warnings that is no list of objects", refusals.INVALID, "update.list-of-a-wrong-type"
)
UNUSED_MEMBER: Final = _may("a member that an update does not use", refusals.BAD, "update.other-members-unchanged")
UNKNOWN_WARNING: Final = _may("an unknown type of warning", refusals.BAD, "update.unknown-warning-type")
NO_SPECIFICATION: Final = _may("no specification", refusals.BAD, "update.no-body")
NULL_SPECIFICATION: Final = _may("null as the specification", refusals.BAD, "update.not-an-object")
NO_OBJECT_AS_SPECIFICATION: Final = Defect("a specification that is no object", refusals.ANY, "update.not-an-object")
UNREADABLE_SPECIFICATION: Final = _may("no specification that can be found in the body", refusals.ANY)
AMBIGUOUS_LIST: Final = _may("a list with a type twice, or with entries that have members of their own", refusals.ANY)
NULL_LIST: Final = _may("null as the list of warnings", refusals.BAD)

# of the specification of a creation

NO_ITEM: Final = Defect("no library item", refusals.INVALID, "create.missing-item-id")
UNKNOWN_ITEM: Final = Defect("an item that does not exist", refusals.UNKNOWN, "create.unknown-item")
ODD_ITEM: Final = _may("an item id that is none", refusals.BAD)
BUSY_ITEM: Final = Defect("an item that has an ACTIVE session", refusals.BUSY, "create.second-active-session")
UNUSED_BY_CREATE: Final = _may("a member that creation does not use", refusals.BAD, "create.ignored-members")
ODD_SPECIFICATION: Final = _may("a specification with more than a document names, or that is not whole", refusals.ANY)
EMPTY_CLIENT_TOKEN: Final = _may("an empty client token", refusals.ANY)
NO_UUID: Final = Defect("a client token that is no UUID", refusals.INVALID, "create.client-token-no-uuid")

# of an end

EMPTY_MESSAGE: Final = _may("an empty message from the client", refusals.BAD, "life-cycle.fail")
NO_MESSAGE: Final = Defect("no message from the client", refusals.BAD, "life-cycle.fail-needs-message")


def general(step: Step) -> Iterator[Defect]:
    """What may be wrong with a request whatever it asks for."""
    if step.wrong & {"header", "path", "unknown"}:
        yield ODD_ON_PURPOSE


def of_session(
    step: Step, *, ended: str, unknown: str, expired: str | None = None, deleted: str | None = None
) -> Iterator[Defect]:
    """What may be wrong with the session that a call names, under the clauses about it.

    `expired` is `ended`, and `deleted` is `unknown`, unless a clause of its own is about it.
    """
    if step.standing is Standing.ENDED:
        yield ENDED.under(ended)
    elif step.standing is Standing.EXPIRED:
        yield EXPIRED.under(expired or ended)
    elif step.standing is Standing.UNKNOWN:
        yield UNKNOWN_ID.under(unknown)
    elif step.standing is Standing.DELETED:
        yield UNKNOWN_ID.under(deleted or unknown)
    elif step.standing is Standing.ACTIVE and step.may_have_ended:
        yield EXPIRED.as_excuse


def judged(step: Step, defects: Sequence[Defect]) -> Iterator[tuple[str, Flaws]]:
    """What the defects of a request make of its answer: each clause that this decides, with its flaws.

    Nothing is said where there is no defect: which success is due then, the operation's own rules say.
    """
    allowed = union(defect.refusals for defect in defects)
    musts = [defect.clause for defect in defects if defect.must and defect.clause]
    only = defects[0].clause if len(defects) == 1 else None
    if step.succeeded:
        for clause in musts:
            yield clause, [Flaw(str(allowed), shown(step.exchange), step.exchange)]
        if only and not musts:
            yield only, []  # which success is due, the operation's own rules say
        return
    if not defects:
        return
    wrong = flaws_of(step.exchange, allowed, or_success=not musts)
    if not wrong:
        if only:
            yield only, []
        return
    for clause in musts or [defect.clause for defect in defects if defect.clause]:
        yield clause, wrong
