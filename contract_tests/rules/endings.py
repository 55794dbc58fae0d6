"""The rules of what ends a session: complete, cancel, fail and delete, whatever was sent with it."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final

from contract_tests.contract import Service
from contract_tests.contract.dialects import Op
from contract_tests.problems import PremiseFailed
from contract_tests.rules import defects
from contract_tests.rules.checks import (
    gone,
    progress_is,
    read,
    returns_nothing,
    succeeds,
    unchanged,
)
from contract_tests.rules.checks.endings import says_why
from contract_tests.rules.checks.patches import in_state
from contract_tests.rules.defects import Defect, judged
from contract_tests.rules.requests import ParsedRequest
from contract_tests.rules.steps import Standing, Step

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contract_tests.rules.checks.flaw import Flaws
    from contract_tests.traffic.exchange import Exchange


def of_delete(step: Step) -> Iterator[tuple[str, Flaws]]:
    """A deletion: an ACTIVE update session is safe from it, everything else goes."""
    if not ParsedRequest.of(step.exchange).only_asks():
        return
    exchange, service = step.exchange, step.cell.service
    if step.standing in (Standing.UNKNOWN, Standing.DELETED):
        yield from judged(step, [*defects.general(step), defects.UNKNOWN_ID.under("life-cycle.unknown-id")])
    elif service is Service.UPDATE and step.is_on_an_active_session:
        assert step.before is not None
        assert step.after is not None
        yield from judged(step, [*defects.general(step), defects.ACTIVE_UPDATE])
        yield defects.ACTIVE_UPDATE.clause or "", unchanged(step.before, step.after, "expiration_time")
    elif step.after is not None and _goes_when_deleted(step):
        # A session whose time is over may be gone already: the documents do not say when it is deleted.
        was_gone = step.standing is Standing.EXPIRED and not gone(exchange)
        deleted = [] if was_gone else _succeeds_without_data(step)
        clause = f"life-cycle.delete-{'ended' if service is Service.UPDATE else 'download-session'}"
        yield clause, [*deleted, *gone(step.after)]


def _succeeds_without_data(step: Step) -> Flaws:
    return [*succeeds(step.exchange), *(returns_nothing(step.exchange) if step.succeeded else ())]


def _goes_when_deleted(step: Step) -> bool:
    if step.standing is Standing.ACTIVE:
        return step.cell.service is Service.DOWNLOAD and not step.may_have_ended
    return step.standing in {Standing.ENDED, Standing.EXPIRED}


def of_end(step: Step) -> Iterator[tuple[str, Flaws]]:
    """Complete, cancel or fail: of a session that is ACTIVE; whether it has what it takes, the scenarios see to."""
    found = [*defects.general(step), *_defects_of_end(step)]
    yield from judged(step, found)
    before, after = step.before, step.after
    if before is None or after is None:
        return
    is_active = step.is_on_an_active_session
    if step.op is Op.COMPLETE and step.succeeded and (told := returns_nothing(step.exchange)):
        yield "life-cycle.complete", told
    if not step.succeeded and len(found) == 1 and found[0].clause and (is_active or step.standing is Standing.ENDED):
        # A refusal that has an effect is none.
        yield found[0].clause, unchanged(before, after, "expiration_time")
    if step.op in _ENDS and is_active and (not found or (step.succeeded and found == [defects.EMPTY_MESSAGE])):
        yield from (_cancelled if step.op is Op.CANCEL else _failed)(step, after)
    if is_active and step.succeeded:
        yield from progress_stays(before, after)


def progress_stays(before: Exchange, after: Exchange) -> Iterator[tuple[str, Flaws]]:
    """What no keep-alive lies between leaves the progress; nothing is said where one of the reads shows none."""
    with suppress(PremiseFailed):
        current, now = read(before).shown_progress, read(after).shown_progress
        if current is not None and now is not None:
            yield "model.progress-is-the-clients", progress_is(after, current)


_ENDS: Final = (Op.CANCEL, Op.FAIL)


def _cancelled(step: Step, after: Exchange) -> Iterator[tuple[str, Flaws]]:
    yield "life-cycle.cancel", [*_succeeds_without_data(step), *in_state(after, "CANCELED")]


def _failed(step: Step, after: Exchange) -> Iterator[tuple[str, Flaws]]:
    yield "life-cycle.fail", _succeeds_without_data(step)
    if step.succeeded:
        told = says_why(after) if not list(_defects_of_end(step)) else []
        yield "life-cycle.fail-shows-error", [*in_state(after, "ERROR"), *told]


def _defects_of_end(step: Step) -> Iterator[Defect]:
    yield from defects.of_session(step, ended="life-cycle.only-active", unknown="life-cycle.unknown-id")
    if step.op is Op.FAIL:
        yield from _defects_of_message(ParsedRequest.of(step.exchange))


def _defects_of_message(request: ParsedRequest) -> Iterator[Defect]:
    said = request.value.get("client_error_message") if isinstance(request.value, dict) else None
    if said is None:
        yield defects.NO_MESSAGE
    elif said == "":
        yield defects.EMPTY_MESSAGE
    if request.media == "":
        return
    if (
        request.media != "json"
        or not isinstance(request.value, dict)
        or (said is not None and not isinstance(said, str))
    ):
        yield defects.ODD_SPECIFICATION
