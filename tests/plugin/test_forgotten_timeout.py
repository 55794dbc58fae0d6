"""A server with a session timeout of its own, of which nobody has told the suite."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from contract_tests.mock import MockServer

if TYPE_CHECKING:
    from .runs import Runner

HINT = "the server seems to be configured with 20 s; --session-timeout 20 tells the suite"


@pytest.mark.parametrize(
    ("told", "code", "is_hinted"),
    [([], 1, True), (["--session-timeout", "60"], 1, True), (["--session-timeout", "20"], 0, False)],
)
def test_nobody_is_accused_silently(run: Runner, told: list[str], code: int, is_hinted: bool) -> None:  # noqa: FBT001
    options = ["--clause", "expiry.default-five-minutes", "--clause", "expiry.timeout-configurable", *told]
    with MockServer(control=False, session_timeout=20) as server:
        finished = run("--target", server.url, "contract_tests/scenarios/test_expiry.py", *options)
    assert finished.code == code
    assert (f"Before anything else is read: {HINT}." in finished.out) is is_hinted
    report = json.loads((finished.reports / "conformance.json").read_text())
    flaws = [flaw for clause in report["clauses"] for cell in clause["cells"] for flaw in cell["flaws"]]
    assert all(flaw["observed"].endswith(f"; {HINT}") for flaw in flaws)
    assert bool(flaws) is is_hinted
    assert (HINT in (finished.reports / "conformance.html").read_text()) is is_hinted
