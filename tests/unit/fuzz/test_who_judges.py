"""Which clauses histories, races and sieges may judge: those of the oracle, and what no single step can say."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING, Final

from contract_tests import fuzz, rules
from contract_tests.contract import load_ledger

if TYPE_CHECKING:
    from collections.abc import Iterable

_JUDGES: Final = ("histories", "races", "hostile")

_NO_SINGLE_STEP: Final = {
    "addressing.other-services-id": "two services",
    "create.idempotent": "two calls",
    "expiry.default-five-minutes": "the time of a call, and the run's settings",
    "expiry.deleted-in-no-list": "a deletion and a list",
    "expiry.download-session-ends": "time that passed",
    "expiry.not-before-expiration-time": "time that passed",
    "expiry.timeout-configurable": "the time of a call, and the run's settings",
    "expiry.update-session-deleted": "time that passed",
    "keep-alive.extends-by-timeout": "the time of a call, and the run's settings",
    "keep-alive.extends-expiration": "time that passed between two calls",
    "keep-alive.only-named-session": "two sessions",
}
"""What the rules of an answer and of a step do not say, and why they can't."""


def slugs_in(files: Iterable[Path]) -> set[str]:
    nodes = (node for file in files for node in ast.walk(ast.parse(file.read_text())))
    texts = {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return {slug for slug in load_ledger() if slug in texts}


def test_every_clause_is_one_of_the_oracle_or_takes_more_than_a_step() -> None:
    folder = Path(fuzz.__path__[0])
    named = slugs_in(file for name in _JUDGES for file in (folder / name).glob("*.py"))
    judging = (file for file in Path(rules.__path__[0]).rglob("*.py") if file.stem != "lifetimes")  # it judges none
    known = slugs_in(judging)
    assert named - known == _NO_SINGLE_STEP.keys()
