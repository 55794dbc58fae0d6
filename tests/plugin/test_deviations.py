"""Violations that a profile registers as known: what they excuse, and what they do not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from _pytest._code import TracebackEntry

from contract_tests import cli
from contract_tests.contract import Cell
from contract_tests.faults.fault import sessions
from contract_tests.mock import MockServer
from contract_tests.reporting.reading import load

if TYPE_CHECKING:
    from pathlib import Path

    from .runs import Run, Runner

CLAUSE = "keep-alive.unspecified-progress-unchanged"
FORGETFUL = sessions(stored_progress=lambda _, __, value: value or 0)
"""A server on which a keep-alive without a progress resets it."""

SIGNATURE = "client_progress 0$"
TOMORROW = (datetime.now(UTC) + timedelta(days=1)).date()
LONG_AGO = "2020-01-01"


def deviation(clause: str = CLAUSE, signature: str = SIGNATURE, expires: object = TOMORROW, more: str = "") -> str:
    lines = f'clause = "{clause}"', f'signature = "{signature}"', 'reason = "ticket 7"', f"expires = {expires}", more
    return "\n".join(["[[deviations]]", *lines, ""])


def judged(run: Runner, folder: Path, *deviations: str, cell: str = "api-update") -> Run:
    profile = folder / "profile.toml"
    profile.write_text("".join(deviations))
    with MockServer(control=True, parts=FORGETFUL) as server:
        chosen = ("-k", f"{cell} and test_unspecified_progress_stays and no-body")
        return run("--profile", str(profile), "--target", server.url, *chosen)


def verdict(finished: Run, name: str = "api-update") -> tuple[str, str]:
    """The verdict of the clause in a cell, with its summary."""
    (clause,) = (clause for clause in load(finished.reports).clauses if clause.id == CLAUSE)
    cell = Cell.parse(name)
    (found,) = (one for one in clause.cells if (one.dialect, one.service) == (cell.dialect, cell.service))
    return found.verdict, found.summary


def states(finished: Run) -> list[str]:
    return [one.state for one in load(finished.reports).deviations]


def test_a_known_violation_deviates_and_fails_nothing(run: Runner, tmp_path: Path) -> None:
    finished = judged(run, tmp_path, deviation(), deviation("keep-alive.no-body"))
    assert finished.code == 0
    assert verdict(finished) == ("deviates", "broken as registered 1 of 1; known of this target: ticket 7")
    assert states(finished) == ["seen", "not seen"]
    assert finished.results == {"skipped": 1}
    assert "1 deviates" in finished.total_line
    told = (finished.reports / "junit.xml").read_text()
    assert f'name="clause {CLAUSE}" value="deviates"' in told
    assert f"{CLAUSE}: known of this target: ticket 7" in told
    assert cli.main(["verify", str(finished.reports)]) == 0


@pytest.mark.parametrize(
    ("registered", "state"),
    [
        (deviation(expires=LONG_AGO), "expired"),
        (deviation(signature="client_progress 1"), "not seen"),
        (deviation("keep-alive.no-body"), "not seen"),
        (deviation(more='cells = ["rest-update"]'), "not seen"),
    ],
    ids=["expired", "looks otherwise", "of another clause", "in another cell"],
)
def test_any_other_violation_fails(run: Runner, tmp_path: Path, registered: str, state: str) -> None:
    finished = judged(run, tmp_path, registered)
    assert finished.code == 1
    assert verdict(finished) == ("violates", "broken 1 of 1")
    assert states(finished) == [state]


def test_a_wrong_deviation_is_told_in_a_sentence(run: Runner, tmp_path: Path) -> None:
    finished = judged(run, tmp_path, deviation("keep-alive.no-such-clause"))
    assert finished.code == 4
    (sentence,) = finished.err.strip().splitlines()
    assert "deviations.0.clause: the ledger has no clause 'keep-alive.no-such-clause'" in sentence


@pytest.mark.parametrize("known", [[], [deviation()]], ids=["violates", "deviates"])
def test_no_source_is_read_for_a_traceback_that_nobody_is_shown(
    run: Runner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, known: list[str]
) -> None:
    entries: list[TracebackEntry] = []
    monkeypatch.setattr(TracebackEntry, "getsource", lambda entry, *_: entries.append(entry))
    assert judged(run, tmp_path, *known).code == (0 if known else 1)
    assert entries == []
