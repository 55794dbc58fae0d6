from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from contract_tests.contract import CELLS, Cell, Dialect, Service, load_ledger
from contract_tests.contract.dialects import Op
from contract_tests.fuzz.campaigns.findings import UNJUDGED, Findings
from contract_tests.rules.oracle import BY_THE_WAY, DECIDES, VOID, is_explained, verdicts
from contract_tests.rules.steps import Standing, Step
from contract_tests.traffic.exchange import Unheard

from .steps import broken, create, decided, error, exchange, keep_alive, reading, update

REFUSED = (400, error("INVALID_ARGUMENT"))


def test_every_clause_that_is_to_be_decided_is_in_the_ledger() -> None:
    for op, slugs in DECIDES.items():
        assert len(slugs) == len(set(slugs)), op
        assert all(load_ledger()[slug].cells for slug in slugs)
    assert set(VOID) <= set(DECIDES)


class TestRightKeepAlives:
    """No right answer is accused, whatever a server chose where the documents leave room."""

    @pytest.mark.parametrize(
        "sent",
        [
            keep_alive(),
            keep_alive({}),
            keep_alive({"client_progress": None}),
            keep_alive({"client_progress": 40}, after=reading(40)),
            keep_alive({"client_progress": 100}, after=reading(100)),
            keep_alive({"client_progress": 30}),
            keep_alive({"client_progress": 30}, *REFUSED),
            keep_alive({"client_progress": 20}),
            keep_alive({"client_progress": 20}, *REFUSED),
            keep_alive({"client_progress": 101}, *REFUSED),
            keep_alive({"client_progress": 101}, after=reading(100)),
            keep_alive({"client_progress": -1}),
            keep_alive({"client_progress": -1}, 409, error("ERROR")),
            keep_alive({"client_progress": "60"}, after=reading(60)),
            keep_alive({"client_progress": 60.0}, *REFUSED),
            keep_alive({"client_progress": 60.0}),
            keep_alive({"client_progress": "1e400"}, *REFUSED),
            keep_alive({"client_progress": "abc"}, *REFUSED),
            keep_alive({"client_progress": 2**63}, *REFUSED),
            keep_alive({"other": 1}),
            keep_alive({"other": 1}, *REFUSED),
            keep_alive({"client_progress": 40, "other": 1}, *REFUSED),
            keep_alive({"progress": 40}),
            keep_alive(raw=b"null"),
            keep_alive(raw=b"[]", status=400, answer=error("INVALID_ARGUMENT")),
            keep_alive(raw=b"{", status=400, answer=error("INVALID_REQUEST")),
            keep_alive({}, 400, error("NOT_ALLOWED_IN_CURRENT_STATE"), standing=Standing.ENDED),
            keep_alive({}, 404, error("NOT_FOUND"), standing=Standing.UNKNOWN, before=None, after=None),
            keep_alive({}, 404, error("OPERATION_NOT_FOUND"), query="?action=nonsense"),
            keep_alive({}, 204, query="?action=cancel", after=reading(state="CANCELED"), standing=Standing.NONE),
            keep_alive({}, 401, error("UNAUTHENTICATED"), token=None, wrong=frozenset({"header"})),
        ],
    )
    def test_is_not_accused(self, sent: Step) -> None:
        assert broken(sent) == set()


