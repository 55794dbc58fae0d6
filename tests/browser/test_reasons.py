"""What is excused and what was not decided is told by the reason, with a count, and what to do about it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from contract_tests.judging import Verdict
from tests.unit.reporting.sample import KNOWN

if TYPE_CHECKING:
    from playwright.sync_api import Locator

    from contract_tests.reporting.format import Conformance

    from .visits import Visits


def addresses(report: Conformance, *verdicts: str) -> set[str]:
    """The clauses with a cell of such a verdict."""
    return {clause.id for clause in report.clauses for cell in clause.cells if cell.verdict in verdicts}


def linked(part: Locator) -> set[str]:
    links = part.locator("a").evaluate_all("all => all.map((one) => one.hash)")
    return {link.removeprefix("#clause-").partition("/")[0] for link in links}


def test_what_deviates_is_told_by_the_reason_that_excuses_it(visits: Visits, html: str, report: Conformance) -> None:
    broken = visits.open(html).locator("section[aria-labelledby=broken]")
    (told,) = broken.locator("li.v-deviates").all()
    count = report.totals[Verdict.DEVIATES]
    expect(told.locator("p").first).to_have_text(
        f"≈ deviates {count} cells: known of this target: {KNOWN} (until 2027-01-31)"
    )
    expect(told.locator("dd")).to_have_text(["status 204, an empty body", "status 200, with the body {}"])
    assert linked(told) == addresses(report, "deviates")
    (row,) = broken.locator("table tbody tr").all()
    expect(row).to_contain_text(KNOWN)
    assert linked(row) == {slug for one in report.deviations for slug in one.clauses}


def test_what_was_not_decided_is_told_once_a_reason(visits: Visits, html: str, report: Conformance) -> None:
    page = visits.open(html)
    told: Counter[str] = Counter()
    lines = page.locator(".reasons > li")
    for line in lines.all():
        verdict, _, rest = line.locator("summary").inner_text().partition(" cell")[0].rpartition(" ")
        told[verdict[2:]] += int(rest)
        expect(line.locator(".advice")).to_be_visible()
        expect(line.locator("ul")).to_be_hidden()
    undecided = (Verdict.BLOCKED, Verdict.INCONCLUSIVE, Verdict.NOT_TESTED)
    assert told == {verdict: report.totals[verdict] for verdict in undecided}
    assert linked(page.locator(".reasons")) == addresses(report, *told)
    summaries = lines.locator("summary").all_inner_texts()
    blocking = [cause for cause in report.causes if cause.blocked]
    assert len(summaries) == len(set(summaries)) == len(blocking) + 2
