"""A run is recorded, and its recording judged again: the same verdicts, unless somebody was at the files."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from contract_tests import cli
from contract_tests.driver import settings
from contract_tests.faults.fault import sessions
from contract_tests.faults.fuzzed.hostile import as_double
from contract_tests.faults.fuzzed.races import CreatesLater, SlowWire, late
from contract_tests.mock import MockServer, User
from contract_tests.reporting.reading import load

from .runs import Run, Runner, credentials

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from starlette.types import Receive, Scope, Send

    from contract_tests.mock.http.wire import Reply

OTHERS = "api-update and (races_cancel or hostile_queries or random_walks or ended_token or unknown_id or subscribed)"
"""Races, bytes on the wire, random walks, other logins, ids that are made up, and the control door."""

EVERY_KIND = f"(test_campaigns and api) or (test_session_model and api-api) or ({OTHERS})"

FORGETFUL = sessions(stored_progress=lambda _, __, value: value or 0)
"""A server on which a keep-alive without a progress resets it."""


class Numbering(SlowWire):
    """Says in each refusal which one it is, and no more."""

    refusals = 0

    async def send(self, reply: Reply, scope: Scope, receive: Receive, send: Send) -> None:
        if reply.status >= 400:
            Numbering.refusals += 1
            reply = replace(reply, body=f'"refusal {Numbering.refusals}"'.encode())
        await super().send(reply, scope, receive, send)


def verified(run: Runner, reports: Path | None = None) -> Run:
    """`cl-contract verify` of what a run has left behind."""
    reports = reports or run.reports
    run._capture.readouterr()
    code = cli.main(["verify", str(reports)])
    out, err = run._capture.readouterr()
    assert "Traceback" not in out + err
    return Run(code, out, err, reports)


def lanes(reports: Path) -> dict[str, str]:
    """Which process played each test, by what the recording says."""
    log = json.loads((reports / "evidence.har").read_bytes())["log"]
    tests: dict[str, str] = json.loads(log["comment"])["settings"]["tests"]
    return tests


def assert_verified(run: Runner) -> None:
    again = verified(run)
    report = load(run.reports)
    cells = sum(len(clause.cells) for clause in report.clauses)
    told = f"verified: {cells} cells, {len(report.observations)} observations: the same verdicts come out\n"
    assert (again.out, again.code, again.err) == (told, 0, "")


def test_a_run_of_every_kind_of_test_is_verified(run: Runner) -> None:
    finished = run("-k", EVERY_KIND, "--fuzz-examples", "1", "--seed", "1")
    assert finished.code == 0
    assert finished.results["passed"] > 100
    assert any("belongs_to_no_clause" in test for test in lanes(run.reports))
    assert_verified(run)


def test_a_run_by_two_workers_is_verified(run: Runner) -> None:
    finished = run.apart("-k", f"(test_session_model and api-api) or ({OTHERS})", "-n", "2", "--fuzz-examples", "1")
    assert finished.code == 0
    assert finished.results["passed"] > 10
    assert set(lanes(run.reports).values()) == {"gw0", "gw1"}
    assert_verified(run)


def test_a_run_on_a_wrong_server_is_verified(run: Runner) -> None:
    with MockServer(control=True, parts=FORGETFUL) as server:
        chosen = "(api-update and unspecified_progress) or (test_campaigns and api)"
        finished = run("--target", server.url, "-k", chosen, "--fuzz-examples", "1", "--seed", "1")
    assert finished.code == 1
    failed = {case.get("name", "").partition("[")[0] for case in finished.cases if case.find("failure") is not None}
    assert failed == {"test_unspecified_progress_stays", "test_a_campaign_finds_nothing_against_it"}
    assert_verified(run)


def test_races_are_judged_again_in_the_order_in_which_their_calls_were_begun(run: Runner) -> None:
    """By a server that answers each call otherwise, and makes as many sessions as are asked for at once."""
    chosen = "api-update and (several_times_at_once or one_counts or races_cancel)"
    with MockServer(control=True, parts=replace(late(CreatesLater), wire=Numbering)) as server:
        finished = run("--target", server.url, "-k", chosen)
    assert finished.code == 1
    for _ in range(5):
        assert_verified(run)


def test_a_long_request_that_the_report_cuts_short_is_verified(run: Runner) -> None:
    with MockServer(control=True, parts=sessions(requested_progress=as_double)) as server:
        finished = run("--target", server.url, "-k", "test_hostile_bodies and api-update")
    assert "keep-alive.progress-beyond-int64" in finished.out
    assert finished.code == 1
    assert_verified(run)


def test_a_run_that_waited_is_verified_at_once(run: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "LEAST_TIMEOUT", 1)
    with MockServer(session_timeout=2) as server:
        options = ("--target", server.url, "--session-timeout", "2", "--max-wait", "6")
        finished = run(*options, "-m", "waits", "-k", "api-update and test_expiry", "-v")
    # So short a life may be over before a busy machine gets to it; whatever was seen has to be seen again.
    assert finished.code in (0, 1)
    assert "on a real clock" in finished.out
    assert "inconclusive: this takes a further wait of" in finished.out
    assert_verified(run)


def test_what_only_the_profile_knew_is_in_the_recording(
    run: Runner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONTRACT_SECOND_USERNAME", "second")
    monkeypatch.setenv("CONTRACT_SECOND_PASSWORD", "without privileges")
    (tmp_path / "a.ovf").write_bytes(b"\x00<Envelope/>")
    profile = tmp_path / "profile.toml"
    profile.write_text(
        'subscribed_item = "item-7"\n[second_user]\n[warning_content]\nfiles = ["a.ovf"]\nwarning = "KIND"\n'
    )
    second = User("second", "without privileges", privileges=frozenset())
    with MockServer(other_users=[second]) as server:
        chosen = "api-update and (raised_warning or subscribed or privilege)"
        finished = run("--target", server.url, "--profile", str(profile), "-k", chosen)
    assert "skipped" not in finished.results
    profile.unlink()
    (tmp_path / "a.ovf").unlink()
    monkeypatch.delenv("CONTRACT_SECOND_USERNAME")
    assert_verified(run)


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The reports of a small run."""
    folder = tmp_path_factory.mktemp("recorded")
    chosen = "api-update and (test_without_a_body_it_succeeds or test_a_lower_progress_does_not_show)"
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(io.StringIO()):
        credentials(patch)
        assert cli.main(["run", "--reports", str(folder), "-k", chosen]) == 0
    return folder


