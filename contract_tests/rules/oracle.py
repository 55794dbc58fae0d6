"""Which clauses one request of a campaign decides, and what they say of it. Pure: no server is asked anything.

What was really sent is read from the bytes (`ParsedRequest`), and how the session stood is known (`Step.standing`,
and the reads before and after). So a documented 400 accuses nobody, and a success that should have been refused does.
"""

from __future__ import annotations

from contextlib import suppress
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from contract_tests.contract import Cell
from contract_tests.contract.dialects import TOKEN_HEADER, Op
from contract_tests.problems import Inconclusive, PremiseFailed
from contract_tests.rules import defects
from contract_tests.rules.answers import is_the_servers_word, of_answer
from contract_tests.rules.checks import no_server_error, nothing_follows
from contract_tests.rules.checks.model import SHOWN
from contract_tests.rules.checks.responses import asks_for_later, documented_success
from contract_tests.rules.creations import of_create
from contract_tests.rules.defects import Defect, judged
from contract_tests.rules.endings import of_delete, of_end
from contract_tests.rules.keep_alive import of_keep_alive
from contract_tests.rules.reads import of_list, of_read, of_reading
from contract_tests.rules.requests import Action, ParsedRequest
from contract_tests.rules.trace import steps_of
from contract_tests.rules.updates import of_update
from contract_tests.traffic.exchange import in_order

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from contract_tests.rules.checks.flaw import Flaws
    from contract_tests.rules.steps import Step
    from contract_tests.traffic.exchange import Exchange

OUR_TOKEN: Final = "<token>"  # noqa: S105 - what stands in its place in every exchange
"""How the token of the run looks once it is redacted; every other token is hidden by another mark."""

_RULES: Final[Mapping[Op, Callable[[Step], Iterator[tuple[str, Flaws]]]]] = MappingProxyType(
    {
        Op.CREATE: of_create,
        Op.READ: of_read,
        Op.LIST: of_list,
        Op.KEEP_ALIVE: of_keep_alive,
        Op.KEEP_ALIVE_BY_BODY: of_keep_alive,
        Op.UPDATE: of_update,
        Op.DELETE: of_delete,
        Op.COMPLETE: of_end,
        Op.CANCEL: of_end,
        Op.FAIL: of_end,
    }
)

_EVERY_ERROR: Final = ("errors.body", "errors.message-members", "errors.first-message", "errors.data")
_EVERY_TYPE: Final = (
    "errors.type-fits-status",
    "errors.undisputed-type-fits-status",
    "errors.disputed-type-fits-status",
    "errors.known-type",
    "errors.type-present",
)
_ANYWHERE: Final = ("errors.no-server-error", *_EVERY_ERROR, *_EVERY_TYPE, "errors.rest-wrapping")

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
        Op.READ: (*_ANYWHERE, "authentication.token-required", *SHOWN, "model.library-item-id", "model.unknown-id"),
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

BY_THE_WAY: Final = frozenset(
    {
        *_ANYWHERE,
        "errors.unlisted-status",
        "errors.default-response",
        "errors.params",
        "errors.localized",
        "keep-alive.refused-changes-nothing",
    }
)
"""The clauses that a test decides whatever it is about: those of an answer by itself, and that a refusal is one."""

TOLERATED: Final = frozenset({"status_code_conformance", "negative_data_rejection", "positive_data_acceptance"})
"""Objections of schemathesis that need knowledge which it has not got; the rules here decide all of that."""


def verdicts(step: Step) -> Iterator[tuple[str, Flaws]]:
    """Every clause that this request decides, with its flaws (none: it held); a clause may come more than once."""
    exchange = step.exchange
    if step.on_the_wire:
        if not asks_for_later(exchange):
            yield VOID[step.op], nothing_follows(exchange)
        return
    yield from of_answer(exchange)
    yield from of_step(step)


def of_step(step: Step) -> Iterator[tuple[str, Flaws]]:
    """What one request decides, given the reads around it; what its answer says by itself is left to `of_answer`."""
    if not is_the_servers_word(step.exchange):
        return
    token = step.exchange.request.header(TOKEN_HEADER)
    if token is None:
        yield from judged(step, list(_defects_without_token(step)))
    if token != OUR_TOKEN:
        return
    if step.after is not None and not is_the_servers_word(step.after):
        return
    if step.after is not None and step.after.response is None:
        # Whatever broke the connection, what the request did to its session was not seen.
        yield "errors.no-server-error", no_server_error(step.after)
        return
    yield from _RULES[step.op](step)
    if step.after is not None and step.after.status == 200 and _shows_something_new(step):
        yield from of_reading(step.after, step.item, may_have_files=step.may_have_files)


def of_answers(exchanges: Iterable[Exchange]) -> Iterator[tuple[str, Cell, Flaws]]:
    """What each answer decides by itself: each clause, in which cell, and its flaws."""
    for exchange in _heard(exchanges):
        if exchange.cell is not None and f"/{Cell.parse(exchange.cell).dialect}/" in exchange.request.url:
            cell = Cell.parse(exchange.cell)  # content goes to addresses of the server's own, and is no call of the API
            yield from ((slug, cell, flaws) for slug, flaws in of_answer(exchange))


def _heard(exchanges: Iterable[Exchange]) -> list[Exchange]:
    """Those that the server has looked at: what it asked for later, and what was sent again, is no call.

    They stand in the order in which they were begun: of simultaneous ones, threads tell in any.
    """
    return in_order(one for one in exchanges if one.unheard is None and not asks_for_later(one))


def watched(exchanges: Sequence[Exchange]) -> Iterator[tuple[str, Cell, Flaws]]:
    """What the traffic of a test decides: each clause, in which cell, and its flaws."""
    yield from of_answers(exchanges)
    for step in steps_of(_heard(exchanges)):
        # What was read is no session, or by a clock that nobody knows: nothing can be said by it.
        with suppress(PremiseFailed, Inconclusive):
            yield from ((slug, step.cell, flaws) for slug, flaws in of_step(step))


def _defects_without_token(step: Step) -> Iterator[Defect]:
    yield defects.NO_TOKEN
    if ParsedRequest.of(step.exchange).is_spelled_as_in_6_0:
        # An address that a server does not know is no session operation: it may say so to anybody.
        yield defects.UNKNOWN_ADDRESS
    if step.wrong - {"header"}:
        yield defects.ODD_ON_PURPOSE


def _shows_something_new(step: Step) -> bool:
    """Whether the read after the request shows another session than the read before it, which was judged then."""
    if step.before is None or step.before.response is None or step.after is None or step.after.response is None:
        return True
    return step.before.response.body != step.after.response.body


def is_explained(step: Step, complaint: str) -> bool:
    """Whether an objection of schemathesis' own checks is one that the documents do not share."""
    if complaint in TOLERATED or step.exchange.response is None or not is_the_servers_word(step.exchange):
        return True
    if complaint == "not_a_server_error":
        return not no_server_error(step.exchange)
    if step.is_void and step.succeeded and step.exchange.status not in documented_success(step.exchange):
        return True  # the clauses that require a success say which one
    # OpenAPI has room for one answer, and x-actions says that this action has another: an empty one.
    by_body = ParsedRequest.of(step.exchange).action("keep-alive") is Action.RIGHT
    return step.op is Op.KEEP_ALIVE_BY_BODY and step.succeeded and by_body
