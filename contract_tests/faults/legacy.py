"""Servers that take XML, forms or an id in the body, and do something else than what was asked."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl, unquote
from xml.etree import ElementTree as ET

from contract_tests.contract import Dialect
from contract_tests.faults.fault import Decision, door, fault, overriding, reader
from contract_tests.faults.keep_alive import REST_CELLS
from contract_tests.mock import ApiError
from contract_tests.mock.domain import errors
from contract_tests.mock.http.door import Dispatcher
from contract_tests.mock.http.idioms import idiom_of
from contract_tests.mock.http.reader import Reader

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from contract_tests.mock import Parts
    from contract_tests.mock.http.door import Incoming
    from contract_tests.mock.http.operations import Legacy, Operation
    from contract_tests.mock.http.wire import Reply

FORMS, BY_BODY = "keep-alive.legacy-representations", "addressing.id-in-body"
FORMS_UP_TO_6_5, BY_BODY_UP_TO_6_5 = f"{FORMS}-understood", f"{BY_BODY}-understood"


def by_body(answer: Decision) -> Any:
    """A server that answers a keep-alive without an id in the path in its own way."""

    def perform(self: Dispatcher, operation: Operation, incoming: Incoming) -> Reply:
        collection = operation.path.endswith("-session") and operation.idiom.dialect is Dialect.REST
        if collection and operation.action == "keep-alive":
            reply: Reply = answer(self, operation, incoming)
            return reply
        return Dispatcher.perform(self, operation, incoming)

    return door(perform=perform)


def accept(self: Dispatcher, operation: Operation, _: Incoming) -> Reply:
    return self.wire.void_reply(operation.idiom)


def crash(*_: Any) -> Reply:
    raise KeyError("create_spec")


def never_mind(self: Dispatcher, operation: Operation, incoming: Incoming) -> Reply:
    """Succeeds for whom it does not find."""
    try:
        return Dispatcher.perform(self, operation, incoming)
    except ApiError:
        return self.wire.void_reply(operation.idiom)


def create_instead(self: Dispatcher, operation: Operation, incoming: Incoming) -> Reply:
    """Creates a session, whatever the action is, if an item is named; and then refuses."""
    body = self.reader.body(operation, incoming.headers, incoming.content or b"")
    if isinstance(body, dict) and "library_item_id" in body and "download" in operation.path:
        service = next(one.service for one in self.world.sessions.by_id.values() if one.service == "download")
        self.world.sessions.create(service, "user", body)
        raise errors.invalid_argument("There is no session to keep alive.")
    return Dispatcher.perform(self, operation, incoming)


def parsed(member: Decision) -> Decision:
    """An `xml` that reads a document by a parser of its own, and its members by `member(element)`."""

    def xml(self: Reader, legacy: Legacy, content: bytes) -> dict[str, Any]:
        try:
            root = ET.fromstring(content)
        except ET.ParseError as problem:
            raise errors.invalid_request(str(problem)) from None
        pairs = [(one.tag.rpartition("}")[2], member(one).strip()) for one in root]
        return self.members(legacy, pairs)

    return xml


def first_text(element: ET.Element) -> str:
    """The text before the first comment."""
    return element.text or ""


def commented(self: Reader, legacy: Legacy, content: bytes) -> dict[str, Any]:
    """Reads the text before a comment only."""
    before, comment, after = content.partition(b"<!-- one")
    if comment:
        content = before + after[after.index(b"-->") + 4 :]
    return Reader.xml(self, legacy, content)


def included(self: Reader, legacy: Legacy, content: bytes) -> dict[str, Any]:
    """Follows an XInclude, and what it finds there is 60."""
    if b"XInclude" in content:
        return self.members(legacy, [(next(iter(legacy.integers)), "60")])
    return Reader.xml(self, legacy, content)


def ascii_only(self: Reader, legacy: Legacy, content: bytes) -> dict[str, Any]:
    content.decode("ascii")
    return Reader.xml(self, legacy, content)


def undeclared(self: Reader, legacy: Legacy, content: bytes) -> dict[str, Any]:
    """Drops what it does not understand, and calls it a success."""
    try:
        return Reader.xml(self, legacy, content)
    except ApiError:
        return {}


def not_decoded(self: Reader, legacy: Legacy, content: bytes) -> dict[str, Any]:
    """Takes the members of a form as they stand there, and what is no member for none."""
    pairs = [one.partition("=")[::2] for one in content.decode(errors="replace").strip().split("&")]
    known = [(name, value) for name, value in pairs if unquote(name) == name and value]
    return self.members(legacy, [(name, unquote(value)) for name, value in known if not value.startswith("%")])


def added_up(self: Reader, legacy: Legacy, content: bytes) -> dict[str, Any]:
    """Adds members of one name."""
    pairs = parse_qsl(content.decode(errors="replace"))
    numbers = [int(value) for name, value in pairs if name in legacy.integers and value.strip().isdigit()]
    if len(numbers) > 1:
        return {next(iter(legacy.integers)): sum(numbers)}
    return Reader.form(self, legacy, content)


def of_version(version: str, parts: Parts) -> Parts:
    """A server of `parts` that says which version it is."""

    def answer(self: Dispatcher, incoming: Incoming, operations: Sequence[Operation]) -> Reply:
        if incoming.path.endswith("/appliance/system/version"):
            return self.wire.value_reply(idiom_of(incoming.path), {"product": "A server", "version": version})
        return parts.door.answer(self, incoming, operations)

    return replace(parts, door=overriding(parts.door, answer=answer))


def refuse(*_: Any) -> Reply:
    raise errors.no_such_action("keep-alive")


def without_progress(self: Reader, legacy: Legacy, content: bytes) -> dict[str, Any]:
    return {name: value for name, value in Reader.form(self, legacy, content).items() if name not in legacy.integers}


def json_alone(self: Reader, operation: Operation, headers: Mapping[str, str], content: bytes) -> Any:
    """Knows no representation but JSON."""
    return Reader.body(self, replace(operation, legacy=None), headers, content)


FAULTS: Final = [
    fault(
        "a form is accepted and not read",
        reader(form=lambda *_: {}),
        FORMS,
        "keep-alive.stores-progress",
        cells=REST_CELLS,
        plays=(FORMS,),
    ),
    fault(
        "an id in the body is accepted and not read",
        by_body(accept),
        BY_BODY,
        cells=REST_CELLS,
    ),
    fault(
        "an id in the body crashes the server",
        by_body(crash),
        BY_BODY,
        "errors.no-server-error",
        cells=REST_CELLS,
        plays=(BY_BODY,),
    ),
    fault(
        "an id in the body that names none succeeds",
        by_body(never_mind),
        BY_BODY,
        cells=REST_CELLS,
    ),
    fault(
        "keep-alive without an id creates a session",
        by_body(create_instead),
        BY_BODY,
        cells=tuple(cell for cell in REST_CELLS if cell.service == "download"),
    ),
    fault("entities are expanded", reader(xml=parsed(first_text)), FORMS, cells=REST_CELLS, only="entity"),
    fault("what is included is read", reader(xml=included), FORMS, cells=REST_CELLS, only="entity"),
    fault(
        "text ends at a comment",
        reader(xml=commented),
        FORMS,
        cells=REST_CELLS,
        tolerated=("keep-alive.stores-progress",),
        only="markup",
    ),
    fault(
        "XML in UTF-16 crashes the server",
        reader(xml=ascii_only),
        FORMS,
        "errors.no-server-error",
        cells=REST_CELLS,
        plays=(FORMS,),
        only="encoding",
    ),
    fault(
        "what is no XML succeeds",
        reader(xml=undeclared),
        FORMS,
        cells=REST_CELLS,
        only="no_xml or no_integer or XML",
    ),
    fault(
        "forms are not decoded",
        reader(form=not_decoded),
        FORMS,
        cells=REST_CELLS,
        tolerated=("keep-alive.stores-progress",),
        only="spelling and form",
    ),
    fault("members of a form are added up", reader(form=added_up), FORMS, cells=REST_CELLS, only="form-members"),
    fault(
        "at 6.5 an id in a JSON body is refused",
        of_version("6.5.0.23000", by_body(refuse)),
        BY_BODY_UP_TO_6_5,
        FORMS_UP_TO_6_5,
        cells=REST_CELLS,
    ),
    fault(
        "at 6.5 XML and forms are refused",
        of_version("6.5.0.23000", reader(body=json_alone)),
        FORMS_UP_TO_6_5,
        cells=REST_CELLS,
        plays=(FORMS_UP_TO_6_5, BY_BODY_UP_TO_6_5),
    ),
    fault(
        "at 6.0 the progress in a form is dropped",
        of_version("6.0", reader(form=without_progress)),
        FORMS_UP_TO_6_5,
        cells=REST_CELLS,
    ),
]
