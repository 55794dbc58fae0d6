"""What the oracle says of one creation, and of what the addresses of 6.0 ask for."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from contract_tests.contract import Cell, Dialect, Service
from contract_tests.contract.dialects import Op
from contract_tests.rules.steps import Standing, Step

from .steps import NEW, REFUSED, broken, create, error, exchange, reading

_FRESH = reading(0)


@pytest.mark.parametrize(
    "sent",
    [
        create(NEW, 201, "new:id", after=_FRESH),
        create(NEW | {"client_progress": 60}, 201, "new:id", after=_FRESH),
        create(NEW | {"client_progress": "abc"}, 201, "new:id", after=_FRESH),
        create(NEW | {"client_progress": "abc"}, *REFUSED),
        create(NEW | {"client_progress": 60, "state": "DONE"}, *REFUSED),
        create(NEW | {"client_progress": 60, "owner": "x"}, 422, error("INVALID_ARGUMENT")),
        create({}, *REFUSED),
        create({"library_item_id": 5}, *REFUSED),
        create(NEW, *REFUSED, headers=(("Client-Token", "no-uuid"),)),
        create(NEW, 404, error("NOT_FOUND"), standing=Standing.UNKNOWN),
        create(NEW, 400, error("INVALID_ARGUMENT"), standing=Standing.NONE),
        create(NEW, 500, error("RESOURCE_BUSY"), standing=Standing.BUSY),
        create(NEW, 400, error("RESOURCE_BUSY"), standing=Standing.BUSY),
    ],
)
def test_a_right_creation_is_not_accused(sent: Step) -> None:
    assert broken(sent) == set()


@pytest.mark.parametrize(
    ("sent", "slug"),
    [
        (create(NEW, *REFUSED), "create.returns-id"),
        (create(NEW, 201, {"value": "id"}), "create.returns-id"),
        (create(NEW, 200, "id"), "create.returns-id"),
        (create(NEW | {"client_progress": 60}, 201, "id", after=reading(60)), "create.ignored-members"),
        (create(NEW | {"client_progress": 60}, 409, error("ERROR")), "create.ignored-members"),
        (create({}, 201, "id"), "create.missing-item-id"),
        (create({"library_item_id": 5}, 201, "id"), "create.missing-item-id"),
        (create(NEW, 201, "id", headers=(("Client-Token", "no-uuid"),)), "create.client-token-no-uuid"),
        (create(NEW, 201, "id", standing=Standing.UNKNOWN), "create.unknown-item"),
        (create(NEW, 201, "id", standing=Standing.BUSY), "create.second-active-session"),
        (create(NEW, 500, error("ERROR"), standing=Standing.BUSY), "create.second-active-session"),
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
    assert broken(create(NEW, **answered, headers=(("Client-Token", ""),))) == set()
