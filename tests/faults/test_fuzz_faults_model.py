"""What it takes a history, a race or hostile input to see is seen, by the right clause and in the right cells."""

from __future__ import annotations

import os
import threading
from contextlib import nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING
from unittest import mock

import pytest

from contract_tests import cli, fuzz
from contract_tests.contract import CELLS, Cell, Dialect, Service, load_ledger
from contract_tests.contract.dialects import Op
from contract_tests.driver import Settings, open_target
from contract_tests.faults.fault import DIAGONAL, sessions, views
from contract_tests.faults.fuzzed.histories import HISTORY_FAULTS
from contract_tests.faults.fuzzed.hostile import HOSTILE_FAULTS
from contract_tests.faults.fuzzed.races import RACE_FAULTS
from contract_tests.faults.legacy import accept, by_body
from contract_tests.fuzz.histories.bench import Bench
from contract_tests.fuzz.histories.history import History
from contract_tests.fuzz.histories.machine import explore
from contract_tests.fuzz.histories.reference import Call, Form
from contract_tests.mock import MockServer, Parts
from contract_tests.mock.domain.views import Views
from contract_tests.mock.domain.world import DEFAULT_USER
from contract_tests.problems import Disagreed

from .play import BRISKLY, Outcome, _verdicts, unread_reports_empty
from .right_servers import OTHERWISE
from .right_sessions import CompletesInHalfASecond

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from contract_tests.faults.fuzzed.histories import HistoryFault
    from contract_tests.faults.fuzzed.played import PlayedFault
    from contract_tests.fuzz.histories.machine import Exploration
    from contract_tests.mock.domain.model import SessionRecord
    from contract_tests.mock.domain.sessions import Sessions

SEED = 20261120
VARIANTS = {"api": (Dialect.API,), "rest": (Dialect.REST,), "mixed": tuple(Dialect)}


def explored(parts: Parts | None, variant: str, *, most: int = 8, seed: int = SEED) -> Exploration:
    """Play histories against the mock made of `parts`."""
    with (
        MockServer(control=True, parts=parts) as server,
        open_target(Settings(target=server.url, username="user", password="pass"), lambda _: None) as target,
    ):
        return explore(target, VARIANTS[variant], seed, 100, most=most)


def played(parts: Parts | None, files: Sequence[str], cells: Sequence[Cell], reports: Path) -> Outcome:
    """Run tests of the fuzz room, as a user would, against the mock made of `parts`."""
    user = {"CONTRACT_USERNAME": DEFAULT_USER.name, "CONTRACT_PASSWORD": DEFAULT_USER.password}
    server = MockServer(control=True, parts=parts).start()
    try:
        with unread_reports_empty(), mock.patch.dict(os.environ, user):
            os.environ.pop("PYTEST_ADDOPTS", None)
            given = ["run", "--target", server.url, "--reports", str(reports), "--seed", str(SEED), *BRISKLY]
            chosen = ["-k", " or ".join(map(str, cells)), *(f"{fuzz.__path__[0]}/{file}" for file in files)]
            code = cli.main([*given, *chosen])
    finally:
        threading.Thread(target=server.stop).start()
    return Outcome(code, _verdicts(reports / "junit.xml"))


@pytest.mark.no_cover
@pytest.mark.parametrize("wrong", HISTORY_FAULTS, ids=lambda wrong: wrong.name)
def test_a_wrong_server_is_caught_by_a_history(wrong: HistoryFault) -> None:
    found = explored(wrong.parts, wrong.variant, most=wrong.most).findings
    cells = {one.cell for one in found if one.clause == wrong.slug}
    spoken = {cell for cell in wrong.cells if cell.dialect in VARIANTS[wrong.variant]}
    assert cells
    assert {one.cell for one in found} <= spoken
    assert {one.clause for one in found} <= {wrong.slug, *wrong.also}
    shortest = min(len(one.script) for one in found if one.clause == wrong.slug)
    assert shortest <= wrong.steps


@pytest.mark.no_cover
@pytest.mark.parametrize("wrong", [*RACE_FAULTS, *HOSTILE_FAULTS], ids=lambda wrong: wrong.name)
def test_a_wrong_server_is_caught_by_a_race_or_hostile_input(wrong: PlayedFault, tmp_path: Path) -> None:
    outcome = played(wrong.parts, [wrong.file], wrong.cells, tmp_path)
    assert outcome.cells(wrong.slug, "violates") == frozenset(wrong.cells) & frozenset(load_ledger()[wrong.slug].cells)
    assert outcome.slugs("violates", "advises", "blocked") <= {wrong.slug, *wrong.also}
    assert outcome.exit_code == 1


def test_a_finding_is_told_as_a_script_and_as_curl(tmp_path: Path) -> None:
    wrong = HISTORY_FAULTS[0]
    item = "histories/test_session_model.py::test_every_history_agrees_with_the_model[api-api-update]"
    outcome = played(wrong.parts, [item], DIAGONAL[:1], tmp_path)
    assert outcome.exit_code == 1
    assert wrong.slug in outcome.slugs("violates")
    told = (tmp_path / "junit.xml").read_text()
    assert "s1 = create a session of update under /api" in told
    assert "action=keep-alive" in told
    assert "curl" in told


