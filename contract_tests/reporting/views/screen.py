"""The last screen of a run: causes, counts, where the reports are, what to type next, and the result as the last line.

Forty lines hold it all for up to ten causes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from contract_tests.judging.verdicts import Verdict
from contract_tests.judging.wording import short
from contract_tests.reporting.folder import PAGE
from contract_tests.reporting.limits import limit_lines
from contract_tests.reporting.origins import origin_lines
from contract_tests.reporting.unheard import unheard_lines
from contract_tests.reporting.views.headline import headline
from contract_tests.rules.checks.readings import CONFIGURED_OTHERWISE
from contract_tests.texts import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from contract_tests.reporting.format import CauseRecord, Conformance

MOST_CAUSES: Final = 10
MOST_LINES: Final = 2
"""Lines of each other thing that there is to tell: what is left on the target, say."""

LEAST_WIDTH: Final = 80


def screen(report: Conformance, folder: Path, totals: str, width: int = LEAST_WIDTH) -> Iterator[str]:
    """The lines before the result, each no wider than the terminal; `totals` are the cells by verdict."""
    width = max(width, LEAST_WIDTH)
    yield from (_cut(line, width) for line in cause_lines(report.causes))
    yield from (_cut(line, width) for line in _others(report))
    yield printable(_tests(report))
    yield printable(totals)
    yield printable(f"report: {(folder / PAGE).absolute().as_uri()}")
    if (told := next_command(report, folder)) is not None:
        yield printable(f"next:   {told}")


def cause_lines(causes: Sequence[CauseRecord]) -> Iterator[str]:
    """Three lines for each of the first causes: what it is, how far it reaches, what was expected and observed."""
    if not causes:
        return
    yield f"{counted(len(causes), 'cause')}, what is gravest first"
    for number, cause in enumerate(causes[:MOST_CAUSES], start=1):
        yield f"{number:>2}. {sign(cause)} {cause.says} ({cause.level})"
        yield f"      {reach(cause)}"
        yield f"      {difference(cause)}"
    if len(causes) > MOST_CAUSES:
        yield f"    … and {len(causes) - MOST_CAUSES} more, in {PAGE}"


def sign(cause: CauseRecord) -> str:
    """The sign of the verdict that its cells have: violates, advises, or blocked."""
    if not cause.broken:
        return Verdict.BLOCKED.sign
    return Verdict.ADVISES.sign if cause.level == "advisory" else Verdict.VIOLATES.sign


def reach(cause: CauseRecord) -> str:
    """Which clauses it breaks, in how many cells, what it blocks, and how often it was seen."""
    broken = list(dict.fromkeys([cause.clause, *(one.clause for one in cause.broken or cause.blocked)]))
    more = f" and {counted(len(broken) - 1, 'other clause')}" if len(broken) > 1 else ""
    parts = [f"broken in {counted(len(cause.broken), 'cell')}"] if cause.broken else []
    if cause.blocked:
        clauses = len({one.clause for one in cause.blocked})
        parts.append(f"blocks {counted(len(cause.blocked), 'cell')} of {counted(clauses, 'clause')}")
    if cause.seen:
        parts.append(f"seen {counted(cause.seen, 'time')}")
    return f"{cause.clause}{more}: {', '.join(parts)}"


def difference(cause: CauseRecord) -> str:
    """What was expected and observed, in the exchange that shows it best."""
    if not cause.expected:
        return short(cause.observed, 160)
    return f"expected {short(cause.expected)}; observed {short(cause.observed, 110)}"


def next_command(report: Conformance, folder: Path) -> str | None:
    """What to type to see the first cause oneself; None where nothing is broken."""
    broken = [cause for cause in report.causes if cause.broken]
    if not broken:
        return None
    reports = "" if str(folder) == "reports" else f" --reports {folder}"
    return f"cl-contract repro {broken[0].clause} {broken[0].cell}{reports}"


def counted(number: int, what: str) -> str:
    return f"{number} {what}{'s' * (number != 1)}"


def bounded_lines(title: str, lines: Iterable[str]) -> Iterator[str]:
    """The first lines under a title, and how many more there are."""
    every = list(lines)
    for line in every[:MOST_LINES]:
        yield f"{title}: {line}"
    if len(every) > MOST_LINES:
        yield f"{title}: … and {len(every) - MOST_LINES} more, in {PAGE}"


def _others(report: Conformance) -> Iterator[str]:
    yield from (line for line in headline(report).also if CONFIGURED_OTHERWISE in line)
    yield from bounded_lines("registered as a deviation", deviation_lines(report))
    yield from bounded_lines("left on the target, where cl-contract sweep tries again", report.leftovers)
    yield from bounded_lines("another origin that the server named", origin_lines(report.origins))
    yield from bounded_lines("a limit that the run reached", limit_lines(report.limits))
    yield from bounded_lines("not the server's word", unheard_lines(report.run.unheard, report.run.requests))


def deviation_lines(report: Conformance) -> Iterator[str]:
    """What the profile should be told: which of its deviations are not seen, and which have expired."""
    failing = {(one.clause, one.cell) for cause in report.causes for one in (*cause.broken, *cause.blocked)}
    for one in report.deviations:
        more = f" and {counted(len(one.clauses) - 1, 'other clause')}" if len(one.clauses) > 1 else ""
        if one.state == "not seen" and failing & {(slug, cell) for slug in one.clauses for cell in one.cells}:
            yield f"{one.clauses[0]}{more}: what is seen there now looks otherwise than its signature ({one.reason})"
        elif one.state == "not seen":
            yield f"{one.clauses[0]}{more}: not seen any more, so that it can go ({one.reason})"
        elif one.state == "expired":
            yield f"{one.clauses[0]}{more}: its last day was {one.expires}, so that it excuses nothing ({one.reason})"


def _tests(report: Conformance) -> str:
    told = ", ".join(f"{count} {outcome}" for outcome, count in report.run.tests.items() if count)
    return f"{counted(sum(report.run.tests.values()), 'test')} in {report.run.seconds:.0f} s: {told or 'none'}"


def _cut(line: str, width: int) -> str:
    told = printable(line)
    return told if len(told) <= width else f"{told[: width - 1]}…"
