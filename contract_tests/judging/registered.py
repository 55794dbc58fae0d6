"""What the profile of a target registers, held against what a test finds."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from contract_tests.contract import Level

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from contract_tests.contract import Cell, Clause
    from contract_tests.driver.deviations import Deviation
    from contract_tests.rules.checks import Flaw
    from contract_tests.traffic.exchange import Exchange


@dataclass
class Registered:
    """The deviations of a target, by their numbers in its profile, and what they excuse in a test.

    What a test stops at is excused too, if all that is wrong with that exchange is: then the premise failed by nothing
    else. What is only advised against stops no test.
    """

    deviations: Mapping[int, Deviation] = field(default_factory=dict)
    _excused: dict[str | None, set[int]] = field(default_factory=lambda: defaultdict(set))
    """Id of an exchange -> the deviations that explain what is wrong with it."""
    _unexcused: set[str | None] = field(default_factory=set)

    def begin_again(self) -> None:
        """Forget what was found."""
        self._excused.clear()
        self._unexcused.clear()

    def explaining(self, clause: str, cell: Cell, observed: str) -> int | None:
        """The number of a deviation that has registered this; None if none has."""
        numbers = (
            number for number, one in self.deviations.items() if one.is_about(clause, cell) and one.explains(observed)
        )
        return next(numbers, None)

    def explain(self, clause: Clause, cell: Cell, flaws: Iterable[Flaw]) -> list[int | None]:
        """The number of the deviation that explains each flaw, or None for it; they are remembered."""
        if not self.deviations:
            return [None for _ in flaws]
        found = []
        for flaw in flaws:
            number = self.explaining(clause.id, cell, flaw.observed)
            if number is not None:
                self._excused[flaw.exchange.id].add(number)
            elif clause.level is not Level.ADVISORY:
                self._unexcused.add(flaw.exchange.id)
            found.append(number)
        return found

    def shadow(self, clause: str, cell: Cell, observed: str, exchange: Exchange | None) -> tuple[int, ...]:
        """The deviations that alone keep a test from a clause, as `observed` in the exchange where it stopped."""
        if (number := self.explaining(clause, cell, observed)) is not None:
            return (number,)
        if exchange is None or exchange.id in self._unexcused:
            return ()
        return tuple(sorted(self._excused.get(exchange.id, ())))

    @property
    def all_that_is_wrong(self) -> tuple[int, ...]:
        """The deviations that explain everything that was wrong in the test; none if something else was wrong, too."""
        return () if self._unexcused else tuple(sorted({one for found in self._excused.values() for one in found}))

    def told(self, numbers: Iterable[int]) -> str:
        """Why that is no news, for a report."""
        return f"known of this target: {'; '.join(dict.fromkeys(self.deviations[one].told for one in numbers))}"
