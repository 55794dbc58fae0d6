"""What becomes of a scenario: passed, failed, skipped, or never collected."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .runs import Runner

BREAKS = """
@clause("{slug}")
def test_it(open_session, judge):
    judge("{slug}", [Flaw("a miracle", "none", open_session().read())])
"""


def test_an_unknown_slug_is_an_error_of_the_collection(run: Runner) -> None:
    finished = run.probe("""
@clause("keep-alive.no-bodi")
def test_it(open_session, judge):
    pass
""")
    assert finished.code == 2
    assert "keep-alive.no-bodi" in finished.out
    assert "keep-alive.no-body" in finished.out
    assert finished.results == {"failed": 1}


def test_a_test_that_sends_no_request_fails(run: Runner) -> None:
    finished = run.probe("""
@clause("keep-alive.no-body")
def test_it(judge):
    judge("keep-alive.no-body", [])
""")
    assert finished.code == 3
    assert "sent no request" in finished.out


def test_a_clause_that_is_never_judged_fails(run: Runner) -> None:
    finished = run.probe("""
@clause("keep-alive.no-body", "keep-alive.accepts-100")
def test_it(open_session, judge):
    judge("keep-alive.no-body", succeeds(open_session().keep_alive()))
""")
    assert finished.code == 3
    assert "cites keep-alive.accepts-100 and judged nothing about it" in finished.out


def test_a_clause_that_is_not_cited_can_not_be_judged(run: Runner) -> None:
    finished = run.probe("""
@clause("keep-alive.no-body")
def test_it(open_session, judge):
    judge("keep-alive.accepts-100", succeeds(open_session().keep_alive()))
""")
    assert finished.code == 3
    assert "keep-alive.accepts-100 without citing it" in finished.out


def test_a_premise_that_fails_blocks(run: Runner) -> None:
    finished = run.probe("""
@clause("keep-alive.no-body")
def test_it(open_session, judge):
    read = open_session().read()
    raise PremiseFailed("the moon to be full", "it is new", read)
""")
    assert finished.code == 1
    assert finished.results == {"failed": 1}
    assert "expected the moon to be full; observed it is new" in finished.out
    assert "1 blocked" in finished.total_line


def test_what_can_not_be_decided_is_skipped(run: Runner) -> None:
    finished = run.probe("""
@clause("keep-alive.no-body")
def test_it(open_session, judge):
    open_session()
    raise Inconclusive("nobody has the time")
""")
    assert finished.code == 5
    assert finished.results == {"skipped": 1}
    assert "inconclusive: nobody has the time" in (finished.reports / "junit.xml").read_text()
    assert "1 inconclusive" in finished.total_line


def test_an_error_in_a_scenario_is_no_verdict_on_the_server(run: Runner) -> None:
    finished = run.probe("""
@clause("keep-alive.no-body")
def test_it(open_session, judge):
    open_session()
    raise ZeroDivisionError("a slip")
""")
    assert finished.code == 3
    assert "ZeroDivisionError: a slip" in finished.out
    assert "1 blocked" in finished.total_line


@pytest.mark.parametrize(
    ("slug", "gate", "code", "verdict"),
    [
        ("keep-alive.no-body", "must", 1, "violates"),
        ("keep-alive.null-progress", "must", 0, "violates"),
        ("keep-alive.null-progress", "should", 1, "violates"),
        ("keep-alive.not-an-object", "should", 0, "advises"),
        ("keep-alive.not-an-object", "all", 1, "advises"),
    ],
)
def test_the_gate_decides_what_fails_the_run(run: Runner, slug: str, gate: str, code: int, verdict: str) -> None:
    finished = run.probe(BREAKS.format(slug=slug), "--gate", gate, "-v")
    assert finished.code == code
    assert f"1 {verdict}" in finished.total_line
    assert f"{slug} [api-update] {verdict}: expected a miracle, observed none" in finished.out


def test_ids_name_the_cell(run: Runner) -> None:
    finished = run("-k", "test_without_a_body_it_succeeds")
    assert [case.get("name", "").partition("[")[2] for case in finished.cases] == [
        "api-update]",
        "api-download]",
        "rest-update]",
        "rest-download]",
    ]


def test_a_dialect_that_is_not_asked_for_is_left_out(run: Runner) -> None:
    finished = run("--dialect", "api", "-k", "xml or test_without_a_body_it_succeeds")
    clauses, cells, total, counts = _read(finished.total_line)
    assert [case.get("name") for case in finished.cases] == [
        "test_without_a_body_it_succeeds[api-update]",
        "test_without_a_body_it_succeeds[api-download]",
    ]
    assert "deselected" in finished.out
    assert total == clauses * cells == sum(counts)


def _read(line: str) -> tuple[int, int, int, list[int]]:
    """`128 clauses x 4 cells = 512: 2 violates, 510 not tested` as numbers."""
    product, _, parts = line.partition(": ")
    clauses, _, _, cells, _, _, total = product.split()
    return int(clauses), int(cells), int(total), [int(part.split()[0]) for part in parts.split(", ")]
