"""What a check says is wrong."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import ParamSpec

from contract_tests.texts import printable, sentence
from contract_tests.traffic.exchange import Exchange

P = ParamSpec("P")


@dataclass(frozen=True)
class Flaw:
    """What was expected, what was observed, and the exchange that shows it."""

    expected: str
    observed: str
    exchange: Exchange

    def __post_init__(self) -> None:
        object.__setattr__(self, "expected", sentence(self.expected))
        object.__setattr__(self, "observed", sentence(self.observed))


Flaws = Sequence[Flaw]
"""What every check returns: empty if there is nothing wrong."""


class Judged(list[Flaw]):
    """The flaws that a check found, and what it looked at to find them, or none: what proves the verdict.

    `members` are names of members of the answers; empty if the check reads the status, or the whole answer.
    """

    def __init__(self, flaws: Iterable[Flaw], exchanges: Sequence[Exchange], members: Sequence[str] = ()) -> None:
        super().__init__(flaws)
        self.exchanges = tuple(exchanges)
        self.members = tuple(members)


def check(*members: str) -> Callable[[Callable[P, Flaws]], Callable[P, Judged]]:
    """Have a check say what it looks at: the exchanges that it is given, and in their answers these members.

    A check that is told by its caller which members to look at has a parameter `member` or `members` for them.
    """

    def saying(function: Callable[P, Flaws]) -> Callable[P, Judged]:
        names = list(inspect.signature(function).parameters)
        at = next((names.index(name) for name in ("member", "members") if name in names), None)
        only_one = at is not None and names[at] == "member"

        @functools.wraps(function)
        def judged(*args: P.args, **kwargs: P.kwargs) -> Judged:
            exchanges = [one for one in (*args, *kwargs.values()) if isinstance(one, Exchange)]
            told = members if at is None else (*members, *map(str, args[at : at + 1 if only_one else None]))
            return Judged(function(*args, **kwargs), exchanges, told)

        return judged

    return saying


def shown(exchange: Exchange, limit: int = 200) -> str:
    """Say in a few words what was answered."""
    if exchange.response is None:
        return f"no answer ({exchange.failure})"
    body = exchange.response.body
    if not body:
        return f"{exchange.status} with an empty body"
    text = printable(body[:limit].decode(errors="replace"))
    return f"{exchange.status} with {text}{'…' if len(body) > limit else ''}"
