"""Right servers that choose otherwise: in what an update takes, whom they know, what they take for an address."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl

from contract_tests.contract import CELLS
from contract_tests.faults.fault import access, door, overriding, reader, sessions, views
from contract_tests.faults.legacy import of_version
from contract_tests.faults.update import added, by_type, listing
from contract_tests.mock import ApiError, ErrorType, Parts
from contract_tests.mock.domain import errors
from contract_tests.mock.domain.access import Logins
from contract_tests.mock.domain.sessions import Sessions
from contract_tests.mock.domain.specs import Specs
from contract_tests.mock.domain.views import Views
from contract_tests.mock.http.door import Dispatcher
from contract_tests.mock.http.reader import Reader
from contract_tests.mock.http.wire import HttpRefusal, Reply, Wire

from .differences import difference

if TYPE_CHECKING:
    from collections.abc import Sequence

    from contract_tests.contract import Service
    from contract_tests.mock.domain.model import SessionRecord
    from contract_tests.mock.http.door import Incoming
    from contract_tests.mock.http.idioms import Idiom
    from contract_tests.mock.http.operations import Legacy, Operation

SPEC = "UpdateSessionUpdateSpec"
UPDATES = (
    "update.success",
    "update.missing-is-unchanged",
    "update.empty-object",
    "update.item-unchanged",
    "update.state-unchanged",
    "update.other-members-unchanged",
    "update.unknown-warning-type",
    "update.no-body",
    "update.not-an-object",
    "update.lifetime",
    "addressing.update",
)
ADDRESSES = (
    "addressing.api-update-keep-alive",
    "addressing.rest-download-keep-alive",
    "addressing.literal-portal-path",
    "addressing.unknown-action",
    "addressing.missing-action",
    "addressing.colon-in-id",
)
REACHES = (
    "addressing.api-update-keep-alive",
    "addressing.api-download-keep-alive",
    "addressing.rest-update-keep-alive",
    "addressing.rest-download-keep-alive",
)
LEGACY = (
    "addressing.id-in-body",
    "addressing.id-in-body-understood",
    "keep-alive.legacy-representations",
    "keep-alive.legacy-representations-understood",
)
TOKENS = ("authentication.token-header", "authentication.login", "authentication.ended-token")


def of_the_list_alone(self: Specs, name: str, spec: Any) -> dict[str, Any]:
    """Looks at nothing in an update but the list."""
    if name == SPEC and isinstance(spec, dict):
        spec = {one: value for one, value in spec.items() if one == "warning_behavior"}
    return Specs.check(self, name, spec)


def nothing_but_the_list(self: Specs, name: str, spec: Any) -> dict[str, Any]:
    """Refuses an update with anything else in it."""
    if name == SPEC and isinstance(spec, dict):
        strangers = [one for one, value in spec.items() if one != "warning_behavior" and value is not None]
        if strangers:
            raise errors.invalid_argument(f"{strangers[0]} can't be updated.")
    return Specs.check(self, name, spec)


def nothing_is_empty(self: Specs, name: str, spec: Any) -> dict[str, Any]:
    """Takes no specification, and null, for an empty one."""
    return Specs.check(self, name, {} if spec is None and name == SPEC else spec)


def without_list(self: Views, session: SessionRecord) -> Any:
    return {name: value for name, value in Views.session(self, session).items() if name != "warning_behavior"}


def other_list(self: Views, session: SessionRecord) -> Any:
    view = Views.session(self, session)
    if view.get("warning_behavior"):
        view["warning_behavior"] = [one | {"since": 1} for one in reversed(view["warning_behavior"])]
    return view


def extended(self: Sessions, session: SessionRecord, given: dict[str, Any]) -> None:
    Sessions.apply_update(self, session, given)
    session.expiration_time = self.extended_expiration(session)


def anywhere(self: Dispatcher, operation: Operation, incoming: Incoming) -> Reply:
    """Finds a token in the cookie or in Authorization too."""
    known = dict(incoming.headers)
    for place in ("cookie", "authorization"):
        token = known.get(place, "").rpartition("=")[2].rpartition(" ")[2]
        if self.world.access.recognise(token) is not None:
            known.setdefault("vmware-api-session-id", token)
    return Dispatcher.perform(self, operation, replace(incoming, headers=known))


def one_for_each(self: Logins, name: str, password: str) -> str:
    """Gives a user who is logged in the token that they have."""
    token = Logins.log_in(self, name, password)
    first = next(one for one, login in self._logins.items() if login.user == name)
    if first != token:
        del self._logins[token]
    return first


def own_only(self: Dispatcher, operation: Operation, incoming: Incoming) -> Reply:
    """Does not know the sessions of others."""
    login = self.authenticated(operation, self.reader.token(incoming.headers))
    session = self.world.sessions.by_id.get(incoming.parameters.get("id", ""))
    if session is not None and login is not None and session.user != login.user:
        raise errors.not_found("session", session.id)
    return Dispatcher.perform(self, operation, incoming)


def obliging(self: Dispatcher, idiom: Idiom, incoming: Incoming, operations: Sequence[Operation]) -> Operation:
    """Takes an action in capitals, as either dialect spells it, and the last one of several."""
    found = [value.lower() for name, value in parse_qsl(incoming.query) if name in {"action", "~action"}]
    if found:
        incoming = replace(incoming, query=f"{idiom.action}={found[-1]}")
    return Dispatcher.selected(self, idiom, incoming, operations)


def no_alias(self: Dispatcher, operation: Operation, incoming: Incoming) -> Reply:
    if operation.path.endswith("__action=keep-alive"):
        raise self.unknown_path(operation.idiom, incoming.path)
    return Dispatcher.perform(self, operation, incoming)


def found_with_prefix(self: Sessions, service: Service, session_id: str) -> SessionRecord:
    """Takes an id with `id:` before it, whatever the dialect."""
    return Sessions.find(self, service, session_id.removeprefix("id:"))


def json_alone(status: int) -> Any:
    def body(self: Reader, operation: Operation, headers: Any, content: bytes) -> Any:
        if content and self.content_type(headers)[0] != "application/json":
            if status == 404:
                raise errors.not_found("operation", "in this form")
            raise HttpRefusal(status, "unsupported", "JSON is what is taken here.")
        return Reader.body(self, operation, headers, content)

    return body


def no_id_in_body(self: Dispatcher, idiom: Idiom, incoming: Incoming, operations: Sequence[Operation]) -> Operation:
    if incoming.path.endswith("-session") and "~action=keep-alive" in incoming.query:
        raise errors.no_such_action("keep-alive")
    return Dispatcher.selected(self, idiom, incoming, operations)


def forms_in_the_query(self: Dispatcher, operation: Operation, incoming: Incoming) -> Reply:
    """Takes a form for what goes on in the request line, and no body for a form."""
    told = {name: value for name, value in parse_qsl(incoming.query) if name != operation.idiom.action}
    if operation.legacy is not None and told:
        named = {name: int(value) if value.isdigit() else value for name, value in told.items()}
        headers = {**incoming.headers, "content-type": "application/json"}
        query = f"{operation.idiom.action}={operation.action}"
        incoming = replace(incoming, query=query, headers=headers, content=json.dumps(named).encode())
    elif self.reader.content_type(incoming.headers)[0] == "application/x-www-form-urlencoded":
        raise HttpRefusal(415, "unsupported", "No form is taken here.")
    return Dispatcher.perform(self, operation, incoming)


def obliging_members(self: Reader, legacy: Legacy, pairs: Any) -> dict[str, Any]:
    """Takes what it knows of a document: the first of each name, without space around; what is empty is not there."""
    known: dict[str, Any] = {}
    for name, text in pairs:
        if text.strip() and (name in legacy.integers or name.endswith("_id")):
            known.setdefault(name, text.strip())
    return Reader.members(self, legacy, known.items())


def no_action_at_collections(
    self: Dispatcher, idiom: Idiom, incoming: Incoming, operations: Sequence[Operation]
) -> Operation:
    """Knows nothing of `~action` on a collection of sessions: only the pages of 6.0 have it there."""
    if incoming.path.endswith("-session") and "action" in incoming.query:
        raise errors.no_such_action("any")
    return Dispatcher.selected(self, idiom, incoming, operations)


def no_header_without_value(self: Dispatcher, operation: Operation, incoming: Incoming) -> Reply:
    """Takes a header without a value for none."""
    given = {name: value for name, value in incoming.headers.items() if value}
    return Dispatcher.perform(self, operation, replace(incoming, headers=given))


def with_a_type(self: Wire, idiom: Idiom, error: ApiError) -> Any:
    """Names the error that comes closest, where no type stands for the status."""
    if isinstance(error, HttpRefusal):
        error = ApiError(ErrorType.INVALID_REQUEST, *error.messages)
    return Wire.error_body(self, idiom, error)


LATER: Final = door(selected=no_action_at_collections, perform=no_header_without_value)
"""A server of today, that knows nothing of 6.0."""


def not_implemented(_: Dispatcher, method: str, _allowed: Sequence[str]) -> ApiError:
    return HttpRefusal(501, "notImplemented", f"No method {method} is known here.")


def of_no_address(reply: Reply) -> Any:
    """A door that answers so where no operation is."""

    def answer(self: Dispatcher, incoming: Incoming, operations: Sequence[Operation]) -> Reply:
        return Dispatcher.answer(self, incoming, operations) if operations else reply

    return answer


DIFFERENCES: Final = [
    difference(
        "methods of no operation are not implemented",
        door(unknown_method=not_implemented),
        "addressing.undeclared-methods",
        "errors.unlisted-status",
        only="method",
        cells=CELLS,
    ),
    difference("an update looks at its list alone", Parts(specs=overriding(Specs, check=of_the_list_alone)), *UPDATES),
    difference("an update takes its list alone", Parts(specs=overriding(Specs, check=nothing_but_the_list)), *UPDATES),
    difference("no update is an empty update", Parts(specs=overriding(Specs, check=nothing_is_empty)), *UPDATES),
    difference(
        "the list is never shown",
        views(session=without_list),
        "update.warning-behavior-takes-effect",
        "update.list-replaced",
        *UPDATES,
    ),
    difference(
        "the list is shown in another order, and with more",
        views(session=other_list),
        "update.warning-behavior-takes-effect",
        *UPDATES,
    ),
    *(
        difference(
            f"an update {words}",
            listing(change),
            "update.warning-behavior-takes-effect",
            "update.list-replaced",
            "update.raised-warning-fails-complete",
            *UPDATES,
            short_of=("update.list-replaced",),
        )
        for words, change in (("adds to the list", added), ("merges by type", by_type))
    ),
    difference("all types of warnings are known", sessions(is_warning_type=lambda *_: True), *UPDATES),
    difference("an update extends the life", sessions(apply_update=extended), *UPDATES),
    difference("a token is found anywhere", door(perform=anywhere), *TOKENS),
    difference("all logins get one token", access(log_in=one_for_each), *TOKENS),
    difference(
        "sessions of others are unknown",
        door(perform=own_only),
        "authentication.no-privilege-needed",
        "authentication.missing-privilege",
    ),
    difference(
        "any spelling of an action will do",
        Parts(
            door=overriding(Dispatcher, selected=obliging),
            reader=overriding(Reader, check_query=lambda *_: None),
        ),
        *ADDRESSES,
    ),
    difference("no address is an alias", door(perform=no_alias), *ADDRESSES),
    difference("an id may have its prefix everywhere", sessions(find=found_with_prefix), *ADDRESSES),
    *(
        difference(f"what is no address {words}", door(answer=of_no_address(reply)), *REACHES, cells=CELLS)
        for words, reply in (
            ("leads elsewhere", Reply(302, (("location", "/ui/"),))),
            ("is not implemented", Reply(501, (("content-type", "text/plain"),), b"not implemented")),
        )
    ),
    difference("ids hold a percent sign", sessions(new_id=lambda self: f"100%41{Sessions.new_id(self)}"), *ADDRESSES),
    difference(
        "ids hold letters that no header carries",
        sessions(new_id=lambda self: f"größe {Sessions.new_id(self)}"),
        "authentication.unknown-token",
    ),
    difference(
        "ids have no colon at all", sessions(new_id=lambda self: Sessions.new_id(self).replace(":", "")), *ADDRESSES
    ),
    *(difference(f"JSON alone, or {status}", reader(body=json_alone(status)), *LEGACY) for status in (404, 415)),
    difference(
        "a 415 names a type",
        replace(reader(body=json_alone(415)), wire=overriding(Wire, error_body=with_a_type)),
        "keep-alive.legacy-representations",
        "errors.unlisted-status",
    ),
    difference("no id in a body", door(selected=no_id_in_body), *LEGACY),
    difference("all forms of 6.0 at 6.5", of_version("6.5.0.23000", Parts()), *LEGACY),
    difference("forms in the query at 6.0", of_version("6.0", door(perform=forms_in_the_query)), *LEGACY),
    difference("no id in a body at 6.7", of_version("6.7.0.10000", door(selected=no_id_in_body)), *LEGACY),
    difference("JSON alone at 8.0", of_version("8.0.2", reader(body=json_alone(415))), *LEGACY),
    difference("whatever can be read is taken", reader(members=obliging_members), *LEGACY),
]