class TestWrongKeepAlives:
    """Each wrong answer is told by the clause that it breaks."""

    @pytest.mark.parametrize(
        ("sent", "slug"),
        [
            (keep_alive(None, *REFUSED), "keep-alive.no-body"),
            (keep_alive({}, *REFUSED), "keep-alive.empty-object"),
            (keep_alive({}, 200), "keep-alive.empty-object"),
            (keep_alive({}, after=reading(31)), "keep-alive.unspecified-progress-unchanged"),
            (keep_alive({}, answer={"x": 1}), "keep-alive.returns-nothing"),
            (keep_alive({"client_progress": None}, *REFUSED), "keep-alive.null-progress"),
            (keep_alive({"client_progress": 40}, *REFUSED), "keep-alive.stores-progress"),
            (keep_alive({"client_progress": 40}), "keep-alive.stores-progress"),
            (keep_alive({"client_progress": 100}, *REFUSED), "keep-alive.accepts-100"),
            (keep_alive({"client_progress": 20}, after=reading(20)), "keep-alive.progress-never-goes-down"),
            (keep_alive({"client_progress": 20}, *REFUSED, after=reading(20)), "keep-alive.lower-progress"),
            (keep_alive({"client_progress": 30}, 500, error("ERROR")), "keep-alive.equal-progress"),
            (keep_alive({"client_progress": 101}, after=reading(101)), "keep-alive.above-100"),
            (keep_alive({"client_progress": 101}, after=reading(101)), "model.progress-range"),
            (keep_alive({"client_progress": "60"}, after=reading(77)), "keep-alive.progress-never-goes-down"),
            (keep_alive({"client_progress": 60.0}, after=reading(77)), "keep-alive.progress-never-goes-down"),
            (keep_alive({"client_progress": 60.0}, *REFUSED, after=reading(60)), "keep-alive.progress-never-goes-down"),
            (keep_alive({"client_progress": -1}, after=reading(0)), "keep-alive.negative-progress"),
            (keep_alive({"client_progress": "abc"}), "keep-alive.progress-not-an-integer"),
            (keep_alive({"client_progress": True}), "keep-alive.progress-not-an-integer"),
            (keep_alive({"client_progress": 1.5}), "keep-alive.progress-not-an-integer"),
            (keep_alive({"client_progress": 2**63}), "keep-alive.progress-beyond-int64"),
            (keep_alive({"client_progress": 2**60}, 500, error("ERROR")), "errors.no-server-error"),
            (keep_alive({"progress": 40}, after=reading(40)), "keep-alive.other-service-member"),
            (keep_alive(raw=b"[]"), "keep-alive.not-an-object"),
            (keep_alive(raw=b"{"), "keep-alive.malformed-json"),
            (keep_alive({"x": 1}, *REFUSED, after=reading(40)), "keep-alive.refused-changes-nothing"),
            (keep_alive({}, after=reading(state="DONE")), "keep-alive.changes-nothing-else"),
            (keep_alive({}, after=reading(expiration_time="2026-01-01T00:04:00Z")), "expiry.never-moves-back"),
            (keep_alive({}, standing=Standing.ENDED), "keep-alive.only-active"),
            (keep_alive({}, 404, error("NOT_FOUND"), standing=Standing.ENDED), "keep-alive.only-active"),
            (keep_alive({}, standing=Standing.UNKNOWN, before=None, after=None), "keep-alive.unknown-id"),
            (keep_alive({}, query=""), "addressing.missing-action"),
            (keep_alive({}, query="?action=nonsense"), "addressing.unknown-action"),
            (keep_alive({}, token=None, wrong=frozenset({"header"})), "authentication.token-required"),
            (keep_alive({"x": 1}, 400, {"messages": []}), "errors.body"),
            (keep_alive({"x": 1}, 400, error("NO_SUCH_TYPE")), "errors.type-fits-status"),
            (keep_alive({"x": 1}, 400, error("NOT_FOUND")), "errors.type-fits-status"),
            (keep_alive({"x": 1}, 400, error("INVALID_ARGUMENT", data=[])), "errors.data"),
        ],
    )
    def test_is_told(self, sent: Step, slug: str) -> None:
        assert slug in broken(sent)


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


_ENTRY = {"type": "EXPIRED_CERTIFICATE", "ignored": True}
_BEHAVES = reading(warning_behavior=[_ENTRY])
_RAW, _READY = {"state": "UNAVAILABLE"}, {"state": "AVAILABLE", "warnings": []}
_WITH_FILES: dict[str, Any] = {"after": reading(preview_info=_READY), "may_have_files": True}
_LATER = "2026-01-01T00:06:00.000Z"


