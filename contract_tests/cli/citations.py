"""Which tests of the suite cite a clause, and what they need of a target: read from their marks and arguments."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pkgutil import walk_packages
from typing import TYPE_CHECKING, Any, Final

from contract_tests import fuzz, scenarios

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_NEEDS: Final = {
    "second_door": "a second user without any Content Library privilege: [second_user] in the profile",
    "subscribed_item": "an item of a subscribed library: subscribed_item in the profile",
    "open_session_with_warning": "content whose preview raises a warning: [warning_content] in the profile",
    "takes": "the mock: a live server is not asked",
}
"""By the argument of a test: what a live target has to have for it."""

_WAITS: Final = "time: --max-wait, on a server whose clock the suite can't move"


@dataclass(frozen=True)
class Citation:
    """One test function, and what it needs of a live target."""

    test: str
    needs: tuple[str, ...]


def citations(slug: str) -> Sequence[Citation]:
    """The tests that decide a clause, by name."""
    return _all().get(slug, ())


@cache
def _all() -> Mapping[str, Sequence[Citation]]:
    found: dict[str, list[Citation]] = {}
    for name, function in sorted(_tests()):
        marks = getattr(function, "pytestmark", [])
        needs = [_WAITS] if any(mark.name == "waits" for mark in marks) else []
        needs += [_NEEDS[argument] for argument in inspect.signature(function).parameters if argument in _NEEDS]
        for slug in dict.fromkeys(_cited(marks)):
            found.setdefault(slug, []).append(Citation(name, tuple(needs)))
    return found


def _cited(marks: Sequence[Any]) -> Iterator[str]:
    for mark in marks:
        if mark.name == "clause":
            yield from mark.args
        if mark.name == "parametrize":
            for case in mark.args[1]:
                yield from _cited(getattr(case, "marks", ()))


def _tests() -> Iterator[tuple[str, Any]]:
    for package in (scenarios, fuzz):
        for module in walk_packages(package.__path__, f"{package.__name__}."):
            if module.name.rpartition(".")[2].startswith("test_"):
                members = vars(import_module(module.name))
                path = f"{module.name.replace('.', '/')}.py"
                yield from ((f"{path}::{name}", one) for name, one in members.items() if name.startswith("test_"))
