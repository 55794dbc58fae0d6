"""Several targets side by side: clauses and cells down, targets across."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from contract_tests.contract import CELLS
from contract_tests.judging.verdicts import Verdict
from contract_tests.judging.wording import short
from contract_tests.reporting.merge import require_same_contract
from contract_tests.reporting.reading import recount
from contract_tests.reporting.trust import trust_told
from contract_tests.reporting.views.headline import headline
from contract_tests.reporting.views.markdown import bounded, code, plain, table
from contract_tests.reporting.views.markup import policy, style, templates
from contract_tests.reporting.views.screen import reach

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from contract_tests.reporting.format import CellRecord, ClauseRecord, Conformance, ObservationRecord

LONGEST: Final = 500_000
"""Bytes of the Markdown; a step summary of GitHub may have a mebibyte."""


class Shown(NamedTuple):
    """One verdict as the page shows it: colour by `css`, sign, word, why, and what was observed where it is broken."""

    css: str
    sign: str
    verdict: str
    why: str
    observed: str


class MatrixRow(NamedTuple):
    """One cell of a clause with its verdict for each target; `same` says that they agree."""

    cell: str
    verdicts: tuple[Shown, ...]
    same: bool


class ChoiceRow(NamedTuple):
    """What each target chose where the documents leave room: each choice, with the cells where it was seen."""

    clause: ClauseRecord
    choices: tuple[tuple[ObservationRecord, ...], ...]
    same: bool


def require_comparable(reports: Sequence[Conformance]) -> None:
    """Raise UsageProblem unless all reports judge by one suite and contract."""
    for number, report in enumerate(reports[1:], start=2):
        require_same_contract(reports[0], report, number)


def page(reports: Sequence[Conformance], pages: Sequence[str] = ()) -> str:
    """One self-contained HTML page; `pages` are the addresses of their own pages, empty where there is none."""
    template = templates().get_template("matrix.html.j2")
    return template.render(
        targets=[
            (name(report), report, headline(report), recount(report), place)
            for report, place in zip(reports, pages or [""] * len(reports), strict=True)
        ],
        trust=trust_told,
        reach=reach,
        verdicts=list(Verdict),
        clauses=list(_clauses(reports)),
        choices=list(_choices(reports)),
        policy=policy(style()),
        style=style(),
    )


def markdown(reports: Sequence[Conformance]) -> str:
    """The same as tables, shorter: a row for each clause, and in it a sign for each of the cells, in their order."""
    return bounded(_blocks(reports), LONGEST, "More clauses than fit here; the page has them all.")


def name(report: Conformance) -> str:
    """What a column is called."""
    return report.target.address or "embedded mock"


def _blocks(reports: Sequence[Conformance]) -> Iterator[Sequence[str]]:
    yield ["### Contract, target by target", ""]
    rows = [
        [
            code(name(report)),
            code(report.target.version),
            plain(trust_told(report.target)),
            plain(report.run.started),
            plain(headline(report).sentence),
        ]
        for report in reports
    ]
    yield table(["target", "says it is", "TLS", "started", "result"], rows)
    counts = [recount(report) for report in reports]
    totals = [[plain(f"{_sign(one)} {one}"), *(str(counted[one]) for counted in counts)] for one in Verdict]
    head = [code(name(report)) for report in reports]
    yield table(["cells", *head], totals)
    yield [f"Signs stand for {plain(', '.join(map(str, CELLS)))}.", ""]
    rows = [
        [code(clause.id), plain(clause.level), *(_signs(report.clauses[place]) for report in reports)]
        for place, clause in enumerate(reports[0].clauses)
    ]
    # One block a row, so that what fits is shown.
    head_lines = table(["clause", "level", *head], [])
    yield head_lines[:-1]
    yield from ([f"| {' | '.join(row)} |"] for row in rows)


def _signs(clause: ClauseRecord) -> str:
    verdicts = {f"{cell.dialect}-{cell.service}": cell.verdict for cell in clause.cells}
    return plain(" ".join(_sign(verdicts.get(str(cell), Verdict.NOT_APPLICABLE)) for cell in CELLS))


def _clauses(reports: Sequence[Conformance]) -> Iterator[tuple[ClauseRecord, list[MatrixRow]]]:
    for place, clause in enumerate(reports[0].clauses):
        rows = []
        for index, cell in enumerate(clause.cells):
            given = [report.clauses[place].cells[index] for report in reports]
            agree = len({one.verdict for one in given}) == 1
            rows.append(MatrixRow(f"{cell.dialect}-{cell.service}", tuple(map(_shown, given)), agree))
        yield clause, rows


def _choices(reports: Sequence[Conformance]) -> Iterator[ChoiceRow]:
    for clause in reports[0].clauses:
        chosen = tuple(tuple(one for one in report.observations if one.clause == clause.id) for report in reports)
        if any(chosen):
            told = [{(one.choice, *one.cells) for one in of_one} for of_one in chosen]
            yield ChoiceRow(clause, chosen, all(one == told[0] for one in told))


def _shown(cell: CellRecord) -> Shown:
    observed = short(cell.flaws[0].observed, 110) if cell.flaws else ""
    return Shown(f"v-{cell.verdict.replace(' ', '-')}", _sign(cell.verdict), cell.verdict, cell.summary, observed)


def _sign(verdict: Verdict) -> str:
    return verdict.sign.strip() or "-"
