"""No page breaks a word in its middle: a part of a slug or of a sentence, the name of a cell, an option."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from contract_tests.reporting.diff import compare
from contract_tests.reporting.format import Conformance
from contract_tests.reporting.views import diff as changes
from contract_tests.reporting.views import matrix
from contract_tests.reporting.views.page import page as rendered
from tests.unit.reporting.sample import sample

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from .visits import Visits

WHOLE = r"--[a-z][\w-]*|\b(?:api|rest)-(?:update|download)\b|[A-Za-z]+(?:_[A-Za-z]+)*"
"""What stands on one line: an option, the name of a cell, a word, the name of a member."""

SLUG = r"[a-z]+(?:-[a-z0-9]+)*\.[a-z0-9-]+"

# What a server said, and what is quoted of it, may be as long as it likes.
_BROKEN = """
([pattern, within]) => {
  const broken = [];
  const quoted = "pre, dl.flaw dd, .address, .hash, .steps, .curl, script, style, .col-testId";
  for (const part of document.querySelectorAll(within)) {
    const texts = document.createTreeWalker(part, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      const text = texts.currentNode;
      const holder = text.parentElement;
      if (holder.closest(quoted) || !holder.checkVisibility()) continue;
      for (const found of text.data.matchAll(new RegExp(pattern, "g"))) {
        const range = new Range();
        range.setStart(text, found.index);
        range.setEnd(text, found.index + found[0].length);
        const lines = new Set([...range.getClientRects()].filter((one) => one.width).map((one) => Math.round(one.top)));
        if (lines.size > 1) broken.push(found[0]);
      }
    }
  }
  return broken;
}
"""

REASON = "this takes a server with another session timeout than it has now; configure one, and give --session-timeout"


def told(report: Conformance) -> Conformance:
    """The report, in which reasons name an option, at the end of lines of several lengths."""
    data = report.model_dump()
    undecided = (cell for clause in data["clauses"] for cell in clause["cells"] if cell["verdict"] == "not tested")
    for number, cell in enumerate(undecided):
        cell["reason"] = cell["summary"] = f"{'is ' * (number * 2)}{REASON}"
    return Conformance.model_validate(data)


@pytest.fixture(scope="module")
def pages(report: Conformance) -> dict[str, str]:
    old, new = told(sample(seed=2, steps=2)), told(report)
    return {
        "report": rendered(new),
        "diff": changes.page(compare(old, new)),
        "matrix": matrix.page([old, new]),
    }


def broken(page: Page, pattern: str, within: str = "body") -> list[str]:
    found: list[str] = page.evaluate(_BROKEN, [pattern, within])
    return found


@pytest.mark.parametrize("width", [390, 800, 1280])
@pytest.mark.parametrize("name", ["report", "diff", "matrix"])
def test_no_word_breaks(visits: Visits, pages: dict[str, str], name: str, width: int) -> None:
    page = visits.open(pages[name], viewport={"width": width, "height": 900})
    page.locator("details").evaluate_all("all => all.forEach((one) => (one.open = true))")
    if name == "report":
        page.locator('td[data-verdict="not tested"] button').first.click()
    assert broken(page, WHOLE) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("name", ["report", "diff", "matrix"])
def test_no_slug_breaks_where_there_is_room(visits: Visits, pages: dict[str, str], name: str) -> None:
    page = visits.open(pages[name], viewport={"width": 1280, "height": 900})
    page.locator("details").evaluate_all("all => all.forEach((one) => (one.open = true))")
    assert broken(page, SLUG, ".slug") == []
