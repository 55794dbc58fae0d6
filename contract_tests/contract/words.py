"""The words for where a clause applies: dialect, service, cell."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Dialect(StrEnum):
    """One of the two ways in which the same API is spoken over HTTP."""

    API = "api"
    """``/api``: bare JSON bodies, ``?action=``; vSphere 7.0 U2 and later."""

    REST = "rest"
    """``/rest/com/vmware``: wrapped JSON, ``id:`` before ids, ``?~action=``; vSphere 6.0 and later."""


class Service(StrEnum):
    """One of the two session services."""

    UPDATE = "update"
    DOWNLOAD = "download"


@dataclass(frozen=True, order=True)
class Cell:
    """One dialect and service: a clause is judged once in each cell where it applies."""

    dialect: Dialect
    service: Service

    def __str__(self) -> str:
        return f"{self.dialect}-{self.service}"

    @classmethod
    def parse(cls, text: str) -> Cell:
        """Read ``api-update`` and its like.

        Raises:
            ValueError: `text` names no cell.
        """
        if text not in _CELLS_BY_NAME:
            raise ValueError(f"{text!r} is no cell; cells are {', '.join(_CELLS_BY_NAME)}")
        return _CELLS_BY_NAME[text]


CELLS = tuple(Cell(dialect, service) for dialect in Dialect for service in Service)
_CELLS_BY_NAME: Final = {str(cell): cell for cell in CELLS}

DEFAULT_TIMEOUT: Final = 300.0
"""Seconds a session lives unless it is kept alive, by default ("five minutes", all four keep-alive pages)."""
