"""The causes of what a report found, as part of it."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from contract_tests.contract import Level
from contract_tests.judging.causes import Cause, causes
from contract_tests.judging.symptoms import Complaint, ShownAnswer
from contract_tests.judging.verdicts import Verdict, fails_run
from contract_tests.reporting.format import CauseCell, CauseRecord, CellRecord, ClauseRecord, Conformance

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from contract_tests.reporting.format import ExchangeRecord

_PREMISE: Final = re.compile(
    r"its premise failed: (?:expected (?P<expected>.*?); observed )?(?P<observed>.*?)(?:; its premise failed: |$)",
    re.DOTALL,
)
"""Of several reasons, the first."""
_BROKEN: Final = (Verdict.VIOLATES, Verdict.ADVISES)


def with_causes(report: Conformance) -> Conformance:
    """`report` with the causes of what it found: each flaw and each blocked cell names the one that it belongs to."""
    found = list(_complaints(report))
    records: list[CauseRecord] = []
    names: dict[int, str] = {}
    for cause in causes([complaint for _, complaint in found]):
        name = _free(cause.lead.clause, {one.id for one in records})
        records.append(_record(cause, name))
        names |= dict.fromkeys(cause.numbers, name)
    by_place = {place: names[number] for number, (place, _) in enumerate(found)}
    clauses = [_named(clause, at, by_place) for at, clause in enumerate(report.clauses)] if found else report.clauses
    return report.model_copy(update={"clauses": clauses, "causes": records})


_Place = tuple[int, int, int]
"""Number of clause, cell and flaw; the latter is -1 for a blocked cell."""


def _complaints(report: Conformance) -> Iterator[tuple[_Place, Complaint]]:
    answers = {name: _answer(name, exchange) for name, exchange in report.exchanges.items()}
    for at, clause in enumerate(report.clauses):
        for index, cell in enumerate(clause.cells):
            fails = fails_run(Verdict(cell.verdict), Level(clause.level), report.run.gate)
            place = clause.id, Level(clause.level), _name(cell)
            if cell.verdict in _BROKEN:
                for number, flaw in enumerate(cell.flaws):
                    shown = (answers[flaw.exchange],)
                    complaint = Complaint(*place, (flaw.test,), flaw.expected, flaw.observed, shown, fails=fails)
                    yield (at, index, number), complaint
            elif cell.verdict == Verdict.BLOCKED:
                stopped = tuple(answers[step.exchange] for step in cell.exchanges if step.deciding)
                told = premise_of(cell.reason)
                premise = "its premise failed" in cell.reason
                complaint = Complaint(
                    *place, tuple(cell.tests), *told, stopped, is_blocked=True, has_premise=premise, fails=fails
                )
                yield (at, index, -1), complaint


def premise_of(reason: str) -> tuple[str, str]:
    """What the premise of a blocked cell expected (empty, if it was something else) and observed."""
    read = _PREMISE.search(reason)
    return (read["expected"] or "", read["observed"]) if read else ("", reason)


def _name(cell: CellRecord) -> str:
    return f"{cell.dialect}-{cell.service}"


def _answer(name: str, exchange: ExchangeRecord) -> ShownAnswer:
    response = exchange.response
    size = len(exchange.request.body.text or "") + (len(response.body.text or "") if response else 0)
    status = None if response is None else response.status
    said = _said(response.body.text) if response is not None and response.status >= 400 else ""
    return ShownAnswer(name, exchange.operation or "", status, said, size)


def _said(body: str | None) -> str:
    """The first message of an error body, bare or wrapped; empty if there is none."""
    try:
        error: Any = json.loads(body or "")
    except (ValueError, RecursionError):
        return ""
    if isinstance(error, dict) and isinstance(error.get("value"), dict):
        error = error["value"]
    messages = error.get("messages") if isinstance(error, dict) else None
    first = messages[0] if isinstance(messages, list) and messages else None
    said = first.get("default_message") if isinstance(first, dict) else None
    return " ".join(said.split()) if isinstance(said, str) else ""


def _free(name: str, taken: set[str]) -> str:
    numbers = (f"{name}-{number}" for number in range(2, len(taken) + 2))
    return name if name not in taken else next(one for one in numbers if one not in taken)


def _record(cause: Cause, name: str) -> CauseRecord:
    lead = cause.lead
    places = {one.place: one for one in cause.complaints}  # a place is broken or blocked, never both
    return CauseRecord(
        id=name,
        says=cause.says,
        level=cause.level,
        fails=any(one.fails for one in cause.complaints),
        clause=lead.clause,
        cell=lead.cell,
        expected=lead.expected,
        observed=lead.observed,
        test=lead.tests[0] if lead.tests else "",
        exchange=lead.answer.exchange if lead.answer else None,
        seen=len(cause.broken),
        broken=[CauseCell(clause=one.clause, cell=one.cell) for one in places.values() if not one.is_blocked],
        blocked=[CauseCell(clause=one.clause, cell=one.cell) for one in places.values() if one.is_blocked],
    )


def _named(clause: ClauseRecord, at: int, names: Mapping[_Place, str]) -> ClauseRecord:
    """The clause with the causes of its flaws and blocked cells."""
    cells = []
    for index, cell in enumerate(clause.cells):
        flaws = [
            flaw.model_copy(update={"cause": names.get((at, index, number), "")})
            for number, flaw in enumerate(cell.flaws)
        ]
        cells.append(cell.model_copy(update={"flaws": flaws, "cause": names.get((at, index, -1), "")}))
    return clause.model_copy(update={"cells": cells})
