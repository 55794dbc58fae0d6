"""Known violations of one target, as its profile registers them: with a reason, a signature and a last day."""

from __future__ import annotations

from datetime import date  # noqa: TC003 - pydantic reads it
from functools import cache
from typing import Any, Final

import re2
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from contract_tests.contract import CELLS, load_ledger
from contract_tests.problems import UnknownClauseError
from contract_tests.texts import printable

LONGEST_SIGNATURE: Final = 1000
"""Characters of a regular expression."""


class Deviation(BaseModel):
    """One fault that the target is known to have: the clauses that it breaks or blocks, where, and how that looks.

    Only what looks like it is excused: `signature`, a regular expression, has to be found in what was observed, be it a
    flaw or a premise that failed. From the day after `expires` it excuses nothing.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    clauses: tuple[str, ...] = Field(min_length=1)
    """Slugs; a profile may say `clause` for a single one, and name a subject (`errors.*`)."""
    cells: tuple[str, ...] = Field(default=tuple(map(str, CELLS)), min_length=1)
    """Names of cells; a profile may name a group of them by its dialect or its service."""
    reason: str
    issue: str | None = None
    """The address, or the number, under which the owners of the target follow it."""
    owner: str | None = None
    """Who has to act."""
    signature: str = Field(min_length=1, max_length=LONGEST_SIGNATURE)
    expires: date

    @model_validator(mode="before")
    @classmethod
    def _takes_one_clause(cls, told: Any) -> Any:
        if not isinstance(told, dict) or "clause" not in told:
            return told
        if "clauses" in told:
            raise ValueError("a deviation names its clause, or its clauses, and not both")
        return {**{name: value for name, value in told.items() if name != "clause"}, "clauses": (told["clause"],)}

    @field_validator("clauses")
    @classmethod
    def _are_clauses(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        try:
            return tuple(dict.fromkeys(slug for pattern in value for slug in load_ledger().matching(pattern)))
        except UnknownClauseError as unknown:
            raise ValueError(str(unknown)) from None

    @field_validator("cells")
    @classmethod
    def _are_cells(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(cell for name in value for cell in _cells_of(name)))

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
    def _gives_a_reason(cls, value: str) -> str:
        if not value.strip():
            raise ValueError("is empty; say why this violation is known, and not to fail a run")
        return printable(value)  # it is shown wherever a deviation is: on terminals, in JUnit, in Markdown

    @field_validator("issue", "owner")
    @classmethod
    def _on_one_line(cls, value: str | None) -> str | None:
        return None if value is None else printable(value)

    def holds(self, day: date) -> bool:
        """Whether it excuses anything on this day."""
        return day <= self.expires

    def is_about(self, clause: str, cell: object) -> bool:
        """Whether it names this clause in this cell."""
        return clause in self.clauses and str(cell) in self.cells

    def explains(self, observed: str) -> bool:
        """Whether this is what was registered."""
        return _compiled(self.signature).search(observed) is not None

    @property
    def told(self) -> str:
        """The reason, with where it is followed and by whom."""
        known = [text for text in (self.issue, self.owner) if text]
        return f"{self.reason} ({', '.join(known)})" if known else self.reason


def _cells_of(name: str) -> list[str]:
    """The cells that a name stands for: one, or those of a dialect or a service.

    Raises:
        ValueError: it stands for none.
    """
    found = [str(cell) for cell in CELLS if name in {str(cell), cell.dialect, cell.service}]
    if not found:
        groups = dict.fromkeys(str(part) for cell in CELLS for part in (cell.dialect, cell.service))
        known = ", ".join([*map(str, CELLS), *groups])
        raise ValueError(f"{name!r} is no cell; cells and groups of them are {known}")
    return found


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
