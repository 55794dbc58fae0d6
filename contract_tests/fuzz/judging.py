"""Which clauses one request of a campaign decides, and what they say of it. Pure: no server is asked anything.

What was really sent is read from the bytes (`Given`), and how the session stood is known (`Sent.standing`, and the
reads before and after). So a documented 400 accuses nobody, and a success that should have been refused does.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from contract_tests.checks import error_type_fits, no_server_error, nothing_follows, refused, refused_somehow
from contract_tests.checks.answers import asks_for_later, documented_success
from contract_tests.checks.authentication import UNAUTHENTICATED
from contract_tests.checks.error_details import (
    carries_error,
    data_fits,
    first_message_speaks,
    has_localized,
    has_messages,
    has_params,
    listed_statuses,
    localized_fits,
    message_members_fit,
    names_error_type,
    params_fit,
    wraps_error,
)
from contract_tests.contract import Dialect
from contract_tests.contract.dialects import TOKEN_HEADER, Op
from contract_tests.fuzz.given import Action, Given
from contract_tests.fuzz.rules_keep_alive import LEGACY, of_keep_alive
from contract_tests.fuzz.rules_sessions import of_create, of_delete, of_list, of_read, of_reading
from contract_tests.fuzz.rules_update import of_update

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from contract_tests.checks.flaw import Flaws
    from contract_tests.exchange import Exchange
    from contract_tests.fuzz.sent import Sent

OUR_TOKEN: Final = "<token>"  # noqa: S105 - what stands in its place in every exchange
"""How the token of the run looks once it is redacted; every other token is hidden by another mark."""

_RULES: Final[Mapping[Op, Callable[[Sent], Iterator[tuple[str, Flaws]]]]] = MappingProxyType(
    {
        Op.CREATE: of_create,
        Op.READ: of_read,
        Op.LIST: of_list,
        Op.KEEP_ALIVE: of_keep_alive,
        Op.KEEP_ALIVE_BY_BODY: of_keep_alive,
        Op.UPDATE: of_update,
        Op.DELETE: of_delete,
    }
)

_EVERY_ERROR: Final = ("errors.body", "errors.message-members", "errors.first-message", "errors.data")
_SHOWN: Final = (
    "model.state",
    "model.content-version",
    "model.library-item-id",
    "model.progress-present",
    "model.progress-range",
    "model.expiration-time",
    "model.error-message",
)
_ANYWHERE: Final = (
    "errors.no-server-error",
    *_EVERY_ERROR,
    "errors.type-fits-status",
    "errors.type-present",
    "errors.rest-wrapping",
)

DECIDES: Final[Mapping[Op, tuple[str, ...]]] = MappingProxyType(
    {
        Op.LIST: (*_ANYWHERE, "authentication.token-required", "model.list", "model.list-filter"),
        Op.CREATE: (
            *_ANYWHERE,
            "authentication.token-required",
            "create.returns-id",
            "create.missing-item-id",
            "create.unknown-item",
            "create.second-active-session",
            "create.ignored-members",
            "model.initial-progress",
            "model.library-item-id",
        ),
        Op.READ: (*_ANYWHERE, "authentication.token-required", *_SHOWN, "model.unknown-id"),
        Op.KEEP_ALIVE: (
            *_ANYWHERE,
            "authentication.token-required",
            "addressing.missing-action",
            "addressing.unknown-action",
            "keep-alive.empty-object",
            "keep-alive.returns-nothing",
            "keep-alive.stores-progress",
            "keep-alive.unspecified-progress-unchanged",
            "keep-alive.only-active",
            "keep-alive.unknown-id",
            "keep-alive.lower-progress",
            "keep-alive.above-100",
            "keep-alive.negative-progress",
            "keep-alive.progress-not-an-integer",
            "keep-alive.not-an-object",
            "keep-alive.refused-changes-nothing",
            "keep-alive.changes-nothing-else",
            "keep-alive.progress-never-goes-down",
            "expiry.never-moves-back",
            "model.progress-range",
        ),
        Op.KEEP_ALIVE_BY_BODY: (
            *_ANYWHERE,
            "addressing.id-in-body",
            "keep-alive.returns-nothing",
            "keep-alive.changes-nothing-else",
            "keep-alive.progress-never-goes-down",
            "model.progress-range",
        ),
        Op.UPDATE: (
            *_ANYWHERE,
            "authentication.token-required",
            "update.success",
            "update.empty-object",
            "update.invalid-specification",
            "update.state-unchanged",
            "update.item-unchanged",
            "update.other-members-unchanged",
            "update.warning-behavior-takes-effect",
            "update.only-active",
            "update.unknown-id",
        ),
        Op.DELETE: (
            *_ANYWHERE,
            "authentication.token-required",
            "life-cycle.delete-active-refused",
            "life-cycle.delete-ended",
            "life-cycle.delete-download-session",
            "life-cycle.unknown-id",
        ),
    }
)
"""The clauses that become a test of their own for each operation: a campaign of the default size decides them all.