@pytest.fixture
def copied(recorded: Path, tmp_path: Path) -> Path:
    return shutil.copytree(recorded, tmp_path / "copied")


def changed(path: Path, change: Callable[[Any], None]) -> None:
    data = json.loads(path.read_bytes())
    change(data)
    path.write_text(json.dumps(data))


def entries(data: Any, test: str, operation: str = "") -> Iterator[Any]:
    """Those of the tests whose names hold `test`, of one operation or of all."""
    log = data["log"]
    titles = {page["id"]: page["title"] for page in log["pages"]}
    for entry in log["entries"]:
        if test in titles[entry["pageref"]] and operation in ("", log["_kinds"][entry["_of"]][1]):
            yield entry


HASH = "evidence.har is not the file that the run wrote: its SHA-256 is "


def test_a_status_that_was_changed_is_noticed(run: Runner, copied: Path) -> None:
    def change(data: Any) -> None:
        for entry in entries(data, "without_a_body", "keep-alive"):
            entry["response"]["status"] = 200

    changed(copied / "evidence.har", change)
    again = verified(run, copied)
    digest = hashlib.sha256((copied / "evidence.har").read_bytes()).hexdigest()
    assert again.code == 1
    assert f"{HASH}{digest}, and the report says {load(copied).run.exchanges_sha256}" in again.out
    assert "keep-alive.no-body [api-update]: the report says conforms, and the recording violates (" in again.out


def test_a_progress_that_was_changed_is_noticed(run: Runner, copied: Path) -> None:
    def change(data: Any) -> None:
        *_, last = entries(data, "lower_progress", "read")
        content = last["response"]["content"]
        body = json.loads(content["text"])
        content["text"] = json.dumps(body | {"client_progress": 1})

    changed(copied / "evidence.har", change)
    again = verified(run, copied)
    assert again.code == 1
    assert again.out.startswith(HASH)
    changed_cell = (
        "keep-alive.progress-never-goes-down [api-update]: the report says conforms, and the recording violates"
    )
    assert changed_cell in again.out


def test_an_entry_that_was_taken_out_is_noticed(run: Runner, copied: Path) -> None:
    def change(data: Any) -> None:
        kept = data["log"]["entries"]
        out = [*entries(data, "test_without_a_body")]
        kept[:] = [entry for entry in kept if entry not in out]

    changed(copied / "evidence.har", change)
    again = verified(run, copied)
    assert again.code == 1
    assert again.out.startswith(HASH)
    assert "keep-alive.no-body [api-update]: the report says conforms, and the recording inconclusive" in again.out
    assert "the recording holds no (further) answer to this request" in again.out


