"""The end of a run on the terminal, and what pipelines get of it: short, and all of it when it is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from contract_tests.faults.fault import sessions, wire
from contract_tests.mock import MockServer, Parts
from contract_tests.mock.http.wire import Wire

from .runs import credentials

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .runs import Run, Runner

CHOSEN = ("-k", "(test_a_lower_progress or test_expiration_moves_to_a_later_time or test_an_unknown_id) and api-update")


def wrong() -> Parts:
    """Errors carry no messages, keep-alive extends nothing, and a lower progress is stored."""

    def fields(self: Wire, error: object) -> object:
        return {name: value for name, value in Wire.error_fields(self, error).items() if name != "messages"}  # type: ignore[arg-type]

    changed = sessions(extended_expiration=lambda _, session: session.expiration_time, accepts_progress=lambda *_: True)
    return Parts(sessions=changed.sessions, wire=wire(error_fields=fields).wire)


@pytest.fixture
def red(run: Runner, monkeypatch: pytest.MonkeyPatch) -> Run:
    credentials(monkeypatch)
    with MockServer(control=True, parts=wrong()) as server:
        return run(*CHOSEN, "--target", server.url)


def lines(run: Run) -> Sequence[str]:
    return run.out.splitlines()


def test_a_run_that_fails_fits_one_screen(red: Run) -> None:
    assert red.code == 1
    assert len(lines(red)) <= 40
    assert max(map(len, lines(red)[-10:])) <= 200
    assert "3 causes, what is gravest first" in red.out
    for says in (
        "error bodies carry no messages",
        "keep-alive does not extend expiration_time",
        "client_progress goes",
    ):
        assert f"✗ {says}" in red.out
    assert lines(red)[-1].startswith("✗ Violates: ")
    assert lines(red)[-2] == f"next:   cl-contract repro errors.body api-update --reports {red.reports}"
    assert f"report: file://{red.reports}/conformance.html" in red.out
    assert "Traceback" not in red.out
    assert "FAILURES" not in red.out


def test_junit_of_a_run_that_fails_is_short(red: Run) -> None:
    suite = next(ET.parse(red.reports / "junit.xml").iter("testsuite"))
    assert suite.get("name") == "cl-contract"
    assert {"Target", "Target says it is", "Seed", "Contract", "Suite"} <= {
        str(one.get("name")) for one in suite.findall("properties/property")
    }
    failures = list(suite.iter("failure"))
    assert failures
    for failure in failures:
        message = failure.get("message", "")
        assert 0 < len(message) <= 200
        assert "\n" not in message
        assert len((failure.text or "").encode()) <= 20_000


def test_a_run_that_passes_prints_little(run: Runner) -> None:
    finished = run(*CHOSEN)
    assert finished.code == 0
    assert len(lines(finished)) < 15
    assert lines(finished)[-1].startswith("✓ Conforms")


def test_clauses_and_choices_are_printed_when_they_are_asked_for(run: Runner) -> None:
    finished = run(*CHOSEN, "-v")
    for title in ("clauses by cell", "where the documents leave room, this server"):
        assert f" {title} =" in finished.out


def test_exchanges_are_printed_when_they_are_asked_for(run: Runner) -> None:
    breaks = """
@clause("keep-alive.no-body")
def test_it(open_session, judge):
    judge("keep-alive.no-body", [Flaw("a miracle", "none", open_session().read())])
"""
    assert "What was sent and answered" not in run.probe(breaks).out
    assert "What was sent and answered" in run.probe(breaks, "-vv").out
    assert "Traceback" not in run.probe(breaks, "-vv").out


def test_a_mistake_of_the_suite_keeps_its_traceback(run: Runner) -> None:
    finished = run.probe("""
@clause("keep-alive.no-body")
def test_it(open_session, judge):
    raise KeyError("a mistake of ours")
""")
    assert finished.code == 3
    assert "KeyError: 'a mistake of ours'" in finished.out
    assert "test_it" in finished.out