@pytest.mark.parametrize(
    "sent",
    [
        update({}),
        update({"warning_behavior": [_ENTRY]}, after=_BEHAVES),
        update({"warning_behavior": [_ENTRY]}),
        update({"warning_behavior": None}),
        update({"state": "DONE"}),
        update({"state": "DONE"}, *REFUSED),
        update({"client_progress": 150}),
        update({"client_progress": "abc"}),
        update({"state": None, "preview_info": 0, "warning_behavior": []}),
        update({"client_progress": 150}, *REFUSED),
        update({"warning_behavior": [{"type": "NEW", "ignored": True}]}, *REFUSED),
        update({"warning_behavior": [{"type": "NEW", "ignored": True}]}),
        update({"warning_behavior": [{"type": "NEW"}]}, *REFUSED),
        update({"error_message": {"id": 1, "default_message": "", "args": []}}),
        update([], *REFUSED),
        update(None, *REFUSED),
        update({}, 400, error("NOT_ALLOWED_IN_CURRENT_STATE"), standing=Standing.ENDED),
        update({}, 404, error("NOT_FOUND"), standing=Standing.UNKNOWN, before=None, after=None),
        # A preview comes and goes, and a life is extended, as the server gets on with it.
        update({"warning_behavior": []}, before=reading(preview_info=_RAW), **_WITH_FILES),
        update({"preview_info": _READY}, before=reading(preview_info=_READY), **_WITH_FILES),
        update({"expiration_time": "2099-01-01T00:00:00.000Z"}, after=reading(expiration_time=_LATER)),
        update({"expiration_time": "tomorrow"}, *REFUSED),
        update({"expiration_time": "2026-01-01T00:05:00"}, *REFUSED),
        update({"library_item_id": 7, "state": "DONE", "id": "x"}, *REFUSED),
        update({"warning_behavior": []}, before=_BEHAVES),
    ],
)
def test_a_right_update_is_not_accused(sent: Step) -> None:
    assert broken(sent) == set()


@pytest.mark.parametrize(
    ("sent", "slug"),
    [
        (update({}, *REFUSED), "update.empty-object"),
        (update({"warning_behavior": [_ENTRY]}, *REFUSED), "update.success"),
        (update({}, answer=1), "update.success"),
        (
            update({"warning_behavior": [_ENTRY]}, after=reading(warning_behavior=[_ENTRY | {"ignored": False}])),
            "update.warning-behavior-takes-effect",
        ),
        (update({"state": "DONE"}, after=reading(state="DONE")), "update.state-unchanged"),
        (update({"library_item_id": "x"}, after=reading(library_item_id="x")), "update.item-unchanged"),
        (update({"client_progress": 50}, after=reading(50)), "update.other-members-unchanged"),
        (
            update({"preview_info": _READY}, before=reading(preview_info=_RAW), after=reading(preview_info=_READY)),
            "update.other-members-unchanged",
        ),
        (
            update({"expiration_time": "2099-01-01T00:00:00Z"}, after=reading(expiration_time="2099-01-01T00:00:00Z")),
            "update.other-members-unchanged",
        ),
        (update({"library_item_id": "x"}, 422, error("INVALID_ARGUMENT")), "update.item-unchanged"),
        (update({"state": "DONE"}, 422, error("INVALID_ARGUMENT")), "update.state-unchanged"),
        (update({"id": "x"}, 422, error("INVALID_ARGUMENT")), "update.other-members-unchanged"),
        (update({"state": "DONE"}, *REFUSED, after=_BEHAVES), "update.state-unchanged"),
        (update([1], *REFUSED, after=reading(31)), "update.not-an-object"),
        (update(None, after=reading(31)), "update.not-an-object"),
        (update({}, *REFUSED), "update.success"),
        (update({"warning_behavior": "abc"}), "update.invalid-specification"),
        (update({"warning_behavior": [{"type": "NEW"}]}), "update.invalid-specification"),
        (update({"warning_behavior": [_ENTRY, {}]}, *REFUSED, after=_BEHAVES), "update.invalid-specification"),
        (update([1]), "update.not-an-object"),
        (update({}, standing=Standing.ENDED), "update.only-active"),
        (update({}, standing=Standing.UNKNOWN, before=None, after=None), "update.unknown-id"),
    ],
)
def test_a_wrong_update_is_told(sent: Step, slug: str) -> None:
    assert slug in broken(sent)


_NEW = {"library_item_id": "item-1"}
_FRESH = reading(0)


