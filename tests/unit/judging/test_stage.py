from __future__ import annotations

import threading
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from contract_tests.contract import Capability, Dialect
from contract_tests.contract.dialects import TOKEN_HEADER
from contract_tests.driver import Access, Door, Settings, Target, open_target
from contract_tests.driver.settings import OwnFile
from contract_tests.judging import Outcome
from contract_tests.judging.stage import AGAIN, PLAYS, Performance, Stage, perform, perform_together
from contract_tests.problems import Inconclusive, NotTested, ScenarioMistake

from .findings import CELL, MUST, OTHER, SHOULD, flaw

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def target() -> Iterator[Target]:
    with open_target(Settings(session_timeout=60), print) as target:
        yield target


@pytest.fixture
def stage(target: Target) -> Stage:
    return Stage(target, CELL, (MUST,), seed=7)


def elsewhere(target: Target, **settings: Any) -> Target:
    """The same server, as if it were not our mock."""
    return replace(target, control=None, settings=replace(target.settings, second_user=None, **settings))


def test_a_stage_gives_what_the_target_has(stage: Stage, target: Target) -> None:
    assert (stage.clock, stage.workspace, stage.settings) == (target.clock, target.workspace, target.settings)
    assert (stage.judge.cell, stage.judge.cited) == (CELL, (MUST,))
    assert stage.open_session().cell == CELL
    assert stage.unknown_session().read().status == 404
    assert stage.anonymous.send("GET", "/api/session").status == 401
    assert stage.second_door().send("GET", "/api/session").status == 200


def test_what_was_exchanged_and_found_is_kept(stage: Stage) -> None:
    def body() -> None:
        stage.unknown_session().read()
        stage.judge(MUST.id, [flaw()])

    performance = perform(body, stage)
    assert performance.mistake is None
    assert [one.operation for one in performance.record.exchanges] == ["read"]
    assert [one.outcome for one in performance.record.decisions if not one.aside] == [Outcome.BROKEN]


def test_a_judgement_without_traffic_proves_nothing(stage: Stage) -> None:
    performance = perform(lambda: stage.judge(MUST.id, []), stage)
    assert isinstance(performance.mistake, ScenarioMistake)
    assert [one.outcome for one in performance.record.decisions] == [Outcome.BLOCKED]


@pytest.mark.parametrize(
    ("end", "outcome"), [(Inconclusive("no time"), Outcome.INCONCLUSIVE), (NotTested("no content"), Outcome.NOT_TESTED)]
)
def test_who_may_not_try_need_not_have_sent_anything(stage: Stage, end: Exception, outcome: Outcome) -> None:
    def body() -> None:
        raise end

    performance = perform(body, stage)
    assert performance.mistake is None
    assert [one.outcome for one in performance.record.decisions] == [outcome]


def test_a_mistake_is_kept_with_what_was_found_before(stage: Stage) -> None:
    def body() -> None:
        stage.unknown_session().read()
        raise ZeroDivisionError

    performance = perform(body, stage)
    assert isinstance(performance.mistake, ZeroDivisionError)
    assert len(performance.record.exchanges) == 1
    assert [one.outcome for one in performance.record.decisions if not one.aside] == [Outcome.BLOCKED]


def test_together_all_are_under_way_at_once(target: Target) -> None:
    barrier = threading.Barrier(3, timeout=120)

    def play(stage: Stage) -> None:
        barrier.wait()
        stage.unknown_session().read()
        stage.judge(MUST.id, [])

    stages = {name: Stage(target, CELL, (MUST,), seed=1) for name in "abc"}
    done = perform_together({name: (partial(play, stage), stage) for name, stage in stages.items()})
    assert {*done} == {*"abc"}
    for performance in done.values():
        assert performance.mistake is None
        assert len(performance.record.exchanges) == 1


def test_together_one_that_is_skipped_does_not_take_the_others_along(target: Target) -> None:
    def skips() -> None:
        pytest.skip("not today")

    def judges() -> None:
        good.unknown_session().read()
        good.judge(MUST.id, [])

    good, bad = (Stage(target, CELL, (MUST,), seed=1) for _ in range(2))
    done = perform_together({"good": (judges, good), "bad": (skips, bad)})
    assert done["good"].mistake is None
    assert isinstance(done["bad"].mistake, pytest.skip.Exception)


# What only our mock has, or a profile names


def test_the_mock_has_a_subscribed_item_and_warnings(stage: Stage) -> None:
    assert stage.subscribed_item()
    session, kind = stage.open_session_with_warning(ignored=True)
    assert session.read().status == 200
    assert kind
    stage.takes(Capability.UNDECLARED_METHODS)


def test_a_profile_may_name_them(target: Target) -> None:
    content = OwnFile.of("a.ovf", b"<Envelope/>")
    named = elsewhere(target, subscribed_item="item-7", warning_files=(content,), warning_kind="KIND")
    stage = Stage(named, CELL, (MUST,), seed=1)
    assert stage.subscribed_item() == "item-7"
    session, kind = stage.open_session_with_warning()
    assert kind == "KIND"
    assert session.read().status == 200


