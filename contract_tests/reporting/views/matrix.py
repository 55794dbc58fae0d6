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
from contract_tests.reporting.views.markup import policy, prose, style, templates
from contract_tests.reporting.views.screen import reach

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from contract_tests.reporting.format import CellRecord, ClauseRecord, Conformance

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


def require_comparable(reports: Sequence[Conformance]) -> None:
    """Raise UsageProblem unless all reports judge by one suite and contract."""
    for number, report in enumerate(reports[1:], start=2):
        require_same_contract(reports[0], report, number)


def page(reports: Sequence[Conformance]) -> str:
    """One self-contained HTML page."""
    template = templates().get_template("matrix.html.j2")
    return template.render(
        targets=[(name(report), report, headline(report), recount(report)) for report in reports],
        trust=trust_told,
        prose=prose,
        reach=reach,
        verdicts=list(Verdict),
        clauses=list(_clauses(reports)),
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


def _shown(cell: CellRecord) -> Shown:
    observed = short(cell.flaws[0].observed, 110) if cell.flaws else ""
    return Shown(f"v-{cell.verdict.replace(' ', '-')}", _sign(cell.verdict), cell.verdict, cell.summary, observed)


def _sign(verdict: Verdict) -> str:
    return verdict.sign.strip() or "-"
