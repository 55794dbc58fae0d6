"""Whether some order, one call after the other, explains what concurrent calls were answered.

The search of Wing and Gong ("Testing and verifying concurrent objects", 1993) with Lowe's memory of what was tried
already ("Testing for linearizability", 2017). There are good checkers in Go, Clojure and Rust, and no library for
Python that somebody keeps; the histories here are of some twenty calls, for which this is enough.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Sequence

T = TypeVar("T")
S = TypeVar("S", bound="Hashable")


@dataclass(frozen=True)
class Event(Generic[T]):
    """A call with its answer. It takes effect at one moment from `started` to `ended`, in seconds on one clock."""

    what: T
    started: float
    ended: float


def order(events: Sequence[Event[T]], initial: S, step: Callable[[S, T], Iterable[S]]) -> list[Event[T]] | None:
    """An order of all events that explains them; None if there is none.

    An event that ended before another one started comes before it. `step` gives the states that the object may be
    in after an event that it met in a state; none if in that state the event would have been answered otherwise.
    """
    dead: set[tuple[int, S]] = set()

    def found(left: int, state: S) -> list[Event[T]] | None:
        if not left:
            return []
        if (left, state) in dead:
            return None
        waiting = [(number, event) for number, event in enumerate(events) if left >> number & 1]
        first_end = min(event.ended for _, event in waiting)
        for number, event in waiting:
            if event.started > first_end:
                continue  # one that still waits had ended by then
            for after in step(state, event.what):
                rest = found(left & ~(1 << number), after)
                if rest is not None:
                    return [event, *rest]
        dead.add((left, state))
        return None

    return found((1 << len(events)) - 1, initial)
