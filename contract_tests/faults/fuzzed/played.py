"""A server that is wrong in a way that one test of the fuzz room has to find: a race, or hostile input."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from contract_tests.faults.fault import DIAGONAL

if TYPE_CHECKING:
    from contract_tests.contract import Cell
    from contract_tests.mock import Parts


@dataclass(frozen=True)
class PlayedFault:
    """A wrong server, the file (and test) of the fuzz room that has to find it, by which slug and in which cells."""

    name: str
    parts: Parts
    file: str
    slug: str
    also: tuple[str, ...] = ()
    cells: tuple[Cell, ...] = DIAGONAL
