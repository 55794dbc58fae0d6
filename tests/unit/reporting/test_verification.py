from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from contract_tests.reporting.format import Conformance
from contract_tests.reporting.verification import differences

from .sample import sample

if TYPE_CHECKING:
    from collections.abc import Callable

THEN = sample(steps=1)


def told(change: Callable[[dict[str, Any]], None]) -> list[str]:
    data = THEN.model_dump()
    change(data)
    return list(differences(THEN, Conformance.model_validate(data)))


def first(data: dict[str, Any], verdict: str) -> dict[str, Any]:
    """The first cell with a verdict."""
    cell: dict[str, Any] = next(
        cell for clause in data["clauses"] for cell in clause["cells"] if cell["verdict"] == verdict
    )
    return cell


def test_equal_judgements_do_not_differ() -> None:
    assert told(lambda data: data["run"].update(seconds=1.0, started="2020-01-01T00:00:00Z")) == []


def test_a_verdict() -> None:
    (line,) = told(lambda data: first(data, "conforms").update(verdict="violates", summary="broken 1 of 1"))
    assert line.endswith("]: the report says conforms, and the recording violates (broken 1 of 1)")
    assert line.partition(" [")[0] in {clause.id for clause in THEN.clauses}


def test_a_flaw() -> None:
    (line,) = told(lambda data: first(data, "violates")["flaws"][0].update(observed="another"))
    assert "the report says ['expected status 204, an empty body; observed status 200, with the body {}']" in line
    assert "and the recording ['expected status 204, an empty body; observed another']" in line
    (line,) = told(lambda data: first(data, "violates")["flaws"].clear())
    assert line.endswith("and the recording nothing wrong")


def test_a_clause_that_only_one_has() -> None:
    lines = told(lambda data: data["clauses"].pop(0))
    name = THEN.clauses[0].id
    assert lines[0].startswith(f"{name} [")
    assert {line.partition(": ")[2] for line in lines if line.startswith(f"{name} [")} == {"not in this contract"}

    def renamed(data: dict[str, Any]) -> None:
        data["clauses"][0]["id"] = "a.new-one"

    assert "a.new-one [api-update]: not in the report" in told(renamed)


def test_an_observation() -> None:
    seen = THEN.observations[0]
    lines = told(lambda data: data["observations"][0].update(choice="another"))
    assert len(lines) == 2 * len(seen.cells)
    assert f"{seen.clause}: {seen.choice}: {seen.cells[0]}: this choice is seen only in the report" in lines
    assert f"{seen.clause}: another: {seen.cells[0]}: this choice is seen only in the recording" in lines


@pytest.mark.parametrize(
    ("complete", "lines"),
    [(True, ["the report says that the run ended with exit code 1, the recording with 0"]), (False, [])],
)
def test_an_exit_code_where_all_else_agrees(lines: list[str], *, complete: bool) -> None:
    then = THEN.model_copy(update={"run": THEN.run.model_copy(update={"complete": complete})})
    now = THEN.model_copy(update={"run": THEN.run.model_copy(update={"exit_code": 0})})
    assert list(differences(then, now)) == lines
