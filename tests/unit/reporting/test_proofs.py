from __future__ import annotations

import base64
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from contract_tests.contract import Dialect, load_ledger
from contract_tests.judging import Decision, Outcome, Record, Tally
from contract_tests.judging.outcomes import Proof
from contract_tests.reporting.proofs import LONGEST_BODY, MOST_FLAWS, MOST_STEPS, MOST_TESTS, Shelf
from contract_tests.traffic.messages import Response
from tests.unit.judging.findings import CELL, MUST, SENT, flaw

if TYPE_CHECKING:
    from contract_tests.traffic.exchange import Exchange

EXCHANGES = tuple(replace(SENT, id=f"x-{number}") for number in range(30))
Deciding = list[tuple[str, Decision]]


def shelf(**exchanges: tuple[Exchange, ...]) -> Shelf:
    tally = Tally(load_ledger(), Dialect)
    for test, kept in exchanges.items():
        tally.add(test, Record((), (), kept))
    return Shelf(tally)


def decided(outcome: Outcome, *proofs: Exchange, members: tuple[str, ...] = ()) -> Decision:
    return Decision(MUST, CELL, outcome, (), "", tuple(Proof(exchange, members) for exchange in proofs))


def shown(where: Shelf, *deciding: tuple[str, Decision]) -> list[tuple[str, str, bool]]:
    return [(proof.test, proof.exchange, proof.deciding) for proof in where.proofs(list(deciding))]


def test_the_steps_before_the_deciding_ones_are_shown_and_none_behind() -> None:
    steps = EXCHANGES[:3]
    where = shelf(one=(*steps, EXCHANGES[3]))
    assert shown(where, ("one", decided(Outcome.HELD, steps[0], steps[2]))) == [
        ("one", "x-0", True),
        ("one", "x-1", False),
        ("one", "x-2", True),
    ]
    assert list(where.exchanges) == ["x-0", "x-1", "x-2"]


def test_steps_that_are_no_operation_are_left_out_unless_they_decide() -> None:
    other = replace(SENT, id="other", operation=None)
    where = shelf(one=(other, EXCHANGES[0]))
    assert shown(where, ("one", decided(Outcome.HELD, EXCHANGES[0]))) == [("one", "x-0", True)]
    assert shown(where, ("one", decided(Outcome.HELD, other))) == [("one", "other", True)]


def test_of_many_steps_the_last_are_shown() -> None:
    where = shelf(one=EXCHANGES)
    told = shown(where, ("one", decided(Outcome.HELD, EXCHANGES[25])))
    assert [name for _, name, _ in told] == [f"x-{number}" for number in range(26 - MOST_STEPS, 26)]
    every = shown(where, ("one", decided(Outcome.HELD, *EXCHANGES)))
    assert [name for _, name, _ in every] == [f"x-{number}" for number in range(30 - MOST_STEPS, 30)]


READ = replace(SENT, request=replace(SENT.request, method="GET"), operation="read")
ASK = replace(SENT, request=replace(SENT.request, method="POST"), operation="keep-alive")
LONG = tuple(replace(ASK if number % 2 else READ, id=f"x-{number}") for number in range(60))
"""A test that asks and reads in turn, as one of many odd bodies does."""


def test_of_many_steps_those_are_shown_that_led_to_the_flaw() -> None:
    where = shelf(one=LONG)
    wrong = replace(decided(Outcome.BROKEN, *LONG), flaws=(flaw(LONG[4]),))
    told = shown(where, ("one", wrong))
    assert len(told) == MOST_STEPS
    assert {"x-2", "x-3", "x-4"} < {name for _, name, _ in told}


