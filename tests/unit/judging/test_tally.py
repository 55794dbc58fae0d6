from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from contract_tests.contract import Dialect, load_ledger
from contract_tests.driver import Settings
from contract_tests.driver.deviations import Deviation
from contract_tests.driver.settings import OwnFile
from contract_tests.judging import Gate, Outcome, Record, Tally, Verdict
from contract_tests.reporting.conformance import RunStart, conformance
from contract_tests.reporting.files import write_reports
from contract_tests.reporting.format import TargetRecord
from contract_tests.reporting.reading import load
from contract_tests.traffic.archive import KeptPlay, read_recording

from .findings import CELL, MUST, OTHER, SENT, SHOULD, UNANSWERED, decision

if TYPE_CHECKING:
    from pathlib import Path

PLAYS = {"one": KeptPlay((SENT,)), "campaign": KeptPlay((UNANSWERED,), ({"exchange": 0},))}
TARGET = TargetRecord(address=None, version="x", dialects=list(Dialect), session_timeout=300, virtual_clock=True)
TODAY = date(2026, 3, 1)


def tally() -> Tally:
    gathered = Tally(load_ledger(), Dialect)
    gathered.add("one", Record((decision(),), (), (SENT,), PLAYS), "gw1")
    excused = replace(decision(outcome=Outcome.EXCUSED, reason="known"), deviations=(0,))
    gathered.add("another", Record((excused,), (), (SENT,)), "gw0")
    gathered.beside({"log-in": KeptPlay((replace(SENT, id="in-0"),))}, "gw1")
    gathered.beside({"log-in": KeptPlay((replace(SENT, id="in-0"),))})
    return gathered


def deviation(clause: str = MUST.id, cell: str = str(CELL), expires: date = TODAY) -> Deviation:
    return Deviation(clauses=(clause,), cells=(cell,), reason="ticket 7", signature="x", expires=expires)


def test_it_knows_who_ran_what() -> None:
    gathered = tally()
    assert list(gathered.lanes.items()) == [("one", "gw1"), ("another", "gw0")]
    assert {name: play.lane for name, play in gathered.plays.items()} == {
        "one": "gw1",
        "campaign": "gw1",
        "log-in gw1": "gw1",
        "log-in": "",
    }
    assert gathered.plays["campaign"].notes == ({"exchange": 0},)


def test_each_process_logged_in_for_itself() -> None:
    gathered = tally()
    assert [gathered.plays[name].exchanges[0].id for name in ("log-in gw1", "log-in")] == ["in-0-gw1", "in-0"]


def test_decisions_are_sorted_by_test() -> None:
    gathered = tally()
    assert [test for test, _ in gathered.decided(MUST, CELL)] == ["another", "one"]
    assert gathered.verdict(MUST, CELL) is Verdict.DEVIATES
    assert gathered.verdict(MUST, OTHER) is Verdict.NOT_TESTED


def test_each_deviation_is_told_of() -> None:
    known = (deviation(), deviation(cell=str(OTHER)), deviation(SHOULD.id), deviation(expires=date(2026, 2, 28)))
    occasion = RunStart(TARGET, Settings(today=TODAY, deviations=known), 7, Gate.SHOULD, SENT.started)
    told = conformance(tally(), occasion, exit_code=0, complete=True).deviations
    assert [one.state for one in told] == ["seen", "not tried", "not tried", "expired"]
    assert (told[0].clauses, told[0].cells, told[0].reason, told[0].signature, told[0].expires) == (
        [MUST.id],
        [str(CELL)],
        "ticket 7",
        "x",
        "2026-03-01",
    )


def test_both_files_are_written_and_belong_together(tmp_path: Path) -> None:
    settings = Settings(
        username="a user",
        password="a password",
        second_user=("second user", "second password"),
        warning_files=(OwnFile.of("a.ovf", b"what is private"),),
        insecure=True,
        deviations=(deviation(),),
        today=TODAY,
    )
    occasion = RunStart(TARGET, settings, 7, Gate.MUST, SENT.started)
    report = write_reports(tally(), occasion, tmp_path, exit_code=1, complete=True).report
    assert load(tmp_path) == report
    har = (tmp_path / "evidence.har").read_bytes()
    assert report.run.exchanges_sha256 == hashlib.sha256(har).hexdigest()
    told = read_recording(tmp_path / "evidence.har")
    assert told.plays == tally().plays
    assert told.settings == {
        "run": "",
        "target": None,
        "session_timeout": 300.0,
        "max_wait": 0.0,
        "fuzz_examples": 100,
        "rate_limit": None,
        "datastore": None,
        "subscribed_item": None,
        "strict_deviations": False,
        "dialect": None,
        "second_user": True,
        "insecure": True,
        "ca_bundle": None,
        "warning_files": [
            {"name": "a.ovf", "size": 15, "sha256": hashlib.sha256(b"what is private").hexdigest()},
        ],
        "warning_kind": "",
        "today": "2026-03-01",
        "lacks": [],
        "deviations": [deviation().model_dump(mode="json")],
        "seed": 7,
        "gate": "must",
        "tests": {"one": "gw1", "another": "gw0"},
    }
    for secret in ("a user", "a password", "second user", "second password", "what is private"):
        assert json.dumps(secret).encode() not in har
