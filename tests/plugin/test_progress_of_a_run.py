"""What a run tells while it waits, and that none of it is in a report."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from contract_tests.mock import MockServer
from contract_tests.plugin import progress

from .runs import files

if TYPE_CHECKING:
    import pytest

    from .runs import Runner


def test_a_run_that_waits_says_for_what_and_how_long(run: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "EVERY", 2.0)
    with MockServer(control=False, session_timeout=5) as server:
        options = ["--session-timeout", "5", "--max-wait", "40", "--clause", "expiry.download-session-ends"]
        finished = run("--target", server.url, "-k", "scenarios or test_expiry", *options)
    assert finished.code in (0, 5)
    told = r"^\d+ of \d+ tests, \d+ s; waiting for expiry: \d+ of \d+ s, \d+ sessions?$"
    assert re.search(told, finished.out, re.MULTILINE), finished.out
    for path in files(finished.reports):
        assert "waiting for expiry" not in path.read_text()
