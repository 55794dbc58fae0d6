"""Known violations of one target, as its profile registers them: with a reason, a signature and a last day."""

from __future__ import annotations

import re
from datetime import date  # noqa: TC003 - pydantic reads it

from pydantic import BaseModel, ConfigDict, Field, field_validator

from contract_tests.contract import CELLS, Cell, load_ledger


class Deviation(BaseModel):
    """A clause that the target is known to break, and how.

    Only what looks like it is excused: `signature`, a regular expression, has to be found in what was observed. From
    the day after `expires` it excuses nothing.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    clause: str
    cells: tuple[str, ...] = Field(default=tuple(map(str, CELLS)), min_length=1)
    reason: str = Field(min_length=1)
    signature: str = Field(min_length=1)
    expires: date

    @field_validator("clause")
    @classmethod
    def _known(cls, value: str) -> str:
        if value not in load_ledger():
            raise ValueError(f"the ledger has no clause {value!r}")
        return value

    @field_validator("cells")
    @classmethod
    def _are_cells(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for name in value:
            Cell.parse(name)
        return value

    @field_validator("signature")
    @classmethod
    def _is_expression(cls, value: str) -> str:
        try:
            re.compile(value)
        except (re.error, OverflowError, RecursionError) as problem:
            raise ValueError(f"{value!r} is no regular expression: {problem}") from None
        return value

    def holds(self, day: date) -> bool:
        """Whether it excuses anything on this day."""
        return day <= self.expires

    def explains(self, observed: str) -> bool:
        """Whether this is what was registered."""
        return re.search(self.signature, observed) is not None
