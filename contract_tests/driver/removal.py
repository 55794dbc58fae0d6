"""What is removed from a target at the end of a run: several things at once, and what was left is told."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar

from contract_tests.contract import Service
from contract_tests.contract.dialects import TOKEN_HEADER
from contract_tests.driver.transport.ending import CLEANS
from contract_tests.rules.checks.flaw import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from contract_tests.driver.sessions import Session
    from contract_tests.traffic.exchange import Exchange

Made = TypeVar("Made")

AT_ONCE: Final = 8
"""Things that are removed at once: one after the other, a thousand take minutes where an answer takes 50 ms."""

DELETED = (200, 204, 404)


@dataclass(frozen=True)
class Leftover:
    """Something that the run made and could not remove."""

    kind: str
    id: str
    reason: str

    def __str__(self) -> str:
        return f"{self.kind} {self.id}: {self.reason}"


def login_left(answer: Exchange) -> Leftover:
    """An API session that the server did not end; it is named by the mark of its token."""
    return Leftover("login", answer.request.header(TOKEN_HEADER) or "without a token", shown(answer))


def at_once(remove: Callable[[Made], list[Leftover]], every: Sequence[Made]) -> list[Leftover]:
    """Remove all of these, each by `remove`; gives what is left, in their order."""

    def removed(one: Made) -> list[Leftover]:
        CLEANS.set(True)
        return remove(one)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        done = [pool.submit(copy_context().run, removed, one) for one in every]
        return [left for one in done for left in one.result()]


def ended(session: Session) -> Exchange:
    """End a session and delete it: an ACTIVE update session can't be deleted; one that has ended refuses to be."""
    if session.cell.service is Service.UPDATE:
        session.cancel()
    return session.delete()