def test_what_a_target_lacks_is_not_tested(target: Target) -> None:
    stage = Stage(elsewhere(target), OTHER, (SHOULD,), seed=1)
    with pytest.raises(NotTested, match="subscribed_item"):
        stage.subscribed_item()
    with pytest.raises(NotTested, match="warning_content"):
        stage.open_session_with_warning()
    with pytest.raises(NotTested, match="so only a mock"):
        stage.takes(Capability.UNDECLARED_METHODS)


def test_without_a_second_user_it_is_not_tested(target: Target) -> None:
    alone = replace(target, access=Access(target.access.doors, target.access.anonymous))
    with pytest.raises(NotTested, match="second_user"):
        Stage(alone, CELL, (MUST,), seed=1).second_door()


@pytest.mark.parametrize("capability", Capability)
def test_what_a_profile_says_a_target_lacks_is_not_tested(target: Target, capability: Capability) -> None:
    lacking = replace(target, settings=replace(target.settings, lacks=frozenset({capability})))
    with pytest.raises(NotTested) as told:
        Stage(lacking, CELL, (MUST,), seed=1).takes(capability)
    assert str(told.value) == capability.lacking


def test_a_login_is_ended_again(stage: Stage) -> None:
    with stage.log_in() as login:
        assert login.door.send("GET", "/api/session").status == 200
    assert login.door.send("GET", "/api/session").status == 401
    with stage.log_in(password="wrong") as refused:
        assert (refused.token, refused.answer.status) == (None, 401)
    with stage.log_in() as ended:
        ended.log_out()
    assert ended.ended


def test_a_login_that_a_test_makes_and_can_not_end_is_told(target: Target) -> None:
    def serve(request: httpx.Request) -> httpx.Response:
        return httpx.Response(500 if request.method == "DELETE" else 201, json="a-token-of-its-own")

    anonymous = Door("http://x", target.recorder, inner=httpx.MockTransport(serve))
    access = Access({Dialect.API: anonymous.with_headers({TOKEN_HEADER: "another-token"})}, anonymous)
    made = replace(target, access=access, left=[])
    with Stage(made, CELL, (MUST,), seed=1).log_in():
        pass
    told = "\n".join(map(str, made.left))
    assert told.startswith("login <other-token")
    assert "500" in told
    assert "a-token-of-its-own" not in told


def test_a_server_with_one_token_for_all_logins_is_left_alone(target: Target) -> None:
    server = httpx.MockTransport(lambda _: httpx.Response(201, json="one-token-for-all"))
    anonymous = Door("http://x", target.recorder, inner=server)
    access = Access({Dialect.API: anonymous.with_headers({TOKEN_HEADER: "one-token-for-all"})}, anonymous)
    stage = Stage(replace(target, access=access), CELL, (MUST,), seed=1)
    with pytest.raises(NotTested, match="the same token"), stage.log_in():
        pass


def outcomes(done: Performance) -> list[Outcome]:
    """What was found of the clause that the test is about."""
    return [one.outcome for one in done.record.decisions if one.clause == MUST]


class TestADoubt:
    """What the server said to a request that had been sent before, or what a gateway said, may not be its word."""

    @staticmethod
    def plays(stage: Stage, *results: tuple[bool, bool]) -> tuple[int, Performance]:
        """Play a test that finds and sends this when it is played for the nth time: a flaw? something in doubt?"""
        calls: list[int] = []

        def body() -> None:
            is_broken, is_doubtful = results[len(calls)]
            calls.append(1)
            answer = stage.unknown_session().read()
            recorder = stage.target.recorder
            if is_doubtful:
                recorder.keep(replace(answer, id=None, in_doubt=True))
            stage.judge(MUST.id, [flaw()] if is_broken else [])

        done = perform(body, stage)
        return len(calls), done

    def test_that_explains_nothing_is_left_alone(self, stage: Stage) -> None:
        assert self.plays(stage, (False, True))[0] == 1
        assert self.plays(stage, (True, False))[0] == 1

    def test_has_a_test_played_again(self, stage: Stage) -> None:
        calls, done = self.plays(stage, (True, True), (False, False))
        assert calls == 2
        assert outcomes(done) == [Outcome.HELD]
        assert sorted(done.record.plays) == [stage.name, f"{stage.name}{AGAIN}"]
        assert len(done.record.exchanges) == 1

    def test_is_forgotten_where_the_same_is_found_without_it(self, stage: Stage) -> None:
        _, done = self.plays(stage, (True, True), (True, False))
        assert outcomes(done) == [Outcome.BROKEN]

    def test_that_comes_again_blocks(self, stage: Stage) -> None:
        _, done = self.plays(stage, *[(True, True)] * PLAYS)
        (decision,) = [one for one in done.record.decisions if one.clause == MUST]
        assert (decision.outcome, "also when the test was played again" in decision.reason) == (Outcome.BLOCKED, True)
