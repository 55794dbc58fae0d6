"""What the oracle says of one keep-alive."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from contract_tests.rules.oracle import verdicts
from contract_tests.rules.steps import Standing, Step

from .steps import REFUSED, broken, error, keep_alive, reading


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
            (keep_alive({"x": 1}, 400, error("NO_SUCH_TYPE")), "errors.known-type"),
            (keep_alive({"x": 1}, 405, error("CONCURRENT_CHANGE")), "errors.disputed-type-fits-status"),
            (keep_alive({"x": 1}, 404, error("INVALID_REQUEST")), "errors.undisputed-type-fits-status"),
            (keep_alive({"x": 1}, 400, error("NOT_FOUND")), "errors.type-fits-status"),
            (keep_alive({"x": 1}, 400, error("INVALID_ARGUMENT", data=[])), "errors.data"),
        ],
    )
    def test_is_told(self, sent: Step, slug: str) -> None:
        assert slug in broken(sent)


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
