"""What a run leaves behind: pages that agree with each other and give nobody's secrets away."""

from __future__ import annotations

import base64
import json
import re
from html import escape, unescape
from typing import TYPE_CHECKING, Any

from contract_tests.mock import ApiError, ErrorType, Message, MockServer, Parts
from contract_tests.mock.domain.access import Logins
from contract_tests.mock.domain.libraries import Libraries
from contract_tests.mock.http.reader import Reader
from contract_tests.plugin.options import DEFAULT_SEED

from .runs import Run, Runner, credentials, files
from .test_verify import lanes

if TYPE_CHECKING:
    import pytest

    from contract_tests.mock.http.operations import Operation

LONGEST_ROW = 1300
"""Bytes of report.html for a test that found all well: there are two thousand, and the page has to open quickly."""

PASSWORD = "correct horse/battery+staple"

ONE_OF_EACH = """
@clause("keep-alive.no-body")
def test_that_passes(open_session, judge):
    judge("keep-alive.no-body", succeeds(open_session().keep_alive()))

@clause("keep-alive.no-body", "keep-alive.null-progress")
def test_that_fails(open_session, judge):
    session = open_session()
    judge("keep-alive.no-body", [Flaw("<b>more</b>", "<script>less</script>", session.keep_alive())])
    judge("keep-alive.null-progress", succeeds(session.keep_alive(None)))

@clause("keep-alive.no-body")
def test_that_is_skipped(open_session, judge):
    open_session()
    raise Inconclusive("no time")
"""


class Tokens:
    """An `Logins` that tells which tokens it gave out."""

    def __init__(self) -> None:
        self.given: list[str] = []
        given = self.given

        class Telling(Logins):
            def new_token(self) -> str:
                given.append(super().new_token())
                return given[-1]

        self.part = Telling


def test_page_and_junit_and_exit_code_agree(run: Runner) -> None:
    finished = run.probe(ONE_OF_EACH)
    page = (finished.reports / "report.html").read_text()
    counts = {kind: int(re.findall(rf'class="{kind}">(\d+) ', page)[0]) for kind in ("passed", "failed", "skipped")}
    assert counts == {"passed": 1, "failed": 1, "skipped": 1} == finished.results
    assert finished.code == 1


def test_rows_show_clause_and_level_and_lead_to_the_exchanges(run: Runner) -> None:
    finished = run.probe(ONE_OF_EACH)
    page = (finished.reports / "report.html").read_text()
    assert [head in page for head in (">Clause</th>", ">Level</th>")] == [True, True]
    (blob,) = re.findall(r'data-jsonblob="([^"]*)"', page)
    tests: dict[str, Any] = json.loads(unescape(blob))["tests"]
    (failed,) = [rows[0] for name, rows in tests.items() if "test_that_fails" in name]
    cells = "".join(failed["resultsTableRow"])
    assert "keep-alive.no-body<br>keep-alive.null-progress" in cells
    assert "must<br>should" in cells
    shown = json.dumps(failed)
    assert 'href=\\"conformance.html#' in shown
    assert "curl" not in shown  # each exchange stands in one place
    assert "<script>less" not in page


def test_rows_of_tests_that_found_all_well_are_short(run: Runner) -> None:
    finished = run.apart("-k", "test_without_a_body_it_succeeds and api-update", "-n", "1")
    (blob,) = re.findall(r'data-jsonblob="([^"]*)"', (finished.reports / "report.html").read_text())
    ((row,),) = json.loads(unescape(blob))["tests"].values()
    assert 'href="conformance.html#clause-keep-alive.no-body/api-update"' in row["log"]
    assert "POST" not in row["log"]
    assert "linux" not in row["log"]  # which worker ran it, on what
    assert len(escape(json.dumps(row))) < LONGEST_ROW


