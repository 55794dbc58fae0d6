from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from contract_tests.contract import load_ledger
from contract_tests.judging import Verdict
from contract_tests.reporting.format import BodyRecord, Conformance
from contract_tests.reporting.views.page import page as rendered

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

    from contract_tests.reporting.format import CellRecord, ClauseRecord

    from .visits import Visits

CLAUSE = "keep-alive.progress-never-goes-down"


def cell_of(report: Conformance, verdict: str) -> tuple[ClauseRecord, CellRecord]:
    """The first cell with this verdict."""
    return next((clause, cell) for clause in report.clauses for cell in clause.cells if cell.verdict == verdict)


def button(page: Page, clause: ClauseRecord, cell: CellRecord) -> Locator:
    return page.get_by_role("button", name=f"{cell.verdict}: {clause.id} in /{cell.dialect} {cell.service}", exact=True)


def with_answer(report: Conformance, body: BodyRecord, members: tuple[str, ...] = ()) -> Conformance:
    """`report` with this answer where its first passing cell was decided."""
    data = report.model_dump()
    clause, cell = cell_of(report, "conforms")
    at, place = report.clauses.index(clause), clause.cells.index(cell)
    last = data["clauses"][at]["cells"][place]["exchanges"][-1]
    last["members"] = list(members)
    data["exchanges"][last["exchange"]]["response"]["body"] = body.model_dump()
    return Conformance.model_validate(data)


def opened(visits: Visits, report: Conformance) -> Locator:
    """The panel of the first passing cell."""
    page = visits.open(rendered(report))
    button(page, *cell_of(report, "conforms")).click()
    return page.locator("tr.panel:visible")


@pytest.mark.parametrize("verdict", [one for one in Verdict if one is not Verdict.NOT_APPLICABLE])
def test_a_cell_tells_what_the_report_knows_of_it(visits: Visits, html: str, report: Conformance, verdict: str) -> None:
    page = visits.open(html)
    clause, cell = cell_of(report, verdict)
    button(page, clause, cell).click()
    panel = page.locator("tr.panel:visible")
    for text in (cell.summary, *clause.sources, *cell.tests):
        expect(panel).to_contain_text(text)
    expect(panel).to_contain_text((clause.why or clause.says).replace("`", ""))
    for flaw in cell.flaws:
        expect(panel.locator(".flaw")).to_contain_text(f"Expected{flaw.expected}Observed{flaw.observed}")
    expect(panel.locator(".steps > li")).to_have_count(len(cell.exchanges))
    expect(panel.get_by_text("shows the flaw")).to_have_count(len(cell.flaws))
    if not cell.exchanges:
        expect(panel).to_contain_text("None is kept for this cell")


def test_what_proves_a_pass_is_marked_in_the_answer(visits: Visits, html: str, report: Conformance) -> None:
    page = visits.open(html)
    clause, cell = cell_of(report, "conforms")
    button(page, clause, cell).click()
    panel = page.locator("tr.panel:visible")
    expect(panel.locator(".read")).to_have_text("The verdict was read from client_progress (marked).")
    expect(panel.locator("mark")).to_have_text('"client_progress": 40,')
    expect(panel.locator(".curl pre")).to_have_text(report.exchanges[cell.exchanges[-1].exchange].curl)


def test_a_step_shows_its_exchange_when_it_is_opened_and_not_before(visits: Visits, html: str) -> None:
    page = visits.open(html)
    assert page.locator(".exchange").count() == 0
    page.locator('td[data-verdict="conforms"] button').first.click()
    expect(page.locator(".exchange")).to_have_count(1)
    first = page.locator(".steps > li").first
    expect(first).to_contain_text('?action=keep-alive {"progress": 40} → 204')
    first.locator("summary").click()
    expect(first.locator(".message").first).to_contain_text('{\n  "progress": 40\n}')
    expect(page.locator(".exchange")).to_have_count(2)


def test_curl_is_copied_as_it_is(visits: Visits, html: str, report: Conformance) -> None:
    page = visits.open(html)
    clause, cell = cell_of(report, "conforms")
    button(page, clause, cell).click()
    copying = page.get_by_role("button", name="Copy curl")
    copying.click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    curl = report.exchanges[cell.exchanges[-1].exchange].curl
    assert page.evaluate("navigator.clipboard.readText()") == curl


def test_a_cell_opens_and_closes_by_keyboard_alone(visits: Visits, html: str) -> None:
    page = visits.open(html)
    page.get_by_label("Text").focus()
    for _ in range(100):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('button.cell')"):
            break
    focused = page.locator("button.cell:focus")
    expect(focused).to_have_attribute("aria-expanded", "false")
    panel = page.locator(f"#{focused.get_attribute('aria-controls')}")
    page.keyboard.press("Enter")
    expect(panel).to_be_visible()
    expect(focused).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(focused).to_have_attribute("aria-expanded", "false")


