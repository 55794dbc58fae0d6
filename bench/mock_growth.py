"""How much longer a call of the mock takes, and how much more memory a session, with 100,000 sessions than with 100.

    python bench/mock_growth.py [--few 100] [--many 100000] [--calls 200]

Calls go to the domain itself: no socket, no JSON. Times are medians, in milliseconds. `is one's own` lists what a user
with one session has; a list of all of them is as long as it is. `all have expired` is the longest call of those that
come after that moment. `a session and its item` is memory in KiB. Ends with 1 if one of them is more than twice as
much, but for the longest call, which may take 100 ms.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
import tracemalloc
from typing import TYPE_CHECKING

from contract_tests.contract.words import Service
from contract_tests.mock import ShiftedClock, World
from contract_tests.mock.domain.model import LibraryType

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--few", type=int, default=100)
    parser.add_argument("--many", type=int, default=100_000)
    parser.add_argument("--calls", type=int, default=200)
    options = parser.parse_args()
    few, many = (measured(number, options.calls) for number in (options.few, options.many))
    print(f"{'':28}{options.few:>9,}{options.many:>9,}    ratio")
    for name, before in few.items():
        print(f"{name:28}{before:9.3f}{many[name]:9.3f}{many[name] / before:9.2f}")
    grown = [name for name, before in few.items() if many[name] > 2 * before and name != _EXPIRED]
    return 1 if grown or many[_EXPIRED] > 100 else 0


_EXPIRED = "all have expired"


def crowded(clock: ShiftedClock, sessions: int) -> tuple[World, str]:
    """A world where another user has so many sessions, each on an item of its own, and the library of these."""
    world = World(clock)
    home = world.libraries.add_library("library", "", LibraryType.LOCAL).id
    for number in range(sessions):
        item = world.libraries.add_item(home, f"item {number}").id
        world.sessions.create(Service.UPDATE, "other", {"library_item_id": item})
    return world, home


def measured(sessions: int, calls: int) -> dict[str, float]:
    """The median of each call, the longest one after all sessions have expired, and the memory of one session."""
    clock = ShiftedClock()
    world, home = crowded(clock, sessions)
    found = {name: statistics.median(_timed(act, calls)) * 1000 for name, act in _acts(world, home)}
    item = world.libraries.add_item(home, "the last").id
    clock.advance(3600)
    new = {"library_item_id": item}
    found[_EXPIRED] = max(_timed(lambda _: world.sessions.create(Service.DOWNLOAD, "user", new), calls)) * 1000
    tracemalloc.start()
    kept = crowded(clock, sessions)
    found["a session and its item"] = tracemalloc.get_traced_memory()[0] / 1024 / sessions
    tracemalloc.stop()
    del kept
    return found


def _acts(world: World, home: str) -> Iterator[tuple[str, Callable[[int], object]]]:
    items = iter([world.libraries.add_item(home, f"new {number}").id for number in range(10_000)])
    session = world.sessions.create(Service.DOWNLOAD, "user", {"library_item_id": next(items)})
    sessions = world.sessions
    yield "create", lambda _: sessions.create(Service.UPDATE, "mine", {"library_item_id": next(items)})
    yield "list what is one's own", lambda _: sessions.list_ids(Service.DOWNLOAD, "user")
    yield "keep alive", lambda _: sessions.keep_alive(Service.DOWNLOAD, session)
    yield (
        "make an item",
        lambda number: world.libraries.create_item("user", {"library_id": home, "name": f"made {number}"}),
    )


def _timed(act: Callable[[int], object], calls: int) -> Iterator[float]:
    for number in range(calls):
        started = time.perf_counter()
        act(number)
        yield time.perf_counter() - started


if __name__ == "__main__":
    sys.exit(main())