def test_a_flaw_of_a_test_that_is_not_shown_has_the_request_that_led_to_it() -> None:
    names = "abcd"[: MOST_TESTS + 1]
    where = shelf(**{name: tuple(replace(one, id=f"{name}{one.id}") for one in LONG[:6]) for name in names})
    kept = {name: where._tally.records[name].exchanges for name in names}
    wrong = [
        (name, Decision(MUST, CELL, Outcome.BROKEN, (flaw(kept[name][4]),), "", (Proof(kept[name][4]),)))
        for name in names
    ]
    told = [(name, deciding) for test, name, deciding in shown(where, *wrong) if test == names[-1]]
    last = names[-1]
    assert told == [(f"{last}x-2", False), (f"{last}x-3", False), (f"{last}x-4", True)]


def test_members_of_several_decisions_are_put_together() -> None:
    where = shelf(one=EXCHANGES[:1])
    deciding: Deciding = [
        ("one", decided(Outcome.HELD, EXCHANGES[0], members=("state",))),
        ("one", decided(Outcome.HELD, EXCHANGES[0], members=("client_progress", "state"))),
    ]
    (proof,) = where.proofs(deciding)
    assert proof.members == ["state", "client_progress"]


@pytest.mark.parametrize(
    ("outcomes", "tests"),
    [
        ([Outcome.HELD, Outcome.HELD], ["a"]),
        ([Outcome.HELD, Outcome.BROKEN, Outcome.BLOCKED], ["b"]),
        ([Outcome.HELD, Outcome.EXCUSED, Outcome.INCONCLUSIVE], ["b"]),
        ([Outcome.INCONCLUSIVE, Outcome.BLOCKED], ["b"]),
        ([Outcome.BROKEN] * (MOST_TESTS + 1), ["a", "b", "c"]),
        ([Outcome.NOT_TESTED], []),
    ],
)
def test_the_worst_tests_are_shown_or_one_that_held(outcomes: list[Outcome], tests: list[str]) -> None:
    names = "abcd"[: len(outcomes)]
    where = shelf(**{name: (EXCHANGES[number],) for number, name in enumerate(names)})
    deciding = [
        (name, decided(outcome, EXCHANGES[n])) for n, (name, outcome) in enumerate(zip(names, outcomes, strict=True))
    ]
    assert [test for test, _, _ in shown(where, *deciding)] == tests


def test_flaws_are_bounded_and_their_exchanges_shown() -> None:
    where = shelf()
    broken = Decision(MUST, CELL, Outcome.BROKEN, tuple(flaw(exchange) for exchange in EXCHANGES))
    told = list(where.flaws([("one", broken)]))
    assert [one.exchange for one in told] == [f"x-{number}" for number in range(MOST_FLAWS)]
    assert list(where.exchanges) == [one.exchange for one in told]
    assert where.exchanges["x-0"].curl == SENT.request.as_curl()


@pytest.mark.parametrize("body", [b"a" * (LONGEST_BODY + 5), b"\xff" * 4000])
def test_a_long_body_is_cut_and_the_rest_counted(body: bytes) -> None:
    where = shelf()
    where.id_of("one", replace(SENT, response=Response(200, (), body)))
    told = where.exchanges[str(SENT.id)].response
    assert told is not None
    kept = told.body.text or told.body.base64 or ""
    assert len(kept) == LONGEST_BODY
    whole = body.decode() if told.body.text else base64.b64encode(body).decode()
    assert (whole[:LONGEST_BODY], len(whole)) == (kept, len(kept) + told.body.omitted)
    assert told.body.text or base64.b64decode(kept) == body[: LONGEST_BODY // 4 * 3]


def test_a_body_of_just_that_length_is_whole() -> None:
    where = shelf()
    where.id_of("one", replace(SENT, response=Response(200, (), b"a" * LONGEST_BODY)))
    told = where.exchanges[str(SENT.id)].response
    assert told is not None
    assert told.body.omitted == 0


def test_what_was_not_kept_can_prove_nothing() -> None:
    with pytest.raises(LookupError, match="one rests on an exchange that was not kept: curl"):
        shelf().id_of("one", replace(SENT, id=None))