def test_escape_inside_a_panel_closes_it_and_goes_back_to_its_cell(visits: Visits, html: str) -> None:
    page = visits.open(html)
    cell = page.locator("button.cell").first
    cell.click()
    page.locator("tr.panel:visible summary").first.focus()
    page.keyboard.press("Escape")
    expect(page.locator("tr.panel:visible")).to_have_count(0)
    expect(cell).to_be_focused()


def test_arrows_move_over_the_shown_cells(visits: Visits, html: str) -> None:
    page = visits.open(html)
    page.get_by_label("Text").fill("keep-alive.no-body")
    cells = page.locator("tr.clause:visible button.cell")
    cells.nth(0).focus()
    page.keyboard.press("ArrowRight")
    expect(cells.nth(1)).to_be_focused()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    expect(cells.nth(0)).to_be_focused()
    page.get_by_role("button", name="Show all").click()
    expect(page.locator("tr.clause:visible")).to_have_count(len(load_ledger()))
    cells = page.locator("#clause-keep-alive\\.no-body button.cell")
    cells.nth(2).focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator("#clause-keep-alive\\.empty-object button.cell").nth(2)).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(cells.nth(2)).to_be_focused()


def test_another_cell_of_the_clause_takes_the_place_of_the_first(visits: Visits, html: str) -> None:
    page = visits.open(html)
    cells = page.locator("#clause-keep-alive\\.no-body button.cell")
    cells.nth(0).click()
    cells.nth(1).click()
    expect(page.locator("tr.panel:visible h3")).to_contain_text("keep-alive.no-body in /api download")
    expect(cells.nth(0)).to_have_attribute("aria-expanded", "false")
    cells.nth(1).click()
    expect(page.locator("tr.panel:visible")).to_have_count(0)


def test_an_address_opens_a_cell(visits: Visits, html: str) -> None:
    page = visits.open(html, anchor=f"#clause-{CLAUSE}/rest-download")
    expect(page.locator("tr.panel:visible h3")).to_contain_text(f"{CLAUSE} in /rest download")
    again = page.evaluate("location.hash")
    page.locator("tr.panel:visible .close").click()
    assert again == f"#clause-{CLAUSE}/rest-download"


def test_the_address_of_a_clause_opens_it_where_it_fares_worst(visits: Visits, html: str, report: Conformance) -> None:
    clause, cell = cell_of(report, "violates")
    page = visits.open(html, anchor=f"#clause-{clause.id}")
    expect(button(page, clause, cell)).to_have_attribute("aria-expanded", "true")
    expect(page.locator("tr.panel:visible")).to_contain_text("shows the flaw")


@pytest.mark.parametrize("anchor", ["#matrix", "#clause-no.such", "#%E0%A4%A", "#clause-keep-alive.no-body/x"])
def test_any_address_is_harmless(visits: Visits, html: str, anchor: str) -> None:
    page = visits.open(html, anchor=anchor)
    expect(page.locator("#shown")).to_contain_text(f"{len(load_ledger())} of {len(load_ledger())}")


def test_a_choice_opens_the_exchange_that_shows_it(visits: Visits, html: str, report: Conformance) -> None:
    page = visits.open(html)
    page.locator("#choices button").first.click()
    panel = page.locator("#choices tr.panel:visible")
    expect(panel.locator(".curl pre")).to_have_text(report.exchanges[report.observations[0].exchange].curl)
    page.keyboard.press("Escape")
    expect(panel).to_have_count(0)


def test_json_is_indented_and_stays_what_it_was(visits: Visits, report: Conformance) -> None:
    text = '{"n":9007199254740993,"n":1.0,"s":"a\\u0041\\"{[,:","e":{},"l":[],"o":{"deep":[1,{"x":null}]},"z":-0e1}'
    panel = opened(visits, with_answer(report, BodyRecord(text=text), ("o",)))
    shown = panel.locator(".message").last.locator("pre").inner_text().partition("\n\n")[2]
    assert shown.replace("\n", "").replace(" ", "") == text
    assert shown.splitlines()[:4] == ["{", '  "n": 9007199254740993,', '  "n": 1.0,', '  "s": "a\\u0041\\"{[,:",']
    marked = "".join(panel.locator("mark").all_inner_texts())
    assert marked == '"o": {"deep": [1,{"x": null}]},'


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        (BodyRecord(text="{not json"), "{not json"),
        (BodyRecord(text="[" * 100 + "]" * 100), "[" * 100 + "]" * 100),
        (BodyRecord(base64="/w=="), "not UTF-8 text; in Base64:\n/w=="),
        (BodyRecord(text='{"a":', omitted=5000), '{"a":\n… 5,000 more bytes are in evidence.har'),
        (BodyRecord(text=""), "no body"),
        (BodyRecord(text="0"), "0"),
    ],
)
def test_any_body_is_shown(visits: Visits, report: Conformance, body: BodyRecord, shown: str) -> None:
    panel = opened(visits, with_answer(report, body, ("client_progress",)))
    assert panel.locator(".message").last.locator("pre").inner_text().partition("\n\n")[2] == shown
    expect(panel.locator(".read")).to_have_text("The verdict was read from client_progress (not in this answer).")