What else a campaign sees (a clause that is decided now and then) is told by the test of what nobody claims.
"""

VOID: Final[Mapping[Op, str]] = MappingProxyType(
    {
        Op.KEEP_ALIVE: "keep-alive.returns-nothing",
        Op.UPDATE: "update.success",
    }
)
"""Operations that answer nothing and end nothing, with the clause that says so."""

TOLERATED: Final = frozenset({"status_code_conformance", "negative_data_rejection", "positive_data_acceptance"})
"""Objections of schemathesis that need knowledge which it has not got; the rules here decide all of that."""


def verdicts(sent: Sent) -> Iterator[tuple[str, Flaws]]:
    """Every clause that this request decides, with its flaws (none: it held); a clause may come more than once."""
    exchange = sent.exchange
    if asks_for_later(exchange) or exchange.not_kept:
        return
    if sent.on_the_wire:
        yield VOID[sent.op], nothing_follows(exchange)
        return
    if exchange.response is None or exchange.response.status >= 400:
        yield from _of_error(exchange)
    token = exchange.request.header(TOKEN_HEADER)
    if token != OUR_TOKEN:
        if token is None and sent.wrong <= {"header"}:
            # An address that a server does not know is no session operation: it may say so to anybody.
            unknown = Given.of(exchange).is_spelled_as_in_6_0
            required = refused_somehow(exchange, 401, *LEGACY) if unknown else refused(exchange, UNAUTHENTICATED)
            yield "authentication.token-required", required
        return
    if sent.after is not None and sent.after.response is None:
        # Whatever broke the connection, what the request did to its session was not seen.
        yield "errors.no-server-error", no_server_error(sent.after)
        return
    yield from _RULES[sent.op](sent)
    if sent.after is not None and sent.after.status == 200 and _shows_something_new(sent):
        yield from of_reading(sent.after, sent.item)


def _shows_something_new(sent: Sent) -> bool:
    """Whether the read after the request shows another session than the read before it, which was judged then."""
    if sent.before is None or sent.before.response is None or sent.after is None or sent.after.response is None:
        return True
    return sent.before.response.body != sent.after.response.body


def is_explained(sent: Sent, complaint: str) -> bool:
    """Whether an objection of schemathesis' own checks is one that the documents do not share."""
    if complaint in TOLERATED or asks_for_later(sent.exchange) or sent.exchange.not_kept:
        return True
    if complaint == "not_a_server_error":
        return not no_server_error(sent.exchange)
    if sent.is_void and sent.succeeded and sent.exchange.status not in documented_success(sent.exchange):
        return True  # the clauses that require a success say which one
    # OpenAPI has room for one answer, and x-actions says that this action has another: an empty one.
    by_body = Given.of(sent.exchange).action("keep-alive") is Action.RIGHT
    return sent.op is Op.KEEP_ALIVE_BY_BODY and sent.succeeded and by_body


def _of_error(exchange: Exchange) -> Iterator[tuple[str, Flaws]]:
    yield "errors.no-server-error", no_server_error(exchange)
    if exchange.response is None:
        return
    listed = exchange.status in listed_statuses(exchange)
    yield "errors.body" if listed else "errors.unlisted-status", carries_error(exchange)
    yield "errors.data", data_fits(exchange)
    if has_messages(exchange):
        yield "errors.message-members", message_members_fit(exchange)
        yield "errors.first-message", first_message_speaks(exchange)
        yield "errors.type-fits-status", error_type_fits(exchange)
    if has_params(exchange):
        yield "errors.params", params_fit(exchange)
    if has_localized(exchange):
        yield "errors.localized", localized_fits(exchange)
    if exchange.cell is not None and exchange.cell.startswith(Dialect.REST):
        yield "errors.rest-wrapping", wraps_error(exchange)
    else:
        yield "errors.type-present", names_error_type(exchange)
