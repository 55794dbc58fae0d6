"""A server that is wrong in a way that one test of the fuzz room has to find: a race, or hostile input."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from contract_tests.mock import Parts


@dataclass(frozen=True)
class PlayedFault:
    """A wrong server, the file (and test) of the fuzz room that has to find it, and by which slug."""

    name: str
    parts: Parts
    file: str
    slug: str
    also: tuple[str, ...] = ()
