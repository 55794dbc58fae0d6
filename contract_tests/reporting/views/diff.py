"""A comparison in words: on the terminal, as Markdown for a pull request, as a page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from contract_tests.judging.verdicts import Verdict
from contract_tests.reporting.diff import ChangeKind
from contract_tests.reporting.reading import one_line
from contract_tests.reporting.trust import trust_told
from contract_tests.reporting.views.headline import headline
from contract_tests.reporting.views.markdown import bounded, code, details, plain, table
from contract_tests.reporting.views.markup import policy, style, templates
from contract_tests.reporting.views.screen import difference, reach

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from contract_tests.reporting.diff import Change, Choice, Comparison
    from contract_tests.reporting.format import CauseCell, CauseRecord, Conformance

LONGEST_COMMENT: Final = 60_000
"""Bytes of the Markdown; GitHub takes 65,536 characters as a comment."""

_OPEN: Final = (ChangeKind.REGRESSED, ChangeKind.WORSE, ChangeKind.NEWLY_DECIDED)
"""What a reader of the comment sees without opening it."""


@dataclass(frozen=True)
class DiffRow:
    """Cells of one clause with which the same has happened, for the same reason; `mark` is the new verdict, if any."""

    mark: str
    sign: str
    clause: str
    level: str
    cells: str
    step: str
    why: str
    was: str = ""
    shows: str = ""
    """What was expected and observed in the first of the cells, in the old report and in the new one."""


@dataclass(frozen=True)
class Section:
    """All that is of one kind; `cells` counts them."""

    title: str
    cells: int
    rows: tuple[DiffRow, ...]
    prominent: bool


def outcome(comparison: Comparison) -> str:
    """The result in a sentence."""
    regressed = comparison.of(ChangeKind.REGRESSED)
    early = "the new run is incomplete, so what it did not get to may have regressed"
    if regressed:
        clauses = len({change.clause for change in regressed})
        said = f"Regressed: {_counted(len(regressed), 'cell')} of {_counted(clauses, 'clause')}"
        return f"{said}." if comparison.new.run.complete else f"{said}; {early}."
    if not comparison.new.run.complete:
        return f"Not decided: no regression was seen, but {early}."
    if comparison.failed_otherwise:
        code = comparison.new.run.exit_code
        return f"Not decided: no cell has regressed, but the new run failed for another reason (exit code {code})."
    if not comparison.changes and not comparison.choices:
        return "No regression: nothing has changed."
    failing = [change for change in comparison.changes if change.fails]
    if failing:
        return f"No regression, but {_counted(len(failing), 'cell')} newly fail{'s' * (len(failing) == 1)} the run."
    return "No regression."


def sections(comparison: Comparison) -> list[Section]:
    """The changes by kind, the bad ones first."""
    found = [(kind, comparison.of(kind)) for kind in ChangeKind]
    return [Section(kind, len(changes), tuple(_rows(changes)), kind in _OPEN) for kind, changes in found if changes]


def terminal(comparison: Comparison) -> Iterator[str]:
    """What the terminal shows, line by line."""
    yield f"old  {one_line(_about(comparison.old))}"
    yield f"new  {one_line(_about(comparison.new))}"
    for one in comparison.differences:
        yield f"the runs differ: {one.what}: {one_line(one.old)} → {one_line(one.new)}"
    if comparison.causes:
        yield ""
        yield from (f"{word}: {one_line(text)}" for word, text in cause_rows(comparison))
    for section in sections(comparison):
        yield ""
        yield f"{section.title} ({_counted(section.cells, 'cell')})"
        for row in section.rows:
            yield f"  {row.sign} {one_line(row.clause)} [{row.cells}] {row.level}: {row.step}; {one_line(row.why)}"
            yield from (
                f"      {word}: {one_line(text)}" for word, text in (("old", row.was), ("new", row.shows)) if text
            )
    if comparison.choices:
        yield ""
        yield "where the documents leave room, the server chooses otherwise"
        for choice in comparison.choices:
            old, new = _choice(choice)
            yield f"  {one_line(choice.clause)} [{', '.join(choice.cells)}]: {one_line(old)} → {one_line(new)}"
    yield ""
    yield outcome(comparison)


def cause_rows(comparison: Comparison) -> Iterator[tuple[str, str]]:
    """Each cause, by what has become of it: new, gone or still there; and what it is, where."""
    for change in comparison.causes:
        cause = change.new or change.old
        assert cause is not None
        word = "new cause" if change.old is None else "gone" if change.new is None else "still there"
        told = f"{cause.says} ({cause.level}; {reach(cause)}; {difference(cause)})"
        yield word, told


def _told_causes(comparison: Comparison) -> Iterator[dict[str, Any]]:
    """Each cause as the page tells it: what has become of it, and the cells that changed by it."""
    tones = {"new cause": Verdict.VIOLATES, "gone": Verdict.CONFORMS, "still there": Verdict.NOT_TESTED}
    for change, (word, _) in zip(comparison.causes, cause_rows(comparison), strict=True):
        reached = {(one.clause, one.cell) for cause in (change.old, change.new) if cause for one in _reached(cause)}
        yield {
            "word": word,
            "tone": tones[word].replace(" ", "-"),
            "cause": change.new or change.old,
            "old": change.old,
            "new": change.new,
            "changes": [one for one in comparison.changes if (one.clause, one.cell) in reached],
        }


def _reached(cause: CauseRecord) -> list[CauseCell]:
    return [*cause.broken, *cause.blocked]


def markdown(comparison: Comparison) -> str:
    """A comment for a pull request, of bounded length; nothing in it formats, links or mentions on its own."""
    rest = "More has changed than a comment can hold; `cl-contract diff` shows all of it."
    return bounded(_blocks(comparison), LONGEST_COMMENT, rest)


def page(comparison: Comparison) -> str:
    """One self-contained HTML page."""
    return (
        templates()
        .get_template("changes.html.j2")
        .render(
            outcome=outcome(comparison),
            tone="conforms" if comparison.exit_code == 0 else "violates",
            runs=[("old", comparison.old, headline(comparison.old)), ("new", comparison.new, headline(comparison.new))],
            differences=comparison.differences,
            trust=trust_told,
            causes=list(_told_causes(comparison)),
            reach=reach,
            difference=difference,
            sections=sections(comparison),
            choices=[(one.clause, ", ".join(one.cells), *_choice(one)) for one in comparison.choices],
            policy=policy(style()),
            style=style(),
        )
    )


def _blocks(comparison: Comparison) -> Iterator[Sequence[str]]:
    sign = "✅" if comparison.exit_code == 0 else "❌"
    yield [f"### {sign} Contract: {plain(outcome(comparison))}", ""]
    runs = [("old", comparison.old), ("new", comparison.new)]
    yield table(["", "run", "result"], [[name, code(_about(run)), plain(headline(run).sentence)] for name, run in runs])
    if comparison.differences:
        rows = [[plain(one.what), code(one.old), code(one.new)] for one in comparison.differences]
        yield ["**The runs differ in more than their verdicts:**", *table(["", "old", "new"], rows)]
    if comparison.causes:
        rows = [[plain(word), code(text)] for word, text in cause_rows(comparison)]
        yield table(["", "cause"], rows[:_MOST_ROWS])
    for section in sections(comparison):
        yield from _section_blocks(section)
    if comparison.choices:
        rows = [[code(one.clause), plain(", ".join(one.cells)), *map(code, _choice(one))] for one in comparison.choices]
        written = table(["clause", "cells", "old", "new"], rows)
        yield details("Where the documents leave room, the server chooses otherwise", written)


_MOST_ROWS: Final = 40
"""Rows of one table, so that a kind of which there is very much leaves room for the others."""


def _section_blocks(section: Section) -> Iterator[Sequence[str]]:
    rows = [
        [row.sign, code(row.clause), plain(row.level), plain(row.cells), plain(row.step), _why(row)]
        for row in section.rows[:_MOST_ROWS]
    ]
    written = table(["", "clause", "level", "cells", "verdict", "why"], rows)
    if len(section.rows) > _MOST_ROWS:
        written += [f"… and {len(section.rows) - _MOST_ROWS} more rows", ""]
    title = f"{plain(section.title)} ({_counted(section.cells, 'cell')})"
    yield [f"#### {title}", *written] if section.prominent else details(title, written)


def _why(row: DiffRow) -> str:
    told = (("old", row.was), ("new", row.shows))
    return "<br>".join([code(row.why), *(f"{word}: {code(text)}" for word, text in told if text)])


def _rows(changes: Sequence[Change]) -> Iterator[DiffRow]:
    gathered: dict[tuple[Verdict | None, str, str, str, str], list[Change]] = {}
    for one in changes:
        step = f"{one.old or 'not there'} → {one.new or 'not there'}"
        gathered.setdefault((one.new, one.clause, one.level, step, one.why), []).append(one)
    for (new, clause, level, step, why), found in gathered.items():
        mark, sign = ("none", "-") if new is None else (new.replace(" ", "-"), new.sign.strip() or "-")
        cells = ", ".join(one.cell for one in found)
        yield DiffRow(mark, sign, clause, level, cells, step, why, found[0].was, found[0].shows)


def _choice(choice: Choice) -> tuple[str, str]:
    return " and ".join(choice.old) or "not observed", " and ".join(choice.new) or "not observed"


def _about(report: Conformance) -> str:
    run, target = report.run, report.target
    ended = "" if run.complete else ", incomplete"
    return (
        f"{target.address or 'embedded mock'} ({target.version}), {run.started}, "
        f"{report.suite.name} {report.suite.version}, exit code {run.exit_code}{ended}, {trust_told(target)}"
    )


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'s' * (number != 1)}"
