"""Known violations of one target, as its profile registers them: with a reason, a signature and a last day."""

from __future__ import annotations

from datetime import date  # noqa: TC003 - pydantic reads it
from functools import cache
from typing import Any

import re2
from pydantic import BaseModel, ConfigDict, Field, field_validator

from contract_tests.contract import CELLS, Cell, load_ledger
from contract_tests.texts import printable


class Deviation(BaseModel):
    """A clause that the target is known to break, and how.

    Only what looks like it is excused: `signature`, a regular expression, has to be found in what was observed. From
    the day after `expires` it excuses nothing.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    clause: str
    cells: tuple[str, ...] = Field(default=tuple(map(str, CELLS)), min_length=1)
    reason: str = Field(min_length=1)
    signature: str = Field(min_length=1, max_length=1000)
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
            _compiled(value)
        except re2.error as problem:
            why = problem.args[0]
            told = why.decode(errors="replace") if isinstance(why, bytes) else str(why)
            raise ValueError(f"{value!r} is no regular expression: {told}") from None
        except UnicodeEncodeError:
            raise ValueError(f"{value!r} is no text") from None
        return value

    @field_validator("reason")
    @classmethod
    def _on_one_line(cls, value: str) -> str:
        return printable(value)  # it is shown wherever a deviation is: on terminals, in JUnit, in Markdown

    def holds(self, day: date) -> bool:
        """Whether it excuses anything on this day."""
        return day <= self.expires

    def explains(self, observed: str) -> bool:
        """Whether this is what was registered."""
        return _compiled(self.signature).search(observed) is not None


@cache
def _compiled(signature: str) -> Any:
    """A regular expression in the time of an automaton: a recording, whose author nobody knows, has some too.

    Raises:
        re2.error: RE2 does not know it (look-around and back-references take a search that may never end), or it takes
            more memory than RE2 gives.
    """
    options = re2.Options()
    options.log_errors = False
    return re2.compile(signature, options)