@pytest.mark.parametrize(
    "sent",
    [
        create(_NEW, 201, "new:id", after=_FRESH),
        create(_NEW | {"client_progress": 60}, 201, "new:id", after=_FRESH),
        create(_NEW | {"client_progress": "abc"}, 201, "new:id", after=_FRESH),
        create(_NEW | {"client_progress": "abc"}, *REFUSED),
        create({}, *REFUSED),
        create({"library_item_id": 5}, *REFUSED),
        create(_NEW, *REFUSED, headers=(("Client-Token", "no-uuid"),)),
        create(_NEW, 404, error("NOT_FOUND"), standing=Standing.UNKNOWN),
        create(_NEW, 400, error("INVALID_ARGUMENT"), standing=Standing.NONE),
        create(_NEW, 500, error("RESOURCE_BUSY"), standing=Standing.BUSY),
        create(_NEW, 400, error("RESOURCE_BUSY"), standing=Standing.BUSY),
    ],
)
def test_a_right_creation_is_not_accused(sent: Step) -> None:
    assert broken(sent) == set()


@pytest.mark.parametrize(
    ("sent", "slug"),
    [
        (create(_NEW, *REFUSED), "create.returns-id"),
        (create(_NEW, 201, {"value": "id"}), "create.returns-id"),
        (create(_NEW, 200, "id"), "create.returns-id"),
        (create(_NEW | {"client_progress": 60}, 201, "id", after=reading(60)), "create.ignored-members"),
        (create({}, 201, "id"), "create.missing-item-id"),
        (create({"library_item_id": 5}, 201, "id"), "create.missing-item-id"),
        (create(_NEW, 201, "id", headers=(("Client-Token", "no-uuid"),)), "create.client-token-no-uuid"),
        (create(_NEW, 201, "id", standing=Standing.UNKNOWN), "create.unknown-item"),
        (create(_NEW, 201, "id", standing=Standing.BUSY), "create.second-active-session"),
        (create(_NEW, 500, error("ERROR"), standing=Standing.BUSY), "create.second-active-session"),
    ],
)
def test_a_wrong_creation_is_told(sent: Step, slug: str) -> None:
    assert slug in broken(sent)


_REST = Cell(Dialect.REST, Service.UPDATE)
_AT_COLLECTION = "http://host/rest/com/vmware/content/library/item/update-session?~action="
_NO_SUCH_FORM = {"type": "com.vmware.vapi.std.errors.operation_not_found", "value": error("OPERATION_NOT_FOUND")}


def _as_in_6_0(op: Op, body: Any, status: int = 404, answer: Any = _NO_SUCH_FORM, **known: Any) -> Step:
    """A call on the collection of sessions that names its action, which only the pages of 6.0 have."""
    options = {name: known.pop(name) for name in ("token",) if name in known}
    sent = exchange(op, status, answer, cell=_REST, body=json.dumps(body).encode(), **options)
    action = "create" if op is Op.CREATE else "keep-alive"
    sent = replace(sent, request=replace(sent.request, url=_AT_COLLECTION + action))
    return Step(sent, _REST, "updateSession.createOrKeepAlive", op, **known)


_CREATED = {"create_spec": {"library_item_id": "item-1"}}
_KEPT = {"update_session_id": "a:b", "client_progress": 40}


@pytest.mark.parametrize(
    "sent",
    [
        _as_in_6_0(Op.CREATE, _CREATED, standing=Standing.FREE),
        _as_in_6_0(Op.CREATE, _CREATED, standing=Standing.BUSY),
        _as_in_6_0(Op.CREATE, _CREATED, token=None),
        _as_in_6_0(Op.CREATE, {"create_spec": {}}),
        _as_in_6_0(Op.KEEP_ALIVE_BY_BODY, _KEPT, token=None),
        *(_as_in_6_0(Op.KEEP_ALIVE_BY_BODY, _KEPT, standing=one) for one in (Standing.ENDED, Standing.UNKNOWN)),
    ],
)
def test_a_later_server_need_not_know_the_addresses_of_6_0(sent: Step) -> None:
    assert broken(sent) == set()


