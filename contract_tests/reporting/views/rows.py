"""What report.html, the page of pytest-html, shows of a run: nothing in it formats or runs, whoever said it."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING, Any, Final

from contract_tests.judging.messages import bounded
from contract_tests.judging.outcomes import Outcome
from contract_tests.reporting.folder import PAGE
from contract_tests.reporting.views.markup import policy, style_of_tests, templates, visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from contract_tests.judging.records import Record
    from contract_tests.traffic.exchange import Exchange

MOST_LINES = 2
"""Exchanges that a row shows, in a line each, and links: the page has thousands of rows."""

PLACE_LIMIT = 160
"""Characters of an address in such a line."""

_ORIGIN: Final = re.compile(r"^https?://[^/]*")
_ID: Final = re.compile(r"\b([0-9a-f]{8})(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")

_STYLE: Final = ('<style type="text/css">', "</style>")
_SCRIPT: Final = ("<script>", "</script>")
_METAS: Final = (
    '<meta name="referrer" content="no-referrer"/>',
    '<meta name="viewport" content="width=device-width, initial-scale=1"/>',
)
_MENDED: Final = (
    # For readers who hear a page: its language, its main part, and what each box ticks.
    (r"<html>", '<html lang="en">'),
    (r"<body>", "<body><main>"),
    (r"<footer>", "</main><footer>"),
    (r'(type="checkbox" data-test-result="(\w+)")', r'\1 aria-label="\2"'),
    # Of the button that a page has while tests are running; the policy would stop it, and say so each time.
    (r' onclick="location\.reload\(\)"', ""),
    # In the template of a row: the policy lets it play nothing, and two thousand of them are most of the page.
    (r"(?s)<video controls>.*?</video>", ""),
)


def trace_html(record: Record) -> str:
    """What a test decided, by links into conformance.html, and of what is not well the exchanges, in a line each.

    Those that show a flaw, or else the last ones: evidence.har has all of them.
    """
    flawed = {id(flaw.exchange) for decision in record.decisions for flaw in decision.flaws}
    lines = [
        f"{number}. {_in_short(one)}"
        for number, one in enumerate(record.exchanges, start=1)
        if not flawed or id(one) in flawed
    ]
    wrong = [one for one in record.decisions if one.outcome is not Outcome.HELD]
    shown = (lines[:MOST_LINES] if flawed else lines[-MOST_LINES:]) if wrong else []
    links = dict.fromkeys((one.clause.id, str(one.cell)) for one in wrong or record.decisions)
    left = len(record.exchanges) - len(shown)
    template = templates().get_template("trace.html.j2")
    return template.render(lines=shown, left=left, links=list(links)[:MOST_LINES], page=PAGE)


def _in_short(exchange: Exchange) -> str:
    """What was sent where, without the origin and with the beginnings of ids, and the status of the answer."""
    place = bounded(_ID.sub(r"\1…", _ORIGIN.sub("", exchange.request.url)), PLACE_LIMIT)
    return f"{exchange.request.method} {place} → {exchange.failure if exchange.status is None else exchange.status}"


def header_cells() -> list[str]:
    return ['<th class="sortable" data-column-type="clause">Clause</th>', "<th>Level</th>"]


def name_cell(test: str) -> str:
    """The cell with the id of a test, which may hold what a parameter says; a line may end behind the path."""
    return f'<td class="col-testId">{_shown(test).replace("::", "<wbr>::", 1)}</td>'


def message_line(text: str) -> str:
    """What a row shows of a test that failed, when it is opened."""
    return f"<p>{_shown(text)}</p>"


def row_cells(clauses: list[tuple[str, str]]) -> list[str]:
    """Cells for the cited clauses, given as pairs of slug and level."""
    slugs, levels = (_lines(pair[at] for pair in clauses) for at in (0, 1))
    return [f'<td class="col-clause">{slugs}</td>', f'<td class="col-level">{levels}</td>']


def environment(facts: Mapping[str, Any]) -> dict[str, str]:
    """The facts of a run as HTML: pytest-html's script puts values into the page as they are."""
    return {visible(name): _shown(str(value)) for name, value in facts.items()}


def sealed(page: str) -> str:
    """A page of pytest-html with our colours, and a policy that lets its own style and script work, and nothing else.

    The style is the first one in it, and the script the last: no text of a test stands before or behind them.
    """
    for found, instead in _MENDED:
        page = re.sub(found, instead, page)
    page = page.replace(_STYLE[1], f"{style_of_tests()}{_STYLE[1]}", 1)
    style = page.partition(_STYLE[0])[2].partition(_STYLE[1])[0]
    script = page.rpartition(_SCRIPT[0])[2].partition(_SCRIPT[1])[0]
    rules = policy(style, script, images=True)
    metas = "\n    ".join((f'<meta http-equiv="Content-Security-Policy" content="{rules}"/>', *_METAS))
    return page.replace("<head>", f"<head>\n    {metas}", 1)


def _lines(words: Iterable[str]) -> str:
    return "<br>".join(map(_shown, words))


def _shown(text: str) -> str:
    return escape(visible(text))
