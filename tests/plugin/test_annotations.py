"""Annotations of a run on GitHub Actions."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

    from .runs import Runner

BROKEN = """
@clause("keep-alive.no-body")
def test_it(open_session, judge):
    read = open_session().read()
    judge("keep-alive.no-body", [Flaw("a full moon", "a new one, 100%", read)])
"""


def test_what_fails_a_run_is_annotated_there_and_nowhere_else(run: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    assert "::error" not in run.probe(BROKEN).out
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    (line,) = [line for line in run.probe(BROKEN).out.splitlines() if line.startswith("::")]
    assert line.startswith("::error title=keep-alive.no-body (must)::")
    assert line.endswith("expected a full moon; observed a new one, 100%25")