@pytest.mark.parametrize(
    ("sent", "slug"),
    [
        (_as_in_6_0(Op.CREATE, _CREATED, 200, {"value": ""}, standing=Standing.FREE), "create.returns-id"),
        (_as_in_6_0(Op.CREATE, _CREATED, 200, {"value": "id"}, token=None), "authentication.token-required"),
        (_as_in_6_0(Op.CREATE, _CREATED, 200, {"value": "id"}, standing=Standing.BUSY), "create.second-active-session"),
        (_as_in_6_0(Op.KEEP_ALIVE_BY_BODY, _KEPT, 200, standing=Standing.ENDED), "addressing.id-in-body"),
        (_as_in_6_0(Op.KEEP_ALIVE_BY_BODY, _KEPT, 200, standing=Standing.UNKNOWN), "addressing.id-in-body"),
        (_as_in_6_0(Op.KEEP_ALIVE_BY_BODY, _KEPT, 200, token=None), "authentication.token-required"),
    ],
)
def test_a_server_that_knows_the_addresses_of_6_0_is_judged(sent: Step, slug: str) -> None:
    assert slug in broken(sent)


@pytest.mark.parametrize(
    "answered", [{"status": 201, "answer": "id"}, {"status": 400, "answer": error("INVALID_ARGUMENT")}]
)
def test_a_client_token_without_a_value_may_be_none(answered: dict[str, Any]) -> None:
    assert broken(create(_NEW, **answered, headers=(("Client-Token", ""),))) == set()


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


@pytest.mark.parametrize("hidden", [None, "thirty"])
@pytest.mark.parametrize("body", [{}, {"client_progress": 40}, {"client_progress": None}, {"client_progress": -1}])
def test_where_no_progress_is_shown_nothing_is_said_of_it(body: Any, hidden: Any) -> None:
    kept = keep_alive(body, before=reading(hidden), after=reading(hidden))
    found = dict(verdicts(kept))
    assert not any(found.values())
    assert "keep-alive.returns-nothing" in found
    assert not found.keys() & {"keep-alive.progress-never-goes-down", "keep-alive.stores-progress"}
    assert ("keep-alive.empty-object" in found) == (body == {})


def test_what_is_no_integer_must_be_refused_whether_a_progress_is_shown_or_not() -> None:
    assert broken(keep_alive({"client_progress": "x"}, before=reading(None), after=reading(None))) == {
        "keep-alive.progress-not-an-integer"
    }


def test_an_unknown_action_creates_nothing_that_needs_an_id() -> None:
    body, cell = json.dumps({"create_spec": _NEW}).encode(), Cell.parse("rest-update")
    asked = exchange(Op.CREATE, 200, cell=cell, query="?~action=0", body=body)
    sent = Step(asked, cell, "updateSession.createOrKeepAlive", Op.CREATE, standing=Standing.FREE)
    assert "create.returns-id" not in decided(sent)


class TestObjectionsOfSchemathesis:
    def test_a_busy_item_may_be_told_with_500(self) -> None:
        busy = create(_NEW, 500, error("RESOURCE_BUSY"), standing=Standing.BUSY)
        assert is_explained(busy, "not_a_server_error")
        assert not is_explained(create(_NEW, 500, error("ERROR")), "not_a_server_error")

    def test_the_empty_answer_of_keep_alive_by_body_is_documented(self) -> None:
        cell = Cell(Dialect.REST, Service.UPDATE)
        for op, explained in ((Op.KEEP_ALIVE_BY_BODY, True), (Op.KEEP_ALIVE, False)):
            answered = exchange(op, 200, cell=cell, query="?~action=keep-alive")
            assert is_explained(Step(answered, cell, "x", op), "response_schema_conformance") is explained

    def test_statuses_are_judged_by_the_rules(self) -> None:
        assert is_explained(keep_alive(), "status_code_conformance")


@pytest.mark.parametrize("progress", [100, "100", 100.0])
def test_a_session_that_a_hundred_ends_breaks_the_rule_about_that(progress: Any) -> None:
    ended = reading(100, state="CANCELED")
    assert broken(keep_alive({"client_progress": progress}, after=ended)) == {"keep-alive.hundred-does-not-end-session"}


def test_a_session_at_a_hundred_is_kept_alive_as_before() -> None:
    refused = keep_alive(None, *REFUSED, before=reading(100), after=reading(100))
    assert "keep-alive.hundred-does-not-end-session" in broken(refused)
    assert broken(replace(refused, exchange=keep_alive().exchange)) == set()


@pytest.mark.parametrize("body", [{"client_progress": 60}, {"client_progress": -1}, {}])
def test_a_progress_that_is_shown_as_text_is_the_business_of_one_rule(body: Any) -> None:
    assert broken(keep_alive(body, before=reading(30), after=reading("60"))) == {"model.progress-present"}
