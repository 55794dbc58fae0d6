"""The reference model by itself: what it allows, what it forbids, and what is known afterwards."""

from __future__ import annotations

from dataclasses import replace

import pytest

from contract_tests.contract import Service
from contract_tests.contract.dialects import Op
from contract_tests.fuzz.histories.known import ACTIVE, CANCELED, DONE, ERROR, EXPIRED, GONE, Known, possible
from contract_tests.fuzz.histories.reference import Answer, Call, Form, Promise, promised, promises

TIMEOUT = 300.0
UPDATE = Known(Service.UPDATE, progress=30, lives_until=300.0, over_by=300.0)
DOWNLOAD = replace(UPDATE, service=Service.DOWNLOAD)
YES = Answer(success=True, status=204)


def no(status: int, *types: str) -> Answer:
    return Answer(success=False, status=status, types=frozenset(types))


def of(call: Call, known: Known = UPDATE) -> Promise:
    return promised(known, call, at=10.0, timeout=TIMEOUT)


def keep_alive(form: Form = Form.NOTHING, progress: int = 0) -> Call:
    return Call(Op.KEEP_ALIVE, form, progress)


def stored(promise: Promise, answer: Answer = YES) -> set[int]:
    return {after.progress for after in promise.after(answer)}


@pytest.mark.parametrize("form", [Form.NOTHING, Form.EMPTY, Form.NULL_MEMBER])
def test_what_reports_nothing_must_succeed_and_changes_no_progress(form: Form) -> None:
    promise = of(keep_alive(form))
    assert stored(promise) == {30}
    assert not promise.after(no(400))


def test_a_keep_alive_moves_the_end() -> None:
    (after,) = of(keep_alive()).after(YES)
    assert (after.lives_until, after.over_by, after.touched) == (310.0, 310.0, 10.0)


def test_a_keep_alive_never_moves_the_end_back() -> None:
    (after,) = of(keep_alive(), replace(UPDATE, lives_until=900.0, over_by=900.0)).after(YES)
    assert (after.lives_until, after.over_by) == (900.0, 900.0)


@pytest.mark.parametrize(
    ("progress", "success", "refused_with", "clause"),
    [
        (31, {31}, set(), "keep-alive.stores-progress"),
        (100, {100}, set(), "keep-alive.accepts-100"),
        (30, {30}, {400, 409, 422}, "keep-alive.equal-progress"),
        (29, {30}, {400, 409, 422}, "keep-alive.lower-progress"),
        (-1, {30}, {400, 409, 422}, "keep-alive.negative-progress"),
        (101, {30, 100}, {400, 422}, "keep-alive.above-100"),
    ],
)
def test_of_a_progress_only_a_greater_one_is_stored(
    progress: int, success: set[int], refused_with: set[int], clause: str
) -> None:
    promise = of(keep_alive(Form.NUMBER, progress))
    assert promise.clause == clause
    assert stored(promise) == success
    assert {status for status in (400, 409, 422) if promise.after(no(status))} == refused_with


@pytest.mark.parametrize(
    ("form", "statuses"),
    [
        (Form.NO_INTEGER, {400, 415, 418}),
        (Form.BEYOND_INT64, {400, 415, 418}),
        (Form.MALFORMED, {400, 415}),
        (Form.NO_OBJECT, {400, 415}),
    ],
)
def test_what_can_not_be_understood_must_be_refused(form: Form, statuses: set[int]) -> None:
    promise = of(keep_alive(form))
    assert not promise.after(YES)
    assert {status for status in (400, 415, 418) if promise.after(no(status))} == statuses


@pytest.mark.parametrize("form", [Form.WITH_FRACTION, Form.DIGITS])
def test_another_spelling_may_count_or_not(form: Form) -> None:
    promise = of(keep_alive(form, 60))
    assert stored(promise) == {30, 60}
    assert stored(promise, no(400)) == {30}


@pytest.mark.parametrize("form", [Form.BY_BODY, Form.XML, Form.FORM])
def test_a_legacy_form_is_honoured_as_a_whole_or_refused(form: Form) -> None:
    promise = of(keep_alive(form, 60))
    assert stored(promise) == {60}
    assert {status for status in range(400, 500) if promise.after(no(status))} == {400, 404, 415}


def test_a_stranger_beside_the_progress_may_be_refused_and_does_not_hide_it() -> None:
    promise = of(keep_alive(Form.STRANGER, 60))
    assert (stored(promise), stored(promise, no(400))) == ({60}, {30})


def test_the_other_services_member_stores_nothing() -> None:
    assert stored(of(keep_alive(Form.OTHER_SERVICES, 60))) == {30}


@pytest.mark.parametrize("state", [DONE, ERROR, CANCELED])
def test_a_session_that_ended_is_not_kept_alive(state: str) -> None:
    promise = of(keep_alive(), replace(UPDATE, state=state))
    assert promise.clause == "keep-alive.only-active"
    assert not promise.after(YES)
    assert promise.after(no(400))
    assert promise.after(no(400, "NOT_ALLOWED_IN_CURRENT_STATE"))
    assert not promise.after(no(400, "INVALID_ARGUMENT"))
    assert not promise.after(no(404))


def test_of_two_mistakes_either_may_be_told() -> None:
    over = replace(UPDATE, state=CANCELED)
    assert of(keep_alive(Form.MALFORMED), over).after(no(415))
    assert of(keep_alive(Form.MALFORMED), replace(over, state=GONE)).after(no(400, "INVALID_REQUEST"))


