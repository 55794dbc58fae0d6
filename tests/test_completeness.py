"""Every clause has a test in every cell where it applies, or a reason; every test cites clauses."""

from __future__ import annotations

import pytest

from contract_tests.cli.run import run
from contract_tests.contract import Cell, load_ledger
from contract_tests.plugin.collection import cited, parameters

CITING_NOTHING = {"test_nothing_is_found_that_belongs_to_no_clause"}
"""Tests without a clause. This one fails a run for what a campaign saw and no clause accounts for: an objection of
schemathesis, a case that could not be sent, a clause broken where no test of its own looks."""


class Collected:
    """Sees what a run would run."""

    def __init__(self) -> None:
        self.items: list[pytest.Item] = []

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self.items = list(session.items)


@pytest.fixture(scope="module")
def items() -> list[pytest.Item]:
    collected = Collected()
    assert run(["--collect-only", "-qq"], [collected]) == 0
    return collected.items


@pytest.fixture(scope="module")
def decided(items: list[pytest.Item]) -> set[tuple[str, Cell]]:
    """Clause and cell of every citation, as far as the clause applies there."""
    pairs = ((clause, parameters(item)["cell"]) for item in items for clause in cited(item))
    return {(clause.id, cell) for clause, cell in pairs if cell in clause.cells}


def test_every_clause_has_tests_in_all_its_cells_or_a_reason(decided: set[tuple[str, Cell]]) -> None:
    bare = [
        f"{clause.id} [{cell}]"
        for clause in load_ledger().values()
        for cell in clause.cells
        if (clause.id, cell) not in decided and clause.untested is None
    ]
    assert not bare, f"neither test nor reason: {', '.join(bare)}"


def test_no_reason_stands_on_a_clause_that_has_a_test(decided: set[tuple[str, Cell]]) -> None:
    tested = {slug for slug, _ in decided}
    assert not [clause.id for clause in load_ledger().values() if clause.untested and clause.id in tested]


def test_every_test_cites_a_clause_that_applies_where_it_runs(items: list[pytest.Item]) -> None:
    idle = [item for item in items if not any(parameters(item)["cell"] in clause.cells for clause in cited(item))]
    assert items
    unknown = [item.nodeid for item in idle if item.name.partition("[")[0] not in CITING_NOTHING]
    assert not unknown, f"cites nothing that it could decide: {', '.join(unknown)}"
    assert {item.name.partition("[")[0] for item in idle} == CITING_NOTHING
