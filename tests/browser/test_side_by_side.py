"""Pages of several reports: the matrix of targets, and what changed from one report to another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from contract_tests.reporting.diff import compare
from contract_tests.reporting.format import Conformance
from contract_tests.reporting.views import diff as changes
from contract_tests.reporting.views import matrix
from contract_tests.reporting.views.screen import difference
from tests.unit.reporting.sample import sample

if TYPE_CHECKING:
    from playwright.sync_api import Locator

    from .visits import Visits

PLACE = "../other/conformance.html"
LONG = '404 with {"type":"com.vmware.vapi.std.errors.not_found","value":{"error_type":"NOT_FOUND"}}'
"""What a server said, with no place for a line to end."""


@pytest.fixture(scope="module")
def other(report: Conformance) -> Conformance:
    """A report about another server, which chooses otherwise in one clause, and shows nothing of another."""
    told = sample(seed=2, steps=2)
    first, second, *rest = told.observations
    chosen = first.model_copy(update={"choice": "refused with 400"})
    assert (first.clause, second.clause) == tuple(one.clause for one in report.observations[:2])
    data = told.model_copy(update={"observations": [chosen, *rest]}).model_dump()
    for flaw in (flaw for clause in data["clauses"] for cell in clause["cells"] for flaw in cell["flaws"]):
        flaw["observed"] = LONG
    return Conformance.model_validate(data)


@pytest.fixture(scope="module")
def side_by_side(report: Conformance, other: Conformance) -> str:
    return matrix.page([report, other], ["", PLACE])


@pytest.fixture(scope="module")
def changed(report: Conformance, other: Conformance) -> str:
    return changes.page(compare(other, report))


def differing(report: Conformance, other: Conformance) -> list[str]:
    pairs = zip(report.clauses, other.clauses, strict=True)
    return [
        one.id for one, two in pairs if [cell.verdict for cell in one.cells] != [cell.verdict for cell in two.cells]
    ]


def slugs(shown: Locator) -> list[str]:
    return shown.locator("tbody:visible .slug").all_inner_texts()


def test_only_what_differs_is_left(visits: Visits, side_by_side: str, report: Conformance, other: Conformance) -> None:
    page = visits.open(side_by_side)
    clauses, choices = page.locator("table.targets").all()
    assert slugs(clauses) == [clause.id for clause in report.clauses]
    assert len(slugs(choices)) > 2
    page.get_by_label("Only what differs").check()
    assert 0 < len(slugs(clauses)) < len(report.clauses)
    assert slugs(clauses) == differing(report, other)
    assert slugs(choices) == [one.clause for one in report.observations[:2]]
    page.get_by_label("Only what differs").uncheck()
    assert len(slugs(clauses)) == len(report.clauses)


def test_what_servers_chose_stands_side_by_side(visits: Visits, side_by_side: str, report: Conformance) -> None:
    rows = visits.open(side_by_side).locator("table.targets").last.locator("tbody tr")
    for row, told in ((0, "refused with 400rest-download"), (1, "not observed")):
        cells = [text.replace(" ", "") for text in rows.nth(row).locator("td").all_inner_texts()]
        here = f"{report.observations[row].choice}rest-download"
        assert cells == [here.replace(" ", ""), told.replace(" ", ""), "differs"]


def test_verdicts_and_causes_lead_into_the_reports(visits: Visits, side_by_side: str, other: Conformance) -> None:
    page = visits.open(side_by_side)
    found = [(clause.id, cell) for clause in other.clauses for cell in clause.cells]
    links = (
        page.locator("table.targets")
        .first.locator("td a")
        .evaluate_all("all => all.map((one) => [one.getAttribute('href'), one.innerText])")
    )
    assert sorted(links) == sorted(
        [f"{PLACE}#clause-{clause}/{cell.dialect}-{cell.service}", f"{cell.verdict.sign.strip()} {cell.verdict}"]
        for clause, cell in found
    )
    for cause in other.causes:
        expect(page.locator(f"a[href='{PLACE}#cause-{cause.id}']").first).to_have_text(cause.says)
    assert page.locator("a[href^='#']").count() == 0  # a report without a page is led into by no link


def test_backticks_of_the_ledger_are_code(visits: Visits, side_by_side: str, changed: str) -> None:
    for html in (side_by_side, changed):
        assert "`" not in visits.open(html).locator("body").inner_text()


def test_the_diff_has_old_and_new_of_each_cause(
    visits: Visits, changed: str, report: Conformance, other: Conformance
) -> None:
    page = visits.open(changed, viewport={"width": 390, "height": 800})
    compared = compare(other, report)
    shown = page.locator(".findings > li")
    expect(shown).to_have_count(len(compared.causes))
    assert {one.old is None for one in compared.causes} == {True, False}
    for one, item in zip(compared.causes, shown.all(), strict=True):
        told = [difference(cause) if cause else "nothing of it" for cause in (one.old, one.new)]
        assert item.locator("dl.flaw dd").all_inner_texts() == told
        places = {
            (place.clause, place.cell)
            for cause in (one.old, one.new)
            if cause
            for place in (*cause.broken, *cause.blocked)
        }
        expect(item.locator("details li")).to_have_count(
            sum((change.clause, change.cell) in places for change in compared.changes)
        )


@pytest.mark.parametrize("options", [{"color_scheme": "light"}, {"color_scheme": "dark"}], ids=["light", "dark"])
@pytest.mark.parametrize("name", ["side_by_side", "changed"])
@pytest.mark.parametrize("width", [390, 900])
def test_everybody_can_read_them(
    visits: Visits, request: pytest.FixtureRequest, name: str, width: int, options: dict[str, Any]
) -> None:
    page = visits.open(request.getfixturevalue(name), viewport={"width": width, "height": 800}, **options)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.locator("details").evaluate_all("all => all.forEach((one) => (one.open = true))")
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
