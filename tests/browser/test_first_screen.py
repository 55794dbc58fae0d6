from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from contract_tests.reporting.views.headline import headline

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from contract_tests.reporting.format import Conformance

    from .visits import Visits


def verdicts_shown(page: Page) -> Counter[str]:
    return Counter(page.locator("#cells td[data-verdict]").evaluate_all("all => all.map(one => one.dataset.verdict)"))


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_the_counts_are_those_of_the_data(visits: Visits, html: str, report: Conformance, *, script: bool) -> None:
    page = visits.open(html, java_script_enabled=script)
    assert verdicts_shown(page) == {verdict: count for verdict, count in report.totals.items() if count}
    for verdict, count in report.totals.items():
        assert page.locator(f'tr[data-total="{verdict}"] td').last.inner_text() == str(count)
    assert page.locator("tr.clause").count() == len(report.clauses)
    assert page.locator("button.cell").count() == sum(len(clause.cells) for clause in report.clauses)
    assert page.locator("#choices button").count() == len(report.observations)


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_it_says_what_was_judged_and_how_it_went(
    visits: Visits, html: str, report: Conformance, *, script: bool
) -> None:
    page = visits.open(html, java_script_enabled=script)
    expect(page.locator("#sentence")).to_contain_text(headline(report).sentence)
    expect(page.locator("h1")).to_contain_text("https://vc.example")
    expect(page.locator("h1")).to_contain_text("VMware vCenter Server 8.0.2.00000 22617221")
    assert page.locator("h1").count() == 1


def test_without_script_it_is_a_plain_matrix_that_says_so(visits: Visits, html: str) -> None:
    page = visits.open(html, java_script_enabled=False)
    expect(page.get_by_text("Without script this is the plain matrix")).to_be_visible()
    expect(page.locator("#filters")).to_be_hidden()
    for button in (".copy", ".choice"):
        assert page.locator(button).count() > 0
        expect(page.locator(f"{button}:visible")).to_have_count(0)


def test_with_script_nobody_is_told_to_turn_it_on(visits: Visits, html: str) -> None:
    page = visits.open(html)
    expect(page.get_by_text("Without script")).to_be_hidden()
    expect(page.locator("#filters")).to_be_visible()


def test_hashes_are_copied_whole(visits: Visits, html: str, report: Conformance) -> None:
    page = visits.open(html)
    for button, whole in zip(
        page.locator(".facts .copy").all(),
        (report.suite.sha256, report.suite.contract_sha256, report.run.exchanges_sha256),
        strict=True,
    ):
        button.click()
        expect(button).to_have_text("Copied")
        assert page.evaluate("navigator.clipboard.readText()") == whole


def test_what_one_may_rely_on_is_copied_as_text(visits: Visits, html: str) -> None:
    page = visits.open(html)
    section = page.locator("section.rely").first
    section.get_by_role("button").click()
    expect(section.get_by_role("button")).to_contain_text("Copied")
    first, *lines = page.evaluate("navigator.clipboard.readText()").splitlines()
    assert first.startswith("addressing (https://vc.example VMware vCenter")
    assert len(lines) == section.locator("li").count()
    assert lines[0] == (
        "- POST /api/content/library/item/update-session/{id}?action=keep-alive keeps the update session with this"
        " identifier alive. [addressing.api-update-keep-alive]"
    )
