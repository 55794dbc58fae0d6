"""The page holds the scripts of its flaws once, and none where there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from contract_tests.judging.verdicts import Verdict
from contract_tests.problems import NotScriptable
from contract_tests.reporting.repro import embedding
from contract_tests.reporting.repro.embedding import FAILING, scripts
from contract_tests.reporting.repro.script import library
from contract_tests.reporting.views.page import page
from tests.unit.reporting.sample import sample

if TYPE_CHECKING:
    from contract_tests.reporting.format import CellRecord, ClauseRecord, Conformance

REPORT = sample(steps=1)
FLAWED = [
    (cell.verdict, f"{clause.id} {cell.dialect}-{cell.service}")
    for clause in REPORT.clauses
    for cell in clause.cells
    if cell.verdict in FAILING and cell.flaws
]
"""The cells that could have a script, in the order of the report."""


def _script(name: str) -> str:
    return f"# {name}\n{library()}\nend\n"


@pytest.fixture(name="written")
def _written(monkeypatch: pytest.MonkeyPatch) -> None:
    """Has a script be a line of its own, the library, and a line that all have; one clause has none."""

    def script_for(_report: Conformance, _traffic: object, clause: ClauseRecord, cell: CellRecord) -> str:
        name = f"{clause.id} {cell.dialect}-{cell.service}"
        if name == FLAWED[0][1]:
            raise NotScriptable("it is the first")
        return _script(name)

    monkeypatch.setattr(embedding, "script_for", script_for)


def unpacked(held: dict[str, Any]) -> dict[str, str]:
    """As the page does it."""
    lines = [*held["lines"], held["library"]]  # so -1 is the last
    return {name: "\n".join(lines[number] for number in numbers) for name, numbers in held["scripts"].items()}


@pytest.mark.usefixtures("written")
def test_what_scripts_share_is_held_once_and_each_can_be_put_together_again() -> None:
    held = scripts(REPORT, {})
    names = [name for _, name in FLAWED[1:]]
    assert len(names) > 2
    assert unpacked(held) == {name: _script(name) for name in names}
    assert len(held["lines"]) == len(names) + 2


@pytest.mark.usefixtures("written")
def test_where_there_is_no_room_for_all_what_is_worst_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    (first,) = {verdict for verdict, _ in FLAWED} & {Verdict.VIOLATES}
    worst = [name for verdict, name in FLAWED[1:] if verdict is first]
    assert [name for _, name in FLAWED[1:]][: len(worst)] != worst
    monkeypatch.setattr(embedding, "MOST", sum(len(f"# {name}") for name in worst) + len("end"))
    assert [*scripts(REPORT, {})["scripts"]] == worst


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
