"""Differences: right servers that take another choice than the mock, as rows of a table; here the columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from contract_tests.contract import DEFAULT_TIMEOUT
from contract_tests.faults.fault import DIAGONAL

if TYPE_CHECKING:
    from contract_tests.contract import Cell
    from contract_tests.mock import Parts


@dataclass(frozen=True)
class Difference:
    """A right server that takes another choice than the mock; `plays` are the slugs that could accuse it.

    `advised` are the advisory slugs that have to be told of it: it is right, and advised against. `short_of` are the
    slugs of level `should` that it breaks: it does all that the documents promise, and not what they recommend.
    It is played in `cells`.
    """

    name: str
    parts: Parts | None
    plays: frozenset[str]
    only: str
    timeout: float = DEFAULT_TIMEOUT
    advised: frozenset[str] = frozenset()
    short_of: frozenset[str] = frozenset()
    cells: tuple[Cell, ...] = DIAGONAL


def difference(
    name: str,
    parts: Parts | None,
    *plays: str,
    only: str = "",
    timeout: float = DEFAULT_TIMEOUT,
    advised: tuple[str, ...] = (),
    short_of: tuple[str, ...] = (),
    cells: tuple[Cell, ...] = DIAGONAL,
) -> Difference:
    return Difference(name, parts, frozenset(plays), only, timeout, frozenset(advised), frozenset(short_of), cells)
