from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract_tests.contract import CELLS, Dialect
from contract_tests.contract.dialects import Op
from contract_tests.fuzz.campaigns.campaign import Campaign
from contract_tests.fuzz.campaigns.rejudging import judge_again, notes_of
from contract_tests.problems import PremiseFailed
from contract_tests.rules.steps import Standing, Step
from contract_tests.traffic.archive import KeptPlay
from tests.unit.rules.steps import exchange, reading

if TYPE_CHECKING:
    from contract_tests.traffic.exchange import Exchange


def kept(count: int) -> tuple[Exchange, ...]:
    return tuple(replace(exchange(Op.KEEP_ALIVE, 204), id=f"x-{number}") for number in range(count))


class Listening:
    """Takes in what is judged, in the place of findings."""

    def __init__(self) -> None:
        self.sent: list[Step] = []

    def add(self, sent: Step) -> None:
        self.sent.append(sent)


def heard(play: KeptPlay | None) -> tuple[list[Step], Campaign]:
    findings = Listening()
    campaign = judge_again(Campaign(Dialect.API, findings), play)  # type: ignore[arg-type]
    return findings.sent, campaign


_NUMBERS = st.integers(0, 3)


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(
            *(_NUMBERS, st.sampled_from(CELLS), st.sampled_from(Op), st.sampled_from(Standing)),
            *(st.sets(st.sampled_from(["path", "body"])), st.none() | _NUMBERS, st.none() | _NUMBERS),
            *(st.lists(st.text(max_size=3), max_size=2), st.booleans()),
        ),
        unique_by=lambda row: row[0],
    )
)
def test_what_was_noted_is_judged_again(rows: list[Any]) -> None:
    exchanges = kept(4)
    done = [
        Step(
            *(exchanges[number], cell, "operation", op, standing, frozenset(wrong), "item"),
            before=None if before is None else exchanges[before],
            after=None if after is None else exchanges[after],
            complaints=tuple(complaints),
            on_the_wire=wire,
        )
        for number, cell, op, standing, wrong, before, after, complaints, wire in rows
    ]
    notes = json.loads(json.dumps(notes_of(done, Campaign(Dialect.API), exchanges)))
    sent, _ = heard(KeptPlay(exchanges, tuple(notes)))
    assert sent == done
    assert all(one.exchange is exchanges[int(str(one.exchange.id)[2:])] for one in sent)


@pytest.mark.parametrize("premise", [None, PremiseFailed("a session", "none")])
def test_how_it_ended_is_noted(premise: PremiseFailed | None) -> None:
    campaign = Campaign(Dialect.API, complete=False, mishaps=["a case"], premise=premise)
    _, again = heard(KeptPlay(kept(2), tuple(notes_of([], campaign, kept(2)))))
    assert (again.complete, again.mishaps) == (False, ["a case"])
    assert str(again.premise) == str(premise)


def test_without_an_exchange_there_is_nothing_to_note() -> None:
    assert notes_of([], Campaign(Dialect.API), ()) == []


def test_a_campaign_that_is_not_in_the_recording_blocks() -> None:
    sent, campaign = heard(None)
    assert sent == []
    assert "a campaign in the recording; observed none" in str(campaign.premise)


def test_it_is_judged_by_the_rules_of_today() -> None:
    before, after = replace(reading(30), id="before"), replace(reading(10), id="after")
    called = replace(exchange(Op.KEEP_ALIVE, 204), id="called")
    done = [
        Step(called, CELLS[0], "updateSession.keepAlive", Op.KEEP_ALIVE, Standing.ACTIVE, before=before, after=after)
    ]
    exchanges = (before, called, after)
    campaign = judge_again(
        Campaign(Dialect.API), KeptPlay(exchanges, tuple(notes_of(done, Campaign(Dialect.API), exchanges)))
    )
    first = Campaign(Dialect.API)
    first.findings.add(done[0])
    assert campaign.findings == first.findings
    assert campaign.cases == 1
