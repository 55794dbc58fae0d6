"""The file services of both kinds of session, and the addresses where content comes and goes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from contract_tests.mock.domain import errors
from contract_tests.mock.domain.content import NOTHING
from contract_tests.mock.http.idioms import API, REST
from contract_tests.mock.http.operations import CREATED, VALUE, VOID, Invocation, Operation, RequestBody, Success
from contract_tests.mock.http.portions import Portion, portion_of
from contract_tests.mock.http.routes.libraries import required

if TYPE_CHECKING:
    from collections.abc import Iterator


def add(call: Invocation) -> dict[str, Any]:
    return call.world.views.upload(call.world.uploads.add(call.path["id"], call.body), call.origin)


def list_uploads(call: Invocation, session_id: str) -> list[Any]:
    return [call.world.views.upload(one, call.origin) for one in call.world.uploads.list_files(session_id)]


def get_upload(call: Invocation, name: str) -> dict[str, Any]:
    return call.world.views.upload(call.world.uploads.get(call.path["id"], name), call.origin)


def remove(call: Invocation, name: str) -> None:
    call.world.uploads.remove(call.path["id"], name)


def validate(call: Invocation) -> dict[str, Any]:
    return call.world.views.validation(*call.world.uploads.validate(call.path["id"]))


def prepare(call: Invocation) -> dict[str, Any]:
    return call.world.views.download(call.world.downloads.prepare(call.path["id"], call.body), call.origin)


def list_downloads(call: Invocation, session_id: str) -> list[Any]:
    return [call.world.views.download(one, call.origin) for one in call.world.downloads.list_files(session_id)]


def get_download(call: Invocation, name: str) -> dict[str, Any]:
    return call.world.views.download(call.world.downloads.get(call.path["id"], name), call.origin)


def list_or_get_download(call: Invocation) -> Any:
    """In `/api` one address does both: it depends on whether a name is given."""
    name = call.first("file_name")
    return list_downloads(call, call.path["id"]) if name is None else get_download(call, name)


def receive(call: Invocation) -> None:
    """All of a file: who sends a part of it would take it for kept (RFC 9110, section 14.5)."""
    if "content-range" in call.headers:
        raise errors.invalid_argument("A file is sent as a whole: Content-Range is not supported.")
    call.world.uploads.receive(call.path["key"], call.path["name"], call.arrived or NOTHING)


def send(call: Invocation) -> Portion:
    return portion_of(call.world.downloads.send(call.path["key"], call.path["name"]), call.headers)


def tell(call: Invocation) -> Portion:
    """What `send` would answer to a request for all of it, without the content."""
    content = call.world.downloads.find(call.path["key"], call.path["name"]).file.content
    return Portion(content, 0, content.size, is_told=True)


def _file_name(call: Invocation) -> str:
    return str(call.world.specs.check("FileName", call.body)["file_name"])


def operations() -> Iterator[Operation]:
    yield from _api()
    yield from _rest()
    # Whoever knows the key in these addresses was given it; they need no token.
    for method in ("PUT", "POST"):
        yield Operation(
            API,
            method,
            "/cls/upload/{key}/{name:path}",
            receive,
            Success.DONE,
            body=RequestBody.CONTENT,
            needs_token=False,
        )
    for method, handler in (("GET", send), ("HEAD", tell)):
        yield Operation(API, method, "/cls/download/{key}/{name:path}", handler, Success.CONTENT, needs_token=False)


def _api() -> Iterator[Operation]:
    item = "/api/content/library/item"
    uploads = f"{item}/update-session/{{id}}/file"
    upload = f"{uploads}/{{name:path}}"
    downloads = f"{item}/download-session/{{id}}/file"
    value = RequestBody.VALUE
    yield Operation(API, "POST", uploads, add, CREATED, body=value)
    yield Operation(API, "GET", uploads, lambda call: list_uploads(call, call.path["id"]), VALUE)
    yield Operation(API, "POST", uploads, validate, VALUE, action="validate")
    yield Operation(API, "GET", upload, lambda call: get_upload(call, call.path["name"]), VALUE)
    yield Operation(API, "DELETE", upload, lambda call: remove(call, call.path["name"]), VOID)
    yield Operation(API, "POST", downloads, prepare, VALUE, action="prepare", body=value)
    yield Operation(API, "GET", downloads, list_or_get_download, VALUE, query=frozenset({"file_name"}))


def _rest() -> Iterator[Operation]:
    item = f"{REST.root}/content/library/item"
    uploads = f"{item}/updatesession/file"
    upload = f"{uploads}/id:{{id}}"
    downloads = f"{item}/downloadsession/file"
    download = f"{downloads}/id:{{id}}"
    value = RequestBody.VALUE
    yield Operation(REST, "POST", upload, add, VALUE, action="add", body=value, spec="file_spec")
    yield Operation(REST, "POST", upload, validate, VALUE, action="validate")
    yield Operation(
        REST, "POST", upload, lambda call: get_upload(call, _file_name(call)), VALUE, action="get", body=value
    )
    yield Operation(
        REST, "POST", upload, lambda call: remove(call, _file_name(call)), VOID, action="remove", body=value
    )
    yield Operation(
        REST,
        "GET",
        uploads,
        lambda call: list_uploads(call, required(call, "update_session_id")),
        VALUE,
        query=frozenset({"update_session_id"}),
    )
    yield Operation(REST, "POST", download, prepare, VALUE, action="prepare", body=value)
    yield Operation(
        REST,
        "POST",
        download,
        lambda call: get_download(call, _file_name(call)),
        VALUE,
        action="get",
        body=value,
    )
    yield Operation(
        REST,
        "GET",
        downloads,
        lambda call: list_downloads(call, required(call, "download_session_id")),
        VALUE,
        query=frozenset({"download_session_id"}),
    )
