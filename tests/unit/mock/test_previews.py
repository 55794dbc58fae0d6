"""PATCH, warnings and previews, by plain calls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from contract_tests.contract import Service
from contract_tests.contract.schemas import schemas
from contract_tests.mock import ApiError
from contract_tests.mock.domain.model import State, WarningType

if TYPE_CHECKING:
    from contract_tests.mock import World
    from contract_tests.mock.domain.model import SessionRecord

EXPIRED = {"type": "EXPIRED_CERTIFICATE", "ignored": True}
SIGNED = {"type": "SELF_SIGNED_CERTIFICATE", "ignored": False}


def of(world: World, update: str) -> SessionRecord:
    return world.sessions.get(Service.UPDATE, update)


def test_a_list_replaces_the_former_one(world: World, update: str) -> None:
    world.sessions.update(update, {"warning_behavior": [EXPIRED]})
    world.sessions.update(update, {"warning_behavior": [SIGNED]})
    assert of(world, update).warning_behavior == [SIGNED]
    world.sessions.update(update, {"warning_behavior": []})
    assert of(world, update).warning_behavior == []


@pytest.mark.parametrize("spec", [{}, {"warning_behavior": None}, {"state": "CANCELED", "client_progress": 7}])
def test_without_a_list_nothing_changes(world: World, update: str, spec: Any) -> None:
    world.sessions.update(update, {"warning_behavior": [EXPIRED]})
    before = world.views.session(of(world, update))
    world.sessions.update(update, spec)
    assert world.views.session(of(world, update)) == before


@pytest.mark.parametrize(
    "spec",
    [
        None,
        [],
        "x",
        {"warning_behavior": {}},
        {"warning_behavior": "x"},
        {"warning_behavior": [1]},
        {"warning_behavior": [{"type": "EXPIRED_CERTIFICATE"}]},
        {"warning_behavior": [{"ignored": True}]},
        {"warning_behavior": [{"type": "EXPIRED_CERTIFICATE", "ignored": "yes"}]},
        {"warning_behavior": [{"type": "NO_SUCH_WARNING", "ignored": True}]},
        {"client_progress": "x"},
    ],
)
def test_a_wrong_specification_is_refused(world: World, update: str, spec: Any) -> None:
    with pytest.raises(ApiError) as refusal:
        world.sessions.update(update, spec)
    assert refusal.value.error_type == "INVALID_ARGUMENT"
    assert of(world, update).warning_behavior is None


def test_only_update_sessions_can_be_updated(world: World, item: str) -> None:
    download = world.sessions.create(Service.DOWNLOAD, "user", {"library_item_id": item})
    with pytest.raises(ApiError) as refusal:
        world.sessions.update(download, {})
    assert refusal.value.error_type == "NOT_FOUND"


def test_creation_takes_warning_behaviour_too(world: World, item: str) -> None:
    spec = {"library_item_id": item, "warning_behavior": [EXPIRED]}
    assert of(world, world.sessions.create(Service.UPDATE, "user", spec)).warning_behavior == [EXPIRED]


def test_creation_refuses_a_warning_that_does_not_exist(world: World, item: str) -> None:
    spec = {"library_item_id": item, "warning_behavior": [{"type": "NO_SUCH", "ignored": True}]}
    with pytest.raises(ApiError) as refusal:
        world.sessions.create(Service.UPDATE, "user", spec)
    assert refusal.value.error_type == "INVALID_ARGUMENT"


def test_a_warning_that_is_not_ignored_fails_the_session_at_completion(world: World, update: str) -> None:
    world.sessions.raise_warning(of(world, update), WarningType.EXPIRED_CERTIFICATE)
    world.sessions.complete(update)
    assert of(world, update).state is State.ERROR
    message = world.sessions.error_message_of(of(world, update))
    assert message is not None
    assert message.args == ("EXPIRED_CERTIFICATE",)


def test_an_ignored_warning_lets_it_pass(world: World, update: str) -> None:
    world.sessions.raise_warning(of(world, update), WarningType.EXPIRED_CERTIFICATE)
    world.sessions.update(update, {"warning_behavior": [EXPIRED | {"ignored": False}, EXPIRED]})
    world.sessions.complete(update)
    assert of(world, update).state is State.DONE


def test_the_preview_tells_the_warnings_once_each(world: World, update: str) -> None:
    assert world.views.session(of(world, update))["preview_info"] == {"state": "UNAVAILABLE"}
    for _ in range(2):
        world.sessions.raise_warning(of(world, update), WarningType.EXPIRED_CERTIFICATE)
    world.sessions.update(update, {"warning_behavior": [EXPIRED]})
    preview = world.views.session(of(world, update))["preview_info"]
    assert schemas().problems("PreviewInfo", preview) == []
    assert preview["state"] == "AVAILABLE"
    assert [(one["type"], one["ignored"]) for one in preview["warnings"]] == [("EXPIRED_CERTIFICATE", True)]


def test_there_is_no_preview_after_the_end(world: World, update: str) -> None:
    world.sessions.cancel(Service.UPDATE, update)
    assert "preview_info" not in world.views.session(of(world, update))


def test_views_of_sessions_are_as_the_contract_has_them(world: World, session: str, service: Service) -> None:
    schema = "UpdateSessionModel" if service is Service.UPDATE else "DownloadSessionModel"
    view = world.views.session(world.sessions.get(service, session))
    assert schemas().problems(schema, view) == []
    assert "id" not in view
    assert "error_message" not in view
    world.sessions.fail(service, session, {"client_error_message": "why"})
    failed = world.views.session(world.sessions.get(service, session))
    assert schemas().problems(schema, failed) == []
    assert failed["error_message"]["args"] == ["why"]