def test_a_verdict_that_was_changed_is_noticed(run: Runner, copied: Path) -> None:
    def change(data: Any) -> None:
        for clause in data["clauses"]:
            for cell in clause["cells"]:
                if (clause["id"], cell["dialect"], cell["service"]) == ("keep-alive.malformed-json", "rest", "update"):
                    cell["verdict"] = "conforms"
                    data["totals"]["conforms"] += 1
                    data["totals"]["not tested"] -= 1
        data["suite"] |= {"contract_sha256": "0" * 64, "sha256": "1" * 64}

    changed(copied / "conformance.json", change)
    again = verified(run, copied)
    assert again.code == 1
    assert "SHA-256" not in again.out
    assert (
        "keep-alive.malformed-json [rest-update]: the report says conforms, and the recording not tested" in again.out
    )
    assert "note: the report was made by another contract than the one here" in again.out
    assert "note: the report was made by another suite" in again.out


def test_an_exit_code_that_was_changed_is_noticed(run: Runner, copied: Path) -> None:
    changed(copied / "conformance.json", lambda data: data["run"].update(exit_code=1))
    again = verified(run, copied)
    assert again.out.splitlines() == [
        "the report says that the run ended with exit code 1, the recording with 0",
        "1 difference",
    ]


def test_what_the_report_shows_and_was_changed_is_noticed(run: Runner, copied: Path) -> None:
    shown = next(iter(load(copied).exchanges))

    def change(data: Any) -> None:
        data["target"]["version"] = "VMware vCenter Server 8.0.3"
        data["exchanges"][shown]["response"]["body"] = {"text": "{}"}
        data["clauses"][0]["level"] = "advisory"

    changed(copied / "conformance.json", change)
    again = verified(run, copied)
    assert again.code == 1
    said, *others = again.out.splitlines()
    assert said.startswith("target: the report says version 'VMware vCenter Server 8.0.3', and the recording 'cl-con")
    assert others == [
        f"{load(copied).clauses[0].id}: the report describes this clause otherwise than the contract",
        f"exchange {shown}: the report shows another than the recording",
        "3 differences",
    ]


def test_a_report_of_the_first_format_is_verified_by_what_it_says(run: Runner, copied: Path) -> None:
    def change(data: Any) -> None:
        data["schema_version"] = "1"
        del data["target"]["certificate"], data["target"]["ca_bundle"]

    changed(copied / "conformance.json", change)
    assert verified(run, copied).code == 0
    changed(copied / "conformance.json", lambda data: data.update(schema_version="2"))
    again = verified(run, copied)
    assert "target: the report says certificate None, and the recording 'none'" in again.out


def test_what_can_not_be_verified_is_said_in_a_sentence(run: Runner, copied: Path) -> None:
    def refusal(reports: Path) -> str:
        again = verified(run, reports)
        assert (again.code, again.out) == (4, "")
        (sentence,) = again.err.splitlines()
        assert sentence.startswith("cl-contract verify: ")
        return sentence

    har = copied / "evidence.har"
    whole = har.read_bytes()
    har.write_bytes(whole[: len(whole) // 2])
    assert "is damaged" in refusal(copied)
    har.write_text('{"log": {"version": "1.2", "creator": {"name": "Firefox", "version": "1"}, "entries": []}}')
    assert "evidence.har is no recording of this suite" in refusal(copied)
    changed_log = json.loads(whole)
    changed_log["log"]["entries"] = []
    har.write_text(json.dumps(changed_log))
    assert "holds no login" in refusal(copied)
    har.unlink()
    assert "evidence.har can't be read: No such file or directory" in refusal(copied)
    (copied / "conformance.json").unlink()
    assert "conformance.json can't be read" in refusal(copied)
    assert "none is no folder" in refusal(copied / "none")


@pytest.mark.parametrize(
    ("address", "more", "word"),
    [
        ("replay:{}", ("-n", "2"), "a recording is judged by one process; leave -n out"),
        ("replay:{}/none.har", (), "none.har can't be read: No such file or directory"),
        ("replay:{}/junit.xml", (), "junit.xml is no recording of this suite"),
        ("replay:", (), "can't be read"),
    ],
)
def test_a_recording_that_can_not_be_a_target(
    run: Runner, recorded: Path, address: str, more: tuple[str, ...], word: str
) -> None:
    finished = run("--target", address.format(recorded), *more)
    assert finished.code == 4
    (sentence,) = finished.err.strip().splitlines()
    assert word in sentence
    assert "Traceback" not in finished.out + finished.err


def test_a_recording_is_a_target_like_any_other(run: Runner, recorded: Path) -> None:
    finished = run("--target", f"replay:{recorded / 'evidence.har'}", "-k", "without_a_body")
    assert (finished.code, finished.results) == (0, {"passed": 1})
    assert load(finished.reports).run.seed == load(recorded).run.seed
