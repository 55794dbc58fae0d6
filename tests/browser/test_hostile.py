"""Texts that want to run, and texts that want to look like others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from contract_tests.contract import load_ledger
from contract_tests.reporting.views.markup import visible
from contract_tests.reporting.views.page import page as rendered
from tests.unit.reporting.sample import HOSTILE

from .visits import Visits

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser, Page

    from contract_tests.reporting.format import Conformance

SHOWN = " ".join(visible(HOSTILE).split())


@pytest.fixture(scope="module")
def hostile_html(hostile_report: Conformance) -> str:
    return rendered(hostile_report)


def is_whole_and_calm(page: Page, report: Conformance) -> None:
    assert page.evaluate("window.__pwned") is None
    assert page.locator("img, iframe, object, embed, link, base").count() == 0
    assert page.locator("script").count() == 3
    assert page.locator("tr.clause").count() == len(report.clauses)
    assert page.locator("[onerror], [onload], [style]").count() == 0


def test_the_first_screen_shows_them_as_texts(visits: Visits, hostile_html: str, hostile_report: Conformance) -> None:
    page = visits.open(hostile_html)
    is_whole_and_calm(page, hostile_report)
    for place in ("h1", ".facts", "#cells tr.clause .slug", ".findings", ".reasons", "#choices", "section.rely"):
        expect(page.locator(place).first).to_contain_text(SHOWN)
    expect(page.locator("section[aria-labelledby=leftovers]")).to_contain_text(SHOWN)
    assert "49" not in page.locator("h1").inner_text()


@pytest.mark.parametrize("verdict", ["violates", "conforms", "blocked", "not tested"])
def test_a_cell_shows_them_as_texts(
    visits: Visits, hostile_html: str, hostile_report: Conformance, verdict: str
) -> None:
    page = visits.open(hostile_html)
    page.locator(f'td[data-verdict="{verdict}"] button').first.click()
    panel = page.locator("tr.panel:visible")
    for step in panel.locator("details:not([open]) > summary").all():
        step.click()
    for place in ("h3", ".says", ".summary", "ul"):
        expect(panel.locator(place).first).to_contain_text(SHOWN)
    is_whole_and_calm(page, hostile_report)


def test_every_body_is_shown_and_none_runs(visits: Visits, hostile_html: str, hostile_report: Conformance) -> None:
    page = visits.open(hostile_html)
    buttons = page.locator('td[data-verdict="conforms"] button')
    texts = []
    for at in range(3):
        buttons.nth(at).click()
        for step in page.locator("tr.panel:visible details:not([open]) > summary").all():
            step.click()
        texts += page.locator("tr.panel:visible .message pre").all_inner_texts()
    whole = " ".join("\n".join(texts).split())
    assert "not UTF-8 text; in Base64: //48L3NjcmlwdD4=" in whole
    assert '"__proto__": 1' in whole
    assert f" {SHOWN}" in whole
    assert "⟨U+001B⟩[31mred" in whole
    assert "⟨U+202E⟩gnp.exe⟨U+202C⟩" in whole
    is_whole_and_calm(page, hostile_report)


def test_filters_and_copying_work_with_them(visits: Visits, hostile_html: str, hostile_report: Conformance) -> None:
    page = visits.open(hostile_html)
    page.get_by_label("Text").fill("</script><!-- keep-alive.no-body")
    expect(page.locator("tr.clause:visible")).to_have_count(1)
    page.locator("tr.clause:visible button.cell").first.click()
    page.get_by_role("button", name="Copy curl").first.click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert HOSTILE in copied
    is_whole_and_calm(page, hostile_report)


@pytest.mark.parametrize(
    ("added", "complaint"),
    [
        ("<script>window.__pwned = 1</script>", "Content Security Policy"),
        ("<p style='color: red'>x</p>", "Content Security Policy"),
        ("<button id=cells-x onclick='alert(1)'>x</button>", "Content Security Policy"),
        ("<img src='https://elsewhere.invalid/x.png'>", "Content Security Policy"),
        ("<img src='data:image/png;base64,AAAA'>", "Content Security Policy"),
        ("<link rel=stylesheet href='https://elsewhere.invalid/x.css'>", "Content Security Policy"),
    ],
)
def test_the_policy_stops_what_escaping_would_miss(
    browser: Browser, tmp_path: Path, html: str, added: str, complaint: str
) -> None:
    visits = Visits(browser, tmp_path)
    page = visits.open(html.replace("<main>", f"<main>{added}"))
    expect(page.locator("#shown")).to_contain_text(f"{len(load_ledger())} of {len(load_ledger())}")
    assert page.evaluate("window.__pwned") is None
    visits.close()
    assert any(complaint in one for one in visits.complaints)
    assert visits.requests == []


def test_a_visit_notices_what_it_watches_for(browser: Browser, tmp_path: Path) -> None:
    visits = Visits(browser, tmp_path)
    visits.open("<img src='https://elsewhere.invalid/x.png'><script>alert(1); console.error(2); nobody()</script>")
    visits.close()
    assert visits.requests == ["https://elsewhere.invalid/x.png"]
    told = " ".join(visits.complaints)
    assert all(word in told for word in ("dialog: 1", "error: 2", "nobody is not defined"))
