"""The commands about clauses: `clauses` and `explain`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from contract_tests.cli.citations import citations
from contract_tests.contract import load_ledger
from contract_tests.rules.oracle import BY_THE_WAY

from .desk import put_reports, said

if TYPE_CHECKING:
    from pathlib import Path

LEDGER = load_ledger()


def test_each_clause_is_a_line(capfd: pytest.CaptureFixture[str]) -> None:
    lines = said(capfd, "clauses").out.splitlines()
    assert [line.split()[1] for line in lines] == [*LEDGER]


def test_some_by_level_and_subject(capfd: pytest.CaptureFixture[str]) -> None:
    told = json.loads(said(capfd, "clauses", "--level", "must", "--subject", "keep-alive", "--json").out)
    wanted = [one for one in LEDGER.values() if (one.level, one.subject) == ("must", "keep-alive")]
    assert [one["id"] for one in told] == [one.id for one in wanted]
    assert {one["says"] for one in told} == {one.says for one in wanted}
    assert told[0]["cells"] == ["api-update", "api-download", "rest-update", "rest-download"]


def test_every_clause_is_decided_by_a_test_or_says_why_not() -> None:
    assert [slug for slug, clause in LEDGER.items() if not citations(slug) and clause.untested is None] == []


def test_what_is_cited_is_found_wherever_it_stands() -> None:
    tests = {one.test for one in citations("keep-alive.no-body")}
    assert "contract_tests/scenarios/test_keep_alive.py::test_without_a_body_it_succeeds" in tests
    campaign = "contract_tests/fuzz/campaigns/test_campaigns.py::test_a_campaign_finds_nothing_against_it"
    assert campaign in {one.test for one in citations("errors.no-server-error")}


@pytest.mark.parametrize(
    ("slug", "needs"),
    [
        ("keep-alive.no-body", "nothing but an address and a user"),
        ("authentication.no-privilege-needed", "[second_user] in the profile"),
        ("create.subscribed-item", "subscribed_item in the profile"),
        ("update.raised-warning-fails-complete", "[warning_content] in the profile"),
        ("addressing.undeclared-methods", "the mock: a live server is not asked"),
        ("expiry.update-session-deleted", "--max-wait"),
    ],
)
def test_what_a_target_needs(capfd: pytest.CaptureFixture[str], slug: str, needs: str) -> None:
    ended = said(capfd, "explain", slug)
    assert ended.code == 0
    assert needs in ended.out.partition("needs of a target")[2]


@pytest.mark.parametrize("slug", LEDGER)
def test_all_is_told_of_each(capfd: pytest.CaptureFixture[str], slug: str) -> None:
    ended, clause = said(capfd, "explain", slug), LEDGER[slug]
    ended.is_in_order(0)
    for part in (
        clause.says,
        f"level: {clause.level}; basis: {clause.basis}",
        clause.why or "",
        *map(str, clause.sources),
    ):
        assert part in ended.out
    assert ("by every answer of a run" in ended.out) is (slug in BY_THE_WAY)


def test_with_reports_it_says_what_was_found(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    put_reports(tmp_path / "reports")
    report = tmp_path / "reports" / "conformance.json"
    data = json.loads(report.read_text())
    clause = next(one for one in data["clauses"] if one["id"] == "keep-alive.no-body")
    name, exchange = next(iter(data["exchanges"].items()))
    flaw = {"test": "a", "expected": "success", "observed": "status 418", "exchange": name}
    clause["cells"][0] |= {"verdict": "violates", "flaws": [flaw]}
    data["totals"]["conforms"] -= 1
    data["totals"]["violates"] += 1
    report.write_text(json.dumps(data))
    told = said(capfd, "explain", "keep-alive.no-body", "--reports", str(report)).out
    assert "✗ api-update: violates" in told
    assert "✓ rest-download: conforms" in told
    assert "observed: status 418" in told
    assert exchange["curl"].splitlines()[0] in told
