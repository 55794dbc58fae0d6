"""Checks of who is let in, and of what those are told who are not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from contract_tests.contract.dialects import CONVENTIONS, SUPPORT, Support, unwrapped
from contract_tests.problems import PremiseFailed
from contract_tests.rules.checks.errors import error_of, named_types
from contract_tests.rules.checks.flaw import Flaw, Flaws, check, shown
from contract_tests.rules.checks.responses import Refusal, refused

if TYPE_CHECKING:
    from collections.abc import Iterable

    from contract_tests.contract import Dialect
    from contract_tests.traffic.exchange import Exchange

UNAUTHENTICATED = Refusal(401, "UNAUTHENTICATED")
UNAUTHORIZED = Refusal(403, "UNAUTHORIZED")


@check()
def let_in(answer: Exchange) -> Flaws:
    """The caller is known, and may call: whatever is answered is about the call itself."""
    if answer.status is not None and answer.status not in (401, 403):
        return []
    return [Flaw("an answer to a caller who is let in, neither 401 nor 403", shown(answer), answer)]


@check()
def not_forbidden(answer: Exchange) -> Flaws:
    """No privilege is missing: whatever is answered, it is not 403."""
    if answer.status is not None and answer.status != 403:
        return []
    return [Flaw("an answer other than 403", shown(answer), answer)]


@check("error_type")
def not_busy(created: Exchange) -> Flaws:
    """No session of somebody else keeps the item busy; whatever else hinders the call is not looked at."""
    if "RESOURCE_BUSY" in named_types(created).values():
        return [Flaw("an item that has no session yet", shown(created), created)]
    return []


@check("error_type", "data")
def unauthenticated_body(answer: Exchange) -> Flaws:
    """A 401 is of type UNAUTHENTICATED if it names one, and has no data. That it carries an error is another rule.

    Raises:
        PremiseFailed: it is no 401.
    """
    if answer.status != 401:
        raise PremiseFailed("a 401", shown(answer), answer)
    flaws = list(refused(answer, UNAUTHENTICATED))
    error = error_of(answer)
    data = error.get("data") if isinstance(error, dict) else None
    return flaws if data is None else [*flaws, Flaw("data null or absent", f"data {data!r}", answer)]


@check()
def tells_the_same(one: Exchange, other: Exchange, *names: str) -> Flaws:
    """Two refused logins can't be told apart by their answers, so neither says what was wrong.

    `names` are the user names that were sent: a server may repeat them.
    """
    first, second = (_told(answer, names) for answer in (one, other))
    if first == second:
        return []
    return [Flaw(f"the answer that another wrong login gets: {first}", str(second), other)]


@check("value")
def yields_token(answer: Exchange, dialect: Dialect) -> Flaws:
    """A login succeeds as documented, and its answer is the token: a text, bare or as `value`."""
    route = SUPPORT[dialect][Support.LOGIN]
    flaws = []
    if answer.status not in route.success:
        flaws.append(Flaw(f"status {route.success[0]}", f"status {answer.status}", answer))
    try:
        token: Any = unwrapped(dialect, answer.response.json) if answer.response is not None else None
    except ValueError:
        token = None
    if not isinstance(token, str) or not token:
        member = CONVENTIONS[dialect].value_member
        shape = "a JSON string" if member is None else f"an object with a string called {member}"
        flaws.append(Flaw(f"the token as {shape}", shown(answer), answer))
    return flaws


def _told(answer: Exchange, names: Iterable[str]) -> tuple[int | None, list[Any]]:
    """Status and messages, without the names that the client sent itself."""
    error = error_of(answer)
    messages = error.get("messages") if isinstance(error, dict) else None
    told = []
    for message in messages if isinstance(messages, list) else []:
        text = str(message.get("default_message")) if isinstance(message, dict) else str(message)
        for name in names:
            text = text.replace(name, "…")
        told.append((message.get("id") if isinstance(message, dict) else None, text))
    return answer.status, told
