"""Numbers and lists of statuses that decide verdicts stand in one table each: read from the syntax tree."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING

import contract_tests
from contract_tests.contract import tolerances

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

PACKAGE = Path(contract_tests.__file__).parent
JUDGING = ("scenarios", "fuzz", "rules", "judging")
"""Rooms whose code decides verdicts."""

DECIDING = re.compile(
    r"TOLERANCE|MARGIN|SLACK|PATIENCE|GRACE|LEEWAY|CLEARED|FORGOTTEN|SETTLING|PREPARING|PROMPT|OVERDUE|APART|LATE$|"
    r"LATENESS|IN_TIME|LIFETIME|RESOLUTION|UNHURRIED|AHEAD|EPSILON|SHORT"
)
"""Names of numbers by which something is right or wrong."""

OWN_NUMBERS = {
    ("fuzz/campaigns/live_ids.py", "_MARGIN"): "when a campaign keeps its session alive; nothing is judged by it",
    ("fuzz/campaigns/live_ids.py", "_LEAST_MARGIN"): "the same",
}

OWN_STATUSES = {
    "rules/checks/errors.py": "the table of the error types, each with the statuses that the documents give it",
    "rules/checks/error_details.py": "the statuses that the documents list for an operation, listed or not",
    "rules/checks/responses.py": "4xx as the class of client errors, which no document lists; what a gateway says",
    "rules/checks/authentication.py": "401 and 403: whether somebody is let in; no refusals of a defect",
    "rules/refusals.py": "the table",
}
"""Modules that may list statuses, with the reason."""


def _modules(*rooms: str) -> Iterator[tuple[str, ast.Module]]:
    for room in rooms:
        for path in sorted((PACKAGE / room).rglob("*.py")):
            yield path.relative_to(PACKAGE).as_posix(), ast.parse(path.read_text(encoding="utf-8"))


def _is_number(node: ast.AST | None) -> bool:
    if isinstance(node, ast.UnaryOp):
        node = node.operand
    return isinstance(node, ast.Constant) and type(node.value) in (int, float)


def _whole_numbers(nodes: list[ast.expr]) -> list[int]:
    return [one.value for one in nodes if isinstance(one, ast.Constant) and isinstance(one.value, int)]


def own_numbers(tree: ast.Module) -> Iterator[str]:
    """The names of the numbers of a module that decide verdicts."""
    for node in tree.body:
        targets = (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        )
        value = getattr(node, "value", None)
        for target in targets:
            if isinstance(target, ast.Name) and _is_number(value) and DECIDING.search(target.id):
                yield target.id


def own_seconds(tree: ast.Module) -> Iterator[str]:
    """Numbers that are written where time is waited for, or compared: the whole wait, and how far apart things are."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            named = {keyword.arg: keyword.value for keyword in node.keywords}
            waited: dict[str, Sequence[ast.expr | None]] = {
                "advance": node.args[:1],
                "polls": [*node.args[2:3], named.get("limit")],
                "timedelta": [*node.args, *named.values()],
                "sleep": node.args[:1],
                "expires_about": node.args[3:],
            }
            if any(_is_number(one) for one in waited.get(name, [])):
                yield ast.unparse(node)
        elif isinstance(node, ast.Compare) and any(
            isinstance(one, ast.Attribute) and one.attr in {"seconds", "lives_for", "over_in"}
            for one in (node.left, *node.comparators)
        ):
            yield from (ast.unparse(node) for one in (node.left, *node.comparators) if _is_number(one) and one.value)  # type: ignore[attr-defined]


def own_statuses(tree: ast.Module) -> Iterator[str]:
    """Lists and ranges of statuses by which a client is refused."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Tuple | ast.List | ast.Set) and node.elts:
            numbers = _whole_numbers(node.elts)
            if len(numbers) == len(node.elts) and all(400 <= one < 600 for one in numbers):
                yield ast.unparse(node)
        elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "range":
            ends = _whole_numbers(node.args)
            if len(ends) == len(node.args) == 2 and 400 <= ends[0] < ends[1] <= 600:
                yield ast.unparse(node)


def test_numbers_that_decide_verdicts_stand_in_the_table() -> None:
    found = {(path, name) for path, tree in _modules(*JUDGING) for name in own_numbers(tree)}
    assert found == set(OWN_NUMBERS)


def test_no_wait_and_no_distance_in_time_is_written_where_it_is_used() -> None:
    found = [(path, text) for path, tree in _modules(*JUDGING) for text in own_seconds(tree)]
    assert found == ONE_SECOND_LATER


ONE_SECOND_LATER = [
    # A leap second is taken for the second after it.
    ("rules/checks/times.py", "timedelta(seconds=1)"),
]


def test_statuses_of_refusals_stand_in_the_table() -> None:
    found = {path for path, tree in _modules(*JUDGING) for _ in own_statuses(tree)}
    assert found == set(OWN_STATUSES)


def test_each_number_of_the_table_has_a_reason() -> None:
    body = ast.parse(Path(tolerances.__file__).read_text(encoding="utf-8")).body
    numbers = [at for at, node in enumerate(body) if isinstance(node, ast.AnnAssign)]
    assert numbers
    for at in numbers:
        reason = body[at + 1] if at + 1 < len(body) else None
        told = reason.value.value if isinstance(reason, ast.Expr) and isinstance(reason.value, ast.Constant) else ""
        assert len(str(told).split()) >= 10, ast.unparse(body[at])


def test_what_is_looked_for_is_found() -> None:
    wrong = ast.parse(
        "TOLERANCE = 5.0\n_MARGIN: Final = -2\nMOST = 3\nLATER = (400, 404)\nANY = range(400, 500)\nports = (80, 443)\n"
        "def late(clock):\n    clock.advance(2)\n    clock.advance(APART)\n    return answer.seconds > 5.0\n"
    )
    assert list(own_numbers(wrong)) == ["TOLERANCE", "_MARGIN"]
    assert sorted(own_statuses(wrong)) == ["(400, 404)", "range(400, 500)"]
    assert list(own_seconds(wrong)) == ["clock.advance(2)", "answer.seconds > 5.0"]
