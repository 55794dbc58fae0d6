"""conformance.html: a run's result for a reader who was not there, in one file that needs no network."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from contract_tests.contract import CELLS, Level
from contract_tests.driver.preflight import UNSAID
from contract_tests.judging.verdicts import Verdict
from contract_tests.judging.wording import short
from contract_tests.reporting.format import (
    ClauseCells,
)
from contract_tests.reporting.origins import origin_lines
from contract_tests.reporting.trust import trust_told
from contract_tests.reporting.unheard import unheard_lines
from contract_tests.reporting.views import page_data
from contract_tests.reporting.views.advice import advice
from contract_tests.reporting.views.headline import headline
from contract_tests.reporting.views.markup import embedded, policy, script, style, templates
from contract_tests.reporting.views.screen import reach

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from contract_tests.reporting.format import (
        CauseCell,
        CauseRecord,
        CellRecord,
        ClauseRecord,
        Conformance,
        DeviationRecord,
        ExchangeRecord,
    )

_UNDECIDED: Final = (Verdict.BLOCKED, Verdict.INCONCLUSIVE, Verdict.NOT_TESTED)
_MEANINGS: Final = {
    Verdict.VIOLATES: "at least one test found the clause broken",
    Verdict.DEVIATES: "broken, as the profile of this target registers it",
    Verdict.BLOCKED: "a premise failed, so that the clause could not be judged",
    Verdict.ADVISES: "broken, but only advice: recorded, and no reason to fail a run",
    Verdict.INCONCLUSIVE: "the run was not allowed to do what is needed, or the answers did not decide it",
    Verdict.CONFORMS: "every test that decided it found the clause fulfilled",
    Verdict.NOT_TESTED: "no test decided it, or the target lacks what it takes",
    Verdict.NOT_APPLICABLE: "the clause says nothing about this cell",
}


LONGEST_REASON: Final = 200
"""Characters of a reason in the list of what could not be decided; the cell has all of it."""

MOST_PROOFS: Final = 10
MOST_STEPS: Final = 5
"""Causes that are proved on paper, which opens no cell, and requests that a proof has."""


class Mark(NamedTuple):
    """A verdict as the page shows it: by its name, a sign, and a class that gives it its colour."""

    name: str
    sign: str
    css: str


def page(report: Conformance, scripts: Mapping[str, Any] | None = None) -> str:
    """The whole page; the same report gives the same page. `scripts` are those of `repro.embedding`, if there are."""
    style_text, script_text = style(), script("exchanges.js", "scripts.js", "conformance.js")
    return (
        templates()
        .get_template("conformance.html.j2")
        .render(
            report=report,
            policy=policy(style_text, script_text),
            style=style_text,
            script=script_text,
            data=embedded(page_data.details(report)),
            exchanges=embedded(page_data.exchanges(report)),
            scripts=embedded(scripts) if scripts and scripts["scripts"] else "",
            headline=headline(report),
            mark=_mark,
            cells=CELLS,
            levels=list(Level),
            totals=list(_totals(report)),
            causes=list(_causes(report)),
            deviating=list(_deviating(report)),
            registered=_registered(report),
            undecided=list(_undecided(report)),
            matrix=_by_subject(report),
            reliable=list(_reliable(report)),
            trust=trust_told(report.target),
            unsaid=UNSAID,
            origin_lines=origin_lines,
            unheard_lines=unheard_lines,
            sentences={clause.id: clause.says for clause in report.clauses},
            names=_names,
            levels_of={clause.id: clause.level for clause in report.clauses},
            duration=_duration,
        )
    )


def _mark(verdict: str) -> Mark:
    return Mark(verdict, Verdict(verdict).sign.strip() or "\u2013", "v-" + verdict.replace(" ", "-"))


def _totals(report: Conformance) -> Iterator[dict[str, Any]]:
    """A row for each verdict: how many cells, in all and by level, and what it means."""
    for verdict in Verdict:
        levels = dict.fromkeys(Level, 0)
        for clause in report.clauses:
            levels[clause.level] += _row(clause).count(verdict)
        yield {
            "mark": _mark(verdict),
            "meaning": _MEANINGS[verdict],
            "levels": levels,
            "all": report.totals.get(verdict, 0),
        }


def _row(clause: ClauseRecord) -> list[str]:
    """The verdicts of a clause in all cells."""
    verdicts = {(cell.dialect, cell.service): cell.verdict for cell in clause.cells}
    return [verdicts.get((cell.dialect, cell.service), Verdict.NOT_APPLICABLE) for cell in CELLS]


def _causes(report: Conformance) -> Iterator[dict[str, Any]]:
    """Each cause with its mark, how far it reaches in words, and the clauses that it breaks and blocks, with cells."""
    clauses = {clause.id: clause for clause in report.clauses}
    for number, cause in enumerate(report.causes):
        exchange = report.exchanges.get(cause.exchange or "")
        answered = exchange and exchange.response and exchange.response.status
        verdict = Verdict.VIOLATES if cause.broken else Verdict.BLOCKED
        yield {
            "cause": cause,
            "mark": _mark(Verdict.ADVISES if cause.broken and cause.level == Level.ADVISORY else verdict),
            "reach": reach(cause),
            "broken": list(_named_cells(cause.broken, clauses)),
            "blocked": list(_named_cells(cause.blocked, clauses)),
            "steps": _steps(report, cause) if number < MOST_PROOFS else [],
            "shown": exchange and f"{exchange.operation or exchange.request.method}: {answered or exchange.failure}",
        }


def _steps(report: Conformance, cause: CauseRecord) -> list[tuple[int, str]]:
    """What the test that shows a cause best exchanged in the end, with its numbers, in a line each: for paper."""
    proved = (
        step.exchange
        for clause in report.clauses
        for cell in clause.cells
        if (clause.id, f"{cell.dialect}-{cell.service}") == (cause.clause, cause.cell)
        for step in cell.exchanges
        if step.test == cause.test
    )
    names = list(dict.fromkeys([*proved, cause.exchange or ""]))
    lines = [_step(report.exchanges[name]) for name in names if name in report.exchanges]
    return list(enumerate(lines, start=1))[-MOST_STEPS:]


def _step(exchange: ExchangeRecord) -> str:
    answer = exchange.response
    sent = short(f"{exchange.request.url} {exchange.request.body.text or ''}", LONGEST_REASON)
    came = f"{answer.status} {answer.body.text or ''}" if answer else exchange.failure or ""
    return f"{exchange.request.method} {sent} → {short(came, LONGEST_REASON)}"


def _named_cells(named: Iterable[CauseCell], clauses: Mapping[str, ClauseRecord]) -> Iterator[ClauseCells]:
    """The clauses and cells that a cause names, in the order of the report."""
    cells: dict[str, set[str]] = defaultdict(set)
    for one in named:
        cells[one.clause].add(one.cell)
    for name in (name for name in clauses if name in cells):
        found = [cell for cell in clauses[name].cells if f"{cell.dialect}-{cell.service}" in cells[name]]
        yield ClauseCells(clauses[name], found)


def _deviating(report: Conformance) -> Iterator[dict[str, Any]]:
    """Each reason why cells are broken as registered, with the cells, what was wrong, and until when it counts."""
    for reason, places in _by_reason(report, Verdict.DEVIATES, lambda cell: cell.reason).items():
        cells = [cell for place in places for cell in place.cells]
        yield {
            "mark": _mark(Verdict.DEVIATES),
            "reason": reason,
            "places": places,
            "count": len(cells),
            "flaws": list(dict.fromkeys((flaw.expected, flaw.observed) for cell in cells for flaw in cell.flaws)),
            "until": sorted({one.expires for one in report.deviations if one.reason in reason}),
        }


def _registered(report: Conformance) -> list[list[DeviationRecord]]:
    """The deviations that the profile registers, those together that differ in clauses and cells only."""
    alike: dict[tuple[str | None, ...], list[DeviationRecord]] = defaultdict(list)
    for one in report.deviations:
        alike[one.reason, one.issue, one.owner, one.signature, one.expires, one.state].append(one)
    return list(alike.values())


def _undecided(report: Conformance) -> Iterator[dict[str, Any]]:
    """Each reason why cells were not decided, with the cells, and what to do about it; the commonest ones first."""
    says = {cause.id: cause.says for cause in report.causes}
    for verdict in _UNDECIDED:
        for reason, places in _by_reason(report, verdict, lambda cell: _why(cell, says)).items():
            count = sum(len(place.cells) for place in places)
            told = {"mark": _mark(verdict), "reason": reason, "places": places, "count": count}
            yield told | {"advice": advice(reason)}


def _by_reason(report: Conformance, verdict: Verdict, why: Callable[[CellRecord], str]) -> dict[str, list[ClauseCells]]:
    """The cells with this verdict by the reason for it, the commonest one first."""
    reasons: dict[str, list[ClauseCells]] = defaultdict(list)
    for clause in report.clauses:
        found: dict[str, list[CellRecord]] = defaultdict(list)
        for cell in clause.cells:
            if cell.verdict == verdict:
                found[why(cell)].append(cell)
        for reason, cells in found.items():
            reasons[reason].append(ClauseCells(clause, cells))
    return dict(sorted(reasons.items(), key=lambda told: -sum(len(place.cells) for place in told[1])))


def _why(cell: CellRecord, says: Mapping[str, str]) -> str:
    """Why a cell was not decided, in a line; of one that is blocked, the cause."""
    if cell.cause in says:
        return f"the cause is: {says[cell.cause]}"
    return short(cell.reason, LONGEST_REASON)


def _by_subject(report: Conformance) -> dict[str, list[tuple[int, ClauseRecord, list[tuple[int | None, str]]]]]:
    """The rows of the matrix: clause with its number, and for each cell its number in the clause and its verdict."""
    subjects: dict[str, list[tuple[int, ClauseRecord, list[tuple[int | None, str]]]]] = defaultdict(list)
    for number, clause in enumerate(report.clauses):
        indexes = {(cell.dialect, cell.service): index for index, cell in enumerate(clause.cells)}
        places = [indexes.get((cell.dialect, cell.service)) for cell in CELLS]
        subjects[clause.subject].append((number, clause, list(zip(places, _row(clause), strict=True))))
    return dict(subjects)


def _reliable(report: Conformance) -> Iterator[tuple[str, list[tuple[ClauseRecord, str]]]]:
    """By subject, the must-clauses that hold, each with the cells to which that is limited."""
    subjects: dict[str, list[tuple[ClauseRecord, str]]] = defaultdict(list)
    for clause in report.clauses:
        holds = [cell for cell in clause.cells if cell.verdict == Verdict.CONFORMS]
        applies = [cell for cell in clause.cells if cell.verdict != Verdict.NOT_APPLICABLE]
        if clause.level == Level.MUST and holds:
            subjects[clause.subject].append((clause, "" if len(holds) == len(applies) else _names(holds)))
    yield from subjects.items()


def _names(cells: Iterable[CellRecord]) -> str:
    return ", ".join(f"/{cell.dialect} {cell.service}" for cell in cells)


def _duration(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.1f} s"
    return f"{seconds // 60:.0f} min {seconds % 60:.0f} s"
