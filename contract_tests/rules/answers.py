"""The rules of an answer by itself, whatever it answers: they are asked of every exchange of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from contract_tests.contract import Cell, Dialect, Service
from contract_tests.contract.dialects import Op
from contract_tests.rules import refusals
from contract_tests.rules.checks import error_type_fits, no_server_error, succeeds
from contract_tests.rules.checks.error_details import (
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
from contract_tests.rules.checks.errors import (
    conventions_of,
    disputed_type_fits,
    type_is_known,
    undisputed_type_fits,
)
from contract_tests.rules.checks.responses import asks_for_later, is_json, is_of_a_gateway
from contract_tests.rules.naming import may_name_a_session
from contract_tests.rules.requests import Action, ParsedRequest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contract_tests.rules.checks.flaw import Flaws
    from contract_tests.traffic.exchange import Exchange

_WITH_DEFAULT: Final = str(Cell(Dialect.API, Service.DOWNLOAD))
"""The cell of the page that has a `default` response."""
_TELLING: Final = (Op.CREATE, Op.READ, Op.LIST)
"""Operations whose success has something to say."""


def is_the_servers_word(exchange: Exchange) -> bool:
    """Whether the answer is the server's word on the request, so that it can be held against it.

    It is not where the request was sent again, or had been sent before and may have been done then; where the server
    asks for it later, where there was no room for the answer, and where a gateway answers for a server it cannot reach.
    That there is no answer at all is the server's word.
    """
    if exchange.unheard or exchange.in_doubt or asks_for_later(exchange) or exchange.not_kept:
        return False
    return not is_of_a_gateway(exchange)


def of_answer(exchange: Exchange) -> Iterator[tuple[str, Flaws]]:
    """What an answer decides by itself: nothing if it is not the server's word, and little if it is a success.

    A gateway that never reaches the server, however often it is asked, is part of it to those who ask.
    """
    if exchange.unheard or asks_for_later(exchange) or exchange.not_kept or _is_of_no_service(exchange):
        return
    if exchange.status is not None and exchange.status < 400:
        if exchange.operation in _TELLING and not succeeds(exchange) and is_the_servers_word(exchange):
            is_wrapped = conventions_of(exchange).error_member is not None
            yield "model.json-under-rest" if is_wrapped else "model.json", is_json(exchange)
        return
    yield "errors.no-server-error", no_server_error(exchange)
    if exchange.response is None or not is_the_servers_word(exchange):
        return
    yield _clause_of_the_body(exchange), carries_error(exchange)
    yield "errors.data", data_fits(exchange)
    if has_messages(exchange):
        yield "errors.message-members", message_members_fit(exchange)
        yield "errors.first-message", first_message_speaks(exchange)
        yield "errors.type-fits-status", error_type_fits(exchange)
        yield "errors.undisputed-type-fits-status", undisputed_type_fits(exchange)
        yield "errors.disputed-type-fits-status", disputed_type_fits(exchange)
        yield "errors.known-type", type_is_known(exchange)
    if has_params(exchange):
        yield "errors.params", params_fit(exchange)
    if has_localized(exchange):
        yield "errors.localized", localized_fits(exchange)
    if conventions_of(exchange).error_member is not None:
        yield "errors.rest-wrapping", wraps_error(exchange)
    else:
        yield "errors.type-present", names_error_type(exchange)


def _is_of_no_service(exchange: Exchange) -> bool:
    """Whether a server answers for a service beside the sessions as one that has it not may, whatever it says then."""
    refused = exchange.status in refusals.NO_SUCH_SERVICE
    return refused and exchange.operation not in set(Op) and not may_name_a_session(exchange)


def _clause_of_the_body(exchange: Exchange) -> str:
    """The clause that asks for an error in the body of a refusal: only one page speaks of every status."""
    if exchange.status in listed_statuses(exchange):
        return "errors.body"
    is_of_that_page = exchange.cell == _WITH_DEFAULT and exchange.operation == Op.KEEP_ALIVE
    if is_of_that_page and ParsedRequest.of(exchange).action("keep-alive") is Action.RIGHT:
        return "errors.default-response"
    return "errors.unlisted-status"
