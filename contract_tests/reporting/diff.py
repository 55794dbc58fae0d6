"""What has changed from one report to another, clause by clause and cell by cell.

A cell *fails* where its verdict fails a run under the gate of the new report: violates, blocked, or advises where the
gate covers advisory clauses. It is *judged* where its verdict is conforms, advises, deviates or violates.

A cell has *regressed* if it fails now, did not fail before, and was judged before. So a server that gets worse
regresses; a violation in a cell of which the old report knew nothing is `newly decided` (the run itself fails on it),
and a violation that the profile registers as a deviation is `worse`, but no regression. Where the level of a clause was
raised between the two contracts, the same behaviour can be a regression.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from contract_tests.contract import CELLS
from contract_tests.judging.verdicts import Verdict, fails_run
from contract_tests.judging.wording import short
from contract_tests.reporting.trust import trust_told

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contract_tests.judging.outcomes import Gate
    from contract_tests.reporting.format import CauseRecord, CellRecord, ClauseRecord, Conformance


class ChangeKind(StrEnum):
    """What has become of a cell, in the order in which a reader wants to know it."""

    REGRESSED = "regressed"
    WORSE = "worse, but no regression"
    NEWLY_DECIDED = "newly decided"
    NO_LONGER_DECIDED = "no longer decided"
    UNDECIDED = "undecided for another reason"
    GONE = "gone"
    NEW = "new"
    STILL_BROKEN = "still broken, in another way"
    FIXED = "fixed"


@dataclass(frozen=True)
class Change:
    """One cell; `old` or `new` is None where the report does not have it.

    `fails` says whether the new verdict fails a run, `why` is the reason that the new report gives (the old one, if the
    new one does not have the cell).
    """

    kind: ChangeKind
    clause: str
    level: str
    cell: str
    old: Verdict | None
    new: Verdict | None
    fails: bool
    why: str
    was: str = ""
    shows: str = ""
    """What was expected and observed in the old report, and in the new one; empty where nothing was wrong."""


@dataclass(frozen=True)
class CauseChange:
    """What looks like one fault, in the old report and in the new one: `old` is None of a new one, `new` of a gone one.

    Two are the same if the one breaks the clause that the other breaks above all.
    """

    old: CauseRecord | None
    new: CauseRecord | None


@dataclass(frozen=True)
class Choice:
    """Cells in which a server chooses otherwise than before where the documents leave room."""

    clause: str
    cells: tuple[str, ...]
    old: tuple[str, ...]
    new: tuple[str, ...]


@dataclass(frozen=True)
class Difference:
    """Something about the two runs that has to be known before their verdicts are compared."""

    what: str
    old: str
    new: str


@dataclass(frozen=True)
class Comparison:
    """All that has changed between two reports."""

    old: Conformance
    new: Conformance
    differences: tuple[Difference, ...]
    changes: tuple[Change, ...]
    choices: tuple[Choice, ...]
    causes: tuple[CauseChange, ...] = ()

    def of(self, kind: ChangeKind) -> tuple[Change, ...]:
        """The changes of one kind, those first that fail a run."""
        return tuple(sorted((one for one in self.changes if one.kind is kind), key=lambda one: not one.fails))

    @property
    def regressed(self) -> bool:
        return any(change.kind is ChangeKind.REGRESSED for change in self.changes)

    @property
    def failed_otherwise(self) -> bool:
        """Whether the new run failed though no cell fails it, and the old one did not: no clause says what it was."""
        return _failed_otherwise(self.new) and not _failed_otherwise(self.old)

    @property
    def exit_code(self) -> int:
        """1 on a regression, and where nobody knows: the new run is incomplete, or failed in a way of its own."""
        return 1 if self.regressed or self.failed_otherwise or not self.new.run.complete else 0

    @property
    def strict_exit_code(self) -> int:
        """As `exit_code`, and 1 too where anything got worse or lost, or fails that was not known to fail."""
        lost = (ChangeKind.WORSE, ChangeKind.NO_LONGER_DECIDED, ChangeKind.GONE)
        failing = (ChangeKind.NEWLY_DECIDED, ChangeKind.UNDECIDED, ChangeKind.NEW)
        found = any(one.kind in lost or (one.kind in failing and one.fails) for one in self.changes)
        return 1 if found else self.exit_code


def compare(old: Conformance, new: Conformance) -> Comparison:
    """Compare two reports, in the order of the new one's clauses."""
    changed = tuple(_differences(old, new)), tuple(_changes(old, new)), tuple(_choices(old, new))
    return Comparison(old, new, *changed, tuple(_causes(old, new)))


def _causes(old: Conformance, new: Conformance) -> Iterator[CauseChange]:
    """New causes, then those that are gone, then those that are still there."""
    left = list(old.causes)
    pairs: list[CauseChange] = []
    for cause in new.causes:
        known = next((one for one in left if _same(one, cause)), None)
        if known is not None:
            left.remove(known)
        pairs.append(CauseChange(known, cause))
    yield from (pair for pair in pairs if pair.old is None)
    yield from (CauseChange(one, None) for one in left)
    yield from (pair for pair in pairs if pair.old is not None)


def _same(one: CauseRecord, other: CauseRecord) -> bool:
    return one.clause in _broken(other) or other.clause in _broken(one)


def _broken(cause: CauseRecord) -> set[str]:
    return {place.clause for place in (cause.broken or cause.blocked)}


