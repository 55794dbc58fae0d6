"""The two dialects as tables: operation -> method, path, query, body shape, success statuses.

Sources: the `/api` rows are those of the portal pages of the session services (8.0.0, 9.x) and of the public
OpenAPI of vSphere 9.1; the `/rest` rows those of the vCloud Suite API 6.0 pages and their 6.5 and 6.7 successors.
`tests/unit/contract/test_dialects.py` holds them to `openapi/api.yaml` and `openapi/rest.yaml`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from contract_tests.contract.words import Cell, Dialect, Service

if TYPE_CHECKING:
    from collections.abc import Mapping


class Op(StrEnum):
    """What a client can ask of a session service."""

    CREATE = "create"
    READ = "read"
    LIST = "list"
    KEEP_ALIVE = "keep-alive"
    KEEP_ALIVE_BY_BODY = "keep-alive-by-body"
    """The 6.0 form of keep-alive: the id stands in the body, beside the progress."""
    UPDATE = "update"
    COMPLETE = "complete"
    CANCEL = "cancel"
    FAIL = "fail"
    DELETE = "delete"


class Support(StrEnum):
    """What the suite needs beside the sessions, to make something to work on."""

    LOGIN = "login"
    LOGOUT = "logout"
    DATASTORES = "datastores"
    LIBRARIES = "list libraries"
    CREATE_LIBRARY = "create library"
    READ_LIBRARY = "read library"
    DELETE_LIBRARY = "delete library"
    CREATE_ITEM = "create item"
    READ_ITEM = "read item"
    DELETE_ITEM = "delete item"
    ITEM_FILES = "list files of item"


@dataclass(frozen=True)
class Route:
    """One row: how an operation is asked for, and which statuses the documents name as its success.

    `path` may hold `{id}`. `spec` is the member that holds the body in the wrapped form, if the dialect wraps it;
    `answers` says whether a success carries data (in `value`, where the dialect wraps).
    """

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    success: tuple[int, ...] = (200,)
    spec: str | None = None
    answers: bool = False


class FileOp(StrEnum):
    """What a client can ask of the file services beside the sessions."""

    ADD = "add file"
    FILES = "list files"
    FILE = "read file"
    REMOVE = "remove file"
    VALIDATE = "validate files"
    PREPARE = "prepare file"


PROGRESS_MEMBER: Final[Mapping[Service, str]] = MappingProxyType(
    {Service.UPDATE: "client_progress", Service.DOWNLOAD: "progress"}
)
"""The member of a keep-alive body that carries the progress; the model calls it `client_progress` for both."""

ID_MEMBER: Final[Mapping[Service, str]] = MappingProxyType(
    {Service.UPDATE: "update_session_id", Service.DOWNLOAD: "download_session_id"}
)
"""The member of a 6.0 keep-alive body that names the session."""

TOKEN_HEADER: Final = "vmware-api-session-id"  # noqa: S105 - the name of a header, not a secret
CLIENT_TOKEN_HEADER: Final = "Client-Token"  # noqa: S105 - likewise

_VOID = (204,)
_REST_DELETED = (200, 204)  # the pages say 200, the official runtime sends 204 (openapi/README.md, d-18)


def _api_sessions(service: Service) -> dict[Op, Route]:
    every = f"/api/content/library/item/{service}-session"
    one = f"{every}/{{id}}"

    def action(name: str) -> Route:
        return Route("POST", one, (("action", name),), _VOID)

    routes = {
        Op.CREATE: Route("POST", every, success=(201,), answers=True),
        Op.READ: Route("GET", one, answers=True),
        Op.LIST: Route("GET", every, answers=True),
        Op.KEEP_ALIVE: action("keep-alive"),
        Op.CANCEL: action("cancel"),
        Op.FAIL: action("fail"),
        Op.DELETE: Route("DELETE", one, success=_VOID),
    }
    if service is Service.UPDATE:
        routes |= {Op.COMPLETE: action("complete"), Op.UPDATE: Route("PATCH", one, success=_VOID)}
    return routes


def _rest_sessions(service: Service) -> dict[Op, Route]:
    every = f"/rest/com/vmware/content/library/item/{service}-session"
    one = f"{every}/id:{{id}}"

    def action(name: str) -> Route:
        return Route("POST", one, (("~action", name),))

    routes = {
        Op.CREATE: Route("POST", every, spec="create_spec", answers=True),
        Op.READ: Route("GET", one, answers=True),
        Op.LIST: Route("GET", every, answers=True),
        Op.KEEP_ALIVE: action("keep-alive"),
        Op.KEEP_ALIVE_BY_BODY: Route("POST", every, (("~action", "keep-alive"),)),
        Op.CANCEL: action("cancel"),
        Op.FAIL: action("fail"),
        Op.DELETE: Route("DELETE", one, success=_REST_DELETED),
    }
    if service is Service.UPDATE:
        routes |= {Op.COMPLETE: action("complete"), Op.UPDATE: Route("PATCH", one, spec="update_spec")}
    return routes


SESSIONS: Final[Mapping[Cell, Mapping[Op, Route]]] = MappingProxyType(
    {
        Cell(dialect, service): MappingProxyType(table(service))
        for dialect, table in ((Dialect.API, _api_sessions), (Dialect.REST, _rest_sessions))
        for service in Service
    }
)


def _api_files(service: Service) -> dict[FileOp, Route]:
    every = f"/api/content/library/item/{service}-session/{{id}}/file"
    if service is Service.UPDATE:
        return {
            FileOp.ADD: Route("POST", every, success=(201,), answers=True),
            FileOp.FILES: Route("GET", every, answers=True),
            FileOp.REMOVE: Route("DELETE", f"{every}/{{name}}", success=_VOID),
            FileOp.VALIDATE: Route("POST", every, (("action", "validate"),), answers=True),
        }
    return {
        FileOp.PREPARE: Route("POST", every, (("action", "prepare"),), answers=True),
        FileOp.FILES: Route("GET", every, answers=True),
        FileOp.FILE: Route("GET", every, (("file_name", "{name}"),), answers=True),
    }


def _rest_files(service: Service) -> dict[FileOp, Route]:
    every = f"/rest/com/vmware/content/library/item/{service}session/file"
    one = f"{every}/id:{{id}}"
    listing = Route("GET", every, ((f"{service}_session_id", "{id}"),), answers=True)
    if service is Service.UPDATE:
        return {
            FileOp.ADD: Route("POST", one, (("~action", "add"),), spec="file_spec", answers=True),
            FileOp.FILES: listing,
            FileOp.REMOVE: Route("POST", one, (("~action", "remove"),)),
            FileOp.VALIDATE: Route("POST", one, (("~action", "validate"),), answers=True),
        }
    return {
        FileOp.PREPARE: Route("POST", one, (("~action", "prepare"),), answers=True),
        FileOp.FILES: listing,
        FileOp.FILE: Route("POST", one, (("~action", "get"),), answers=True),
    }


FILES: Final[Mapping[Cell, Mapping[FileOp, Route]]] = MappingProxyType(
    {
        Cell(dialect, service): MappingProxyType(table(service))
        for dialect, table in ((Dialect.API, _api_files), (Dialect.REST, _rest_files))
        for service in Service
    }
)
"""The file services; `{name}` stands for the file. Where /rest names the file in the body, the path has no name."""

SUPPORT: Final[Mapping[Dialect, Mapping[Support, Route]]] = MappingProxyType(
    {
        Dialect.API: MappingProxyType(
            {
                Support.LOGIN: Route("POST", "/api/session", success=(201,), answers=True),
                Support.LOGOUT: Route("DELETE", "/api/session", success=_VOID),
                Support.DATASTORES: Route("GET", "/api/vcenter/datastore", answers=True),
                Support.LIBRARIES: Route("GET", "/api/content/local-library", answers=True),
                Support.CREATE_LIBRARY: Route("POST", "/api/content/local-library", success=(201,), answers=True),
                Support.READ_LIBRARY: Route("GET", "/api/content/local-library/{id}", answers=True),
                Support.DELETE_LIBRARY: Route("DELETE", "/api/content/local-library/{id}", success=_VOID),
                Support.CREATE_ITEM: Route("POST", "/api/content/library/item", success=(201,), answers=True),
                Support.READ_ITEM: Route("GET", "/api/content/library/item/{id}", answers=True),
                Support.DELETE_ITEM: Route("DELETE", "/api/content/library/item/{id}", success=_VOID),
                Support.ITEM_FILES: Route("GET", "/api/content/library/item/{id}/file", answers=True),
            }
        ),
        Dialect.REST: MappingProxyType(
            {
                Support.LOGIN: Route("POST", "/rest/com/vmware/cis/session", answers=True),
                Support.LOGOUT: Route("DELETE", "/rest/com/vmware/cis/session", success=_REST_DELETED),
                Support.DATASTORES: Route("GET", "/rest/vcenter/datastore", answers=True),
                Support.LIBRARIES: Route("GET", "/rest/com/vmware/content/local-library", answers=True),
                Support.CREATE_LIBRARY: Route(
                    "POST", "/rest/com/vmware/content/local-library", spec="create_spec", answers=True
                ),
                Support.READ_LIBRARY: Route("GET", "/rest/com/vmware/content/local-library/id:{id}", answers=True),
                Support.DELETE_LIBRARY: Route(
                    "DELETE", "/rest/com/vmware/content/local-library/id:{id}", success=_REST_DELETED
                ),
                Support.CREATE_ITEM: Route(
                    "POST", "/rest/com/vmware/content/library/item", spec="create_spec", answers=True
                ),
                Support.READ_ITEM: Route("GET", "/rest/com/vmware/content/library/item/id:{id}", answers=True),
                Support.ITEM_FILES: Route(
                    "GET",
                    "/rest/com/vmware/content/library/item/file",
                    (("library_item_id", "{id}"),),
                    answers=True,
                ),
                Support.DELETE_ITEM: Route(
                    "DELETE", "/rest/com/vmware/content/library/item/id:{id}", success=_REST_DELETED
                ),
            }
        ),
    }
)


def wrapped(route: Route, spec: Any, client_token: str | None = None) -> Any:
    """Put a specification into the body shape of the route's dialect.

    In the wrapped form the client token travels in the body; in the bare form it is a header, so it is not added.
    """
    if route.spec is None:
        return spec
    body = {} if client_token is None else {"client_token": client_token}
    return body | {route.spec: spec}


def unwrapped(dialect: Dialect, body: Any) -> Any:
    """Take the result out of a successful answer's JSON: `value` in the wrapped form, the body itself otherwise.

    Raises:
        ValueError: a wrapped answer has no `value`.
    """
    if dialect is Dialect.API:
        return body
    if not isinstance(body, dict) or "value" not in body:
        raise ValueError("the answer is not wrapped in `value`, as /rest answers are")
    return body["value"]
