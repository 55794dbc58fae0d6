"""A run as Markdown, for the summary that a pipeline shows of a step ($GITHUB_STEP_SUMMARY)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from contract_tests.judging.verdicts import Verdict
from contract_tests.reporting.format import ClauseCells
from contract_tests.reporting.reading import recount
from contract_tests.reporting.trust import trust_told
from contract_tests.reporting.views.headline import headline
from contract_tests.reporting.views.markdown import bounded, code, details, fenced, plain, table
from contract_tests.reporting.views.screen import counted, difference, reach, sign

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from contract_tests.reporting.format import Conformance, FlawRecord

LONGEST: Final = 900_000
"""Bytes; GitHub takes a mebibyte for a step, and others may have written there."""

_MOST_FLAWS: Final = 3
"""Flaws of one clause that are shown; the report has all of them."""

_MOST_CAUSES: Final = 50

_BROKEN: Final = (Verdict.VIOLATES, Verdict.DEVIATES, Verdict.ADVISES)
_UNDECIDED: Final = (Verdict.BLOCKED, Verdict.INCONCLUSIVE, Verdict.NOT_TESTED)


def step_summary(report: Conformance) -> str:
    """The whole summary; nothing in it formats, links or mentions on its own."""
    return bounded(_blocks(report), LONGEST, "There is more to say than fits here: conformance.json has all of it.")


def _blocks(report: Conformance) -> Iterator[Sequence[str]]:
    said = headline(report)
    yield [f"## {said.tone.sign.strip()} Contract: {plain(said.sentence)}", "", *map(plain, said.also), ""]
    yield _about(report)
    cells = recount(report)
    rows = [[f"{plain(_sign(one))} {plain(one)}", str(cells[one])] for one in Verdict]
    total = [f"all ({len(report.clauses)} clauses)", str(sum(cells.values()))]
    yield table(["verdict", "cells"], [*rows, total])
    if report.causes:
        rows = [
            [plain(f"{sign(one)} {one.level}"), code(one.says), plain(reach(one)), code(difference(one))]
            for one in report.causes[:_MOST_CAUSES]
        ]
        head = f"### {counted(len(report.causes), 'cause')}, what is gravest first"
        yield ["", head, *table(["level", "cause", "where", "what"], rows)]
    for verdict in _BROKEN:
        places = list(_places(report, verdict))
        if places:
            yield ["", f"### {verdict.sign} {verdict.capitalize()}", ""]
            yield from (_broken(place, report) for place in places)
    yield from _undecided(report)
    yield from _others(report)


def _about(report: Conformance) -> list[str]:
    run, target, suite = report.run, report.target, report.suite
    clock = "virtual clock" if target.virtual_clock else "real clock"
    return table(
        ["", ""],
        [
            ["target", code(target.address or "embedded mock")],
            ["says it is", code(target.version)],
            ["TLS", plain(trust_told(target))],
            ["dialects", plain(", ".join(target.dialects))],
            ["session timeout", plain(f"{target.session_timeout:g} s, {clock}")],
            ["started", plain(f"{run.started}, {run.seconds:g} s")],
            ["suite", plain(f"{suite.name} {suite.version}, contract {suite.contract_sha256[:12]}")],
            ["gate, seed", plain(f"{run.gate}, {run.seed}")],
        ],
    )


def _places(report: Conformance, verdict: Verdict) -> Iterator[ClauseCells]:
    for clause in report.clauses:
        cells = [cell for cell in clause.cells if cell.verdict == verdict]
        if cells:
            yield ClauseCells(clause, cells)


def _broken(place: ClauseCells, report: Conformance) -> list[str]:
    flaws = {(flaw.expected, flaw.observed): flaw for cell in place.cells for flaw in cell.flaws}
    shown = list(flaws.values())[:_MOST_FLAWS]
    lines = [plain(place.clause.says, 1000), "", *(f"- {code(source)}" for source in place.clause.sources), ""]
    for flaw in shown:
        lines += _flaw(flaw, report)
    if len(flaws) > len(shown):
        lines += [f"… and {len(flaws) - len(shown)} more, in conformance.json", ""]
    return details(_named(place), lines)


def _flaw(flaw: FlawRecord, report: Conformance) -> list[str]:
    return [
        *("expected", *fenced(flaw.expected)),
        *("observed", *fenced(flaw.observed)),
        *("to repeat it", *fenced(report.exchanges[flaw.exchange].curl)),
    ]


def _undecided(report: Conformance) -> Iterator[Sequence[str]]:
    rows = []
    for verdict in _UNDECIDED:
        reasons: dict[str, list[ClauseCells]] = {}
        for clause, cells in _places(report, verdict):
            for why in dict.fromkeys(cell.reason for cell in cells):
                reasons.setdefault(why, []).append(ClauseCells(clause, [cell for cell in cells if cell.reason == why]))
        rows += [[plain(f"{_sign(verdict)} {verdict}"), code(why), _listed(places)] for why, places in reasons.items()]
    if rows:
        yield details("What was not decided, and why", table(["verdict", "why", "clauses"], rows))


_MOST_PLACES: Final = 30


def _named(place: ClauseCells) -> str:
    names = ", ".join(f"{cell.dialect}-{cell.service}" for cell in place.cells)
    return f"{code(place.clause.id)} ({plain(place.clause.level)}; {plain(names)})"


def _listed(places: Sequence[ClauseCells]) -> str:
    more = [f"and {len(places) - _MOST_PLACES} more clauses"] if len(places) > _MOST_PLACES else []
    return "<br>".join([*map(_named, places[:_MOST_PLACES]), *more])


def _others(report: Conformance) -> Iterator[Sequence[str]]:
    if report.observations:
        rows = [[code(seen.clause), code(seen.choice), plain(", ".join(seen.cells))] for seen in report.observations]
        yield details("Where the documents leave room, this server", table(["clause", "chooses", "cells"], rows))
    if report.deviations:
        rows = [
            [code(", ".join(one.clauses)), plain(", ".join(one.cells)), code(one.reason), plain(one.expires), one.state]
            for one in report.deviations
        ]
        yield details("Registered deviations", table(["clauses", "cells", "reason", "until", "state"], rows))
    if report.leftovers:
        yield ["", "### Left on the target: `cl-contract sweep` tries again", "", *_items(report.leftovers), ""]


def _items(texts: Iterable[str]) -> list[str]:
    return [f"- {code(text)}" for text in texts]


def _sign(verdict: Verdict) -> str:
    return verdict.sign.strip() or "-"