def _differences(old: Conformance, new: Conformance) -> Iterator[Difference]:
    for what, former, now in (
        ("contract", old.suite.contract_sha256, new.suite.contract_sha256),
        ("suite", f"{old.suite.name} {old.suite.version}", f"{new.suite.name} {new.suite.version}"),
        ("suite's files", old.suite.sha256, new.suite.sha256),
        ("format", old.schema_version, new.schema_version),
        ("target", old.target.address or "embedded mock", new.target.address or "embedded mock"),
        ("target says it is", old.target.version, new.target.version),
        ("dialects", ", ".join(old.target.dialects), ", ".join(new.target.dialects)),
        ("TLS", trust_told(old.target), trust_told(new.target)),
        ("session timeout", f"{old.target.session_timeout:g} s", f"{new.target.session_timeout:g} s"),
        ("clock", _clock(old), _clock(new)),
        ("gate", old.run.gate, new.run.gate),
        ("time to wait", f"{old.run.max_wait:g} s", f"{new.run.max_wait:g} s"),
        ("examples of campaigns", str(old.run.fuzz_examples), str(new.run.fuzz_examples)),
        ("tests that were run", old.run.selected or "all", new.run.selected or "all"),
        ("run complete", _yes(complete=old.run.complete), _yes(complete=new.run.complete)),
    ):
        if former != now:
            yield Difference(what, former, now)


def _failed_otherwise(report: Conformance) -> bool:
    gate = report.run.gate
    return report.run.exit_code != 0 and not any(_fails(placed, gate) for placed in _by_cell(report).values())


def _clock(report: Conformance) -> str:
    return "virtual" if report.target.virtual_clock else "real"


def _yes(*, complete: bool) -> str:
    return "yes" if complete else "no"


def _changes(old: Conformance, new: Conformance) -> Iterator[Change]:
    gate = new.run.gate
    former, now = _by_cell(old), _by_cell(new)
    for place in [*now, *(place for place in former if place not in now)]:
        change = _change(place, former.get(place), now.get(place), gate)
        if change is not None:
            yield change


_Placed = tuple["ClauseRecord", "CellRecord"]


def _by_cell(report: Conformance) -> dict[tuple[str, str], _Placed]:
    return {
        (clause.id, f"{cell.dialect}-{cell.service}"): (clause, cell)
        for clause in report.clauses
        for cell in clause.cells
    }


def _change(place: tuple[str, str], old: _Placed | None, new: _Placed | None, gate: Gate) -> Change | None:
    before = None if old is None else old[1].verdict
    after = None if new is None else new[1].verdict
    if before is after:
        return None
    failed, fails = _fails(old, gate), _fails(new, gate)
    kind = _kind(before, after, failed=failed, fails=fails)
    clause, cell = new or old or (None, None)
    assert clause is not None
    assert cell is not None
    flaws = _first_flaw(old), _first_flaw(new)
    return Change(kind, place[0], clause.level, place[1], before, after, fails, cell.summary, *flaws)


def _first_flaw(placed: _Placed | None) -> str:
    if placed is None or not placed[1].flaws:
        return ""
    flaw = placed[1].flaws[0]
    return f"expected {short(flaw.expected)}; observed {short(flaw.observed, 110)}"


def _fails(placed: _Placed | None, gate: Gate) -> bool:
    return placed is not None and fails_run(placed[1].verdict, placed[0].level, gate)


_BADNESS = {Verdict.CONFORMS: 0, Verdict.ADVISES: 1, Verdict.DEVIATES: 1, Verdict.VIOLATES: 2}
"""Of verdicts that judge; the others say that nobody knows."""


def _kind(old: Verdict | None, new: Verdict | None, *, failed: bool, fails: bool) -> ChangeKind:
    """What the step from one verdict to another one is; both are never the same."""
    if old is None or new is None:
        return ChangeKind.NEW if old is None else ChangeKind.GONE
    if old in _BADNESS and fails and not failed:
        return ChangeKind.REGRESSED
    if old in _BADNESS and new in _BADNESS:
        if _BADNESS[new] > _BADNESS[old]:
            return ChangeKind.WORSE
        return ChangeKind.FIXED if new is Verdict.CONFORMS else ChangeKind.STILL_BROKEN
    if new in _BADNESS:
        return ChangeKind.FIXED if failed and new is Verdict.CONFORMS else ChangeKind.NEWLY_DECIDED
    return ChangeKind.NO_LONGER_DECIDED if old in _BADNESS else ChangeKind.UNDECIDED


def _choices(old: Conformance, new: Conformance) -> Iterator[Choice]:
    former, now = _chosen(old), _chosen(new)
    gathered: dict[tuple[str, tuple[str, ...], tuple[str, ...]], list[str]] = {}
    for clause, cell in sorted({*former, *now}, key=lambda place: (place[0], _ORDER[place[1]])):
        before, after = former.get((clause, cell), ()), now.get((clause, cell), ())
        if before != after:
            gathered.setdefault((clause, before, after), []).append(cell)
    for (clause, before, after), cells in gathered.items():
        yield Choice(clause, tuple(cells), before, after)


_ORDER = {str(cell): place for place, cell in enumerate(CELLS)}


def _chosen(report: Conformance) -> dict[tuple[str, str], tuple[str, ...]]:
    found: dict[tuple[str, str], set[str]] = {}
    for seen in report.observations:
        for cell in seen.cells:
            found.setdefault((seen.clause, cell), set()).add(seen.choice)
    return {place: tuple(sorted(choices)) for place, choices in found.items()}
