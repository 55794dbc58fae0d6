"""Which tests a run has: each scenario once in every cell where a clause that it cites applies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from contract_tests.contract import Clause, Service, load_ledger
from contract_tests.plugin.clauses import CHOSEN
from contract_tests.plugin.run import TALLY, TARGET
from contract_tests.problems import UnknownClauseError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from contract_tests.judging import Tally


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "clause(*slugs, service=None): the clauses that a scenario decides")
    config.addinivalue_line("markers", "waits: the scenario lets time pass")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    marker = metafunc.definition.get_closest_marker("clause")
    tally = metafunc.config.stash.get(TALLY, None)
    if marker is None or tally is None or _names_its_cells(metafunc):
        return
    service: Service | None = marker.kwargs.get("service")
    cells = [
        cell
        for cell in load_ledger().cells_of(clause.id for clause in cited(metafunc.definition))
        if cell.dialect in tally.dialects and service in (None, cell.service)
    ]
    if "cell" not in metafunc.fixturenames:
        metafunc.fixturenames.append("cell")  # also of a test that only acts: the oracle sees what comes of it
    # Without a cell the test is collected all the same, and deselected below: so the run says that it was left out.
    metafunc.parametrize("cell", cells or [None], ids=str)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    tally = config.stash.get(TALLY, None)
    chosen = config.stash.get(CHOSEN, frozenset())
    nowhere = [item for item in items if tally is not None and not _applies(item, tally, chosen)]
    recorded = config.stash[TARGET].lanes if TARGET in config.stash else {}
    if recorded:
        # Those that were recorded, each lane in the order of then: what the first ones made the others used.
        nowhere += [item for item in items if item.nodeid not in recorded]
        places = {test: place for place, test in enumerate(recorded)}
        items.sort(key=lambda item: places.get(item.nodeid, 0))
    if nowhere:
        config.hook.pytest_deselected(items=nowhere)
        items[:] = [item for item in items if item not in nowhere]


def _names_its_cells(metafunc: pytest.Metafunc) -> bool:
    """Whether the test has `cell` among parameters of its own."""
    return any("cell" in _names(mark.args[0]) for mark in metafunc.definition.iter_markers("parametrize"))


def _names(argnames: str | Sequence[str]) -> list[str]:
    return [name.strip() for name in argnames.split(",")] if isinstance(argnames, str) else list(argnames)


def _applies(item: pytest.Item, tally: Tally, chosen: frozenset[str]) -> bool:
    """Whether the item is one of a cell where a clause that it cites applies, in a dialect that the target speaks.

    It has to be one of the chosen clauses, if there are any.
    """
    if "cell" not in parameters(item) or item.get_closest_marker("clause") is None:
        return not chosen
    cell, clauses = parameters(item)["cell"], [one for one in cited(item) if not chosen or one.id in chosen]
    return cell is not None and cell.dialect in tally.dialects and any(cell in clause.cells for clause in clauses)


def cited(item: pytest.Item) -> list[Clause]:
    """The clauses that a test cites; an unknown slug is an error of the collection."""
    marker = item.get_closest_marker("clause")
    try:
        return [] if marker is None else [load_ledger()[slug] for slug in marker.args]
    except UnknownClauseError as unknown:
        pytest.fail(f"{item.nodeid}: {unknown}", pytrace=False)


def parameters(item: pytest.Item) -> Mapping[str, Any]:
    """The parameters of a test, its cell among them."""
    callspec = getattr(item, "callspec", None)
    return {} if callspec is None else callspec.params
