"""The dialects as tables: how each spells things, and operation -> method, path, query, body shape, success statuses.

Sources: the `/api` rows are those of the portal pages of the session services (8.0.0, 9.x) and of the public
OpenAPI of vSphere 9.1; the `/rest` rows those of the vCloud Suite API 6.0 pages and their 6.5 and 6.7 successors.
`tests/unit/contract/test_dialects.py` holds them to `openapi/api.yaml` and `openapi/rest.yaml`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from contract_tests.contract.words import CELLS, Cell, Dialect, Service

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
_CLIENT_TOKEN_MEMBER: Final = "client_token"  # noqa: S105 - likewise, of a member


@dataclass(frozen=True)
class Conventions:
    """How one dialect spells what all of them say. A member that is None is not there: the value stands bare."""

    root: str
    """Where the Content Library begins."""
    base: str
    """Where all services of the server begin, those of later versions included."""
    login: str
    """The path of the service that gives tokens."""
    action: str
    """The query parameter that names an action."""
    id_prefix: str
    """What stands in front of an id in a path."""
    value_member: str | None
    """The member of a success that holds its result."""
    error_member: str | None
    """The member of a refusal that holds the error, beside `type`."""
    create_spec: str | None
    """The member of the body that holds what is to be created."""
    update_spec: str | None
    file_spec: str | None
    client_token_member: str | None
    """The member of the body of a create that holds the client token; a header does where there is none."""
    file_member: str | None
    """The member of a body that names a file; the address does where there is none."""
    maps_as_pairs: bool
    """Whether a map may be written as an array of pairs, `key` and `value`."""
    acts_on_collection: bool
    """Whether the collection of sessions may be told by an action what to do (create, and the keep-alive of 6.0)."""
    older_media: frozenset[str]
    """What a keep-alive may be beside JSON, from 6.0."""
    created: tuple[int, ...]
    """The success of what makes something."""
    void: tuple[int, ...]
    """The success of what answers nothing."""
    deleted: tuple[int, ...]


CONVENTIONS: Final[Mapping[Dialect, Conventions]] = MappingProxyType(
    {
        Dialect.API: Conventions(
            root="/api",
            base="/api",
            login="/api/session",
            action="action",
            id_prefix="",
            value_member=None,
            error_member=None,
            create_spec=None,
            update_spec=None,
            file_spec=None,
            client_token_member=None,
            file_member=None,
            maps_as_pairs=False,
            acts_on_collection=False,
            older_media=frozenset(),
            created=(201,),
            void=(204,),
            deleted=(204,),
        ),
        Dialect.REST: Conventions(
            root="/rest/com/vmware",
            base="/rest",
            login="/rest/com/vmware/cis/session",
            action="~action",
            id_prefix="id:",
            value_member="value",
            error_member="value",
            create_spec="create_spec",
            update_spec="update_spec",
            file_spec="file_spec",
            client_token_member=_CLIENT_TOKEN_MEMBER,
            file_member="file_name",
            maps_as_pairs=True,
            acts_on_collection=True,
            older_media=frozenset({"xml", "form"}),
            created=(200,),
            void=(200,),
            deleted=(200, 204),  # the pages say 200, the official runtime sends 204 (openapi/README.md, d-18)
        ),
    }
)
"""The table of dialects: whoever asks which dialect it is looks up a column here."""

ACTION_PARAMETERS: Final = frozenset(one.action for one in CONVENTIONS.values())
ID_PREFIXES: Final = tuple(one.id_prefix for one in CONVENTIONS.values() if one.id_prefix)


def _sessions(here: Conventions, service: Service) -> dict[Op, Route]:
    every = f"{here.root}/content/library/item/{service}-session"
    one = f"{every}/{here.id_prefix}{{id}}"

    def action(name: str, path: str = one) -> Route:
        return Route("POST", path, ((here.action, name),), here.void)

    routes = {
        Op.CREATE: Route("POST", every, success=here.created, spec=here.create_spec, answers=True),
        Op.READ: Route("GET", one, answers=True),
        Op.LIST: Route("GET", every, answers=True),
        Op.KEEP_ALIVE: action("keep-alive"),
        Op.CANCEL: action("cancel"),
        Op.FAIL: action("fail"),
        Op.DELETE: Route("DELETE", one, success=here.deleted),
    }
    if here.acts_on_collection:
        routes[Op.KEEP_ALIVE_BY_BODY] = action("keep-alive", every)
    if service is Service.UPDATE:
        routes[Op.COMPLETE] = action("complete")
        routes[Op.UPDATE] = Route("PATCH", one, success=here.void, spec=here.update_spec)
    return routes


SESSIONS: Final[Mapping[Cell, Mapping[Op, Route]]] = MappingProxyType(
    {cell: MappingProxyType(_sessions(CONVENTIONS[cell.dialect], cell.service)) for cell in CELLS}
)


def _api_files(here: Conventions, service: Service) -> dict[FileOp, Route]:
    every = f"{here.root}/content/library/item/{service}-session/{here.id_prefix}{{id}}/file"
    if service is Service.UPDATE:
        return {
            FileOp.ADD: Route("POST", every, success=here.created, spec=here.file_spec, answers=True),
            FileOp.FILES: Route("GET", every, answers=True),
            FileOp.REMOVE: Route("DELETE", f"{every}/{{name}}", success=here.deleted),
            FileOp.VALIDATE: Route("POST", every, ((here.action, "validate"),), answers=True),
        }
    return {
        FileOp.PREPARE: Route("POST", every, ((here.action, "prepare"),), answers=True),
        FileOp.FILES: Route("GET", every, answers=True),
        FileOp.FILE: Route("GET", every, (("file_name", "{name}"),), answers=True),
    }


def _rest_files(here: Conventions, service: Service) -> dict[FileOp, Route]:
    every = f"{here.root}/content/library/item/{service}session/file"
    one = f"{every}/{here.id_prefix}{{id}}"
    listing = Route("GET", every, ((f"{service}_session_id", "{id}"),), answers=True)
    if service is Service.UPDATE:
        return {
            FileOp.ADD: Route("POST", one, ((here.action, "add"),), spec=here.file_spec, answers=True),
            FileOp.FILES: listing,
            FileOp.REMOVE: Route("POST", one, ((here.action, "remove"),)),
            FileOp.VALIDATE: Route("POST", one, ((here.action, "validate"),), answers=True),
        }
    return {
        FileOp.PREPARE: Route("POST", one, ((here.action, "prepare"),), answers=True),
        FileOp.FILES: listing,
        FileOp.FILE: Route("POST", one, ((here.action, "get"),), answers=True),
    }


FILES: Final[Mapping[Cell, Mapping[FileOp, Route]]] = MappingProxyType(
    {
        Cell(dialect, service): MappingProxyType(table(CONVENTIONS[dialect], service))
        for dialect, table in ((Dialect.API, _api_files), (Dialect.REST, _rest_files))
        for service in Service
    }
)
"""The file services; `{name}` stands for the file. Where /rest names the file in the body, the path has no name."""


def _support(here: Conventions, files: Route) -> dict[Support, Route]:
    libraries, items = f"{here.root}/content/local-library", f"{here.root}/content/library/item"
    library, item = (f"{every}/{here.id_prefix}{{id}}" for every in (libraries, items))

    def create(path: str) -> Route:
        return Route("POST", path, success=here.created, spec=here.create_spec, answers=True)

    return {
        Support.LOGIN: Route("POST", here.login, success=here.created, answers=True),
        Support.LOGOUT: Route("DELETE", here.login, success=here.deleted),
        Support.DATASTORES: Route("GET", f"{here.base}/vcenter/datastore", answers=True),
        Support.LIBRARIES: Route("GET", libraries, answers=True),
        Support.CREATE_LIBRARY: create(libraries),
        Support.READ_LIBRARY: Route("GET", library, answers=True),
        Support.DELETE_LIBRARY: Route("DELETE", library, success=here.deleted),
        Support.CREATE_ITEM: create(items),
        Support.READ_ITEM: Route("GET", item, answers=True),
        Support.DELETE_ITEM: Route("DELETE", item, success=here.deleted),
        Support.ITEM_FILES: files,
    }


_FILES_OF_ITEM: Final = {
    Dialect.API: Route("GET", "/api/content/library/item/{id}/file", answers=True),
    Dialect.REST: Route(
        "GET", "/rest/com/vmware/content/library/item/file", (("library_item_id", "{id}"),), answers=True
    ),
}

SUPPORT: Final[Mapping[Dialect, Mapping[Support, Route]]] = MappingProxyType(
    {dialect: MappingProxyType(_support(CONVENTIONS[dialect], files)) for dialect, files in _FILES_OF_ITEM.items()}
)


def wrapped(route: Route, spec: Any, client_token: str | None = None) -> Any:
    """Put a specification into the body shape of the route's dialect.

    In the wrapped form the client token travels in the body; in the bare form it is a header, so it is not added.
    """
    if route.spec is None:
        return spec
    body = {} if client_token is None else {_CLIENT_TOKEN_MEMBER: client_token}
    return body | {route.spec: spec}


def unwrapped(dialect: Dialect, body: Any) -> Any:
    """Take the result out of a successful answer's JSON: `value` in the wrapped form, the body itself otherwise.

    Raises:
        ValueError: a wrapped answer has no `value`.
    """
    member = CONVENTIONS[dialect].value_member
    if member is None:
        return body
    if not isinstance(body, dict) or member not in body:
        raise ValueError(f"the answer is not wrapped in `{member}`, as /{dialect} answers are")
    return body[member]
