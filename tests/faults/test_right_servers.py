"""No right server is accused, however much it differs from the mock."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from contract_tests.contract import CELLS, Cell, Level, load_ledger

from . import right_doors, right_files, right_servers, right_sessions
from .play import cited_under, play, scenarios_citing
from .right_servers import OTHERWISE

if TYPE_CHECKING:
    from pathlib import Path

    from contract_tests.mock import Parts

    from .differences import Difference


DIFFERENCES = [
    *right_servers.DIFFERENCES,
    *right_doors.DIFFERENCES,
    *right_sessions.DIFFERENCES,
    *right_files.DIFFERENCES,
]


@pytest.mark.no_cover
@pytest.mark.parametrize("right", DIFFERENCES, ids=lambda right: right.name)
def test_a_right_server_that_differs_passes(right: Difference, tmp_path: Path) -> None:
    outcome = play(right.parts, right.plays, right.cells, tmp_path, right.only, right.timeout)
    assert outcome.slugs("blocked") == set()
    assert outcome.slugs("violates") == right.short_of
    assert {load_ledger()[slug].level for slug in right.short_of} <= {Level.SHOULD}
    assert outcome.slugs("advises") == right.advised
    assert outcome.exit_code == bool(right.short_of)


@pytest.mark.parametrize(("parts", "cell"), [(None, CELLS[0]), (OTHERWISE, CELLS[3])], ids=["as it is", "otherwise"])
def test_the_mock_passes(parts: Parts | None, cell: Cell, tmp_path: Path) -> None:
    """All scenarios in one cell, with coverage measured; `make contract` plays them in every cell."""
    outcome = play(parts, cited_under(""), (cell,), tmp_path)
    assert outcome.slugs("violates", "advises", "blocked") == set()
    assert outcome.slugs("conforms") >= {"keep-alive.extends-expiration", "keep-alive.stores-progress"}
    assert outcome.exit_code == 0


def test_what_nobody_cites_can_not_be_played() -> None:
    with pytest.raises(LookupError, match=r"keep-alive\.no-such-rule"):
        scenarios_citing({"keep-alive.no-body", "keep-alive.no-such-rule"})
