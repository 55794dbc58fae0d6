from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest_html

from contract_tests.judging import Outcome, Record
from contract_tests.reporting.views.markup import style_of_tests
from contract_tests.reporting.views.rows import (
    MOST_LINES,
    PLACE_LIMIT,
    environment,
    header_cells,
    name_cell,
    row_cells,
    sealed,
    trace_html,
)
from contract_tests.traffic.messages import Request, Response
from tests.unit.judging.findings import MUST, SENT, UNANSWERED, decision

UNDECIDED = decision(outcome=Outcome.INCONCLUSIVE)
HOSTILE = "</pre><script>alert('x')</script>\"&{{ 7 * 7 }}"


class Page(HTMLParser):
    """Tags that were opened, and the text in them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, list[str]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, [name for name, _ in attrs]))

    def handle_data(self, data: str) -> None:
        self.text += data


def test_hostile_strings_stay_text() -> None:
    hostile = replace(SENT, request=Request(HOSTILE, f"https://x/{HOSTILE}", ((HOSTILE, HOSTILE),), HOSTILE.encode()))
    shown = Page(trace_html(Record((UNDECIDED,), (), (hostile, replace(UNANSWERED, failure=HOSTILE)))))
    assert {tag for tag, _ in shown.tags} == {"div", "a", "pre", "small"}
    assert shown.text.count(HOSTILE) >= 2


def test_what_is_wrong_is_shown_by_links_and_by_the_lines_of_the_exchanges_that_show_it() -> None:
    twin = replace(SENT)
    shown = trace_html(Record((decision(outcome=Outcome.BROKEN),), (), (twin, SENT, UNANSWERED)))
    assert f'href="conformance.html#clause-{MUST.id}/api-update"' in shown
    assert "2. POST /api/x" in shown
    assert "1. POST" not in shown
    assert "2 more in evidence.har" in shown


def test_what_is_well_is_a_link_to_what_proves_it() -> None:
    shown = trace_html(Record((decision(outcome=Outcome.HELD),), (), (SENT, UNANSWERED)))
    assert f'href="conformance.html#clause-{MUST.id}/api-update"' in shown
    assert "2 exchanges in evidence.har" in shown
    assert "<pre>" not in shown


def test_a_trace_has_a_line_for_each_exchange() -> None:
    place = "/api/x/01234567-89ab-cdef-0123-456789abcdef:01234567-89ab-cdef-0123-456789abcdef?action=keep-alive"
    long = replace(SENT, request=replace(SENT.request, url=f"https://vc.example/{'x' * (PLACE_LIMIT + 7)}"))
    one = replace(SENT, request=replace(SENT.request, url=f"https://vc.example{place}"))
    looked_at = replace(SENT, response=Response(0))
    first, second, *_ = Page(trace_html(Record((UNDECIDED,), (), (one, UNANSWERED)))).text.splitlines()
    assert first == f"{MUST.id} in api-update 1. POST /api/x/01234567…:01234567…?action=keep-alive → 200"
    assert second.startswith("2. GET /y")
    assert second.endswith("→ ReadTimeout: timed out")
    shown = Page(trace_html(Record((UNDECIDED,), (), (one, UNANSWERED, looked_at, long))))
    assert shown.text.splitlines()[0] == f"{MUST.id} in api-update 3. POST /api/x?action=keep-alive → 0"
    assert "x" * (PLACE_LIMIT + 1) not in shown.text
    assert "Nothing was sent." in Page(trace_html(Record((), (), ()))).text


def test_a_trace_is_bounded() -> None:
    shown = trace_html(Record((UNDECIDED,) * 5000, (), tuple(replace(SENT) for _ in range(5000))))
    assert len(shown) < 400
    assert f"{5000 - MOST_LINES} more in evidence.har" in shown
    assert "5000 exchanges in" in trace_html(Record((), (), (SENT,) * 5000))
    assert "1 exchange in" in trace_html(Record((), (), (SENT,)))


def test_a_row_has_a_cell_for_each_head() -> None:
    row = row_cells([("a.b", "must"), (HOSTILE, HOSTILE)])
    assert len(row) == len(header_cells())
    assert "<script>" not in "".join(row)
    assert Page(row[0]).text == f"a.b{HOSTILE}"
    assert row_cells([]) == ['<td class="col-clause"></td>', '<td class="col-level"></td>']


def test_a_name_and_the_environment_are_texts() -> None:
    assert Page(name_cell(f"{HOSTILE}\u202e")).text == f"{HOSTILE}⟨U+202E⟩"
    assert [tag for tag, _ in Page(name_cell(HOSTILE)).tags] == ["td"]
    assert name_cell("a/b.py::c::d") == '<td class="col-testId">a/b.py<wbr>::c::d</td>'
    told = environment({f"a{HOSTILE}": HOSTILE, "c\u202e": {"b": ["<i>"]}})
    assert list(told) == [f"a{HOSTILE}", "c⟨U+202E⟩"]  # names are put in as texts
    assert [Page(html).tags for html in told.values()] == [[], []]
    assert [Page(html).text for html in told.values()] == [HOSTILE, "{'b': ['<i>']}"]


def test_a_page_is_sealed_for_its_own_style_and_script() -> None:
    body = f"{_BUTTON}{_PLAYER}<script>x</script>"
    page = f'<html><head><style type="text/css">s</style></head><body>{body}</body></html>'
    closed = sealed(page)
    (rules,) = re.findall('http-equiv="Content-Security-Policy" content="(.*?)"', closed)
    assert rules.split("; ") == [
        "default-src 'none'",
        f"style-src 'sha256-{digest('s' + style_of_tests())}'",
        f"script-src 'sha256-{digest('x')}'",
        "img-src data:",
        "base-uri 'none'",
        "form-action 'none'",
    ]
    assert closed.index("Content-Security-Policy") < closed.index("<style")
    assert "onclick" not in closed
    assert "<video" not in closed


def test_the_installed_pytest_html_has_what_is_looked_for() -> None:
    template = (Path(pytest_html.__file__).parent / "resources" / "index.jinja2").read_text(encoding="utf-8")
    tags = ("<html>", "<head>", "<body>", "<footer>", "<script>", "<video controls>", "</video>")
    for part in (*tags, '<style type="text/css">', ' onclick="location.reload()"'):
        assert template.count(part) == 1, part


_BUTTON = "<div class='hidden' onclick=\"location.reload()\"></div>"
_PLAYER = '<video controls>\n<source src="" type="video/mp4">\n</video>'


def digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
