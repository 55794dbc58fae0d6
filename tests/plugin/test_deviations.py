"""Violations that a profile registers as known: what they excuse, and what they do not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from _pytest._code import TracebackEntry

from contract_tests import cli
from contract_tests.contract import Cell
from contract_tests.faults.fault import sessions, views
from contract_tests.judging import Verdict
from contract_tests.mock import MockServer
from contract_tests.mock.domain.views import Views
from contract_tests.reporting.reading import load

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from typing import Any

    from contract_tests.mock import Parts

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


UNSEEN = views(session=lambda self, session: without(Views.session(self, session), "client_progress"))
"""A server that shows no progress, so that nothing can be said of what becomes of it."""

PRESENT = "model.progress-present"
ONE_TEST = ("-k", "api-update and test_unspecified_progress_stays and no-body")


def without(shown: dict[str, Any], name: str) -> dict[str, Any]:
    return {member: value for member, value in shown.items() if member != name}


def judged(
    run: Runner, folder: Path, *deviations: str, parts: Parts = FORGETFUL, chosen: Sequence[str] = ONE_TEST
) -> Run:
    profile = folder / "profile.toml"
    profile.write_text("".join(deviations))
    with MockServer(control=True, parts=parts) as server:
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
    assert states(finished) == ["seen", "not tried"]
    assert finished.results == {"skipped": 1}
    assert "1 deviates" in finished.total_line
    told = (finished.reports / "junit.xml").read_text()
    assert f"clause {CLAUSE}: deviates\n" in told
    assert f"{CLAUSE}: known of this target: ticket 7" in told
    assert cli.main(["verify", str(finished.reports)]) == 0


@pytest.mark.parametrize(
    ("registered", "state"),
    [
        (deviation(expires=LONG_AGO), "expired"),
        (deviation(signature="client_progress 1"), "not seen"),
        (deviation("keep-alive.no-body"), "not tried"),
        (deviation(more='cells = ["rest-update"]'), "not tried"),
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
    assert "deviations.0.clauses: the ledger has no clause 'keep-alive.no-such-clause'" in sentence


def test_what_a_known_violation_blocks_deviates_too(run: Runner, tmp_path: Path) -> None:
    finished = judged(run, tmp_path, deviation(PRESENT, "client_progress is missing"), parts=UNSEEN)
    assert finished.code == 0
    told, summary = verdict(finished)
    assert told == "deviates"
    assert summary.startswith(
        "blocked as registered 1 of 1; known of this target: ticket 7; its premise failed: expected"
    )
    assert states(finished) == ["seen"]
    assert cli.main(["verify", str(finished.reports)]) == 0


def test_what_something_else_blocks_fails(run: Runner, tmp_path: Path) -> None:
    finished = judged(run, tmp_path, deviation(PRESENT, "client_progress is a text"), parts=UNSEEN)
    assert finished.code == 1
    assert verdict(finished)[0] == "blocked"


@pytest.mark.parametrize(
    ("known", "code"),
    [([deviation()], 0), ([deviation(), deviation(signature="never")], 1), ([deviation(), deviation(PRESENT)], 0)],
    ids=["all are seen", "one is not seen", "one was not looked for"],
)
def test_a_strict_run_fails_where_a_deviation_is_not_seen(
    run: Runner, tmp_path: Path, known: list[str], code: int
) -> None:
    finished = judged(run, tmp_path, *known, chosen=(*ONE_TEST, "--strict-deviations"))
    assert finished.code == code
    assert ("not seen any more (--strict-deviations)" in finished.out) is bool(code)
    assert cli.main(["verify", str(finished.reports)]) == 0


def test_a_deviation_that_is_not_seen_is_told_on_the_screen(run: Runner, tmp_path: Path) -> None:
    finished = judged(run, tmp_path, deviation(), deviation(signature="never"), deviation(expires=LONG_AGO))
    assert finished.code == 0
    assert f"registered as a deviation: {CLAUSE}: not seen any more, so that it can go (ticket 7)" in finished.out
    assert f"registered as a deviation: {CLAUSE}: its last day was {LONG_AGO}" in finished.out


KEEP_ALIVES = ("-k", "api-update and test_progress")


def test_what_a_run_proposes_excuses_the_next_once_reasons_are_given(run: Runner, tmp_path: Path) -> None:
    proposed = tmp_path / "proposed.toml"
    first = judged(run, tmp_path, parts=UNSEEN, chosen=(*KEEP_ALIVES, "--write-deviations", str(proposed)))
    assert first.code == 1
    text, found = proposed.read_text(), load(first.reports)
    assert text.count("[[deviations]]") == len([one for one in found.causes if one.fails]) > 0
    refused = judged(run, tmp_path, text, parts=UNSEEN, chosen=KEEP_ALIVES)
    assert refused.code == 4
    assert "deviations.0.reason: is empty; say why this violation is known" in refused.err
    again = judged(run, tmp_path, text.replace('reason = ""', 'reason = "ticket 7"'), parts=UNSEEN, chosen=KEEP_ALIVES)
    assert again.code == 0
    assert set(states(again)) == {"seen"}
    failing = found.totals[Verdict.VIOLATES] + found.totals[Verdict.BLOCKED]
    assert load(again.reports).totals[Verdict.DEVIATES] == failing > 0


def test_what_is_proposed_is_written_over_nothing(run: Runner, tmp_path: Path) -> None:
    precious = tmp_path / "precious.toml"
    precious.write_text("mine")
    finished = judged(run, tmp_path, chosen=(*ONE_TEST, "--write-deviations", str(precious)))
    assert finished.code == 4
    assert "--write-deviations" in finished.err
    assert "is there already; name a new file" in finished.err
    assert precious.read_text() == "mine"


@pytest.mark.parametrize("known", [[], [deviation()]], ids=["violates", "deviates"])
def test_no_source_is_read_for_a_traceback_that_nobody_is_shown(
    run: Runner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, known: list[str]
) -> None:
    entries: list[TracebackEntry] = []
    monkeypatch.setattr(TracebackEntry, "getsource", lambda entry, *_: entries.append(entry))
    assert judged(run, tmp_path, *known).code == (0 if known else 1)
    assert entries == []
