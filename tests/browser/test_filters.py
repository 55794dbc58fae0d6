from __future__ import annotations

from itertools import chain, product
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from contract_tests.contract import CELLS, Dialect, Level, Service
from contract_tests.judging import Verdict

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from contract_tests.reporting.format import ClauseRecord, Conformance

    from .visits import Visits

Filters = dict[str, list[str]]

SINGLE: list[Filters] = [
    *({"verdict": [str(verdict)]} for verdict in Verdict),
    *({"level": [str(level)]} for level in Level),
    *({"dialect": [str(dialect)]} for dialect in Dialect),
    *({"service": [str(service)]} for service in Service),
    *(
        {"text": [text]}
        for text in ("progress", "KEEP-ALIVE unknown", "premise", "lines 12-15", "second user", "monotonic")
    ),
]
COMBINED: list[Filters] = [
    {"verdict": ["violates", "blocked"]},
    {"verdict": ["violates"], "level": ["must"]},
    {"verdict": ["conforms"], "dialect": ["rest"], "service": ["download"], "text": ["progress"]},
    {"verdict": ["not tested", "inconclusive"], "dialect": ["api"]},
    {"level": ["should", "advisory"], "service": ["update"]},
]


def expected(report: Conformance, filters: Filters) -> tuple[list[str], int]:
    """The clauses that stay, and how many cells of them."""
    found = {clause.id: cells_left(clause, filters, choices(report, clause)) for clause in report.clauses}
    shown = {name: count for name, count in found.items() if count}
    return list(shown), sum(shown.values())


def choices(report: Conformance, clause: ClauseRecord) -> list[str]:
    return [seen.choice for seen in report.observations if seen.clause == clause.id]


def cells_left(clause: ClauseRecord, filters: Filters, chosen: list[str]) -> int:
    if clause.level not in filters.get("level", [clause.level]):
        return 0
    telling = [clause.id, clause.says, clause.why or "", *clause.sources, *chosen]
    for cell in clause.cells:
        telling += [cell.summary, *(f"{flaw.expected}\n{flaw.observed}" for flaw in cell.flaws)]
    text = "\n".join(telling).lower()
    if not all(word in text for wanted in filters.get("text", []) for word in wanted.lower().split()):
        return 0
    verdicts = {(cell.dialect, cell.service): cell.verdict for cell in clause.cells}
    return sum(
        verdicts.get((Dialect(dialect), Service(service)), "not applicable") in filters.get("verdict", list(Verdict))
        for dialect, service in product(filters.get("dialect", list(Dialect)), filters.get("service", list(Service)))
    )


def apply(page: Page, filters: Filters) -> None:
    for name, values in filters.items():
        for value in values:
            if name == "text":
                page.get_by_label("Text").fill(value)
            else:
                page.locator(f'fieldset[data-filter="{name}"] input[value="{value}"]').check()


def shown(page: Page) -> list[str]:
    return page.locator("tr.clause:visible .slug").all_inner_texts()


@pytest.mark.parametrize("filters", SINGLE + COMBINED, ids=lambda one: "-".join(chain(*one.values())))
def test_a_filter_leaves_what_it_names(visits: Visits, html: str, report: Conformance, filters: Filters) -> None:
    page = visits.open(html)
    apply(page, filters)
    clauses, cells = expected(report, filters)
    assert 0 < cells < len(report.clauses) * len(CELLS)
    assert shown(page) == clauses
    expect(page.locator("#shown")).to_have_text(
        f"{len(clauses)} of {len(report.clauses)} clauses, {cells} of {len(report.clauses) * len(CELLS)} cells"
    )
    expect(page.locator("tr.clause:visible td[data-verdict]:visible:not(.aside)")).to_have_count(cells)


@pytest.mark.parametrize("verdict", ["violates", "not tested", "conforms"])
def test_a_count_leads_to_what_it_counts(visits: Visits, html: str, report: Conformance, verdict: str) -> None:
    page = visits.open(html)
    apply(page, {"level": ["must"], "verdict": ["blocked"], "text": ["progress"]})
    page.get_by_role("list", name="Cells by verdict").get_by_role("link", name=f"{verdict}").click()
    clauses, cells = expected(report, {"verdict": [verdict]})
    expect(page.locator("#shown")).to_contain_text(f"{len(clauses)} of {len(report.clauses)} clauses, {cells} of")
    assert shown(page) == clauses
    assert cells == report.totals[Verdict(verdict)]


def test_a_filter_that_leaves_nothing_says_so_and_can_be_taken_back(visits: Visits, html: str) -> None:
    page = visits.open(html)
    before = shown(page)
    page.get_by_label("Text").fill("no clause says this")
    assert shown(page) == []
    expect(page.get_by_text("No cell is left by these filters.")).to_be_visible()
    expect(page.locator("#cells tbody:visible")).to_have_count(0)
    page.get_by_role("button", name="Show all").click()
    expect(page.get_by_text("No cell is left by these filters.")).to_be_hidden()
    assert shown(page) == before


def test_columns_follow_dialect_and_service(visits: Visits, html: str) -> None:
    page = visits.open(html)
    apply(page, {"dialect": ["rest"], "service": ["download"]})
    assert [" ".join(name.split()) for name in page.locator("#cells thead th:visible").all_inner_texts()] == [
        "Clause",
        "/rest download",
    ]


def test_an_open_cell_closes_when_a_filter_takes_it_away(visits: Visits, html: str) -> None:
    page = visits.open(html)
    page.locator('td[data-dialect="api"] button.cell').first.click()
    expect(page.locator("tr.panel:visible")).to_have_count(1)
    apply(page, {"dialect": ["rest"]})
    expect(page.locator("tr.panel:visible")).to_have_count(0)
    expect(page.locator("button.cell[aria-expanded=true]")).to_have_count(0)


def test_a_link_to_a_clause_that_is_filtered_away_brings_it_back(visits: Visits, html: str) -> None:
    page = visits.open(html)
    page.get_by_label("Text").fill("progress")
    page.locator('section.rely a[href="#clause-addressing.api-update-keep-alive"]').click()
    expect(page.locator("tr.panel:visible h3")).to_contain_text("addressing.api-update-keep-alive")
    expect(page.get_by_label("Text")).to_have_value("")