def test_a_clock_that_workers_would_share_is_moved_by_one(run: Runner) -> None:
    chosen = ("-n", "2", "-k", "without_a_body or (test_expiry and update)")
    with MockServer(control=True) as server:
        finished = run.apart(*chosen, "--target", server.url)
    assert (finished.code, set(lanes(finished.reports).values())) == (0, {"gw0"})
    finished = run.apart(*chosen)
    assert (finished.code, set(lanes(finished.reports).values())) == (0, {"gw0", "gw1"})


def test_two_workers_say_the_same_as_one_and_tell_no_secret(run: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    tokens = Tokens()
    credentials(monkeypatch, "release.engineer", PASSWORD)
    chosen = ("-k", "without_a_token or without_a_body", "--seed", "1")
    with MockServer(username="release.engineer", password=PASSWORD, parts=Parts(access=tokens.part)) as server:
        alone = run(*chosen, "--target", server.url)
        serial, total = alone.verdicts, alone.total_line
        _assert_no_secret(alone, tokens)
        shared = run.apart(*chosen, "--target", server.url, "-n", "2")
        _assert_no_secret(shared, tokens)
    assert shared.code == alone.code == 0
    assert shared.verdicts == serial
    assert all(serial.values())
    assert shared.total_line == total


def _assert_no_secret(finished: Run, tokens: Tokens) -> None:
    assert tokens.given
    assert len(files(finished.reports)) >= 2
    pair = base64.b64encode(f"release.engineer:{PASSWORD}".encode()).decode()
    for path in files(finished.reports):
        text = path.read_text()
        assert not [secret for secret in (*tokens.given, PASSWORD, pair) if secret in text], path
    assert not [secret for secret in (*tokens.given, PASSWORD, pair) if secret in finished.out]


def test_what_the_server_keeps_is_reported(run: Runner) -> None:
    def refuse(_: Libraries, item_id: str) -> None:
        raise ApiError(ErrorType.UNAUTHORIZED, Message("x.y", f"{item_id} stays."))

    hoarding = Parts(libraries=type("Hoarding", (Libraries,), {"delete_item": refuse}))
    with MockServer(control=True, parts=hoarding) as server:
        finished = run("--target", server.url, "-k", "test_without_a_body_it_succeeds and api-update")
    assert finished.code == 0
    assert "left on the target" in finished.out
    assert re.search(r"item [0-9a-f-]+: 403", finished.out)
    assert re.search(r"item [0-9a-f-]+: 403", unescape((finished.reports / "report.html").read_text()))


def test_the_seed_decides_the_walks(run: Runner) -> None:
    first, _ = walks(run, "--seed", "7")
    assert len(set(first)) > 5
    assert walks(run, "--seed", "7")[0] == first
    assert walks(run, "--seed", "8")[0] != first


def test_the_printed_seed_is_the_one_that_was_used(run: Runner) -> None:
    bodies, out = walks(run, "--seed", "random", "-n", "1")
    (seed,) = re.findall(r"seed (\d+)", out)
    assert int(seed) != DEFAULT_SEED
    assert walks(run, "--seed", seed)[0] == bodies


def test_without_a_seed_every_run_walks_the_same_way(run: Runner) -> None:
    assert walks(run)[0] == walks(run, "--seed", str(DEFAULT_SEED))[0]


def test_what_is_no_seed_is_refused_in_one_sentence(run: Runner) -> None:
    finished = run("--seed", "soon")
    assert finished.code == 4
    assert "argument --seed: 'soon' is no seed; give a whole number, or random" in finished.err


def walks(run: Runner, *options: str) -> tuple[list[bytes], str]:
    """The bodies of the keep-alives of random walks in one cell, and what the run printed."""
    bodies: list[bytes] = []

    class Listening(Reader):
        def body(self, operation: Operation, headers: Any, content: bytes) -> Any:
            if operation.action == "keep-alive":
                bodies.append(content)
            return super().body(operation, headers, content)

    with MockServer(control=True, parts=Parts(reader=Listening)) as server:
        chosen = ("--target", server.url, "-k", "random_walks and api-update", *options)
        finished = run.apart(*chosen) if "-n" in options else run(*chosen)
    assert finished.code == 0
    return bodies, finished.out
