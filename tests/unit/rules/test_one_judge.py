"""Every clause has one home: the oracle's rules judge it, or one file of scenarios does; the exceptions, with reasons.

Read from the syntax trees. A rule judges the slugs that its module names; a scenario judges what it gives to `judge`.
What is a rule's own, scenarios cite and do not judge.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Final

from contract_tests import fuzz, rules, scenarios
from contract_tests.contract import load_ledger

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_RULES: Final = "rules"

_SLUG: Final = re.compile(rf"({'|'.join(sorted({slug.split('.')[0] for slug in load_ledger()}))})\.[a-z0-9-]*[a-z0-9]")

_NO_JUDGES: Final = frozenset({"lifetimes", "oracle"})
"""Modules of rules that name clauses and judge none: which of them take an ACTIVE session, and who asks for which."""

_MORE_THAN_A_STEP: Final = {
    "addressing.id-in-body": "time that passed, other sessions, and a body that names no session",
    "addressing.missing-action": "the spellings that no document decides: another dialect's parameter",
    "addressing.unknown-action": "the spellings that no document decides: capitals, an action given twice",
    "authentication.token-required": "that many calls, all refused, have done nothing",
    "create.client-token-no-uuid": "that the list has no new session",
    "create.ignored-members": "a plain session, with which the one that was told more is compared",
    "create.missing-item-id": "that the list has no new session",
    "create.returns-id": "two ids that differ, and the list that has them",
    "create.second-active-session": "the list, and the same item through the other dialect",
    "create.unknown-item": "that the test has made the item's id up",
    "create.warning-behavior": "that it is in force at complete, and that nothing is left of a former session",
    "keep-alive.changes-nothing-else": "the files of the session",
    "keep-alive.legacy-representations": "odd spellings of the forms of 6.0, and time that passed",
    "keep-alive.malformed-json": "the time that passed between two reads that move nothing by themselves",
    "keep-alive.refused-changes-nothing": "the files of the session, and what is left of one that has ended",
    "keep-alive.returns-nothing": "the bytes behind the headers, which a client library hides",
    "keep-alive.stores-progress": "a login of another user's, of which no step tells whose session it is",
    "life-cycle.cancel": "the sessions beside the one that is named",
    "life-cycle.complete": "that it is DONE in time, after our own requests, and after those that other clients send",
    "life-cycle.delete-active-refused": "the list, and the files of the session",
    "life-cycle.fail": "the sessions beside the one that is named, and that it ends in time",
    "life-cycle.fail-needs-message": "the files of the session",
    "life-cycle.unknown-id": "the other service's session with that id",
    "model.content-version": "the version of the item, when the session was created",
    "model.list": "which sessions there are",
    "model.list-filter": "which sessions an item has",
    "update.list-replaced": "what became of a warning at complete",
    "model.progress-is-the-clients": "content that was sent or fetched between two reads",
    "update.changes-nothing-else": "the files of the session",
    "update.invalid-specification": "the files of the session",
    "update.list-of-a-wrong-type": "the files of the session",
    "update.missing-is-unchanged": "what became of a warning at complete",
    "update.only-active": "that several updates, all refused, have done nothing",
    "update.other-members-unchanged": "another session, that the specification names",
}
"""What one step does not show of clauses that rules judge, so that scenarios judge the rest of them."""

_ACROSS_FILES: Final = {
    "authentication.token-header": "`let_in`: of the run's own login, and of a second one",
    "create.invisible-until-complete": "`as_before`: of each way to bring content, and of each way to end",
    "create.visible-once-completed": "`shows_files`: of each way to bring content, and of each way to end",
    "expiry.not-before-expiration-time": "`still_active`: of a login that lives on, and of one that has ended",
    "keep-alive.extends-by-timeout": "`expires_about`: of one keep-alive, and of the last of many",
    "keep-alive.extends-expiration": "`expires_later`: of today's form, and of those of 6.0",
    "life-cycle.item-free-after-end": "`yields_id`: after an expiry, and after each way to end",
}
"""Clauses that take several exchanges and that more than one file of scenarios is about: the check that all of them
make, and what each makes it of."""


def named_in(tree: ast.AST) -> Iterator[str]:
    """The slugs, or what looks like one, that stand in a tree; a formatted one stands for all that begin like it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr) and isinstance(first := node.values[0], ast.Constant):
            beginning = str(first.value)
            yield from (slug for slug in load_ledger() if "." in beginning and slug.startswith(beginning))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and _SLUG.fullmatch(node.value):
            yield node.value


def judged_in(tree: ast.Module) -> Iterator[str]:
    """The slugs that a file of scenarios gives to `judge`: as a text, by a name, or as a parameter of the test."""
    values = {
        name.id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        for name in ast.walk(target)
        if isinstance(name, ast.Name)
    }
    for function in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
        for call in (node for node in ast.walk(function) if isinstance(node, ast.Call)):
            slug = _judged_by(call)
            if slug is None:
                continue
            root = next((node.id for node in ast.walk(slug) if isinstance(node, ast.Name)), "")
            if isinstance(slug, ast.Constant):
                yield from named_in(slug)
            elif root in values:
                yield from named_in(values[root])
            else:
                parameters = (one for one in function.decorator_list if "parametrize" in ast.unparse(one))
                yield from chain.from_iterable(map(named_in, (*parameters, *function.body)))


def _judged_by(call: ast.Call) -> ast.expr | None:
    """What stands for the slug in a call of `judge`, if this is one."""
    told = ast.unparse(call.func)
    if told in {"judge", "judge.aside"}:
        return call.args[0]
    return call.args[1] if told == "partial" and ast.unparse(call.args[0]) == "judge" else None


def homes() -> dict[str, set[str]]:
    """Slug -> where it is judged: by the rules, or in which files of scenarios."""
    found = defaultdict(set)
    for file in modules(rules.__path__, "**/*.py"):
        if file.stem not in _NO_JUDGES:
            for slug in named_in(ast.parse(file.read_text())):
                found[slug].add(_RULES)
    for file in modules(scenarios.__path__, "*.py"):
        for slug in judged_in(ast.parse(file.read_text())):
            found[slug].add(file.stem)
    return found


def modules(path: Iterable[str], pattern: str) -> list[Path]:
    return sorted(Path(next(iter(path))).glob(pattern))


def test_no_scenario_repeats_a_rule() -> None:
    twice = {slug for slug, where in homes().items() if _RULES in where and len(where) > 1}
    assert twice == _MORE_THAN_A_STEP.keys()


def test_no_clause_is_judged_in_two_files_of_scenarios() -> None:
    spread = {slug for slug, where in homes().items() if _RULES not in where and len(where) > 1}
    assert spread == _ACROSS_FILES.keys()


def test_every_clause_that_is_judged_is_in_the_ledger() -> None:
    files = chain(
        modules(rules.__path__, "**/*.py"), modules(scenarios.__path__, "*.py"), modules(fuzz.__path__, "**/*.py")
    )
    named = {slug for file in files for slug in named_in(ast.parse(file.read_text()))}
    assert named - load_ledger().keys() == set()
