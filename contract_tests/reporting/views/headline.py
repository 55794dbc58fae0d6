"""The result of a run in one sentence, that agrees with its exit code."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from contract_tests.contract import Level
from contract_tests.judging.verdicts import DECIDED, NOTHING_DECIDED, Verdict, fails_run
from contract_tests.reporting.limits import limit_lines
from contract_tests.rules.checks.readings import CONFIGURED_OTHERWISE

if TYPE_CHECKING:
    from collections.abc import Callable

    from contract_tests.reporting.format import Conformance

_ENDED = {
    2: "the run was interrupted",
    3: "the suite itself failed",
    4: "the run could not be made as it was asked for",
    5: "no test was selected",
}


@dataclass(frozen=True)
class Headline:
    """`tone` is the verdict whose colour and sign suit it; `also` says what the sentence leaves out."""

    tone: Verdict
    sentence: str
    also: tuple[str, ...]


def headline(report: Conformance) -> Headline:
    """The result of the run that `report` is about."""
    tone, sentence = _sentence(report)
    return Headline(tone, sentence, tuple(_also(report)))


def _sentence(report: Conformance) -> tuple[Verdict, str]:
    broken, blocked = _failing(report, Verdict.VIOLATES, Verdict.ADVISES), _failing(report, Verdict.BLOCKED)
    code = report.run.exit_code
    found = _found(broken, blocked)
    if code == NOTHING_DECIDED and report.run.complete and report.run.tests:
        return Verdict.NOT_TESTED, "Nothing decided: no test could say of any clause whether the server fulfils it."
    if code in _ENDED or not report.run.complete:
        why = _ENDED.get(code, "it ended before all its tests had run")
        tone = Verdict.VIOLATES if broken[0] else Verdict.BLOCKED
        return tone, f"Incomplete: {why}. Until then {found or 'no gating clause was found broken'}."
    if code == 0:
        if found:
            return Verdict.BLOCKED, f"Contradictory: the exit code is 0, but {found}."
        return _success(report)
    if found:
        return (
            (Verdict.VIOLATES, f"Violates: {found}.")
            if broken[0]
            else (Verdict.BLOCKED, f"Not shown to conform: {found}.")
        )
    return Verdict.BLOCKED, _failed_otherwise(report)


def _failed_otherwise(report: Conformance) -> str:
    unseen = sum(one.state == "not seen" for one in report.deviations)
    if unseen and not report.run.tests.keys() & {"failed", "error"}:
        what = "a registered deviation was" if unseen == 1 else f"{unseen} registered deviations were"
        return f"Failed: {what} not seen any more (--strict-deviations); the profile can do without."
    return f"Failed: no gating clause is broken, but tests failed (exit code {report.run.exit_code})."


def _success(report: Conformance) -> tuple[Verdict, str]:
    if not report.totals.get(Verdict.CONFORMS):
        return Verdict.NOT_TESTED, "Nothing shown: no test found a clause fulfilled."
    deviations = _count(report, lambda verdict, _: verdict == Verdict.DEVIATES)
    if deviations[0]:
        return Verdict.DEVIATES, f"Conforms, but for registered deviations: {_are(deviations, 'broken or blocked')}."
    if report.run.selected:
        return Verdict.CONFORMS, "Conforms in the part that was run: no gating clause is broken there."
    return Verdict.CONFORMS, "Conforms: no gating clause is broken."


def _found(broken: tuple[int, int], blocked: tuple[int, int]) -> str:
    parts = [_are(broken, "broken")] if broken[0] else []
    if blocked[0]:
        parts.append(f"{_are(blocked, 'blocked')}, where a premise failed")
    return "; ".join(parts)


def _also(report: Conformance) -> list[str]:
    """What a reader of the sentence alone would not expect."""
    gating = _count(report, lambda verdict, level: _gates(report, level) and verdict != Verdict.NOT_APPLICABLE)
    decided = _count(report, lambda verdict, level: _gates(report, level) and verdict in DECIDED)
    said = [f"{decided[1]} of the {gating[1]} cells that gate the run were decided ({_gating_levels(report)})."]
    if report.target.certificate == "not verified":
        said.append("The server's certificate was not verified (--insecure): another server may have answered.")
    outside = _count(
        report,
        lambda verdict, level: verdict in (Verdict.VIOLATES, Verdict.ADVISES) and not _gates(report, level),
    )
    if outside[0]:
        said.append(f"Outside the gate {_are(outside, 'broken')}.")
    said += _configured_otherwise(report)
    said += limit_lines(report.limits)
    if report.run.selected:
        said.append(f"Not all tests were run: {report.run.selected}.")
    return said


def _configured_otherwise(report: Conformance) -> list[str]:
    """That the suite may have been told another session timeout than the server has, if a new session shows so."""
    cells = (cell for clause in report.clauses for cell in clause.cells if cell.verdict == Verdict.VIOLATES)
    told = (flaw.observed for cell in cells for flaw in cell.flaws)
    hint = next((text[text.index(CONFIGURED_OTHERWISE) :] for text in told if CONFIGURED_OTHERWISE in text), "")
    return [f"Before anything else is read: {hint}."] if hint else []


def _gating_levels(report: Conformance) -> str:
    return ", ".join(level for level in Level if _gates(report, level))


def _gates(report: Conformance, level: str) -> bool:
    return report.run.gate.covers(Level(level))


def _failing(report: Conformance, *verdicts: Verdict) -> tuple[int, int]:
    gate = report.run.gate
    return _count(
        report,
        lambda verdict, level: verdict in verdicts and fails_run(Verdict(verdict), Level(level), gate),
    )


def _count(report: Conformance, wanted: Callable[[str, str], bool]) -> tuple[int, int]:
    """In how many clauses, and in how many cells of them, verdict and level are as wanted."""
    found = [sum(wanted(cell.verdict, clause.level) for cell in clause.cells) for clause in report.clauses]
    return sum(map(bool, found)), sum(found)


def _are(counted: tuple[int, int], how: str) -> str:
    clauses, cells = counted
    what = "1 clause is" if clauses == 1 else f"{clauses} clauses are"
    return f"{what} {how} in {cells} cell{'s' * (cells != 1)}"
