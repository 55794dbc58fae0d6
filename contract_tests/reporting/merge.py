"""Shards of one run put together: as if one run had done what they did, worst outcome first.

The target may have been tested in parts: by dialect, by file, by `-k`. What no shard decided stays as the shards say.
Seconds, tests and wait budgets are summed, since the shards spent them one by one; a test that ran in two shards counts
twice.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from contract_tests.contract import CELLS, Dialect
from contract_tests.judging.outcomes import Outcome
from contract_tests.judging.verdicts import DECIDED, NOTHING_DECIDED, Verdict, fails_run, verdict_of
from contract_tests.problems import UsageProblem
from contract_tests.reporting.causes import with_causes
from contract_tests.reporting.folder import merged_id, runs_of
from contract_tests.reporting.format import (
    SCHEMA_VERSION,
    CellRecord,
    ClauseRecord,
    Conformance,
    DeviationRecord,
    ObservationRecord,
)
from contract_tests.reporting.limits import added_limits
from contract_tests.reporting.origins import added
from contract_tests.reporting.reading import recount
from contract_tests.reporting.trust import trust_told

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


@dataclass(frozen=True)
class Merged:
    """One report of all shards, and what a reader has to know about how it came about."""

    report: Conformance
    notes: tuple[str, ...]


class Shard(NamedTuple):
    """One report, its number on the command line, and the ids that its exchanges get in the merged report."""

    number: int
    report: Conformance
    ids: dict[str, str]


def merge(reports: Sequence[Conformance]) -> Merged:
    """Put shards together.

    Raises:
        UsageProblem: they are not of one run: another contract, suite, target, gate or timeout; or two are the same.
    """
    _require_each_once(reports)
    for number, report in enumerate(reports[1:], start=2):
        require_same_contract(reports[0], report, number)
        _require_same_target(reports[0], report, number)
    shards, exchanges = _shelved(reports)
    notes = [*_unequal(reports)]
    clauses = [_clause(shards, place, notes) for place in range(len(reports[0].clauses))]
    merged = Conformance(
        schema_version=SCHEMA_VERSION,
        suite=reports[0].suite,
        target=reports[0].target.model_copy(update={"dialects": _dialects(reports)}),
        run=reports[0].run,
        totals={},
        clauses=clauses,
        observations=_observations(shards),
        deviations=_deviations(reports),
        leftovers=sorted({left for report in reports for left in report.leftovers}),
        origins=added([report.origins for report in reports]),
        limits=added_limits(report.limits for report in reports),
        exchanges=exchanges,
    )
    counted = recount(merged)
    totals = {verdict: counted[verdict] for verdict in Verdict}
    whole = merged.model_copy(update={"totals": totals, "run": _run(reports, merged)})
    return Merged(with_causes(whole), tuple(notes))


def _require_each_once(reports: Sequence[Conformance]) -> None:
    """Raise UsageProblem where one shard would count twice."""
    seen: dict[str, int] = {}
    for number, report in enumerate(reports, start=1):
        for one in runs_of(report.run.id):
            if one in seen:
                raise UsageProblem(
                    f"the reports can't be put together: number {seen[one]} and number {number} are of the same run "
                    f"({one[:12]}…), which would count twice"
                )
            seen[one] = number


def require_same_contract(first: Conformance, other: Conformance, number: int) -> None:
    """Raise UsageProblem unless both were judged by the same suite and contract; `number` names the other one."""
    for what, one, two in (
        ("contract", first.suite.contract_sha256[:12], other.suite.contract_sha256[:12]),
        ("suite", f"{first.suite.name} {first.suite.version}", f"{other.suite.name} {other.suite.version}"),
        ("suite's files", first.suite.sha256[:12], other.suite.sha256[:12]),
        ("list of clauses", _clause_list(first), _clause_list(other)),
    ):
        if one != two:
            raise UsageProblem(
                f"the reports can't be put together: number 1 was judged by another {what} than number {number} "
                f"({one} and {two})"
            )


def same_target(reports: Sequence[Conformance]) -> bool:
    """Whether all reports are about one server: its address and what it says of itself."""
    return len({(report.target.address, report.target.version) for report in reports}) == 1


def _require_same_target(first: Conformance, other: Conformance, number: int) -> None:
    for what, one, two in (
        ("address", first.target.address or "embedded mock", other.target.address or "embedded mock"),
        ("version", first.target.version, other.target.version),
        ("session timeout", f"{first.target.session_timeout:g} s", f"{other.target.session_timeout:g} s"),
        ("clock", *(("real", "virtual")[report.target.virtual_clock] for report in (first, other))),
        ("TLS", trust_told(first.target), trust_told(other.target)),
        ("gate", first.run.gate, other.run.gate),
    ):
        if one != two:
            raise UsageProblem(
                f"the reports are not of one run: number 1 has another {what} than number {number} ({one} and {two})"
            )


def _clause_list(report: Conformance) -> str:
    known = [
        (clause.id, clause.level, [(cell.dialect, cell.service) for cell in clause.cells]) for clause in report.clauses
    ]
    return hashlib.sha256(repr(known).encode()).hexdigest()[:12]


def _unequal(reports: Sequence[Conformance]) -> Iterable[str]:
    for what, values in (
        ("seeds", [report.run.seed for report in reports]),
        ("numbers of examples", [report.run.fuzz_examples for report in reports]),
    ):
        if len(set(values)) > 1:
            yield f"the shards have different {what} ({', '.join(map(str, values))}); the merged report names the first"


def _shelved(reports: Sequence[Conformance]) -> tuple[list[Shard], dict[str, Any]]:
    """The shards with ids for their exchanges: one that another shard has for something else is changed."""
    exchanges: dict[str, Any] = {}
    shards = []
    for number, report in enumerate(reports, start=1):
        ids = {}
        for name, exchange in report.exchanges.items():
            free = name
            while exchanges.get(free, exchange) != exchange:
                free = f"{free}-{number}"
            exchanges[free] = exchange
            ids[name] = free
        shards.append(Shard(number, report, ids))
    return shards, exchanges


def _clause(shards: Sequence[Shard], place: int, notes: list[str]) -> ClauseRecord:
    clause = shards[0].report.clauses[place]
    cells = [_cell(shards, place, cell, notes) for cell in range(len(clause.cells))]
    return clause.model_copy(update={"cells": cells})


_OUTCOMES = {
    Verdict.VIOLATES: Outcome.BROKEN,
    Verdict.ADVISES: Outcome.BROKEN,
    Verdict.BLOCKED: Outcome.BLOCKED,
    Verdict.DEVIATES: Outcome.EXCUSED,
    Verdict.INCONCLUSIVE: Outcome.INCONCLUSIVE,
    Verdict.CONFORMS: Outcome.HELD,
}


def _cell(shards: Sequence[Shard], place: int, index: int, notes: list[str]) -> CellRecord:
    """One cell: its verdict by the rule for outcomes of tests, its proofs from the shards that found that verdict."""
    clause = shards[0].report.clauses[place]
    given = [(shard, shard.report.clauses[place].cells[index]) for shard in shards]
    verdicts = [cell.verdict for _, cell in given]
    found = [_OUTCOMES[verdict] for verdict in verdicts if verdict in _OUTCOMES]
    verdict = verdict_of(clause.level, found)
    if not found and Verdict.NOT_TESTED not in verdicts:
        verdict = Verdict.NOT_APPLICABLE
    telling = [(shard, cell) for shard, cell in given if cell.verdict == verdict]
    summary = "; ".join(dict.fromkeys(cell.summary for _, cell in telling))
    decided = [(shard.number, cell.verdict) for shard, cell in given if cell.verdict in _OUTCOMES]
    if len({word for _, word in decided}) > 1:
        differing = ", ".join(f"shard {number} {word}" for number, word in decided)
        where = f"{clause.id} [{given[0][1].dialect}-{given[0][1].service}]"
        notes.append(f"the shards differ about {where}: {differing}; the worst one counts")
        summary = f"{summary} (the shards differ: {differing})"
    shown = telling[:1] if verdict is Verdict.CONFORMS else telling
    return given[0][1].model_copy(
        update={
            "verdict": verdict,
            "reason": "; ".join(dict.fromkeys(cell.reason for _, cell in telling if cell.reason)),
            "summary": summary,
            "tests": sorted({test for _, cell in given for test in cell.tests}),
            "flaws": _unique(_renamed(flaw, shard) for shard, cell in given for flaw in cell.flaws),
            "cause": "",
            "exchanges": _unique(_renamed(step, shard) for shard, cell in shown for step in cell.exchanges),
        }
    )


def _renamed(named: Any, shard: Shard) -> Any:
    """A flaw, a step or an observation under the id that its exchange has now; causes are found anew."""
    apart = {"cause": ""} if hasattr(named, "cause") else {}
    return named.model_copy(update={"exchange": shard.ids[named.exchange], **apart})


def _unique(records: Iterable[Any]) -> list[Any]:
    kept: list[Any] = []
    for record in records:
        if record not in kept:
            kept.append(record)
    return kept


def _observations(shards: Sequence[Shard]) -> list[ObservationRecord]:
    gathered: dict[tuple[str, str], ObservationRecord] = {}
    for shard in shards:
        for seen in shard.report.observations:
            known = gathered.get((seen.clause, seen.choice), _renamed(seen, shard))
            cells = {*known.cells, *seen.cells}
            gathered[seen.clause, seen.choice] = known.model_copy(
                update={
                    "cells": [str(cell) for cell in CELLS if str(cell) in cells],
                    "tests": sorted({*known.tests, *seen.tests}),
                }
            )
    return [gathered[place] for place in sorted(gathered)]


_STATES = ("not tried", "not seen", "seen", "expired")
"""Of a deviation: what one shard did not see another one may have; expired is a matter of the day."""


def _deviations(reports: Sequence[Conformance]) -> list[DeviationRecord]:
    gathered: dict[DeviationRecord, str] = {}
    for one in (deviation for report in reports for deviation in report.deviations):
        key = one.model_copy(update={"state": "", "cells": tuple(one.cells), "clauses": tuple(one.clauses)})
        gathered[key] = max(gathered.get(key, "not tried"), one.state, key=_STATES.index)
    return [
        key.model_copy(update={"state": state, "cells": list(key.cells), "clauses": list(key.clauses)})
        for key, state in gathered.items()
    ]


def _dialects(reports: Sequence[Conformance]) -> list[Dialect]:
    spoken = {dialect for report in reports for dialect in report.target.dialects}
    return [dialect for dialect in Dialect if dialect in spoken]


def _run(reports: Sequence[Conformance], merged: Conformance) -> Any:
    runs = [report.run for report in reports]
    tests: dict[str, int] = {}
    for outcome, count in (pair for run in runs for pair in run.tests.items()):
        tests[outcome] = tests.get(outcome, 0) + count
    return runs[0].model_copy(
        update={
            "id": merged_id([run.id for run in runs]),
            "started": min((run.started for run in runs), key=datetime.fromisoformat),
            "seconds": round(sum(run.seconds for run in runs), 3),
            "max_wait": sum(run.max_wait for run in runs),
            "exit_code": _exit_code(reports, merged),
            "complete": all(run.complete for run in runs),
            "tests": dict(sorted(tests.items())),
            "selected": _selected([run.selected for run in runs]),
            "requests": sum(run.requests for run in runs),
            "unheard": dict(sorted(sum((Counter(run.unheard) for run in runs), Counter()).items())),
            "exchanges_sha256": hashlib.sha256("\n".join(run.exchanges_sha256 for run in runs).encode()).hexdigest(),
        }
    )


def _selected(reasons: Sequence[str]) -> str:
    """One shard that ran everything is enough; else nobody knows whether the parts make the whole."""
    if not all(reasons):
        return ""
    told = dict.fromkeys(reasons)
    return reasons[0] if len(told) == 1 else f"merged from {len(reasons)} parts: {' | '.join(told)}"


def _exit_code(reports: Sequence[Conformance], merged: Conformance) -> int:
    """That of a run with these verdicts; a shard that failed for another reason, or did not end well, fails it too."""
    gate = merged.run.gate
    failing = any(fails_run(cell.verdict, clause.level, gate) for clause in merged.clauses for cell in clause.cells)
    codes = {report.run.exit_code for report in reports}
    if failing or 1 in codes:
        return 1
    others = codes - {0, NOTHING_DECIDED}
    if others:
        return max(others)
    decided = any(cell.verdict in DECIDED for clause in merged.clauses for cell in clause.cells)
    return 0 if decided and codes != {NOTHING_DECIDED} else NOTHING_DECIDED
