"""A server that takes connections and answers nothing keeps no run waiting for hours, and is accused of little."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from contract_tests import cli
from contract_tests.driver.removal import AT_ONCE
from contract_tests.driver.transport import limits
from contract_tests.driver.transport.silence import ENOUGH
from contract_tests.mock import MockServer
from contract_tests.reporting.format import Conformance

from .silent import Silent

if TYPE_CHECKING:
    from .runs import Runner

_SCENARIOS = "test_progress and not fuzz"


@pytest.fixture(autouse=True)
def impatience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "ANSWERING", 0.25)


def conformance(run: Runner) -> Conformance:
    return Conformance.model_validate_json((run.reports / "conformance.json").read_text())


def reasons(report: Conformance, verdict: str) -> list[str]:
    return [cell.reason for clause in report.clauses for cell in clause.cells if cell.verdict == verdict]


@pytest.mark.parametrize(("chosen", "after"), [(_SCENARIOS, 100), ("campaign", 300)], ids=["scenarios", "campaigns"])
def test_when_it_falls_silent_the_rest_is_blocked(run: Runner, chosen: str, after: int) -> None:
    silent = Silent(lambda number, _: number > after)
    with MockServer(control=True, parts=silent.parts) as server:
        finished = run("--target", server.url, "-k", chosen)
    assert finished.code == 1, finished.out[-2000:]
    report = conformance(run)
    assert report.run.complete
    stopped = [reason for reason in reasons(report, "blocked") if "the server has stopped answering" in reason]
    assert len(stopped) > 20
    # Three in a row and a plain one; and at the end as many as clean up at once, and a plain one.
    assert silent.left_unanswered <= ENOUGH + 1 + AT_ONCE + 1
    assert len(reasons(report, "violates")) <= 3
    assert any("library" in left for left in report.leftovers)
    assert cli.main(["verify", str(run.reports)]) == 0


def test_when_it_hangs_for_one_kind_of_request_that_is_wrong_of_it(run: Runner) -> None:
    silent = Silent(lambda _, scope: scope["method"] == "POST" and b"keep-alive" in scope["query_string"])
    with MockServer(control=True, parts=silent.parts) as server:
        run("--target", server.url, "-k", "test_keep_alive and body and api-update and not fuzz")
    report = conformance(run)
    assert silent.left_unanswered > ENOUGH
    assert reasons(report, "violates")
    assert not [reason for reason in reasons(report, "blocked") if "stopped answering" in reason]
    assert report.leftovers == []


def test_when_it_never_answers_that_is_said_at_once(run: Runner) -> None:
    silent = Silent(lambda _, __: True)
    with MockServer(control=True, parts=silent.parts) as server:
        finished = run("--target", server.url)
    assert finished.code == 4
    assert f"{server.url} accepts connections, and does not answer within 0.25 s" in finished.err
    assert silent.left_unanswered == 1
