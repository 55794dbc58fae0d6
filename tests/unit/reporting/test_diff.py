"""What is a regression, and what is not."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from contract_tests.judging import Verdict
from contract_tests.reporting.diff import ChangeKind, Choice, Comparison, compare

from .altered import ADVISORY, CELL, MUST, OTHER, altered, counted, plain_report
from .sample import sample

BASE = plain_report()


def changed(old: str, new: str, slug: str = MUST, **run: Any) -> Comparison:
    """A comparison of two reports that differ in one cell."""
    return compare(altered(BASE, {(slug, CELL): old}), altered(BASE, {(slug, CELL): new}, **run))


EXPECTED = {
    ("conforms", "violates"): ChangeKind.REGRESSED,
    ("conforms", "blocked"): ChangeKind.REGRESSED,
    ("deviates", "violates"): ChangeKind.REGRESSED,
    ("deviates", "blocked"): ChangeKind.REGRESSED,
    ("conforms", "deviates"): ChangeKind.WORSE,
    ("violates", "conforms"): ChangeKind.FIXED,
    ("blocked", "conforms"): ChangeKind.FIXED,
    ("deviates", "conforms"): ChangeKind.FIXED,
    ("violates", "deviates"): ChangeKind.STILL_BROKEN,
    ("violates", "blocked"): ChangeKind.NO_LONGER_DECIDED,
    ("conforms", "inconclusive"): ChangeKind.NO_LONGER_DECIDED,
    ("conforms", "not tested"): ChangeKind.NO_LONGER_DECIDED,
    ("conforms", "not applicable"): ChangeKind.NO_LONGER_DECIDED,
    ("violates", "not tested"): ChangeKind.NO_LONGER_DECIDED,
    ("not tested", "conforms"): ChangeKind.NEWLY_DECIDED,
    ("not tested", "violates"): ChangeKind.NEWLY_DECIDED,
    ("blocked", "violates"): ChangeKind.NEWLY_DECIDED,
    ("inconclusive", "deviates"): ChangeKind.NEWLY_DECIDED,
    ("not tested", "inconclusive"): ChangeKind.UNDECIDED,
    ("inconclusive", "blocked"): ChangeKind.UNDECIDED,
}


@pytest.mark.parametrize(("old", "new"), EXPECTED)
def test_one_cell_of_a_must_clause(old: str, new: str) -> None:
    found = changed(old, new)
    (change,) = found.changes
    assert (change.kind, change.clause, change.cell) == (EXPECTED[old, new], MUST, CELL)
    assert (change.old, change.new) == (old, new)
    assert found.exit_code == (1 if EXPECTED[old, new] is ChangeKind.REGRESSED else 0)


@pytest.mark.parametrize(
    ("old", "new", "gate", "kind"),
    [
        ("conforms", "advises", "should", ChangeKind.WORSE),
        ("conforms", "advises", "all", ChangeKind.REGRESSED),
        ("conforms", "blocked", "should", ChangeKind.NO_LONGER_DECIDED),
        ("conforms", "blocked", "all", ChangeKind.REGRESSED),
        ("advises", "conforms", "should", ChangeKind.FIXED),
    ],
)
def test_the_gate_of_the_new_run_decides_about_an_advisory_clause(
    old: str, new: str, gate: str, kind: ChangeKind
) -> None:
    (change,) = changed(old, new, ADVISORY, gate=gate).changes
    assert change.kind is kind


def test_only_what_was_judged_and_did_not_fail_can_regress() -> None:
    judged = {"conforms", "deviates", "advises"}
    failing = {"violates", "advises", "blocked"}
    for old, new in itertools.permutations(map(str, Verdict), 2):
        expected = old in judged - failing and new in failing
        assert changed(old, new).regressed == expected, (old, new)


def test_a_report_compared_with_itself() -> None:
    report = sample()
    found = compare(report, report)
    assert (found.differences, found.changes, found.choices, found.exit_code, found.strict_exit_code) == (
        (),
        (),
        (),
        0,
        0,
    )


def test_a_new_run_that_ended_early_is_not_green() -> None:
    whole, early = BASE, altered(BASE, {}, complete=False)
    assert compare(whole, early).exit_code == 1
    assert not compare(whole, early).regressed
    assert compare(early, whole).exit_code == 0
    assert [one.what for one in compare(whole, early).differences] == ["run complete"]


def test_a_new_run_that_failed_for_no_clause_is_not_green() -> None:
    failed = altered(BASE, {}, exit_code=1)
    assert compare(BASE, failed).exit_code == 1
    assert compare(failed, failed).exit_code == 0
    assert compare(failed, BASE).exit_code == 0
    broken = altered(BASE, {(MUST, CELL): "violates"}, exit_code=1)
    assert compare(broken, broken).exit_code == 0


@pytest.mark.parametrize(
    ("old", "new", "strict"),
    [
        ("conforms", "deviates", 1),
        ("conforms", "not tested", 1),
        ("not tested", "violates", 1),
        ("inconclusive", "blocked", 1),
        ("not tested", "conforms", 0),
        ("violates", "conforms", 0),
        ("violates", "deviates", 0),
    ],
)
def test_strictly_nothing_may_be_lost(old: str, new: str, strict: int) -> None:
    found = changed(old, new)
    assert (found.exit_code, found.strict_exit_code) == (0, strict)


def test_what_is_gone_and_what_is_new() -> None:
    more = altered(BASE, {(MUST, OTHER): "violates"})
    data = more.model_dump()
    data["clauses"] = [one for one in data["clauses"] if one["id"] != ADVISORY]
    for clause in data["clauses"]:
        if clause["id"] == MUST:
            clause["cells"] = [one for one in clause["cells"] if f"{one['dialect']}-{one['service']}" != OTHER]
    fewer = counted(data)
    gone = compare(more, fewer)
    assert {(one.kind, one.clause) for one in gone.changes} == {(ChangeKind.GONE, MUST), (ChangeKind.GONE, ADVISORY)}
    assert [one.cell for one in gone.changes if one.clause == MUST] == [OTHER]
    assert (gone.exit_code, gone.strict_exit_code) == (0, 1)
    new = compare(fewer, more)
    assert {one.kind for one in new.changes} == {ChangeKind.NEW}
    assert [one.cell for one in new.of(ChangeKind.NEW) if one.fails] == [OTHER]
    assert new.of(ChangeKind.NEW)[0].fails
    assert (new.exit_code, new.strict_exit_code) == (0, 1)


def test_what_the_server_chooses() -> None:
    data = BASE.model_dump()
    first = data["observations"][0]
    data["observations"] = [
        first | {"cells": ["api-update", "rest-download"]},
        first | {"cells": ["rest-download"], "choice": "another"},
        *data["observations"][1:],
    ]
    found = compare(BASE, counted(data))
    assert found.choices == (
        Choice(first["clause"], ("api-update",), (), (first["choice"],)),
        Choice(first["clause"], ("rest-download",), (first["choice"],), (first["choice"], "another")),
    )
    assert (found.changes, found.exit_code) == ((), 0)


def test_runs_that_are_not_alike_are_told() -> None:
    data = BASE.model_dump()
    data["suite"]["contract_sha256"] = "00" * 32
    data["target"] |= {"address": None, "session_timeout": 60.0, "dialects": ["api"], "virtual_clock": True}
    data["run"] |= {"gate": "must", "selected": "-k progress"}
    found = compare(BASE, counted(data))
    assert {one.what: (one.old, one.new) for one in found.differences} == {
        "contract": ("cd" * 32, "00" * 32),
        "target": ("https://vc.example", "embedded mock"),
        "session timeout": ("300 s", "60 s"),
        "dialects": ("api, rest", "api"),
        "clock": ("real", "virtual"),
        "gate": ("should", "must"),
        "tests that were run": ("all", "-k progress"),
    }
