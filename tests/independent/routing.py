"""Addresses: which service a request is for."""

from __future__ import annotations

import base64
import binascii
import uuid
from typing import TYPE_CHECKING, Any

from tests.independent import reading, transfers
from tests.independent.http_values import Answer, Request
from tests.independent.problems import Refusal, invalid
from tests.independent.sessions import Call, unauthenticated, user_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.independent.domain import World

_CONTENT = ["content", "library", "item"]
_SERVICES = {"update-session": "update", "download-session": "download"}


def answer(world: World, request: Request, *, controlled: bool) -> Answer:
    """The answer to a request.

    Raises:
        Refusal: it is none that can be served.
    """
    parts = request.segments
    if parts and not parts[-1] and len(parts) > 1 and world.free.slash == "accepted":
        parts = parts[:-1]
    if request.method == "OPTIONS" and world.free.options == "204":
        return Answer(204, headers=(("Allow", "GET, HEAD, POST, PATCH, DELETE, OPTIONS"),))
    if request.method == "HEAD" and world.free.head == "405":
        raise Refusal(405, "INVALID_REQUEST", "The method is not allowed.")
    if controlled and parts[0] == "_control":
        return _control(world, request, parts[1:])
    if parts[0] == "transfer" and len(parts) == 2:
        return transfers.transfer(world, request, parts[1])
    if parts[0] == "api":
        return _dialect(world, request, parts[1:], rest=False)
    if parts[0] == "rest":
        rest = parts[1:]
        if rest[:2] == ["com", "vmware"]:
            return _dialect(world, request, rest[2:], rest=True)
        if rest in (["vcenter", "datastore"], ["appliance", "system", "version"]):
            return _dialect(world, request, rest, rest=True)
    raise unknown(world, request)


def unknown(world: World, request: Request) -> Refusal:
    """What an address gets that nothing is at."""
    if world.free.route_auth == "after":
        user_of(request, world)
    return Refusal(404, world.free.route_type, f"Unable to find operations for URL: {request.path}.", key="operation")


def _dialect(world: World, request: Request, parts: list[str], *, rest: bool) -> Answer:
    if parts == (["cis", "session"] if rest else ["session"]):
        return _login(world, request, rest=rest)
    if parts[:3] == _CONTENT and len(parts) > 3 and parts[3] in _SERVICES:
        return _session(world, request, _SERVICES[parts[3]], parts[4:], rest=rest)
    if rest and parts[:3] == _CONTENT and parts[3:] and parts[3] in {"updatesession", "downloadsession"}:
        return transfers.rest_files(world, request, parts[3].removesuffix("session"), parts[4:])
    user = user_of(request, world)
    return _support(world, request, parts, user, rest=rest)


def _session(world: World, request: Request, service: str, tail: list[str], *, rest: bool) -> Answer:
    if not tail:
        return Call(world, request, service, None, rest=rest).answer()
    id_ = tail[0]
    if rest:
        if not id_.startswith("id:"):
            raise unknown(world, request)
        id_ = id_.removeprefix("id:")
    elif id_.endswith("__action=keep-alive") and world.free.portal_path == "accepted" and request.method == "POST":
        aliased = request.target.replace("__action=", "?action=")
        renewed = Request("POST", aliased, request.headers, request.body, request.base)
        return Call(world, renewed, service, id_.removesuffix("__action=keep-alive"), rest=rest).answer()
    if len(tail) == 1 and id_:
        return Call(world, request, service, id_, rest=rest).answer()
    if not rest and len(tail) in {2, 3} and tail[1] == "file":
        return transfers.api_files(world, request, service, id_, tail[2:])
    raise unknown(world, request)


