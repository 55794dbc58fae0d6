"""The other pages, with texts that want to run in every place where a server, a profile or a stranger can write."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from contract_tests.mock import ApiError, ErrorType, Message, MockServer, Parts
from contract_tests.mock.domain.libraries import Libraries
from contract_tests.mock.domain.world import DEFAULT_USER
from contract_tests.mock.http.wire import Wire
from contract_tests.reporting.diff import compare
from contract_tests.reporting.merge import merge
from contract_tests.reporting.views import diff as changes
from contract_tests.reporting.views import matrix
from contract_tests.reporting.views.markup import visible
from contract_tests.reporting.views.page import page as rendered
from tests.plugin.runs import COMMAND, SCENARIO
from tests.unit.reporting.sample import HOSTILE, sample

from .visits import Visits

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser, Page

    from contract_tests.reporting.format import Conformance

SHOWN = " ".join(visible(HOSTILE).split())
IMAGE = "<img src=x onerror=window.__pwned=1>"
"""What can stand in a header, in an id, and in an address."""

PROBE = f"""
import sys
import pytest

@clause("keep-alive.no-body", "keep-alive.null-progress")
@pytest.mark.parametrize("said", ["{IMAGE}"])
def test_that_fails(open_session, judge, said):
    session = open_session()
    answer = session.keep_alive({{"progress": HOSTILE}})
    sys.stdout.write(HOSTILE)
    judge("keep-alive.no-body", [Flaw(HOSTILE, HOSTILE, answer)])
    judge("keep-alive.null-progress", [Flaw(HOSTILE, HOSTILE, answer)])
    assert session.id == HOSTILE, HOSTILE

@clause("keep-alive.malformed-json")
def test_that_is_skipped(open_session, judge):
    raise Inconclusive(HOSTILE)

@clause("keep-alive.unspecified-progress-unchanged")
def test_that_has_no_premise(open_session, judge):
    raise PremiseFailed(HOSTILE, HOSTILE)

def test_of_nothing():
    pytest.xfail(HOSTILE)
"""
PROFILE = """
[[deviations]]
clause = "keep-alive.null-progress"
reason = {reason}
signature = "pwned"
expires = 2999-01-01
"""


class Saying(Wire):
    """Says it in its header, in each message, and in types of errors."""

    def general_headers(self) -> tuple[tuple[str, str], ...]:
        named = ("server", f"cl-contract-mock/1 {IMAGE}")
        others = [pair for pair in super().general_headers() if pair[0] != "server"]
        return (*others, named, ("x-more", IMAGE))

    def message(self, message: Message) -> dict[str, Any]:
        return super().message(message) | {"default_message": HOSTILE, "id": HOSTILE, "args": [HOSTILE]}


class Hoarding(Libraries):
    """Gives out such ids, and deletes nothing."""

    def new_id(self) -> str:
        return f"{super().new_id()}{IMAGE}"

    def delete_item(self, item_id: str) -> None:
        raise ApiError(ErrorType.UNAUTHORIZED, Message("x.y", f"{item_id} stays."))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The reports of a run on such a server, with such a profile, of such tests."""
    folder = tmp_path_factory.mktemp("hostile")
    (folder / "test_probe.py").write_text(f"{SCENARIO}HOSTILE = {HOSTILE!r}\n{PROBE}", encoding="utf-8")
    escaped = "".join(one if one.isalnum() else f"\\U{ord(one):08X}" for one in HOSTILE)
    (folder / "profile.toml").write_text(PROFILE.format(reason=f'"{escaped}"'))
    variables = {"CONTRACT_USERNAME": DEFAULT_USER.name, "CONTRACT_PASSWORD": DEFAULT_USER.password}
    with MockServer(control=True, parts=Parts(wire=Saying, libraries=Hoarding)) as server:
        target = ("--profile", str(folder / "profile.toml"), "--target", server.url)
        ended = subprocess.run(
            [*COMMAND, str(folder / "test_probe.py"), *target, "--reports", str(folder), "-k", "not download"],
            check=False,
            capture_output=True,
            text=True,
            timeout=600,
            env=os.environ | variables,
        )
    assert ended.returncode == 1, ended.stdout + ended.stderr
    return folder


@pytest.fixture(scope="module")
def test_page(folder: Path) -> str:
    return (folder / "report.html").read_text(encoding="utf-8")


def is_calm(page: Page) -> None:
    """Nothing of what was said has become a part of the page."""
    assert page.evaluate("window.__pwned") is None
    assert page.locator("[onerror], [onload], [onclick], iframe, object, embed, link, base, b").count() == 0
    assert page.locator("img[src=x], a[href^=javascript]").count() == 0


def test_the_page_of_tests_shows_them_as_texts(visits: Visits, test_page: str) -> None:
    page = visits.open(test_page)
    expect(page.locator("#environment")).to_contain_text(f"cl-contract-mock/1 {IMAGE}")
    left = page.locator("#environment tr", has=page.get_by_text("Left on the target", exact=True))
    expect(left).to_contain_text(IMAGE)
    expect(left).to_contain_text("<script>window.__pwned = 1</script>")
    expect(page.locator(".col-testId").first).to_contain_text(IMAGE)
    page.get_by_role("button", name="Show all details").click()
    expect(page.locator(".log").first).to_contain_text("<script>window.__pwned")
    expect(page.locator(".exchanges pre").first).to_be_attached()
    assert page.locator("script").count() == 1
    assert page.locator("style").count() == 1
    is_calm(page)


