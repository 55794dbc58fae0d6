"""Which clause a disagreement is put down to; none is without one, and none with one that says nothing about it."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from contract_tests.contract import CELLS, Service, load_ledger
from contract_tests.contract.dialects import Op
from contract_tests.contract.tolerances import FORGOTTEN, NOTICED
from contract_tests.fuzz.histories.blame import Occasion, disagreements, life_disagreements, stakes
from contract_tests.fuzz.histories.known import ACTIVE, CANCELED, DONE, ERROR, EXPIRED, GONE, Known, Seen, possible
from contract_tests.fuzz.histories.reference import LEGACY, Call, Form, promises

TIMEOUT = 300.0
LIST = (("SELF_SIGNED_CERTIFICATE", True),)
WAS = Known(Service.UPDATE, progress=30, warnings=LIST, shows_warnings=True, lives_until=300.0, over_by=300.0)

UPDATES = [
    Form.WARNINGS,
    Form.EMPTY,
    Form.NULL_LIST,
    Form.OTHERS,
    Form.UNKNOWN_TYPE,
    Form.HALF_VALID,
    Form.WRONG_TYPE,
]
CALLS = [
    *(Call(Op.KEEP_ALIVE, form, progress) for form in list(Form)[:16] for progress in (-1, 20, 30, 40, 100, 101)),
    *(Call(Op.UPDATE, form, warnings=LIST) for form in UPDATES),
    *(Call(Op.FAIL, form) for form in (Form.MESSAGE, Form.EMPTY)),
    *(Call(op) for op in (Op.CANCEL, Op.COMPLETE, Op.DELETE)),
]
SIGHTS = [
    None,
    *(
        Seen(state, progress, shown, 500.0)
        for state in (ACTIVE, CANCELED, DONE, ERROR)
        for progress in (0, 30, 60, 100, 101, -1)
        for shown in (None, LIST, (), (*LIST, *LIST))
    ),
]


def applicable(call: Call, known: Known) -> bool:
    return known.service is Service.UPDATE or call.op not in (Op.UPDATE, Op.COMPLETE)


@pytest.mark.parametrize("service", list(Service))
@pytest.mark.parametrize("state", [ACTIVE, CANCELED, EXPIRED, GONE])
def test_every_disagreement_belongs_to_a_clause_of_its_cell(service: Service, state: str) -> None:
    was, ledger = replace(WAS, service=service, state=state), load_ledger()
    found: set[tuple[str, Form | None]] = set()
    for call in [one for one in CALLS if applicable(one, was)]:
        made = promises(was, call, 10.0, TIMEOUT)
        found |= {(one.clause, call.form) for one in made}
        for accepted, seen in itertools.product((True, False), SIGHTS):
            after = [next(iter(one.success), one.known) if accepted else one.known for one in made]
            found |= {(one.clause, call.form) for one in disagreements(after, seen, Occasion(was, call, accepted))}
    for elsewhere, seen in itertools.product((True, False), SIGHTS):
        untouched = Occasion(was, elsewhere=elsewhere)
        found |= {(one.clause, None) for one in disagreements([was], seen, untouched)}
        found |= {(one.clause, None) for one in life_disagreements(untouched, seen, 10.0, TIMEOUT)}
    for clause, form in found:
        cells = [cell for cell in CELLS if cell.service is service and (form not in LEGACY or cell.dialect == "rest")]
        assert set(cells) <= set(ledger[clause].cells), clause


def blamed(call: Call | None, seen: Seen | None, *after: Known, accepted: bool = True, was: Known = WAS) -> list[str]:
    occasion = Occasion(was, call, accepted)
    return [one.clause for one in disagreements(after or (was,), seen, occasion)]


def test_what_agrees_is_no_disagreement() -> None:
    assert blamed(None, Seen(ACTIVE, 30, LIST)) == []


@pytest.mark.parametrize(
    ("form", "progress", "seen", "clause"),
    [
        (Form.NUMBER, 60, 30, "keep-alive.stores-progress"),
        (Form.NUMBER, 100, 99, "keep-alive.stores-progress"),
        (Form.NUMBER, 20, 20, "keep-alive.progress-never-goes-down"),
        (Form.NUMBER, 101, 101, "model.progress-range"),
        (Form.NUMBER, -1, -1, "model.progress-not-negative"),
        (Form.NOTHING, 0, 0, "keep-alive.unspecified-progress-unchanged"),
        (Form.NULL_MEMBER, 0, 0, "keep-alive.unspecified-progress-unchanged"),
        (Form.BY_BODY, 60, 30, "addressing.id-in-body"),
        (Form.XML, 60, 30, "keep-alive.stores-progress"),
    ],
)
def test_a_progress_is_put_down_to_what_was_reported(form: Form, progress: int, seen: int, clause: str) -> None:
    call = Call(Op.KEEP_ALIVE_BY_BODY if form is Form.BY_BODY else Op.KEEP_ALIVE, form, progress)
    expected = replace(WAS, progress=60) if progress == 60 else WAS
    assert blamed(call, Seen(ACTIVE, seen, LIST), expected) == [clause]


@pytest.mark.parametrize(
    ("call", "accepted", "clause"),
    [
        (Call(Op.KEEP_ALIVE, Form.NUMBER, 60), True, "keep-alive.changes-nothing-else"),
        (Call(Op.KEEP_ALIVE, Form.MALFORMED), False, "keep-alive.refused-changes-nothing"),
        (Call(Op.FAIL), False, "life-cycle.fail-needs-message"),
        (None, False, "expiry.not-before-expiration-time"),
    ],
)
@pytest.mark.parametrize("seen", [None, Seen(CANCELED, 30)])
def test_a_session_that_ends_is_put_down_to_what_was_done(
    call: Call | None, seen: Seen | None, clause: str, *, accepted: bool
) -> None:
    assert blamed(call, seen, accepted=accepted) == [clause]


@pytest.mark.parametrize(
    ("call", "clause"),
    [
        (Call(Op.KEEP_ALIVE), "keep-alive.refused-changes-nothing"),
        (Call(Op.UPDATE), "update.only-active"),
        (Call(Op.CANCEL), "life-cycle.only-active"),
        (None, "life-cycle.cancel"),
    ],
)
def test_a_session_that_comes_back_is_put_down_to_who_was_refused(call: Call | None, clause: str) -> None:
    over = replace(WAS, state=CANCELED)
    assert blamed(call, Seen(ACTIVE, 30), over, was=over, accepted=False) == [clause]


def test_a_session_that_did_not_end_is_put_down_to_what_ends_it() -> None:
    assert blamed(Call(Op.CANCEL), Seen(ACTIVE, 30), replace(WAS, state=CANCELED)) == ["life-cycle.cancel"]
    assert blamed(Call(Op.DELETE), Seen(DONE, 30), replace(WAS, state=GONE)) == ["life-cycle.delete-ended"]


@pytest.mark.parametrize(
    ("service", "clause"),
    [(Service.UPDATE, "expiry.update-session-deleted"), (Service.DOWNLOAD, "expiry.download-session-ends")],
)
def test_a_session_that_lives_on_is_put_down_to_expiry(service: Service, clause: str) -> None:
    over = possible(replace(WAS, service=service), 400.0 + NOTICED + FORGOTTEN * TIMEOUT, TIMEOUT)
    assert blamed(None, Seen(ACTIVE, 30), *over) == [clause]


def test_an_expired_session_that_is_never_deleted_is_put_down_to_expiry() -> None:
    expired = replace(WAS, state=EXPIRED)
    assert blamed(None, Seen(ERROR, 30), *possible(expired, 9999.0, TIMEOUT), was=expired) == [
        "expiry.update-session-deleted"
    ]


def test_warnings_are_put_down_to_the_update() -> None:
    call = Call(Op.UPDATE, Form.WARNINGS, warnings=LIST)
    assert blamed(call, Seen(ACTIVE, 30, ())) == ["update.warning-behavior-takes-effect"]
    more = (*LIST, ("ANOTHER_WARNING", True))
    assert blamed(call, Seen(ACTIVE, 30, more)) == ["update.list-replaced"]


def test_warnings_that_a_keep_alive_changes_are_put_down_to_it() -> None:
    assert blamed(Call(Op.KEEP_ALIVE), Seen(ACTIVE, 30, ())) == ["keep-alive.changes-nothing-else"]


def test_what_another_call_changed_is_put_down_to_that_one() -> None:
    (wrong,) = disagreements([WAS], Seen(ACTIVE, 31, LIST), Occasion(WAS, elsewhere=True))
    assert wrong.clause == "keep-alive.only-named-session"
    assert (wrong.expected, wrong.observed) == ("client_progress 30", "client_progress 31")


@pytest.mark.parametrize(
    ("was", "seen", "clause"),
    [
        (30, 10, "keep-alive.progress-never-goes-down"),
        (30, 40, "keep-alive.stores-progress"),
        (0, 40, "model.initial-progress"),
    ],
)
def test_a_progress_that_moves_by_itself(was: int, seen: int, clause: str) -> None:
    assert blamed(None, Seen(ACTIVE, seen, LIST), was=replace(WAS, progress=was)) == [clause]


def lived(call: Call | None, expires: float, at: float = 10.0, was: Known = WAS) -> list[str]:
    occasion = Occasion(was, call, accepted=True)
    return [one.clause for one in life_disagreements(occasion, Seen(ACTIVE, 30, LIST, expires), at, TIMEOUT)]


@pytest.mark.parametrize(
    ("call", "expires", "clauses"),
    [
        (Call(Op.KEEP_ALIVE), 310.4, []),
        (Call(Op.KEEP_ALIVE), 300.0, ["keep-alive.extends-expiration"]),
        (Call(Op.KEEP_ALIVE), 304.0, ["keep-alive.extends-by-timeout"]),
        (Call(Op.KEEP_ALIVE), 600.0, ["keep-alive.extends-by-timeout"]),
        (Call(Op.KEEP_ALIVE), 200.0, ["expiry.never-moves-back"]),
        (Call(Op.KEEP_ALIVE_BY_BODY, Form.BY_BODY), 300.0, ["addressing.id-in-body"]),
        (Call(Op.KEEP_ALIVE_BY_BODY, Form.BY_BODY), 600.0, ["addressing.id-in-body"]),
        (Call(Op.UPDATE), 299.0, ["expiry.never-moves-back"]),
        (Call(Op.UPDATE), 310.0, []),
        (None, 310.0, []),
        (Call(Op.CREATE), 310.0, []),
        (Call(Op.CREATE), 3600.0, ["expiry.default-five-minutes"]),
    ],
)
def test_the_end_moves_as_promised(call: Call | None, expires: float, clauses: list[str]) -> None:
    assert lived(call, expires) == clauses


def test_a_lifetime_belongs_to_the_clause_about_the_timeout_that_was_given() -> None:
    occasion = Occasion(WAS, Call(Op.CREATE), accepted=True)
    (wrong,) = life_disagreements(occasion, Seen(ACTIVE, 30, LIST, 310.0), 10.0, 60.0)
    assert wrong.clause == "expiry.timeout-configurable"


def test_two_keep_alives_within_a_second_need_not_differ() -> None:
    assert lived(Call(Op.KEEP_ALIVE), 300.0, at=1.0) == []


def test_nothing_is_said_of_the_end_of_what_is_over() -> None:
    occasion = Occasion(WAS, Call(Op.KEEP_ALIVE), accepted=True)
    assert life_disagreements(occasion, Seen(CANCELED, 30, None, 1.0), 10.0, TIMEOUT) == []
    assert life_disagreements(occasion, None, 10.0, TIMEOUT) == []


def test_what_is_at_stake() -> None:
    seen = Seen(ACTIVE, 30)
    assert stakes(Occasion(WAS), seen, 0.0) == []
    assert stakes(Occasion(WAS, elsewhere=True), seen, 0.0) == ["keep-alive.only-named-session"]
    assert "keep-alive.refused-changes-nothing" in stakes(Occasion(WAS, Call(Op.KEEP_ALIVE)), seen, 0.0)
    kept = Occasion(WAS, Call(Op.KEEP_ALIVE), accepted=True)
    assert {"keep-alive.extends-expiration", "keep-alive.unspecified-progress-unchanged"} <= {*stakes(kept, seen, 5.0)}
    assert "keep-alive.extends-expiration" not in stakes(kept, seen, 1.0)
    assert "keep-alive.extends-by-timeout" not in stakes(Occasion(WAS, Call(Op.UPDATE), accepted=True), seen, 5.0)
    hidden = {*stakes(kept, Seen(ACTIVE, None, expires=500.0), 5.0)}
    assert {*stakes(kept, seen, 5.0)} - hidden == {
        "keep-alive.progress-never-goes-down",
        "keep-alive.unspecified-progress-unchanged",
    }
    assert stakes(kept, None, 5.0) == []
    ledger = load_ledger()
    assert all(clause in ledger for clause in stakes(kept, seen, 5.0))
