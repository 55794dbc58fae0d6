"""A member that is not as before, told by what in it is another one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from contract_tests.rules.checks.flaw import Flaw

if TYPE_CHECKING:
    from contract_tests.traffic.exchange import Exchange

LONGEST: Final = 120
"""Characters of a value that a flaw quotes."""


def changed(name: str, then: Any, now: Any, after: Exchange) -> Flaw:
    """The flaw of a member that was `then` and is `now`: of an object, the members that differ."""
    while isinstance(then, dict) and isinstance(now, dict) and then != now:
        differing = sorted(key for key in {*then, *now} if then.get(key) != now.get(key))
        if len(differing) != 1:
            then, now = ({key: one[key] for key in differing if key in one} for one in (then, now))
            break
        name, then, now = f"{name}.{differing[0]}", then.get(differing[0]), now.get(differing[0])
    return Flaw(f"{name} as before: {quoted(then)}", f"{name} {quoted(now)}", after)


def quoted(value: Any) -> str:
    """A value as a flaw quotes it: not whole, where it is long."""
    told = repr(value)
    return told if len(told) <= LONGEST else f"{told[: LONGEST - 1]}…"
