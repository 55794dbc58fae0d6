"""The two dialects on the wire: what differs between them, as a table.

Sources: portal pages 8.0.0 and 9.x and the public OpenAPI of 9.1 for `/api`; the pages of 6.0 to 6.7, and
answers of real servers that were published, for `/rest`.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from contract_tests.contract.words import Dialect
from contract_tests.mock.domain.errors import ErrorType

if TYPE_CHECKING:
    from collections.abc import Mapping

_STATUSES: Final[Mapping[str, int]] = {
    ErrorType.ALREADY_EXISTS: 400,
    ErrorType.CONCURRENT_CHANGE: 409,
    ErrorType.INTERNAL_SERVER_ERROR: 500,
    ErrorType.INVALID_ARGUMENT: 400,
    ErrorType.INVALID_ELEMENT_TYPE: 400,
    ErrorType.INVALID_REQUEST: 400,
    ErrorType.NOT_ALLOWED_IN_CURRENT_STATE: 400,
    ErrorType.NOT_FOUND: 404,
    ErrorType.OPERATION_NOT_FOUND: 404,
    ErrorType.SERVICE_UNAVAILABLE: 503,
    ErrorType.UNAUTHENTICATED: 401,
    ErrorType.UNAUTHORIZED: 403,
    ErrorType.UNSUPPORTED: 400,
}


@dataclass(frozen=True)
class Idiom:
    """How one dialect puts things."""

    dialect: Dialect
    root: str
    """What stands before the paths of this API, all of which begin with `/content`."""
    id_prefix: str
    """What stands before an id in a path."""
    action: str
    """The query parameter that names the action."""
    created: int
    void: int
    wraps: bool
    """Whether values and errors stand in `value`, and specifications in a member of their own."""
    statuses: Mapping[str, int]
    """The status of each error type; 500 for one that is not there."""
    unknown_path: str
    """The message id for a path that does not exist."""
    cookie_path: str
    """Where a client sends the cookie of a login of this dialect."""


API: Final = Idiom(
    dialect=Dialect.API,
    root="/api",
    id_prefix="",
    action="action",
    created=201,
    void=204,
    wraps=False,
    # The OpenAPI document of 9.1 really gives 500 to the creation of a second session on an item.
    statuses=MappingProxyType({**_STATUSES, ErrorType.RESOURCE_BUSY: 500}),
    unknown_path="com.vmware.vapi.rest.httpNotFound",
    cookie_path="/api",
)

REST: Final = Idiom(
    dialect=Dialect.REST,
    root="/rest/com/vmware",
    id_prefix="id:",
    action="~action",
    created=200,
    void=200,
    wraps=True,
    statuses=MappingProxyType({**_STATUSES, ErrorType.RESOURCE_BUSY: 400}),
    unknown_path="com.vmware.vapi.rest.operationsForUrlNotFound",
    cookie_path="/rest",
)


def idiom_of(path: str) -> Idiom:
    """The idiom in which a path is answered, also one where nothing lives."""
    return REST if path == "/rest" or path.startswith("/rest/") else API
