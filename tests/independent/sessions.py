"""The session services: each request runs through checks, in the order that a switch says."""

from __future__ import annotations

import re
import uuid
from functools import cached_property
from typing import TYPE_CHECKING, Any

from tests.independent import reading, showing
from tests.independent.domain import ACTIVE, Session, World
from tests.independent.http_values import Answer
from tests.independent.problems import Refusal, invalid, not_now

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.independent.http_values import Request

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE | re.ASCII)
_ACTIONS = {"update": ("keep-alive", "complete", "cancel", "fail"), "download": ("keep-alive", "cancel", "fail")}
_PROGRESS = {"update": "client_progress", "download": "progress"}
LARGEST = 256 * 1024


def unauthenticated() -> Refusal:
    return Refusal(401, "UNAUTHENTICATED", "Authentication required.")


def user_of(request: Request, world: World) -> str:
    """Who asks.

    Raises:
        Refusal: nobody who is logged in.
    """
    token = request.header("vmware-api-session-id")
    if token is None or token not in world.tokens:
        raise unauthenticated()
    return world.tokens[token]


class Call:
    """One call of a session service. `id_` is None on the collection; `legacy` is the action of 6.0 there."""

    def __init__(self, world: World, request: Request, service: str, id_: str | None, *, rest: bool) -> None:
        self.world, self.request, self.service, self.id_, self.rest = world, request, service, id_, rest
        self.free = world.free

    def answer(self) -> Answer:
        if self.free.large == "413" and len(self.request.body) > LARGEST:
            raise Refusal(413, "INVALID_REQUEST", "The body is too large.")
        steps: dict[str, Callable[[], object]] = {
            "auth": lambda: self.user,
            "action": lambda: self.operation,
            "media": lambda: self.media,
            "parse": lambda: self.parsed,
            "shape": lambda: self.arguments,
            "id": lambda: self.target,
            "state": self.check_state,
        }
        for step in self.free.order.split("-"):
            steps[step]()
        self.world.sweep()
        return self.perform()

    @cached_property
    def user(self) -> str:
        return user_of(self.request, self.world)

    # Which operation

    @cached_property
    def operation(self) -> str:
        name = "~action" if self.rest else "action"
        other = "action" if self.rest else "~action"
        names = {name, other} if self.free.other_action == "accepted" else {name}
        query = self.request.query
        actions = [value for key, value in query if key in names]
        if len(actions) > 1 and self.free.twice == "refused":
            raise invalid("The action is given twice.", kind="INVALID_REQUEST")
        action = actions[0] if actions else None
        known = {*names, "library_item_id"} if self.id_ is None else names
        if self.free.query == "refused" and (more := {key for key, _ in query} - known):
            raise invalid(f"Unsupported property with name: {min(more)}.")
        return self._on_one(action) if self.id_ is not None else self._on_all(action)

    def _on_one(self, action: str | None) -> str:
        method = self.request.method
        if method == "POST":
            if action in _ACTIONS[self.service]:
                return str(action)
            if action is None:
                raise self._no_method() if self.free.missing_action == "405" else self._none(self.free.missing_action)
            if action == "get" and self.rest and self.free.legacy_address == "accepted":
                return "get"
            raise self._none(self.free.unknown_action)
        names = {"GET": "get", "HEAD": "get", "DELETE": "delete", "PATCH": "patch"}
        if method in names and not (method == "PATCH" and self.service == "download"):
            if action is not None and self.free.query == "refused":
                raise invalid("There is no such action.")
            return names[method]
        raise self._no_method()

    def _on_all(self, action: str | None) -> str:
        method = self.request.method
        if method in {"GET", "HEAD"}:
            return "list"
        if method != "POST":
            raise self._no_method()
        legacy = self.rest and self.free.legacy_address
        if action is None or (action == "create" and legacy == "accepted"):
            return "create"
        if action == "keep-alive" and legacy == "accepted":
            return "keep-alive"
        if action == "keep-alive" and legacy == "400":
            raise self._none("400")
        raise self._none("404" if action == "keep-alive" and legacy == "404" else self.free.unknown_action)

    def _none(self, status: str) -> Refusal:
        code, _, operation = status.partition("-")
        kind = {"400": "INVALID_ARGUMENT"}.get(code, "OPERATION_NOT_FOUND" if operation else "NOT_FOUND")
        return Refusal(int(code), kind, "There is no such operation.", key="operation")

    def _no_method(self) -> Refusal:
        if self.free.method_status == "404" and self.request.method != "POST":
            return Refusal(404, self.free.route_type, "Unable to find operations for URL.", key="operation")
        return Refusal(405, "INVALID_REQUEST", "The method is not allowed.")

    # The body

    @property
    def takes_body(self) -> bool:
        if self.operation in {"keep-alive", "fail", "create", "patch"}:
            return True
        return self.free.void_bodies == "checked" and self.operation not in {"get", "list"}

    @cached_property
    def media(self) -> str:
        """How the body is to be read: json, form or xml."""
        if not self.request.body or not self.takes_body:
            return "json"
        given = self.request.header("content-type")
        kind = (given or "").partition(";")[0].strip().lower()
        if given is None and self.free.no_media == "415":
            raise Refusal(415, "INVALID_REQUEST", "What the body is, is not said.")
        if self.request.header("content-encoding") not in {None, "identity"}:
            raise Refusal(415, "INVALID_REQUEST", "The body is encoded.")
        if given is None or reading.JSON_TYPE.match(kind):
            return "json"
        if self.rest and self.free.legacy_form == "accepted" and self.operation == "keep-alive":
            if kind == "application/x-www-form-urlencoded":
                return "form"
            if kind in {"application/xml", "text/xml"}:
                return "xml"
        if self.free.media == "ignored":
            return "json"
        raise Refusal(int(self.free.media), "INVALID_REQUEST", "The body is not announced as JSON.")

    @cached_property
    def parsed(self) -> Any:
        """What the body spells; {} stands for none."""
        how, body = self.media, self.request.body
        if not body or not self.takes_body:
            return {}
        if how == "form":
            return reading.parse_form(body)
        return reading.parse_xml(body) if how == "xml" else reading.parse_json(body, self.free)

    @cached_property
    def arguments(self) -> dict[str, Any]:
        body = self.parsed
        if self.operation == "keep-alive":
            return self._keep_alive(body)
        if self.operation == "fail":
            return self._fail(body)
        if self.operation in {"create", "patch"}:
            return self._create(body) if self.operation == "create" else self._patch(body)
        if not isinstance(body, dict) and not (body is None and self.free.null_body == "accepted"):
            raise invalid("An object is expected.")
        return {}

    def _keep_alive(self, body: Any) -> dict[str, Any]:
        if body is None and self.free.null_body == "accepted":
            body = {}
        if not isinstance(body, dict):
            raise invalid("An object is expected.", int(self.free.object_status))
        name = _PROGRESS[self.service]
        known = {name, f"{self.service}_session_id"} if self.id_ is None or self.media != "json" else {name}
        more = {key for key, value in body.items() if self.free.nulls_known == "no" or value is not None} - known
        if self.free.unknown_members == "refused" and more:
            raise invalid(f"{min(more)!r} is not known.", kind=self.free.unknown_member_type)
        digits = True if self.media != "json" else None
        return {name: reading.int64(body.get(name), self.free, digits=digits, status=int(self.free.progress_status))}

    def _fail(self, body: Any) -> dict[str, Any]:
        text = body.get("client_error_message") if isinstance(body, dict) else None
        if not isinstance(text, str) or (not text and self.free.fail_empty == "refused"):
            raise invalid("client_error_message is missing.")
        if self.free.unknown_members == "refused" and set(body) != {"client_error_message"}:
            raise invalid("There is a member that is not known.", kind=self.free.unknown_member_type)
        return {"text": text}

    def _create(self, body: Any) -> dict[str, Any]:
        token: Any = self.request.header("client-token")
        spec = body
        if self.rest:
            token = body.get("client_token") if isinstance(body, dict) else None
            bare = self.free.bare_create == "accepted" and isinstance(body, dict) and "library_item_id" in body
            spec = body if bare else body.get("create_spec") if isinstance(body, dict) else None
        if token is not None and not self._is_uuid(token):
            raise invalid("The client token is no UUID.")
        spec = reading.check_spec(spec, self.free, unused=self.free.create_unused)
        if not isinstance(spec.get("library_item_id"), str):
            raise invalid("library_item_id is missing.")
        warned = reading.warnings(spec, self.free) if self.service == "update" else None
        return {"spec": spec, "token": token and str(token).lower(), "warnings": warned}

    def _is_uuid(self, token: Any) -> bool:
        if not isinstance(token, str):
            return False
        if self.free.token_form == "strict":
            return _UUID.fullmatch(token) is not None
        try:
            uuid.UUID(token)
        except ValueError:
            return False
        return True

    def _patch(self, body: Any) -> dict[str, Any]:
        if not self.request.body:
            if self.free.patch_no_body == "refused":
                raise invalid("A specification is needed.")
            return {}
        spec = body
        if self.rest:
            if not isinstance(body, dict) or "update_spec" not in body:
                raise invalid("update_spec is missing.")
            spec = body["update_spec"]
        if spec is None and self.free.patch_null == "accepted":
            return {}
        unused = "refused" if self.free.patch_unused == "refused" else "checked"
        return {"warnings": reading.warnings(reading.check_spec(spec, self.free, unused=unused), self.free)}

    # The session

    @cached_property
    def target(self) -> Session | None:
        """The session that is named; on the collection None, once what is named there is known to be there."""
        if self.operation in {"create", "list"}:
            self._check_privilege()
            item = self._item()
            if item is not None:
                self.world.item(item)
            return None
        id_ = self.id_
        if id_ is None:
            id_ = self.parsed.get(f"{self.service}_session_id") if isinstance(self.parsed, dict) else None
            if not isinstance(id_, str):
                raise invalid("The identifier of the session is missing.")
        return self.world.session(self.service, id_, self.user)

    def _item(self) -> str | None:
        if self.operation == "create":
            return str(self.arguments["spec"]["library_item_id"])
        return next((value for key, value in self.request.query if key == "library_item_id"), None)

    def _check_privilege(self) -> None:
        if self.operation == "list" and self._item() is None:
            return
        if not self.world.users[self.user][1]:
            raise Refusal(403, "UNAUTHORIZED", "A privilege is missing.")

    def check_state(self) -> None:
        one = self.target
        if one is None or self.operation == "get":
            return
        if self.operation == "delete":
            if one.service == "update" and one.state == ACTIVE:
                raise not_now("The session is active; cancel it first.")
        elif one.state != ACTIVE:
            raise not_now(f"The session is {one.state}.")

    def perform(self) -> Answer:  # noqa: C901 - a table of operations
        world, free, operation = self.world, self.free, self.operation
        if operation == "list":
            return Answer(200, world.listed(self.service, self.user, self._item()))
        if operation == "create":
            spec = self.arguments
            id_ = world.open(self.service, self.user, spec["spec"], spec["token"], spec["warnings"])
            return Answer(200 if self.rest else 201, id_)
        one = self.target
        assert one is not None
        if operation == "get":
            if free.reads_extend == "yes":
                world.extend(one)
            return Answer(200, showing.session(one, world, rest=self.rest))
        if operation == "keep-alive":
            world.keep_alive(one, self.arguments[_PROGRESS[self.service]])
        elif operation == "complete":
            world.complete(one)
        elif operation == "cancel":
            world.end(one, "CANCELED")
        elif operation == "fail":
            text = self.arguments["text"] if free.fail_told == "yes" else "The client has failed."
            world.end(one, "ERROR", ("failed", text or "The client has failed."))
        elif operation == "delete":
            world.delete(one)
            return Answer(int(free.delete_status) if self.rest else 204)
        else:
            given = self.arguments.get("warnings")
            one.warnings = one.warnings if given is None else given
            if free.updates_extend == "yes":
                world.extend(one)
        return Answer(200 if self.rest else 204)
