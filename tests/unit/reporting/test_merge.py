"""Shards of a run become one report that says no more than they do."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import pytest

from contract_tests.contract import Level, load_ledger
from contract_tests.judging import Outcome, Verdict
from contract_tests.judging.verdicts import verdict_of
from contract_tests.problems import UsageProblem
from contract_tests.reporting.merge import merge, same_target
from contract_tests.reporting.reading import recount

from .altered import CELL, CELLS_IN_ALL, MUST, OTHER, altered, counted, plain_report
from .sample import sample

if TYPE_CHECKING:
    from contract_tests.reporting.format import CellRecord, Conformance

WHOLE = plain_report()
EMPTY = altered(WHOLE, {}, rest="not tested")


def shard(*decided: tuple[str, str, str], **run: Any) -> Conformance:
    """A part of a run that decided these cells, given as clause, cell and verdict, and no other."""
    data = altered(EMPTY, {(slug, cell): verdict for slug, cell, verdict in decided}, **run).model_dump()
    for clause in data["clauses"]:
        for cell in clause["cells"]:
            if cell["verdict"] == "not tested":
                cell |= {"tests": [], "flaws": [], "exchanges": [], "summary": "no test decided it in this run"}
    data |= {"observations": [], "deviations": [], "leftovers": []}
    return counted(data)


def cell_of(report: Conformance, slug: str, name: str) -> CellRecord:
    (found,) = (
        cell
        for clause in report.clauses
        for cell in clause.cells
        if clause.id == slug and f"{cell.dialect}-{cell.service}" == name
    )
    return found


def test_disjoint_shards_add_up() -> None:
    one: dict[str, Any] = {"requests": 10, "unheard": {"gateway": 1}}
    two: dict[str, Any] = {"requests": 20, "unheard": {"gateway": 2, "token ended": 1}}
    merged = merge(
        [
            shard((MUST, CELL, "conforms"), selected="-k one", seconds=10, tests={"passed": 2}, **one),
            shard((MUST, OTHER, "conforms"), selected="-k two", seconds=5.5, tests={"passed": 1, "skipped": 1}, **two),
        ]
    )
    assert (merged.report.run.requests, merged.report.run.unheard) == (30, {"gateway": 3, "token ended": 1})
    assert merged.notes == ()
    report = merged.report
    none = dict.fromkeys(map(str, Verdict), 0)
    assert report.totals == {
        **none,
        "conforms": 2,
        "not tested": CELLS_IN_ALL - 2,
        "not applicable": 4 * len(load_ledger()) - CELLS_IN_ALL,
    }
    assert {cell_of(report, MUST, name).verdict for name in (CELL, OTHER)} == {"conforms"}
    assert cell_of(report, MUST, "api-download").summary == "no test decided it in this run"
    assert report.run.selected == "merged from 2 parts: -k one | -k two"
    assert (report.run.seconds, report.run.tests) == (15.5, {"passed": 3, "skipped": 1})
    assert (report.run.exit_code, report.run.complete) == (0, True)


def test_one_report_merged_with_itself_says_the_same() -> None:
    report = sample(steps=2)
    merged = merge([report, report])
    assert merged.notes == ()
    both = merged.report
    assert both.model_dump(exclude={"run", "observations"}) == report.model_dump(exclude={"run", "observations"})
    assert both.observations == sorted(report.observations, key=lambda one: (one.clause, one.choice))
    assert both.run.exit_code == 1
    assert both.run.selected == ""


_JUDGING = [word for word in Verdict if word not in (Verdict.NOT_TESTED, Verdict.NOT_APPLICABLE, Verdict.ADVISES)]
_OUTCOMES = dict(
    zip(
        ("violates", "blocked", "deviates", "inconclusive", "conforms"),
        (Outcome.BROKEN, Outcome.BLOCKED, Outcome.EXCUSED, Outcome.INCONCLUSIVE, Outcome.HELD),
        strict=True,
    )
)


@pytest.mark.parametrize(("one", "two"), list(itertools.permutations(_JUDGING, 2)))
def test_the_worst_counts_and_is_told(one: Verdict, two: Verdict) -> None:
    merged = merge([shard((MUST, CELL, one)), shard((MUST, CELL, two))])
    expected = verdict_of(Level.MUST, [_OUTCOMES[one], _OUTCOMES[two]])
    cell = cell_of(merged.report, MUST, CELL)
    assert cell.verdict == expected
    assert merged.notes == (
        f"the shards differ about {MUST} [{CELL}]: shard 1 {one}, shard 2 {two}; the worst one counts",
    )
    assert cell.summary.endswith(f"(the shards differ: shard 1 {one}, shard 2 {two})")
    assert merged.report.run.exit_code == {"violates": 1, "blocked": 1, "inconclusive": 5}.get(expected, 0)


def test_a_shard_per_dialect() -> None:
    parts = []
    for spoken, other in (("api", "rest"), ("rest", "api")):
        data = WHOLE.model_dump()
        data["target"]["dialects"] = [spoken]
        for clause in data["clauses"]:
            for cell in clause["cells"]:
                if cell["dialect"] == other:
                    cell["verdict"] = "not applicable"
        parts.append(counted(data))
    report = merge(parts[::-1]).report
    assert report.target.dialects == ["api", "rest"]
    assert report.totals == WHOLE.totals
    assert merge(parts[:1]).report.totals[Verdict.NOT_APPLICABLE] > 99


@pytest.mark.parametrize(
    ("codes", "merged"),
    [((0, 0), 0), ((0, 1), 1), ((0, 2), 2), ((2, 3), 3), ((1, 2), 1), ((0, 5), 0), ((5, 5), 5)],
)
def test_what_ended_badly_is_not_made_good(codes: tuple[int, int], merged: int) -> None:
    assert merge([altered(WHOLE, {}, exit_code=code) for code in codes]).report.run.exit_code == merged


def test_complete_is_what_all_are() -> None:
    assert not merge([WHOLE, altered(WHOLE, {}, complete=False)]).report.run.complete


def test_a_whole_run_makes_it_whole() -> None:
    assert merge([WHOLE, altered(WHOLE, {}, selected="-k one")]).report.run.selected == ""


def test_it_began_when_the_first_began() -> None:
    later, earlier = "2026-03-01T12:00:00.5Z", "2026-03-01T12:00:00Z"
    parts = [altered(WHOLE, {}, started=started) for started in (later, earlier, later)]
    assert merge(parts).report.run.started == earlier


def test_proofs_are_those_of_the_shards_that_tell() -> None:
    def renamed(report: Conformance, suffix: str) -> Conformance:
        data = report.model_dump()
        for clause in data["clauses"]:
            for cell in clause["cells"]:
                cell["exchanges"] = [step | {"test": f"{step['test']}{suffix}"} for step in cell["exchanges"]]
        return counted(data)

    def shown(*verdicts: str) -> set[str]:
        parts = [renamed(shard((MUST, CELL, verdict)), str(number)) for number, verdict in enumerate(verdicts)]
        return {step.test[-1] for step in cell_of(merge(parts).report, MUST, CELL).exchanges}

    assert shown("conforms", "conforms") == {"0"}
    assert shown("conforms", "violates") == {"1"}
    assert shown("violates", "conforms", "violates") == {"0", "2"}


def test_two_exchanges_of_one_name_are_kept_apart() -> None:
    first = shard((MUST, CELL, "violates"))
    data = shard((MUST, OTHER, "violates")).model_dump()
    data["exchanges"] = {name: one | {"curl": f"{one['curl']} # again"} for name, one in data["exchanges"].items()}
    second = counted(data)
    report = merge([first, second]).report
    for name, part in ((CELL, first), (OTHER, second)):
        merged, alone = cell_of(report, MUST, name), cell_of(part, MUST, name)
        assert alone.exchanges
        shown = [report.exchanges[step.exchange] for step in merged.exchanges]
        assert shown == [part.exchanges[step.exchange] for step in alone.exchanges]
    assert len(report.exchanges) == 2 * len(first.exchanges)


def test_observations_deviations_and_leftovers_are_joined() -> None:
    data = sample(steps=1).model_dump()
    data["observations"][0] |= {"cells": ["api-update"], "tests": ["z"]}
    data["deviations"][0]["state"] = "not seen"
    data["leftovers"] = ["another"]
    merged = merge([counted(data), sample(steps=1)]).report
    first = next(one for one in merged.observations if one.clause == data["observations"][0]["clause"])
    assert first.cells == ["api-update", "rest-download"]
    assert first.tests[-1] == "z"
    assert len(first.tests) == 2
    assert len(merged.observations) == len(data["observations"])
    assert [one.state for one in merged.deviations] == ["seen"] * len(data["deviations"])
    assert merged.leftovers == sorted(["another", *sample(steps=1).leftovers])


def test_what_differs_without_harm_is_told() -> None:
    assert merge([WHOLE, altered(WHOLE, {}, seed=7)]).notes == (
        "the shards have different seeds (3897147172, 7); the merged report names the first",
    )


@pytest.mark.parametrize(
    ("part", "change", "words"),
    [
        ("suite", {"contract_sha256": "00" * 32}, "judged by another contract than number 2 (cdcdcdcdcdcd and 0000"),
        ("suite", {"version": "9"}, "another suite"),
        ("suite", {"sha256": "00" * 32}, "another suite's files"),
        ("target", {"address": None}, "another address than number 2 (https://vc.example and embedded mock)"),
        ("target", {"version": "9"}, "another version"),
        ("target", {"session_timeout": 60.0}, "another session timeout than number 2 (300 s and 60 s)"),
        ("target", {"virtual_clock": True}, "another clock than number 2 (real and virtual)"),
        ("run", {"gate": "must"}, "another gate than number 2 (should and must)"),
    ],
)
def test_what_does_not_belong_together(part: str, change: dict[str, Any], words: str) -> None:
    data = WHOLE.model_dump()
    data[part] |= change
    with pytest.raises(UsageProblem) as caught:
        merge([WHOLE, counted(data)])
    assert words in str(caught.value)


def test_another_list_of_clauses() -> None:
    data = WHOLE.model_dump()
    data["clauses"].pop()
    with pytest.raises(UsageProblem, match="another list of clauses"):
        merge([WHOLE, counted(data)])


def test_a_target_is_its_address_and_version() -> None:
    data = WHOLE.model_dump()
    data["target"]["version"] = "9"
    assert same_target([WHOLE, altered(WHOLE, {}, seed=7)])
    assert not same_target([WHOLE, counted(data)])


def test_totals_are_those_of_the_cells() -> None:
    merged = merge([sample(steps=1), sample(steps=1, seed=2)]).report
    assert recount(merged) == {word: count for word, count in merged.totals.items() if count}
