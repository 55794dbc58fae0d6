"""The table of operations: which handler answers a service's operation, and where each input member goes.

Handlers are those of the other dialects (`http.routes`), called with what a request in one of them would have brought.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from contract_tests.contract.words import Service
from contract_tests.mock.domain import errors
from contract_tests.mock.http.routes import files, items, libraries, login, sessions
from contract_tests.mock.jsonrpc import structures as named

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from contract_tests.mock.http.operations import Handler, Invocation


class Place(Enum):
    """Where handlers look for what an input member brings."""

    PATH = auto()
    QUERY = auto()
    BODY = auto()
    """A member of the body."""
    WHOLE_BODY = auto()
    CLIENT_TOKEN = auto()


@dataclass(frozen=True)
class InputMember:
    """One member of an operation's input; `known_as` is its name at its place."""

    notation: str
    place: Place
    known_as: str = ""


Members = dict[str, InputMember]


@dataclass(frozen=True)
class RemoteOperation:
    """One row: the types of input and output, and who answers."""

    handler: Handler
    members: Mapping[str, InputMember]
    output: str = "void"
    needs_token: bool = True
    """Without it, the body is the name and the password of the security context; None if it holds none."""


def in_path(name: str, known_as: str = "id") -> Members:
    return {name: InputMember("text", Place.PATH, known_as)}


def in_query(name: str, notation: str = "text") -> Members:
    return {name: InputMember(notation, Place.QUERY, name)}


def in_body(name: str, notation: str = "text", known_as: str = "") -> Members:
    return {name: InputMember(notation, Place.BODY, known_as or name)}


def body(name: str, notation: str) -> Members:
    return {name: InputMember(notation, Place.WHOLE_BODY)}


def token() -> Members:
    return {"client_token": InputMember("text?", Place.CLIENT_TOKEN)}


def creation(model: str) -> Members:
    return token() | body("create_spec", model)


Row = tuple[str, RemoteOperation]


def log_in(call: Invocation) -> str:
    """A new token.

    Raises:
        ApiError: UNAUTHENTICATED.
    """
    if call.body is None:
        raise errors.unauthenticated()
    return call.world.access.log_in(*call.body)


def _login() -> Iterator[Row]:
    yield "create", RemoteOperation(log_in, {}, "secret", needs_token=False)
    yield "get", RemoteOperation(login.who_am_i, {}, f"{named.CIS_SESSION}.info")
    yield "delete", RemoteOperation(login.log_out, {})


def _local_libraries() -> Iterator[Row]:
    one = in_path("library_id")
    model = named.LIBRARY_MODEL
    yield "create", RemoteOperation(libraries.create_library, creation(model), "text")
    yield "list", RemoteOperation(libraries.list_local_libraries, {}, "[text]")
    yield "get", RemoteOperation(libraries.get_local_library, one, model)
    yield "update", RemoteOperation(libraries.update_local_library, one | body("update_spec", model))
    yield "delete", RemoteOperation(libraries.delete_local_library, one)
    yield "force_delete", RemoteOperation(libraries.delete_local_library, one)


def _libraries() -> Iterator[Row]:
    one = in_path("library_id")
    model = named.LIBRARY_MODEL
    yield "list", RemoteOperation(libraries.list_libraries, {}, "[text]")
    yield "find", RemoteOperation(libraries.find_libraries, body("spec", f"{named.LIBRARY}.find_spec"), "[text]")
    yield "get", RemoteOperation(libraries.get_library, one, model)
    yield "update", RemoteOperation(libraries.update_library, one | body("update_spec", model))
    yield "delete", RemoteOperation(libraries.delete_library, one)
    yield "force_delete", RemoteOperation(libraries.delete_library, one)


def _items() -> Iterator[Row]:
    one = in_path("library_item_id")
    model = named.ITEM_MODEL
    source = in_path("source_library_item_id") | token() | body("destination_create_spec", model)
    yield "create", RemoteOperation(items.create, creation(model), "text")
    yield "copy", RemoteOperation(items.copy, source, "text")
    yield "list", RemoteOperation(items.list_ids, in_query("library_id"), "[text]")
    yield "find", RemoteOperation(items.find, body("spec", f"{named.ITEM}.find_spec"), "[text]")
    yield "get", RemoteOperation(items.get, one, model)
    yield "update", RemoteOperation(items.update, one | body("update_spec", model))
    yield "delete", RemoteOperation(items.delete, one)


