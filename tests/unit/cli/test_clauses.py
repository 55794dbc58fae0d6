"""The commands about clauses: `clauses` and `explain`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from contract_tests.cli import clauses, explain
from contract_tests.cli.citations import citations
from contract_tests.contract import load_ledger
from contract_tests.reporting.reading import recount
from contract_tests.rules.oracle import BY_THE_WAY
from tests.unit.reporting.altered import plain_report

from .desk import put_reports, said

if TYPE_CHECKING:
    from pathlib import Path

LEDGER = load_ledger()


def test_each_clause_is_a_line(capfd: pytest.CaptureFixture[str]) -> None:
    lines = said(capfd, "clauses").out.splitlines()
    told = [tuple(line.split(maxsplit=2)) for line in lines]
    assert told == [(one.level, one.id, one.says) for one in LEDGER.values()]


def test_some_by_level_and_subject(capfd: pytest.CaptureFixture[str]) -> None:
    told = json.loads(said(capfd, "clauses", "--level", "must", "--subject", "keep-alive", "--json").out)
    wanted = [one for one in LEDGER.values() if (one.level, one.subject) == ("must", "keep-alive")]
    assert [one["id"] for one in told] == [one.id for one in wanted]
    assert told[0]["cells"] == ["api-update", "api-download", "rest-update", "rest-download"]


def test_as_json_all_is_told_that_the_ledger_has(capfd: pytest.CaptureFixture[str]) -> None:
    for one in json.loads(said(capfd, "clauses", "--json").out):
        clause = LEDGER[one.pop("id")]
        assert one.pop("sources") == [*map(str, clause.sources)]
        assert one.pop("cells") == [*map(str, clause.cells)]
        assert one == {name: getattr(clause, name) for name in one}
        assert {*one} == {"subject", "level", "basis", "says", "why", "since", "until", "untested"}


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
def test_it_says_what_a_target_needs(capfd: pytest.CaptureFixture[str], slug: str, needs: str) -> None:
    ended = said(capfd, "explain", slug)
    assert ended.code == 0
    assert needs in ended.out.partition("needs of a target")[2]


@pytest.mark.parametrize("slug", LEDGER)
def test_all_is_told_of_each(capfd: pytest.CaptureFixture[str], slug: str) -> None:
    ended, clause = said(capfd, "explain", slug), LEDGER[slug]
    ended.is_in_order(0)
    lines, deciding = ended.out.splitlines(), citations(slug)
    told = [
        clause.id,
        f"  {clause.says}",
        f"level: {clause.level}; basis: {clause.basis}",
        f"cells: {'all' if len(clause.cells) == 4 else ', '.join(map(str, clause.cells))}",
        *([f"since version: {clause.since}"] if clause.since else []),
        *([f"until version: {clause.until}"] if clause.until else []),
        *([f"why: {clause.why}"] if clause.why else []),
        "sources:",
        *(f"  {source}" for source in clause.sources),
        "decided by:" if deciding else f"decided by no test: {clause.untested}",
        *(f"  {one.test}" for one in deciding),
    ]
    assert lines[: len(told)] == told
    assert ("by every answer of a run" in ended.out) is (slug in BY_THE_WAY)


def test_what_only_some_tests_need_of_a_target_is_told_so(capfd: pytest.CaptureFixture[str]) -> None:
    for slug in LEDGER:
        deciding = citations(slug)
        for need in {need for one in deciding for need in one.needs}:
            some = " (some of these tests)" if any(need not in one.needs for one in deciding) else ""
            assert f"  {need}{some}\n" in said(capfd, "explain", slug).out


def test_a_clause_that_no_test_decides_says_why() -> None:
    clause = LEDGER["keep-alive.no-body"].model_copy(update={"id": "keep-alive.unheard-of", "untested": "it rains"})
    assert "decided by no test: it rains" in explain._clause(clause)
    assert clauses._as_data(clause)["untested"] == "it rains"
    assert "decided by no test: none cites it" in explain._clause(clause.model_copy(update={"untested": None}))


def test_an_unknown_clause_is_refused_with_the_nearest(capfd: pytest.CaptureFixture[str]) -> None:
    ended = said(capfd, "explain", "keep-alive.no-bodi")
    ended.is_in_order(4)
    assert "keep-alive.no-body" in ended.err


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
    right = clause["cells"][3]
    deciding = {step["exchange"] for step in right["exchanges"] if step["deciding"]}
    other = next(one for one in data["exchanges"] if data["exchanges"][one]["curl"] != exchange["curl"])
    right["exchanges"] += [{**right["exchanges"][0], "exchange": other, "deciding": False}]
    report.write_text(json.dumps(data))
    told = said(capfd, "explain", "keep-alive.no-body", "--reports", str(report)).out
    address = data["target"]["address"] or "the embedded mock"
    assert f"in the run of {data['run']['started'].replace('Z', '')}" in told.replace("Z", "")
    assert f" on {address}:" in told
    assert f"  ✗ api-update: violates ({clause['cells'][0]['summary']})\n" in told
    assert f"  ✓ rest-download: conforms ({right['summary']})\n" in told
    assert "      expected: success\n      observed: status 418\n" in told
    assert f"      {exchange['curl']}\n" in told
    shown = told.partition("✓ rest-download")[2]
    assert all(data["exchanges"][one]["curl"] in shown for one in deciding)
    assert data["exchanges"][other]["curl"] not in shown


def test_with_reports_it_says_what_the_server_chose(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    put_reports(tmp_path / "reports")
    data = json.loads((tmp_path / "reports" / "conformance.json").read_text())
    chosen = [(one["clause"], f"  this server chose: {one['choice']} (") for one in data["observations"]]
    assert chosen
    for slug in dict.fromkeys(slug for slug, _ in chosen):
        told = said(capfd, "explain", slug, "--reports", str(tmp_path / "reports")).out
        assert told.count("this server chose") == sum(one == slug for one, _ in chosen)
        assert all(line in told for one, line in chosen if one == slug)


def test_a_report_of_another_contract_may_lack_the_clause(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    put_reports(tmp_path / "reports")
    report = plain_report()
    others = [one for one in report.clauses if one.id != "model.id-matches"]
    report = report.model_copy(update={"clauses": others})
    report = report.model_copy(update={"totals": dict(recount(report))})
    (tmp_path / "reports" / "conformance.json").write_text(report.model_dump_json())
    told = said(capfd, "explain", "model.id-matches", "--reports", str(tmp_path / "reports")).out
    assert "the report does not have this clause: it was made by another contract" in told
