"""What the oracle says of any step: which it passes over, and what a campaign makes of it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from contract_tests.contract import CELLS, Cell, Dialect, Service, load_ledger
from contract_tests.contract.dialects import Op
from contract_tests.fuzz.campaigns.findings import UNJUDGED, Findings
from contract_tests.rules.oracle import BY_THE_WAY, DECIDES, VOID, is_explained
from contract_tests.rules.steps import Standing, Step
from contract_tests.traffic.exchange import Unheard

from .steps import NEW, broken, create, decided, error, exchange, keep_alive, reading, update


def test_every_clause_that_is_to_be_decided_is_in_the_ledger() -> None:
    for op, slugs in DECIDES.items():
        assert len(slugs) == len(set(slugs)), op
        assert all(load_ledger()[slug].cells for slug in slugs)
    assert set(VOID) <= set(DECIDES)


def test_a_server_that_asks_for_later_decides_nothing() -> None:
    busy = keep_alive({}, 429, error("SERVICE_UNAVAILABLE"))
    assert decided(busy) == set()
    assert is_explained(busy, "positive_data_acceptance")


@pytest.mark.parametrize("marks", [{"unheard": Unheard.GATEWAY}, {"in_doubt": True}])
def test_what_is_not_the_servers_word_decides_nothing_of_a_step(marks: dict[str, Any]) -> None:
    sent = keep_alive({}, 400, error("NOT_FOUND"))
    assert broken(sent)
    unheard = replace(sent, exchange=replace(sent.exchange, **marks))
    assert not decided(unheard) - set(BY_THE_WAY)


def test_a_gateway_breaks_no_clause_but_one_and_none_where_it_was_asked_again() -> None:
    sent = keep_alive({}, 502, {"page": "Bad Gateway"})
    assert decided(sent) == broken(sent) == {"errors.no-server-error"}
    again = replace(sent, exchange=replace(sent.exchange, unheard=Unheard.GATEWAY))
    assert decided(again) == set()


def test_what_was_wrong_on_purpose_without_a_token_accuses_nobody() -> None:
    assert (
        broken(keep_alive({}, 400, error("INVALID_ARGUMENT"), token=None, wrong=frozenset({"header", "query"})))
        == set()
    )


def test_a_token_that_is_not_ours_decides_nothing_but_the_error() -> None:
    assert decided(keep_alive({}, 204, token="<redacted>")) == set()


def _other(op: Op, status: int, answer: Any = None, cell: Cell = CELLS[0], query: str = "", **known: Any) -> Step:
    method = {Op.DELETE: "DELETE"}.get(op, "GET")
    return Step(exchange(op, status, answer, cell=cell, method=method, query=query), cell, "x", op, **known)


_DOWN = Cell(Dialect.API, Service.DOWNLOAD)
_GONE = exchange(Op.READ, 404, error("NOT_FOUND"), method="GET")
_OVER = reading(state="CANCELED")


@pytest.mark.parametrize(
    ("sent", "slug"),
    [
        (_other(Op.LIST, 200, [{}]), "model.list"),
        (_other(Op.LIST, 404, error("NOT_FOUND")), "model.list"),
        (_other(Op.LIST, 200, [], query="?library_item_id=x", standing=Standing.UNKNOWN), "model.list-filter"),
        (_other(Op.READ, 404, error("NOT_FOUND"), standing=Standing.ACTIVE), "model.state"),
        (_other(Op.READ, 200, [], standing=Standing.ACTIVE), "model.state"),
        (_other(Op.READ, 200, {}, standing=Standing.UNKNOWN), "model.unknown-id"),
        (_other(Op.DELETE, 204, standing=Standing.UNKNOWN), "life-cycle.unknown-id"),
        (
            _other(Op.DELETE, 204, standing=Standing.ACTIVE, before=reading(), after=_GONE),
            "life-cycle.delete-active-refused",
        ),
        (_other(Op.DELETE, 204, standing=Standing.ENDED, before=_OVER, after=_OVER), "life-cycle.delete-ended"),
        (
            _other(Op.DELETE, 400, error("ERROR"), _DOWN, standing=Standing.ACTIVE, after=_GONE),
            "life-cycle.delete-download-session",
        ),
    ],
)
def test_other_wrong_answers_are_told(sent: Step, slug: str) -> None:
    assert slug in broken(sent)


@pytest.mark.parametrize(
    "sent",
    [
        _other(Op.LIST, 200, ["a"]),
        _other(Op.LIST, 400, error("INVALID_ARGUMENT"), query="?x=1"),
        _other(Op.LIST, 404, error("NOT_FOUND"), query="?library_item_id=x", standing=Standing.UNKNOWN),
        _other(Op.READ, 404, error("NOT_FOUND"), standing=Standing.UNKNOWN),
        _other(Op.READ, 400, error("INVALID_ARGUMENT"), query="?x=1", standing=Standing.ACTIVE),
        _other(Op.DELETE, 204, standing=Standing.ENDED, before=_OVER, after=_GONE),
        _other(Op.DELETE, 204, None, _DOWN, standing=Standing.ACTIVE, before=reading(), after=_GONE),
    ],
)
def test_other_right_answers_are_not_accused(sent: Step) -> None:
    assert broken(sent) == set()


def test_what_follows_a_204_on_the_wire_is_told() -> None:
    silent, talking = (exchange(Op.KEEP_ALIVE, 204, answer) for answer in (None, 1))
    assert broken(Step(silent, CELLS[0], "x", Op.KEEP_ALIVE, on_the_wire=True)) == set()
    assert broken(Step(talking, CELLS[0], "x", Op.KEEP_ALIVE, on_the_wire=True)) == {"keep-alive.returns-nothing"}


def test_a_connection_that_breaks_under_the_read_after_a_request_says_nothing_of_the_request() -> None:
    lost = replace(reading(), response=None, failure="RemoteProtocolError: illegal status line")
    assert broken(keep_alive({"client_progress": 40}, after=lost)) == {"errors.no-server-error"}


def test_a_list_that_no_read_shows_decides_nothing() -> None:
    spec = {"warning_behavior": [{"type": "SELF_SIGNED_CERTIFICATE", "ignored": True}]}
    assert "update.warning-behavior-takes-effect" not in decided(update(spec))
    assert "update.missing-is-unchanged" not in decided(update({}))
    seen = reading(warning_behavior=spec["warning_behavior"])
    assert "update.warning-behavior-takes-effect" in decided(update(spec, after=seen))
    assert "update.missing-is-unchanged" in broken(update({}, before=seen))


def test_a_request_that_no_rule_can_judge_is_told_and_ends_nothing() -> None:
    findings = Findings()
    findings.add(keep_alive({"client_progress": 40}, before=reading(expiration_time="soon"), after=reading(40)))
    findings.add(keep_alive({}))
    ((where, ruling),) = findings.unclaimed.items()
    assert where == ("updateSession.keepAlive", UNJUDGED)
    assert "expiration_time" in ruling.flaws[0].expected
    assert findings.rulings["updateSession.keepAlive", "keep-alive.empty-object"].judged == 1


def test_an_unknown_action_creates_nothing_that_needs_an_id() -> None:
    body, cell = json.dumps({"create_spec": NEW}).encode(), Cell.parse("rest-update")
    asked = exchange(Op.CREATE, 200, cell=cell, query="?~action=0", body=body)
    sent = Step(asked, cell, "updateSession.createOrKeepAlive", Op.CREATE, standing=Standing.FREE)
    assert "create.returns-id" not in decided(sent)


class TestObjectionsOfSchemathesis:
    def test_a_busy_item_may_be_told_with_500(self) -> None:
        busy = create(NEW, 500, error("RESOURCE_BUSY"), standing=Standing.BUSY)
        assert is_explained(busy, "not_a_server_error")
        assert not is_explained(create(NEW, 500, error("ERROR")), "not_a_server_error")

    def test_the_empty_answer_of_keep_alive_by_body_is_documented(self) -> None:
        cell = Cell(Dialect.REST, Service.UPDATE)
        for op, explained in ((Op.KEEP_ALIVE_BY_BODY, True), (Op.KEEP_ALIVE, False)):
            answered = exchange(op, 200, cell=cell, query="?~action=keep-alive")
            assert is_explained(Step(answered, cell, "x", op), "response_schema_conformance") is explained

    def test_statuses_are_judged_by_the_rules(self) -> None:
        assert is_explained(keep_alive(), "status_code_conformance")