def _login(world: World, request: Request, *, rest: bool) -> Answer:
    if request.method == "POST" and (not rest or ("~action", "get") not in request.query):
        scheme, _, encoded = (request.header("authorization") or "").partition(" ")
        try:
            name, _, password = base64.b64decode(encoded, validate=True).decode().partition(":")
        except (binascii.Error, ValueError):
            raise unauthenticated() from None
        if scheme.lower() != "basic" or name not in world.users or world.users[name][0] != password:
            raise unauthenticated()
        token = uuid.uuid4().hex
        world.tokens[token] = name
        return Answer(200 if rest else 201, token)
    user = user_of(request, world)
    if request.method == "DELETE":
        world.tokens.pop(str(request.header("vmware-api-session-id")))
        return Answer(200 if rest else 204)
    if request.method in {"GET", "POST", "HEAD"}:
        return Answer(200, {"user": user, "created_time": "2026-01-01T00:00:00.000Z"})
    raise Refusal(405, "INVALID_REQUEST", "The method is not allowed.")


def _support(world: World, request: Request, parts: list[str], user: str, *, rest: bool) -> Answer:  # noqa: C901, PLR0911 - a table of addresses
    method = "GET" if request.method == "HEAD" else request.method
    query = dict(request.query)

    def spec() -> Any:
        body = reading.parse_json(request.body, world.free)
        if not rest:
            return body
        return body.get("create_spec") if isinstance(body, dict) else None

    def named(id_: str) -> str:
        if rest and not id_.startswith("id:"):
            raise unknown(world, request)
        return id_.removeprefix("id:") if rest else id_

    def privileged() -> None:
        if not world.users[user][1]:
            raise Refusal(403, "UNAUTHORIZED", "A privilege is missing.")

    made = 200 if rest else 201
    gone = Answer(200 if rest else 204)
    told: Callable[[Any], Answer] = lambda value: Answer(200, value)  # noqa: E731
    match [method, *parts]:
        case ["GET", "vcenter", "datastore"]:
            return told([{"datastore": "datastore-7", "name": "other", "type": "VMFS", "free_space": 9, "capacity": 9}])
        case ["GET", "appliance", "system", "version"]:
            return told({"product": "Other Make", "version": "9.1.0.0", "build": "1"})
        case ["GET", "content", "local-library" | "library"]:
            return told(list(world.libraries))
        case ["POST", "content", "local-library"]:
            privileged()
            return Answer(made, world.add_library(spec()))
        case ["GET", "content", "local-library" | "library", id_] if id_ != "item":
            return told(world.library(named(id_)))
        case ["DELETE", "content", "local-library", id_]:
            privileged()
            world.delete_library(named(id_))
            return gone
        case ["GET", "content", "library", "item"]:
            library = query.get("library_id", "")
            world.library(library)
            return told([one.id for one in world.items.values() if one.library == library])
        case ["POST", "content", "library", "item"]:
            privileged()
            return Answer(made, world.add_item(spec()))
        case ["GET", "content", "library", "item", "file"] if rest:
            return told(transfers.item_files(world, query.get("library_item_id", "")))
        case ["GET", "content", "library", "item", id_, "file"] if not rest:
            return told(transfers.item_files(world, id_))
        case ["GET", "content", "library", "item", id_]:
            item = world.item(named(id_))
            fields = {"id": item.id, "library_id": item.library, "name": item.name, "type": item.kind}
            return told({**fields, "content_version": world.item_version(item), "size": 0})
        case ["DELETE", "content", "library", "item", id_]:
            privileged()
            world.delete_item(named(id_))
            return gone
    raise Refusal(404, world.free.route_type, f"Unable to find operations for URL: {request.path}.", key="operation")


def _control(world: World, request: Request, parts: list[str]) -> Answer:
    """The door by which a test moves the clock, raises a warning, or has a subscribed item."""
    body = reading.parse_json(request.body, world.free) if request.body else {}
    match [request.method, *parts]:
        case ["GET", "clock"]:
            return Answer(200, {"now": world.now()})
        case ["POST", "clock", "advance"]:
            world.offset += float(body["seconds"])
            return Answer(200, {"now": world.now()})
        case ["POST", "warnings"]:
            one = world.sessions.get(("update", body["session"]))
            if one is None:
                raise invalid("There is no such session.")
            one.raised.append(body["type"])
            return Answer(200, {})
        case ["POST", "subscribed-items"]:
            return Answer(200, {"item": world.add_item({"name": "subscribed", "type": "iso"}, subscribed=True)})
    raise Refusal(404, "NOT_FOUND", "There is nothing to control.")
