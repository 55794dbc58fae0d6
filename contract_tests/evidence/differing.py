"""What two judgements of the same exchanges do not agree on."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contract_tests.evidence.format import CellRecord, Conformance


def differences(then: Conformance, now: Conformance) -> Iterator[str]:
    """A line for each cell that is judged otherwise or for other reasons, and for each observation that is another.

    One more where all agree and the exit code of a run that came to its end does not: a test that decides no clause.
    """
    found = list(_differences(then, now))
    codes = then.run.exit_code, now.run.exit_code
    if not found and then.run.complete and codes in {(0, 1), (1, 0)}:
        found.append(f"the report says that the run ended with exit code {codes[0]}, the recording with {codes[1]}")
    yield from found


def _differences(then: Conformance, now: Conformance) -> Iterator[str]:
    before, after = _cells(then), _cells(now)
    for place in chain(before, (place for place in after if place not in before)):
        told, found = before.get(place), after.get(place)
        if told is None or found is None:
            yield f"{place}: {'not in the report' if told is None else 'not in this contract'}"
        elif told.verdict != found.verdict:
            yield f"{place}: the report says {told.verdict}, and the recording {found.verdict} ({found.summary})"
        elif (wrong := _flaws(told)) != (wrongs := _flaws(found)):
            yield f"{place}: the report says {wrong or 'nothing wrong'}, and the recording {wrongs or 'nothing wrong'}"
    chosen, choices = _choices(then), _choices(now)
    for choice in sorted(chosen ^ choices):
        where = "only in the report" if choice in chosen else "only in the recording"
        yield f"{': '.join(choice)}: this choice is seen {where}"


def _cells(report: Conformance) -> dict[str, CellRecord]:
    return {f"{clause.id} [{cell.dialect}-{cell.service}]": cell for clause in report.clauses for cell in clause.cells}


def _flaws(cell: CellRecord) -> list[str]:
    return sorted(f"expected {flaw.expected}; observed {flaw.observed}" for flaw in cell.flaws)


def _choices(report: Conformance) -> set[tuple[str, str, str]]:
    return {(seen.clause, seen.choice, cell) for seen in report.observations for cell in seen.cells}