def _item_files() -> Iterator[Row]:
    one, name = in_path("library_item_id"), in_path("name", "name")
    yield "list", RemoteOperation(lambda call: items.list_files(call, call.path["id"]), one, f"[{named.FILE}]")
    yield "get", RemoteOperation(lambda call: items.get_file(call, call.path["name"]), one | name, named.FILE)


def _item_storage() -> Iterator[Row]:
    one, name = in_path("library_item_id"), in_path("file_name", "name")
    places = f"[{named.STORAGE}]"
    yield "list", RemoteOperation(lambda call: items.list_storage(call, call.path["id"]), one, places)
    yield "get", RemoteOperation(lambda call: items.get_storage(call, call.path["name"]), one | name, places)


def _sessions(service: Service, model: str, progress: str) -> Iterator[Row]:
    one = in_path(f"{service}_session_id")
    of_item = in_query("library_item_id", "text?")
    reason = in_body("client_error_message")
    yield "create", RemoteOperation(partial(sessions.create, service), creation(model), "text")
    yield "get", RemoteOperation(partial(sessions.get, service), one, model)
    yield "list", RemoteOperation(partial(sessions.list_ids, service), of_item, "[text]")
    yield "keep_alive", RemoteOperation(partial(sessions.keep_alive, service), one | in_body(progress, "integer?"))
    yield "cancel", RemoteOperation(partial(sessions.cancel, service), one)
    yield "fail", RemoteOperation(partial(sessions.fail, service), one | reason)
    yield "delete", RemoteOperation(partial(sessions.delete, service), one)


def _update_sessions() -> Iterator[Row]:
    one = in_path("update_session_id")
    yield from _sessions(Service.UPDATE, named.UPDATE_MODEL, "client_progress")
    yield "update", RemoteOperation(sessions.update, one | body("update_spec", named.UPDATE_MODEL))
    yield "complete", RemoteOperation(sessions.complete, one)


def _uploads() -> Iterator[Row]:
    one, name = in_path("update_session_id"), in_path("file_name", "name")
    spec = body("file_spec", f"{named.UPLOADS}.file.add_spec")
    yield "add", RemoteOperation(files.add, one | spec, named.UPLOAD)
    yield (
        "list",
        RemoteOperation(lambda call: files.list_uploads(call, call.path["id"]), one, f"[{named.UPLOAD}]"),
    )
    yield (
        "get",
        RemoteOperation(lambda call: files.get_upload(call, call.path["name"]), one | name, named.UPLOAD),
    )
    yield "remove", RemoteOperation(lambda call: files.remove(call, call.path["name"]), one | name)
    yield "validate", RemoteOperation(files.validate, one, f"{named.UPLOADS}.file.validation_result")


def _downloads() -> Iterator[Row]:
    one, name = in_path("download_session_id"), in_path("file_name", "name")
    wanted = in_body("file_name") | in_body("endpoint_type", "text?", "endpoint_protocol")
    yield "prepare", RemoteOperation(files.prepare, one | wanted, named.DOWNLOADABLE)
    yield (
        "list",
        RemoteOperation(lambda call: files.list_downloads(call, call.path["id"]), one, f"[{named.DOWNLOADABLE}]"),
    )
    yield (
        "get",
        RemoteOperation(lambda call: files.get_download(call, call.path["name"]), one | name, named.DOWNLOADABLE),
    )


OPERATIONS: Final[Mapping[tuple[str, str], RemoteOperation]] = MappingProxyType(
    {
        (service, operation): row
        for service, rows in (
            (named.CIS_SESSION, _login()),
            (f"{named.CONTENT}.local_library", _local_libraries()),
            (named.LIBRARY, _libraries()),
            (named.ITEM, _items()),
            (f"{named.ITEM}.file", _item_files()),
            (f"{named.ITEM}.storage", _item_storage()),
            (named.UPDATE, _update_sessions()),
            (named.DOWNLOAD, _sessions(Service.DOWNLOAD, named.DOWNLOAD_MODEL, "progress")),
            (f"{named.UPLOADS}.file", _uploads()),
            (f"{named.DOWNLOADS}.file", _downloads()),
        )
        for operation, row in rows
    }
)
