"""A report as a badge: an SVG of its own, or what shields.io draws one from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from xml.sax.saxutils import escape

from contract_tests.judging.verdicts import NOTHING_DECIDED, Verdict, fails_run
from contract_tests.reporting.reading import recount
from contract_tests.reporting.views.headline import headline

if TYPE_CHECKING:
    from contract_tests.reporting.format import Conformance

LABEL: Final = "contract"

_COLOURS: Final = {
    Verdict.VIOLATES: "b3261e",
    Verdict.BLOCKED: "b04a00",
    Verdict.DEVIATES: "8a6100",
    Verdict.CONFORMS: "1a7f37",
    Verdict.NOT_TESTED: "5f6a75",
}
"""By the tone of the headline; white letters are legible on each of them (contrast 4.5 or more)."""

_LETTER: Final = 7
"""Pixels that a letter of 11 px takes at most on average; the text is fitted to the width that it makes."""


def message(report: Conformance) -> str:
    """The result in few words; it says the same as the headline."""
    counted = recount(report)
    applying = sum(counted.values()) - counted[Verdict.NOT_APPLICABLE]
    violations, blocked = _failing(report, Verdict.VIOLATES, Verdict.ADVISES), _failing(report, Verdict.BLOCKED)
    parts = [f"{violations} violation{'s' * (violations != 1)}"] if violations else []
    if blocked:
        parts.append(f"{blocked} blocked")
    if report.run.complete and report.run.exit_code == NOTHING_DECIDED:
        return "nothing decided"
    if not report.run.complete or report.run.exit_code > 1:
        return ", ".join([*parts, "incomplete"])
    if parts or report.run.exit_code:
        return ", ".join(parts) or "tests failed"
    if not counted[Verdict.CONFORMS]:
        return "nothing shown"
    deviating = counted[Verdict.DEVIATES]
    known = f", {deviating} known deviation{'s' * (deviating != 1)}" if deviating else ""
    return f"conforms {counted[Verdict.CONFORMS]}/{applying}{known}"


def endpoint(report: Conformance) -> dict[str, str | int]:
    """The data of an endpoint badge of shields.io."""
    return {"schemaVersion": 1, "label": LABEL, "message": message(report), "color": _colour(report)}


def svg(report: Conformance) -> str:
    """The badge, self-contained; a screen reader reads its title."""
    said = message(report)
    left, right = (_LETTER * len(text) + 10 for text in (LABEL, said))
    title = escape(f"{LABEL}: {said}")
    label = _text(LABEL, left / 2, left - 10)
    shown = _text(said, left + right / 2, right - 10)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + right}" height="20" role="img" aria-label="{title}">'
        f"<title>{title}</title>"
        f'<clipPath id="r"><rect width="{left + right}" height="20" rx="3"/></clipPath>'
        f'<g clip-path="url(#r)"><rect width="{left}" height="20" fill="#3d444d"/>'
        f'<rect x="{left}" width="{right}" height="20" fill="#{_colour(report)}"/></g>'
        '<g fill="#fff" text-anchor="middle" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">'
        f"{label}{shown}</g></svg>\n"
    )


def _text(text: str, middle: float, width: int) -> str:
    return f'<text x="{middle:g}" y="14" textLength="{width}" lengthAdjust="spacingAndGlyphs">{escape(text)}</text>'


def _colour(report: Conformance) -> str:
    return _COLOURS[headline(report).tone]


def _failing(report: Conformance, *verdicts: Verdict) -> int:
    """Cells of these verdicts that fail the run."""
    gate = report.run.gate
    return sum(
        cell.verdict in verdicts and fails_run(cell.verdict, clause.level, gate)
        for clause in report.clauses
        for cell in clause.cells
    )
