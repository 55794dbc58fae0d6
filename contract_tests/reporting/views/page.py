"""conformance.html: a run's result for a reader who was not there, in one file that needs no network."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from contract_tests.contract import CELLS, Level
from contract_tests.driver.preflight import UNSAID
from contract_tests.judging.verdicts import Verdict
from contract_tests.reporting.format import (
    ClauseCells,
)
from contract_tests.reporting.origins import origin_lines
from contract_tests.reporting.trust import trust_told
from contract_tests.reporting.unheard import unheard_lines
from contract_tests.reporting.views import page_data
from contract_tests.reporting.views.headline import headline
from contract_tests.reporting.views.markup import embedded, policy, prose, script, style, templates

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from contract_tests.reporting.format import CellRecord, ClauseRecord, Conformance

_BROKEN: Final = (Verdict.VIOLATES, Verdict.DEVIATES, Verdict.ADVISES)
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
            broken=list(_broken(report)),
            undecided=list(_undecided(report)),
            matrix=_by_subject(report),
            reliable=list(_reliable(report)),
            trust=trust_told(report.target),
            unsaid=UNSAID,
            origin_lines=origin_lines,
            unheard_lines=unheard_lines,
            sentences={clause.id: clause.says for clause in report.clauses},
            names=_names,
            prose=prose,
            moment=_moment,
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


def _broken(report: Conformance) -> Iterator[dict[str, Any]]:
    """Each clause that is broken, with what was wrong (each thing once)."""
    for verdict in _BROKEN:
        for clause in report.clauses:
            cells = [cell for cell in clause.cells if cell.verdict == verdict]
            if cells:
                flaws = dict.fromkeys((flaw.expected, flaw.observed) for cell in cells for flaw in cell.flaws)
                yield {"mark": _mark(verdict), "place": ClauseCells(clause, cells), "flaws": list(flaws)}


def _undecided(report: Conformance) -> Iterator[dict[str, Any]]:
    """Each reason why cells were not decided, with the cells."""
    for verdict in _UNDECIDED:
        reasons: dict[str, list[ClauseCells]] = defaultdict(list)
        for clause in report.clauses:
            found: dict[str, list[CellRecord]] = defaultdict(list)
            for cell in clause.cells:
                if cell.verdict == verdict:
                    found[cell.reason].append(cell)
            for reason, cells in found.items():
                reasons[reason].append(ClauseCells(clause, cells))
        for reason, places in reasons.items():
            count = sum(len(place.cells) for place in places)
            yield {"mark": _mark(verdict), "reason": reason, "places": places, "count": count}


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


def _moment(text: str) -> str:
    """A time as a reader wants it; as it is if it is none."""
    try:
        return datetime.fromisoformat(text).astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    except (ValueError, OverflowError):
        return text


def _duration(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.1f} s"
    return f"{seconds // 60:.0f} min {seconds % 60:.0f} s"
