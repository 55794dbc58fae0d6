"""Several targets side by side."""

from __future__ import annotations

import pytest

from contract_tests.contract import load_ledger
from contract_tests.problems import UsageProblem
from contract_tests.reporting.views.markup import policy, style
from contract_tests.reporting.views.matrix import markdown, page, require_comparable

from .altered import CELL, CELLS_IN_ALL, MUST, counted, plain_report
from .sample import hostile, sample
from .seen import Seen

GOOD = plain_report()
BAD = plain_report({(MUST, CELL): "violates"}, exit_code=1)


def test_the_page_has_a_column_for_each() -> None:
    text = page([GOOD, BAD, GOOD])
    assert text.count('<span aria-hidden="true">✗</span> violates</span></td>') == 1
    assert text.count("differs</td>") == 1
    assert text.count('<span aria-hidden="true">✓</span> conforms</span></td>') == CELLS_IN_ALL * 3 - 1
    assert text.count('<td class="number">') == 8 * 3
    assert "Violates: 1 clause is broken in 1 cell." in text


def test_the_page_keeps_its_policy_and_escapes() -> None:
    text = page([sample(steps=1), hostile()])
    assert f'content="{policy(style())}"'.replace("'", "&#39;") in text
    assert f"<style>{style()}</style>" in text
    seen = Seen(text)
    assert not seen.loads
    assert not seen.tags & {"script", "img", "iframe", "link", "b"}
    assert "<script>window.__pwned" in seen.words
    assert "\x1b" not in text


def test_markdown_has_a_row_for_each_clause() -> None:
    lines = markdown([GOOD, BAD]).splitlines()
    (row,) = [line for line in lines if line.startswith(f"| <code>{MUST}</code>")]
    assert row == f"| <code>{MUST}</code> | must | ✓ ✓ ✓ ✓ | ✗ ✓ ✓ ✓ |"
    assert sum(line.count(" | ") == 3 and " · " not in line for line in lines) >= len(load_ledger())
    assert "| ✗ violates | 0 | 1 |" in lines


def test_one_matrix_needs_one_contract() -> None:
    data = GOOD.model_dump()
    data["suite"]["contract_sha256"] = "00" * 32
    require_comparable([GOOD, BAD])
    with pytest.raises(UsageProblem, match="another contract than number 3"):
        require_comparable([GOOD, BAD, counted(data)])