def test_the_page_of_tests_works_under_its_policy(visits: Visits, test_page: str) -> None:
    page = visits.open(test_page)
    rows = page.locator("tbody.results-table-row")
    everything = rows.count()
    assert everything > 4
    page.locator('input[data-test-result="failed"]').click()
    expect(rows).not_to_have_count(everything)
    page.locator("th.sortable", has_text="Clause").click()
    page.get_by_role("button", name="Hide all details").click()
    expect(page.locator(".extras-row:visible")).to_have_count(0)


@pytest.mark.parametrize("options", [{"color_scheme": "light"}, {"color_scheme": "dark"}], ids=["light", "dark"])
def test_everybody_can_read_the_page_of_tests(visits: Visits, test_page: str, options: dict[str, Any]) -> None:
    page = visits.open(test_page, viewport={"width": 390, "height": 800}, **options)
    page.get_by_role("button", name="Show all details").click()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize(
    "added",
    [
        "<script>window.__pwned = 1</script>",
        "<p style='color: red'>x</p>",
        "<button onclick='window.__pwned = 1'>x</button>",
        "<img src='https://elsewhere.invalid/x.png'>",
        "<link rel=stylesheet href='https://elsewhere.invalid/x.css'>",
        "<base href='https://elsewhere.invalid/'>",
        "<iframe src='https://elsewhere.invalid/'></iframe>",
    ],
)
def test_the_policy_of_the_page_of_tests_stops_what_escaping_would_miss(
    browser: Browser, tmp_path: Path, test_page: str, added: str
) -> None:
    visits = Visits(browser, tmp_path)
    page = visits.open(test_page.replace('<h1 id="title">', f'{added}<h1 id="title">', 1))
    expect(page.locator("tbody.results-table-row").first).to_be_attached()
    assert page.evaluate("window.__pwned") is None
    visits.close()
    assert any("Content Security Policy" in one for one in visits.complaints)
    assert visits.requests == []


def test_the_report_of_the_same_run_shows_them_as_texts(visits: Visits, folder: Path) -> None:
    page = visits.open((folder / "conformance.html").read_text(encoding="utf-8"))
    for place in ("h1", "section[aria-labelledby=leftovers]"):
        expect(page.locator(place)).to_contain_text(IMAGE)
    expect(page.locator("section[aria-labelledby=broken] table")).to_contain_text("{% raw %} ${7*7} \\x1b[31mred")
    for place in (".causes", ".reasons"):
        expect(page.locator(place)).to_contain_text("<script>window.__pwned")
    is_calm(page)


def strangers(hostile: Conformance) -> dict[str, str]:
    """Pages that are made of somebody else's reports."""
    started = {"started": "2026-03-01T12:00:00Z"}
    readable = hostile.model_copy(update={"run": hostile.run.model_copy(update=started)})
    second = readable.model_copy(update={"run": readable.run.model_copy(update={"id": "of the second run"})})
    other = readable.model_copy(update={"target": readable.target.model_copy(update={"certificate": "not verified"})})
    return {
        "merged": rendered(merge([readable, second]).report),
        "matrix": matrix.page([hostile, other]),
        "diff, of the new": changes.page(compare(sample(steps=1), hostile)),
        "diff, of the old": changes.page(compare(hostile, sample(steps=1))),
        "diff, of choices": changes.page(
            compare(hostile, hostile.model_copy(update={"observations": hostile.observations[1:]}))
        ),
    }


@pytest.fixture(scope="module")
def strange_pages(hostile_report: Conformance) -> dict[str, str]:
    return strangers(hostile_report)


@pytest.mark.parametrize(
    ("name", "places"),
    [
        ("merged", ["h1", ".facts", "#cells tr.clause .slug", "#choices", "section[aria-labelledby=leftovers]"]),
        ("matrix", ["tbody tr th", "tbody tr td", "thead th.number", "tbody code"]),
        ("diff, of the new", ["table:nth-of-type(1)", "table:nth-of-type(2)", "table:last-of-type"]),
        ("diff, of the old", ["table:nth-of-type(1)", "table:nth-of-type(2)", "table:last-of-type"]),
        ("diff, of choices", ["table:last-of-type th", "table:last-of-type td:nth-of-type(2)"]),
    ],
)
def test_pages_of_strangers_reports_show_them_as_texts(
    visits: Visits, strange_pages: dict[str, str], name: str, places: list[str]
) -> None:
    page = visits.open(strange_pages[name])
    for place in places:
        expect(page.locator(place, has_text="<script>window.__pwned").first).to_contain_text(SHOWN)
    assert page.locator("script").count() == (3 if name == "merged" else 0)
    assert page.locator("img").count() == 0
    is_calm(page)
