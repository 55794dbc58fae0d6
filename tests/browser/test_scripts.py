"""The script that shows a flaw again is copied where its cause is told, and in its cell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

from contract_tests.reporting.views.page import page

from .test_cells import button, cell_of

if TYPE_CHECKING:
    from contract_tests.reporting.format import Conformance

    from .visits import Visits

LIBRARY = "say() {\n  echo </script>\n}"


def test_the_script_of_a_flaw_is_copied_whole(visits: Visits, report: Conformance) -> None:
    clause, cell = cell_of(report, "violates")
    places = {f"{clause.id} {cell.dialect}-{cell.service}", f"{report.causes[0].clause} {report.causes[0].cell}"}
    held = {"library": LIBRARY, "lines": ["#!/bin/sh", "say 'ü'"], "scripts": dict.fromkeys(places, (0, -1, 1))}
    shown = visits.open(page(report, held))
    button(shown, clause, cell).click()
    for place in (shown.locator(".causes > li").first, shown.locator(".part").first):
        copying = place.get_by_role("button", name="Copy script")
        copying.click()
        expect(place.get_by_role("button", name="Copied")).to_be_visible()
        assert shown.evaluate("navigator.clipboard.readText()") == f"#!/bin/sh\n{LIBRARY}\nsay 'ü'"


def test_where_there_is_no_script_there_is_no_button(visits: Visits, html: str, report: Conformance) -> None:
    shown = visits.open(html)
    clause, cell = cell_of(report, "violates")
    button(shown, clause, cell).click()
    expect(shown.locator(".part").first).to_be_visible()
    expect(shown.get_by_role("button", name="Copy script")).to_have_count(0)
