"""What the oracle says of one update."""

from __future__ import annotations

from typing import Any

import pytest

from contract_tests.rules.steps import Standing, Step

from .steps import REFUSED, broken, error, reading, update

_ENTRY = {"type": "EXPIRED_CERTIFICATE", "ignored": True}
_BEHAVES = reading(warning_behavior=[_ENTRY])
_RAW, _READY = {"state": "UNAVAILABLE"}, {"state": "AVAILABLE", "warnings": []}
_WITH_FILES: dict[str, Any] = {"after": reading(preview_info=_READY), "may_have_files": True}
_LATER = "2026-01-01T00:06:00.000Z"


_NO_LISTS: list[Any] = ["abc", 1, {}, ["a"], [[]]]
_WITHOUT_LISTS = [(update({"warning_behavior": value}), "update.list-of-a-wrong-type") for value in _NO_LISTS]


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
        (
            update({"warning_behavior": [_ENTRY]}, after=reading(warning_behavior=[_ENTRY, _ENTRY | {"type": "NEW"}])),
            "update.list-replaced",
        ),
        *_WITHOUT_LISTS,
        (update({"warning_behavior": [None]}), "update.invalid-specification"),
        (update({"warning_behavior": [{"type": 1, "ignored": True}]}), "update.invalid-specification"),
        (update({"warning_behavior": [{"type": "NEW"}]}), "update.invalid-specification"),
        (update({"warning_behavior": [_ENTRY, {}]}, *REFUSED, after=_BEHAVES), "update.invalid-specification"),
        (update([1]), "update.not-an-object"),
        (update({}, standing=Standing.ENDED), "update.only-active"),
        (update({}, standing=Standing.UNKNOWN, before=None, after=None), "update.unknown-id"),
    ],
)
def test_a_wrong_update_is_told(sent: Step, slug: str) -> None:
    assert slug in broken(sent)
