from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser

from contract_tests.evidence import Outcome, Record
from contract_tests.evidence.rows import BODY_LIMIT, exchanges_html, header_cells, row_cells
from contract_tests.exchange import Request, Response

from .findings import SENT, UNANSWERED, decision

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


def page(record: Record) -> Page:
    return Page(exchanges_html(record))


def test_an_exchange_is_shown_whole() -> None:
    text = page(Record((), (), (SENT,))).text
    for part in (
        "1. POST https://vc.example/api/x",
        "→ 200",
        "curl ",
        "server: x",
        "body",
        "2026-03-01T12:00",
        "250.0 ms",
    ):
        assert part in text


def test_the_exchange_that_shows_the_flaw_is_open() -> None:
    twin = replace(SENT)
    broken = decision(outcome=Outcome.BROKEN)
    shown = page(Record((broken,), (), (twin, SENT)))
    assert [attrs for tag, attrs in shown.tags if tag == "details"] == [[], ["open"]]
    assert shown.text.count("shows the flaw") == 1


def test_no_answer_says_why() -> None:
    assert page(Record((), (), (UNANSWERED,))).text.count("ReadTimeout: timed out") == 2


def test_nothing_sent_is_said() -> None:
    assert "Nothing was sent." in page(Record((), (), ())).text


def test_hostile_strings_stay_text() -> None:
    hostile = replace(
        SENT,
        request=Request(HOSTILE, HOSTILE, ((HOSTILE, HOSTILE),), HOSTILE.encode()),
        response=Response(200, ((HOSTILE, HOSTILE),), HOSTILE.encode() + b"\xff\x00"),
    )
    shown = page(Record((), (), (hostile, replace(UNANSWERED, failure=HOSTILE))))
    assert {tag for tag, _ in shown.tags} == {"div", "details", "summary", "pre", "small"}
    assert shown.text.count(HOSTILE) >= 6


def test_a_long_body_is_cut_and_counted() -> None:
    long = replace(SENT, response=Response(200, (), b"x" * (BODY_LIMIT + 7)))
    shown = page(Record((), (), (long,))).text
    assert "… 7 more bytes" in shown
    assert "x" * (BODY_LIMIT + 1) not in shown
    whole = replace(SENT, response=Response(200, (), b"x" * BODY_LIMIT))
    assert "more bytes" not in page(Record((), (), (whole,))).text


def test_a_row_has_a_cell_for_each_head() -> None:
    row = row_cells([("a.b", "must"), (HOSTILE, HOSTILE)])
    assert len(row) == len(header_cells())
    assert "<script>" not in "".join(row)
    assert Page(row[0]).text == f"a.b{HOSTILE}"
    assert row_cells([]) == ['<td class="col-clause"></td>', '<td class="col-level"></td>']