@pytest.mark.parametrize("parts", [None, OTHERWISE], ids=["as it is", "otherwise"])
@pytest.mark.parametrize("variant", VARIANTS)
def test_a_right_server_is_accused_by_no_history(parts: Parts | None, variant: str) -> None:
    done = explored(parts, variant)
    assert done.findings == ()
    assert done.complete
    # Where an expired session is gone at once, no read shows that it has expired rather than been deleted.
    shown = set() if parts else {"expiry.expired-refuses-keep-alive"}
    assert {slug for slug, _ in done.tried} >= {"keep-alive.only-active", *shown}


@pytest.mark.parametrize("parts", [None, OTHERWISE], ids=["as it is", "otherwise"])
def test_a_right_server_is_accused_by_no_race_and_no_hostile_input(parts: Parts | None, tmp_path: Path) -> None:
    outcome = played(parts, ["races", "hostile"], DIAGONAL, tmp_path)
    assert outcome.slugs("violates", "blocked") == set()
    # The other server names no error types: under /api that is advised against, wherever a refusal is seen.
    assert outcome.slugs("advises") == (set() if parts is None else {"errors.type-present"})
    assert outcome.exit_code == 0


def test_a_server_that_takes_a_moment_to_complete_is_accused_by_no_history_and_no_race(tmp_path: Path) -> None:
    parts = Parts(sessions=CompletesInHalfASecond)
    assert explored(parts, "mixed").findings == ()
    outcome = played(parts, ["races/test_concurrency.py::test_keep_alive_races_complete"], DIAGONAL, tmp_path)
    assert outcome.slugs("violates", "blocked", "advises") == set()
    assert outcome.slugs("conforms") >= {"life-cycle.complete", "keep-alive.only-active"}


FORMAT = "model.expiration-time-format"


@pytest.mark.parametrize("small", [False, True], ids=["capitals", "small letters"])
def test_what_is_shown_in_a_form_that_is_advised_against_ends_no_history(*, small: bool) -> None:
    done = explored(views(time=lambda self, moment: Views.time(self, moment).lower()) if small else None, "mixed")
    assert done.findings == ()
    assert done.complete
    assert {cell: bool(done.answers[FORMAT, cell][0]) for cell in CELLS} == dict.fromkeys(CELLS, small)


def test_a_form_that_is_advised_against_hides_no_wrong_call() -> None:
    def one_more(_: Sessions, session: SessionRecord, value: int | None) -> int:
        return session.client_progress if value is None else min(100, value + 1)

    small = views(time=lambda self, moment: Views.time(self, moment).lower())
    found = explored(replace(small, sessions=sessions(stored_progress=one_more).sessions), "api", most=1).findings
    assert [one.clause for one in found] == ["keep-alive.stores-progress"]


@pytest.mark.parametrize(("progress", "seconds"), [(60, 0.0), (0, 20.0)], ids=["progress", "life"])
@pytest.mark.parametrize("wrong", [True, False], ids=["not read", "read"])
def test_an_id_in_the_body_that_is_not_read_breaks_the_clause_about_it(
    progress: int, seconds: float, *, wrong: bool
) -> None:
    cell, call = Cell(Dialect.REST, Service.UPDATE), Call(Op.KEEP_ALIVE_BY_BODY, Form.BY_BODY, progress)
    with (
        MockServer(control=True, parts=by_body(accept) if wrong else None) as server,
        open_target(Settings(target=server.url, username="user", password="pass"), lambda _: None) as target,
    ):
        bench = Bench(target, (Dialect.REST,))
        history = History(bench)
        history.create(cell)
        history.wait(seconds)
        with pytest.raises(Disagreed) if wrong else nullcontext():
            history.call(history.actors[0], cell, call)
        history.close()
    assert (bench.latest.clause if bench.latest else None) == ("addressing.id-in-body" if wrong else None)


def test_of_endings_at_once_where_cancel_deletes_nothing_is_said(tmp_path: Path) -> None:
    def deleted(self: Sessions, service: Service, session_id: str) -> None:
        session = self.find(service, session_id)
        self.require_active(session, "cancel")
        self.forget(session)

    file = "races/test_concurrency.py::test_of_endings_at_once_one_counts"
    outcome = played(sessions(cancel=deleted), [file], DIAGONAL, tmp_path)
    assert outcome.slugs("violates", "advises", "blocked") == set()
    assert outcome.slugs("conforms") >= {"life-cycle.only-active"}


def test_the_same_seed_plays_the_same_histories(monkeypatch: pytest.MonkeyPatch) -> None:
    first = explored(None, "mixed", seed=7)
    monkeypatch.setenv("CI", "true")
    again, other = explored(None, "mixed", seed=7), explored(None, "mixed", seed=8)
    assert first.scripts == again.scripts
    assert first.scripts != other.scripts
