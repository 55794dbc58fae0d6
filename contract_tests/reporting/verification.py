"""What two judgements of the same exchanges do not agree on."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from contract_tests.reporting.format import FIRST_VERSION
from contract_tests.reporting.proofs import record_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from contract_tests.reporting.format import CellRecord, ClauseRecord, Conformance
    from contract_tests.traffic.exchange import Exchange


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
    yield from _described(then, now)
    chosen, choices = _choices(then), _choices(now)
    for choice in sorted(chosen ^ choices):
        where = "only in the report" if choice in chosen else "only in the recording"
        yield f"{': '.join(choice)}: this choice is seen {where}"


def _described(then: Conformance, now: Conformance) -> Iterator[str]:
    """What the report says of the server, and of clauses that are those of this contract."""
    # A report of an earlier format says nothing of what came later.
    said = set(type(then.target).model_fields) if then.schema_version != FIRST_VERSION else then.target.model_fields_set
    for name, told in then.target:
        if name in said and told != (found := getattr(now.target, name)):
            yield f"target: the report says {name} {told!r}, and the recording {found!r}"
    if then.suite.contract_sha256 == now.suite.contract_sha256:
        clauses = {clause.id: clause for clause in now.clauses}
        for clause in then.clauses:
            if clause.id in clauses and _words(clause) != _words(clauses[clause.id]):
                yield f"{clause.id}: the report describes this clause otherwise than the contract"


def _words(clause: ClauseRecord) -> ClauseRecord:
    return clause.model_copy(update={"cells": []})


def altered(then: Conformance, exchanges: Iterable[Exchange]) -> Iterator[str]:
    """A line for each exchange that the report shows, and that is not among those of the recording."""
    recorded: dict[str | None, list[Exchange]] = {}
    for exchange in exchanges:
        recorded.setdefault(exchange.id, []).append(exchange)
    for name, shown in then.exchanges.items():
        forms = [form for exchange in recorded.get(name, ()) for form in (exchange, exchange.shortened)]
        if shown not in [record_of(shown.test, form) for form in forms]:
            yield f"exchange {name}: the report shows another than the recording"


def _cells(report: Conformance) -> dict[str, CellRecord]:
    return {f"{clause.id} [{cell.dialect}-{cell.service}]": cell for clause in report.clauses for cell in clause.cells}


def _flaws(cell: CellRecord) -> list[str]:
    return sorted(f"expected {flaw.expected}; observed {flaw.observed}" for flaw in cell.flaws)


def _choices(report: Conformance) -> set[tuple[str, str, str]]:
    return {(seen.clause, seen.choice, cell) for seen in report.observations for cell in seen.cells}
