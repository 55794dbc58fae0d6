"""Campaigns: what schemathesis' engine finds in each document, clause by clause.

A campaign is run once for each dialect, by the first of these tests that asks for it; each test looks at what it
found about one clause on one operation, and shows the smallest request against it. How much is tried is a matter of
`--fuzz-examples`; on a server that is not our mock a fifth of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from contract_tests.contract import Dialect, Service
from contract_tests.contract.words import Cell
from contract_tests.fuzz.campaigns.campaign import run_campaign
from contract_tests.fuzz.campaigns.operations import operations
from contract_tests.fuzz.campaigns.rulings import judge_one, slugs, unclaimed_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contract_tests.driver import Target
    from contract_tests.judging import Judge


def _items() -> Iterator[object]:
    """Each clause that a campaign decides, on each operation of each document."""
    for dialect in Dialect:
        for operation in operations(dialect).values():
            for slug in slugs(operation):
                name = f"{dialect}-{operation.id}-{slug}"
                yield pytest.param(operation.cell, operation.id, slug, marks=pytest.mark.clause(slug), id=name)


@pytest.mark.parametrize(("cell", "operation", "slug"), list(_items()))
def test_a_campaign_finds_nothing_against_it(
    cell: Cell, operation: str, slug: str, target: Target, seed: int, judge: Judge
) -> None:
    campaign = target.once(f"campaign {cell.dialect}", lambda: run_campaign(target, cell.dialect, seed))
    judge_one(campaign, operation, slug, judge, target.recorder)


@pytest.mark.parametrize("cell", [Cell(dialect, Service.UPDATE) for dialect in Dialect], ids=lambda cell: cell.dialect)
def test_nothing_is_found_that_belongs_to_no_clause(cell: Cell, target: Target, seed: int) -> None:
    if cell.dialect not in target.facts.dialects:
        pytest.skip(f"the target does not speak {cell.dialect}")
    campaign = target.once(f"campaign {cell.dialect}", lambda: run_campaign(target, cell.dialect, seed))
    if found := unclaimed_text(campaign):
        pytest.fail(found, pytrace=False)
    if not campaign.complete:
        pytest.skip("the time of the campaign was up before all its cases were sent")
