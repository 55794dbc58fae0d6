"""Two independent faults of a server are told as two causes."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING

import pytest

from contract_tests.faults import FAULTS
from contract_tests.mock import Parts
from contract_tests.reporting.reading import load

from .play import play

if TYPE_CHECKING:
    from pathlib import Path

BY_NAME = {fault.name: fault for fault in FAULTS}


def both(*names: str) -> Parts:
    """A server with several faults; where two override one part, the one inherits from the other."""
    right = parts = Parts()
    for fault in (BY_NAME[name] for name in names):
        for part in (one.name for one in fields(Parts)):
            wrong, known = getattr(fault.parts, part), getattr(parts, part)
            if wrong is not getattr(right, part):
                mixed = wrong if known is getattr(right, part) else type(f"Both{part}", (wrong, known), {})
                parts = replace(parts, **{part: mixed})
    return parts


@pytest.mark.no_cover
@pytest.mark.parametrize(
    "names",
    [
        ("keep-alive extends nothing", "a lower progress is stored"),
        ("a lower progress is stored", "a 404 has no messages"),
        ("create answers 200 under /api", "an update does nothing"),
        ("state is a number", "lists under /api are wrapped"),
        ("keep-alive extends nothing", "a lower progress is stored", "a 404 has no messages"),
    ],
    ids=" and ".join,
)
def test_as_many_causes_are_told_as_there_are_faults(names: tuple[str, ...], tmp_path: Path) -> None:
    rows = [BY_NAME[name] for name in names]
    slugs = frozenset().union(*(row.plays for row in rows))
    play(both(*names), slugs, rows[0].played_in, tmp_path)
    causes = load(tmp_path / "conformance.json").causes
    assert len(causes) == len(names), [cause.says for cause in causes]
    for row in rows:
        assert [cause.clause for cause in causes if cause.clause in row.found | row.tolerated]