def test_a_header_can_decide(visits: Visits, report: Conformance) -> None:
    panel = opened(visits, with_answer(report, BodyRecord(text=""), ("Date",)))
    expect(panel.locator("mark")).to_have_text("date: Sun, 01 Mar 2026 12:00:00 GMT\n")


def test_an_answer_that_never_came_is_told(visits: Visits, report: Conformance) -> None:
    data = report.model_dump()
    _, cell = cell_of(report, "conforms")
    exchange = data["exchanges"][cell.exchanges[-1].exchange]
    exchange["response"], exchange["failure"] = None, "ReadTimeout: timed out"
    panel = opened(visits, Conformance.model_validate(data))
    expect(panel).to_contain_text("→ no response decides")
    expect(panel.locator(".message").last).to_have_text("No responseReadTimeout: timed out")


def test_an_exchange_that_the_report_does_not_hold_is_named(visits: Visits, report: Conformance) -> None:
    data = json.loads(report.model_dump_json())
    _, cell = cell_of(report, "conforms")
    name = cell.exchanges[-1].exchange
    del data["exchanges"][name]
    panel = opened(visits, Conformance.model_validate(data))
    expect(panel).to_contain_text(f"The exchange {name} is in evidence.har only.")


def test_of_several_deciding_steps_the_last_is_open_and_all_tell_their_values(
    visits: Visits, report: Conformance
) -> None:
    data = report.model_dump()
    clause, cell = cell_of(report, "conforms")
    steps = data["clauses"][report.clauses.index(clause)]["cells"][clause.cells.index(cell)]["exchanges"]
    steps.insert(0, {**steps[-1], "members": ["state", "id"]})
    panel = opened(visits, Conformance.model_validate(data))
    expect(panel.locator(".steps summary").first).to_have_text(
        'GET /api/content/library/item/update-session/50 → 200 "id": "50", "state": "ACTIVE" decides'
    )
    expect(panel.locator(".steps summary").last).to_contain_text('→ 200 "client_progress": 40 decides')
    assert panel.locator(".steps > li > details").evaluate_all("all => all.map(one => one.open)") == [
        False,
        False,
        True,
    ]


def test_a_cell_tells_what_the_server_chose_there(visits: Visits, html: str, report: Conformance) -> None:
    choice = report.observations[1]
    page = visits.open(html, anchor=f"#clause-{choice.clause}/rest-download")
    expect(page.locator("tr.panel:visible")).to_contain_text(choice.choice)
    page.goto(page.url.replace("rest-download", "api-download"))
    expect(page.locator("tr.panel:visible h3")).to_contain_text("in /api download")
    expect(page.locator("tr.panel:visible")).not_to_contain_text(choice.choice)


@pytest.mark.parametrize("kind", ["report", "hostile_report"])
def test_the_script_has_what_the_report_has(visits: Visits, request: pytest.FixtureRequest, kind: str) -> None:
    """What stands in the page once is put back where it is shown."""
    whole = json.loads(request.getfixturevalue(kind).model_dump_json())
    first, second, *_ = whole["exchanges"].values()
    first |= {"response": None, "failure": "ReadTimeout", "curl": f"0 1 {first['request']['url']} 0"}
    second |= {"curl": "0", "request": first["request"] | {"body": {"text": None, "base64": "AA==", "omitted": 1}}}
    page = visits.open(rendered(Conformance.model_validate(whole)))
    names = json.dumps([*whole["exchanges"]])
    assert page.evaluate(f"{names}.map(exchangeOf)") == [*whole["exchanges"].values()]
    assert page.evaluate("[details.clauses, details.observations]") == [whole["clauses"], whole["observations"]]
    assert page.evaluate("['constructor', '__proto__'].map(exchangeOf)") == [None, None]
