"""From what a campaign found to what one test says of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contract_tests.contract import load_ledger
from contract_tests.contract.dialects import Op
from contract_tests.fuzz.campaigns.operations import operations
from contract_tests.problems import NotTested, PremiseFailed
from contract_tests.rules.checks.flaw import Judged, shown
from contract_tests.rules.oracle import DECIDES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contract_tests.driver import Recorder
    from contract_tests.fuzz.campaigns.campaign import Campaign
    from contract_tests.fuzz.campaigns.findings import Ruling
    from contract_tests.fuzz.campaigns.operations import DocumentedOperation
    from contract_tests.judging import Judge


def slugs(operation: DocumentedOperation) -> list[str]:
    """The clauses that a campaign decides on an operation, each a test of its own."""
    ledger = load_ledger()
    decided = dict.fromkeys(slug for op in operation.ops for slug in DECIDES[op])
    return [slug for slug in decided if operation.cell in ledger[slug].cells]


def judge_one(campaign: Campaign, operation: str, slug: str, judge: Judge, recorder: Recorder) -> None:
    """Say what a campaign found about one clause on one operation, with the exchanges that show it.

    The first test of an operation also tells what it breaks of clauses that have no test there.

    Raises:
        PremiseFailed: the campaign ended early, or never saw the operation succeed: what else it saw proves little.
        NotTested: no case of this campaign was about the clause, or the server is of a version without the operation.
    """
    if slug == slugs(operations(campaign.dialect)[operation])[0]:
        for name, aside in _of_clauses(campaign, operation):
            _show(aside, recorder)
            judge.aside(name, Judged(aside.flaws, [flaw.exchange for flaw in aside.flaws]))
    ruling = campaign.findings.rulings.get((operation, slug))
    if ruling is not None and ruling.broken is not None:
        _show(ruling, recorder)
        judge(slug, Judged(ruling.flaws, [ruling.broken.exchange]))
        return
    if campaign.premise is not None:
        raise campaign.premise
    wanted = operations(campaign.dialect)[operation].ops[0]
    if not campaign.findings.successes[operation, wanted]:
        if wanted is Op.UPDATE and (other := judge.other_version(load_ledger()["addressing.update"])):
            raise NotTested(f"{operation} is no operation of this server: {other}")
        tried = campaign.findings.sent[operation]
        raise PremiseFailed(f"the documented success of {operation} at least once", f"none in {tried} requests")
    if ruling is None:
        raise NotTested(f"no case of this campaign decides it for {operation}; a larger --fuzz-examples may")
    for sent in ruling.samples:
        for exchange in sent.history:
            recorder.show(exchange)
    judge(slug, Judged([], [sent.exchange for sent in ruling.samples]))


def unclaimed_text(campaign: Campaign) -> str:
    """What was found, or went wrong, that no test of an operation and clause tells; empty if there is nothing."""
    lines = [f"could not be tried: {mishap}" for mishap in campaign.mishaps]
    for (operation, name), ruling in campaign.findings.unclaimed.items():
        if ruling.broken is None or _is_of_a_clause(campaign, operation, name):
            continue
        lines += [f"{operation}: {name}, in {ruling.against} of {campaign.findings.sent[operation]} requests"]
        for flaw in ruling.flaws:
            lines += [f"  expected  {flaw.expected}", f"  observed  {flaw.observed}"]
        for exchange in ruling.broken.history:
            lines += [f"  {exchange.request.as_curl()}", f"  → {shown(exchange, limit=400)}"]
    return "\n".join(lines)


def _show(ruling: Ruling, recorder: Recorder) -> None:
    for exchange in ruling.broken.history if ruling.broken else ():
        recorder.show(exchange)


def _of_clauses(campaign: Campaign, operation: str) -> Iterator[tuple[str, Ruling]]:
    """What a campaign holds against an operation by clauses that it has no tests for there."""
    for (where, name), ruling in campaign.findings.unclaimed.items():
        if where == operation and ruling.broken is not None and _is_of_a_clause(campaign, operation, name):
            yield name, ruling


def _is_of_a_clause(campaign: Campaign, operation: str, name: str) -> bool:
    ledger = load_ledger()
    return name in ledger and operations(campaign.dialect)[operation].cell in ledger[name].cells
