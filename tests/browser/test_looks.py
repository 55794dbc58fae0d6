from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from contract_tests.contract import load_ledger
from contract_tests.reporting.views.page import MOST_PROOFS, MOST_STEPS
from contract_tests.reporting.views.page import page as rendered
from tests.unit.reporting.sample import sample

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from contract_tests.reporting.format import Conformance

    from .visits import Visits


def background(page: Page) -> str:
    return str(page.evaluate("getComputedStyle(document.body).backgroundColor"))


def test_light_and_dark_follow_the_reader(visits: Visits, html: str) -> None:
    assert background(visits.open(html, color_scheme="light")) == "rgb(255, 255, 255)"
    assert background(visits.open(html, color_scheme="dark")) == "rgb(20, 24, 29)"


@pytest.mark.parametrize("options", [{"color_scheme": "light"}, {"color_scheme": "dark"}], ids=["light", "dark"])
def test_everybody_can_read_it(visits: Visits, html: str, options: dict[str, Any]) -> None:
    """Contrast, names, roles, order of headings: the rules of axe-core, with cells and a choice opened."""
    page = visits.open(html, **options)
    for verdict in ("conforms", "violates", "not tested"):
        page.locator(f'td[data-verdict="{verdict}"] button').first.click()
    page.locator("#choices button").first.click()
    page.locator('fieldset[data-filter="verdict"] input[value="blocked"]').check()
    page.get_by_role("button", name="Show all").click()
    page.locator(".reasons summary").first.click()
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("width", [320, 400, 768, 1280])
def test_nothing_sticks_out_of_a_narrow_screen(visits: Visits, html: str, width: int) -> None:
    page = visits.open(html, viewport={"width": width, "height": 800})
    for verdict in ("conforms", "violates"):
        page.locator(f'td[data-verdict="{verdict}"] button').first.click()
    page.locator("#choices button").first.click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for cell in page.locator("button.cell").all()[:40]:
        box = cell.bounding_box()
        assert box is not None
        assert box["x"] + box["width"] <= width


def test_a_verdict_is_told_by_more_than_its_colour(visits: Visits, html: str) -> None:
    page = visits.open(html)
    signs: dict[str, set[str]] = {}
    for verdict, sign in page.locator("button.cell").evaluate_all(
        "all => all.map(one => [one.closest('td').dataset.verdict, one.querySelector('.sign').innerText])"
    ):
        signs.setdefault(verdict, set()).add(sign)
    assert all(len(of_one) == 1 for of_one in signs.values())
    assert len(set.union(*signs.values())) == len(signs)


def test_paper_has_the_first_screen_and_the_matrix(visits: Visits, html: str) -> None:
    page = visits.open(html)
    page.emulate_media(media="print")
    for place in ("#sentence", ".facts", ".totals", "#cells"):
        expect(page.locator(place)).to_be_visible()
    for place in ("#filters", "nav", ".copy >> nth=0"):
        expect(page.locator(place)).to_be_hidden()
    assert page.locator("tr.clause:visible").count() == len(load_ledger())
    assert page.pdf(format="A4").startswith(b"%PDF")


SHEET = 1017
"""Pixels of the height of A4 (297 mm at 96 to the inch) that its margins leave."""

MOST_PAGES = 12
"""Sheets of A4 for a full run."""


def test_paper_is_a_document_that_begins_with_the_result_and_ends_with_what_proves_it(
    visits: Visits, html: str, report: Conformance
) -> None:
    page = visits.open(html)
    expect(page.locator("#proofs")).to_be_hidden()
    pages = re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4"))
    assert 4 < len(pages) <= MOST_PAGES
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 690, "height": SHEET})
    order = ("#sentence", "h1", ".causes > li:last-child", "#cells", "#proofs")
    tops = [page.locator(place).evaluate("one => one.getBoundingClientRect().bottom") for place in order]
    assert max(tops[:3]) < SHEET
    assert max(tops[:3]) < tops[3] < tops[4]
    proofs = page.locator("section.paper ol")
    expect(proofs).to_have_count(len(report.causes))
    for cause, proof in zip(report.causes, proofs.all(), strict=True):
        deciding = report.exchanges[cause.exchange or ""]
        expect(proof.locator("li").last).to_contain_text(f"{deciding.request.method} {deciding.request.url}")


def test_paper_of_many_causes_is_bounded(visits: Visits) -> None:
    report = sample(steps=MOST_STEPS + 3)
    causes = [report.causes[0].model_copy(update={"id": f"{number}"}) for number in range(MOST_PROOFS + 5)]
    page = visits.open(rendered(report.model_copy(update={"causes": causes})))
    page.emulate_media(media="print")
    expect(page.locator("section.paper ol")).to_have_count(MOST_PROOFS)
    steps = page.locator("section.paper ol").first.locator("li")
    assert steps.evaluate_all("all => all.map((one) => one.value)") == [*range(4, 4 + MOST_STEPS)]
    assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4"))) <= MOST_PAGES


def test_paper_is_light_for_a_reader_of_dark_screens_too(visits: Visits, html: str) -> None:
    page = visits.open(html, color_scheme="dark")
    page.emulate_media(media="print", color_scheme="dark")
    assert background(page) == "rgb(255, 255, 255)"


def test_focus_is_seen(visits: Visits, html: str) -> None:
    page = visits.open(html)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the matrix")).to_be_in_viewport()
    page.locator("button.cell").first.focus()
    page.keyboard.press("ArrowRight")
    focused = page.locator("button.cell:focus-visible")
    assert focused.evaluate("one => getComputedStyle(one).outlineWidth") == "3px"
