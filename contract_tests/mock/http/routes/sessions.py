"""Update and download sessions."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from contract_tests.contract.words import Service
from contract_tests.mock.domain import errors
from contract_tests.mock.domain.model import RULES
from contract_tests.mock.http.idioms import API, REST
from contract_tests.mock.http.operations import (
    CREATED,
    VALUE,
    VOID,
    Invocation,
    Legacy,
    Operation,
    RequestBody,
    SharedOperation,
    in_both,
    in_idiom,
)

if TYPE_CHECKING:
    from collections.abc import Iterator


def create(service: Service, call: Invocation) -> str:
    call.world.access.require_privilege(call.user, RULES[service].privilege)
    return call.world.sessions.create(service, call.user, call.body, call.client_token)


def list_ids(service: Service, call: Invocation) -> list[str]:
    """The privilege is one on an item: whoever names none needs none, and sees what is their own."""
    item = call.first("library_item_id")
    if item is not None:
        call.world.access.require_privilege(call.user, RULES[service].privilege)
    return call.world.sessions.list_ids(service, call.user, item)


def get(service: Service, call: Invocation) -> dict[str, Any]:
    return call.world.views.session(call.world.sessions.get(service, call.path["id"]))


def keep_alive(service: Service, call: Invocation) -> None:
    call.world.sessions.keep_alive(service, call.path["id"], call.body)


def keep_alive_naming(service: Service, call: Invocation) -> None:
    """The `/rest` form with the id in the path; the 6.0 samples have it in the body too."""
    named, body = _named(service, call)
    if named is not None and named != call.path["id"]:
        raise errors.invalid_argument(
            "The session in the body is not the one in the path.", argument=RULES[service].id_member
        )
    call.world.sessions.keep_alive(service, call.path["id"], body)


def keep_alive_by_body(service: Service, call: Invocation) -> None:
    """The `/rest` form with the id in the body only."""
    named, body = _named(service, call)
    if not isinstance(named, str):
        member = RULES[service].id_member
        raise errors.invalid_argument(f"{member} is required, and is a string.", argument=member)
    call.world.sessions.keep_alive(service, named, body)


def _named(service: Service, call: Invocation) -> tuple[Any, Any]:
    """The id in a body, and the body without it."""
    if not isinstance(call.body, dict):
        return None, call.body
    member = RULES[service].id_member
    return call.body.get(member), {name: value for name, value in call.body.items() if name != member}


def cancel(service: Service, call: Invocation) -> None:
    call.world.sessions.cancel(service, call.path["id"])


def fail(service: Service, call: Invocation) -> None:
    call.world.sessions.fail(service, call.path["id"], call.body)


def delete(service: Service, call: Invocation) -> None:
    call.world.sessions.delete(service, call.path["id"])


def update(call: Invocation) -> None:
    call.world.sessions.update(call.path["id"], call.body)


def complete(call: Invocation) -> None:
    call.world.sessions.complete(call.path["id"])


def operations() -> Iterator[Operation]:
    # The download page of 8.0.0 prints keep-alive with this literal address. It looks like the name of a file
    # that became an address; answering it harms nobody. It stands first, since it could be taken for an id.
    yield from in_idiom(
        API,
        SharedOperation(
            "POST",
            "/content/library/item/download-session/{id}__action=keep-alive",
            partial(keep_alive, Service.DOWNLOAD),
            VOID,
            {"body": RequestBody.VALUE},
        ),
    )
    for service in Service:
        yield from _of_both_services(service)
    one = _paths(Service.UPDATE)[1]
    yield from in_both(
        SharedOperation("PATCH", one, update, VOID, {"body": RequestBody.VALUE, "spec": "update_spec"}),
        SharedOperation("POST", one, complete, VOID, {"action": "complete"}),
    )


def _paths(service: Service) -> tuple[str, str]:
    every = f"/content/library/item/{service}-session"
    return every, f"{every}/{{id}}"


def _of_both_services(service: Service) -> Iterator[Operation]:
    every, one = _paths(service)
    created = {"body": RequestBody.VALUE, "spec": "create_spec"}
    rules = RULES[service]
    alive = {"body": RequestBody.VALUE, "action": "keep-alive"}
    legacy = alive | {"legacy": Legacy(rules.xml_namespace, "KeepAlive-Input", frozenset({rules.progress_member}))}
    yield from in_both(
        SharedOperation("POST", every, partial(create, service), CREATED, created),
        SharedOperation("GET", every, partial(list_ids, service), VALUE, {"query": frozenset({"library_item_id"})}),
        SharedOperation("GET", one, partial(get, service), VALUE),
        SharedOperation("DELETE", one, partial(delete, service), VOID),
        SharedOperation("POST", one, partial(cancel, service), VOID, {"action": "cancel"}),
        SharedOperation("POST", one, partial(fail, service), VOID, {"action": "fail", "body": RequestBody.VALUE}),
    )
    yield from in_idiom(API, SharedOperation("POST", one, partial(keep_alive, service), VOID, alive))
    yield from in_idiom(
        REST,
        SharedOperation("POST", one, partial(keep_alive_naming, service), VOID, legacy),
        SharedOperation("POST", every, partial(keep_alive_by_body, service), VOID, legacy),
        # The 6.0 pages name an action where later ones name none.
        SharedOperation("POST", every, partial(create, service), CREATED, created | {"action": "create"}),
        SharedOperation("POST", one, partial(get, service), VALUE, {"action": "get"}),
    )
