"""A comparison in words."""

from __future__ import annotations

import re

import pytest

from contract_tests.reporting.diff import compare
from contract_tests.reporting.views.diff import markdown, outcome, page, terminal
from contract_tests.reporting.views.markup import policy, style

from .altered import ADVISORY, CELL, MUST, OTHER, altered, plain_report
from .sample import hostile, sample
from .seen import Seen

GOOD = plain_report()
BAD = plain_report({(MUST, CELL): "violates", (MUST, OTHER): "violates"}, exit_code=1)
EARLY = plain_report(complete=False)


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (GOOD, GOOD, "No regression: nothing has changed."),
        (GOOD, BAD, "Regressed: 2 cells of 1 clause."),
        (BAD, GOOD, "No regression."),
        (GOOD, EARLY, "Not decided: no regression was seen, but the new run is incomplete, "),
        (GOOD, altered(BAD, {}, complete=False), "Regressed: 2 cells of 1 clause; the new run is incomplete, "),
        (GOOD, altered(GOOD, {}, exit_code=1), "Not decided: no cell has regressed, but the new run failed for "),
        (plain_report({(MUST, CELL): "not tested"}), plain_report({(MUST, CELL): "violates"}), "No regression, but 1 "),
    ],
)
def test_the_outcome(old: object, new: object, sentence: str) -> None:
    assert outcome(compare(old, new)).startswith(sentence)  # type: ignore[arg-type]


def test_the_terminal_names_clause_cells_and_verdicts() -> None:
    lines = list(terminal(compare(GOOD, BAD)))
    at = lines.index("regressed (2 cells)")
    assert lines[at + 1] == f"  ✗ {MUST} [{CELL}, {OTHER}] must: conforms → violates; held 2 of 2"
    assert lines[-1] == "Regressed: 2 cells of 1 clause."
    assert lines[0].startswith("old  https://vc.example (VMware vCenter Server 8.0.2.00000 22617221), 2026-03-01T12:00")


def test_nothing_changed_is_short() -> None:
    same = compare(GOOD, GOOD)
    assert len(list(terminal(same))) == 4
    assert "clause |" not in markdown(same)
    assert "Clause</th>" not in page(same)


def test_the_bad_comes_first_and_the_rest_is_folded() -> None:
    new = altered(BAD, {(ADVISORY, CELL): "not tested"})
    text = markdown(compare(GOOD, new))
    assert text.startswith("### ❌ Contract: Regressed: 2 cells of 1 clause.")
    assert text.index("#### regressed (2 cells)") < text.index("<details><summary>no longer decided (1 cell)")
    assert markdown(compare(BAD, GOOD)).startswith("### ✅ Contract: No regression.")
    assert markdown(compare(GOOD, EARLY)).startswith("### ❌ ")


def test_the_terminal_is_safe_from_servers() -> None:
    for line in terminal(compare(sample(steps=2), hostile())):
        assert not re.search("[\x00-\x1f\x7f-\x9f\u2028-\u202e]", line)


def test_the_page_keeps_its_policy_and_escapes() -> None:
    text = page(compare(sample(steps=2), hostile()))
    assert f'content="{policy(style())}"'.replace("'", "&#39;") in text
    assert f"<style>{style()}</style>" in text
    seen = Seen(text)
    assert not seen.loads
    assert not seen.tags & {"script", "img", "iframe", "link", "b"}
    assert "<script>window.__pwned" in seen.words
    assert "\x1b" not in text
