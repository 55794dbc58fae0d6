"""Every wrong server is caught, by the clause and in the cells where it is wrong, and accused of nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from contract_tests.contract import Level, load_ledger
from contract_tests.faults import FAULTS
from contract_tests.reporting.reading import load

from .play import WHOLE, play

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from contract_tests.faults.fault import Fault

SEVERAL_CAUSES: Mapping[str, int] = {
    # The one error without a body that may have status 500 looks like a crash as well.
    "a busy item is refused without a body": 2,
    # Three operations, each with a cause of its own.
    "what ends a session answers an empty object under /rest": 3,
    # Its sessions end before the time that they show, and the time that they show is not five minutes off.
    "a session is shown to live longer than it does": 2,
}
"""Faults that are told as more than one cause: no more than a tenth may be."""


@pytest.mark.no_cover
@pytest.mark.parametrize("wrong", FAULTS, ids=lambda wrong: wrong.name)
def test_a_wrong_server_is_caught(wrong: Fault, tmp_path: Path) -> None:
    outcome = play(wrong.parts, wrong.plays, wrong.played_in, tmp_path, wrong.only, wrong.timeout)
    ledger = load_ledger()
    reached = frozenset(wrong.cells) if WHOLE else frozenset(wrong.cells) & frozenset(wrong.played_in)
    accused = outcome.slugs("violates", "advises")

    assert {slug: _names(outcome.cells(slug, "violates", "advises")) for slug in wrong.found} == {
        slug: _names(reached & frozenset(ledger[slug].cells)) for slug in wrong.found
    }
    assert accused - wrong.found - wrong.tolerated == set()
    assert all(outcome.cells(slug, "violates", "advises") <= reached for slug in wrong.tolerated)
    assert WHOLE or outcome.slugs("blocked") - wrong.blocked == set()
    gating = any(ledger[slug].level is not Level.ADVISORY for slug in accused | outcome.slugs("blocked"))
    assert outcome.exit_code == gating
    told = [cause.says for cause in load(tmp_path / "conformance.json").causes]
    assert WHOLE or len(told) == SEVERAL_CAUSES.get(wrong.name, 1), told


def test_nine_faults_of_ten_are_one_cause() -> None:
    assert len(SEVERAL_CAUSES) <= len(FAULTS) / 10
    assert set(SEVERAL_CAUSES) <= {wrong.name for wrong in FAULTS}


def test_names_are_not_used_twice() -> None:
    names = [wrong.name for wrong in FAULTS]
    assert sorted(set(names)) == sorted(names)


def _names(cells: frozenset[object]) -> list[str]:
    return sorted(map(str, cells))
