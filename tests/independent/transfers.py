"""The file services beside the sessions, and the addresses where content goes up and comes down."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tests.independent import reading, showing
from tests.independent.domain import ACTIVE, File, Session, World
from tests.independent.http_values import Answer, Request
from tests.independent.problems import Refusal, invalid, not_found, not_now
from tests.independent.sessions import user_of

if TYPE_CHECKING:
    from collections.abc import Sequence

_WARNED = re.compile(rb"raise ([A-Z_]+)")
"""What makes a template raise a warning here: `raise UNTRUSTED_CERTIFICATE` in its text."""


def item_files(world: World, id_: str) -> list[dict[str, Any]]:
    item = world.item(id_)
    return [
        {"name": name, "size": len(content), "version": str(item.version), "cached": True}
        for name, content in item.files.items()
    ]


def api_files(world: World, request: Request, service: str, id_: str, tail: Sequence[str]) -> Answer:  # noqa: PLR0911 - a table
    one = world.session(service, id_, user_of(request, world))
    query = dict(request.query)
    action = query.get("action")
    match [service, request.method, *tail]:
        case ["update", "POST"] if action is None:
            return Answer(201, _add(world, one, _body(world, request), request.base))
        case ["update", "POST"] if action == "validate":
            return Answer(200, _validated())
        case ["download", "POST"] if action == "prepare":
            return Answer(200, _prepare(world, one, _body(world, request), request.base))
        case [_, "GET"] if "file_name" in query:
            return Answer(200, _one(world, one, query["file_name"], request.base))
        case [_, "GET"]:
            return Answer(200, _all(world, one, request.base))
        case ["update", "GET", name]:
            return Answer(200, _one(world, one, name, request.base))
        case ["update", "DELETE", name]:
            _remove(world, one, name)
            return Answer(204)
    raise Refusal(404, world.free.route_type, "Unable to find operations for URL.", key="operation")


def rest_files(world: World, request: Request, service: str, tail: Sequence[str]) -> Answer:  # noqa: PLR0911 - a table
    user = user_of(request, world)
    query = dict(request.query)
    if tail == ["file"] and request.method == "GET":
        return Answer(
            200, _all(world, world.session(service, query.get(f"{service}_session_id", ""), user), request.base)
        )
    if len(tail) != 2 or tail[0] != "file" or not tail[1].startswith("id:") or request.method != "POST":
        raise Refusal(404, world.free.route_type, "Unable to find operations for URL.", key="operation")
    one = world.session(service, tail[1].removeprefix("id:"), user)
    body = _body(world, request) if request.body else {}
    name = str(body.get("file_name"))
    match [service, query.get("~action")]:
        case ["update", "add"]:
            return Answer(200, _add(world, one, body.get("file_spec"), request.base))
        case ["update", "validate"]:
            return Answer(200, _validated())
        case ["update", "remove"]:
            _remove(world, one, name)
            return Answer(200)
        case ["download", "prepare"]:
            return Answer(200, _prepare(world, one, body, request.base))
        case [_, "get"]:
            return Answer(200, _one(world, one, name, request.base))
        case [_, "list"]:
            return Answer(200, _all(world, one, request.base))
    raise Refusal(404, "OPERATION_NOT_FOUND", "There is no such operation.", key="operation")


def _body(world: World, request: Request) -> dict[str, Any]:
    body = reading.parse_json(request.body, world.free)
    if not isinstance(body, dict):
        raise invalid("An object is expected.")
    return body


def _validated() -> dict[str, Any]:
    return {"has_errors": False, "missing_files": [], "invalid_files": []}


def _active(one: Session) -> None:
    if one.state != ACTIVE:
        raise not_now(f"The session is {one.state}.")


def _add(world: World, one: Session, spec: Any, base: str) -> dict[str, Any]:
    _active(one)
    if not isinstance(spec, dict) or not isinstance(spec.get("name"), str) or not spec["name"]:
        raise invalid("A file needs a name.")
    if spec.get("source_type") not in {"PUSH", "NONE"}:
        raise invalid("The source type is not served.")
    file = one.files[spec["name"]] = File(
        spec["name"], spec["source_type"], reading.int64(spec.get("size"), world.free), spec.get("checksum_info")
    )
    one.removed.discard(file.name)
    if world.free.uploads_extend == "yes":
        world.extend(one)
    return showing.uploaded(file, base)


def _remove(world: World, one: Session, name: str) -> None:
    _active(one)
    known = name in one.files or name in world.item(one.item).files
    if not known:
        raise not_found("file", name)
    one.files.pop(name, None)
    if name in world.item(one.item).files:
        one.removed.add(name)


def _prepare(world: World, one: Session, body: dict[str, Any], base: str) -> dict[str, Any]:
    _active(one)
    name = body.get("file_name")
    content = world.item(one.item).files.get(name) if isinstance(name, str) else None
    if content is None:
        raise not_found("file", str(name))
    file = one.files.setdefault(str(name), File(str(name), content=content))
    file.asked += 1
    return showing.downloaded(file, base, world.free)


def _one(world: World, one: Session, name: str, base: str) -> dict[str, Any]:
    file = one.files.get(name)
    if file is None:
        raise not_found("file", name)
    if one.service == "update":
        return showing.uploaded(file, base)
    file.asked += 1
    return showing.downloaded(file, base, world.free)


def _all(world: World, one: Session, base: str) -> list[dict[str, Any]]:
    if one.service == "update":
        return [showing.uploaded(file, base) for file in one.files.values()]
    named = {name: File(name, content=content) for name, content in world.item(one.item).files.items()}
    return [showing.downloaded(file, base, world.free) for file in (named | one.files).values()]


def transfer(world: World, request: Request, key: str) -> Answer:
    """Content that goes up by PUT or POST, or comes down by GET."""
    found = [(one, file) for one in world.sessions.values() for file in one.files.values() if file.key == key]
    if not found:
        raise not_found("transfer", key)
    one, file = found[0]
    if one.service == "download":
        if request.method not in {"GET", "HEAD"} or (one.state != ACTIVE and world.free.links_end == "yes"):
            raise not_found("transfer", key)
        return Answer(200, raw=file.content or b"")
    _active(one)
    if request.method not in {"PUT", "POST"}:
        raise Refusal(405, "INVALID_REQUEST", "The method is not allowed.")
    if (file.size is not None and file.size != len(request.body)) or file.is_other(request.body):
        file.failed = True
        raise invalid("The content is another than was announced.")
    file.content = request.body
    if world.item(one.item).kind == "ovf":
        one.raised += [found.decode() for found in _WARNED.findall(request.body)]
    if world.free.uploads_extend == "yes":
        world.extend(one)
    return Answer(int(world.free.upload_status))