@pytest.mark.parametrize(("state", "statuses"), [(GONE, {404}), (EXPIRED, {400, 404})])
def test_what_is_over_is_refused_in_its_way(state: str, statuses: set[int]) -> None:
    for op in (Op.KEEP_ALIVE, Op.CANCEL, Op.COMPLETE):
        promise = of(Call(op), replace(UPDATE, state=state))
        assert not promise.after(YES)
        assert {400, 404} & {status for status in (400, 404) if promise.after(no(status))} >= statuses - {400}
    assert {
        status for status in (400, 404) if of(keep_alive(), replace(UPDATE, state=state)).after(no(status))
    } == statuses


@pytest.mark.parametrize(
    ("call", "state"),
    [(Call(Op.CANCEL), CANCELED), (Call(Op.FAIL, Form.MESSAGE), ERROR), (Call(Op.COMPLETE), DONE)],
)
def test_what_ends_a_session_ends_it(call: Call, state: str) -> None:
    assert {after.state for after in of(call).after(YES) if not after.is_completing} == {state}


def test_a_session_that_is_being_completed_is_done_at_any_moment() -> None:
    (completing,) = (after for after in of(Call(Op.COMPLETE)).after(YES) if after.is_completing)
    assert {now.state for now in possible(completing, 1.0, 300)} == {ACTIVE, DONE}
    kept = promises(completing, keep_alive(), 1.0, 300)
    assert all(any(one.after(told) for one in kept) for told in (YES, no(400, "NOT_ALLOWED_IN_CURRENT_STATE")))
    assert not any(promise.after(no(404)) for promise in kept)
    # That it was taken for DONE once does not keep it from being shown ACTIVE.
    refused = {after for promise in kept for after in promise.after(no(400, "NOT_ALLOWED_IN_CURRENT_STATE"))}
    assert {after.state for after in refused} == {ACTIVE}


def test_complete_without_files_may_be_refused_and_cancel_may_not() -> None:
    assert of(Call(Op.COMPLETE)).after(no(400))
    assert not of(Call(Op.CANCEL)).after(no(400))


def test_a_failure_without_a_message_is_refused() -> None:
    assert not of(Call(Op.FAIL)).after(YES)
    assert of(Call(Op.FAIL, Form.EMPTY)).after(no(400))


def test_an_active_session_is_deleted_only_if_it_is_one_of_download() -> None:
    assert not of(Call(Op.DELETE)).after(YES)
    assert of(Call(Op.DELETE)).after(no(400, "NOT_ALLOWED_IN_CURRENT_STATE"))
    assert {after.state for after in of(Call(Op.DELETE), DOWNLOAD).after(YES)} == {GONE}


@pytest.mark.parametrize("state", [DONE, CANCELED, EXPIRED])
def test_what_ended_can_be_deleted(state: str) -> None:
    promise = of(Call(Op.DELETE), replace(UPDATE, state=state))
    assert {after.state for after in promise.after(YES)} == {GONE}
    assert bool(promise.after(no(404))) == (state == EXPIRED)


def test_what_is_gone_can_not_be_deleted() -> None:
    promise = of(Call(Op.DELETE), replace(UPDATE, state=GONE))
    assert not promise.after(YES)
    assert promise.after(no(404, "NOT_FOUND"))


LIST = (("SELF_SIGNED_CERTIFICATE", True),)


@pytest.mark.parametrize(
    ("form", "success", "refused"),
    [
        (Form.WARNINGS, {LIST}, False),
        (Form.EMPTY, {()}, False),
        (Form.NULL_LIST, {()}, True),
        (Form.OTHERS, {()}, True),
        (Form.UNKNOWN_TYPE, {None}, True),
        (Form.HALF_VALID, set(), True),
        (Form.WRONG_TYPE, set(), True),
    ],
)
def test_an_update_sets_the_list_or_nothing(form: Form, success: set[object], *, refused: bool) -> None:
    promise = of(Call(Op.UPDATE, form, warnings=LIST), replace(UPDATE, warnings=()))
    assert {after.warnings for after in promise.after(YES)} == success
    assert bool(promise.after(no(400))) == refused
    assert {after.warnings for after in promise.after(no(400))} <= {()}


def test_no_answer_is_never_right() -> None:
    assert not of(keep_alive()).after(Answer(success=False, status=None))


def test_near_its_end_a_session_may_be_alive_or_not() -> None:
    assert [promise.known.state for promise in promises(UPDATE, keep_alive(), 297.0, TIMEOUT)] == [ACTIVE]
    assert [promise.known.state for promise in promises(UPDATE, keep_alive(), 300.0, TIMEOUT)] == [
        ACTIVE,
        EXPIRED,
        GONE,
    ]
    assert [promise.known.state for promise in promises(UPDATE, keep_alive(), 361.0 + 6 * TIMEOUT, TIMEOUT)] == [
        EXPIRED,
        GONE,
    ]


def test_a_promise_says_what_it_expects() -> None:
    assert str(of(keep_alive())) == "success"
    assert str(of(Call(Op.DELETE))) == "400 NOT_ALLOWED_IN_CURRENT_STATE"
    assert str(of(keep_alive(Form.NUMBER, 3))) == "success or 400 or 409 or 422"
    assert str(of(keep_alive(Form.MALFORMED))) == "400 or 415 or 422"


def test_what_is_no_call_of_the_model_is_a_mistake() -> None:
    with pytest.raises(KeyError):
        of(Call(Op.UPDATE, Form.XML))
    with pytest.raises(ValueError, match="no body of a keep-alive"):
        of(keep_alive(Form.WARNINGS))
