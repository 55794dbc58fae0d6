"""The page holds the scripts of its flaws once, and none where there is none."""

from __future__ import annotations

from contract_tests.reporting.repro.embedding import scripts
from contract_tests.reporting.views.page import page
from tests.unit.reporting.sample import sample


def test_a_page_without_scripts_has_no_place_for_them() -> None:
    report = sample(steps=1)
    none = scripts(report, {})
    assert none == {"library": "", "lines": [], "scripts": {}}
    assert page(report, none) == page(report)
    assert 'id="scripts"' not in page(report)


def test_a_script_can_not_end_the_element_that_holds_it() -> None:
    held = {"library": "echo", "lines": ["</script><b>"], "scripts": {"keep-alive.no-body api-update": [0, -1]}}
    text = page(sample(steps=1), held)
    assert '<script type="application/json" id="scripts">{"library":"echo","lines":["\\u003c/script' in text
