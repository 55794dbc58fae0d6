"""The rows of report.html: clause, level, and the exchanges of each test, by auto-escaping templates."""

from __future__ import annotations

from functools import cache
from html import escape
from typing import TYPE_CHECKING

import jinja2

from contract_tests.evidence.messages import bounded

if TYPE_CHECKING:
    from contract_tests.evidence.records import Record

BODY_LIMIT = 4000
"""Bytes of a response body that a row shows, and characters of a command; the rest is counted."""

MOST_HEADERS = 100
"""Headers of a response that a row shows."""


def exchanges_html(record: Record) -> str:
    """The exchanges of one test, those that show a flaw opened."""
    flawed = [id(flaw.exchange) for decision in record.decisions for flaw in decision.flaws]
    marked = {index for index, exchange in enumerate(record.exchanges) if id(exchange) in flawed}
    template = _templates().get_template("exchanges.html.j2")
    return template.render(exchanges=record.exchanges, marked=marked, limit=BODY_LIMIT, most=MOST_HEADERS)


def header_cells() -> list[str]:
    return ['<th class="sortable" data-column-type="clause">Clause</th>', "<th>Level</th>"]


def row_cells(clauses: list[tuple[str, str]]) -> list[str]:
    """Cells for the cited clauses, given as pairs of slug and level."""
    slugs = "<br>".join(escape(slug) for slug, _ in clauses)
    levels = "<br>".join(escape(level) for _, level in clauses)
    return [f'<td class="col-clause">{slugs}</td>', f'<td class="col-level">{levels}</td>']


@cache
def _templates() -> jinja2.Environment:
    templates = jinja2.Environment(
        loader=jinja2.PackageLoader("contract_tests.evidence"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    templates.filters["bounded"] = lambda text: bounded(text, BODY_LIMIT)
    return templates
